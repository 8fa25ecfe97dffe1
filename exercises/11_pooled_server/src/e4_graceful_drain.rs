//! 11.4 (implement): finish, then go.
//!
//! A new version is installed, and the old server gets a SIGTERM. If it just ends, hundreds of
//! clients see a connection that breaks in the middle of an answer, and nobody knows which of
//! their orders were taken. If it waits until all of them have gone, it waits for ever: an idle
//! connection goes when it likes, and there is always a handler that hangs. So it finishes what
//! has begun, and it has a deadline.
//!
//! Goal: what the loop asks, and what it tells. Nothing here reads a clock or closes a socket.
//!
//! - `connected` says whether somebody who connects comes in: as long as nobody has stopped it.
//! - A client that is there is idle; or a part of a request has come (`begun`), or all of it, and
//!   a handler has it (`handed_over`, perhaps without a `begun` before); or its answer is on its
//!   way, from `answered` to `sent`.
//! - `stop` returns those that are idle. They are closed, and are not there any more. All others
//!   finish; who has sent a part of a request may send the rest, and gets its answer. To stop
//!   it once more changes nothing.
//! - `answered`: the handler has ended. The answer says that the connection stays, or that it is
//!   the `Last`, if it was stopped by now. `Nobody`: the client is not there any more.
//! - `sent` says whether the connection stays. If it was stopped by now it does not, whatever the
//!   answer has said, and is not there any more.
//! - `left`: the client has gone. Its handler, if it has one, runs on.
//! - `late` returns all who are there when `patience` is over, counted from the first `stop`, at
//!   `now` or before; else nobody. They are closed, and are not there any more.
//! - `is_over`: it was stopped, nobody is there, and no handler runs, not even for somebody who
//!   has left. Or `late` has found that patience is over, whatever runs.
//! - `wait`: for how long the loop may sleep at most, so as not to miss that; `None` if there is
//!   nothing to miss. A `patience` of `Duration::MAX` is never over.
//!
//! Time is a `Duration` since the start of the server, and only goes forward. A number is used
//! for one connection only.
//!
//! Edit between the markers only. About 50 lines, 25 minutes. The fields are a suggestion.
//! Stuck? `cargo hint 11.4`, three levels.
//!
//! A failing run prints what has happened, for instance
//! ```text
//! patience 30s. 100s: connected(1). 100s: handed_over(1). 100s: stop. 100s: answered(1).
//! answered(1) is Keep, and it has to be Last: it was stopped at 100s
//! ```

use std::collections::BTreeMap;
pub use std::time::Duration;

/// What an answer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The connection stays.
    Keep,
    /// `Connection: close`.
    Last,
    /// There is nobody to whom it could say anything.
    Nobody,
}

// --- edit from here ---

/// What a client that is there is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
    Nothing,
    // and what else?
}

/// Who is there, and whether the server is to stop.
#[derive(Debug)]
pub struct Server {
    /// How long a stop may take.
    patience: Duration,
    clients: BTreeMap<u32, Doing>,
}

impl Server {
    /// Nobody is there.
    pub fn new(patience: Duration) -> Self {
        Self {
            patience,
            clients: BTreeMap::new(),
        }
    }

    /// Somebody connects: whether they come in.
    pub fn connected(&mut self, id: u32) -> bool {
        self.clients.insert(id, Doing::Nothing);
        todo!("say whether {id} comes in")
    }

    /// A part of a request has come.
    pub fn begun(&mut self, id: u32) {
        todo!("{id} has begun a request")
    }

    /// A request is complete, and a handler has it.
    pub fn handed_over(&mut self, id: u32) {
        todo!("a handler runs for {id}")
    }

    /// The handler has ended: what its answer says.
    pub fn answered(&mut self, id: u32) -> Answer {
        todo!("say what the answer for {id} says")
    }

    /// The answer has gone: whether the connection stays.
    pub fn sent(&mut self, id: u32) -> bool {
        todo!("say whether {id} stays")
    }

    /// The client has gone.
    pub fn left(&mut self, id: u32) {
        todo!("{id} is not there any more")
    }

    /// The server is to stop: who is closed at once.
    pub fn stop(&mut self, now: Duration) -> Vec<u32> {
        todo!("stop it, from {now:?} on for {:?} at most", self.patience)
    }

    /// Who is closed since the stop has lasted too long.
    pub fn late(&mut self, now: Duration) -> Vec<u32> {
        todo!("say who is closed at {now:?}")
    }

    /// Whether the server may end.
    pub fn is_over(&self) -> bool {
        todo!("say whether it may end: {} are there", self.clients.len())
    }

    /// For how long the loop may sleep.
    pub fn wait(&self, now: Duration) -> Option<Duration> {
        todo!("say how long it may sleep from {now:?} on")
    }
}

// --- to here ---
