//! 10.5 (implement): an answer that gets lost.
//!
//! A client uploads a gigabyte. The server knows from the head that this is too much, answers 413,
//! and closes. Then the kernel finds that bytes have come which nobody has read, or will find it
//! when the next ones come. It tells the client so, by a reset. And a client's kernel that gets
//! a reset throws away what its program has not read yet: the answer. The client sees "connection
//! reset by peer", and tries again.
//!
//! So a connection *lingers* after its last answer: it says that nothing follows, and reads and
//! forgets what comes, until the client has seen that and is quiet. But not for ever.
//!
//! Goal:
//!
//! - `begin` is called when the last answer is written. It shuts down the sending half. If that
//!   fails, nobody is there any more: close. It makes no other call.
//! - `on_readable` reads once, into a buffer of `BUFFER` bytes, and forgets what it has read.
//!   (Once: others are waiting, and if there is more, the loop says so again. A read that was
//!   interrupted may be made again at once.) At the end of what the client sends: close.
//! - When `LIMIT` bytes were forgotten, close: this client does not stop. Not before, and not
//!   after more than one buffer above it.
//! - `Broken` closes it at once. If there is nothing to read after all, nothing happens.
//! - `on_deadline` closes it.
//! - `is_gone` says whether it is closed. Then nothing is called any more, whatever comes: the
//!   number of the socket may be somebody else's.
//!
//! The socket is given, in `exercises/10_http_server/given/client.rs`.
//!
//! Edit between the markers only. About 25 lines, 15 minutes. The fields are a suggestion.
//! Stuck? `cargo hint 10.5`, three levels.
//!
//! A failing run prints a sentence, for instance
//! ```text
//! 500 bytes of the client are unread: begin has called close, and the client has lost its
//! answer: shut down the sending half, and go on reading
//! ```

#[path = "../../../exercises/10_http_server/given/client.rs"]
pub mod given;

pub use given::{Socket, SocketError};

/// So many bytes are read at once.
pub const BUFFER: usize = 4_096;

/// After so many bytes nobody listens any more.
pub const LIMIT: usize = 65_536;

// --- edit from here ---

/// A connection that has sent its last answer.
#[derive(Debug)]
pub struct Lingering {
    socket: Socket,
    /// How many bytes are still forgotten; then it is over.
    left: usize,
}

impl Lingering {
    /// The last answer is written.
    pub fn begin(socket: Socket) -> Self {
        Self {
            socket,
            left: LIMIT,
        }
    }

    /// The loop says that there is something to read, or an end.
    pub fn on_readable(&mut self) {
        todo!("forget {} bytes of {:?}, at most", self.left, self.socket)
    }

    /// The loop says that it has taken long enough.
    pub fn on_deadline(&mut self) {
        todo!("close {:?}", self.socket)
    }

    /// Whether it is closed.
    pub fn is_gone(&self) -> bool {
        todo!("say whether {:?} was closed", self.socket)
    }
}

// --- to here ---
