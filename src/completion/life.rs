//! The life of a completion, and what follows from whatever happens to it: one table.
//!
//! An operation is a question that somebody else answers. [`Life`] says who has it: nobody,
//! the loop that has not asked yet, somebody who will answer, the loop that has not passed
//! the answer on. Nothing here asks or answers anything: [`next`] takes a state and an event,
//! and says the state after it and what has to be done. So each pair can be looked at by a
//! test, and the table in `life.md` (below, and on the module's page) and the picture in the
//! book are drawn by walking through it.
//!
//! | state | who has it | a cancel finds |
//! |---|---|---|
//! | `Dead` | nobody | nothing |
//! | `Queued` | the loop | it has not begun: it never will |
//! | `InFlight` | the kernel, a pool thread, the heap, another thread | whoever has it is asked to give it back |
//! | `Done` | the loop, with the result | too late |

/// Where an operation is in its life.
///
/// | state | meaning | its buffer is |
/// |---|---|---|
/// | `Dead` | it has ended, or there was never one | yours |
/// | `Queued` | submitted, and not handed over yet | the loop's |
/// | `InFlight` | somebody else says when it is done: the kernel, a thread, the clock | theirs |
/// | `Done` | the result is there, and the callback was not called yet, or runs now | the loop's, then the callback's |
///
/// ```
/// use std::time::Duration;
/// use threadbare::completion::{Life, Loop, Next, Run};
///
/// let mut completions = Loop::new()?;
/// let (one, hour) = (Duration::ZERO, Duration::from_secs(3600));
/// let timer = completions.timer(hour, 0, |_, _, _| Next::Disarm);
/// completions.timer(one, timer.to_word(), |completions, _, finished| {
///     let timer = threadbare::completion::Completion::from_word(finished.user);
///     assert_eq!(completions.life(finished.completion), Life::Done);
///     assert_eq!(completions.life(timer), Life::InFlight);
///     Next::Disarm
/// });
/// assert_eq!(completions.life(timer), Life::Queued);
/// completions.run(&mut (), Run::Once)?;
/// # Ok::<(), std::io::Error>(())
/// ```
// ANCHOR: life
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Life {
    /// There is no such operation, or there is none any more.
    Dead,
    /// Only the loop knows of it.
    Queued,
    /// Somebody else has it, and will tell.
    InFlight,
    /// It has its result, and the callback does not know it yet.
    Done,
}

/// What can happen to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// The program asks for it.
    Submit,
    /// The loop hands it over to whoever does it.
    HandOver,
    /// Its result has come, be it an error.
    Result,
    /// A cancel.
    Cancel,
    /// The callback has answered `Rearm`.
    Rearm,
    /// The callback has answered `Disarm`, or was told that it is over.
    Disarm,
}

/// What has to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Put it at the end of the queue.
    Queue,
    /// Nothing: somebody else has it.
    Wait,
    /// Call back.
    Call,
    /// Take it out of the queue, and say that it is cancelled.
    Withdraw,
    /// Ask whoever has it for it. Its result comes from there.
    Ask,
    /// Remember the cancel: it is answered after the callback.
    Remember,
    /// Answer the cancels, give back the place in the descriptor, free the slot.
    Retire,
    /// Answer at once that there is nothing.
    Refuse,
    /// Nothing: this can't happen here, or comes too late.
    Ignore,
}
// ANCHOR_END: life

// ANCHOR: next
/// The state after `event`, and what has to be done.
pub(crate) const fn next(life: Life, event: Event) -> (Life, Action) {
    use Action::{
        Ask, Call, Ignore, Queue, Refuse, Remember, Retire, Wait, Withdraw,
    };
    use Life::{Dead, Done, InFlight, Queued};
    match life {
        Dead => match event {
            Event::Submit => (Queued, Queue),
            Event::Cancel => (Dead, Refuse),
            Event::HandOver | Event::Result => (Dead, Ignore),
            Event::Rearm | Event::Disarm => (Dead, Ignore),
        },
        Queued => match event {
            Event::HandOver => (InFlight, Wait),
            Event::Result => (Done, Call),
            Event::Cancel => (Done, Withdraw),
            Event::Submit | Event::Rearm | Event::Disarm => (Queued, Ignore),
        },
        InFlight => match event {
            Event::Result => (Done, Call),
            Event::Cancel => (InFlight, Ask),
            Event::Submit | Event::HandOver => (InFlight, Ignore),
            Event::Rearm | Event::Disarm => (InFlight, Ignore),
        },
        Done => match event {
            Event::Rearm => (Queued, Queue),
            Event::Disarm => (Dead, Retire),
            Event::Cancel => (Done, Remember),
            Event::Submit | Event::HandOver | Event::Result => (Done, Ignore),
        },
    }
}
// ANCHOR_END: next

impl Life {
    /// All of them, in order.
    #[cfg(test)]
    const ALL: [Self; 4] = [Self::Dead, Self::Queued, Self::InFlight, Self::Done];
}

impl Event {
    /// All of them, in order.
    #[cfg(test)]
    const ALL: [Self; 6] = [
        Self::Submit,
        Self::HandOver,
        Self::Result,
        Self::Cancel,
        Self::Rearm,
        Self::Disarm,
    ];
}

#[cfg(test)]
mod tests;
