//! Right: a queue: each sleeper has a condition variable of its own, and permits are handed
//! out to all for whom there are enough.

// --- edit from here ---

use super::ground::sync::{Arc, Condvar, Mutex};
use super::ground::time::{Duration, Instant};

/// A number of permits.
#[derive(Debug)]
pub struct Semaphore {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    free: usize,
    next: u64,
    queue: Vec<(u64, usize, Arc<Condvar>)>,
}

/// Permits that were taken from a [`Semaphore`]. They go back when dropped.
#[derive(Debug)]
#[must_use = "permits that are dropped at once allow nothing"]
pub struct Permits<'a> {
    semaphore: &'a Semaphore,
    count: usize,
}

impl State {
    /// Hands out what is free, to all for whom it is enough.
    fn serve(&mut self) {
        let free = &mut self.free;
        self.queue.retain(|(_, count, bell)| {
            let enough = *count <= *free;
            if enough {
                *free -= count;
                bell.notify_one();
            }
            !enough
        });
    }
}

impl Semaphore {
    /// A semaphore with so many permits, all of them free.
    pub fn new(permits: usize) -> Self {
        Self {
            state: Mutex::new(State {
                free: permits,
                next: 0,
                queue: Vec::new(),
            }),
        }
    }

    /// How many are free just now.
    pub fn available(&self) -> usize {
        self.state.lock().unwrap().free
    }

    /// Waits until `count` permits are free, and takes them.
    pub fn acquire(&self, count: usize) -> Permits<'_> {
        let permits = self.acquire_timeout(count, Duration::MAX);
        permits.expect("nobody waits so long")
    }

    /// Takes `count` permits if so many are free now.
    pub fn try_acquire(&self, count: usize) -> Option<Permits<'_>> {
        let mut state = self.state.lock().unwrap();
        state.free = state.free.checked_sub(count)?;
        Some(Permits {
            semaphore: self,
            count,
        })
    }

    /// Waits until `count` permits are free, but not longer than `limit`, and takes
    /// them. `None`: time was up.
    pub fn acquire_timeout(
        &self,
        count: usize,
        limit: Duration,
    ) -> Option<Permits<'_>> {
        let start = Instant::now();
        let mut state = self.state.lock().unwrap();
        let me = state.next;
        state.next += 1;
        let bell = Arc::new(Condvar::new());
        state.queue.push((me, count, Arc::clone(&bell)));
        state.serve();
        loop {
            let waiting = |(number, ..): &(u64, usize, Arc<Condvar>)| *number == me;
            let Some(place) = state.queue.iter().position(waiting) else {
                return Some(Permits {
                    semaphore: self,
                    count,
                });
            };
            let left = limit.saturating_sub(start.elapsed());
            if left.is_zero() {
                state.queue.remove(place);
                state.serve();
                return None;
            }
            state = match limit {
                Duration::MAX => bell.wait(state).unwrap(),
                _ => bell.wait_timeout(state, left).unwrap().0,
            };
        }
    }
}

impl Drop for Permits<'_> {
    fn drop(&mut self) {
        let mut state = self.semaphore.state.lock().unwrap();
        state.free += self.count;
        state.serve();
    }
}

// --- to here ---
