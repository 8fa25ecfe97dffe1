//! Version 2 of the explorer: every order in which the threads can take their steps.
//!
//! Whenever more than one thread could go on, somebody chooses. Write the choices down, and
//! a run can be repeated by making the same ones again; change the last one, and you have
//! the next run. That is the whole search: depth first, by *replay*.
//!
//! ```text
//!   choices of this run      0 0 1 0      (which of the threads that can go on)
//!   there were               2 2 2 1
//!   the next run begins      0 1          (the last that had an alternative takes it,
//!                                          those behind it are forgotten)
//! ```
//!
//! New since [`v1_round_robin`](crate::v1_round_robin) is also that a thread can *wait*: then
//! it is not among those that can go on. If nobody can, and somebody is not done, that is a
//! deadlock.
//!
//! What it still does not have is memory. A load reads what was stored last, so this is
//! *sequential consistency*: the orderings that the operations are given change nothing. Nor
//! does it notice that two runs came to the same state. Both are what the package's own
//! `Model` adds.

use std::any::Any;
use std::cell::Cell;
use std::fmt;
use std::panic::{self, AssertUnwindSafe};
use std::rc::Rc;
use std::sync::atomic::Ordering;

use corosensei::{Coroutine, CoroutineResult, Yielder};

/// What one thread does.
pub type Thread = Box<dyn FnOnce(&Me<'_>)>;

/// What has to be true once all threads are done; it panics if it is not.
pub type After = Box<dyn FnOnce()>;

/// Why a thread stops: it wants its next step, at once or when the lock is free.
enum Wants {
    Step,
    Lock(Rc<Cell<bool>>),
}

/// The thread that is running, as it sees itself.
#[allow(
    missing_debug_implementations,
    reason = "there is nothing in it to show"
)]
pub struct Me<'a> {
    scheduler: &'a Yielder<(), Wants>,
}

/// A number that threads share: each operation on it is one step.
#[derive(Debug, Default)]
pub struct Atomic(Cell<u32>);

impl Atomic {
    /// Reads what was written last. The ordering is not looked at.
    pub fn load(&self, me: &Me<'_>, _: Ordering) -> u32 {
        me.scheduler.suspend(Wants::Step);
        self.0.get()
    }

    /// Writes it. The ordering is not looked at.
    pub fn store(&self, me: &Me<'_>, value: u32, _: Ordering) {
        me.scheduler.suspend(Wants::Step);
        self.0.set(value);
    }
}

/// A lock without anything in it.
#[derive(Debug, Default)]
pub struct Lock {
    taken: Rc<Cell<bool>>,
}

impl Lock {
    /// Waits until it is free, and takes it: one step.
    pub fn lock(&self, me: &Me<'_>) {
        me.scheduler.suspend(Wants::Lock(Rc::clone(&self.taken)));
        self.taken.set(true);
    }

    /// Gives it back: one step.
    pub fn unlock(&self, me: &Me<'_>) {
        me.scheduler.suspend(Wants::Step);
        self.taken.set(false);
    }
}

/// What went wrong, and the order of steps that leads there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// `deadlock`, or the words of the panic.
    pub what: String,
    /// The numbers of the threads, in the order in which they took steps.
    pub schedule: Vec<usize>,
    /// How many runs it took to find.
    pub runs: u64,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            what,
            schedule,
            runs,
        } = self;
        write!(f, "{what}, in run {runs}, by the schedule {schedule:?}")
    }
}

impl std::error::Error for Found {}

// ANCHOR: choices
/// One choice: the number of the alternative that is taken, and how many there are.
#[derive(Debug, Clone, Copy)]
struct Choice {
    taken: usize,
    of: usize,
}

/// Makes the choices of the next run out of those of the last: `false` if there is none.
fn next(path: &mut Vec<Choice>) -> bool {
    while let Some(last) = path.last_mut() {
        last.taken += 1;
        if last.taken < last.of {
            return true;
        }
        path.pop();
    }
    false
}
// ANCHOR_END: choices

// ANCHOR: explore
/// Runs `program` under every schedule; returns how many there are.
///
/// `program` makes the threads anew for each run, together with what must hold at the end.
/// It has to be *deterministic*: whatever is the same must do the same.
///
/// # Errors
/// [`Found`], from the first schedule that ends in a deadlock or a panic.
pub fn explore(program: impl Fn() -> (Vec<Thread>, After)) -> Result<u64, Found> {
    let mut path = Vec::new();
    for runs in 1.. {
        let (threads, after) = program();
        let mut run = Run::start(threads);
        let ended = panic::catch_unwind(AssertUnwindSafe(|| {
            let ended = run.finish(&mut path);
            if ended.is_ok() {
                after();
            }
            ended
        }));
        let what = match ended {
            Ok(Ok(())) if next(&mut path) => continue,
            Ok(Ok(())) => return Ok(runs),
            Ok(Err(deadlock)) => deadlock,
            Err(panicked) => words_of(&*panicked),
        };
        let schedule = run.schedule;
        return Err(Found {
            what,
            schedule,
            runs,
        });
    }
    unreachable!("the loop counts to 2^64")
}
// ANCHOR_END: explore

/// A thread between two steps: `None` once it is done.
type Place = Option<(Coroutine<(), Wants, ()>, Wants)>;

/// One run.
struct Run {
    threads: Vec<Place>,
    /// Who took the steps so far.
    schedule: Vec<usize>,
}

impl Run {
    /// Lets each thread come to its first step, and stop there.
    fn start(threads: Vec<Thread>) -> Self {
        let start = |thread: Thread| {
            let body = |turns: &Yielder<(), Wants>, ()| {
                thread(&Me { scheduler: turns });
            };
            proceed(Coroutine::new(body))
        };
        Self {
            threads: threads.into_iter().map(start).collect(),
            schedule: Vec::new(),
        }
    }

    // ANCHOR: finish
    /// Makes the choices in `path`, and behind its end the first ones, which it writes down.
    fn finish(&mut self, path: &mut Vec<Choice>) -> Result<(), String> {
        for depth in 0.. {
            let able = self.able();
            if able.is_empty() {
                break;
            }
            if depth == path.len() {
                path.push(Choice {
                    taken: 0,
                    of: able.len(),
                });
            }
            assert_eq!(
                path[depth].of,
                able.len(),
                "the program is not deterministic"
            );
            let thread = able[path[depth].taken];
            self.schedule.push(thread);
            let (coroutine, _) = self.threads[thread].take().expect("is not done");
            self.threads[thread] = proceed(coroutine);
        }
        match self.threads.iter().any(Option::is_some) {
            true => Err("deadlock".to_owned()),
            false => Ok(()),
        }
    }
    // ANCHOR_END: finish

    /// The threads that can take a step.
    fn able(&self) -> Vec<usize> {
        let can = |place: &Place| match place {
            None => false,
            Some((_, Wants::Step)) => true,
            Some((_, Wants::Lock(taken))) => !taken.get(),
        };
        (0..self.threads.len())
            .filter(|n| can(&self.threads[*n]))
            .collect()
    }
}

/// Continues a thread up to its next step, and stops it there.
fn proceed(mut thread: Coroutine<(), Wants, ()>) -> Place {
    match thread.resume(()) {
        CoroutineResult::Yield(wants) => Some((thread, wants)),
        CoroutineResult::Return(()) => None,
    }
}

fn words_of(panicked: &(dyn Any + Send)) -> String {
    let text = panicked.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panicked.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic without words").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::collections::BTreeSet;
    use std::sync::atomic::Ordering::{Relaxed, Release};

    /// A thread that uses `shared`.
    fn thread<S: 'static>(shared: &Rc<S>, body: fn(&S, &Me<'_>)) -> Thread {
        let shared = Rc::clone(shared);
        Box::new(move |me| body(&shared, me))
    }

    fn careless(counter: &Atomic, me: &Me<'_>) {
        // ORDERING: Relaxed. This version looks at no ordering.
        let seen = counter.load(me, Relaxed);
        // ORDERING: Relaxed, as above.
        counter.store(me, seen + 1, Relaxed);
    }

    fn looks_first(counter: &Atomic, me: &Me<'_>) {
        for _ in 0..2 {
            // ORDERING: Relaxed, as above.
            counter.load(me, Relaxed);
        }
        careless(counter, me);
    }

    fn one(counter: &Atomic, me: &Me<'_>) {
        // ORDERING: Relaxed, as above.
        counter.load(me, Relaxed);
    }

    /// Threads with these bodies and one counter, which nothing is asked of at the end.
    fn schedules_of(bodies: &[fn(&Atomic, &Me<'_>)]) -> u64 {
        let count = explore(|| {
            let counter = Rc::new(Atomic::default());
            let threads = bodies.iter().map(|body| thread(&counter, *body));
            (threads.collect(), Box::new(|| {}))
        });
        count.expect("nothing can go wrong")
    }

    #[test]
    fn two_threads_of_two_steps_have_six_schedules() {
        assert_eq!(schedules_of(&[careless, careless]), 6);
        assert_eq!(schedules_of(&[one, one, one]), 6);
        assert_eq!(schedules_of(&[looks_first, looks_first]), 70);
    }

    /// Also the one that version 1 misses.
    #[test]
    fn finds_the_lost_update_wherever_it_is() {
        for second in [careless, looks_first] {
            let found = explore(|| {
                let counter = Rc::new(Atomic::default());
                let threads =
                    vec![thread(&counter, careless), thread(&counter, second)];
                let all = Box::new(move || assert_eq!(counter.0.get(), 2, "lost"));
                (threads, all)
            });
            let found = found.expect_err("the update is lost in some schedule");
            assert!(found.what.contains("lost"), "{found}");
        }
    }

    /// Two locks, taken in this order and given back.
    fn transfer(first: &Lock, second: &Lock, me: &Me<'_>) {
        first.lock(me);
        second.lock(me);
        second.unlock(me);
        first.unlock(me);
    }

    #[test]
    fn finds_the_deadlock_of_two_locks() {
        let found = explore(|| {
            let locks = Rc::new((Lock::default(), Lock::default()));
            let threads = vec![
                thread(&locks, |(a, b), me| transfer(a, b, me)),
                thread(&locks, |(a, b), me| transfer(b, a, me)),
            ];
            (threads, Box::new(|| {}))
        });
        let found = found.expect_err("each can hold what the other wants");
        assert_eq!(
            (found.what.as_str(), found.schedule),
            ("deadlock", vec![0, 1])
        );
    }

    #[test]
    fn locks_taken_in_one_order_cannot_deadlock() {
        let passed = explore(|| {
            let locks = Rc::new((Lock::default(), Lock::default()));
            let body: fn(&(Lock, Lock), &Me<'_>) = |(a, b), me| transfer(a, b, me);
            let threads = vec![thread(&locks, body), thread(&locks, body)];
            (threads, Box::new(|| {}))
        });
        assert!(passed.is_ok(), "{passed:?}");
    }

    // ANCHOR: misses
    /// Each thread stores, then looks at the other's. On x86 and on ARM both
    /// can read 0. Here they never do: one store is always the first.
    #[test]
    fn misses_that_both_loads_can_read_the_old_value() {
        let outcomes = Rc::new(RefCell::new(BTreeSet::new()));
        let collect = Rc::clone(&outcomes);
        let passed = explore(move || {
            let shared: Rc<[Atomic; 4]> = Rc::default();
            let threads = vec![
                thread(&shared, |[x, y, mine, _], me| {
                    // ORDERING: Relaxed. That is the point, and this version misses it.
                    x.store(me, 1, Relaxed);
                    // ORDERING: Relaxed, as above.
                    mine.0.set(y.load(me, Relaxed));
                }),
                thread(&shared, |[x, y, _, mine], me| {
                    // ORDERING: Relaxed, as above.
                    y.store(me, 1, Relaxed);
                    // ORDERING: Relaxed, as above.
                    mine.0.set(x.load(me, Relaxed));
                }),
            ];
            let collect = Rc::clone(&collect);
            let after = move || {
                let read = (shared[2].0.get(), shared[3].0.get());
                collect.borrow_mut().insert(read);
            };
            (threads, Box::new(after))
        });
        assert!(passed.is_ok(), "{passed:?}");
        let outcomes: Vec<_> = outcomes.take().into_iter().collect();
        assert_eq!(outcomes, [(0, 1), (1, 0), (1, 1)], "and never (0, 0)");
    }
    // ANCHOR_END: misses

    /// A flag that says that the data is there, stored with `Release` or without.
    #[test]
    fn misses_the_difference_that_an_ordering_makes() {
        for ordering in [Release, Relaxed] {
            let passed = explore(|| {
                let shared: Rc<[Atomic; 2]> = Rc::default();
                let writer = Rc::clone(&shared);
                let write = move |me: &Me<'_>| {
                    // ORDERING: Relaxed. The flag publishes it, or should.
                    writer[0].store(me, 42, Relaxed);
                    // ORDERING: one of the two; it makes no difference here.
                    writer[1].store(me, 1, ordering);
                };
                let reader = thread(&shared, |[data, flag], me| {
                    // ORDERING: Relaxed, where Acquire is needed.
                    if flag.load(me, Relaxed) == 1 {
                        // ORDERING: Relaxed. Published by the flag.
                        assert_eq!(data.load(me, Relaxed), 42, "an old value");
                    }
                });
                (vec![Box::new(write), reader], Box::new(|| {}))
            });
            assert!(passed.is_ok(), "{ordering:?}: {passed:?}");
        }
    }
}
