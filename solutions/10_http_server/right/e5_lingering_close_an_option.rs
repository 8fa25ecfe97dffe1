//! Whether there still is a socket says whether it is gone.

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
    socket: Option<Socket>,
    forgotten: usize,
}

impl Lingering {
    /// The last answer is written.
    pub fn begin(socket: Socket) -> Self {
        let mut this = Self {
            socket: Some(socket.clone()),
            forgotten: 0,
        };
        if let Err(_) = socket.shutdown_write() {
            this.on_deadline();
        }
        this
    }

    /// The loop says that there is something to read, or an end.
    pub fn on_readable(&mut self) {
        let Some(socket) = &self.socket else {
            return;
        };
        let mut buffer = vec![0; BUFFER];
        let count = loop {
            match socket.recv(&mut buffer) {
                Err(SocketError::Interrupted) => {}
                Err(SocketError::WouldBlock) => return,
                Err(SocketError::Broken) | Ok(0) => break LIMIT,
                Ok(count) => break count,
            }
        };
        self.forgotten += count;
        if self.forgotten >= LIMIT {
            self.on_deadline();
        }
    }

    /// The loop says that it has taken long enough.
    pub fn on_deadline(&mut self) {
        if let Some(socket) = self.socket.take() {
            socket.close();
        }
    }

    /// Whether it is closed.
    pub fn is_gone(&self) -> bool {
        self.socket.is_none()
    }
}

// --- to here ---
