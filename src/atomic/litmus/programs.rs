//! The litmus tests themselves: two to four threads, two locations, and a question.
//!
//! This file says `super::ground` and nothing else about where it stands. So the very same
//! functions run on the machine's memory, in [`run`](super::run), and in a model, where
//! another file includes this one over the explorer's ground. `x` and `y` are 0 at first.
//!
//! Each thread is a function, called through a pointer that the compiler can't look behind.
//! So it merges no two operations of different rounds; what it does within one is what the
//! language lets it do.

use super::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release, SeqCst},
    fence,
};

/// A thread: does what it does to `x` and `y`, and returns what it read, then zeros.
pub type Thread = fn(&AtomicU32, &AtomicU32) -> [u32; 2];

/// A program with its orderings left out, and the outcome that it asks for.
#[derive(Debug, PartialEq)]
pub struct Program {
    /// What it is called in the literature.
    pub name: &'static str,
    /// What happens, and the question.
    pub story: &'static str,
    /// What each thread does, as text.
    pub threads: &'static [&'static str],
    /// How many values each thread reads.
    pub reads: &'static [usize],
    /// Whether the outcome is what `x` and `y` hold at last, rather than what was read.
    pub last: bool,
    /// The outcome in question.
    pub weak: &'static [u32],
}

/// A program with its orderings.
#[derive(Clone, Copy, Debug)]
pub struct Test {
    /// The program; several tests share one.
    pub program: &'static Program,
    /// The orderings, or the fence, that this version has.
    pub orderings: &'static str,
    /// The threads.
    pub threads: &'static [Thread],
    /// Whether the language (C++20, which Rust follows) allows the outcome in question.
    pub allowed: bool,
}

impl Test {
    /// Name and orderings: no two tests have both in common.
    pub fn name(&self) -> String {
        format!("{}, {}", self.program.name, self.orderings)
    }

    /// The outcome of a round: what its threads returned, cut to what they read, or what
    /// `x` and `y` hold at last, whichever it is that the program looks at.
    pub fn outcome(
        &self,
        returned: impl IntoIterator<Item = [u32; 2]>,
        last: [u32; 2],
    ) -> Vec<u32> {
        if self.program.last {
            return last.to_vec();
        }
        let mut outcome = Vec::with_capacity(self.program.weak.len());
        for (values, reads) in returned.into_iter().zip(self.program.reads) {
            outcome.extend(&values[..*reads]);
        }
        outcome
    }

    /// An outcome as text: `r0=1 r1=0`, or `x=1 y=1`.
    pub fn show(&self, outcome: &[u32]) -> String {
        let value = |(at, value)| match (self.program.last, at) {
            (false, _) => format!("r{at}={value}"),
            (true, 0) => format!("x={value}"),
            (true, _) => format!("y={value}"),
        };
        let values: Vec<String> = outcome.iter().enumerate().map(value).collect();
        values.join(" ")
    }
}

const ADDING: Program = Program {
    name: "adding",
    story: "Each adds one to x. Can both read 0, so that one of the two is lost?",
    threads: &["r0 = x; x = r0 + 1", "r1 = x; x = r1 + 1"],
    reads: &[1, 1],
    last: false,
    weak: &[0, 0],
};

const COHERENCE: Program = Program {
    name: "coherence",
    story: "One stores to x, the other loads it twice. Can it see the new value first \
            and the old one after it?",
    threads: &["x = 1", "r0 = x; r1 = x"],
    reads: &[0, 2],
    last: false,
    weak: &[1, 0],
};

const STORE_BUFFERING: Program = Program {
    name: "store buffering",
    story: "Each stores, then loads what the other one stores. Can both read 0?",
    threads: &["x = 1; r0 = y", "y = 1; r1 = x"],
    reads: &[1, 1],
    last: false,
    weak: &[0, 0],
};

const MESSAGE_PASSING: Program = Program {
    name: "message passing",
    story: "One writes a message, x, and sets a flag, y. Can the other one see the flag \
            and read an old message?",
    threads: &["x = 1; y = 1", "r0 = y; r1 = x"],
    reads: &[0, 2],
    last: false,
    weak: &[1, 0],
};

const LOAD_BUFFERING: Program = Program {
    name: "load buffering",
    story: "Each loads, then stores what the other one loads. Can both read 1, from \
            stores that come after the loads?",
    threads: &["r0 = x; y = 1", "r1 = y; x = 1"],
    reads: &[1, 1],
    last: false,
    weak: &[1, 1],
};

const TWO_STORES_EACH: Program = Program {
    name: "2+2W",
    story: "Each stores 1 to one location and then 2 to the other. Can both stores of 1 \
            be last?",
    threads: &["x = 1; y = 2", "y = 1; x = 2"],
    reads: &[0, 0],
    last: true,
    weak: &[1, 1],
};

const IRIW: Program = Program {
    name: "IRIW",
    story: "Two write, each to a location of its own, and two read both. Can the readers \
            disagree about which was written first? (Independent reads of independent \
            writes.)",
    threads: &["x = 1", "y = 1", "r0 = x; r1 = y", "r2 = y; r3 = x"],
    reads: &[0, 0, 2, 2],
    last: false,
    weak: &[1, 0, 1, 0],
};

/// A line of the table.
const fn test(
    program: &'static Program,
    orderings: &'static str,
    allowed: bool,
    threads: &'static [Thread],
) -> Test {
    assert!(program.threads.len() == threads.len());
    Test {
        program,
        orderings,
        threads,
        allowed,
    }
}

/// All tests. Those of one program stand together, the weakest orderings first.
#[rustfmt::skip]
pub const TESTS: &[Test] = &[
    test(&ADDING, "load, store", true, &[add_in_two_steps, add_in_two_steps]),
    test(&ADDING, "fetch_add", false, &[add_in_one_step, add_in_one_step]),
    test(&COHERENCE, "Relaxed", false, &[|x, _| store(x), |x, _| load_both(x, x)]),
    test(&STORE_BUFFERING, "Relaxed", true, &[
        |x, y| store_then_load(x, y),
        |x, y| store_then_load(y, x),
    ]),
    test(&STORE_BUFFERING, "Release, Acquire", true, &[
        |x, y| store_then_load_release_acquire(x, y),
        |x, y| store_then_load_release_acquire(y, x),
    ]),
    test(&STORE_BUFFERING, "SeqCst", false, &[
        |x, y| store_then_load_seq_cst(x, y),
        |x, y| store_then_load_seq_cst(y, x),
    ]),
    test(&STORE_BUFFERING, "SeqCst fences", false, &[
        |x, y| store_fence_load(x, y),
        |x, y| store_fence_load(y, x),
    ]),
    test(&MESSAGE_PASSING, "Relaxed", true, &[publish, |x, y| load_both(y, x)]),
    test(&MESSAGE_PASSING, "Release, Acquire", false, &[
        publish_release,
        |x, y| load_both_acquire(y, x),
    ]),
    test(&LOAD_BUFFERING, "Relaxed", true, &[
        |x, y| load_then_store(x, y),
        |x, y| load_then_store(y, x),
    ]),
    test(&TWO_STORES_EACH, "Relaxed", true, &[
        |x, y| store_both(x, y),
        |x, y| store_both(y, x),
    ]),
    test(&IRIW, "Relaxed", true, &[
        |x, _| store(x),
        |_, y| store(y),
        |x, y| load_both(x, y),
        |x, y| load_both(y, x),
    ]),
    test(&IRIW, "Release, Acquire", true, &[
        |x, _| store_release(x),
        |_, y| store_release(y),
        |x, y| load_both_acquire(x, y),
        |x, y| load_both_acquire(y, x),
    ]),
    test(&IRIW, "SeqCst", false, &[
        |x, _| store_seq_cst(x),
        |_, y| store_seq_cst(y),
        |x, y| load_both_seq_cst(x, y),
        |x, y| load_both_seq_cst(y, x),
    ]),
];

fn add_in_two_steps(x: &AtomicU32, _: &AtomicU32) -> [u32; 2] {
    // ORDERING: Relaxed. The test asks about one location.
    let seen = x.load(Relaxed);
    // ORDERING: Relaxed, as the load above.
    x.store(seen + 1, Relaxed);
    [seen, 0]
}

fn add_in_one_step(x: &AtomicU32, _: &AtomicU32) -> [u32; 2] {
    // ORDERING: Relaxed. A read-modify-write reads the newest value with any ordering.
    [x.fetch_add(1, Relaxed), 0]
}

fn store(to: &AtomicU32) -> [u32; 2] {
    // ORDERING: Relaxed: what the test is about.
    to.store(1, Relaxed);
    [0, 0]
}

fn store_release(to: &AtomicU32) -> [u32; 2] {
    // ORDERING: Release; pairs with the loads in `load_both_acquire`.
    to.store(1, Release);
    [0, 0]
}

fn store_seq_cst(to: &AtomicU32) -> [u32; 2] {
    // ORDERING: SeqCst; pairs with the loads in `load_both_seq_cst`. Forbidden in IRIW:
    // reader 1 sees x and not yet y, reader 2 sees y and not yet x.
    to.store(1, SeqCst);
    [0, 0]
}

fn load_both(first: &AtomicU32, second: &AtomicU32) -> [u32; 2] {
    // ORDERING: Relaxed, both: what the test is about.
    let first = first.load(Relaxed);
    // ORDERING: Relaxed, as above.
    [first, second.load(Relaxed)]
}

fn load_both_acquire(first: &AtomicU32, second: &AtomicU32) -> [u32; 2] {
    // ORDERING: Acquire, both; pairs with the stores in `publish_release` and
    // `store_release`.
    let first = first.load(Acquire);
    // ORDERING: Acquire; pairs with the stores in `publish_release` and `store_release`.
    [first, second.load(Acquire)]
}

fn load_both_seq_cst(first: &AtomicU32, second: &AtomicU32) -> [u32; 2] {
    // ORDERING: SeqCst; pairs with `store_seq_cst`, where the forbidden outcome stands.
    let first = first.load(SeqCst);
    // ORDERING: SeqCst; pairs with `store_seq_cst`, as above.
    [first, second.load(SeqCst)]
}

fn store_then_load(to: &AtomicU32, from: &AtomicU32) -> [u32; 2] {
    // ORDERING: Relaxed: what the test is about.
    to.store(1, Relaxed);
    // ORDERING: Relaxed, as the store above.
    [from.load(Relaxed), 0]
}

fn store_then_load_release_acquire(to: &AtomicU32, from: &AtomicU32) -> [u32; 2] {
    // ORDERING: Release; pairs with the load in `store_then_load_release_acquire`, which
    // is not enough: that load may read 0, and then nothing pairs.
    to.store(1, Release);
    // ORDERING: Acquire; pairs with the store in `store_then_load_release_acquire`.
    [from.load(Acquire), 0]
}

fn store_then_load_seq_cst(to: &AtomicU32, from: &AtomicU32) -> [u32; 2] {
    // ORDERING: SeqCst; pairs with the load in `store_then_load_seq_cst`. Forbidden:
    // thread 1 does x = 1 and reads y == 0, thread 2 does y = 1 and reads x == 0.
    to.store(1, SeqCst);
    // ORDERING: SeqCst; pairs with the store in `store_then_load_seq_cst`.
    [from.load(SeqCst), 0]
}

fn store_fence_load(to: &AtomicU32, from: &AtomicU32) -> [u32; 2] {
    // ORDERING: Relaxed; the fence below orders it before the load.
    to.store(1, Relaxed);
    // ORDERING: SeqCst; pairs with the fence of the other thread, in `store_fence_load`.
    // Forbidden: thread 1 does x = 1 and reads y == 0, thread 2 does y = 1 and reads
    // x == 0.
    fence(SeqCst);
    // ORDERING: Relaxed; the fence above orders it behind the store.
    [from.load(Relaxed), 0]
}

fn publish(message: &AtomicU32, flag: &AtomicU32) -> [u32; 2] {
    // ORDERING: Relaxed, both: what the test is about.
    message.store(1, Relaxed);
    // ORDERING: Relaxed, as above.
    flag.store(1, Relaxed);
    [0, 0]
}

fn publish_release(message: &AtomicU32, flag: &AtomicU32) -> [u32; 2] {
    // ORDERING: Relaxed; the store below publishes it.
    message.store(1, Relaxed);
    // ORDERING: Release; pairs with the first load in `load_both_acquire`.
    flag.store(1, Release);
    [0, 0]
}

fn load_then_store(from: &AtomicU32, to: &AtomicU32) -> [u32; 2] {
    // ORDERING: Relaxed, both: what the test is about.
    let seen = from.load(Relaxed);
    // ORDERING: Relaxed, as above.
    to.store(1, Relaxed);
    [seen, 0]
}

fn store_both(first: &AtomicU32, second: &AtomicU32) -> [u32; 2] {
    // ORDERING: Relaxed, both: what the test is about.
    first.store(1, Relaxed);
    // ORDERING: Relaxed, as above.
    second.store(2, Relaxed);
    [0, 0]
}
