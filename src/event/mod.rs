//! Chapter 07: one thread, ten thousand sockets. Raw epoll and raw kqueue behind one loop.
//!
//! A thread for each connection sleeps until that connection has something to say. A loop
//! sleeps until *any* of them has:
//!
//! | version | who knows what is watched | a wait costs |
//! |---|---|---|
//! | [`v1_poll`] | we do, and hand it over each time | as much as there is to watch |
//! | [`Loop`] | the kernel | as much as there is to tell |
//!
//! ```
//! use std::io::{Read as _, Write as _};
//! use std::net::TcpStream;
//! use std::os::fd::AsFd as _;
//! use threadbare::event::{Events, Loop, net};
//!
//! let listener = net::listen(([127, 0, 0, 1], 0).into(), 16, net::Share::Alone)?;
//! let mut client = TcpStream::connect(listener.local_addr()?)?;
//! let (mut event_loop, mut events) = (Loop::new()?, Events::with_capacity(64));
//! event_loop.add_read(listener.as_fd(), 0)?;
//! event_loop.wait(&mut events, None)?; // somebody has called
//! let net::Accepted::Stream(mut stream, _) = net::accept(&listener)? else {
//!     panic!("{events:?}");
//! };
//!
//! client.write_all(b"hello")?;
//! event_loop.add_read(stream.as_fd(), 1)?;
//! event_loop.wait(&mut events, None)?;
//! assert_eq!(events.iter().next().map(|event| event.user), Some(1));
//! assert_eq!(stream.read(&mut [0; 64])?, 5);
//! event_loop.del_read(stream.as_fd())?; // and only then closed
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # The contract
//! It is what epoll and kqueue have in common. Whatever only one of them can do is not in it.
//!
//! What the loop promises:
//!
//! - **Level-triggered.** As long as a read would not wait, each wait says so, and the same
//!   for writes. Whoever reads only a part is told of the rest. An event may come for
//!   nothing, so descriptors are non-blocking, and a read that finds nothing is no error.
//! - **One registration is a descriptor and a direction**, with a user word of its own. If
//!   both directions of one are ready they come as one event or as two; as two if their
//!   words differ.
//! - **Nobody is told who has gone.** After `del_read` no wait brings a read event of it.
//!   What an earlier wait has brought is in your hands, and there it stays.
//! - **Broken is ready.** With `err`, or when the other end is gone, whatever is registered
//!   is reported: see the table of [`Event`].
//! - **In turn.** What does not fit into the caller's buffer comes with later waits, and
//!   nobody is always last.
//! - **Timeouts end late, not early**, and signals neither end nor extend them.
//! - **A wake is not lost**, during a wait or before it; many may become one.
//! - **Nothing that the kernel says is a panic.** It is an [`io::Error`](std::io::Error)
//!   that names the call: [`Failed`].
//!
//! What it asks for:
//!
//! - **Deregister, close, free**, in this order. A descriptor that is closed while it is
//!   registered is out of everybody's reach if there is a copy of it: epoll goes on telling
//!   of it. Such events are dropped, and counted: [`Loop::stale`].
//! - **Never add twice** what is registered ([`AlreadyExists`](std::io::ErrorKind)).
//! - **Write interest only while something is left to be written.** A socket can nearly
//!   always be written, and would end every wait.
//! - **User words are keys, never pointers.** A [`Key`] has an index and a generation, so
//!   that one whose owner has gone finds nothing: [`Slab`].
//! - **One thread has the loop**, and it alone closes what is registered. Others have a
//!   [`Waker`].
//!
//! # The parts
//!
//! | part | what it is for |
//! |---|---|
//! | [`Loop`], [`Event`], [`Events`] | the face, the same on all systems |
//! | `epoll`, `kqueue` | the twins: what the kernel is told, and what it says |
//! | `table` | who is registered for what; what follows for the kernel |
//! | `handshake`, [`Waker`] | waking the loop, without a system call if it is awake |
//! | [`Signals`] | what `kill` and Ctrl-C say, as something that can be read |
//! | [`Deadline`] | until when, instead of for how long |
//! | [`Slab`], [`Key`] | connections, found by a word that may be out of date |
//! | [`net`] | sockets that never block, and what `accept` can answer |
//! | `memory` | large blocks go back to the system |
//! | `sys`, [`Failed`] | -1 becomes an error that says which call it was |
//!
//! The steps of a wake, the order of a tick and the reasons are in `README.md`. Atomics are
//! reached through [`crate::ground`]. On systems that have neither kernel there is no such
//! module.
//!
//! The text is chapter 07 of the book, the story `cargo run --example 07_event_loop`.

mod deadline;
mod event_loop;
mod events;
pub(crate) mod handshake;
pub(crate) mod memory;
pub mod net;
mod ready;
mod signals;
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
pub use signals::Signals;
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
