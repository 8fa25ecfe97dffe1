//! must say: send, to a broken socket: nobody will ever read it, and that made write of 5 -> Broken, arm, and returned Ok(())
//!
//! The connection is kept for ever, with bytes that nobody will read.

#[path = "../../../exercises/07_event_loop/given/socket.rs"]
pub mod given;

pub use given::{Socket, WriteError};

// --- edit from here ---

/// What goes out on a socket.
#[derive(Debug)]
pub struct Output {
    socket: Socket,
    /// What did not fit, so far. Interest is armed exactly while this is not empty.
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
        if !self.pending.is_empty() {
            self.pending.extend_from_slice(bytes);
            return Ok(());
        }
        let count = self.write(bytes)?;
        if count < bytes.len() {
            self.pending.extend_from_slice(&bytes[count..]);
            self.socket.arm();
        }
        Ok(())
    }

    /// Goes on: the loop says that there is room.
    pub fn on_writable(&mut self) -> Result<(), WriteError> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let count = self.write(&self.pending)?;
        self.pending.drain(..count);
        if self.pending.is_empty() {
            self.socket.disarm();
        }
        Ok(())
    }

    /// As many as there is room for.
    fn write(&self, bytes: &[u8]) -> Result<usize, WriteError> {
        if bytes.is_empty() {
            return Ok(0);
        }
        loop {
            match self.socket.write(bytes) {
                Err(WriteError::Interrupted) => {}
                Err(WriteError::WouldBlock | WriteError::Broken) => return Ok(0),
                other => return other,
            }
        }
    }
}

// --- to here ---
