//! Everything that a thread can wait for: a lock, a queue, the kernel's futex, another
//! thread's end, a moment in time - and a value in a loop.

mod futex;
mod locks;
mod moment;
mod spin;
mod stuck;

use std::time::Duration;

pub(crate) use futex::{futex_wait, futex_wake};
pub(crate) use locks::{Lock, LockState, Mode, Queue, QueueState};
pub(crate) use moment::{last_site, owner_learns};
pub(crate) use spin::{Spin, YIELDS, glance, spin, spin_in_silence};

use crate::execution::{
    Execution, On, Site, State, abandon, abandon_if_failed, is_active, point,
    suspend, with,
};
use crate::objects::{Tag, What};

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Woken {
    Notified,
    TimedOut,
    Spurious,
}

/// Spurious wake-ups are on while there are at most this many threads.
const SPURIOUS_THREADS: usize = 3;

/// What may happen for no reason.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Spurious {
    /// A wait returns although nobody woke it.
    WakeUp,
    /// A weak compare-exchange fails although it read what was expected.
    Failure,
}

impl Execution {
    /// Whether something may happen for no reason, once a thread, and happens.
    pub(crate) fn is_spurious(&mut self, what: Spurious) -> bool {
        let few = self.threads.len() <= SPURIOUS_THREADS;
        let allowed = self.limits.spurious.unwrap_or(few) && !self.guide.is_pruned();
        if !allowed || self.this().spurious[what as usize] {
            return false;
        }
        let happens = if self.limits.for_reasons_only {
            self.do_without(2)
        } else {
            self.choose(2)
        };
        if happens == 0 {
            return false;
        }
        self.trouble.for_no_reason = true;
        self.this().spurious[what as usize] = true;
        true
    }
}

/// Registers an object that is being made, if a model makes it.
#[track_caller]
pub(crate) fn register(tag: &Tag, what: What) {
    let site = std::panic::Location::caller();
    if is_active() && with(|e| e.register(tag, what, Some(site))).is_none() {
        abandon();
    }
}

/// Notes that an object is dropped, if a model drops it.
pub(crate) fn retire(tag: &Tag, what: What) {
    if is_active() && !with(|execution| execution.retire(tag, what)) {
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
    if is_active() {
        with(|execution| {
            if let Some(object) = execution.object(tag, what, site) {
                execution.set_name(object, name);
            }
        });
    }
}

/// A deadline that is further away never passes: it is more seconds than a clock counts.
pub(crate) const FOREVER: Duration = Duration::from_secs(i64::MAX as u64);

/// Lets the others run until `on` is there, or the deadline passes.
fn block(on: On, deadline: Option<Duration>, site: Site) -> Woken {
    let elsewhere = with(|execution| {
        let this = execution.this();
        this.site = Some(site);
        this.has_turn = false;
        this.state = State::Blocked(on);
        this.deadline = deadline.filter(|&it| it < FOREVER);
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
        let this = execution.this();
        this.deadline = None;
        let woken = this.woken;
        // Who waits for a lock or for the end of a thread cannot tell whether it had to.
        if matches!(on, On::Lock(..) | On::Join(_)) {
            execution.count_step();
        } else {
            execution.begin_step();
            execution.note(woken as u64);
        }
        match (woken, on) {
            (Woken::TimedOut, _) => execution.tell(site, |_| "times out".to_owned()),
            (_, On::Futex(..) | On::Queue(_) | On::Token) => {
                execution.tell(site, |_| "wakes up".to_owned());
            }
            _ => {}
        }
        woken
    })
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

impl Execution {
    /// Whether what a thread waits for is there by now, without anybody waking it.
    pub(crate) fn is_free(&self, on: On) -> bool {
        match on {
            On::Lock(lock, mode) => {
                let last = mode == Mode::Behind && self.has_waiting_writer(lock);
                self.objects.locks[lock].is_free(mode) && !last
            }
            On::Join(thread) => self.threads[thread].state == State::Done,
            On::Futex(..) | On::Queue(_) | On::Token | On::Time => false,
        }
    }

    /// The deadline of `thread` has passed.
    pub(crate) fn time_out(&mut self, thread: usize) {
        let it = &mut self.threads[thread];
        it.woken = Woken::TimedOut;
        it.timeouts = it.timeouts.saturating_add(1);
        // A clock that has reached a deadline is past it when it is read.
        let deadline = it.deadline.unwrap_or_default();
        let past = deadline.saturating_add(Duration::from_nanos(1));
        self.now = self.now.max(past);
    }

    /// Wakes up to `most` threads that sleep on `on`: which of them is a choice.
    fn wake(&mut self, on: On, most: usize) -> Vec<usize> {
        let sleeps = |state: State| match (state, on) {
            (State::Blocked(On::Futex(one, _)), On::Futex(other, _)) => one == other,
            (State::Blocked(On::Queue(one)), On::Queue(other)) => one == other,
            _ => false,
        };
        let threads = 0..self.threads.len();
        let mut sleepers: Vec<usize> = threads
            .filter(|&thread| sleeps(self.threads[thread].state))
            .collect();
        let mut woken = Vec::new();
        while woken.len() < most && !sleepers.is_empty() {
            let all = sleepers.len() <= most - woken.len();
            let which = if all { 0 } else { self.choose(sleepers.len()) };
            let thread = sleepers.remove(which);
            self.threads[thread].state = State::Ready;
            woken.push(thread);
        }
        self.note(woken.len() as u64);
        woken
    }
}
