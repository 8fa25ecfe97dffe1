//! Chapter 06: a pool of threads that steal work from each other.

#![allow(dead_code, reason = "some parts are still to be written")]

mod boxed;
mod builder;
mod chunk;
mod counters;
pub mod deque;
mod each;
mod fence;
mod global;
mod injector;
mod job;
mod join;
mod latch;
mod refused;
mod scope;
mod shared;
mod sleep;
mod spawn;
mod stack_job;
mod state;
mod thread_pool;
mod trace;
pub mod v1_one_queue;
pub mod v2_queue_per_worker;
mod wait_group;
mod worker;

pub use builder::Builder;
pub use counters::Counters;
pub use each::{each, each_mut, map};
pub use global::{global, spawn};
pub use join::join;
pub use scope::{Scope, scope};
pub use spawn::{Batch, Handle, JobError, Reason, Refused, Unstarted};
pub use thread_pool::ThreadPool;
pub use trace::{Event, Trace, What};
pub use wait_group::{Member, WaitGroup};
pub use worker::worker_index;
