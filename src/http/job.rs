//! What goes from a loop to the handler threads, and what comes back.
//!
//! ```text
//!  connection ── Box<Exchange> ──► Job ──► dispatch ──► a handler thread
//!      ▲                                                       │
//!      └──── key still valid? ◄── inbox of its loop ◄── Message::Answered
//! ```
//!
//! The exchange has the input, the parser and the output, and it is *moved*. So while a
//! handler runs, its connection has no buffer that anybody could read into, and when the
//! connection is closed meanwhile, no buffer that would be freed too early. Nothing is
//! locked, as nothing is shared.
#![cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]

use std::io;
use std::net::TcpStream;
use std::sync::Arc;

use super::deadlines::Moment;
use super::dispatch::Dispatch;
use super::exchange::{Answered, Exchange};
use super::handle::Handle;
use super::handler::Handler;
use super::inbox::Inbox;
use super::places::Places;
use crate::event::Key;

// ANCHOR: job
/// A request on its way to a handler thread.
#[derive(Debug)]
pub(crate) struct Job {
    /// Whose it is. By the time of the answer that connection may be gone.
    pub(crate) key: Key,
    /// The request, and all that its answer needs.
    pub(crate) exchange: Box<Exchange>,
    /// When the tick began that hands it over: for the date.
    pub(crate) now: Moment,
    /// The loop to which it goes back.
    pub(crate) home: u32,
    /// Whether the server lets the connection go on behind it.
    pub(crate) goes_on: bool,
}

/// What other threads tell a loop.
#[derive(Debug)]
pub(crate) enum Message {
    /// A handler has answered, and here is the exchange.
    Answered {
        key: Key,
        exchange: Box<Exchange>,
        answered: Option<Answered>,
    },
    /// There is more of an answer that this connection waits for.
    More(Key),
    /// A client, from the loop that accepts for all.
    Connected(TcpStream),
    /// There will be no more of those.
    DoorClosed,
    /// To the first loop: another one has ended, as it should or not.
    LoopEnded(io::Result<()>),
    /// To the first loop: a handler thread has.
    HandlerEnded,
}
// ANCHOR_END: job

const _: () = assert!(size_of::<Job>() <= 32 && size_of::<Message>() <= 24);

/// What all threads of a server have in common.
pub(crate) struct Shared {
    pub(crate) handler: Arc<dyn Handler>,
    pub(crate) handle: Handle,
    pub(crate) dispatch: Dispatch<Job>,
    /// One for each loop.
    pub(crate) inboxes: Box<[Inbox<Message>]>,
    pub(crate) places: Places,
}

impl Shared {
    /// Tells a loop.
    #[inline]
    pub(crate) fn tell(&self, home: usize, message: Message) {
        self.inboxes[home].push(message);
    }
}
