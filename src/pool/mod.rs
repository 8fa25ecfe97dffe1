//! Chapter 06: a pool of threads that steal work from each other.
//!
//! From one queue behind one lock to a pool in which each worker has a queue of its own, and
//! takes from the others when it runs dry:
//!
//! | version | queues | who finds work | what that costs |
//! |---|---|---|---|
//! | [`v1_one_queue`] | one, behind a lock | whoever gets the lock | all wait for one lock |
//! | [`v2_queue_per_worker`] | one for each, behind a lock each | the owner, and thieves | a lock for each job, and a look at all queues to find one |
//! | [`ThreadPool`] | a [`deque`] for each, and an injector | the owner without a lock, thieves by one exchange | nothing to share until somebody runs dry |
//!
//! What the pool is made of, from below:
//!
//! | part | what it is for |
//! |---|---|
//! | [`deque`] | a ring of pointers with an end for its owner and one for thieves |
//! | `job`, `stack_job`, `chunk` | what is run: a header, and something in a frame or in a chunk of many |
//! | `injector` | the way in, and where a full ring flows over |
//! | `state`, `sleep`, `fence` | who sleeps, who is called, and why nobody is forgotten: see `README.md` |
//! | `worker`, `shared` | what a thread does, and what threads share |
//! | `errand` | a job that is sent again and again |
//! | `latch` | waking who waits; a worker helps while it waits |
//! | [`ThreadPool::spawn`], [`Batch`], [`Handle`] | jobs that nobody has to wait for |
//! | [`join`](join()), [`scope`](scope()), [`each`](each()), [`map`] | jobs that borrow, and are waited for |
//! | [`WaitGroup`] | waiting for any number of jobs, and working meanwhile |
//! | [`global`](global()) | the pool of the process |
//! | [`Counters`], [`Trace`] | who ran, stole and slept |
//!
//! Threads, locks and atomics are reached through [`crate::ground`], and the locks are those
//! of chapter 05.
//!
//! The text is chapter 06 of the book, the story `cargo run --example 06_work_stealing`.

mod boxed;
mod builder;
mod chunk;
mod counters;
pub mod deque;
mod each;
pub(crate) mod errand;
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
