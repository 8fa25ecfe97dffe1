//! The loop: what is submitted, the tick, and the calls.

use std::cell::Cell;
use std::fmt;
use std::hint::black_box;
use std::io;
use std::marker::PhantomData;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::callback::Callback;
use super::config::{Backend, Config};
use super::core::{BATCH, Core};
use super::driver::Driver;
use super::life::Life;
use super::notify::Notices;
use super::operation::{Kind, NONE};
use super::{Completion, Run};
use crate::event::Key;

mod call;
mod descriptors;
mod submit;

/// How many things of one wait are done before the loop waits again. What is left comes in
/// the next tick: so timers are not late by more than these.
const STEPS_MAX: usize = 1024;
/// How often what a callback has submitted is tried, and called back, before others have
/// their turn.
const ROUNDS_MAX: usize = 64;

/// Operations that are submitted, and call back when they are done.
///
/// `S` is the program's state. It stays with the program, and is handed to each callback.
///
/// ```
/// use std::time::Duration;
/// use threadbare::completion::{Loop, Next, Run};
///
/// let mut completions = Loop::new()?;
/// completions.timer(Duration::from_micros(10), 0, |_, ticks: &mut u32, _| {
///     *ticks += 1;
///     if *ticks < 3 { Next::Rearm } else { Next::Disarm }
/// });
/// let mut ticks = 0;
/// let calls = completions.run(&mut ticks, Run::UntilDone)?;
/// assert_eq!((calls, ticks), (3, 3));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// A loop stays in its thread:
///
/// ```compile_fail,E0277
/// fn sent<T: Send>() {}
/// sent::<threadbare::completion::Loop<()>>();
/// ```
///
/// # Dropping
/// Nobody is called back any more. What was not handed over is freed; what is in flight is
/// cancelled, and waited for, until every buffer has come back: from the kernel, and from
/// threads that work on a file. Then the descriptors are closed.
///
/// After an io_uring was closed the kernel tidies up in this thread, a few milliseconds later
/// perhaps, and a call that blocks then may end with
/// [`Interrupted`](std::io::ErrorKind::Interrupted), though there was no signal.
pub struct Loop<S> {
    core: Core,
    driver: Driver,
    /// Whom to call, by the index of the slot.
    callbacks: Vec<Callback<S>>,
    notices: Option<Notices>,
    /// Numbers of those that were notified, for one tick.
    notified: Vec<u32>,
    /// The slot whose callback runs, or has not returned because of a panic.
    calling: u32,
    stopped: bool,
    running: Rc<Cell<bool>>,
    /// The kernel's ring belongs to one thread.
    not_send: PhantomData<*const ()>,
}

impl<S> Loop<S> {
    /// Makes a loop with the best backend that there is: [`Config::default`].
    ///
    /// # Errors
    /// What the kernel says: usually that there are no more descriptors.
    pub fn new() -> io::Result<Self> {
        Self::with_config(Config::default())
    }

    /// Makes a loop.
    ///
    /// # Errors
    /// What the kernel says. `Unsupported` if io_uring is asked for and can't be had; the
    /// message says why.
    ///
    /// See [`Config`] for an example.
    pub fn with_config(config: Config) -> io::Result<Self> {
        let driver = Driver::new(&config)?;
        Ok(Self {
            core: Core::new(),
            driver,
            callbacks: Vec::new(),
            notices: None,
            notified: Vec::new(),
            calling: NONE,
            stopped: false,
            running: Rc::new(Cell::new(false)),
            not_send: PhantomData,
        })
    }

    /// Which backend this loop has: never [`Backend::Auto`].
    ///
    /// See [`Backend`] for an example.
    #[must_use]
    pub fn backend(&self) -> Backend {
        self.driver.backend()
    }

    /// Where an operation is in its life.
    ///
    /// See [`Life`] for an example.
    #[must_use]
    pub fn life(&self, completion: Completion) -> Life {
        self.core.life(completion.0)
    }

    /// How many operations are not over: while there is one, [`Run::UntilDone`] goes on.
    /// A cancel is an operation too.
    ///
    /// ```
    /// use std::time::Duration;
    /// use threadbare::completion::{Loop, Next};
    ///
    /// let mut completions: Loop<()> = Loop::new()?;
    /// let timer = completions.timer(Duration::ZERO, 0, |_, _, _| Next::Disarm);
    /// completions.cancel(timer, 0, |_, _, _| Next::Disarm);
    /// assert_eq!(completions.active(), 2);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn active(&self) -> usize {
        self.core.active()
    }

    /// When the last wait ended. It stands still while callbacks run.
    ///
    /// # Cost
    /// No look at the clock.
    ///
    /// ```
    /// use std::time::{Duration, Instant};
    /// use threadbare::completion::{Loop, Next, Run};
    ///
    /// let mut completions = Loop::new()?;
    /// let (begin, after) = (Instant::now(), Duration::from_micros(10));
    /// completions.timer(after, 0, |completions, fired, _| {
    ///     *fired = completions.now();
    ///     Next::Disarm
    /// });
    /// let mut fired = begin;
    /// completions.run(&mut fired, Run::UntilDone)?;
    /// assert!(fired >= begin + after);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn now(&self) -> Instant {
        self.core.instant()
    }

    /// Makes [`run`](Self::run) return after the callback that runs now; if none runs, the
    /// next one returns at once. Nothing is lost: the next run goes on from there.
    ///
    /// ```
    /// use std::time::Duration;
    /// use threadbare::completion::{Loop, Next, Run};
    ///
    /// let mut completions = Loop::new()?;
    /// completions.timer(Duration::ZERO, 0, |completions, (), _| {
    ///     completions.stop();
    ///     Next::Rearm
    /// });
    /// completions.run(&mut (), Run::UntilDone)?;
    /// assert_eq!(completions.active(), 1, "it would go on");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn stop(&mut self) {
        self.stopped = true;
    }

    // ANCHOR: run
    /// Waits, and calls back. How many callbacks were called.
    ///
    /// With no operation left it returns at once, whatever `mode` is.
    ///
    /// # Errors
    /// What the kernel says of the wait; none is known that a program without `unsafe` could
    /// cause. `Deadlock` if a callback calls it.
    /// # Panics
    /// If a callback panics; this loop can be run again, and the callback counts as over. If
    /// one has put another loop in the place of its own.
    /// # Blocking
    /// As `mode` says: until something is done. Signals do not end it.
    /// # Cost
    /// One system call a tick to wait, and one look at the clock; another one if there are
    /// timers and nothing is left to do. No allocation.
    ///
    /// ```
    /// use std::time::Duration;
    /// use threadbare::completion::{Loop, Next, Run};
    ///
    /// let mut completions = Loop::new()?;
    /// let hour = Duration::from_secs(3600);
    /// completions.timer(hour, 0, |_, (), _| Next::Disarm);
    /// completions.timer(Duration::ZERO, 0, |_, (), _| Next::Disarm);
    /// assert_eq!(completions.run(&mut (), Run::Once)?, 1);
    /// assert_eq!(completions.run(&mut (), Run::NoWait)?, 0);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn run(&mut self, state: &mut S, mode: Run) -> io::Result<usize> {
        let Some(_running) = Running::begin(&self.running) else {
            let message = "a callback can't run the loop that has called it";
            return Err(io::Error::new(io::ErrorKind::Deadlock, message));
        };
        if self.calling != NONE {
            // The callback has panicked, and somebody has caught that.
            let index = std::mem::replace(&mut self.calling, NONE);
            self.end(index, false);
        }
        self.retire_places();
        let mut calls = 0;
        while self.core.active() > 0 && !self.stopped {
            let ticked = self.tick(state, mode);
            self.retire_places();
            calls += ticked?;
            match mode {
                Run::NoWait => break,
                Run::Once if calls > 0 => break,
                Run::Once | Run::UntilDone => {}
            }
        }
        self.stopped = false;
        Ok(calls)
    }
    // ANCHOR_END: run

    // ANCHOR: tick
    /// Once round: hand over, wait, do what the wait has brought, fire.
    fn tick(&mut self, state: &mut S, mode: Run) -> io::Result<usize> {
        // What was submitted since. Some of it may be done at once.
        let mut calls = self.settle(state);
        if self.stopped || self.core.active() == 0 {
            return Ok(calls);
        }
        let may_sleep = match mode {
            Run::NoWait => false,
            Run::Once => calls == 0,
            Run::UntilDone => true,
        };
        let limit = self.limit(may_sleep);
        self.driver.wait(&mut self.core, limit)?;
        self.core.now = self.core.clock();
        self.take_notices();
        calls += self.settle(state);
        for _ in 0..STEPS_MAX {
            if self.stopped || !self.driver.step(&mut self.core) {
                break;
            }
            calls += self.settle(state);
        }
        // Last, so that whoever was in time is heard.
        while !self.stopped && self.core.fire() > 0 {
            calls += self.settle(state);
        }
        Ok(calls)
    }
    // ANCHOR_END: tick

    /// Between two runs there is no tick to wait for.
    fn retire_if_idle(&mut self) {
        if !self.running.get() {
            self.retire_places();
        }
    }

    /// Places of what was closed may be used again.
    fn retire_places(&mut self) {
        self.core.descriptors.retire();
        self.core.addresses.retire();
    }

    /// How long the wait may last.
    fn limit(&mut self, may_sleep: bool) -> Option<Duration> {
        if !may_sleep || !self.core.is_idle() {
            return Some(Duration::ZERO);
        }
        let due = self.core.timers.next_due()?;
        // The time of this tick would be too early by what the callbacks took.
        Some(Duration::from_nanos(due.saturating_sub(self.core.clock())))
    }

    // ANCHOR: settle
    /// Hands over what is queued, and calls back whoever is done: again, as callbacks submit
    /// more, but not without end.
    #[inline]
    fn settle(&mut self, state: &mut S) -> usize {
        let mut calls = 0;
        for _ in 0..ROUNDS_MAX {
            self.hand_over();
            if self.core.done.is_empty() {
                break;
            }
            for nth in 0..self.core.done.len() {
                if (nth as usize).is_multiple_of(BATCH) {
                    self.fetch_callbacks();
                }
                let Some(index) = self.core.next_done() else {
                    break;
                };
                self.call(index, state);
                calls += 1;
                if self.stopped {
                    return calls;
                }
            }
        }
        calls
    }

    /// Asks for the next callbacks. Each may be far away, and to wait for all at once is to
    /// wait once.
    #[inline]
    fn fetch_callbacks(&self) {
        if self.core.done.len() > 1 {
            let next = self.core.done_next(BATCH);
            let far = next.map(|index| &self.callbacks[index as usize]);
            black_box(far.filter(|it| matches!(it, Callback::Nobody)).count());
        }
    }

    #[inline]
    fn hand_over(&mut self) {
        self.core.withdraw();
        let mut now = None;
        while let Some(key) = self.core.hand_over() {
            match self.core.slot(key.index() as u32).kind {
                Kind::Timer => {
                    let now = *now.get_or_insert_with(|| self.core.clock());
                    self.core.start_timer(key, now);
                }
                Kind::Async => {
                    // It may have been notified since the wait.
                    self.take_notices();
                    self.core.wait_for(key);
                }
                // Those are handed over when they are submitted.
                Kind::Cancel => {}
                _ => match self.core.refusal(key) {
                    0 => self.driver.start(&mut self.core, key),
                    code => self.core.finish_code(key, code),
                },
            }
        }
    }
    // ANCHOR_END: settle

    #[inline]
    fn take_notices(&mut self) {
        if let Some(notices) = &mut self.notices {
            notices.take(&mut self.notified);
            for number in self.notified.drain(..) {
                self.core.notified(number);
            }
        }
    }

    /// Whom to call for an operation that was submitted.
    #[inline]
    fn set_callback(&mut self, key: Key, callback: Callback<S>) {
        match self.callbacks.get_mut(key.index()) {
            Some(place) => *place = callback,
            None => self.add_callback(key, callback),
        }
    }

    #[cold]
    fn add_callback(&mut self, key: Key, callback: Callback<S>) {
        self.callbacks.resize(key.index(), Callback::Nobody);
        self.callbacks.push(callback);
    }
}

/// That the loop runs, for as long as this lives.
struct Running(Rc<Cell<bool>>);

impl Running {
    /// `None` if it runs already.
    fn begin(running: &Rc<Cell<bool>>) -> Option<Self> {
        (!running.replace(true)).then(|| Self(Rc::clone(running)))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

impl<S> Drop for Loop<S> {
    fn drop(&mut self) {
        self.driver.shutdown(&mut self.core);
    }
}

impl<S> fmt::Debug for Loop<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loop")
            .field("backend", &self.backend())
            .field("active", &self.active())
            .field("descriptors", &self.core.descriptors.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
