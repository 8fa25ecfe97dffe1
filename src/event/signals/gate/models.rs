//! The gate under the model checker: nobody writes to what has been closed.
//!
//! A handler is no thread, but it is to its owner as if it were one: it begins at any step,
//! and the owner's thread may go on before it ends. In place of the pipe there is a cell that
//! the owner fills before it opens the gate and clears behind it. Whoever still looks then
//! would have written to a stranger's descriptor.

use super::{Gate, ONE_INSIDE};
use crate::ground::atomic::{
    AtomicU64,
    Ordering::{Acquire, Release},
};
use crate::ground::cell::UnsafeCell;
use crate::ground::sync::Arc;
use crate::ground::thread;
use crate::modelled::{caught, holds, needs_its_orderings, slips, start};

/// A gate, or what somebody took for one.
trait Way: Send + Sync + 'static {
    fn open(&self, fd: i32) -> bool;
    fn pass(&self, write: impl FnOnce(i32));
    fn close(&self);
}

impl Way for Gate {
    fn open(&self, fd: i32) -> bool {
        self.open(fd)
    }

    fn pass(&self, write: impl FnOnce(i32)) {
        self.pass(write);
    }

    fn close(&self) {
        self.close();
    }
}

/// What a version does differently.
#[derive(Clone, Copy, PartialEq)]
enum Slip {
    /// Does not wait for those who are inside.
    DoesNotWait,
    /// Looks where it leads, and says then that it is inside.
    LooksFirst,
    /// Waits first, and closes then.
    ClosesLast,
    /// Forgets with the descriptor that somebody is inside.
    ForgetsWhoIsInside,
}

struct Wrong {
    slip: Slip,
    word: AtomicU64,
}

impl Wrong {
    fn new(slip: Slip) -> Self {
        let word = AtomicU64::new(0);
        Self { slip, word }
    }

    fn wait(&self) {
        // ORDERING: Acquire; pairs with the Release in `pass`.
        while self.word.load(Acquire) >= ONE_INSIDE {
            thread::yield_now();
        }
    }
}

impl Way for Wrong {
    fn open(&self, fd: i32) -> bool {
        // ORDERING: Release; pairs with the Acquire in `pass`.
        self.word.fetch_add(fd as u64 + 1, Release);
        true
    }

    fn pass(&self, write: impl FnOnce(i32)) {
        let mut word = 0;
        if self.slip == Slip::LooksFirst {
            // ORDERING: Acquire; pairs with the Release in `open`.
            word = self.word.load(Acquire);
        }
        // ORDERING: Acquire; pairs with the Release in `open`.
        let now = self.word.fetch_add(ONE_INSIDE, Acquire);
        if self.slip != Slip::LooksFirst {
            word = now;
        }
        if let Some(fd) = (word as u32).checked_sub(1) {
            write(fd as i32);
        }
        // ORDERING: Release; pairs with the Acquire in `wait`.
        self.word.fetch_sub(ONE_INSIDE, Release);
    }

    fn close(&self) {
        match self.slip {
            Slip::ClosesLast => {
                self.wait();
                // ORDERING: Acquire, as in the right version, whose `pass` it pairs with.
                self.word.fetch_and(!(ONE_INSIDE - 1), Acquire);
            }
            Slip::ForgetsWhoIsInside => {
                // ORDERING: Acquire, as in the right version, whose `pass` it pairs with.
                while self.word.swap(0, Acquire) >= ONE_INSIDE {}
            }
            Slip::DoesNotWait | Slip::LooksFirst => {
                // ORDERING: Acquire, as in the right version, whose `pass` it pairs with.
                self.word.fetch_and(!(ONE_INSIDE - 1), Acquire);
                if self.slip == Slip::LooksFirst {
                    self.wait();
                }
            }
        }
    }
}

/// A gate, and what stands for the pipe.
struct All<W> {
    gate: W,
    open: UnsafeCell<bool>,
}

#[allow(unsafe_code, reason = "the cell that the gate orders")]
// SAFETY: whether the gate keeps its accesses apart is what is tested, and the model checker
// says so if not.
unsafe impl<W: Sync> Sync for All<W> {}

#[allow(unsafe_code, reason = "the cell that the gate orders")]
impl<W: Way> All<W> {
    fn new(gate: W) -> Arc<Self> {
        let open = UnsafeCell::new(false);
        Arc::new(Self { gate, open })
    }

    fn set(&self, open: bool) {
        // SAFETY: nobody is inside; the model checker says so if somebody is.
        self.open.with_mut(|cell| unsafe { *cell = open });
    }

    /// What a handler does.
    fn signal(&self) {
        self.gate.pass(|fd| {
            assert_eq!(fd, 0);
            // SAFETY: as in `set`.
            let open = self.open.with(|cell| unsafe { *cell });
            assert!(open, "written to what is closed");
        });
    }
}

/// A signal may come before it is opened, between, and behind.
fn one_signal<W: Way>(gate: W) {
    let all = All::new(gate);
    let handler = start(&all, |all| all.signal());
    all.set(true);
    assert!(all.gate.open(0));
    all.gate.close();
    all.set(false);
    handler.join().unwrap();
}

/// Two threads are interrupted at once.
fn two_signals<W: Way>(gate: W) {
    let all = All::new(gate);
    all.set(true);
    assert!(all.gate.open(0));
    let handlers = [(); 2].map(|()| start(&all, |all| all.signal()));
    all.gate.close();
    all.set(false);
    for handler in handlers {
        handler.join().unwrap();
    }
}

// ANCHOR: models
const MODELS: [(&str, fn()); 2] = [
    ("one signal", || one_signal(Gate::new())),
    ("two signals", || two_signals(Gate::new())),
];
// ANCHOR_END: models

#[test]
fn nobody_writes_to_what_is_closed() {
    for (name, program) in MODELS {
        holds(name, program);
    }
}

#[test]
fn wrong_versions_are_caught() {
    use Slip::*;
    caught(
        "gate",
        // ANCHOR: caught
        &slips! { for Wrong::new,
            DoesNotWait: one_signal, DataRace;
            LooksFirst: one_signal, DataRace;
            ClosesLast: one_signal, DataRace;
            ForgetsWhoIsInside: two_signals, DataRace;
        },
        // ANCHOR_END: caught
    );
}

#[test]
fn each_ordering_is_needed() {
    needs_its_orderings("gate", &MODELS, &[]);
}

/// A signal has one owner.
#[test]
fn it_leads_to_one_place_at_a_time() {
    let gate = Gate::new();
    gate.pass(|fd| panic!("closed, and leads to {fd}"));
    assert!(gate.open(7) && !gate.open(8));
    let mut passed = Vec::new();
    gate.pass(|fd| passed.push(fd));
    assert_eq!(passed, [7]);
    gate.close();
    gate.pass(|fd| panic!("closed, and leads to {fd}"));
    assert!(gate.open(0));
}
