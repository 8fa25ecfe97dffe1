//! Random small programs: the closures of the explorer, its litmus engine, the relations of
//! the standard and a plain enumeration of interleavings have to agree.
//!
//! `THREADBARE_SEED` repeats a run, `THREADBARE_PROGRAMS` sets how many programs each test
//! tries. A program that shows a difference is printed as it can be pasted into a test.

mod axioms;
mod random;

use std::collections::BTreeSet;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};

use explorer::ground::atomic::{AtomicU64, fence};
use explorer::ground::cell::UnsafeCell;
use explorer::ground::sync::Arc;
use explorer::ground::{hint, thread};
use explorer::litmus::{Op, Outcome, Program};
use explorer::{Kind, Model};

use axioms::races::{Place, can_race};
use random::{Random, Shown, programs, seed};

const LOCATIONS: usize = 2;

/// How many programs a test tries, unless `THREADBARE_PROGRAMS` says otherwise.
const PROGRAMS: u64 = 400;

#[test]
fn closures_and_the_litmus_engine_show_the_same() {
    for_each_program(
        "closures_and_the_litmus_engine_show_the_same",
        false,
        |threads| {
            let model = Model::new("a random program");
            let run = threads.to_vec();
            let (closures, stats) =
                model.outcomes(move || execute(&run, None, None)).unwrap();
            assert!(stats.complete);
            assert_eq!(closures, Program::new(threads.to_vec()).outcomes());
        },
    );
}

#[test]
fn the_litmus_engine_shows_what_the_standard_allows() {
    for_each_program(
        "the_litmus_engine_shows_what_the_standard_allows",
        false,
        |threads| {
            let shown = Program::new(threads.to_vec()).outcomes();
            let allowed = axioms::outcomes(threads);
            assert_eq!(shown, allowed.in_order);
            assert!(shown.is_subset(&allowed.cxx20));
        },
    );
}

#[test]
fn seqcst_is_interleaving() {
    for_each_program("seqcst_is_interleaving", true, |threads| {
        let mut interleaved = BTreeSet::new();
        let start = Outcome {
            registers: vec![0; registers(threads)],
            memory: vec![0; locations(threads)],
        };
        interleave(
            threads,
            &mut vec![0; threads.len()],
            &start,
            &mut interleaved,
        );
        assert_eq!(Program::new(threads.to_vec()).outcomes(), interleaved);
        let run = threads.to_vec();
        let model = Model::new("a random program");
        let (closures, _) =
            model.outcomes(move || execute(&run, None, None)).unwrap();
        assert_eq!(closures, interleaved);
    });
}

#[test]
fn races_are_those_of_the_standard() {
    let mut races = 0;
    let mut random = Random(seed("races_are_those_of_the_standard"));
    let programs = programs(PROGRAMS);
    for _ in 0..programs {
        let all_seq_cst = random.below(2) == 0;
        let threads = random.program(all_seq_cst);
        let places = random.places(&threads);
        let run = threads.clone();
        let race = move || drop(execute(&run, Some(places), None));
        let model = Model::new("a random program");
        let raced = match model.explore(race.clone()) {
            Ok(stats) => {
                assert!(stats.complete);
                false
            }
            Err(failure) => {
                assert_eq!(failure.kind, Kind::DataRace, "{failure}");
                let again = model.replay(&failure.schedule, race).unwrap_err();
                assert_eq!(again.sentence, failure.sentence);
                true
            }
        };
        races += u64::from(raced);
        let expected = can_race(&threads, places);
        assert_eq!(raced, expected, "{places:?} in {threads:?}");
    }
    eprintln!("{races} of {programs} programs race");
    assert!(races > 0 && races < programs, "both kinds of program occur");
}

/// One load goes round a loop until it has read something: what the program can end in is
/// what it could without the loop, if that load is not 0.
#[test]
fn a_loop_ends_in_what_its_last_round_could_read() {
    let mut random = Random(seed("a_loop_ends_in_what_its_last_round_could_read"));
    let mut looped = 0;
    for _ in 0..programs(PROGRAMS) {
        let threads = random.program(false);
        let Some((awaited, register)) = random.awaited(&threads) else {
            continue;
        };
        // A loop of one operation need not say that it is one.
        let pauses: [fn(); 3] = [hint::spin_loop, thread::yield_now, || ()];
        let pause = random.pick(&pauses);
        looped += 1;
        let shown = Shown(&(&threads, awaited));
        let mut expected = axioms::outcomes(&threads).in_order;
        expected.retain(|outcome| outcome.registers[register] != 0);
        let run = threads.clone();
        let (explored, stats) = Model::new("a random program")
            .outcomes(move || execute(&run, None, Some((awaited, pause))))
            .unwrap();
        assert!(stats.complete);
        assert_eq!(explored, expected);
        drop(shown);
    }
    assert!(looped > 0);
}

/// Calls `check` with random programs.
fn for_each_program(test: &str, all_seq_cst: bool, check: impl Fn(&[Vec<Op>])) {
    let mut random = Random(seed(test));
    for _ in 0..programs(PROGRAMS) {
        let threads = random.program(all_seq_cst);
        let shown = Shown(&threads);
        check(&threads);
        drop(shown);
    }
}

/// An operation that goes round a loop, by its thread and number, and what is done between
/// two rounds.
type Awaited = ((usize, usize), fn());

/// What the program does, over the explorer's ground; at two places one plain access, and
/// one operation of one thread again and again until it reads something.
fn execute(
    threads: &[Vec<Op>],
    plain: Option<[Place; 2]>,
    awaited: Option<Awaited>,
) -> Outcome {
    let count = locations(threads);
    let shared = Arc::new(Shared {
        atomics: (0..count).map(|_| AtomicU64::new(0)).collect(),
        plain: UnsafeCell::new(0),
    });
    let mut handles = Vec::new();
    for (number, ops) in threads.iter().enumerate() {
        let (ops, shared) = (ops.clone(), Arc::clone(&shared));
        let mut places = plain.into_iter().flatten();
        let place = places.find(|place| place.thread == number);
        handles.push(thread::spawn(move || {
            let mut registers = Vec::new();
            for at in 0..=ops.len() {
                let here = place.is_some_and(|place| {
                    let zero = |it| registers.contains(&(it, 0));
                    place.behind == at && !place.unless_zero.is_some_and(zero)
                });
                if here {
                    // Whether anybody else is here is what the explorer is asked.
                    shared.plain.with_mut(|_| ());
                }
                let Some(&op) = ops.get(at) else { break };
                let mut read = step(&shared.atomics, op);
                while let Some((place, pause)) = awaited
                    && place == (number, at)
                    && read.is_some_and(|(_, value)| value == 0)
                {
                    pause();
                    read = step(&shared.atomics, op);
                }
                registers.extend(read);
            }
            registers
        }));
    }
    let mut outcome = Outcome {
        registers: vec![0; registers(threads)],
        memory: Vec::new(),
    };
    for handle in handles {
        for (register, value) in handle.join().unwrap() {
            outcome.registers[register] = value;
        }
    }
    let newest = |atomic: &AtomicU64| atomic.load(Relaxed);
    outcome.memory = shared.atomics.iter().map(newest).collect();
    outcome
}

struct Shared {
    atomics: Vec<AtomicU64>,
    plain: UnsafeCell<u32>,
}

#[allow(unsafe_code, reason = "a cell is shared on purpose")]
// SAFETY: the pointer to `plain` is never dereferenced.
unsafe impl Sync for Shared {}

/// Executes one operation; if it reads, returns its register and the value.
fn step(atomics: &[AtomicU64], op: Op) -> Option<(usize, u64)> {
    match op {
        Op::Write(at, value, order) => {
            atomics[at].store(value, order);
            None
        }
        Op::Read(register, at, order) => Some((register, atomics[at].load(order))),
        Op::Add(register, at, more, order) => {
            Some((register, atomics[at].fetch_add(more, order)))
        }
        Op::CompareExchange(register, at, expected, new, order, failure) => {
            let exchanged =
                atomics[at].compare_exchange(expected, new, order, failure);
            Some((register, exchanged.unwrap_or_else(|read| read)))
        }
        Op::Fence(order) => {
            fence(order);
            None
        }
    }
}

/// Every order in which the threads can take their steps, on a memory of one value each:
/// nothing of the explorer is used.
fn interleave(
    threads: &[Vec<Op>],
    done: &mut Vec<usize>,
    now: &Outcome,
    ends: &mut BTreeSet<Outcome>,
) {
    let mut ended = true;
    for thread in 0..threads.len() {
        let Some(&op) = threads[thread].get(done[thread]) else {
            continue;
        };
        ended = false;
        let mut after = now.clone();
        match op {
            Op::Write(at, value, _) => after.memory[at] = value,
            Op::Read(register, at, _) => after.registers[register] = now.memory[at],
            Op::Add(register, at, more, _) => {
                after.registers[register] = now.memory[at];
                after.memory[at] += more;
            }
            Op::CompareExchange(register, at, expected, new, ..) => {
                after.registers[register] = now.memory[at];
                if now.memory[at] == expected {
                    after.memory[at] = new;
                }
            }
            Op::Fence(_) => {}
        }
        done[thread] += 1;
        interleave(threads, done, &after, ends);
        done[thread] -= 1;
    }
    if ended {
        ends.insert(now.clone());
    }
}

fn registers(threads: &[Vec<Op>]) -> usize {
    let reads = |op: &&Op| !matches!(op, Op::Write(..) | Op::Fence(_));
    threads.iter().flatten().filter(reads).count()
}

fn locations(threads: &[Vec<Op>]) -> usize {
    let location = |op: &Op| match *op {
        Op::Write(at, ..)
        | Op::Read(_, at, _)
        | Op::Add(_, at, ..)
        | Op::CompareExchange(_, at, ..) => Some(at + 1),
        Op::Fence(_) => None,
    };
    threads
        .iter()
        .flatten()
        .filter_map(location)
        .max()
        .unwrap_or(0)
}

/// What the tests ask of [`Random`].
impl Random {
    /// A load, and its register, that can wait for something: another thread stores to its
    /// location, come what may, and no store is of 0.
    fn awaited(&mut self, threads: &[Vec<Op>]) -> Option<((usize, usize), usize)> {
        let mut loads = Vec::new();
        for (thread, ops) in threads.iter().enumerate() {
            for (index, op) in ops.iter().enumerate() {
                let Op::Read(register, at, _) = *op else {
                    continue;
                };
                let mut others = threads.iter().enumerate();
                let stored = others.any(|(other, ops)| {
                    let stores =
                        |op: &Op| matches!(*op, Op::Write(it, ..) if it == at);
                    other != thread && ops.iter().any(stores)
                });
                if stored {
                    loads.push(((thread, index), register));
                }
            }
        }
        (!loads.is_empty()).then(|| self.pick(&loads))
    }

    /// A plain access in each of the first two threads: the first anywhere, but often at the
    /// start, the second behind a load that has seen something, if there is one.
    fn places(&mut self, threads: &[Vec<Op>]) -> [Place; 2] {
        let anywhere = |random: &mut Self, thread: usize| Place {
            thread,
            behind: random.below(threads[thread].len() as u64 + 1) as usize,
            unless_zero: None,
        };
        let mut first = anywhere(self, 0);
        if self.below(2) == 0 {
            first.behind = 0;
        }
        let loads = threads[1]
            .iter()
            .enumerate()
            .filter_map(|(at, op)| match *op {
                Op::Read(register, ..)
                | Op::Add(register, ..)
                | Op::CompareExchange(register, ..) => Some(Place {
                    thread: 1,
                    behind: at + 1,
                    unless_zero: Some(register),
                }),
                Op::Write(..) | Op::Fence(_) => None,
            });
        let loads: Vec<_> = loads.collect();
        let second = if loads.is_empty() {
            anywhere(self, 1)
        } else {
            self.pick(&loads)
        };
        [first, second]
    }

    /// Two threads of up to four operations, or three of up to three.
    fn program(&mut self, all_seq_cst: bool) -> Vec<Vec<Op>> {
        let threads = 2 + self.below(2);
        let most = if threads == 2 { 4 } else { 3 };
        let mut register = 0..;
        let mut value = 1..;
        let mut op = |random: &mut Self| {
            let order = |random: &mut Self, orders: &[_]| match all_seq_cst {
                true => SeqCst,
                false => random.pick(orders),
            };
            let at = random.below(LOCATIONS as u64) as usize;
            let loads = [Relaxed, Acquire, SeqCst];
            match random.below(10) {
                0..4 => {
                    let order = order(random, &[Relaxed, Release, SeqCst]);
                    Op::Write(at, value.next().unwrap_or(0), order)
                }
                4..7 => {
                    let order = order(random, &loads);
                    Op::Read(register.next().unwrap_or(0), at, order)
                }
                7 => {
                    let orders = [Relaxed, Acquire, Release, AcqRel, SeqCst];
                    let order = order(random, &orders);
                    // To add nothing is an update like any other.
                    let more = random.pick(&[0, 10]);
                    Op::Add(register.next().unwrap_or(0), at, more, order)
                }
                8 => {
                    let expected = random.below(3);
                    let new =
                        random.pick(&[expected, 100 + value.next().unwrap_or(0)]);
                    let success =
                        order(random, &[Relaxed, Acquire, Release, AcqRel]);
                    let failure = order(random, &loads);
                    let register = register.next().unwrap_or(0);
                    Op::CompareExchange(
                        register, at, expected, new, success, failure,
                    )
                }
                _ => Op::Fence(order(random, &[Acquire, Release, AcqRel, SeqCst])),
            }
        };
        (0..threads)
            .map(|_| (0..=self.below(most)).map(|_| op(self)).collect())
            .collect()
    }
}
