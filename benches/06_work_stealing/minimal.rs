//! The smallest pool on top of crossbeam-deque: what you would write with that crate.
//!
//! A deque for each worker, an injector for everybody else, and a condition variable for
//! those who found nothing.

use std::cell::RefCell;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst, fence};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use crossbeam_deque::{Injector, Steal, Stealer, Worker};

use crate::pools::Spawn;

type Job = Box<dyn FnOnce() + Send>;

/// How often a worker looks everywhere before it sleeps.
const LOOKS: usize = 16;

pub(crate) struct Pool {
    shared: Arc<Shared>,
}

struct Shared {
    injector: Injector<Job>,
    stealers: Vec<Stealer<Job>>,
    /// How many workers sleep or are about to. Changed with `lock` held.
    asleep: AtomicUsize,
    lock: Mutex<()>,
    work: Condvar,
}

thread_local! {
    /// The deque of this worker, and whose it is.
    static MINE: RefCell<Option<(Arc<Shared>, Worker<Job>)>> = const { RefCell::new(None) };
}

impl Spawn for Pool {
    fn new(threads: usize) -> Self {
        let deques: Vec<_> = (0..threads).map(|_| Worker::new_lifo()).collect();
        let shared = Arc::new(Shared {
            injector: Injector::new(),
            stealers: deques.iter().map(Worker::stealer).collect(),
            asleep: AtomicUsize::new(0),
            lock: Mutex::new(()),
            work: Condvar::new(),
        });
        for deque in deques {
            let shared = Arc::clone(&shared);
            // It runs until the process ends, as all pools of this bench do.
            thread::spawn(move || {
                MINE.set(Some((Arc::clone(&shared), deque)));
                loop {
                    let job = shared.next();
                    job();
                }
            });
        }
        Self { shared }
    }

    fn spawn(&self, job: impl FnOnce() + Send + 'static) {
        let job: Job = Box::new(job);
        MINE.with_borrow(|mine| match mine {
            Some((shared, deque)) if Arc::ptr_eq(shared, &self.shared) => {
                deque.push(job);
            }
            _ => self.shared.injector.push(job),
        });
        // ORDERING: SeqCst. Pairs with the `fetch_add` in `sleep`, after which it looks again:
        // either this sees the sleeper, or the sleeper sees the job.
        fence(SeqCst);
        // ORDERING: SeqCst, as the fence, which pairs with `sleep`.
        if self.shared.asleep.load(SeqCst) > 0 {
            let guard = self.shared.lock.lock().unwrap();
            self.shared.work.notify_one();
            drop(guard);
        }
    }
}

impl Shared {
    /// Returns the next job; sleeps until there is one.
    fn next(&self) -> Job {
        loop {
            for _ in 0..LOOKS {
                if let Some(job) =
                    MINE.with_borrow(|mine| self.find(&mine.as_ref()?.1))
                {
                    return job;
                }
                thread::yield_now();
            }
            self.sleep();
        }
    }

    /// Looks everywhere: one's own deque, the injector, the others'.
    fn find(&self, mine: &Worker<Job>) -> Option<Job> {
        mine.pop().or_else(|| {
            std::iter::repeat_with(|| {
                let others = || self.stealers.iter().map(Stealer::steal);
                let injected = self.injector.steal_batch_and_pop(mine);
                injected.or_else(|| others().collect())
            })
            .find(|steal| !steal.is_retry())
            .and_then(Steal::success)
        })
    }

    fn sleep(&self) {
        let mut guard = self.lock.lock().unwrap();
        // ORDERING: SeqCst. Pairs with the fence in `spawn`: announce first, look again then.
        self.asleep.fetch_add(1, SeqCst);
        let nothing = || {
            let empty = self.stealers.iter().all(Stealer::is_empty);
            self.injector.is_empty() && empty
        };
        if nothing() {
            guard = self.work.wait(guard).unwrap();
        }
        // ORDERING: SeqCst, as above: `spawn` should not call on one who is awake.
        self.asleep.fetch_sub(1, SeqCst);
        drop(guard);
    }
}
