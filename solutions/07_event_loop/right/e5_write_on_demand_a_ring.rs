//! Right: what is pending lies in a ring, in two pieces now and then.

#[path = "../../../exercises/07_event_loop/given/socket.rs"]
pub mod given;

pub use given::{Socket, WriteError};

// --- edit from here ---

use std::collections::VecDeque;

#[derive(Debug)]
pub struct Output {
    socket: Socket,
    pending: VecDeque<u8>,
}

impl Output {
    pub fn new(socket: Socket) -> Self {
        Self {
            socket,
            pending: VecDeque::new(),
        }
    }

    pub fn pending(&self) -> usize {
        self.pending.len()
    }

    pub fn send(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        let mut rest = bytes;
        if self.pending.is_empty() && !bytes.is_empty() {
            let count = write(&self.socket, bytes)?;
            rest = &bytes[count..];
            if !rest.is_empty() {
                self.socket.arm();
            }
        }
        self.pending.extend(rest);
        Ok(())
    }

    pub fn on_writable(&mut self) -> Result<(), WriteError> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let (front, back) = self.pending.as_slices();
        let (all, mut count) = (front.len(), write(&self.socket, front)?);
        if count == all && !back.is_empty() {
            count += write(&self.socket, back)?;
        }
        self.pending.drain(..count);
        if self.pending.is_empty() {
            self.socket.disarm();
        }
        Ok(())
    }
}

fn write(socket: &Socket, bytes: &[u8]) -> Result<usize, WriteError> {
    loop {
        match socket.write(bytes) {
            Ok(count) => return Ok(count),
            Err(WriteError::Broken) => return Err(WriteError::Broken),
            Err(WriteError::WouldBlock) => return Ok(0),
            Err(WriteError::Interrupted) => continue,
        }
    }
}

// --- to here ---
