//! Chapter 07: one thread, ten thousand sockets.
//!
//! The text is chapter 07 of the book, the story `cargo run --example 07_event_loop`.

mod deadline;
mod event_loop;
mod events;
mod handshake;
pub mod net;
mod ready;
mod slab;
mod sys;
mod table;
pub mod v1_poll;
mod waker;

// The one place that picks the kernel. Nobody above knows which it is.
#[cfg(all(target_os = "linux", not(threadbare_kqueue)))]
mod epoll;
#[cfg(all(target_os = "linux", not(threadbare_kqueue)))]
use epoll as kernel;
#[cfg(not(all(target_os = "linux", not(threadbare_kqueue))))]
mod kqueue;
#[cfg(not(all(target_os = "linux", not(threadbare_kqueue))))]
use kqueue as kernel;

pub use deadline::Deadline;
pub use event_loop::Loop;
pub use events::{Event, Events};
pub use slab::{Key, Slab};
pub use sys::Failed;
pub use waker::Waker;

/// Which kernel interface this was built on: `"epoll"`, `"kqueue"` or `"kqueue (libkqueue)"`.
pub const BACKEND: &str = kernel::BACKEND;

/// What a loop and its wakers share.
#[derive(Debug)]
struct Shared {
    handshake: handshake::Handshake,
    poller: kernel::Poller,
}
