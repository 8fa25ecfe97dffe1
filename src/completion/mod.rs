//! Chapter 08: say what shall be done, and be called when it is. Completions, over readiness
//! and over io_uring.
//!
//! The loop of chapter 07 says that a read would not wait, and the program reads. This one is
//! told to read, and says what came. Between the two the buffer is in its hands, or the
//! kernel's: it moves in with the operation, and comes back with the result.
//!
//! | | [`event::Loop`](crate::event::Loop) | [`Loop`] |
//! |---|---|---|
//! | says | *you may read* | *this was read* |
//! | the buffer is | the program's | the loop's, until the callback |
//! | what can't be made ready (files) | blocks the loop | is done by a thread, or by the kernel |
//! | to stop | is to read no more | is to ask, and to wait for an answer |
//!
//! ```
//! use std::io::{Read as _, Write as _};
//! use std::net::{TcpListener, TcpStream};
//! use threadbare::completion::{Descriptor, Finished, Loop, Next, Run};
//!
//! /// Sends back what has come.
//! fn echo(completions: &mut Loop<()>, _: &mut (), read: &mut Finished<usize, Vec<u8>>) -> Next {
//!     let connection = Descriptor::from_word(read.user);
//!     match read.result {
//!         Ok(count) if count > 0 => {
//!             let bytes = std::mem::take(&mut read.buffer);
//!             completions.write(connection, bytes, read.user, |_, _, _| Next::Disarm);
//!         }
//!         _ => completions.close(connection).expect("it was open"),
//!     }
//!     Next::Disarm
//! }
//!
//! let mut completions = Loop::new()?;
//! let listener = TcpListener::bind("127.0.0.1:0")?;
//! let mut client = TcpStream::connect(listener.local_addr()?)?;
//! client.write_all(b"hello")?;
//!
//! let listener = completions.adopt(listener)?;
//! completions.accept(listener, 0, |completions, _, accepted| {
//!     let Ok(connection) = accepted.result else {
//!         return Next::Disarm;
//!     };
//!     completions.read(connection, Vec::with_capacity(64), connection.to_word(), echo);
//!     Next::Disarm
//! });
//! completions.run(&mut (), Run::UntilDone)?; // three callbacks
//!
//! let mut answer = [0; 5];
//! client.read_exact(&mut answer)?;
//! assert_eq!(&answer, b"hello");
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # The contract
//! It is the same for both backends, and what only one of them can do is not in it.
//!
//! What the loop promises:
//!
//! - **To submit never fails and never waits.** Whatever is wrong comes to the callback, and
//!   the buffer with it. So there is one place where errors are.
//! - **Each operation calls back**, unless its loop is dropped first, and after `Disarm` not
//!   again.
//! - **Callbacks are called by `run` alone**, never from within a call of yours. They may
//!   submit, cancel and close whatever there is, also what calls them.
//! - **The buffer comes back** with the callback, after an error and a cancel as well. In
//!   between nobody can reach it, and that is a matter of types.
//! - **A cancel has an answer**, one, and it comes after the last callback of what it was
//!   meant for: [`Answer`]. So after it nobody uses the buffer any more.
//! - **Keys, never pointers.** A [`Completion`] or [`Descriptor`] that is out of date finds
//!   nothing. To cancel what is over is no error: its answer is [`Answer::Dead`].
//! - **In turn.** At a descriptor those who read are served in the order in which they came,
//!   and so are those who write. Nobody who is always ready keeps others from their turn.
//! - **Timers come late, not early**, after what has happened in time.
//! - **No allocation for an operation**, once there were as many at a time before.
//!
//! What it asks for:
//!
//! - **Do not block in a callback.** All others wait meanwhile. What takes long goes to a
//!   pool, and comes back by an [`Async`], or is done in slices by a zero timer.
//! - **The loop owns its descriptors.** Whatever is adopted is closed by the loop, or comes
//!   back by [`release`](Loop::release) when nothing is in flight on it.
//! - **One thread has the loop.** Others have an [`Async`].
//!
//! # The life of a completion
#![doc = include_str!("life.md")]
//!
//! # The parts
//!
//! | part | what it is for |
//! |---|---|
//! | [`Loop`], [`Config`] | the face: what can be asked for, and the tick |
//! | [`Finished`], [`Received`], [`Next`] | what a callback is given, and what it answers |
//! | [`Life`] | the table above |
//! | `core`, `operation` | slots and the lists that they are linked in; knows no backend |
//! | `descriptors` | what the loop owns, and who stands in line at each |
//! | [`timers`] | a million of them |
//! | [`Async`] | how other threads call |
//! | `driver` | the one place that picks the backend |
//! | `readiness`, `files` | over epoll and kqueue: try, queue, try again; files by threads |
//! | `uring` | over the rings of Linux |
//!
//! The steps of a tick, of a cancel and of a close are in `README.md`, and why nothing is
//! lost. On systems that have neither epoll nor kqueue there is no such module.
//!
//! The text is chapter 08 of the book, the story `cargo run --example 08_completions`.

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
