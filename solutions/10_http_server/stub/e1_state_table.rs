//! 10.1 (implement): the state table of a connection.
//!
//! What a connection does next depends on two things: what it is doing, and what has happened.
//! One pure function says so for every pair of the two, so that one can look at all of them.
//! This is a smaller table than the chapter's, with other names in it.
//!
//! Goal: `next` returns the state that follows, and what the loop has to do now.
//!
//! - `Idle`: no request so far. Bytes: parse them, from now on it is `Reading`. If the other end
//!   sends no more, or the deadline is over, close: nobody waits for an answer.
//! - `Reading`: parse what comes. If the parser needs more, wait for it. If a request is
//!   complete, run its handler, and remember whether it is the last. If it is refused, so is
//!   the client, with the parser's status; if the deadline is over, with 408. To refuse is to
//!   write an answer, which is the last. If the other end sends no more, half a request stays
//!   half: close.
//! - `Running`: the handler's answer has to be written. It is the last if the request was, or if
//!   the handler says so. (The deadline was for the request, and that is there.)
//! - `Writing`: if all is sent and it was the last answer, shut down the sending half and linger.
//!   If it was not, go on with the next request, if some of its bytes are here already
//!   (`more`): parse them. Else it is idle. If the deadline is over, the client does not read:
//!   close, since it would not read a status either.
//! - As long as a handler runs or an answer is written, nothing is read: if bytes come, or the
//!   end of them, stop reading. Neither is lost: in a state in which it reads, the loop asks
//!   for reading again, and the kernel says so again. And who sends no more may still read.
//! - `Lingering`: drop what comes, so that the answer is not lost. Close at its end, or at the
//!   deadline.
//! - If the connection is broken, close it at once, whatever it is doing. `Closed` stays closed,
//!   and nothing is done.
//! - Everything else is old news, in a batch of events: nothing changes and nothing is done.
//!
//! Edit between the markers only. About 35 lines, 20 minutes.
//! Stuck? `cargo hint 10.1`, three levels.
//!
//! A failing run prints a sentence, for instance
//! ```text
//! Running { last: false }, End: that is (Closed, Close), and it has to be (Running { last:
//! false }, StopReading): who sends no more may still read the answer
//! ```

/// What a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Waits for the first byte of a request.
    Idle,
    /// Has a part of a request.
    Reading,
    /// Waits for a handler.
    Running {
        /// The client wants no further answer.
        last: bool,
    },
    /// Has an answer that is not sent yet.
    Writing {
        /// There will be no further one.
        last: bool,
    },
    /// Has sent its last answer, and waits until the client has seen it.
    Lingering,
    /// Is gone.
    Closed,
}

/// What has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Bytes have come in.
    Bytes,
    /// The parser needs more.
    Partial,
    /// The parser has a whole request.
    Complete {
        /// The client wants no further answer.
        last: bool,
    },
    /// The parser refuses, with this status.
    Refused(u16),
    /// The handler has answered.
    Answered {
        /// It wants the connection to be closed.
        last: bool,
    },
    /// All that was to be sent has been sent.
    Sent {
        /// There are bytes of a next request.
        more: bool,
    },
    /// The other end sends no more.
    End,
    /// The time for what it is doing is over.
    Deadline,
    /// The connection is reset, or the like.
    Broken,
}

/// What the loop has to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Nothing.
    Nothing,
    /// Read, and let the parser see what has come.
    Parse,
    /// Run the handler.
    Handle,
    /// Write the handler's answer.
    Write,
    /// Write an answer with this status.
    Refuse(u16),
    /// Take back the interest in reading, as long as it is in this state.
    StopReading,
    /// Shut down the sending half.
    ShutDown,
    /// Read, and forget what was read.
    Drop,
    /// Close.
    Close,
}

// --- edit from here ---

/// What follows on `event` in `state`, and what has to be done.
pub fn next(state: State, event: Event) -> (State, Action) {
    todo!("what follows on {event:?} in {state:?}")
}

// --- to here ---
