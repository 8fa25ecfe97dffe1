//! Right: a place up to which it has gone out, and a flag for the interest.

#[path = "../../../exercises/07_event_loop/given/socket.rs"]
pub mod given;

pub use given::{Socket, WriteError};

// --- edit from here ---

#[derive(Debug)]
pub struct Output {
    socket: Socket,
    buffer: Vec<u8>,
    done: usize,
    armed: bool,
}

impl Output {
    pub fn new(socket: Socket) -> Self {
        Self {
            socket,
            buffer: Vec::new(),
            done: 0,
            armed: false,
        }
    }

    pub fn pending(&self) -> usize {
        self.buffer.len() - self.done
    }

    pub fn send(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        self.buffer.extend_from_slice(bytes);
        if self.armed {
            return Ok(());
        }
        self.flush()
    }

    pub fn on_writable(&mut self) -> Result<(), WriteError> {
        self.flush()
    }

    fn flush(&mut self) -> Result<(), WriteError> {
        while self.pending() > 0 {
            match self.socket.write(&self.buffer[self.done..]) {
                Ok(count) => {
                    self.done += count;
                    break;
                }
                Err(WriteError::Interrupted) => continue,
                Err(WriteError::WouldBlock) => break,
                Err(error) => return Err(error),
            }
        }
        if self.pending() == 0 {
            self.buffer.clear();
            self.done = 0;
        }
        let wanted = self.pending() > 0;
        if wanted != self.armed {
            self.armed = wanted;
            if wanted {
                self.socket.arm();
            } else {
                self.socket.disarm();
            }
        }
        Ok(())
    }
}

// --- to here ---
