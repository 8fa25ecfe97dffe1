//! How workers go to sleep, and how they are called when there is work.
//!
//! Each worker has a bed: a word of its own on which it sleeps, so that whoever waits for a
//! latch can be woken, and nobody else. The protocol, its steps by number and the reason why
//! no wake-up is lost are in `README.md`, beside this file.

use crossbeam_utils::CachePadded;

use super::fence::{heavy, light};
use super::state::{Seen, State};
use crate::ground::Named as _;
use crate::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};
use crate::ground::futex;
use crate::ground::time::{Duration, Instant};

/// The worker is not in bed.
const AWAKE: u32 = 0;
/// It sleeps, or is about to. Whoever changes this takes it out of `idle`.
const ASLEEP: u32 = 1;
/// Somebody has called it because there is work: it is the waking thread.
const CALLED: u32 = 2;

/// How long a worker naps before it goes to sleep for good.
///
/// [`heavy`] interrupts all cores on which the process runs. While there is work now and then,
/// most sleeps are short, and end by a call; they need not pay for it. So a worker that has
/// announced its sleep looks again without a barrier, and may miss what was just pushed: by
/// as long as this, at most, for after that it looks as it should. (Not in a model, in which
/// no time passes: there a nap is nothing but a moment between two steps.)
const NAP: Duration = Duration::from_micros(if cfg!(test) { 0 } else { 200 });

/// What is around the beds: where work may lie, and where more workers come from.
pub(super) trait Surroundings {
    /// Whether there is a job in any queue.
    fn has_work(&self) -> bool;
    /// Starts a thread, which is the waking thread then. `false` if there is no room for it,
    /// or the system has none.
    fn start_thread(&self) -> bool;
}

/// How a worker got up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Up {
    /// It is the waking thread.
    pub(super) waking: bool,
    /// Its time was up, and nothing else.
    pub(super) timed_out: bool,
}

/// The state word, and a bed for each worker.
pub(super) struct Sleep {
    state: CachePadded<State>,
    beds: Box<[CachePadded<AtomicU32>]>,
}

impl Sleep {
    /// For at most `threads` workers.
    pub(super) fn new(threads: usize) -> Self {
        let bed = |_| CachePadded::new(AtomicU32::new(AWAKE).named("bed"));
        Self {
            state: CachePadded::new(State::new()),
            beds: (0..threads).map(bed).collect(),
        }
    }

    pub(super) fn state(&self) -> &State {
        &self.state
    }

    #[inline]
    pub(super) fn look(&self) -> Seen {
        self.state.look()
    }

    // ANCHOR: notify
    /// There is a job that was not there before. Calls a worker, unless all are awake, or
    /// there is a waking thread.
    #[inline]
    pub(super) fn notify(&self, pool: &impl Surroundings) {
        light();
        let seen = self.look();
        let anybody = seen.idle() > 0 || seen.spawned() < self.beds.len();
        if anybody && !seen.is_notified() {
            self.call_for_work(pool);
        }
    }

    #[cold]
    fn call_for_work(&self, pool: &impl Surroundings) {
        while self.state.notify() {
            if self.call_one(pool) {
                return;
            }
            // Everybody is awake, or about to be. But others may have pushed and left
            // meanwhile, because they saw `notified`, and a worker may sleep beside that.
            self.state.unnotify();
            heavy();
            if !self.is_anyone_asleep() || !pool.has_work() {
                return;
            }
        }
    }
    // ANCHOR_END: notify

    /// Makes a sleeper the waking thread, or a new thread. For whoever has `notified`.
    fn call_one(&self, pool: &impl Surroundings) -> bool {
        let sleeper = |worker| self.take_off(worker, CALLED);
        (0..self.beds.len()).any(sleeper) || pool.start_thread()
    }

    // ANCHOR: hand_on
    /// The waking thread has looked. If there is more, it calls the next.
    pub(super) fn hand_on(&self, pool: &impl Surroundings) {
        // It sees more: the next one is the waking thread from here on. `notified` has never
        // been given back, so nobody has relied on this look, and it needs no barrier.
        if pool.has_work() && self.call_one(pool) {
            return;
        }
        let seen = self.state.unnotify();
        if seen.idle() > 0 || seen.spawned() < self.beds.len() {
            heavy();
            if pool.has_work() {
                self.notify(pool);
            }
        }
    }
    // ANCHOR_END: hand_on

    // ANCHOR: announce
    /// Worker `me` has found nothing. It sleeps until it is called, or woken, or the limit is
    /// over; not at all if there is work, or `awaited` has come already.
    pub(super) fn sleep(
        &self,
        me: usize,
        waking: bool,
        limit: Option<Duration>,
        awaited: &dyn Fn() -> bool,
        pool: &impl Surroundings,
    ) -> Up {
        // 1. Announce it.
        self.state.lie_down(waking);
        let bed = &self.beds[me];
        // ORDERING: Release. It is counted by now; pairs with the Acquire in `take_off`. And
        // the fence behind it pairs with those in `notify` and `wake`.
        bed.store(ASLEEP, Release);
        // 2. A nap: most sleeps are over before it is.
        if !NAP.is_zero()
            && let Some(up) = self.nap(me, awaited, pool)
        {
            if waking && !up.waking {
                // It gave `notified` back, and leaves. Whoever has relied on it is to be seen.
                heavy();
                if pool.has_work() {
                    self.notify(pool);
                }
            }
            return up;
        }
        // 3. The sleeper's half of the barrier.
        heavy();
        // 4. Look again.
        if let Some(up) = self.look_again(me, awaited, pool) {
            return up;
        }
        // 5. Sleep.
        self.lie(me, limit)
    }

    /// Whether there is a reason to get up, and then gets up. The queues come first: also who
    /// need not wait any more may be the one who has to see that there is work.
    fn look_again(
        &self,
        me: usize,
        awaited: &dyn Fn() -> bool,
        pool: &impl Surroundings,
    ) -> Option<Up> {
        if pool.has_work() {
            return Some(self.get_up(me, true));
        }
        awaited().then(|| self.get_up(me, false))
    }

    /// Sleeps for a moment. How it got up, if it did.
    fn nap(
        &self,
        me: usize,
        awaited: &dyn Fn() -> bool,
        pool: &impl Surroundings,
    ) -> Option<Up> {
        let up = self.look_again(me, awaited, pool);
        if up.is_some() {
            return up;
        }
        futex::wait_timeout(&self.beds[me], ASLEEP, NAP);
        (!self.is_asleep(me)).then(|| self.was_taken_off(me))
    }
    // ANCHOR_END: announce

    /// Sleeps until somebody takes the worker off its bed, or the limit is over.
    fn lie(&self, me: usize, limit: Option<Duration>) -> Up {
        let bed = &self.beds[me];
        let end = limit.and_then(|limit| Instant::now().checked_add(limit));
        // ORDERING: Relaxed. It hands over nothing: the worker looks at everything again.
        while bed.load(Relaxed) == ASLEEP {
            let Some(end) = end else {
                futex::wait(bed, ASLEEP);
                continue;
            };
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let up = self.get_up(me, false);
                let timed_out = !up.waking;
                return Up { timed_out, ..up };
            }
            futex::wait_timeout(bed, ASLEEP, left);
        }
        self.was_taken_off(me)
    }

    /// Worker `me` leaves its bed by itself, unless somebody was faster.
    fn get_up(&self, me: usize, for_work: bool) -> Up {
        // ORDERING: Relaxed, both. It is one step, and the worker itself has counted itself.
        let up = self.beds[me].compare_exchange(ASLEEP, AWAKE, Relaxed, Relaxed);
        if up.is_err() {
            return self.was_taken_off(me);
        }
        self.state.rise();
        // There may be more than it finds, whose pushers saw a waking thread: this one.
        let waking = for_work && self.state.notify();
        let timed_out = false;
        Up { waking, timed_out }
    }

    fn was_taken_off(&self, me: usize) -> Up {
        // ORDERING: Relaxed, both, as in `lie`. Nobody else changes what is not `ASLEEP`.
        let waking = self.beds[me].load(Relaxed) == CALLED;
        // ORDERING: as above.
        self.beds[me].store(AWAKE, Relaxed);
        let timed_out = false;
        Up { waking, timed_out }
    }

    /// Something has happened that worker `me` may wait for.
    pub(super) fn wake(&self, me: usize) {
        light();
        self.take_off(me, AWAKE);
    }

    /// Everybody is to look up.
    pub(super) fn wake_everybody(&self) {
        light();
        for worker in 0..self.beds.len() {
            self.take_off(worker, AWAKE);
        }
    }

    fn is_anyone_asleep(&self) -> bool {
        (0..self.beds.len()).any(|worker| self.is_asleep(worker))
    }

    fn is_asleep(&self, worker: usize) -> bool {
        // ORDERING: Relaxed. The caller has gone through a fence, which pairs with the one in
        // `sleep`.
        self.beds[worker].load(Relaxed) == ASLEEP
    }

    /// Takes a worker off its bed, if it is in it, and wakes it.
    fn take_off(&self, worker: usize, to: u32) -> bool {
        let bed = &self.beds[worker];
        // ORDERING: Acquire. The worker is in `idle`, from which it is taken below; pairs with
        // the Release in `sleep`. Relaxed if it fails: then nothing is done.
        let taken = self.is_asleep(worker)
            && bed.compare_exchange(ASLEEP, to, Acquire, Relaxed).is_ok();
        if taken {
            self.state.rise();
            futex::wake_one(bed);
        }
        taken
    }
}

#[cfg(test)]
mod models;
