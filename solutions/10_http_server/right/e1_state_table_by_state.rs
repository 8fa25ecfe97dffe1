//! A function for each state would be as good: the outer match is over states.

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
    let close = (State::Closed, Action::Close);
    let nothing = (state, Action::Nothing);
    if event == Event::Broken && state != State::Closed {
        return close;
    }
    match state {
        State::Idle => match event {
            Event::Bytes => (State::Reading, Action::Parse),
            Event::End | Event::Deadline => close,
            _ => nothing,
        },
        State::Reading => match event {
            Event::Bytes => (State::Reading, Action::Parse),
            Event::Complete { last } => (State::Running { last }, Action::Handle),
            Event::Refused(status) => {
                (State::Writing { last: true }, Action::Refuse(status))
            }
            Event::Deadline => (State::Writing { last: true }, Action::Refuse(408)),
            Event::End => close,
            _ => nothing,
        },
        State::Running { last } => match event {
            Event::Answered { last: true } => {
                (State::Writing { last: true }, Action::Write)
            }
            Event::Answered { .. } => (State::Writing { last }, Action::Write),
            Event::Bytes | Event::End => (state, Action::StopReading),
            _ => nothing,
        },
        State::Writing { last } => match event {
            Event::Sent { more } => match (last, more) {
                (true, _) => (State::Lingering, Action::ShutDown),
                (false, true) => (State::Reading, Action::Parse),
                (false, false) => (State::Idle, Action::Nothing),
            },
            Event::Bytes | Event::End => (state, Action::StopReading),
            Event::Deadline => close,
            _ => nothing,
        },
        State::Lingering => match event {
            Event::Bytes => (State::Lingering, Action::Drop),
            Event::End | Event::Deadline => close,
            _ => nothing,
        },
        State::Closed => nothing,
    }
}

// --- to here ---
