//! A job and its handle, wrong by a line.

use explorer::Kind::{self, Assertion, DataRace, LostWakeUp};

use super::super::{DETACHED, DONE, PENDING, WAITED};
use super::*;
use crate::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};
use crate::modelled::{caught, start};
use crate::pool::latch::{self, Waker};

/// What a wrong version does differently.
#[derive(Clone, Copy, PartialEq)]
enum Slip {
    /// Nothing.
    None,
    /// The end of the job does not look whether somebody waits.
    EndsBlindly,
    /// The end wakes, and then says that it is done.
    WakesFirst,
    /// The end says that it is done, and then looks for the waker.
    LooksLate,
    /// The handle says that it waits, and then leaves the waker.
    LeavesLate,
    /// A handle that is dropped does not look whether the job is done.
    DropsBlindly,
}
use Slip::{
    DropsBlindly, EndsBlindly, LeavesLate, LooksLate, None as Right, WakesFirst,
};

/// What both have in common.
struct Shared<const SLIP: u8> {
    state: AtomicU32,
    waker: UnsafeCell<Option<Waker>>,
    result: UnsafeCell<u32>,
    /// How often the memory would have been given back.
    freed: AtomicU32,
}

// SAFETY: none for a wrong one. The explorer is to find that out.
unsafe impl<const SLIP: u8> Sync for Shared<SLIP> {}
// SAFETY: as above.
unsafe impl<const SLIP: u8> Send for Shared<SLIP> {}

impl<const SLIP: u8> Shared<SLIP> {
    fn slips(slip: Slip) -> bool {
        SLIP == slip as u8
    }

    fn new() -> Arc<Self> {
        Arc::new(Self {
            state: AtomicU32::new(PENDING),
            waker: UnsafeCell::new(None),
            result: UnsafeCell::new(0),
            freed: AtomicU32::new(0),
        })
    }

    fn free(&self) {
        // ORDERING: Relaxed. Only the number matters.
        self.freed.fetch_add(1, Relaxed);
    }

    fn run(&self) {
        // SAFETY: the job has it until it is done.
        self.result.with_mut(|result| unsafe { *result = 1 });
        if Self::slips(EndsBlindly) {
            // ORDERING: Release pairs with the Acquire in `wait`.
            self.state.store(DONE, Release);
            return;
        }
        // ORDERING: Release and Acquire, as in `Task::end`.
        match self.state.compare_exchange(PENDING, DONE, Release, Acquire) {
            Ok(_) => {}
            Err(WAITED) => {
                // SAFETY: the handle has left it.
                let waker = || self.waker.with(|at| unsafe { (*at).clone() });
                let wake = |waker: Option<Waker>| waker.iter().for_each(Waker::wake);
                // ORDERING: Release pairs with the Acquire in `wait`.
                let done = || self.state.store(DONE, Release);
                if Self::slips(LooksLate) {
                    done();
                    wake(waker());
                } else if Self::slips(WakesFirst) {
                    wake(waker());
                    done();
                } else {
                    let waker = waker();
                    done();
                    wake(waker);
                }
            }
            Err(_) => self.free(),
        }
    }

    fn wait(&self) {
        let leave = || {
            let waker = Waker::current();
            // SAFETY: the job looks for it when it is told to.
            self.waker.with_mut(|at| unsafe { *at = Some(waker) });
        };
        if !Self::slips(LeavesLate) {
            leave();
        }
        // ORDERING: Release and Acquire, as in `Handle::wait`.
        let waits = self
            .state
            .compare_exchange(PENDING, WAITED, Release, Acquire);
        if waits.is_ok() {
            if Self::slips(LeavesLate) {
                leave();
            }
            // ORDERING: Acquire, as in `Handle::is_done`.
            latch::wait_until(&|| self.state.load(Acquire) == DONE);
        }
        // The waker was in a frame that ends here, and the result is the handle's.
        // SAFETY: the job is done.
        self.waker.with_mut(|at| unsafe { *at = None });
        // SAFETY: as above.
        self.result.with(|result| assert_eq!(unsafe { *result }, 1));
        self.free();
    }

    fn drop_handle(&self) {
        if Self::slips(DropsBlindly) {
            // ORDERING: Release, as in `drop` of a handle.
            self.state.store(DETACHED, Release);
            return;
        }
        // ORDERING: Release and Acquire, as in `drop` of a handle.
        let gone = self
            .state
            .compare_exchange(PENDING, DETACHED, Release, Acquire);
        if gone.is_err() {
            self.free();
        }
    }
}

fn parts<const SLIP: u8>(handle: fn(&Shared<SLIP>)) {
    let shared = Shared::<SLIP>::new();
    let worker = start(&shared, Shared::run);
    handle(&shared);
    worker.join().unwrap();
    // ORDERING: Relaxed. Both have ended.
    assert_eq!(shared.freed.load(Relaxed), 1, "given back once");
}

fn waits<const SLIP: u8>() {
    parts::<SLIP>(Shared::wait);
}

fn lets_go<const SLIP: u8>() {
    parts::<SLIP>(Shared::drop_handle);
}

#[test]
fn handles_that_are_wrong_by_a_line_are_caught() {
    // With nothing wrong, it holds.
    holds("as it is", waits::<{ Right as u8 }>);
    holds("as it is, and let go", lets_go::<{ Right as u8 }>);
    // ANCHOR: caught
    let wrong: [(_, fn(), Kind); 5] = [
        (
            "the end does not look whether somebody waits",
            waits::<{ EndsBlindly as u8 }>,
            LostWakeUp,
        ),
        (
            "the end wakes, and then is done",
            waits::<{ WakesFirst as u8 }>,
            LostWakeUp,
        ),
        (
            "the end looks for a waker that is gone",
            waits::<{ LooksLate as u8 }>,
            DataRace,
        ),
        (
            "the waker is left too late",
            waits::<{ LeavesLate as u8 }>,
            DataRace,
        ),
        (
            "a handle is dropped without a look",
            lets_go::<{ DropsBlindly as u8 }>,
            Assertion,
        ),
    ];
    // ANCHOR_END: caught
    caught("spawn", &wrong);
}
