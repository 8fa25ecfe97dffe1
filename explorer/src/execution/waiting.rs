//! Everything that a thread can wait for: a lock, a queue, the kernel's futex, another
//! thread's end, a moment in time - and a value in a loop.

use std::time::Duration;

use super::objects::{Tag, What, place};
use super::run::{abandon, abandon_if_failed, point, suspend, turn, with};
use super::{Execution, On, Site, Spurious, State};
use crate::failure::Kind;
use crate::memory::{Digest, Parcel};

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Woken {
    Notified,
    TimedOut,
    Spurious,
}

/// How a lock is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Mode {
    Shared,
    Exclusive,
}

/// A lock that one thread may hold, or several that only read.
#[derive(Debug, Hash)]
pub(super) struct LockState {
    holders: Vec<usize>,
    mode: Mode,
    /// What those knew who held it last: exclusively, and shared.
    parcels: [Parcel; 2],
    /// A hash of what the last exclusive holder knew.
    content: u64,
}

impl LockState {
    pub(super) fn new(parcels: [Parcel; 2], content: u64) -> Self {
        Self {
            holders: Vec::new(),
            mode: Mode::Shared,
            parcels,
            content,
        }
    }

    fn is_free(&self, mode: Mode) -> bool {
        self.holders.is_empty() || mode == Mode::Shared && self.mode == Mode::Shared
    }
}

/// Threads that sleep until somebody wakes them.
#[derive(Debug, Default)]
pub(super) struct QueueState {
    /// Where somebody was to be woken, and nobody slept.
    pub(super) in_vain: Option<Site>,
}

/// Hands out exclusive or shared access, and the knowledge that goes with it.
#[derive(Debug, Default)]
pub(crate) struct Lock(Tag);

impl Lock {
    /// Makes a lock; inside a model it is registered at `site`.
    #[track_caller]
    pub(crate) fn new() -> Self {
        let tag = Tag::new();
        register(&tag, What::Lock);
        Self(tag)
    }

    pub(crate) fn set_name(&self, name: &'static str) {
        name_it(&self.0, What::Lock, name);
    }

    /// Waits until the lock is free for `mode`, and takes it.
    pub(crate) fn acquire(&self, mode: Mode, site: Site) {
        point(site);
        let free = with(|execution| {
            let lock = self.index(execution, site)?;
            Some((lock, execution.objects.locks[lock].is_free(mode)))
        });
        let Some((lock, free)) = free else { abandon() };
        if !free {
            with(|execution| {
                execution.tell(site, |it| {
                    let (name, holder) = (it.lock_name(lock), it.holders(lock));
                    format!("waits for {name}, held by {holder}")
                });
            });
            block(On::Lock(lock, mode), None, site);
        }
        with(|execution| execution.take_lock(lock, mode, site));
    }

    /// Takes the lock if it is free for `mode`.
    pub(crate) fn try_acquire(&self, mode: Mode, site: Site) -> bool {
        point(site);
        let taken = with(|execution| {
            let lock = self.index(execution, site)?;
            let free = execution.objects.locks[lock].is_free(mode);
            execution.note(u64::from(free));
            if free {
                execution.take_lock(lock, mode, site);
            } else {
                execution.tell(site, |it| {
                    let (name, holder) = (it.lock_name(lock), it.holders(lock));
                    format!("finds {name} held by {holder}")
                });
            }
            Some(free)
        });
        taken.unwrap_or_else(|| abandon())
    }

    /// Gives the lock back.
    pub(crate) fn release(&self, site: Site) {
        point(site);
        with(|execution| {
            let lock = self.index(execution, site)?;
            execution.release_lock(lock, site);
            Some(())
        })
        .unwrap_or_else(|| abandon());
    }

    fn index(&self, execution: &mut Execution, site: Site) -> Option<usize> {
        let object = execution.object(&self.0, What::Lock, site)?;
        Some(execution.index(object))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        retire(&self.0, What::Lock);
    }
}

/// A place to sleep, and to be woken.
#[derive(Debug, Default)]
pub(crate) struct Queue(Tag);

impl Queue {
    /// Makes a queue; inside a model it is registered at `site`.
    #[track_caller]
    pub(crate) fn new() -> Self {
        let tag = Tag::new();
        register(&tag, What::Queue);
        Self(tag)
    }

    pub(crate) fn set_name(&self, name: &'static str) {
        name_it(&self.0, What::Queue, name);
    }

    /// Gives `lock` back, if there is one, and sleeps, both in one step. The caller takes
    /// the lock again afterwards.
    pub(crate) fn wait(
        &self,
        lock: Option<&Lock>,
        deadline: Option<Duration>,
        site: Site,
    ) -> Woken {
        point(site);
        let queue = with(|execution| {
            let queue = self.index(execution, site)?;
            if let Some(lock) = lock {
                let lock = lock.index(execution, site)?;
                execution.release_lock(lock, site);
            }
            Some((queue, execution.is_spurious(Spurious::WakeUp)))
        });
        let Some((queue, spurious)) = queue else {
            abandon()
        };
        with(|execution| {
            execution.note(u64::from(spurious));
            execution.tell(site, |it| {
                let name = it.queue_name(queue);
                let how = if spurious {
                    "wakes for no reason"
                } else {
                    "sleeps"
                };
                format!("{how} in wait({name})")
            });
        });
        if spurious {
            return Woken::Spurious;
        }
        block(On::Queue(queue), deadline, site)
    }

    /// Wakes up to `most` of those that sleep, any of them; returns how many.
    pub(crate) fn notify(&self, most: usize, site: Site) -> usize {
        point(site);
        let woken = with(|execution| {
            let queue = self.index(execution, site)?;
            let woken = execution.wake(On::Queue(queue), most);
            if woken == 0 {
                execution.objects.queues[queue].in_vain = Some(site);
            }
            execution.tell(site, |it| {
                let name = it.queue_name(queue);
                if woken == 0 {
                    format!("notify({name}): nobody sleeps")
                } else {
                    format!("notify({name}) wakes {woken}")
                }
            });
            Some(woken)
        });
        woken.unwrap_or_else(|| abandon())
    }

    fn index(&self, execution: &mut Execution, site: Site) -> Option<usize> {
        let object = execution.object(&self.0, What::Queue, site)?;
        Some(execution.index(object))
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        retire(&self.0, What::Queue);
    }
}

/// Registers an object that is being made, if a model makes it.
#[track_caller]
pub(crate) fn register(tag: &Tag, what: What) {
    let site = std::panic::Location::caller();
    if super::is_active() && with(|e| e.register(tag, what, Some(site))).is_none() {
        abandon();
    }
}

/// Notes that an object is dropped, if a model drops it.
pub(crate) fn retire(tag: &Tag, what: What) {
    if super::is_active() && !with(|execution| execution.retire(tag, what)) {
        abandon();
    }
}

/// Notes that one of several owners goes, if a model drops it.
pub(crate) fn owner_leaves(tag: &Tag, last: bool) {
    if !with(|execution| execution.leave(tag, last)) {
        abandon();
    }
}

/// Calls an object by a name in reports, if a model asks for it.
#[track_caller]
pub(crate) fn name_it(tag: &Tag, what: What, name: &'static str) {
    let site = std::panic::Location::caller();
    if super::is_active() {
        with(|execution| {
            if let Some(object) = execution.object(tag, what, site) {
                execution.set_name(object, name);
            }
        });
    }
}

/// Lets the others run until `on` is there, or the deadline passes.
fn block(on: On, deadline: Option<Duration>, site: Site) -> Woken {
    let elsewhere = with(|execution| {
        let this = execution.this();
        this.site = Some(site);
        this.has_turn = false;
        this.state = State::Blocked(on);
        this.deadline = deadline;
        this.woken = Woken::Notified;
        execution.decide();
        // It may be that only time passes, and that it is this thread's again.
        if execution.next == Some(execution.at) {
            execution.next = None;
            return false;
        }
        true
    });
    if elsewhere {
        suspend();
    }
    abandon_if_failed();
    with(|execution| {
        execution.begin_step();
        let this = execution.this();
        this.deadline = None;
        let woken = this.woken;
        execution.note(woken as u64);
        if woken == Woken::TimedOut {
            execution.tell(site, |_| "times out".to_owned());
        }
        woken
    })
}

/// Begins an operation that only looks: a thread that goes round a loop alone is not asked
/// whether another goes first.
pub(crate) fn glance(site: Site) {
    let alone = with(|execution| {
        let alone = execution.this().spin.rounds > 0;
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

/// Waits until `thread` has ended; returns whether it did so by a panic.
pub(crate) fn join(thread: usize, site: Site) -> bool {
    let ended = with(|execution| execution.threads[thread].state == State::Done);
    if !ended {
        with(|execution| {
            let name = execution.thread_name(thread);
            execution.tell(site, |_| format!("joins {name}"));
        });
        block(On::Join(thread), None, site);
        with(|execution| {
            let name = execution.thread_name(thread);
            execution.tell(site, |_| format!("goes on: {name} has ended"));
        });
    }
    with(|execution| {
        let at = execution.at;
        execution.memory.collect_from(at, thread);
        let history = std::mem::take(&mut execution.threads[thread].history);
        execution.note(history);
        let panic = execution.threads[thread].panic.take();
        let panicked = panic.is_some();
        execution.threads[thread].joined_panic = panic;
        panicked
    })
}

/// The model's clock: it moves when a deadline passes.
pub(crate) fn now() -> Duration {
    with(|execution| {
        let now = execution.now;
        execution.note(now.as_nanos() as u64);
        now
    })
}

/// Sleeps for `time`.
pub(crate) fn sleep(time: Duration, site: Site) {
    point(site);
    let deadline = with(|execution| execution.now.saturating_add(time));
    block(On::Time, Some(deadline), site);
}

/// Sleeps if the atomic holds `expected`. That is one step, as the kernel looks and goes to
/// sleep under one lock.
pub(crate) fn futex_wait(
    atomic: usize,
    expected: u32,
    deadline: Option<Duration>,
    site: Site,
) -> Woken {
    let (location, now) = with(|execution| {
        let (at, location) = (execution.at, execution.index(atomic));
        execution.memory.catch_up(at, location);
        let value = execution
            .memory
            .value(location, execution.memory.newest(location));
        execution.note(value);
        let mut now = None;
        if value != u64::from(expected) {
            now = Some(Woken::Notified);
        } else if execution.is_spurious(Spurious::WakeUp) {
            execution.note(1);
            now = Some(Woken::Spurious);
        }
        execution.tell(site, |it| {
            let name = it.name(atomic);
            match now {
                None => format!("wait({name} == {expected}) sleeps"),
                Some(Woken::Spurious) => {
                    format!("wait({name} == {expected}) returns for no reason")
                }
                Some(_) => {
                    format!("wait({name} == {expected}) returns: it is {value}")
                }
            }
        });
        (location, now)
    });
    now.unwrap_or_else(|| {
        let woken = block(On::Futex(location, expected), deadline, site);
        with(|execution| execution.memory.catch_up(execution.at, location));
        woken
    })
}

/// Wakes up to `most` of those that sleep on the atomic, any of them; returns how many.
pub(crate) fn futex_wake(atomic: usize, most: usize, site: Site) -> usize {
    with(|execution| {
        let location = execution.index(atomic);
        let woken = execution.wake(On::Futex(location, 0), most);
        execution.tell(site, |it| {
            let name = it.name(atomic);
            match woken {
                0 => format!("wake({name}): nobody sleeps"),
                _ => format!("wake({name}) wakes {woken}"),
            }
        });
        woken
    })
}

/// Takes the token that an `unpark` has left, or sleeps until one does.
pub(crate) fn park(deadline: Option<Duration>, site: Site) {
    point(site);
    let sleeps = with(|execution| {
        let token = std::mem::take(&mut execution.this().token);
        execution.note(u64::from(token));
        let spurious = !token && execution.is_spurious(Spurious::WakeUp);
        execution.note(u64::from(spurious));
        execution.tell(site, |_| {
            let how = match (token, spurious) {
                (true, _) => "park returns: the token was there",
                (false, true) => "park returns for no reason",
                (false, false) => "park sleeps",
            };
            how.to_owned()
        });
        !token && !spurious
    });
    if sleeps {
        block(On::Token, deadline, site);
        with(|execution| execution.this().token = false);
    }
    with(|execution| {
        let (at, parcel) = (execution.at, execution.this().parcel);
        execution.memory.collect(at, parcel);
    });
}

/// Leaves `thread` the token that its `park` waits for.
pub(crate) fn unpark(thread: usize, site: Site) {
    point(site);
    with(|execution| {
        let (at, parcel) = (execution.at, execution.threads[thread].parcel);
        execution.memory.deposit(at, parcel);
        execution.threads[thread].token = true;
        if execution.threads[thread].state == State::Blocked(On::Token) {
            execution.threads[thread].state = State::Ready;
        }
        let name = execution.thread_name(thread);
        execution.tell(site, |_| format!("unparks {name}"));
    });
}

/// How many rounds of a loop a thread may go alone. A loop with an end that is further away
/// is taken for one without.
const ROUNDS: u16 = 128;

/// Where a thread stands that waits in a loop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Spin {
    /// The locations that it has read since it last let others go first.
    seen: u64,
    /// One of them has changed since, or the thread has changed something itself.
    news: bool,
    /// It goes round alone, for this many rounds more.
    rounds: u16,
    /// Nobody else can go on: if the loop has no end, that is a livelock.
    forced: bool,
    /// The same load at the same place, again and again: a loop that says nothing.
    echo: (usize, usize, u64, u8),
    /// What it was told in this round.
    round: u64,
    /// Where the last round ended, what was told in it, and the thread's history then.
    last: (usize, u64, u64),
}

impl Spin {
    /// The thread is told something.
    pub(super) fn hear(&mut self, value: u64) {
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
        if (self.last.0, self.last.1) != (at, round) {
            self.last = (at, round, history);
        }
        self.last.2
    }

    /// Lets the loop go round, because nobody else can do anything.
    pub(super) fn insist(&mut self) {
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
        execution.this().site = Some(site);
        let Spin {
            news,
            rounds,
            forced,
            ..
        } = execution.this().spin;
        if !news && rounds > 1 {
            execution.this().spin.rounds -= 1;
            return true;
        }
        if !news && rounds == 1 {
            // The loop has no end of its own.
            if forced {
                execution.goes_round(site);
            } else {
                // To wait for a change is the other alternative, and has been tried.
                execution.guide.prune();
            }
        } else if !news && execution.choose(2) == 1 {
            execution.this().spin.rounds = ROUNDS;
            return true;
        }
        // In the end every store is seen: a value may be old in one round, not in all.
        execution.see_all();
        let this = execution.this();
        this.spin.rounds = 0;
        this.yielded = true;
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
        if this.spin.rounds == 0 || this.spin.forced && this.spin.rounds == ROUNDS {
            // The step is for what comes after the pause.
            this.has_turn = true;
            this.spin.seen = 0;
            this.spin.news = false;
        }
    });
}

impl Execution {
    /// Whether anybody wants to know what happens.
    pub(crate) fn is_watched(&self) -> bool {
        self.record.is_some() || self.graph.is_some()
    }

    /// Whether a thread goes round a loop alone: then it reads the newest values.
    pub(crate) fn is_alone(&self) -> bool {
        self.threads[self.at].spin.rounds > 0
    }

    /// Whether it has gone round for a while: then nobody wants to hear of each round.
    pub(super) fn is_going_round(&self) -> bool {
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
        let (at, place) = (std::ptr::from_ref(site) as usize, location);
        let again =
            spin.echo.0 == at && spin.echo.1 == place && spin.echo.2 == value;
        let times = if again {
            spin.echo.3.saturating_add(1)
        } else {
            1
        };
        spin.echo = (at, place, value, times);
    }

    /// Whether the last operations of the thread were this one, again and again.
    pub(crate) fn is_echo(&self, location: usize, site: Site) -> bool {
        let (at, place, _, times) = self.threads[self.at].spin.echo;
        at == std::ptr::from_ref(site) as usize && place == location && times >= 3
    }

    /// The thread that runs does something other than look.
    pub(crate) fn acted(&mut self) {
        let spin = &mut self.this().spin;
        spin.rounds = 0;
        spin.forced = false;
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

    fn goes_round(&mut self, site: Site) {
        let who = self.thread_name(self.at);
        let others = self.others_waiting(self.at);
        let sentence = format!(
            "{who} goes round a loop at {}, and nobody will change what it waits for{others}",
            place(Some(site))
        );
        self.fail(Kind::Livelock, sentence, Some(site));
    }

    /// Whether what a thread waits for is there by now, without anybody waking it.
    pub(super) fn is_free(&self, on: On) -> bool {
        match on {
            On::Lock(lock, mode) => self.objects.locks[lock].is_free(mode),
            On::Join(thread) => self.threads[thread].state == State::Done,
            On::Futex(..) | On::Queue(_) | On::Token | On::Time => false,
        }
    }

    /// The deadline of `thread` has passed.
    pub(super) fn time_out(&mut self, thread: usize) {
        let it = &mut self.threads[thread];
        it.woken = Woken::TimedOut;
        it.timeouts = it.timeouts.saturating_add(1);
        self.now = self.now.max(it.deadline.unwrap_or_default());
    }

    /// Wakes up to `most` threads that sleep on `on`: which of them is a choice.
    fn wake(&mut self, on: On, most: usize) -> usize {
        let sleeps = |state: State| match (state, on) {
            (State::Blocked(On::Futex(one, _)), On::Futex(other, _)) => one == other,
            (State::Blocked(On::Queue(one)), On::Queue(other)) => one == other,
            _ => false,
        };
        let threads = 0..self.threads.len();
        let mut sleepers: Vec<usize> = threads
            .filter(|&thread| sleeps(self.threads[thread].state))
            .collect();
        let mut woken = 0;
        while woken < most && !sleepers.is_empty() {
            let all = sleepers.len() <= most - woken;
            let which = if all { 0 } else { self.choose(sleepers.len()) };
            let thread = sleepers.remove(which);
            self.threads[thread].state = State::Ready;
            woken += 1;
        }
        self.note(woken as u64);
        woken
    }

    fn take_lock(&mut self, lock: usize, mode: Mode, site: Site) {
        let at = self.at;
        let state = &mut self.objects.locks[lock];
        state.mode = mode;
        state.holders.push(at);
        let [exclusive, shared] = state.parcels;
        let content = state.content;
        self.memory.collect(at, exclusive);
        if mode == Mode::Exclusive {
            self.memory.collect(at, shared);
        }
        self.note(content);
        self.tell(site, |it| {
            let name = it.lock_name(lock);
            match mode {
                Mode::Exclusive => format!("locks {name}"),
                Mode::Shared => format!("locks {name} to read"),
            }
        });
    }

    fn release_lock(&mut self, lock: usize, site: Site) {
        let (at, history) = (self.at, self.this().history);
        let state = &mut self.objects.locks[lock];
        if let Some(mine) = state.holders.iter().position(|&holder| holder == at) {
            state.holders.swap_remove(mine);
        } else {
            // A guard that was moved to another thread.
            state.holders.pop();
        }
        let exclusive = state.mode == Mode::Exclusive;
        if exclusive {
            state.content = history;
        }
        let parcel = state.parcels[usize::from(!exclusive)];
        self.memory.deposit(at, parcel);
        self.tell(site, |it| format!("unlocks {}", it.lock_name(lock)));
    }

    pub(super) fn lock_name(&self, lock: usize) -> String {
        self.name(self.object_at(lock, |what| *what == What::Lock))
    }

    pub(super) fn queue_name(&self, queue: usize) -> String {
        self.name(self.object_at(queue, |what| *what == What::Queue))
    }

    /// Who holds a lock.
    pub(super) fn holders(&self, lock: usize) -> String {
        let holders = &self.objects.locks[lock].holders;
        let names: Vec<_> = holders
            .iter()
            .map(|&thread| self.thread_name(thread))
            .collect();
        names.join(" and ")
    }
}
