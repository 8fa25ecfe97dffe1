//! The claim under the model checker, and versions that are wrong by a line.
//!
//! The pool is a [`WakeCell`]: each send is counted, and the thread comes once for each. An
//! errand has a link by which it stands in the pool's queue: a cell here, which is written
//! when it is sent and when it comes out. Sent twice at once, it would be two in one place.

use super::*;
use crate::ground::atomic::Ordering::{Acquire, Release};
use crate::ground::os::WakeCell;
use crate::ground::sync::{Arc, Mutex};
use crate::modelled::{caught, holds, needs_its_orderings, slips, start};

/// What a version does differently.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Slip {
    /// Nothing.
    Right,
    /// The loop looks whether it waits, and then takes it.
    WithdrawsByALook,
    /// The thread looks whether it waits, and then takes it.
    BeginsByALook,
    /// What was withdrawn leaves the cell as if nobody were on the way.
    ForgetsWhoComes,
    /// A thread that finds nothing leaves the word as it is.
    LeavesTheWord,
    /// What was withdrawn once needs nobody to be sent, for somebody is on the way.
    NeverSendsAgain,
    /// Sends for each operation.
    AlwaysSends,
    /// The word first, then the operation.
    WordFirst,
    /// Says that it was withdrawn, whether or not it has begun.
    NeverTooLate,
}

struct All {
    slip: Slip,
    claim: Claim<u32>,
    sent: WakeCell,
    /// In the pool's queue: how many are there, which may be one.
    link: UnsafeCell<u32>,
    ran: Mutex<Vec<u32>>,
}

// SAFETY: the link is used by whoever has the errand, which is what is tested.
unsafe impl Sync for All {}

/// What the cell holds, if it is looked into by one who need not have it.
fn peek(all: &All) -> Option<u32> {
    // SAFETY: none; the model checker says who does so at the wrong time.
    all.claim.cell.with_mut(|cell| unsafe { (*cell).take() })
}

impl All {
    fn new(slip: Slip) -> Arc<Self> {
        Arc::new(Self {
            slip,
            claim: Claim::new(),
            sent: WakeCell::new(),
            link: UnsafeCell::new(0),
            ran: Mutex::new(Vec::new()),
        })
    }

    fn hand_in(&self, operation: u32, again: bool) {
        let goes = if self.slip == Slip::WordFirst {
            // ORDERING: AcqRel pairs with the swap in `begin`.
            let was = self.claim.word.swap(WAITS, AcqRel);
            // SAFETY: none; it comes too late.
            self.claim
                .cell
                .with_mut(|cell| unsafe { *cell = Some(operation) });
            was == IDLE
        } else {
            // SAFETY: this is the loop; the operation before was withdrawn.
            unsafe { self.claim.hand_in(operation) }
        };
        let sends = match self.slip {
            Slip::AlwaysSends => true,
            Slip::NeverSendsAgain => goes && !again,
            _ => goes,
        };
        if sends {
            self.link.with_mut(|link| {
                // SAFETY: the errand is not in the queue, so the link is the loop's.
                let queued = unsafe { &mut *link };
                assert_eq!(*queued, 0, "sent twice");
                *queued = 1;
            });
            self.sent.wake();
        }
    }

    fn withdraw(&self) -> Option<u32> {
        let word = &self.claim.word;
        match self.slip {
            Slip::WithdrawsByALook => {
                // ORDERING: Acquire pairs with the swap in `begin`.
                if word.load(Acquire) != WAITS {
                    return None;
                }
                // ORDERING: Release pairs with the swap in `begin`.
                word.store(EMPTY, Release);
                peek(self)
            }
            Slip::ForgetsWhoComes => {
                // ORDERING: Relaxed, both. As in the right version.
                let change = word.compare_exchange(WAITS, IDLE, Relaxed, Relaxed);
                change.ok().and_then(|_| peek(self))
            }
            Slip::NeverTooLate => {
                // ORDERING: AcqRel pairs with the swap in `begin`.
                word.swap(EMPTY, AcqRel);
                Some(1)
            }
            // SAFETY: this is the loop.
            _ => unsafe { self.claim.withdraw() },
        }
    }

    fn begin(&self) -> Option<u32> {
        let word = &self.claim.word;
        match self.slip {
            Slip::BeginsByALook => {
                // ORDERING: Acquire pairs with the swap in `hand_in`.
                let was = word.load(Acquire);
                // ORDERING: Release pairs with the swap in `hand_in`.
                word.store(IDLE, Release);
                (was == WAITS).then(|| peek(self)).flatten()
            }
            Slip::LeavesTheWord => {
                // ORDERING: AcqRel, Acquire: they pair with the swap in `hand_in`.
                let change = word.compare_exchange(WAITS, IDLE, AcqRel, Acquire);
                change.ok().and_then(|_| peek(self))
            }
            // SAFETY: it is called once for each that was sent.
            _ => unsafe { self.claim.begin() },
        }
    }

    /// The pool's thread: comes once for each that was sent, until it is told to stop.
    fn work(&self) {
        loop {
            let told = self.sent.wait();
            for _ in 0..told % STOP {
                // SAFETY: it comes out of the queue, so the link is this thread's.
                self.link.with_mut(|link| unsafe { *link = 0 });
                if let Some(operation) = self.begin() {
                    self.ran.lock().unwrap().push(operation);
                }
            }
            if told >= STOP {
                return;
            }
        }
    }
}

/// Told to the thread when nothing is sent any more.
const STOP: u64 = 100;

// ANCHOR: models
/// An operation is handed in, and wanted back.
fn wanted_back(slip: Slip) {
    let all = All::new(slip);
    let pool = start(&all, All::work);
    all.hand_in(1, false);
    let back = all.withdraw();
    all.sent.add(STOP);
    pool.join().unwrap();
    let mut all_of_them = all.ran.lock().unwrap().clone();
    all_of_them.extend(back);
    assert_eq!(all_of_them, [1], "run or withdrawn: not both, not neither");
}

/// Wanted back, and if that was in time another is handed in, into the same cell.
fn another(slip: Slip) {
    let all = All::new(slip);
    let pool = start(&all, All::work);
    all.hand_in(1, false);
    let back = all.withdraw();
    if back.is_some() {
        all.hand_in(2, true);
    }
    all.sent.add(STOP);
    pool.join().unwrap();
    let ran = all.ran.lock().unwrap().clone();
    let expected = if back.is_some() { [2] } else { [1] };
    assert_eq!(ran, expected, "each is run or withdrawn");
}

const MODELS: [(&str, fn()); 2] = [
    ("wanted back", || wanted_back(Slip::Right)),
    ("another", || another(Slip::Right)),
];
// ANCHOR_END: models

#[test]
fn an_operation_is_run_or_withdrawn() {
    for (name, program) in MODELS {
        holds(name, program);
    }
}

#[test]
fn wrong_versions_are_caught() {
    use Slip::*;
    caught(
        "file claim",
        // ANCHOR: caught
        &slips! {
            WithdrawsByALook: wanted_back, DataRace;
            BeginsByALook: wanted_back, DataRace;
            NeverTooLate: wanted_back, Assertion;
            ForgetsWhoComes: another, Assertion;
            LeavesTheWord: another, Assertion;
            NeverSendsAgain: another, Assertion;
            AlwaysSends: another, Assertion;
            WordFirst: another, DataRace;
        },
        // ANCHOR_END: caught
    );
}

#[test]
fn each_ordering_is_needed() {
    needs_its_orderings("files", &MODELS, &[]);
}
