//! The outer match is over events.

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
    let mut to = state;
    let mut action = Action::Nothing;
    let busy = matches!(state, State::Running { .. } | State::Writing { .. });
    let mut go = |there, what| (to, action) = (there, what);
    match event {
        _ if state == State::Closed => {}
        Event::Broken => go(State::Closed, Action::Close),
        Event::Bytes | Event::End if busy => go(state, Action::StopReading),
        Event::Bytes if state == State::Lingering => go(state, Action::Drop),
        Event::Bytes => go(State::Reading, Action::Parse),
        Event::End => go(State::Closed, Action::Close),
        Event::Deadline => match state {
            State::Running { .. } => {}
            State::Reading => go(State::Writing { last: true }, Action::Refuse(408)),
            _ => go(State::Closed, Action::Close),
        },
        Event::Complete { last } if state == State::Reading => {
            go(State::Running { last }, Action::Handle);
        }
        Event::Refused(status) if state == State::Reading => {
            go(State::Writing { last: true }, Action::Refuse(status));
        }
        Event::Answered { last: one } => {
            if let State::Running { last } = state {
                go(State::Writing { last: last | one }, Action::Write);
            }
        }
        Event::Sent { more } => match state {
            State::Writing { last: true } => go(State::Lingering, Action::ShutDown),
            State::Writing { .. } if more => go(State::Reading, Action::Parse),
            State::Writing { .. } => go(State::Idle, Action::Nothing),
            _ => {}
        },
        _ => {}
    }
    (to, action)
}

// --- to here ---
