//! 07.5 (implement): write interest on demand.
//!
//! A socket nearly always has room for an answer. So whoever has one writes it at once, and
//! asks the loop to tell of room only if something is left over. Two system calls are saved
//! with each answer, and a loop that is told of room all the time would never sleep.
//!
//! Goal:
//!
//! - `send` writes at once if nothing is pending. What does not fit is kept, and write
//!   interest is armed. While anything is pending, `send` keeps the bytes and makes no call.
//! - `on_writable`, which the loop calls if there is room, goes on with what is pending. When
//!   nothing is left, interest is disarmed. If nothing was pending, it makes no call: an event
//!   may be older than the last write.
//! - Interest is armed exactly as long as something is pending. All bytes go out, once and in
//!   order, however many there are: to stop before too much is pending is up to the caller.
//! - Each of the two makes two calls of `write` at most. One that was interrupted does not
//!   count: it is made again at once, however often that happens.
//! - `WriteError::Broken` is returned, from whichever call it comes, and nothing is tried
//!   again, and nothing armed: the caller retires the connection, interest and all. (To
//!   disarm is fine.) The other two errors are not returned.
//!
//! The socket is given, in `exercises/07_event_loop/given/socket.rs`. The fields below are a
//! suggestion.
//!
//! Edit between the markers only. About 35 lines, 20 minutes.
//! Stuck? `cargo hint 07.5`, three levels.
//!
//! A failing run prints a sentence, for instance
//! ```text
//! send of 8 bytes, with room for 5: 3 bytes are pending, and write interest is not armed:
//! nobody will ever write them
//! ```

#[path = "../../../exercises/07_event_loop/given/socket.rs"]
pub mod given;

pub use given::{Socket, WriteError};

// --- edit from here ---

/// What goes out on a socket.
#[derive(Debug)]
pub struct Output {
    socket: Socket,
    /// What did not fit, so far.
    pending: Vec<u8>,
}

impl Output {
    /// Nothing to write, and interest not armed.
    pub fn new(socket: Socket) -> Self {
        Self {
            socket,
            pending: Vec::new(),
        }
    }

    /// How many bytes are pending.
    pub fn pending(&self) -> usize {
        self.pending.len()
    }

    /// Writes `bytes`, now or later.
    pub fn send(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        todo!("write {} bytes to {:?}", bytes.len(), self.socket)
    }

    /// Goes on: the loop says that there is room.
    pub fn on_writable(&mut self) -> Result<(), WriteError> {
        todo!("write {} bytes that are pending", self.pending.len())
    }
}

// --- to here ---
