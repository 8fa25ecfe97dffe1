//! A state that was seen before is not explored again. That must never hide anything: random
//! programs of atomics, locks, futexes and loops end in the same ways with pruning and
//! without, or fail by the same kind.
//!
//! `THREADBARE_SEED` repeats a run, `THREADBARE_PROGRAMS` sets how many programs it tries.

#![allow(unsafe_code, reason = "locks protect a cell")]

use std::env;
use std::hash::{BuildHasher, RandomState};

use explorer::ground::atomic::{
    AtomicU32,
    Ordering::{AcqRel, Acquire, Relaxed, Release},
};
use explorer::ground::cell::UnsafeCell;
use explorer::ground::sync::{Arc, Condvar, Mutex};
use explorer::ground::{futex, hint, thread};
use explorer::{Kind, Model};

/// How many programs are tried, unless `THREADBARE_PROGRAMS` says otherwise.
const PROGRAMS: u64 = 200;

/// What a thread can do. The atomics are numbered.
#[derive(Clone, Copy, Debug)]
enum Act {
    Load(usize),
    Store(usize, u32),
    Swap(usize, u32),
    CompareExchange(usize, u32, u32),
    /// Adds to what the lock protects.
    Lock,
    /// Adds to the same without the lock.
    Trespass,
    Sleep(usize, u32),
    Wake(usize),
    /// Goes round until the atomic is not 0, for ever or for some rounds.
    Spin(usize, usize),
    Park,
    Unpark,
    WaitForNotice,
    Notify,
}

#[derive(Debug)]
struct World {
    atomics: [AtomicU32; 2],
    lock: Mutex<()>,
    data: UnsafeCell<u64>,
    notices: Condvar,
}

// SAFETY: the explorer runs one thread at a time, and ends a run at the first access to
// `data` that nothing orders.
unsafe impl Sync for World {}

impl World {
    fn add(&self) -> u64 {
        self.data.with_mut(|data| {
            // SAFETY: see `Sync`.
            unsafe {
                *data += 1;
                *data
            }
        })
    }

    fn act(&self, act: Act, seen: &mut Vec<u64>) {
        let atomic = |number: usize| &self.atomics[number];
        match act {
            Act::Load(a) => seen.push(atomic(a).load(Acquire).into()),
            Act::Store(a, value) => atomic(a).store(value, Release),
            Act::Swap(a, value) => seen.push(atomic(a).swap(value, AcqRel).into()),
            Act::CompareExchange(a, old, new) => {
                let was = atomic(a).compare_exchange_weak(old, new, AcqRel, Relaxed);
                seen.push(was.map_or_else(|was| 100 + u64::from(was), u64::from));
            }
            Act::Lock => {
                let _guard = self.lock.lock();
                seen.push(self.add());
            }
            Act::Trespass => seen.push(self.add()),
            Act::Sleep(a, value) => futex::wait(atomic(a), value),
            Act::Wake(a) => futex::wake_one(atomic(a)),
            Act::Spin(a, rounds) => {
                for round in 0..rounds {
                    if atomic(a).load(Acquire) != 0 {
                        seen.push(round.min(1) as u64);
                        break;
                    }
                    hint::spin_loop();
                }
            }
            Act::Park => thread::park(),
            Act::Unpark => thread::current().unpark(),
            Act::WaitForNotice => {
                drop(self.notices.wait(self.lock.lock().unwrap()));
            }
            Act::Notify => self.notices.notify_one(),
        }
    }
}

fn run(program: &[Vec<Act>]) -> Vec<Vec<u64>> {
    let world = Arc::new(World {
        atomics: [AtomicU32::new(0), AtomicU32::new(0)],
        lock: Mutex::new(()),
        data: UnsafeCell::new(0),
        notices: Condvar::new(),
    });
    let all = |world: &World, acts: &[Act]| {
        let mut seen = Vec::new();
        for &act in acts {
            world.act(act, &mut seen);
        }
        seen
    };
    let threads: Vec<_> = program[1..]
        .iter()
        .map(|acts| {
            let (world, acts) = (Arc::clone(&world), acts.clone());
            thread::spawn(move || all(&world, &acts))
        })
        .collect();
    let mut seen = vec![all(&world, &program[0])];
    seen.extend(threads.into_iter().map(|thread| thread.join().unwrap()));
    seen
}

/// A small generator: all that matters is that a seed repeats a run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % end
    }

    fn act(&mut self) -> Act {
        let (atomic, value) = (self.below(2) as usize, self.below(2) as u32);
        match self.below(40) {
            0..4 => Act::Load(atomic),
            4..10 => Act::Store(atomic, 1),
            10..14 => Act::Swap(atomic, value),
            14..18 => Act::CompareExchange(atomic, value, 1 - value),
            18..26 => Act::Lock,
            26 => Act::Trespass,
            27 | 28 => Act::Sleep(atomic, value),
            29..32 => Act::Wake(atomic),
            32 => Act::Spin(atomic, usize::MAX),
            33..36 => Act::Spin(atomic, 2),
            36 => Act::Park,
            37 => Act::Unpark,
            38 => Act::WaitForNotice,
            _ => Act::Notify,
        }
    }
}

/// What each run has read, thread by thread.
type Ends = Vec<Vec<Vec<u64>>>;

fn explore(program: &[Vec<Act>], prune: bool) -> (Result<Ends, Kind>, u64) {
    let program = program.to_vec();
    let model = Model::new("a random program").prune(prune).states(60_000);
    match model.outcomes(move || run(&program)) {
        Ok((outcomes, stats)) => {
            (Ok(outcomes.into_iter().collect()), stats.executions)
        }
        Err(failure) => (Err(failure.kind), failure.executions),
    }
}

#[test]
fn pruning_hides_nothing() {
    let number = |name| env::var(name).ok().and_then(|text| text.parse().ok());
    let programs = number("THREADBARE_PROGRAMS").unwrap_or(PROGRAMS);
    let seed = number("THREADBARE_SEED");
    let seed = seed.unwrap_or_else(|| RandomState::new().hash_one(0_u8));
    println!("THREADBARE_SEED={seed}");
    let mut dice = Dice(seed);
    let (mut with, mut without, mut failed) = (0, 0, 0);
    for number in 0..programs {
        let (threads, acts) = if number % 3 == 0 { (3, 2) } else { (2, 3) };
        let program: Vec<Vec<Act>> = (0..threads)
            .map(|_| (0..acts).map(|_| dice.act()).collect())
            .collect();
        let (pruned, some) = explore(&program, true);
        let (whole, all) = explore(&program, false);
        assert_eq!(pruned, whole, "seed {seed}, program {number}: {program:?}");
        (with, without) = (with + some, without + all);
        failed += u32::from(pruned.is_err());
    }
    println!(
        "{programs} programs, {failed} of them fail: {with} executions with pruning, \
         {without} without"
    );
}

/// One line is a loop without end for one thread, and one with an end for another.
#[test]
fn a_loop_that_never_ends_for_one_may_end_for_another() {
    use Act::{Lock, Spin, Store, Swap};
    let program = [
        vec![Lock, Spin(0, usize::MAX)],
        vec![Swap(0, 0), Store(0, 1)],
        vec![Spin(0, 2), Lock],
    ];
    assert_eq!(explore(&program, true).0, explore(&program, false).0);
}
