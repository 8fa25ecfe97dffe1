//! What a connection is doing, and what follows from whatever happens to it: one table.
//!
//! Everything that can go on between a server and a client is here, and nothing here does
//! any of it. [`next`] takes a state and an event, and says the state after it and what has
//! to be done. What is done tells the next event, until the answer is *wait*. So the whole
//! behaviour can be read in one place, each pair can be looked at by a test, and the table in
//! `state.md` and the picture in the book are drawn by walking through it.
//!
//! | state | the connection | has an exchange | interest | is given |
//! |---|---|---|---|---|
//! | `Idle` | has begun no request | no | read | `timeout_keepalive` |
//! | `Reading` | has begun one, and not ended it | yes | read | `timeout_request` |
//! | `Running` | has a handler at work | the handler has it | as it was | whatever it takes |
//! | `Writing` | has an answer that must go out | yes | write, if some did not fit | `timeout_write` |
//! | `Waiting` | has an answer that somebody else goes on with, later | yes | read, to see whether it goes | nothing |
//! | `Lingering` | has had its last answer | no | read, to drop what comes | `timeout_linger` |
//! | `Closed` | is none | no | none | nothing |
//!
//! With a handler that runs on the loop, `Running` is over before anybody can look. With one
//! that runs on another thread the exchange goes there, and the connection stays in `Running`
//! until it comes back. What the kernel says meanwhile it would say again and again, so its
//! first word takes the interest away.
#![cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]

use super::deadlines::Class;

// ANCHOR: state
/// What a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Nothing of a request has come yet.
    Idle,
    /// A part of one has.
    Reading,
    /// A handler answers it.
    Running,
    /// Its answer is on the way out.
    Writing,
    /// All there is of its answer has gone, and somebody else will bring more.
    Waiting,
    /// The last answer has gone, and the other end has not closed yet.
    Lingering,
    /// There is no connection any more.
    Closed,
}

/// What can happen. The first two come from the kernel, the next three from the clock and
/// the owner; all others are what came of an [`Action`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// A read would not wait.
    Readable,
    /// A write would not wait.
    Writable,
    /// The time is up.
    Late,
    /// The server stops.
    Stop,
    /// The connection is broken, or the client sends without end what nobody wants.
    Broken,
    /// Bytes were received.
    Bytes,
    /// There were none after all.
    Nothing,
    /// The client sends no more.
    End,
    /// The buffer has nothing of a request: no bytes, or an empty line.
    Empty,
    /// It has the beginning of one.
    Part,
    /// As `Part`, and the client waits to be told to go on; that is in the output now.
    Continue,
    /// It has a whole one.
    Whole,
    /// What it has is refused; the refusal is in the output, as the last answer.
    Refused,
    /// The output has enough, or the turn is over, so the buffer was not looked at; or it has
    /// no room, so nothing was received.
    Enough,
    /// The handler's answer is in the output.
    Answered,
    /// The exchange is on its way to a handler thread.
    Handed,
    /// All output has gone.
    Sent,
    /// All output has gone, and was the last.
    SentLast,
    /// Some of it has gone, and the socket takes no more for now.
    SentSome,
    /// None of it has: the socket takes nothing for now.
    Full,
    /// All of it has that there is, and more will be brought.
    Waits,
    /// There is more.
    More,
}

/// What has to be done. What comes of it is the next event; only the last four have none,
/// and [`Linger`](Action::Linger) and [`Listen`](Action::Listen), if nothing is in their way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Receive, once.
    Receive,
    /// Look at what is in the buffer.
    Parse,
    /// Run the handler, or hand the request over to a thread that does.
    Handle,
    /// Send what is in the output.
    Send,
    /// Put the refusal of a request that took too long into the output.
    Refuse,
    /// Receive once, and drop it.
    Drop,
    /// Receive once, if there is room, and leave it for later.
    Keep,
    /// Say that nothing more will be sent (a half-close), and wait for the other end.
    Linger,
    /// Ask whoever brings the rest of the answer to say so.
    Listen,
    /// Take away all interest until the handler is done, or there is more to send.
    Pause,
    /// Deregister, close, free the slot.
    Close,
    /// Nothing: wait for the kernel, the handler, or the deadline.
    Wait,
    /// Nothing: this can't happen here, or was meant for the state before.
    Ignore,
}
// ANCHOR_END: state

// ANCHOR: next
/// The state after `event`, and what has to be done.
pub(crate) const fn next(state: State, event: Event) -> (State, Action) {
    use Action::{
        Close, Drop, Handle, Ignore, Keep, Linger, Listen, Parse, Pause, Receive,
        Refuse, Send, Wait,
    };
    use Event as E;
    use State::{Closed, Idle, Lingering, Reading, Running, Waiting, Writing};
    match state {
        Idle => match event {
            E::Readable => (Idle, Receive),
            E::Nothing => (Idle, Wait),
            E::Bytes => (Reading, Parse),
            E::End | E::Broken | E::Late | E::Stop => (Closed, Close),
            E::Writable | E::Empty | E::Part | E::Continue | E::Whole => {
                (Idle, Ignore)
            }
            E::Refused | E::Enough | E::Answered | E::Handed => (Idle, Ignore),
            E::Sent | E::SentLast | E::SentSome | E::Full => (Idle, Ignore),
            E::Waits | E::More => (Idle, Ignore),
        },
        Reading => match event {
            E::Readable => (Reading, Receive),
            E::Nothing | E::Part | E::Stop => (Reading, Wait),
            E::Bytes => (Reading, Parse),
            E::Empty => (Idle, Wait),
            E::Whole => (Running, Handle),
            E::Late => (Reading, Refuse),
            E::Refused => (Writing, Send),
            E::Continue => (Reading, Send),
            E::Sent => (Reading, Parse),
            // Nothing waits to be sent, but the rest of the buffer waits for its turn.
            E::SentSome | E::Full | E::Enough => (Writing, Wait),
            E::End | E::Broken => (Closed, Close),
            E::Writable | E::Answered | E::Handed => (Reading, Ignore),
            E::SentLast | E::Waits | E::More => (Reading, Ignore),
        },
        Running => match event {
            E::Answered => (Writing, Parse),
            E::Readable | E::Writable => (Running, Pause),
            E::Handed | E::Stop => (Running, Wait),
            E::Broken => (Closed, Close),
            E::Late | E::Bytes => (Running, Ignore),
            E::Nothing | E::End | E::Empty | E::Part => (Running, Ignore),
            E::Continue | E::Whole | E::Refused | E::Enough => (Running, Ignore),
            E::Sent | E::SentLast | E::SentSome | E::Full => (Running, Ignore),
            E::Waits | E::More => (Running, Ignore),
        },
        // ANCHOR: next_writing
        Writing => match event {
            E::Writable => (Writing, Send),
            E::Whole => (Running, Handle),
            E::Empty | E::Part | E::Continue => (Writing, Send),
            E::Refused | E::Enough => (Writing, Send),
            E::Sent => (Reading, Parse),
            E::SentLast => (Lingering, Linger),
            E::SentSome | E::Full | E::Stop => (Writing, Wait),
            E::Late | E::Broken => (Closed, Close),
            E::Readable | E::Bytes | E::Nothing | E::End => (Writing, Ignore),
            E::Answered | E::Handed | E::More => (Writing, Ignore),
            E::Waits => (Waiting, Listen),
        },
        // ANCHOR_END: next_writing
        // ANCHOR: next_waiting
        Waiting => match event {
            // At a stop what was brought until now is the end.
            E::More | E::Stop => (Writing, Send),
            // Bytes have to wait for the end of this answer, but behind them may be the end.
            E::Readable => (Waiting, Keep),
            E::Bytes | E::Nothing => (Waiting, Wait),
            E::Enough => (Waiting, Pause),
            E::End | E::Broken => (Closed, Close),
            E::Writable | E::Late => (Waiting, Ignore),
            E::Empty | E::Part | E::Continue => (Waiting, Ignore),
            E::Whole | E::Refused => (Waiting, Ignore),
            E::Answered | E::Handed | E::Waits => (Waiting, Ignore),
            E::Sent | E::SentLast | E::SentSome | E::Full => (Waiting, Ignore),
        },
        // ANCHOR_END: next_waiting
        Lingering => match event {
            E::Readable => (Lingering, Drop),
            E::Bytes | E::Nothing | E::Stop => (Lingering, Wait),
            E::End | E::Broken | E::Late => (Closed, Close),
            E::Writable | E::Empty | E::Part | E::Continue => (Lingering, Ignore),
            E::Whole | E::Refused | E::Enough => (Lingering, Ignore),
            E::Answered | E::Handed => (Lingering, Ignore),
            E::Sent | E::SentLast | E::SentSome | E::Full => (Lingering, Ignore),
            E::Waits | E::More => (Lingering, Ignore),
        },
        Closed => match event {
            E::Readable | E::Writable | E::Late | E::Stop => (Closed, Ignore),
            E::Broken | E::Bytes | E::Nothing | E::End => (Closed, Ignore),
            E::Empty | E::Part | E::Continue | E::Whole => (Closed, Ignore),
            E::Refused | E::Enough | E::Answered | E::Handed => (Closed, Ignore),
            E::Sent | E::SentLast | E::SentSome | E::Full => (Closed, Ignore),
            E::Waits | E::More => (Closed, Ignore),
        },
    }
}
// ANCHOR_END: next

// ANCHOR: step
/// What [`next`] and [`renews`] say of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(align(4))]
pub(crate) struct Step {
    pub(crate) after: State,
    pub(crate) action: Action,
    pub(crate) renews: bool,
}

/// What is said of every pair. There is nothing left to find out when the program runs, so
/// the compiler writes it down, and a step is a load. Rows are padded, for a shift is cheaper
/// than a product.
static STEPS: [[Step; EVENTS]; State::ALL.len()] = {
    let nothing = Step {
        after: State::Closed,
        action: Action::Ignore,
        renews: false,
    };
    let mut steps = [[nothing; EVENTS]; State::ALL.len()];
    let mut state = 0;
    while state < State::ALL.len() {
        let mut event = 0;
        while event < Event::ALL.len() {
            let (from, what) = (State::ALL[state], Event::ALL[event]);
            let (after, action) = next(from, what);
            steps[state][event] = Step {
                after,
                action,
                renews: renews(from, what, after),
            };
            event += 1;
        }
        state += 1;
    }
    steps
};

const EVENTS: usize = Event::ALL.len().next_power_of_two();

/// Looks up what follows.
#[inline(always)]
pub(crate) fn step(state: State, event: Event) -> Step {
    STEPS[state as usize][event as usize]
}
// ANCHOR_END: step

// ANCHOR: renews
/// Whether what has happened is progress: then the time that the connection is given begins
/// anew. Each byte of a request is not, or it could be sent one a second for ever.
const fn renews(state: State, event: Event, after: State) -> bool {
    match (state, event) {
        (State::Writing, Event::SentSome) | (State::Lingering, Event::Bytes) => true,
        _ => state as u8 != after as u8,
    }
}
// ANCHOR_END: renews

/// What the kernel is asked about a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interest {
    /// Whether it can be read.
    Read,
    /// Whether it can be written.
    Write,
    /// Nothing.
    None,
}

impl Event {
    /// All of them, in order.
    pub(crate) const ALL: [Self; 22] = [
        Self::Readable,
        Self::Writable,
        Self::Late,
        Self::Stop,
        Self::Broken,
        Self::Bytes,
        Self::Nothing,
        Self::End,
        Self::Empty,
        Self::Part,
        Self::Continue,
        Self::Whole,
        Self::Refused,
        Self::Enough,
        Self::Answered,
        Self::Handed,
        Self::Sent,
        Self::SentLast,
        Self::SentSome,
        Self::Full,
        Self::Waits,
        Self::More,
    ];
}

impl State {
    /// All of them, in order.
    pub(crate) const ALL: [Self; 7] = [
        Self::Idle,
        Self::Reading,
        Self::Running,
        Self::Writing,
        Self::Waiting,
        Self::Lingering,
        Self::Closed,
    ];

    // ANCHOR: follows
    /// What the kernel is asked while a connection waits in this state. `None`: whatever it
    /// was asked before.
    pub(crate) const fn interest(self) -> Option<Interest> {
        match self {
            Self::Idle | Self::Reading | Self::Waiting | Self::Lingering => {
                Some(Interest::Read)
            }
            Self::Running => None,
            Self::Writing => Some(Interest::Write),
            Self::Closed => Some(Interest::None),
        }
    }

    /// What it is waited for, and so for how long.
    pub(crate) const fn class(self) -> Option<Class> {
        match self {
            Self::Idle => Some(Class::Keepalive),
            Self::Reading => Some(Class::Request),
            Self::Writing => Some(Class::Write),
            Self::Lingering => Some(Class::Linger),
            Self::Running | Self::Waiting | Self::Closed => None,
        }
    }

    /// Whether it needs an exchange: from the first byte of a request to the last of its
    /// answer.
    pub(crate) const fn has_exchange(self) -> bool {
        match self {
            Self::Reading | Self::Running | Self::Writing | Self::Waiting => true,
            Self::Idle | Self::Lingering | Self::Closed => false,
        }
    }
    // ANCHOR_END: follows
}

#[cfg(test)]
mod tests;
