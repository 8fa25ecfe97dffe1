//! Right: either something is pending, or there is no buffer at all.

#[path = "../../../exercises/07_event_loop/given/socket.rs"]
pub mod given;

pub use given::{Socket, WriteError};

// --- edit from here ---

#[derive(Debug)]
pub struct Output {
    socket: Socket,
    pending: Option<Vec<u8>>,
}

impl Output {
    pub fn new(socket: Socket) -> Self {
        Self {
            socket,
            pending: None,
        }
    }

    pub fn pending(&self) -> usize {
        self.pending.as_ref().map_or(0, Vec::len)
    }

    pub fn send(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        match &mut self.pending {
            Some(pending) => pending.extend_from_slice(bytes),
            None if bytes.is_empty() => {}
            None => {
                let left = self.write(bytes)?;
                if !left.is_empty() {
                    self.pending = Some(left.to_vec());
                    self.socket.arm();
                }
            }
        }
        Ok(())
    }

    pub fn on_writable(&mut self) -> Result<(), WriteError> {
        let Some(pending) = self.pending.take() else {
            return Ok(());
        };
        let left = self.write(&pending)?;
        if left.is_empty() {
            self.socket.disarm();
        } else {
            self.pending = Some(left.to_vec());
        }
        Ok(())
    }

    fn write<'a>(&self, bytes: &'a [u8]) -> Result<&'a [u8], WriteError> {
        match self.socket.write(bytes) {
            Ok(count) => Ok(&bytes[count..]),
            Err(WriteError::WouldBlock) => Ok(bytes),
            Err(WriteError::Interrupted) => self.write(bytes),
            Err(broken) => Err(broken),
        }
    }
}

// --- to here ---
