//! must say: Deadline: that is (Closed, Close), and it has to be (Running
//!
//! The deadline of the request ends its handler.

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
    /// Take back the interest in reading.
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
    use {Action as A, Event as E, State as S};
    match (state, event) {
        (S::Closed, _) => (S::Closed, A::Nothing),
        (_, E::Broken) => (S::Closed, A::Close),

        (S::Idle | S::Reading, E::Bytes) => (S::Reading, A::Parse),
        (S::Idle | S::Reading, E::End) => (S::Closed, A::Close),
        (S::Idle, E::Deadline) => (S::Closed, A::Close),
        (S::Reading, E::Deadline) => (S::Writing { last: true }, A::Refuse(408)),
        (S::Reading, E::Refused(status)) => {
            (S::Writing { last: true }, A::Refuse(status))
        }
        (S::Reading, E::Complete { last }) => (S::Running { last }, A::Handle),

        (S::Running { .. } | S::Writing { .. }, E::Bytes | E::End) => {
            (state, A::StopReading)
        }
        (S::Running { last: one }, E::Answered { last: other }) => {
            let last = one || other;
            (S::Writing { last }, A::Write)
        }
        (S::Writing { last: true }, E::Sent { .. }) => (S::Lingering, A::ShutDown),
        (S::Writing { .. }, E::Sent { more: true }) => (S::Reading, A::Parse),
        (S::Writing { .. }, E::Sent { more: false }) => (S::Idle, A::Nothing),
        (S::Writing { .. } | S::Running { .. }, E::Deadline) => {
            (S::Closed, A::Close)
        }

        (S::Lingering, E::Bytes) => (S::Lingering, A::Drop),
        (S::Lingering, E::End | E::Deadline) => (S::Closed, A::Close),

        // `Partial` in `Reading`, and what is older than the state.
        _ => (state, A::Nothing),
    }
}

// --- to here ---
