//! A seqlock: the writer makes the count odd, writes, and makes it even; a reader that saw
//! the same even count before and after has read one version.
//!
//! The data are atomics, because readers do read while the writer writes.

use super::ground::atomic::{AtomicU32, Ordering::*, fence};
use super::ground::sync::Arc;
use super::ground::{hint, thread};
use super::spec::{Primitive, spec, versions};

spec! {
    orderings {
        /// Relaxed: the fence that follows orders it.
        make_odd: Relaxed,
        /// Release: whoever sees a word that was written after it sees the odd count.
        /// Pairs with `read_fence`.
        write_fence: Release,
        /// Release: whoever sees this even count sees the words. Pairs with `look`.
        make_even: Release,
        /// Acquire: pairs with `make_even`.
        look: Acquire,
        /// Acquire: whatever write a word came from, its odd count is seen by `look_again`.
        /// Pairs with `write_fence`.
        read_fence: Acquire,
        /// Relaxed: the fence above orders it.
        look_again: Relaxed,
    }
    slips {
        /// Reads while the count is odd.
        reads_while_odd,
        /// Does not look at the count again.
        never_looks_again,
        /// Looks again before it reads the words.
        looks_again_early,
        /// The reader has no fence.
        forgets_the_read_fence,
        /// The writer has no fence.
        forgets_the_write_fence,
        /// Makes the count even before it writes the second word.
        makes_even_early,
        /// Writes the first word before it makes the count odd.
        makes_odd_late,
        /// Does not make the count odd: adds two at the end.
        counts_once,
    }
}

struct SeqLock {
    spec: Spec,
    count: AtomicU32,
    words: [AtomicU32; 2],
}

impl SeqLock {
    /// Called by one thread only.
    fn write(&self, value: u32) {
        let spec = &self.spec;
        let count = self.count.load(Relaxed);
        if spec.makes_odd_late {
            self.words[0].store(value, Relaxed);
        }
        if !spec.counts_once {
            self.count.store(count + 1, spec.make_odd);
        }
        if !spec.forgets_the_write_fence {
            fence(spec.write_fence);
        }
        if !spec.makes_odd_late {
            self.words[0].store(value, Relaxed);
        }
        if spec.makes_even_early {
            self.count.store(count + 2, spec.make_even);
        }
        self.words[1].store(value, Relaxed);
        if !spec.makes_even_early {
            self.count.store(count + 2, spec.make_even);
        }
    }

    /// Both words, if the writer did not come in between.
    fn try_read(&self) -> Option<[u32; 2]> {
        let spec = &self.spec;
        let before = self.count.load(spec.look);
        if before % 2 == 1 && !spec.reads_while_odd {
            return None;
        }
        let mut after = before;
        if spec.looks_again_early {
            after = self.count.load(spec.look_again);
        }
        let words = [self.words[0].load(Relaxed), self.words[1].load(Relaxed)];
        if !spec.forgets_the_read_fence {
            fence(spec.read_fence);
        }
        if !spec.never_looks_again && !spec.looks_again_early {
            after = self.count.load(spec.look_again);
        }
        (before == after).then_some(words)
    }
}

/// One writer writes once; the reader tries until it has one version.
fn one_write(spec: Spec) {
    writes(spec, 1);
}

/// One writer writes twice.
fn two_writes(spec: Spec) {
    writes(spec, 2);
}

fn writes(spec: Spec, last: u32) {
    let lock = Arc::new(SeqLock {
        spec,
        count: AtomicU32::new(0),
        words: [AtomicU32::new(0), AtomicU32::new(0)],
    });
    let writer = thread::spawn({
        let lock = Arc::clone(&lock);
        move || {
            for value in 1..=last {
                lock.write(value);
            }
        }
    });
    let [first, second] = loop {
        match lock.try_read() {
            Some(words) => break words,
            None => hint::spin_loop(),
        }
    };
    assert_eq!(first, second, "half of one version, half of another");
    writer.join().unwrap();
    assert_eq!(lock.try_read(), Some([last, last]));
}

pub fn primitive() -> Primitive {
    Primitive::new(
        "seqlock",
        RIGHT,
        &[("one write", one_write), ("two writes", two_writes)],
        versions! {
            "look is Relaxed" { look: Relaxed } wrong [Assertion];
            "make_even is Relaxed" { make_even: Relaxed } wrong [Assertion];
            "the read fence is Release" { read_fence: Release } wrong [Assertion];
            "the write fence is Acquire" { write_fence: Acquire } wrong [Assertion];
            "no read fence" { forgets_the_read_fence: true } wrong [Assertion];
            "no read fence, looks again with Acquire"
                { forgets_the_read_fence: true, look_again: Acquire } wrong [Assertion];
            "no write fence" { forgets_the_write_fence: true } wrong [Assertion];
            "no write fence, makes odd with Release"
                { forgets_the_write_fence: true, make_odd: Release } wrong [Assertion];
            "reads while the count is odd" { reads_while_odd: true } wrong [Assertion];
            "never looks again" { never_looks_again: true } wrong [Assertion];
            "looks again before it reads" { looks_again_early: true } wrong [Assertion];
            "makes even before the second word"
                { makes_even_early: true } wrong [Assertion];
            "makes odd after the first word" { makes_odd_late: true } wrong [Assertion];
            "counts once" { counts_once: true } wrong [Assertion];
        },
    )
}
