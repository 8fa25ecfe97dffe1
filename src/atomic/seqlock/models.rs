//! The seqlock under the model checker, and versions that are wrong by a line.

use explorer::Kind;

use super::SeqLock;
use crate::ground::atomic::{
    AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
    fence,
};
use crate::ground::hint;
use crate::ground::sync::Arc;
use crate::modelled::{caught, holds, needs_its_orderings, start};

/// Two words that go together, or what somebody took for that.
trait Pair: Send + Sync + 'static {
    fn read(&self) -> [u64; 2];
    fn write(&self, value: u64);
    /// Adds one to both.
    fn increment(&self);
}

impl Pair for SeqLock<2> {
    fn read(&self) -> [u64; 2] {
        self.read()
    }

    fn write(&self, value: u64) {
        self.write([value; 2]);
    }

    fn increment(&self) {
        self.update(|words| *words = words.map(|word| word + 1));
    }
}

/// What a wrong version does differently.
#[derive(Clone, Copy, PartialEq)]
enum Slip {
    /// Nothing.
    None,
    /// Reads while the number is odd.
    ReadsWhileOdd,
    /// Does not look at the number again.
    NeverLooksAgain,
    /// Looks again before it has read the words.
    LooksAgainEarly,
    /// Has an `Acquire` load for the second look, and no fence: an acquire holds back what
    /// comes after it, not what comes before.
    AcquiresInPlaceOfTheFence,
    /// Makes the number odd with `Release`, and has no fence: a release holds back what
    /// comes before it, not what comes after.
    ReleasesInPlaceOfTheFence,
    /// Makes the number even before the second word.
    EvenEarly,
    /// Makes the number odd after the first word.
    OddLate,
    /// Does not make the number odd, but adds two at the end.
    CountsOnce,
    /// Does not keep other writers out.
    LetsWritersIn,
    /// Reads the words that it is about to change before it keeps others out.
    UpdatesFromAnOldLook,
}

struct Wrong {
    slip: Slip,
    sequence: AtomicU64,
    words: [AtomicU64; 2],
}

impl Wrong {
    fn new(slip: Slip) -> Self {
        Self {
            slip,
            sequence: AtomicU64::new(0),
            words: [0, 0].map(AtomicU64::new),
        }
    }

    /// As the right one does it, but for the slips.
    fn store(&self, value: impl FnOnce(&Self) -> u64) {
        let slip = self.slip;
        let look = |it: &Self| value(it);
        let early = (slip == Slip::UpdatesFromAnOldLook)
            // ORDERING: Relaxed: what is wrong.
            .then(|| self.words[0].load(Relaxed) + 1);
        // ORDERING: Relaxed. A guess.
        let mut even = self.sequence.load(Relaxed);
        loop {
            if slip == Slip::CountsOnce {
                break;
            }
            if slip == Slip::OddLate {
                // ORDERING: Relaxed, as for all words.
                self.words[0].store(look_ahead(self), Relaxed);
            }
            if slip == Slip::LetsWritersIn {
                // ORDERING: Relaxed: what is wrong.
                self.sequence.store(even + 1, Relaxed);
                break;
            }
            let success = if slip == Slip::ReleasesInPlaceOfTheFence {
                Release
            } else {
                Acquire
            };
            // ORDERING: as in `SeqLock::lock`; pairs with the store at the end of `store`.
            match self.sequence.compare_exchange(
                even & !1,
                (even & !1) + 1,
                success,
                Relaxed,
            ) {
                Ok(_) => {
                    even &= !1;
                    break;
                }
                Err(now) => even = now,
            }
            hint::spin_loop();
        }
        if slip != Slip::ReleasesInPlaceOfTheFence {
            // ORDERING: Release pairs with the fence in `try_read`.
            fence(Release);
        }
        let value = early.unwrap_or_else(|| look(self));
        // ORDERING: Relaxed, as for all words.
        self.words[0].store(value, Relaxed);
        if slip == Slip::EvenEarly {
            // ORDERING: Release pairs with the load in `try_read`.
            self.sequence.store(even + 2, Release);
        }
        // ORDERING: Relaxed, as for all words.
        self.words[1].store(value, Relaxed);
        if slip != Slip::EvenEarly {
            // ORDERING: Release pairs with the load in `try_read`.
            self.sequence.store(even + 2, Release);
        }
    }

    fn try_read(&self) -> Option<[u64; 2]> {
        let slip = self.slip;
        // ORDERING: Acquire pairs with the Release at the end of `store`.
        let before = self.sequence.load(Acquire);
        if before % 2 == 1 && slip != Slip::ReadsWhileOdd {
            return None;
        }
        // ORDERING: Relaxed. It means nothing before the words are read.
        let early = self.sequence.load(Relaxed);
        // ORDERING: Relaxed, as for all words.
        let words = [self.words[0].load(Relaxed), self.words[1].load(Relaxed)];
        let after = match slip {
            Slip::NeverLooksAgain => before,
            Slip::LooksAgainEarly => early,
            // ORDERING: Acquire, in vain; pairs with the Release in `store`.
            Slip::AcquiresInPlaceOfTheFence => self.sequence.load(Acquire),
            _ => {
                // ORDERING: Acquire pairs with the fence in `store`.
                fence(Acquire);
                // ORDERING: Relaxed. Behind the fence.
                self.sequence.load(Relaxed)
            }
        };
        (before == after).then_some(words)
    }
}

/// The value that the one writer of `one_writer` writes first.
fn look_ahead(_: &Wrong) -> u64 {
    1
}

impl Pair for Wrong {
    fn read(&self) -> [u64; 2] {
        loop {
            if let Some(words) = self.try_read() {
                return words;
            }
            hint::spin_loop();
        }
    }

    fn write(&self, value: u64) {
        self.store(|_| value);
    }

    fn increment(&self) {
        // ORDERING: Relaxed. Behind the exchange in `store`.
        self.store(|it| it.words[0].load(Relaxed) + 1);
    }
}

/// A writer writes once or twice, and a reader reads.
fn one_writer(pair: impl Pair, times: u64) {
    let pair = Arc::new(pair);
    let writer = start(&pair, move |pair| (1..=times).for_each(|n| pair.write(n)));
    let [first, second] = pair.read();
    assert_eq!(first, second, "half of one, half of the other");
    writer.join().unwrap();
    assert_eq!(pair.read(), [times; 2]);
}

/// Two writers write different things.
fn two_writers(pair: impl Pair) {
    let pair = Arc::new(pair);
    let other = start(&pair, |pair| pair.write(1));
    pair.write(2);
    let [first, second] = pair.read();
    assert_eq!(first, second, "half of one, half of the other");
    other.join().unwrap();
    let [first, second] = pair.read();
    assert_eq!(first, second, "half of one, half of the other, for good");
}

/// Two writers add one each.
fn two_updates(pair: impl Pair) {
    let pair = Arc::new(pair);
    let other = start(&pair, |pair| pair.increment());
    pair.increment();
    other.join().unwrap();
    assert_eq!(pair.read(), [2; 2], "an update is lost");
}

fn right() -> SeqLock<2> {
    SeqLock::new([0; 2])
}

const MODELS: [(&str, fn()); 4] = [
    ("one write", || one_writer(right(), 1)),
    ("two writes", || one_writer(right(), 2)),
    ("two writers", || two_writers(right())),
    ("two updates", || two_updates(right())),
];

#[test]
fn what_is_read_was_written_together() {
    for (name, program) in MODELS {
        holds(name, program);
    }
    // The copy that the wrong versions are made from is right without a slip.
    holds("the copy", || one_writer(Wrong::new(Slip::None), 2));
    holds("the copy", || two_updates(Wrong::new(Slip::None)));
}

#[test]
fn wrong_versions_are_caught() {
    use Slip::*;
    let kind = Kind::Assertion;
    caught(
        "seqlock",
        &[
            (
                "reads while odd",
                || one_writer(Wrong::new(ReadsWhileOdd), 1),
                kind,
            ),
            (
                "never looks again",
                || one_writer(Wrong::new(NeverLooksAgain), 1),
                kind,
            ),
            (
                "looks again early",
                || one_writer(Wrong::new(LooksAgainEarly), 1),
                kind,
            ),
            (
                "an acquire load for the fence",
                || one_writer(Wrong::new(AcquiresInPlaceOfTheFence), 1),
                kind,
            ),
            (
                "a release for the fence",
                || one_writer(Wrong::new(ReleasesInPlaceOfTheFence), 1),
                kind,
            ),
            ("even early", || one_writer(Wrong::new(EvenEarly), 1), kind),
            ("odd late", || one_writer(Wrong::new(OddLate), 1), kind),
            (
                "counts once",
                || one_writer(Wrong::new(CountsOnce), 1),
                kind,
            ),
            (
                "lets writers in",
                || two_writers(Wrong::new(LetsWritersIn)),
                kind,
            ),
            (
                "updates from an old look",
                || two_updates(Wrong::new(UpdatesFromAnOldLook)),
                kind,
            ),
        ],
    );
}

#[test]
fn each_ordering_and_each_fence_is_needed() {
    needs_its_orderings("seqlock", &MODELS, &[]);
}

#[test]
fn a_panic_in_an_update_changes_nothing_and_locks_nobody_out() {
    let lock = SeqLock::new([1, 2]);
    let thrown = std::panic::catch_unwind(|| {
        lock.update(|words| {
            words[0] = 7;
            std::panic::resume_unwind(Box::new("planned"));
        });
    });
    assert!(thrown.is_err());
    assert_eq!(lock.try_read(), Some([1, 2]));
    lock.write([3, 4]);
    assert_eq!(lock.read(), [3, 4]);
}
