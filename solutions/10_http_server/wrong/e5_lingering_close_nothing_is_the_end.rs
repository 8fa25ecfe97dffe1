//! must say: Go on reading until then, or until the client sends no more
//!
//! Takes `WouldBlock` for the end.

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
    is_gone: bool,
}

impl Lingering {
    /// The last answer is written.
    pub fn begin(socket: Socket) -> Self {
        let mut this = Self {
            socket,
            left: LIMIT,
            is_gone: false,
        };
        if this.socket.shutdown_write().is_err() {
            this.close();
        }
        this
    }

    /// The loop says that there is something to read, or an end.
    pub fn on_readable(&mut self) {
        if self.is_gone {
            return;
        }
        match self.socket.recv(&mut [0; BUFFER]) {
            Ok(0) | Err(SocketError::Broken | SocketError::WouldBlock) => {
                self.close()
            }
            Ok(count) => {
                self.left = self.left.saturating_sub(count);
                if self.left == 0 {
                    self.close();
                }
            }
            // The loop says so again.
            Err(SocketError::Interrupted) => {}
        }
    }

    /// The loop says that it has taken long enough.
    pub fn on_deadline(&mut self) {
        if !self.is_gone {
            self.close();
        }
    }

    /// Whether it is closed.
    pub fn is_gone(&self) -> bool {
        self.is_gone
    }

    fn close(&mut self) {
        self.is_gone = true;
        self.socket.close();
    }
}

// --- to here ---
