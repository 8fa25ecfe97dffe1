//! Litmus tests: programs of a few loads and stores, and every way in which they can end.
//!
//! The same [`Memory`] that runs closures runs these, but no closure, no coroutine and no
//! replay: a state is a value that can be cloned, so all states are visited as in any
//! search of a graph. That makes it the quickest way to ask what an ordering allows, and an
//! independent witness for the search that replays closures.
//!
//! ```
//! use explorer::litmus::{Op::{Read, Write}, Program};
//! use std::sync::atomic::Ordering::Relaxed;
//!
//! let (x, y) = (0, 1);
//! // Each thread stores to one location and then loads the other.
//! let store_buffering = Program::new(vec![
//!     vec![Write(x, 1, Relaxed), Read(0, y, Relaxed)],
//!     vec![Write(y, 1, Relaxed), Read(1, x, Relaxed)],
//! ]);
//! let ends = store_buffering.outcomes();
//! assert!(ends.iter().any(|end| end.registers == [0, 0]), "both read the old value");
//! ```

use std::collections::{BTreeSet, HashSet};
use std::sync::atomic::Ordering;

use crate::memory::Memory;

/// One operation. Locations and registers are numbered from 0; all hold 0 at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// Stores a value: location, value, ordering.
    Write(usize, u64, Ordering),
    /// Loads: register, location, ordering.
    Read(usize, usize, Ordering),
    /// Adds to a location, keeping what was there: register, location, addend, ordering.
    Add(usize, usize, u64, Ordering),
    /// A compare-exchange: register for what it read, location, expected, new, ordering on
    /// success, ordering on failure.
    CompareExchange(usize, usize, u64, u64, Ordering, Ordering),
    /// A fence.
    Fence(Ordering),
}
use Op::{Add, CompareExchange, Fence, Read, Write};

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Outcome {
    /// What the loads read.
    pub registers: Vec<u64>,
    /// The last value of each location in its modification order.
    pub memory: Vec<u64>,
}

/// A list of operations for each thread.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Program {
    threads: Vec<Vec<Op>>,
    locations: usize,
    registers: usize,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct State {
    memory: Memory,
    /// How many operations each thread has done.
    done: Vec<usize>,
    registers: Vec<u64>,
}

impl Program {
    /// Makes a program of one list of operations per thread.
    pub fn new(threads: Vec<Vec<Op>>) -> Self {
        let (mut locations, mut registers) = (0, 0);
        for op in threads.iter().flatten() {
            let (register, location) = match *op {
                Write(location, ..) => (None, Some(location)),
                Read(register, location, _)
                | Add(register, location, ..)
                | CompareExchange(register, location, ..) => {
                    (Some(register), Some(location))
                }
                Fence(_) => (None, None),
            };
            locations = locations.max(location.map_or(0, |location| location + 1));
            registers = registers.max(register.map_or(0, |register| register + 1));
        }
        Self {
            threads,
            locations,
            registers,
        }
    }

    /// Every way in which the program can end.
    pub fn outcomes(&self) -> BTreeSet<Outcome> {
        self.search().0
    }

    /// How many different states the program can be in.
    pub fn states(&self) -> usize {
        self.search().1
    }

    fn search(&self) -> (BTreeSet<Outcome>, usize) {
        let mut memory = Memory::default();
        for _ in 0..self.locations {
            memory.add_location(0);
        }
        for _ in &self.threads {
            memory.spawn(None);
        }
        let start = State {
            memory,
            done: vec![0; self.threads.len()],
            registers: vec![0; self.registers],
        };
        let mut outcomes = BTreeSet::new();
        let mut seen = HashSet::from([start.clone()]);
        let mut todo = vec![start];
        while let Some(state) = todo.pop() {
            let next = self.steps(&state);
            if next.is_empty() {
                let newest = |l| state.memory.value(l, state.memory.newest(l));
                outcomes.insert(Outcome {
                    memory: (0..self.locations).map(newest).collect(),
                    registers: state.registers,
                });
            }
            for state in next {
                if seen.insert(state.clone()) {
                    todo.push(state);
                }
            }
        }
        (outcomes, seen.len())
    }

    /// Every state that one step of one thread leads to.
    fn steps(&self, state: &State) -> Vec<State> {
        let mut next = Vec::new();
        for (thread, ops) in self.threads.iter().enumerate() {
            let Some(&op) = ops.get(state.done[thread]) else {
                continue;
            };
            let mut step = |change: &dyn Fn(&mut State)| {
                let mut after = state.clone();
                after.done[thread] += 1;
                change(&mut after);
                next.push(after);
            };
            let memory = &state.memory;
            match op {
                Fence(order) => step(&|after| after.memory.fence(thread, order)),
                Write(location, value, order) => {
                    for slot in memory.slots(thread, location, order) {
                        step(&|after| {
                            after.memory.store(thread, location, slot, value, order);
                        });
                    }
                }
                Read(register, location, order) => {
                    let oldest = memory.readable(thread, location, order);
                    for message in oldest..=memory.newest(location) {
                        step(&|after| {
                            after.registers[register] =
                                after.memory.read(thread, location, message, order);
                        });
                    }
                }
                Add(register, location, addend, order) => {
                    for message in memory.updatable(thread, location, order) {
                        let sum = memory.value(location, message) + addend;
                        step(&|after| {
                            after.registers[register] = after
                                .memory
                                .update(thread, location, message, sum, order);
                        });
                    }
                }
                CompareExchange(
                    register,
                    location,
                    expected,
                    new,
                    order,
                    failure,
                ) => {
                    for message in memory.updatable(thread, location, order) {
                        if memory.value(location, message) == expected {
                            step(&|after| {
                                after.registers[register] = after
                                    .memory
                                    .update(thread, location, message, new, order);
                            });
                        }
                    }
                    let oldest = memory.readable(thread, location, failure);
                    for message in oldest..=memory.newest(location) {
                        if memory.value(location, message) != expected {
                            step(&|after| {
                                after.registers[register] = after
                                    .memory
                                    .read(thread, location, message, failure);
                            });
                        }
                    }
                }
            }
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};

    use super::*;

    fn can_end(threads: Vec<Vec<Op>>, registers: &[u64]) -> bool {
        let ends = Program::new(threads).outcomes();
        ends.iter().any(|end| end.registers == registers)
    }

    #[test]
    fn message_passing_needs_release_and_acquire() {
        for (store, load, weak) in [
            (Relaxed, Relaxed, true),
            (Release, Relaxed, true),
            (Relaxed, Acquire, true),
            (Release, Acquire, false),
            (SeqCst, SeqCst, false),
        ] {
            let threads = vec![
                vec![Write(0, 1, Relaxed), Write(1, 1, store)],
                vec![Read(0, 1, load), Read(1, 0, Relaxed)],
            ];
            assert_eq!(can_end(threads, &[1, 0]), weak, "{store:?} {load:?}");
        }
    }

    #[test]
    fn store_buffering_needs_seqcst() {
        for (order, weak) in [(Relaxed, true), (SeqCst, false)] {
            let threads = vec![
                vec![Write(0, 1, order), Read(0, 1, order)],
                vec![Write(1, 1, order), Read(1, 0, order)],
            ];
            assert_eq!(can_end(threads, &[0, 0]), weak, "{order:?}");
        }
    }

    #[test]
    fn read_modify_writes_lose_nothing() {
        let add = |register| vec![Add(register, 0, 1, Relaxed)];
        let ends = Program::new(vec![add(0), add(1), add(2)]).outcomes();
        assert!(ends.iter().all(|end| end.memory == [3]));
    }

    #[test]
    fn seqcst_loads_of_relaxed_stores_agree() {
        // Forbidden in C++20 by coherence-ordered-before, although no store is SeqCst.
        let threads = vec![
            vec![Write(0, 1, Relaxed)],
            vec![Write(1, 1, Relaxed)],
            vec![Read(0, 0, SeqCst), Read(1, 1, SeqCst)],
            vec![Read(2, 1, SeqCst), Read(3, 0, SeqCst)],
        ];
        assert!(!can_end(threads, &[1, 0, 1, 0]));
    }

    #[test]
    fn a_seqcst_fence_and_seqcst_accesses_work_together() {
        let threads = vec![
            vec![Write(0, 1, Relaxed), Fence(SeqCst), Read(0, 1, Relaxed)],
            vec![Write(1, 1, SeqCst), Read(1, 0, SeqCst)],
        ];
        assert!(!can_end(threads, &[0, 0]));
    }
}
