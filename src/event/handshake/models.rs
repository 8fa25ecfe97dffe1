//! The handshake under the model checker, and versions that are wrong by a line.
//!
//! In place of the kernel there is a [`WakeCell`]: a ring that nobody waits for is kept, as
//! an eventfd in an epoll set keeps it. What the letters below say is ordered by the word
//! alone, or by a ring.

use super::{ASLEEP, AWAKE, Handshake, NOTIFIED};
use crate::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};
use crate::ground::os::WakeCell;
use crate::ground::sync::Arc;
use crate::ground::time::Duration;
use crate::modelled::{caught, holds, needs_its_orderings, slips, start};

/// A handshake, or what somebody took for one.
trait Word: Send + Sync + 'static {
    fn notify(&self) -> bool;
    fn lie_down(&self) -> bool;
    fn get_up(&self) -> bool;
}

impl Word for Handshake {
    fn notify(&self) -> bool {
        self.notify()
    }

    fn lie_down(&self) -> bool {
        self.lie_down()
    }

    fn get_up(&self) -> bool {
        self.get_up()
    }
}

/// What a version does differently.
#[derive(Clone, Copy, PartialEq)]
enum Slip {
    /// Nothing.
    Right,
    /// Leaves a notice only for one that sleeps.
    SleepersOnly,
    /// Leaves the notice, and never says that the loop sleeps.
    RingsNever,
    /// Says always that the loop sleeps.
    RingsAlways,
    /// A notice is there already, says a look: done.
    SkipsByALoad,
    /// Looks, and then stores the notice.
    LooksAndStores,
    /// Goes to sleep without saying so.
    NotAnnounced,
    /// Says that it sleeps, whatever is in the word.
    OverANotice,
    /// Looks for a notice, and then makes the word new.
    LooksAndClears,
    /// Takes the notice down when it goes to sleep, and not when it gets up.
    ClearsLate,
}

struct Wrong {
    slip: Slip,
    word: AtomicU32,
}

impl Wrong {
    fn new(slip: Slip) -> Self {
        Self {
            slip,
            word: AtomicU32::new(AWAKE),
        }
    }
}

impl Word for Wrong {
    fn notify(&self) -> bool {
        match self.slip {
            Slip::SleepersOnly => {
                // ORDERING: Release pairs with the Acquire in `get_up`.
                let change = self
                    .word
                    .compare_exchange(ASLEEP, NOTIFIED, Release, Relaxed);
                return change.is_ok();
            }
            // ORDERING: Relaxed: that is what is wrong here.
            Slip::SkipsByALoad if self.word.load(Relaxed) == NOTIFIED => {
                return false;
            }
            Slip::LooksAndStores => {
                // ORDERING: Relaxed. Whether it sleeps.
                let was = self.word.load(Relaxed);
                // ORDERING: Release pairs with the Acquire in `get_up`.
                self.word.store(NOTIFIED, Release);
                return was == ASLEEP;
            }
            _ => {}
        }
        // ORDERING: Release pairs with the Acquire in `get_up`.
        let was = self.word.swap(NOTIFIED, Release);
        match self.slip {
            Slip::RingsNever => false,
            Slip::RingsAlways => true,
            _ => was == ASLEEP,
        }
    }

    fn lie_down(&self) -> bool {
        match self.slip {
            // ORDERING: Relaxed. As in the right version.
            Slip::NotAnnounced => return self.word.load(Relaxed) == AWAKE,
            Slip::OverANotice => {
                // ORDERING: Relaxed. As in the right version.
                self.word.store(ASLEEP, Relaxed);
                return true;
            }
            // ORDERING: Relaxed. As in the right version.
            Slip::ClearsLate => self.word.store(AWAKE, Relaxed),
            _ => {}
        }
        self.word
            // ORDERING: Relaxed, both. As in the right version.
            .compare_exchange(AWAKE, ASLEEP, Relaxed, Relaxed)
            .is_ok()
    }

    fn get_up(&self) -> bool {
        match self.slip {
            // ORDERING: Acquire pairs with the Release in `notify`.
            Slip::ClearsLate => self.word.load(Acquire) == NOTIFIED,
            Slip::LooksAndClears => {
                // ORDERING: Acquire pairs with the Release in `notify`.
                let was = self.word.load(Acquire);
                // ORDERING: Relaxed. Nothing is published by it.
                self.word.store(AWAKE, Relaxed);
                was == NOTIFIED
            }
            // ORDERING: Acquire pairs with the Release in `notify`.
            _ => self.word.swap(AWAKE, Acquire) == NOTIFIED,
        }
    }
}

/// A loop and its kernel, and the letters that wakers leave.
struct All<W> {
    word: W,
    bell: WakeCell,
    letters: [AtomicU32; 2],
    rings: AtomicU32,
}

impl<W: Word> All<W> {
    fn new(word: W) -> Arc<Self> {
        Arc::new(Self {
            word,
            bell: WakeCell::new(),
            letters: [0, 0].map(AtomicU32::new),
            rings: AtomicU32::new(0),
        })
    }

    /// What a waker does: puts down what the loop shall find, and wakes it.
    fn bring(&self, letter: usize) {
        // ORDERING: Relaxed. That the wake orders it is what is tested.
        self.letters[letter].store(1, Relaxed);
        if self.word.notify() {
            // ORDERING: Relaxed. A count, looked at after the threads are joined.
            self.rings.fetch_add(1, Relaxed);
            self.bell.wake();
        }
    }

    fn has(&self, letter: usize) -> bool {
        // ORDERING: Relaxed, as in `bring`.
        self.letters[letter].load(Relaxed) == 1
    }

    /// What `Loop::wait` does. Whether it was woken. Counts the sleeps.
    fn wait(&self, sleeps: &mut u32) -> bool {
        if self.word.lie_down() {
            *sleeps += 1;
            self.bell.wait();
        }
        self.word.get_up()
    }

    /// As `wait`, but something else may end the sleep.
    fn wait_or_not(&self, sleeps: &mut u32) -> bool {
        if self.word.lie_down() {
            *sleeps += 1;
            let _ = self.bell.wait_timeout(Duration::from_secs(1));
        }
        self.word.get_up()
    }

    /// As many system calls as there were sleeps, at most.
    #[track_caller]
    fn rang_for(&self, sleeps: u32) {
        // ORDERING: Relaxed. The threads are joined.
        let rings = self.rings.load(Relaxed);
        assert!(rings <= sleeps, "{rings} rings for {sleeps} sleeps");
    }
}

/// Whoever is woken sees what was brought.
fn one_letter<W: Word>(word: W) {
    let all = All::new(word);
    let waker = start(&all, |all| all.bring(0));
    let mut sleeps = 0;
    while !all.wait(&mut sleeps) {}
    assert!(all.has(0), "woken before the letter was there");
    waker.join().unwrap();
    all.rang_for(sleeps);
}

/// One brings two, one after the other. The loop looks after each wait, and at nothing else.
fn two_letters<W: Word>(word: W) {
    let all = All::new(word);
    let waker = start(&all, |all| {
        all.bring(0);
        all.bring(1);
    });
    let mut sleeps = 0;
    while !(all.has(0) && all.has(1)) {
        all.wait(&mut sleeps);
    }
    waker.join().unwrap();
    all.rang_for(sleeps);
}

/// Two bring one each. One notice may stand for both.
fn two_wakers<W: Word>(word: W) {
    let all = All::new(word);
    let wakers = [0, 1].map(|which| start(&all, move |all| all.bring(which)));
    let mut sleeps = 0;
    while !(all.has(0) && all.has(1)) {
        all.wait(&mut sleeps);
    }
    for waker in wakers {
        waker.join().unwrap();
    }
    all.rang_for(sleeps);
}

/// The loop gets up for something else, and a ring that is on its way comes later.
fn something_else<W: Word>(word: W) {
    let all = All::new(word);
    let waker = start(&all, |all| {
        all.bring(0);
        all.bring(1);
    });
    let mut sleeps = 0;
    let woken = all.wait_or_not(&mut sleeps);
    assert!(!woken || all.has(0), "woken before the letter was there");
    while !(all.has(0) && all.has(1)) {
        all.wait(&mut sleeps);
    }
    waker.join().unwrap();
    all.rang_for(sleeps);
}

// ANCHOR: models
const MODELS: [(&str, fn()); 4] = [
    ("one letter", || one_letter(Handshake::new())),
    ("two letters", || two_letters(Handshake::new())),
    ("two wakers", || two_wakers(Handshake::new())),
    ("something else", || something_else(Handshake::new())),
];
// ANCHOR_END: models

#[test]
fn no_wake_up_is_lost_in_any_order() {
    for (name, program) in MODELS {
        holds(name, program);
    }
    let copies: [fn(); 4] = [
        || one_letter(Wrong::new(Slip::Right)),
        || two_letters(Wrong::new(Slip::Right)),
        || two_wakers(Wrong::new(Slip::Right)),
        || something_else(Wrong::new(Slip::Right)),
    ];
    for program in copies {
        holds("the copy", program);
    }
}

#[test]
fn wrong_versions_are_caught() {
    use Slip::*;
    caught(
        "handshake",
        // ANCHOR: caught
        &slips! { for Wrong::new,
            SleepersOnly: one_letter, Deadlock;
            RingsNever: one_letter, Deadlock;
            RingsAlways: two_letters, Assertion;
            SkipsByALoad: two_letters, Deadlock;
            LooksAndStores: one_letter, Deadlock;
            NotAnnounced: one_letter, Deadlock;
            OverANotice: one_letter, Deadlock;
            LooksAndClears: two_letters, Deadlock;
            ClearsLate: two_letters, Deadlock;
        },
        // ANCHOR_END: caught
    );
}

#[test]
fn each_ordering_is_needed() {
    needs_its_orderings("handshake", &MODELS, &[]);
}

/// The table in the story of the module above.
#[test]
fn only_a_sleeper_is_rung_for() {
    let word = Handshake::new();
    assert!(!word.notify() && !word.notify(), "awake");
    assert!(!word.lie_down(), "there is a notice");
    assert!(word.get_up() && !word.get_up(), "it is told once");
    assert!(word.lie_down());
    assert!(word.notify() && !word.notify(), "one ring is enough");
    assert!(word.get_up());
}
