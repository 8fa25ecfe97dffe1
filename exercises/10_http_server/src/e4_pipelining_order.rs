//! 10.4 (repair): several requests at once.
//!
//! A client need not wait for an answer before it sends its next request. So one read may bring
//! half a request, or five and a half. They are answered in their order, and all that is ready
//! leaves with one system call.
//!
//! This connection answers the first of them, and has some other faults. Repair it.
//!
//! Goal:
//!
//! - Every request that is complete is answered once, in order. What is not complete stays,
//!   until the rest of it comes.
//! - The answers are gathered and leave with one `send`: when no further request is complete,
//!   or as soon as there are `LIMIT` bytes of them. Then it goes on. `send` is not called with
//!   nothing to send.
//! - If `send` does not take all, the socket is full. What is left comes first: no further
//!   request is answered until all of it has gone, and `Wants::Room` is returned. With room the
//!   loop calls `on_room`. Requests that are here already are then gone on with: no event will
//!   tell of them.
//! - What is no request is answered by `refusal`, behind all answers before it. After that, and
//!   after a request that is the `last`, nothing is answered any more, whatever comes. When all
//!   has gone, `Wants::Close` is returned.
//! - Else it is `Wants::Read`. The loop calls `on_bytes` only if that was wanted last.
//!
//! The parser and the host are given, in `exercises/10_http_server/given/host.rs`.
//!
//! Edit between the markers only. About 20 lines, 20 minutes.
//! Stuck? `cargo hint 10.4`, three levels.
//!
//! A failing run prints a sentence, for instance
//! ```text
//! "GET /a\nGET /b\n" has come, room for 1000: answered are ["/a"], and it has to be ["/a", "/b"]
//! ```

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
