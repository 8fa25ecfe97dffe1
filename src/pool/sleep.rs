//! How workers go to sleep, and how they are called when there is work: see `README.md`.

use crossbeam_utils::CachePadded;

use super::fence;
use super::state::{Seen, State};
use crate::ground::atomic::{AtomicU32, Ordering::SeqCst};
use crate::ground::futex;
use crate::ground::time::{Duration, Instant};

/// The worker does not sleep.
const AWAKE: u32 = 0;
/// It sleeps, or is about to.
const ASLEEP: u32 = 1;
/// Somebody has called it because there is work: it is the waking thread.
const CALLED: u32 = 2;

/// What is around the beds: where work may lie, and where more workers come from.
pub(super) trait Surroundings {
    /// Whether there is a job in any queue.
    fn has_work(&self) -> bool;
    /// Starts a thread that is the waking thread; `false` if there is no room for it, or the
    /// system has none.
    fn start_thread(&self) -> bool;
}

/// How a worker got up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Up {
    /// It is the waking thread.
    pub(super) waking: bool,
    /// Its time was up.
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
        let bed = |_| CachePadded::new(AtomicU32::new(AWAKE));
        Self {
            state: CachePadded::new(State::new()),
            beds: (0..threads).map(bed).collect(),
        }
    }

    pub(super) fn state(&self) -> &State {
        &self.state
    }

    pub(super) fn look(&self) -> Seen {
        self.state.look()
    }

    // ANCHOR: notify
    /// There is a job that was not there before. Calls a worker, unless all are awake, or
    /// one has been called and has not looked yet.
    pub(super) fn notify(&self, pool: &impl Surroundings) {
        fence::light();
        let mut seen = self.look();
        loop {
            let nobody = seen.idle() == 0 && seen.spawned() == self.beds.len();
            if nobody || seen.is_notified() {
                return;
            }
            if let Err(now) = self.state.notify(seen) {
                seen = now;
                continue;
            }
            if self.call_one() || pool.start_thread() {
                return;
            }
            // Others have pushed and gone, because they saw `notified`: look for them.
            self.state.unnotify();
            fence::heavy();
            if !self.is_anyone_asleep() || !pool.has_work() {
                return;
            }
            seen = self.look();
        }
    }
    // ANCHOR_END: notify

    // ANCHOR: hand_on
    /// The waking thread has looked. If there is more, it calls the next.
    pub(super) fn hand_on(&self, pool: &impl Surroundings) {
        let seen = self.state.unnotify();
        let anybody = seen.idle() > 0 || seen.spawned() < self.beds.len();
        fence::heavy();
        if anybody && pool.has_work() {
            self.notify(pool);
        }
    }
    // ANCHOR_END: hand_on

    // ANCHOR: announce
    /// Worker `me` has found nothing, and sleeps until it is called, woken, `awaited` says
    /// that it need not, or the limit is over.
    pub(super) fn sleep(
        &self,
        me: usize,
        waking: bool,
        limit: Option<Duration>,
        awaited: &dyn Fn() -> bool,
        pool: &impl Surroundings,
    ) -> Up {
        let bed = &self.beds[me];
        self.state.lie_down(waking);
        // ORDERING: SeqCst. The first half of the handshakes with `call_one` and `wake`.
        bed.store(ASLEEP, SeqCst);
        fence::heavy();
        if awaited() {
            return self.get_up(me, false, false);
        }
        if pool.has_work() {
            return self.get_up(me, true, false);
        }
        // ANCHOR_END: announce
        let end = limit.and_then(|limit| Instant::now().checked_add(limit));
        // ORDERING: SeqCst. Not needed for a handshake; pairs with the exchange in `take_off`.
        while bed.load(SeqCst) == ASLEEP {
            let Some(end) = end else {
                futex::wait(bed, ASLEEP);
                continue;
            };
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return self.get_up(me, false, true);
            }
            futex::wait_timeout(bed, ASLEEP, left);
        }
        self.was_taken_off(me)
    }

    /// Worker `me` leaves its bed by itself.
    fn get_up(&self, me: usize, for_work: bool, timed_out: bool) -> Up {
        if !self.take_off(me, AWAKE) {
            return self.was_taken_off(me);
        }
        let waking = for_work && self.state.rise_waking();
        if !for_work {
            self.state.rise();
        }
        Up { waking, timed_out }
    }

    fn was_taken_off(&self, me: usize) -> Up {
        // ORDERING: SeqCst, as in `sleep`.
        let waking = self.beds[me].swap(AWAKE, SeqCst) == CALLED;
        Up {
            waking,
            timed_out: false,
        }
    }

    /// Whoever takes a worker off its bed takes it out of `idle`.
    fn take_off(&self, worker: usize, to: u32) -> bool {
        // ORDERING: SeqCst. As in `look`: the second half of a handshake.
        let taken = self.beds[worker].compare_exchange(ASLEEP, to, SeqCst, SeqCst);
        taken.is_ok()
    }

    fn is_asleep(&self, worker: usize) -> bool {
        // ORDERING: SeqCst. As in `take_off`.
        self.beds[worker].load(SeqCst) == ASLEEP
    }

    fn is_anyone_asleep(&self) -> bool {
        (0..self.beds.len()).any(|worker| self.is_asleep(worker))
    }

    /// Calls one who sleeps, who is the waking thread then.
    fn call_one(&self) -> bool {
        (0..self.beds.len()).any(|worker| self.call(worker, CALLED))
    }

    /// Something has happened that worker `me` may be waiting for.
    pub(super) fn wake(&self, me: usize) {
        self.call(me, AWAKE);
    }

    /// Everybody is to look up.
    pub(super) fn wake_everybody(&self) {
        for worker in 0..self.beds.len() {
            self.wake(worker);
        }
    }

    fn call(&self, worker: usize, to: u32) -> bool {
        let taken = self.is_asleep(worker) && self.take_off(worker, to);
        if taken {
            self.state.rise();
            futex::wake_one(&self.beds[worker]);
        }
        taken
    }
}
