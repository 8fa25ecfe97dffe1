//! Places within both buffers, and nothing moved until all is done.

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
    used: usize,
    output: Vec<u8>,
    sent: usize,
    state: Wants,
    last: bool,
}

impl Connection {
    /// Nothing has come so far.
    pub fn new(host: Host) -> Self {
        Self {
            host,
            input: vec![],
            used: 0,
            output: vec![],
            sent: 0,
            state: Wants::Read,
            last: false,
        }
    }

    /// These bytes have come.
    pub fn on_bytes(&mut self, bytes: &[u8]) -> Wants {
        if self.state == Wants::Close {
            return self.state;
        }
        if self.used == self.input.len() {
            self.input.clear();
            self.used = 0;
        }
        self.input.extend_from_slice(bytes);
        if self.sent == self.output.len() {
            self.work();
        }
        self.state
    }

    /// There is room to send.
    pub fn on_room(&mut self) -> Wants {
        if self.send() {
            self.work();
        }
        self.state
    }

    fn work(&mut self) {
        while self.state != Wants::Close {
            let next = if self.last {
                Parsed::Partial
            } else {
                parse(&self.input[self.used..])
            };
            match next {
                Parsed::Request { used, target, last } => {
                    self.output.extend(self.host.answer(target));
                    self.used += used;
                    self.last = last;
                }
                Parsed::Refused => {
                    self.output.extend(self.host.refusal());
                    self.last = true;
                }
                Parsed::Partial if self.output.is_empty() => {
                    self.state = if self.last { Wants::Close } else { Wants::Read };
                    return;
                }
                Parsed::Partial => {
                    if !self.send() {
                        return;
                    }
                }
            }
            if self.output.len() >= LIMIT && !self.send() {
                return;
            }
        }
    }

    /// Whether all has gone.
    fn send(&mut self) -> bool {
        if self.sent < self.output.len() {
            self.sent += self.host.send(&self.output[self.sent..]);
        }
        if self.sent < self.output.len() {
            self.state = Wants::Room;
            return false;
        }
        self.output.clear();
        self.sent = 0;
        true
    }
}

// --- to here ---
