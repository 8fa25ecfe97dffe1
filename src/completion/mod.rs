//! Chapter 08: operations that are submitted, and call back when they are done.
//!
//! A readiness loop says when a read would not wait, and you read. A completion loop reads,
//! and says what came. The buffer is in its hands meanwhile: it moves in with the operation,
//! and comes back with the result.

mod callback;
mod completion_loop;
mod config;
mod core;
mod descriptors;
mod driver;
mod files;
mod life;
mod notify;
mod operation;
mod readiness;
pub mod timers;
#[cfg(target_os = "linux")]
pub mod uring;

pub use callback::{
    Answer, Call, CallReceived, Completion, Descriptor, Finished, Next, Received,
    Run, is_cancelled,
};
pub use completion_loop::Loop;
pub use config::{Backend, Config};
pub use life::Life;
pub use notify::Async;
