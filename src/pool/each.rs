//! A loop over a slice, in as many parts as there are workers who want one.
//!
//! Cutting the slice into one part for each worker is fair only if all items cost the same.
//! Cutting it into many small ones is fair, and costs a job for each. Nobody knows the right
//! number beforehand; but a worker can tell at any moment whether others want more: **its ring
//! is empty**. So whoever has a range does this:
//!
//! 1. While it is more than a 64th of a worker's share, it cuts the range into halves, puts
//!    the second one into its ring, for others to steal, and goes on with the first. A slice
//!    of few items so becomes a job for each of them, none of which waits behind another.
//! 2. Then, if its ring is empty, somebody has wanted what was there: it cuts again, unless
//!    the range is so short already that a theft costs more than it gains.
//! 3. If not, it does a few items, and looks again. *A few* are half of what is left, so it
//!    looks more often towards the end, where it matters.
//! 4. At the end of its part it takes back what it put into the ring last, as
//!    [`join`](super::join()) does, unless that was stolen.
//!
//! If nobody steals, there are some 64 to 128 jobs for each worker, however many items there
//! are. If somebody does, there is soon another half to steal. So slow items in one place do
//! not hold up the rest.
#![allow(
    unsafe_code,
    reason = "`map` writes into a vector whose items are not there yet"
)]

use std::marker::PhantomData;
use std::mem;

use super::global::here_or_global;
use super::join::{join_on, on_worker};
use super::shared::Shared;
use super::stack_job::drop_quietly;
use super::thread_pool::ThreadPool;
use super::worker::Worker;
use crate::ground::sync::Arc;

/// A worker's share is cut into so many parts in any case.
const PARTS: usize = 64;
/// If others want more, such a part is cut into so many at most. Without an end to it, the
/// last part of all would be cut down to its items, with a theft and a wake-up for each cut.
const FINEST: usize = 4;
/// A worker looks whether others want some of its range after half of it ...
const LOOKS: usize = 2;
/// ... and after so many items at the latest. With items of a nanosecond each, the look is a
/// few hundredths of the work.
const BLOCK_MAX: usize = 1024;

/// A range of items and what to do with each.
trait Range: Sized + Send {
    /// What is there when a range has been done. Ranges side by side are put together.
    type Made: Send;

    fn len(&self) -> usize;
    /// The first `items` items, and the rest.
    fn split_at(self, items: usize) -> (Self, Self);
    /// Does all items, one after the other.
    fn run(self) -> Self::Made;
    /// Puts together what was made of two ranges, the second right behind the first.
    fn put_together(first: Self::Made, second: Self::Made) -> Self::Made;
}

/// Does all items of a range, on `worker` if it is one, and gives away what others want to have.
fn run<R: Range>(worker: Option<&Worker>, range: R) -> R::Made {
    match worker {
        Some(worker) => {
            let threads = worker.shared().seats().len();
            let coarse = range.len() / (PARTS * threads);
            split(worker, range, coarse.max(1))
        }
        // There is nobody to give anything to.
        None => range.run(),
    }
}

/// Cuts a range of more than `coarse` items into halves, and a shorter one while others want
/// more.
// ANCHOR: split
fn split<R: Range>(worker: &Worker, range: R, coarse: usize) -> R::Made {
    let len = range.len();
    let finest = (coarse / FINEST).max(1);
    if len > coarse || (len > finest && worker.has_no_jobs()) {
        let (first, second) = range.split_at(len / 2);
        let (first, second) = join_on(
            worker,
            |worker| split(worker, first, coarse),
            |worker| match worker {
                Some(worker) => split(worker, second, coarse),
                None => second.run(),
            },
        );
        return R::put_together(first, second);
    }
    let (block, mut rest) = range.split_at(few(len));
    let mut made = block.run();
    while rest.len() > 0 {
        if rest.len() > finest && worker.has_no_jobs() {
            return R::put_together(made, split(worker, rest, coarse));
        }
        let items = few(rest.len());
        let (block, behind) = rest.split_at(items);
        made = R::put_together(made, block.run());
        rest = behind;
    }
    made
}

/// How many of `len` items to do before the next look.
fn few(len: usize) -> usize {
    (len / LOOKS).clamp(1, BLOCK_MAX).min(len)
}
// ANCHOR_END: split

/// For [`ThreadPool::each`].
struct Each<'a, T, F> {
    items: &'a [T],
    f: &'a F,
}

impl<T: Sync, F: Fn(&T) + Sync> Range for Each<'_, T, F> {
    type Made = ();

    fn len(&self) -> usize {
        self.items.len()
    }

    fn split_at(self, items: usize) -> (Self, Self) {
        let f = self.f;
        let (first, rest) = self.items.split_at(items);
        (Self { items: first, f }, Self { items: rest, f })
    }

    fn run(self) {
        self.items.iter().for_each(self.f);
    }

    fn put_together((): (), (): ()) {}
}

/// For [`ThreadPool::each_mut`].
struct EachMut<'a, T, F> {
    items: &'a mut [T],
    f: &'a F,
}

impl<T: Send, F: Fn(&mut T) + Sync> Range for EachMut<'_, T, F> {
    type Made = ();

    fn len(&self) -> usize {
        self.items.len()
    }

    fn split_at(self, items: usize) -> (Self, Self) {
        let f = self.f;
        let (first, rest) = self.items.split_at_mut(items);
        (Self { items: first, f }, Self { items: rest, f })
    }

    fn run(self) {
        self.items.iter_mut().for_each(self.f);
    }

    fn put_together((): (), (): ()) {}
}

/// For [`ThreadPool::map`]: as many items as there is room for what is made of them.
struct Map<'a, T, R, F> {
    items: &'a [T],
    /// Room for the first of them, in memory that `map_in` holds until all ranges are done. No
    /// other range has the same.
    room: *mut R,
    f: &'a F,
}

// SAFETY: a `&[T]` and a `&F` may be sent for T and F are `Sync`. The room is for values of
// `R` that are written on whatever thread has the range, and taken on another: R is `Send`.
unsafe impl<T: Sync, R: Send, F: Sync> Send for Map<'_, T, R, F> {}

/// Values side by side that were made and not yet handed over. Dropped if nobody takes them,
/// because another range panicked.
struct Made<R> {
    first: *mut R,
    len: usize,
    owns: PhantomData<R>,
}

// SAFETY: as a `Vec<R>`, it owns the values.
unsafe impl<R: Send> Send for Made<R> {}

impl<R> Drop for Made<R> {
    fn drop(&mut self) {
        if !mem::needs_drop::<R>() {
            return;
        }
        for at in 0..self.len {
            // SAFETY: `run` has written so many, and this is the only owner: who takes them
            // over makes `len` zero.
            let value = unsafe { self.first.add(at).read() };
            // Mostly another panic goes by here, which this must not meet with one more.
            drop_quietly(value);
        }
    }
}

impl<T: Sync, R: Send, F: Fn(&T) -> R + Sync> Range for Map<'_, T, R, F> {
    type Made = Made<R>;

    fn len(&self) -> usize {
        self.items.len()
    }

    fn split_at(self, items: usize) -> (Self, Self) {
        let Self { room, f, .. } = self;
        let (first, rest) = self.items.split_at(items);
        // SAFETY: there is room for as many values as there are items, and here `items` is not
        // more, or `split_at` had panicked.
        let behind = unsafe { room.add(items) };
        let rest = Self {
            items: rest,
            room: behind,
            f,
        };
        let items = first;
        (Self { items, room, f }, rest)
    }

    // ANCHOR: map_run
    fn run(self) -> Made<R> {
        let mut made = Made {
            first: self.room,
            len: 0,
            owns: PhantomData,
        };
        for item in self.items {
            let value = (self.f)(item);
            // SAFETY: there is room for as many values as there are items, only this range
            // writes there, and `len` is less than the number of items.
            unsafe { made.first.add(made.len).write(value) };
            made.len += 1;
        }
        made
    }
    // ANCHOR_END: map_run

    fn put_together(mut first: Made<R>, mut second: Made<R>) -> Made<R> {
        debug_assert!(
            first.first.wrapping_add(first.len) == second.first,
            "ranges that are not side by side"
        );
        first.len += mem::take(&mut second.len);
        first
    }
}

fn each_in<T: Sync, F: Fn(&T) + Sync>(pool: &Arc<Shared>, items: &[T], f: &F) {
    let range = Each { items, f };
    on_worker(pool, |worker| run(worker, range));
}

fn each_mut_in<T: Send, F: Fn(&mut T) + Sync>(
    pool: &Arc<Shared>,
    items: &mut [T],
    f: &F,
) {
    let range = EachMut { items, f };
    on_worker(pool, |worker| run(worker, range));
}

fn map_in<T: Sync, R: Send, F: Fn(&T) -> R + Sync>(
    pool: &Arc<Shared>,
    items: &[T],
    f: &F,
) -> Vec<R> {
    let mut results = Vec::with_capacity(items.len());
    let room = results.as_mut_ptr();
    let range = Map { items, room, f };
    // If a job panics, this does too, and `results` is dropped: it says that it is empty, and
    // what has been made was dropped by who had it.
    let mut made = on_worker(pool, |worker| run(worker, range));
    let len = mem::take(&mut made.len);
    debug_assert_eq!(len, items.len(), "a range was left out");
    // SAFETY: so many have been written, and nobody else owns them any more.
    unsafe { results.set_len(len) };
    results
}

/// Calls `f` with each item, on as many workers as have time.
///
/// It uses the pool whose worker calls it, or else [`global()`](super::global()): see
/// [`ThreadPool::each`].
pub fn each<T: Sync, F: Fn(&T) + Sync>(items: &[T], f: F) {
    here_or_global(|pool| each_in(pool, items, &f));
}

/// Calls `f` with each item, to change it, on as many workers as have time.
///
/// It uses the pool whose worker calls it, or else [`global()`](super::global()): see
/// [`ThreadPool::each_mut`].
///
/// ```
/// let mut numbers = [1, 2, 3];
/// threadbare::pool::each_mut(&mut numbers, |n| *n *= 10);
/// assert_eq!(numbers, [10, 20, 30]);
/// ```
pub fn each_mut<T: Send, F: Fn(&mut T) + Sync>(items: &mut [T], f: F) {
    here_or_global(|pool| each_mut_in(pool, items, &f));
}

/// What `f` makes of each item, in the same order, made on as many workers as have time.
///
/// It uses the pool whose worker calls it, or else [`global()`](super::global()): see
/// [`ThreadPool::map`].
///
/// ```
/// let squares = threadbare::pool::map(&[1, 2, 3], |n| n * n);
/// assert_eq!(squares, [1, 4, 9]);
/// ```
pub fn map<T, R, F>(items: &[T], f: F) -> Vec<R>
where
    T: Sync,
    R: Send,
    F: Fn(&T) -> R + Sync,
{
    here_or_global(|pool| map_in(pool, items, &f))
}

impl<const TRACED: bool> ThreadPool<TRACED> {
    /// Calls `f` with each item, on as many workers as have time.
    ///
    /// The slice is cut into 64 parts or more for each worker, and these again when another
    /// worker has taken what there was to take. So it does not matter much how the work is
    /// spread over the items. Up to 64 items for each worker, each item is a job of its own:
    /// then none waits behind another while a worker is idle. A call may wait for another only
    /// if there are as many workers as items.
    ///
    /// # Panics
    /// If `f` does, with what it panicked with; if it does so for several items, with one of
    /// these. Other items may have been done or not, but no call is running any more.
    /// # Blocking
    /// Returns when all calls have ended. A worker of the pool takes part; another thread hands
    /// the slice over and waits, or after a shutdown does all of it by itself. As with
    /// [`join`](Self::join), the worker may run other jobs meanwhile.
    /// # Memory ordering
    /// What the caller has done before happens-before each call, and these happen-before the
    /// return.
    /// # Cost
    /// No allocation. If nobody helps, 64 to 128 jobs for each worker; and a look at the ring
    /// after half of what is left, at most 1024 items.
    ///
    /// # Example
    /// ```
    /// use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
    /// use threadbare::pool::ThreadPool;
    ///
    /// let pool = ThreadPool::new(2);
    /// let sum = AtomicU64::new(0);
    /// // ORDERING: Relaxed. Only the sum matters.
    /// pool.each(&[1, 2, 3], |n| _ = sum.fetch_add(*n, Relaxed));
    /// assert_eq!(sum.into_inner(), 6);
    /// ```
    pub fn each<T: Sync, F: Fn(&T) + Sync>(&self, items: &[T], f: F) {
        each_in(self.shared(), items, &f);
    }

    /// As [`each`](Self::each), with items that `f` may change.
    ///
    /// ```
    /// let pool = threadbare::pool::ThreadPool::new(2);
    /// let mut words = ["a".to_string(), "b".to_string()];
    /// pool.each_mut(&mut words, |word| word.push('!'));
    /// assert_eq!(words, ["a!", "b!"]);
    /// ```
    pub fn each_mut<T: Send, F: Fn(&mut T) + Sync>(&self, items: &mut [T], f: F) {
        each_mut_in(self.shared(), items, &f);
    }

    /// As [`each`](Self::each), and collects what `f` returns, in the order of the items.
    ///
    /// # Panics
    /// If `f` does, as `each`. What has been made of other items is dropped.
    /// # Cost
    /// One allocation, for the vector.
    ///
    /// # Example
    /// ```
    /// let pool = threadbare::pool::ThreadPool::new(2);
    /// let lengths = pool.map(&["one", "two", "three"], |word| word.len());
    /// assert_eq!(lengths, [3, 3, 5]);
    /// ```
    pub fn map<T, R, F>(&self, items: &[T], f: F) -> Vec<R>
    where
        T: Sync,
        R: Send,
        F: Fn(&T) -> R + Sync,
    {
        map_in(self.shared(), items, &f)
    }
}

#[cfg(test)]
mod tests;
