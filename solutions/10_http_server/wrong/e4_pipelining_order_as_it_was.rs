//! must say: answered are ["/a"], and it has to be ["/a", "/b"]
//!
//! As it was: the first of several requests that come together.

#[path = "../../../exercises/10_http_server/given/host.rs"]
pub mod given;

pub use given::{Host, LIMIT, Parsed, parse};

/// What a connection waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wants {
    /// Bytes.
    Read,
    /// Room for what is to be sent.
    Room,
    /// Nothing: all has been said.
    Close,
}

// --- edit from here ---

/// A connection, without its socket.
#[derive(Debug)]
pub struct Connection {
    host: Host,
    /// What has come, and is not answered.
    input: Vec<u8>,
    /// What is to be sent.
    output: Vec<u8>,
}

impl Connection {
    /// Nothing has come so far.
    pub fn new(host: Host) -> Self {
        Self {
            host,
            input: Vec::new(),
            output: Vec::new(),
        }
    }

    /// These bytes have come.
    pub fn on_bytes(&mut self, bytes: &[u8]) -> Wants {
        self.input.extend_from_slice(bytes);
        match parse(&self.input) {
            Parsed::Partial => {}
            Parsed::Request { target, .. } => {
                self.output.extend(self.host.answer(target));
                self.input.clear();
            }
            Parsed::Refused => {
                self.host.send(&self.host.refusal());
                return Wants::Close;
            }
        }
        self.flush()
    }

    /// There is room to send.
    pub fn on_room(&mut self) -> Wants {
        self.flush()
    }

    /// Sends what there is to be sent.
    fn flush(&mut self) -> Wants {
        let count = self.host.send(&self.output);
        self.output.drain(..count);
        if self.output.is_empty() {
            Wants::Read
        } else {
            Wants::Room
        }
    }
}

// --- to here ---
