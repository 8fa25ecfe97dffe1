//! Runs a litmus test on this machine: many short rounds, as close together as can be.
//!
//! A store is seen late only as long as it sits in its core's store buffer, some tens of
//! nanoseconds. So the threads must do their operations at nearly the same moment:
//!
//! - they meet at a start line before each round, and wait there spinning;
//! - each then hesitates a little, a random time, so that each comes first at times;
//! - each round has locations of its own, at random places of a table, each in a cache line
//!   (two, for the prefetcher) of its own, and some threads look at theirs beforehand: what
//!   a store has to wait for, and from where a load gets its value, is different each time.
//!
//! The method is that of litmus7, of the herd tools: Alglave, Maranget, Sarkar, Sewell,
//! *Litmus: running tests against hardware* (2011).

use std::collections::BTreeMap;

use crossbeam_utils::CachePadded;

use super::programs::{Test, Thread};
use crate::ground::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering::Relaxed};
use crate::ground::{hint, thread};
use crate::testkit::Random;

/// How many rounds have locations at the same time: 256 KiB of them, which fits into a
/// core's second cache.
const BATCH: usize = 1_000;
/// How often a thread looks at the start line before it takes the others for descheduled:
/// about a millisecond.
const LOOKS: usize = 20_000;
/// At most so many empty turns does a thread hesitate behind the start line.
const TURNS: u64 = 20;
/// Threads that share a core can't meet before each round: a switch between threads takes
/// thousands of times as long as the round. They meet each so many.
const ROUNDS_APART: usize = 50;

/// How often each outcome was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts {
    outcomes: BTreeMap<Vec<u32>, usize>,
    rounds: usize,
    cores: usize,
}

impl Counts {
    /// How many of the rounds had this outcome.
    pub fn of(&self, outcome: &[u32]) -> usize {
        self.outcomes.get(outcome).copied().unwrap_or(0)
    }

    /// Every outcome that was seen, with its number.
    pub fn iter(&self) -> impl Iterator<Item = (&[u32], usize)> {
        let outcomes = self.outcomes.iter();
        outcomes.map(|(outcome, &count)| (outcome.as_slice(), count))
    }

    /// How many rounds there were.
    pub const fn rounds(&self) -> usize {
        self.rounds
    }

    /// How many cores the threads had. With fewer cores than threads, not all threads ran
    /// at the same time; with one core no two did, and such counts say nothing.
    pub const fn cores(&self) -> usize {
        self.cores
    }
}

/// Runs `test` on this machine `rounds` times, and counts the outcomes.
///
/// What it does not find may still exist: on another processor, with another compiler, or
/// in the next run. `seed` decides where the locations are and who hesitates; the outcomes
/// are the processor's affair.
///
/// # Panics
/// If a thread can't be spawned.
/// # Blocking
/// Until all rounds are done: less than a microsecond each, on cores with nothing else to
/// do. No round waits for a certain outcome.
/// # Example
/// ```
/// use threadbare::atomic::litmus::{TESTS, run};
///
/// for test in TESTS {
///     let counts = run(test, 100, 7);
///     if !test.allowed {
///         assert_eq!(counts.of(test.program.weak), 0, "{}", test.name());
///     }
/// }
/// ```
pub fn run(test: &Test, rounds: usize, seed: u64) -> Counts {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let mut random = Random::new(seed);
    let mut table = Table::new(BATCH.min(rounds));
    let mut outcomes = BTreeMap::new();
    let mut left = rounds;
    while left > 0 {
        let batch = left.min(BATCH);
        left -= batch;
        table.reset(&mut random);
        let returned = run_batch(test, &table, batch, cores, &mut random);
        for round in 0..batch {
            let outcome = test.outcome(
                returned.iter().map(|of_thread| of_thread[round]),
                table.locations(round).map(|location| {
                    // ORDERING: Relaxed. The threads were joined by `scope`.
                    location.load(Relaxed)
                }),
            );
            *outcomes.entry(outcome).or_insert(0) += 1;
        }
    }
    Counts {
        outcomes,
        rounds,
        cores,
    }
}

/// Lets the threads of a test run through a number of rounds, and returns for each thread
/// what it returned in each round.
fn run_batch(
    test: &Test,
    table: &Table,
    rounds: usize,
    cores: usize,
    random: &mut Random,
) -> Vec<Vec<[u32; 2]>> {
    let line = StartLine::new(test.threads.len(), cores);
    thread::scope(|scope| {
        let running: Vec<_> = test
            .threads
            .iter()
            .map(|&thread| {
                let (random, line) = (Random::new(random.next_u64()), &line);
                scope.spawn(move || run_thread(thread, table, rounds, line, random))
            })
            .collect();
        let joined = running.into_iter().map(|thread| thread.join());
        joined
            .map(|returned| returned.expect("no test panics"))
            .collect()
    })
}

fn run_thread(
    thread: Thread,
    table: &Table,
    rounds: usize,
    line: &StartLine,
    mut random: Random,
) -> Vec<[u32; 2]> {
    let mut returned = Vec::with_capacity(rounds);
    for round in 0..rounds {
        let [x, y] = table.locations(round);
        let chance = random.next_u64();
        if chance & 1 == 0 {
            // ORDERING: Relaxed, both. What they read does not matter: they are there to
            // bring the two lines into this core's cache.
            hint::black_box((x.load(Relaxed), y.load(Relaxed)));
        }
        line.meet(round);
        for _ in 0..(chance >> 1) % TURNS {
            hint::black_box(());
        }
        returned.push(thread(x, y));
    }
    returned
}

/// Locations for a batch of rounds, at places that change from batch to batch.
#[derive(Debug)]
struct Table {
    locations: Vec<CachePadded<AtomicU32>>,
    /// Which locations a round has: those at twice its number, and behind it.
    places: Vec<usize>,
}

impl Table {
    fn new(rounds: usize) -> Self {
        let locations = (0..2 * rounds).map(|_| CachePadded::new(AtomicU32::new(0)));
        Self {
            locations: locations.collect(),
            places: (0..2 * rounds).collect(),
        }
    }

    /// Sets all to 0, and shuffles them (Fisher and Yates).
    fn reset(&mut self, random: &mut Random) {
        for location in &mut self.locations {
            *location.get_mut() = 0;
        }
        for last in (1..self.places.len()).rev() {
            let other = random.below(last as u64 + 1) as usize;
            self.places.swap(last, other);
        }
    }

    fn locations(&self, round: usize) -> [&AtomicU32; 2] {
        [2 * round, 2 * round + 1].map(|at| &*self.locations[self.places[at]])
    }
}

/// Where threads wait for each other, spinning, again and again.
///
/// On a busy machine one of them may lose its core for milliseconds. Rather than let the
/// other one spin as long, in each of a hundred thousand rounds, who has waited too long
/// takes the line away: the rest of the batch is run without meeting.
#[derive(Debug)]
struct StartLine {
    /// How often a thread has come here. Threads number `threads * n` leave together.
    arrived: CachePadded<AtomicUsize>,
    is_gone: AtomicBool,
    threads: usize,
    /// Whether each thread has a core for itself.
    cores_suffice: bool,
}

impl StartLine {
    fn new(threads: usize, cores: usize) -> Self {
        Self {
            arrived: CachePadded::new(AtomicUsize::new(0)),
            is_gone: AtomicBool::new(false),
            threads,
            cores_suffice: threads <= cores,
        }
    }

    fn meet(&self, round: usize) {
        if !self.cores_suffice && !round.is_multiple_of(ROUNDS_APART) {
            return;
        }
        // ORDERING: Relaxed, like all here. The line is there for the sake of time alone:
        // no thread reads anything on the strength of having met another, and the less it
        // orders, the less it hides of what the test is to show.
        let mine = self.arrived.fetch_add(1, Relaxed);
        let all = (mine / self.threads + 1) * self.threads;
        let mut looks = 0;
        // ORDERING: Relaxed, as above.
        while self.arrived.load(Relaxed) < all {
            // ORDERING: Relaxed, as above.
            if self.is_gone.load(Relaxed) {
                return;
            }
            looks += 1;
            if !self.cores_suffice {
                thread::yield_now(); // somebody may be waiting for this very core
            } else if looks < LOOKS {
                hint::spin_loop();
            } else {
                // ORDERING: Relaxed, as above.
                self.is_gone.store(true, Relaxed);
            }
        }
    }
}
