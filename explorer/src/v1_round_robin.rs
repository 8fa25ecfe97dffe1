//! Version 1 of the explorer: a scheduler of our own, which lets the threads take turns.
//!
//! A thread here is a *coroutine*: a function with a stack of its own that can stop in the
//! middle and be continued later. All of them run on the one real thread that called
//! [`run`], and one of them goes on only when the scheduler says so. Each stops before every
//! operation on shared memory, so that whoever decides who is next decides the whole order.
//!
//! ```text
//!   [`run`]            resume ->   Me::turn returns: one operation, and on to the next one
//!   (the scheduler)    <- suspend  Me::turn: "I am about to touch shared memory"
//! ```
//!
//! The decision of this version is the simplest: one step each, in a circle. That is already
//! worth something, because it does the same on every run. And it is *one* schedule: a bug
//! that needs another one is not found, and the tests below show one of each kind.
//!
//! Next: [`v2_interleavings`](crate::v2_interleavings), which tries all of them.

use std::cell::Cell;

use corosensei::{Coroutine, CoroutineResult, Yielder};

/// A run that is not over by then is taken for one that never ends.
pub const STEPS_MAX: usize = 10_000;

/// What one thread does. It is given [`Me`], the right to take turns.
pub type Thread = Box<dyn FnOnce(&Me<'_>)>;

/// The thread that is running, as it sees itself.
#[allow(
    missing_debug_implementations,
    reason = "there is nothing in it to show"
)]
pub struct Me<'a> {
    scheduler: &'a Yielder<(), ()>,
}

// ANCHOR: turn
impl Me<'_> {
    /// Stops here until the scheduler gives this thread its next step.
    fn turn(&self) {
        self.scheduler.suspend(());
    }
}
// ANCHOR_END: turn

/// A number that threads share: each operation on it is one step.
///
/// No atomic instruction is needed below it. Only one coroutine runs at a time, and it is
/// never stopped in the middle of an operation.
#[derive(Debug, Default)]
pub struct Atomic(Cell<u32>);

// ANCHOR: atomic
impl Atomic {
    /// Reads it.
    pub fn load(&self, me: &Me<'_>) -> u32 {
        me.turn();
        self.0.get()
    }

    /// Writes it.
    pub fn store(&self, me: &Me<'_>, value: u32) {
        me.turn();
        self.0.set(value);
    }

    /// Reads it and writes what `new` makes of it, in one step. Returns what it was before.
    pub fn update(&self, me: &Me<'_>, new: impl FnOnce(u32) -> u32) -> u32 {
        me.turn();
        self.0.replace(new(self.0.get()))
    }
}
// ANCHOR_END: atomic

// ANCHOR: run
/// Lets the threads take one step each, in a circle, until all of them are done.
///
/// # Panics
/// If a thread does, or if they are not done after [`STEPS_MAX`] steps.
pub fn run(threads: Vec<Thread>) {
    let mut running: Vec<Coroutine<(), (), ()>> = threads
        .into_iter()
        .map(|thread| Coroutine::new(|turns, ()| thread(&Me { scheduler: turns })))
        .collect();
    let mut steps = 0;
    while !running.is_empty() {
        running.retain_mut(|thread| {
            steps += 1;
            assert!(
                steps <= STEPS_MAX,
                "no end in sight after {STEPS_MAX} steps"
            );
            match thread.resume(()) {
                CoroutineResult::Yield(()) => true,
                CoroutineResult::Return(()) => false,
            }
        });
    }
}
// ANCHOR_END: run

#[cfg(test)]
mod tests {
    use super::*;
    use std::rc::Rc;

    /// Adds one in two steps, after looking at something else `looks` times.
    fn careless(counter: &Rc<Atomic>, looks: usize) -> Thread {
        let counter = Rc::clone(counter);
        Box::new(move |me| {
            let other = Atomic::default();
            for _ in 0..looks {
                other.load(me);
            }
            let seen = counter.load(me);
            counter.store(me, seen + 1);
        })
    }

    /// Where the counter ends if the second thread looks elsewhere `looks` times first.
    fn count(looks: usize) -> u32 {
        let counter = Rc::new(Atomic::default());
        run(vec![careless(&counter, 0), careless(&counter, looks)]);
        counter.0.get()
    }

    #[test]
    fn finds_a_lost_update_by_luck() {
        assert_eq!(count(0), 1);
    }

    /// The same bug, one step later, and our only schedule does not show it.
    #[test]
    fn misses_a_lost_update_when_one_thread_comes_later() {
        assert_eq!(count(1), 2);
    }

    #[test]
    fn does_the_same_on_every_run() {
        assert!((0..100).all(|_| count(0) == 1));
    }

    #[test]
    fn an_addition_in_one_step_loses_nothing() {
        let counter = Rc::new(Atomic::default());
        let add = |counter: &Rc<Atomic>| -> Thread {
            let counter = Rc::clone(counter);
            Box::new(move |me| _ = counter.update(me, |n| n + 1))
        };
        run(vec![add(&counter), add(&counter)]);
        assert_eq!(counter.0.get(), 2);
    }

    /// Takes two locks by spinning, and gives them back.
    fn both(first: &Rc<Atomic>, second: &Rc<Atomic>, looks: usize) -> Thread {
        let (first, second) = (Rc::clone(first), Rc::clone(second));
        Box::new(move |me| {
            let other = Atomic::default();
            for _ in 0..looks {
                other.load(me);
            }
            for lock in [&first, &second] {
                while lock.update(me, |_| 1) != 0 {}
            }
            second.store(me, 0);
            first.store(me, 0);
        })
    }

    #[test]
    #[should_panic(expected = "no end in sight")]
    fn finds_a_deadlock_by_luck() {
        let (a, b) = (Rc::new(Atomic::default()), Rc::new(Atomic::default()));
        run(vec![both(&a, &b, 0), both(&b, &a, 0)]);
    }

    #[test]
    fn misses_a_deadlock_when_one_thread_comes_later() {
        let (a, b) = (Rc::new(Atomic::default()), Rc::new(Atomic::default()));
        run(vec![both(&a, &b, 0), both(&b, &a, 1)]);
    }
}
