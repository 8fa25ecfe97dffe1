//! What other threads have of a completion loop: an [`Async`], by which they make a callback
//! run on the loop's thread.
//!
//! It carries nothing but that it was notified, and many times are once. What there is to
//! say goes elsewhere, into a queue or an atomic, *before* the call; the callback takes all
//! that is there. So a notifier never waits for the loop, and never finds it full.
//!
//! Each has a bit of a [word](word) that it shares with 63 others. To notify is to set the
//! bit; whoever finds the word empty wakes the loop, through the waker of the backend, which
//! is no system call unless the loop sleeps. The loop takes a word by a swap with 0.

use std::{fmt, io};

use super::driver::Waker;
use crate::ground::sync::Arc;

mod word;

use word::{BITS, Word};

/// Makes a callback run in a loop of another thread: see
/// [`Loop::notifier`](super::Loop::notifier).
///
/// A clone is the same one again. It may outlive the loop, and then says nothing to anybody.
#[derive(Clone)]
pub struct Async {
    bell: Arc<Bell>,
}

/// One of those that can be notified, whatever clones there are.
struct Bell {
    line: Arc<Line>,
    /// Its place in the line, as a bit.
    bit: u64,
}

/// 64 of them, and whom they wake.
struct Line {
    word: Word,
    waker: Waker,
}

impl Async {
    /// Makes the callback of [`Loop::wait_for`](super::Loop::wait_for) run soon: also if it
    /// comes to wait later, or again. Any number of calls before that are one.
    ///
    /// Put down first what the callback shall find, then call this.
    ///
    /// # Errors
    /// What the system call says; none is known that a live loop could cause.
    /// # Blocking
    /// Never.
    /// # Memory ordering
    /// Everything before this call happens-before the callback that it makes run, for each
    /// of the calls that became one.
    /// # Cost
    /// One read-modify-write if this was notified before, two if not. A system call only if
    /// the loop sleeps and nobody else is about to wake it.
    ///
    /// # Example
    /// ```
    /// use std::thread;
    /// use threadbare::completion::{Loop, Next, Run};
    ///
    /// let mut completions = Loop::<u32>::new()?;
    /// let bell = completions.notifier()?;
    /// completions.wait_for(&bell, 0, |_, heard, _| {
    ///     *heard += 1;
    ///     Next::Disarm
    /// });
    /// let other = thread::spawn(move || bell.notify());
    /// let mut heard = 0;
    /// completions.run(&mut heard, Run::UntilDone)?;
    /// other.join().unwrap()?;
    /// assert_eq!(heard, 1);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    // ANCHOR: notify
    #[inline]
    pub fn notify(&self) -> io::Result<()> {
        let Bell { line, bit } = &*self.bell;
        if line.word.put(*bit) {
            line.waker.wake()?;
        }
        Ok(())
    }
    // ANCHOR_END: notify
}

impl Drop for Bell {
    fn drop(&mut self) {
        self.line.word.leave(self.bit);
    }
}

impl fmt::Debug for Async {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Async")
            .field("bit", &self.bell.bit.trailing_zeros())
            .finish_non_exhaustive()
    }
}

/// The loop's side: all that it can be told by.
pub(super) struct Notices {
    lines: Vec<Arc<Line>>,
    /// Numbers that nobody has. Those of a line come here when the line is made, and again
    /// when they are found to be gone.
    free: Vec<u32>,
    waker: Waker,
}

impl Notices {
    /// None yet. `waker` wakes the loop.
    pub(super) fn new(waker: Waker) -> Self {
        Self {
            lines: Vec::new(),
            free: Vec::new(),
            waker,
        }
    }

    /// One more. It has a number that nobody has, and it may have been somebody's before:
    /// one for which `unused` says that nobody waits for it any more.
    pub(super) fn create(&mut self, mut unused: impl FnMut(u32) -> bool) -> Async {
        if self.free.is_empty() {
            self.collect(&mut unused);
        }
        if self.free.is_empty() {
            let first = self.lines.len() as u32 * BITS;
            self.free.extend((first..first + BITS).rev());
            self.lines.push(Arc::new(Line {
                word: Word::new(),
                waker: self.waker.clone(),
            }));
        }
        let number = self.free.pop().expect("there is one by now");
        let line = Arc::clone(&self.lines[(number / BITS) as usize]);
        let bit = 1 << (number % BITS);
        Async {
            bell: Arc::new(Bell { line, bit }),
        }
    }

    // ANCHOR: take
    /// Takes all that were notified since the last call: adds their numbers to `into`.
    ///
    /// # Cost
    /// A look at one word for each 64 that there are; a swap where there is something.
    #[inline]
    pub(super) fn take(&mut self, into: &mut Vec<u32>) {
        for (first, line) in (0..).step_by(BITS as usize).zip(&self.lines) {
            let mut bits = line.word.take();
            while bits != 0 {
                into.push(first + bits.trailing_zeros());
                bits &= bits - 1;
            }
        }
    }
    // ANCHOR_END: take

    /// The number under which `take` tells of `bell`, if it is one of this loop's.
    #[inline]
    pub(super) fn number(&self, bell: &Async) -> Option<u32> {
        let Bell { line, bit } = &*bell.bell;
        let at = self.lines.iter().position(|it| Arc::ptr_eq(it, line))?;
        Some(at as u32 * BITS + bit.trailing_zeros())
    }

    /// Looks for those whose last clone is gone.
    #[cold]
    fn collect(&mut self, unused: &mut impl FnMut(u32) -> bool) {
        for (first, line) in (0..).step_by(BITS as usize).zip(&self.lines) {
            let mut gone = line.word.gone();
            while gone != 0 {
                let (place, bit) =
                    (gone.trailing_zeros(), gone & gone.wrapping_neg());
                gone ^= bit;
                if unused(first + place) {
                    line.word.reuse(bit);
                    self.free.push(first + place);
                }
            }
        }
    }
}

impl fmt::Debug for Notices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notices")
            .field("lines", &self.lines.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
