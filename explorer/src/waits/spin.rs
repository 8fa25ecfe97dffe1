//! A thread that waits in a loop: it must not go round for ever while nothing can change,
//! and each of its rounds must not count as a new state.
//!
//! ```text
//! while flag.load(Acquire) == 0 {      a look: it reads, and changes nothing
//!     hint::spin_loop();               the end of a round
//! }
//! ```
//!
//! At the end of a round the thread has *news* if something that it looked at is different
//! by now, if it read an old value, or if it changed something itself. With news it goes
//! round again, like any thread. Without, the next round would be like this one, so there
//! are two ways to go on, and both are tried:
//!
//! 1. It waits, `Spinning`, until a location that it has seen takes another value. That is
//!    all that a loop without an end of its own can do.
//! 2. It goes round *alone*, without a step of another thread in between, up to [`ROUNDS`]
//!    times: a loop that counts its rounds gives up some day. If it does not, it is known
//!    as endless from then on, and this thread is not asked again in that loop.
//!
//! If nobody else can go on, the second way is all that is left, and the thread is *forced*
//! to take it. A loop that does not end then makes the model stuck: a livelock.
//!
//! A round in which the thread was told the same as in the round before leaves no trace in
//! its history, so that one round and a thousand come to the same state.

use crate::digest::Digest;
use crate::execution::{
    Execution, Site, State, abandon_if_failed, suspend, turn, with,
};

/// Begins an operation that only looks: a thread that goes round a loop alone is not asked
/// whether another goes first.
pub(crate) fn glance(site: Site) {
    let alone = with(|execution| {
        let alone = execution.this().spin.retraces(site);
        if alone {
            execution.this().site = Some(site);
            execution.this().has_turn = false;
            execution.begin_step();
        }
        alone
    });
    if alone {
        abandon_if_failed();
    } else {
        turn(site);
    }
}

/// How many rounds of a loop a thread may go alone. A loop with an end that is further away
/// is taken for one without.
const ROUNDS: u16 = 5_000;

/// How often a thread may yield and go on all the same before another takes a step.
pub(crate) const YIELDS: u8 = 4;

/// Where a thread stands that waits in a loop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Spin {
    /// The locations that it has read since it last let others go first.
    seen: u64,
    /// It has also looked at something that is no location: a lock, a channel, whether
    /// another thread has ended.
    pub(super) seen_else: bool,
    /// One of them has changed since, or the thread has changed something itself.
    pub(super) news: bool,
    /// It goes round alone, for this many rounds more.
    rounds: u16,
    /// It does so because nobody else can go on.
    forced: bool,
    /// It did so, and its loop has no end.
    in_vain: bool,
    /// The same load at the same place, again and again: a loop that says nothing.
    echo: Echo,
    /// Where it has looked in this round, and in the one before.
    here: Places,
    before: Places,
    /// What it was told in this round.
    round: u64,
    last: Round,
}

/// An operation that was repeated: its place, its location, what it read, how many times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Echo {
    at: usize,
    location: usize,
    value: u64,
    times: u8,
}

/// The last round: where it ended, what was told in it, and the thread's history then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Round {
    at: usize,
    told: u64,
    history: u64,
}

/// The operations of one round, in order, if they are not too many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Places {
    places: [u32; 12],
    count: u8,
}

impl Places {
    fn get(&self, at: usize) -> Option<u32> {
        let known = usize::from(self.count).min(self.places.len());
        self.places[..known].get(at).copied()
    }

    fn push(&mut self, place: u32) {
        if let Some(slot) = self.places.get_mut(usize::from(self.count)) {
            *slot = place;
        }
        self.count = self.count.saturating_add(1);
    }
}

impl Spin {
    /// The thread looks at something, at `site`. Returns whether it goes round alone, and
    /// does what it did in the round before: else it has left the loop, and is a thread
    /// like any other.
    fn retraces(&mut self, site: Site) -> bool {
        let place = Digest::mix(0, std::ptr::from_ref(site) as u64) as u32;
        let same = self.before.get(self.here.count.into()) == Some(place);
        if !same {
            self.rounds = 0;
            self.forced = false;
        }
        self.here.push(place);
        self.rounds > 0
    }

    /// The thread is told something.
    pub(crate) fn hear(&mut self, value: u64) {
        self.round = Digest::mix(self.round, value);
    }

    /// The thread has gone round once more, to `site`: what is its history?
    ///
    /// A round in which it was told the very same as in the last one leaves it where it was,
    /// and leaves no trace. (If it counts its rounds, it will go on differently after enough
    /// of them; that is tried by letting it go round alone.)
    fn go_round(&mut self, site: Site, history: u64) -> u64 {
        let (at, round) = (std::ptr::from_ref(site) as usize, self.round);
        self.round = 0;
        self.before = std::mem::take(&mut self.here);
        if (self.last.at, self.last.told) != (at, round) {
            self.last = Round {
                at,
                told: round,
                history,
            };
        }
        self.last.history
    }

    /// Whether it is worth while to let the loop go round.
    pub(crate) fn may_end(&self) -> bool {
        !self.in_vain
    }

    /// Lets the loop go round, because nobody else can do anything.
    pub(crate) fn insist(&mut self) {
        self.rounds = ROUNDS;
        self.forced = true;
    }
}

/// The thread goes round in a loop, and says so.
///
/// If nothing has changed of what it saw, there are two ways to go on, and both are tried:
/// it waits until something does, or it goes round alone until its loop ends. (Some loops
/// give up after a few rounds.)
pub(crate) fn spin(site: Site) {
    // Who says so need not be recognised.
    with(|execution| execution.this().spin.echo = Default::default());
    spin_in_silence(site);
}

/// As [`spin`], for a loop of one operation that says nothing.
pub(crate) fn spin_in_silence(site: Site) {
    let goes_on = with(|execution| {
        let this = execution.this();
        this.site = Some(site);
        this.history = this.spin.go_round(site, this.history);
        let Spin {
            news,
            rounds,
            forced,
            ..
        } = this.spin;
        if !news && rounds > 1 {
            execution.this().spin.rounds -= 1;
            return true;
        }
        // The loop, and who goes round: another may go round it less often.
        let at = std::ptr::from_ref(site) as u64;
        let own_loop = Digest::mix(at, execution.at as u64) as usize;
        if !news && rounds == 1 {
            // The loop has no end of its own.
            if forced {
                execution.this().spin.in_vain = true;
            } else {
                // To wait for a change is the other alternative, and has been tried.
                execution.guide.prune_endless(own_loop);
            }
        } else if !news && !execution.this().spin.in_vain {
            let alone = execution.guide.choose_round(own_loop);
            execution.chose(usize::from(alone));
            if alone {
                execution.this().spin.rounds = ROUNDS;
                return true;
            }
        }
        // In the end every store is seen: a value may be old in one round, not in all.
        execution.see_all();
        let this = execution.this();
        this.spin.rounds = 0;
        this.yielded = true;
        this.in_a_row = (this.in_a_row + 1).min(YIELDS + 1);
        if !news {
            this.state = State::Spinning;
            execution.tell(site, |_| "spins: nothing has changed".to_owned());
        }
        execution.decide();
        let stays = execution.next == Some(execution.at);
        if stays {
            execution.next = None;
        }
        stays
    });
    if !goes_on {
        suspend();
    }
    abandon_if_failed();
    with(|execution| {
        let this = execution.this();
        let forced_just_now = this.spin.forced && this.spin.rounds == ROUNDS;
        if this.spin.rounds == 0 || forced_just_now {
            // The step is for what comes after the pause.
            this.has_turn = true;
            this.spin.seen = 0;
            this.spin.seen_else = false;
            this.spin.news = false;
        }
    });
}

impl Execution {
    /// Whether a thread goes round a loop alone: then it reads the newest values.
    pub(crate) fn is_alone(&self) -> bool {
        self.threads[self.at].spin.rounds > 0
    }

    /// Whether it has gone round for a while: then nobody wants to hear of each round.
    pub(crate) fn is_going_round(&self) -> bool {
        let rounds = self.threads[self.at].spin.rounds;
        rounds > 0 && rounds < ROUNDS - 1 && self.failure.is_none()
    }

    /// The thread that runs has read `value` from `location`, and changed nothing.
    pub(crate) fn looked(
        &mut self,
        location: usize,
        value: u64,
        old: bool,
        site: Site,
    ) {
        let spin = &mut self.this().spin;
        spin.seen |= 1 << location;
        spin.hear(location as u64);
        // What was old may be newer next time.
        spin.news |= old;
        let at = std::ptr::from_ref(site) as usize;
        let echo = &mut spin.echo;
        if (echo.at, echo.location, echo.value) == (at, location, value) {
            echo.times = echo.times.saturating_add(1);
        } else {
            let times = 1;
            *echo = Echo {
                at,
                location,
                value,
                times,
            };
        }
    }

    /// Whether the last operations of the thread were this one, again and again.
    pub(crate) fn is_echo(&self, location: usize, site: Site) -> bool {
        let echo = &self.threads[self.at].spin.echo;
        let at = std::ptr::from_ref(site) as usize;
        (echo.at, echo.location) == (at, location) && echo.times >= 3
    }

    /// The thread that runs does something other than look.
    pub(crate) fn acted(&mut self) {
        let spin = &mut self.this().spin;
        // A round with a deed in it is not like the one before.
        spin.news = true;
        spin.rounds = 0;
        spin.forced = false;
        spin.in_vain = false;
        spin.echo = Default::default();
        spin.last = Default::default();
    }

    /// The newest value of `location` is another now: news for those who saw it.
    pub(crate) fn changed(&mut self, location: usize) {
        let at = self.at;
        for thread in 0..self.threads.len() {
            let it = &mut self.threads[thread];
            if thread != at && it.spin.seen >> location & 1 == 0 {
                continue;
            }
            it.spin.news = true;
            it.spin.in_vain = false;
            if it.state == State::Spinning {
                it.state = State::Ready;
                // In the end every store is seen.
                self.memory.catch_up(thread, location);
            }
        }
    }

    /// The thread that runs has seen the newest value of all that it looked at.
    fn see_all(&mut self) {
        let (at, seen) = (self.at, self.this().spin.seen);
        for location in (0..self.memory.locations()).filter(|it| seen >> it & 1 == 1)
        {
            self.memory.catch_up(at, location);
        }
    }
}
