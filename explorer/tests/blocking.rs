//! Random small programs of threads that wait: locks, the futex, parking, a condition
//! variable, a channel, and threads that merely let others go first. The explorer has to
//! find the outcomes of a plain enumeration of interleavings, which is written here and
//! shares nothing with it; and where that finds a run that gets stuck, the explorer must
//! fail.
//!
//! All atomics are `SeqCst`, or always used under a lock, so that there are no old values:
//! what they add is the business of `properties.rs`. How to repeat a run: there, too.

#![allow(unsafe_code, reason = "a lock protects a cell")]

#[path = "blocking/plain.rs"]
mod plain;
mod random;

use explorer::ground::atomic::{
    AtomicU32,
    Ordering::{self, Relaxed, SeqCst},
};
use explorer::ground::cell::UnsafeCell;
use explorer::ground::sync::{Arc, Condvar, Mutex, RwLock, mpsc};
use explorer::ground::time::Duration;
use explorer::ground::{futex, hint, thread};
use explorer::{Kind, Model};

use plain::Do::{self, *};
use plain::{CLOSED, LOCKS, Outcome, REGISTERS, WORDS, enumerate};
use random::{Random, Shown, programs, seed};

const PROGRAMS: u64 = 300;

#[test]
fn threads_that_wait_end_as_a_plain_enumeration_says() {
    let programs = programs(PROGRAMS);
    let test = "threads_that_wait_end_as_a_plain_enumeration_says";
    let stuck = compare(test, programs, SeqCst, Random::program);
    assert!(stuck > 0 && stuck < programs, "both kinds of program occur");
}

/// Relaxed or plain, but always under the lock: who takes it knows all that was done under
/// it, so no value is old, and nothing races.
#[test]
fn what_is_done_under_a_lock_is_never_old() {
    let test = "what_is_done_under_a_lock_is_never_old";
    compare(test, programs(PROGRAMS), Relaxed, Random::locked);
}

/// A thread that lets others go first may still be the first to go on.
#[test]
fn what_follows_a_yield_may_come_first() {
    let pauses: [fn(); 2] = [thread::yield_now, hint::spin_loop];
    for pause in pauses {
        let threads = move || {
            let words = Arc::new([AtomicU32::new(0), AtomicU32::new(0)]);
            let other = thread::spawn({
                let words = Arc::clone(&words);
                move || {
                    words[0].store(1, SeqCst);
                    pause();
                    words[1].store(1, SeqCst);
                }
            });
            let read = words[1].load(SeqCst);
            other.join().unwrap();
            read
        };
        let (read, _) = Model::new("after a yield").outcomes(threads).unwrap();
        assert_eq!(read.into_iter().collect::<Vec<_>>(), [0, 1]);
    }
}

/// A thread that has left a loop is interrupted like any other.
#[test]
fn what_follows_a_loop_is_interleaved() {
    let threads = || {
        let word = Arc::new(AtomicU32::new(0));
        let other = thread::spawn({
            let word = Arc::clone(&word);
            move || word.store(1, SeqCst)
        });
        for _ in 0..2 {
            if word.load(SeqCst) == 1 {
                break;
            }
            hint::spin_loop();
        }
        let read = (word.load(SeqCst), word.load(SeqCst));
        other.join().unwrap();
        read
    };
    let (read, _) = Model::new("behind a loop").outcomes(threads).unwrap();
    assert_eq!(
        read.into_iter().collect::<Vec<_>>(),
        [(0, 0), (0, 1), (1, 1)]
    );
}

/// Of two that sleep, either may be woken.
#[test]
fn whoever_sleeps_may_be_woken() {
    let threads = || {
        // How many sleep, and who was woken first; the second condition is main's.
        let state = Mutex::new((0, None));
        let shared = Arc::new((state, Condvar::new(), Condvar::new()));
        let sleepers = [0, 1].map(|me| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                let mut state = shared.0.lock().unwrap();
                state.0 += 1;
                shared.2.notify_one();
                state = shared.1.wait(state).unwrap();
                state.1 = state.1.or(Some(me));
                shared.2.notify_one();
            })
        });
        let mut state = shared.0.lock().unwrap();
        while state.0 < 2 {
            state = shared.2.wait(state).unwrap();
        }
        shared.1.notify_one();
        while state.1.is_none() {
            state = shared.2.wait(state).unwrap();
        }
        let first = state.1;
        drop(state);
        shared.1.notify_all();
        for sleeper in sleepers {
            sleeper.join().unwrap();
        }
        first
    };
    let model = Model::new("two sleepers").spurious(false);
    let (first, _) = model.outcomes(threads).unwrap();
    assert_eq!(first.into_iter().flatten().collect::<Vec<_>>(), [0, 1]);
}

/// Who polls a lock, and lets others go first, ends when the others have done their part.
#[test]
fn a_lock_may_be_polled() {
    let pauses: [fn(); 2] = [thread::yield_now, hint::spin_loop];
    for pause in pauses {
        let polls = move || {
            let done = Arc::new(Mutex::new(false));
            let other = thread::spawn({
                let done = Arc::clone(&done);
                move || *done.lock().unwrap() = true
            });
            while !*done.lock().unwrap() {
                pause();
            }
            other.join().unwrap();
        };
        let stats = Model::new("a polled lock").explore(polls).unwrap();
        assert!(stats.complete);
    }
}

/// Compares random programs, and returns how many of them can get stuck.
fn compare(
    test: &str,
    programs: u64,
    order: Ordering,
    program: impl Fn(&mut Random) -> Vec<Vec<Do>>,
) -> u64 {
    let mut random = Random(seed(test));
    let mut all_stuck = 0;
    for _ in 0..programs {
        let threads = program(&mut random);
        let spurious = random.below(3) == 0;
        let shown = Shown(&(&threads, spurious));
        let (outcomes, stuck) = enumerate(&threads, spurious);
        all_stuck += u64::from(stuck);
        let run = threads.clone();
        let explored = Model::new("a random program")
            .spurious(spurious)
            .outcomes(move || execute(&run, order));
        match explored {
            Ok((explored, stats)) => {
                assert!(stats.complete);
                assert!(!stuck, "a run gets stuck, and the explorer passes it");
                assert_eq!(explored, outcomes);
            }
            Err(failure) => {
                assert!(stuck, "no run gets stuck: {failure}");
                assert!(
                    matches!(failure.kind, Kind::Deadlock | Kind::LostWakeUp),
                    "{failure}"
                );
            }
        }
        drop(shown);
    }
    eprintln!("{all_stuck} of {programs} programs can get stuck");
    all_stuck
}

// The program over the explorer's ground.

struct Shared {
    order: Ordering,
    /// What word 0 is if that is enough: plain memory.
    plain: UnsafeCell<u32>,
    words: [AtomicU32; WORDS],
    locks: [Mutex<()>; LOCKS],
    condvar: Condvar,
    rwlock: RwLock<()>,
}

// SAFETY: `plain` is only reached under lock 0.
unsafe impl Sync for Shared {}

impl Shared {
    fn is_plain(&self, word: usize) -> bool {
        self.order == Relaxed && word == 0
    }

    fn load(&self, word: usize) -> u32 {
        if self.is_plain(word) {
            // SAFETY: as above.
            self.plain.with(|plain| unsafe { *plain })
        } else {
            self.words[word].load(self.order)
        }
    }

    fn store(&self, word: usize, value: u32) {
        if self.is_plain(word) {
            // SAFETY: as above.
            self.plain.with_mut(|plain| unsafe { *plain = value });
        } else {
            self.words[word].store(value, self.order);
        }
    }

    fn add(&self, word: usize, more: u32) -> u32 {
        if !self.is_plain(word) {
            return self.words[word].fetch_add(more, self.order);
        }
        let before = self.load(word);
        self.store(word, before + more);
        before
    }
}

fn execute(threads: &[Vec<Do>], order: Ordering) -> Outcome {
    let shared = Arc::new(Shared {
        order,
        plain: UnsafeCell::new(0),
        words: [AtomicU32::new(0), AtomicU32::new(0)],
        locks: [Mutex::new(()), Mutex::new(())],
        condvar: Condvar::new(),
        rwlock: RwLock::new(()),
    });
    let (sender, receiver) = mpsc::channel();
    let root = thread::current();
    let mut others = Vec::new();
    for steps in &threads[1..] {
        let (steps, shared) = (steps.clone(), Arc::clone(&shared));
        let (sender, root) = (sender.clone(), root.clone());
        others.push(thread::spawn(move || {
            let mut registers = Vec::new();
            let link = Link::Sender(&sender, &root);
            perform(&steps, &shared, &link, &mut registers);
            registers
        }));
    }
    drop(sender);
    let mut read = Vec::new();
    perform(&threads[0], &shared, &Link::Receiver(&receiver), &mut read);
    for other in others {
        read.extend(other.join().unwrap());
    }
    let mut registers = vec![0; REGISTERS];
    for (register, value) in read {
        registers[register] = value;
    }
    let words = (0..WORDS).map(|word| shared.load(word)).collect();
    (registers, words)
}

/// What a thread has of the channel.
enum Link<'a> {
    Sender(&'a mpsc::Sender<u32>, &'a thread::Thread),
    Receiver(&'a mpsc::Receiver<u32>),
}

fn perform(
    steps: &[Do],
    shared: &Shared,
    link: &Link<'_>,
    registers: &mut Vec<(usize, u32)>,
) {
    let mut guards = [None, None];
    let (mut reading, mut writing) = (None, None);
    for &step in steps {
        match (step, link) {
            (Store(word, value), _) => shared.store(word, value),
            (Load(register, word), _) => {
                registers.push((register, shared.load(word)));
            }
            (Add(register, word, more), _) => {
                registers.push((register, shared.add(word, more)));
            }
            (Wait(word, value), _) => futex::wait(&shared.words[word], value),
            (WaitFor(register, word, value), _) => {
                let limit = Duration::from_millis(1);
                let woken = futex::wait_timeout(&shared.words[word], value, limit);
                registers.push((register, u32::from(woken)));
            }
            (WakeOne(word), _) => futex::wake_one(&shared.words[word]),
            (WakeAll(word), _) => futex::wake_all(&shared.words[word]),
            (Lock(lock), _) => {
                guards[lock] = Some(shared.locks[lock].lock().unwrap())
            }
            (Unlock(lock), _) => guards[lock] = None,
            (Await, _) => {
                let guard = guards[0].take().expect("lock 0 is held");
                guards[0] = Some(shared.condvar.wait(guard).unwrap());
            }
            (NotifyOne, _) => shared.condvar.notify_one(),
            (NotifyAll, _) => shared.condvar.notify_all(),
            (Read, _) => reading = Some(shared.rwlock.read().unwrap()),
            (Write, _) => writing = Some(shared.rwlock.write().unwrap()),
            (Leave, _) => (reading, writing) = (None, None),
            (Park, _) => thread::park(),
            (Unpark, Link::Sender(_, root)) => root.unpark(),
            (Send(value), Link::Sender(sender, _)) => sender.send(value).unwrap(),
            (Receive(register), Link::Receiver(receiver)) => {
                registers.push((register, receiver.recv().unwrap_or(CLOSED)));
            }
            (Yield, _) => thread::yield_now(),
            (Spin, _) => hint::spin_loop(),
            (Nap, _) => thread::sleep(Duration::from_millis(1)),
            (step, _) => unreachable!("{step:?} is for other threads"),
        }
    }
    drop((reading, writing));
}

// Random programs.

impl Random {
    /// Two or three threads of a few phrases.
    fn program(&mut self) -> Vec<Vec<Do>> {
        let count = 2 + self.below(2);
        let phrases = if count == 2 { 3 } else { 2 };
        let mut registers = 0..REGISTERS;
        let mut program: Vec<Vec<Do>> = Vec::new();
        for thread in 0..count as usize {
            let mut steps = Vec::new();
            for _ in 0..=self.below(phrases) {
                self.phrase(thread, &mut registers, &mut steps);
            }
            program.push(steps);
        }
        program
    }

    /// Word 0 under lock 0 or the condition variable, word 1 under the reader-writer lock.
    fn locked(&mut self) -> Vec<Vec<Do>> {
        let mut register = 0..;
        let mut phrase = |random: &mut Self| {
            let more = random.below(2) as u32 + 1;
            let register = register.next().unwrap_or(0);
            let change = random.pick(&[
                Store(0, more),
                Load(register, 0),
                Add(register, 0, more),
            ]);
            match random.below(6) {
                0..3 => vec![Lock(0), change, Unlock(0)],
                3 => vec![Lock(0), change, NotifyAll, Unlock(0)],
                4 => vec![Read, Load(register, 1), Leave],
                _ => vec![Write, Add(register, 1, more), Leave],
            }
        };
        let mut program: Vec<Vec<Do>> = (0..2 + self.below(2))
            .map(|_| (0..2).flat_map(|_| phrase(self)).collect())
            .collect();
        if self.below(4) == 0 {
            // Perhaps for ever.
            program[0].extend([Lock(0), Await, Load(REGISTERS - 1, 0), Unlock(0)]);
        }
        program
    }

    fn phrase(
        &mut self,
        thread: usize,
        registers: &mut std::ops::Range<usize>,
        steps: &mut Vec<Do>,
    ) {
        let word = self.below(WORDS as u64) as usize;
        let lock = self.below(LOCKS as u64) as usize;
        let value = self.below(3) as u32;
        let register = registers.next().unwrap_or(REGISTERS - 1);
        // Between any two phrases others may be let go first.
        if self.below(3) == 0 {
            steps.push(self.pick(&[Yield, Spin, Nap]));
        }
        match self.below(15) {
            0 => steps.extend([Store(word, value), WakeOne(word)]),
            1 => steps.extend([Add(register, word, 1), WakeAll(word)]),
            2 => steps.push(Wait(word, value)),
            3 => steps.push(WaitFor(register, word, value)),
            4 => steps.push(Load(register, word)),
            5 => steps.push(Add(register, word, 1)),
            6 => steps.push(Store(word, value)),
            7 | 8 => steps.extend([Lock(lock), Load(register, word), Unlock(lock)]),
            9 => {
                let other = 1 - lock;
                steps.extend([Lock(lock), Lock(other), Unlock(other), Unlock(lock)]);
            }
            10 => steps.extend([Lock(0), Await, Load(register, word), Unlock(0)]),
            11 => {
                let notify = self.pick(&[NotifyOne, NotifyAll]);
                steps.extend([Lock(0), Add(register, word, 1), Unlock(0), notify]);
            }
            12 => steps.extend([Read, Load(register, word), Leave]),
            13 => steps.extend([Write, Store(word, value), Leave]),
            14 if thread == 0 => steps.push(self.pick(&[Park, Receive(register)])),
            _ => steps.push(self.pick(&[Unpark, Send(value)])),
        }
    }
}
