//! Room first, then requests: two functions that do one thing each.

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
    /// The last answer is in `output`, or has gone.
    is_last: bool,
}

impl Connection {
    /// Nothing has come so far.
    pub fn new(host: Host) -> Self {
        Self {
            host,
            input: Vec::new(),
            output: Vec::new(),
            is_last: false,
        }
    }

    /// These bytes have come.
    pub fn on_bytes(&mut self, bytes: &[u8]) -> Wants {
        self.input.extend_from_slice(bytes);
        self.go_on()
    }

    /// There is room to send.
    pub fn on_room(&mut self) -> Wants {
        self.go_on()
    }

    /// Sends what there is, and answers what there is, as long as there is room.
    fn go_on(&mut self) -> Wants {
        loop {
            if !self.output.is_empty() {
                let count = self.host.send(&self.output);
                self.output = self.output.split_off(count);
            }
            if !self.output.is_empty() {
                return Wants::Room;
            }
            self.gather();
            match (self.output.is_empty(), self.is_last) {
                (false, _) => {}
                (true, true) => return Wants::Close,
                (true, false) => return Wants::Read,
            }
        }
    }

    /// The answers to what is complete, or as many of them as may leave together.
    fn gather(&mut self) {
        let mut at = 0;
        while !self.is_last && self.output.len() < LIMIT {
            let answer = match parse(&self.input[at..]) {
                Parsed::Partial => break,
                Parsed::Request { used, target, last } => {
                    at += used;
                    self.is_last = last;
                    self.host.answer(target)
                }
                Parsed::Refused => {
                    self.is_last = true;
                    self.host.refusal()
                }
            };
            self.output.extend(answer);
        }
        self.input.drain(..at);
    }
}

// --- to here ---
