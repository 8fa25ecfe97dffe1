//! What threads that wait can do, and all that can come of it: every order of their steps,
//! on plain values. Nothing of the explorer is used.

use std::collections::{BTreeSet, HashSet};

/// What a thread does next. Words, locks and registers are numbered from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Do {
    Store(usize, u32),
    Load(usize, usize),
    Add(usize, usize, u32),
    /// Sleeps while the word holds the value.
    Wait(usize, u32),
    /// As `Wait`, for a while; the register gets whether the time was not over.
    WaitFor(usize, usize, u32),
    WakeOne(usize),
    WakeAll(usize),
    Lock(usize),
    Unlock(usize),
    /// With lock 0 held: gives it up, sleeps until notified, takes it again.
    Await,
    NotifyOne,
    NotifyAll,
    /// Of the one reader-writer lock.
    Read,
    Write,
    /// Ends the last `Read` or `Write`.
    Leave,
    /// Of thread 0 only, by the others.
    Park,
    Unpark,
    /// To thread 0 only, by the others; `None` of the register if all senders are gone.
    Send(u32),
    Receive(usize),
    /// Lets others go first.
    Yield,
    Spin,
    Nap,
}
use Do::*;

/// The registers, and the words at the end.
pub(crate) type Outcome = (Vec<u32>, Vec<u32>);

pub(crate) const WORDS: usize = 2;
pub(crate) const LOCKS: usize = 2;
pub(crate) const REGISTERS: usize = 12;
/// What a register holds when a channel is closed.
pub(crate) const CLOSED: u32 = 99;

/// What a thread is in the middle of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Doing {
    Nothing,
    /// Asleep on a word; if only for a while, with the register that tells how it ended.
    Asleep(usize, Option<usize>),
    /// Asleep on the condition variable, or notified and without the lock.
    Awaits,
    Notified,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    done: Vec<usize>,
    doing: Vec<Doing>,
    registers: Vec<u32>,
    words: [u32; WORDS],
    holders: [Option<usize>; LOCKS],
    readers: Vec<usize>,
    writer: Option<usize>,
    token: bool,
    sent: Vec<u32>,
    /// Whose wait may still end for no reason.
    spurious: Vec<bool>,
}

/// All outcomes, and whether a run can get stuck. If `spurious`, one wait of each thread may
/// end for no reason.
pub(crate) fn enumerate(
    threads: &[Vec<Do>],
    spurious: bool,
) -> (BTreeSet<Outcome>, bool) {
    let start = State {
        done: vec![0; threads.len()],
        doing: vec![Doing::Nothing; threads.len()],
        registers: vec![0; REGISTERS],
        words: [0; WORDS],
        holders: [None; LOCKS],
        readers: Vec::new(),
        writer: None,
        token: false,
        sent: Vec::new(),
        spurious: vec![spurious; threads.len()],
    };
    let (mut outcomes, mut stuck) = (BTreeSet::new(), false);
    let mut seen = HashSet::from([start.clone()]);
    let mut todo = vec![start];
    while let Some(state) = todo.pop() {
        let ended = |thread: usize| state.has_ended(threads, thread);
        let mut next: Vec<_> = (0..threads.len())
            .filter(|&thread| !ended(thread))
            .flat_map(|thread| state.step(threads, thread))
            .collect();
        if (0..threads.len()).all(ended) {
            outcomes.insert((state.registers.clone(), state.words.to_vec()));
        } else if next.is_empty() {
            stuck = true;
        }
        let waits = (0..threads.len()).filter(|&thread| !ended(thread));
        next.extend(waits.filter_map(|thread| state.wake_up(threads, thread)));
        for state in next {
            if seen.insert(state.clone()) {
                todo.push(state);
            }
        }
    }
    (outcomes, stuck)
}

impl State {
    fn has_ended(&self, threads: &[Vec<Do>], thread: usize) -> bool {
        self.done[thread] == threads[thread].len()
            && self.doing[thread] == Doing::Nothing
    }

    /// Where one step of `thread` leads; nowhere if it has to wait.
    fn step(&self, threads: &[Vec<Do>], thread: usize) -> Vec<State> {
        let mut after = self.clone();
        match self.doing[thread] {
            Doing::Asleep(_, None) | Doing::Awaits => return Vec::new(),
            Doing::Asleep(_, Some(register)) => {
                // Time is over.
                after.registers[register] = 0;
                after.doing[thread] = Doing::Nothing;
                return vec![after];
            }
            Doing::Nothing | Doing::Notified => after.done[thread] += 1,
        }
        match (threads[thread][self.done[thread]], self.doing[thread]) {
            (Store(word, value), _) => after.words[word] = value,
            (Load(register, word), _) => {
                after.registers[register] = self.words[word]
            }
            (Add(register, word, more), _) => {
                after.registers[register] = self.words[word];
                after.words[word] += more;
            }
            (Wait(word, value), _) if self.words[word] == value => {
                after.doing[thread] = Doing::Asleep(word, None);
            }
            (Wait(..), _) => {}
            (WaitFor(register, word, value), _) if self.words[word] == value => {
                after.doing[thread] = Doing::Asleep(word, Some(register));
            }
            (WaitFor(register, ..), _) => after.registers[register] = 1,
            (WakeOne(word), _) => return after.wake_one(Some(word)),
            (WakeAll(word), _) => after.wake_all(Some(word)),
            (Lock(lock), _) => {
                if self.holders[lock].is_some() {
                    return Vec::new();
                }
                after.holders[lock] = Some(thread);
            }
            (Unlock(lock), _) => after.holders[lock] = None,
            (Await, Doing::Notified) => {
                if self.holders[0].is_some() {
                    return Vec::new();
                }
                after.doing[thread] = Doing::Nothing;
                after.holders[0] = Some(thread);
            }
            (Await, _) => {
                after.done[thread] -= 1;
                after.doing[thread] = Doing::Awaits;
                after.holders[0] = None;
            }
            (NotifyOne, _) => return after.wake_one(None),
            (NotifyAll, _) => after.wake_all(None),
            (Read, _) => {
                if self.writer.is_some() {
                    return Vec::new();
                }
                after.readers.push(thread);
                after.readers.sort_unstable();
            }
            (Write, _) => {
                if self.writer.is_some() || !self.readers.is_empty() {
                    return Vec::new();
                }
                after.writer = Some(thread);
            }
            (Leave, _) => {
                after.readers.retain(|&reader| reader != thread);
                after.writer = after.writer.filter(|&writer| writer != thread);
            }
            (Park, _) => {
                if !self.token {
                    return Vec::new();
                }
                after.token = false;
            }
            (Unpark, _) => after.token = true,
            (Send(value), _) => after.sent.push(value),
            (Receive(register), _) => {
                let open = (1..threads.len()).any(|it| !self.has_ended(threads, it));
                if self.sent.is_empty() && open {
                    return Vec::new();
                }
                after.registers[register] = if self.sent.is_empty() {
                    CLOSED
                } else {
                    after.sent.remove(0)
                };
            }
            (Yield | Spin | Nap, _) => {}
        }
        vec![after]
    }

    /// Where it leads that the wait of `thread` ends for no reason.
    fn wake_up(&self, threads: &[Vec<Do>], thread: usize) -> Option<State> {
        let mut after = self.clone();
        if !std::mem::take(&mut after.spurious[thread]) {
            return None;
        }
        let parks = threads[thread].get(self.done[thread]) == Some(&Park);
        match self.doing[thread] {
            Doing::Asleep(..) | Doing::Awaits => after.wake(thread),
            Doing::Nothing if parks && !self.token => after.done[thread] += 1,
            Doing::Nothing | Doing::Notified => return None,
        }
        Some(after)
    }

    /// Who sleeps on a word, or else on the condition variable.
    fn sleepers(&self, on: Option<usize>) -> Vec<usize> {
        let sleeps = |doing: Doing| match doing {
            Doing::Asleep(word, _) => on == Some(word),
            Doing::Awaits => on.is_none(),
            Doing::Nothing | Doing::Notified => false,
        };
        (0..self.doing.len())
            .filter(|&it| sleeps(self.doing[it]))
            .collect()
    }

    fn wake(&mut self, sleeper: usize) {
        self.doing[sleeper] = match self.doing[sleeper] {
            Doing::Awaits => Doing::Notified,
            Doing::Asleep(_, Some(register)) => {
                self.registers[register] = 1;
                Doing::Nothing
            }
            _ => Doing::Nothing,
        };
    }

    /// Wakes one of those that sleep: each of them, in turn.
    fn wake_one(self, on: Option<usize>) -> Vec<State> {
        let wake = |sleeper| {
            let mut after = self.clone();
            after.wake(sleeper);
            after
        };
        let woken: Vec<_> = self.sleepers(on).into_iter().map(wake).collect();
        if woken.is_empty() { vec![self] } else { woken }
    }

    fn wake_all(&mut self, on: Option<usize>) {
        for sleeper in self.sleepers(on) {
            self.wake(sleeper);
        }
    }
}
