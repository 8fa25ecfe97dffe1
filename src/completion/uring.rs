//! The loop's kernel on Linux since 6.1: io_uring(7), by its two rings.
//!
//! Readiness says when a call would not wait. Here the call itself is handed over: 64 bytes
//! in a ring that the kernel reads. What came of it are 16 bytes in another ring. In between
//! is one system call a tick, however many operations there are.
//!
//! | file | what it has |
//! |---|---|
//! | `abi` | numbers and structures |
//! | `calls` | the three system calls |
//! | `indices` | which entry of a ring is whose, and when: the part that is modelled |
//! | `mapping` | the memory that both sides see |
//! | `ring` | submissions and completions |
//! | `buffers` | memory that is lent to the kernel before anybody knows what for |
//! | `sources` | what the kernel goes on bringing |
//! | `waker` | how other threads end a wait |
//! | `driver` | operations, as submissions; results, as outcomes |
//! | `support` | whether this kernel lets us |
//!
//! # What a ring leaves behind
//! A loop that is dropped takes back whatever the kernel has of it. The ring itself the kernel
//! clears away later, by a task of the thread that has used it: a call of that thread which
//! sleeps with a time limit (`poll`, `epoll_wait`, a `recv` on a socket with a timeout) may
//! end with `EINTR` some milliseconds after, though no signal has come. Whoever drops a loop
//! in the middle of a program repeats such calls, as is right anyway.

mod abi;
mod buffers;
mod calls;
mod driver;
mod indices;
mod mapping;
mod ring;
mod sources;
mod support;
mod waker;

pub(super) use driver::Driver;
pub(super) use sources::Lent;
pub use support::{Support, Unsupported, support};
pub(super) use waker::Waker;
