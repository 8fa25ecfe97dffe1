//! must say: and it has to be
//!
//! Half a request that stands behind whole ones which wait for room is lost.

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
    input: Vec<u8>,
    output: Vec<u8>,
    over: bool,
}

impl Connection {
    /// Nothing has come so far.
    pub fn new(host: Host) -> Self {
        Self {
            host,
            input: Vec::new(),
            output: Vec::new(),
            over: false,
        }
    }
    /// These bytes have come.
    pub fn on_bytes(&mut self, bytes: &[u8]) -> Wants {
        self.input.extend_from_slice(bytes);
        self.go()
    }
    /// There is room for more to be sent.
    pub fn on_room(&mut self) -> Wants {
        if !self.flush() {
            return Wants::Room;
        }
        self.go()
    }
    fn go(&mut self) -> Wants {
        let input = std::mem::take(&mut self.input);
        let mut at = 0;
        let wants = loop {
            if self.output.len() >= LIMIT && !self.flush() {
                break Wants::Room;
            }
            if !self.over {
                match parse(&input[at..]) {
                    Parsed::Partial => {}
                    Parsed::Request { used, target, last } => {
                        self.output.extend(self.host.answer(target));
                        at += used;
                        self.over = last;
                        continue;
                    }
                    Parsed::Refused => {
                        self.output.extend(self.host.refusal());
                        self.over = true;
                        continue;
                    }
                }
            }
            break if !self.flush() {
                Wants::Room
            } else if self.over {
                Wants::Close
            } else {
                Wants::Read
            };
        };
        self.input = input;
        self.input.drain(..at);
        if wants == Wants::Room {
            let end = self.input.iter().rposition(|b| *b == b'\n');
            if let Some(end) = end {
                self.input.truncate(end + 1);
            }
        }
        wants
    }
    /// Whether all has gone.
    fn flush(&mut self) -> bool {
        if self.output.is_empty() {
            return true;
        }
        let count = self.host.send(&self.output);
        self.output.drain(..count);
        self.output.is_empty()
    }
}

// --- to here ---
