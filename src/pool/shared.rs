//! What the threads of a pool share.

use std::fmt;
use std::io;

use crossbeam_utils::CachePadded;

use super::counters::Tally;
use super::deque::{CAPACITY, Deque, Steal};
use super::fence::heavy;
use super::injector::Injector;
use super::job::{Header, Job, Kind, List};
use super::latch::{self, Waker};
use super::sleep::{Sleep, Surroundings};
use super::spawn::Reason;
use super::trace::Recorder;
use super::worker::{self, Worker};
use crate::ground::atomic::{AtomicUsize, Ordering::Relaxed};
use crate::ground::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use crate::ground::thread::{self, Builder, JoinHandle};
use crate::ground::time::Duration;

/// What a pool is made with.
#[derive(Clone, Debug)]
pub(super) struct Config {
    pub(super) name: String,
    pub(super) threads: usize,
    pub(super) stack_size: Option<usize>,
    pub(super) queue_cap: usize,
    pub(super) idle_exit: Option<Duration>,
}

/// What belongs to one worker, and others reach.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) deque: Deque<Header>,
    pub(super) tally: Tally,
}

/// The threads, and which seats are taken.
#[derive(Debug, Default)]
struct Threads {
    seated: Vec<bool>,
    handles: Vec<JoinHandle<()>>,
    /// How many have started and not come to [`Shared::has_ended`].
    live: usize,
    /// Who waits until there are none: a worker of another pool.
    waiter: Option<Waker>,
}

/// What the threads of a pool share.
pub(super) struct Shared {
    pub(super) config: Config,
    sleep: Sleep,
    injector: CachePadded<Injector>,
    seats: Box<[CachePadded<Seat>]>,
    /// Jobs of `try_spawn` that have not started.
    bounded: CachePadded<AtomicUsize>,
    threads: Mutex<Threads>,
    /// What a thread runs.
    main: worker::Main,
    recorder: Option<Recorder>,
    me: Weak<Self>,
}

impl Shared {
    pub(super) fn new(
        config: Config,
        main: worker::Main,
        traced: bool,
    ) -> Arc<Self> {
        let threads = config.threads;
        let seat = |_| {
            CachePadded::new(Seat {
                deque: Deque::new(),
                tally: Tally::default(),
            })
        };
        Arc::new_cyclic(|me| Self {
            sleep: Sleep::new(threads),
            injector: CachePadded::new(Injector::new()),
            seats: (0..threads).map(seat).collect(),
            bounded: CachePadded::new(AtomicUsize::new(0)),
            threads: Mutex::new(Threads {
                seated: vec![false; threads],
                ..Threads::default()
            }),
            main,
            recorder: traced.then(|| Recorder::new(threads)),
            config,
            me: me.clone(),
        })
    }

    /// One whose seats are all taken: by threads of a model, which has them.
    #[cfg(test)]
    pub(super) fn for_model(threads: usize) -> Arc<Self> {
        let config = Config {
            name: "model".to_owned(),
            threads,
            stack_size: None,
            queue_cap: 1,
            idle_exit: None,
        };
        let shared = Self::new(config, worker::main::<false>, false);
        let state = shared.sleep.state();
        state.has_begun();
        (0..threads).for_each(|_| assert!(state.reserve(threads)));
        shared
    }

    pub(super) fn sleep(&self) -> &Sleep {
        &self.sleep
    }

    pub(super) fn injector(&self) -> &Injector {
        &self.injector
    }

    pub(super) fn seats(&self) -> &[CachePadded<Seat>] {
        &self.seats
    }

    pub(super) fn recorder(&self) -> Option<&Recorder> {
        self.recorder.as_ref()
    }

    /// There is work that was not there before.
    pub(super) fn notify(&self) {
        self.sleep.notify(self);
    }

    /// The waking thread has looked.
    pub(super) fn hand_on(&self) {
        self.sleep.hand_on(self);
    }

    /// Takes jobs from outside.
    ///
    /// # Errors
    /// Hands them back if the pool is shut down, or has no thread and the system has none.
    pub(super) fn inject(&self, jobs: List) -> Result<(), (List, Reason)> {
        let seen = self.sleep.look();
        if !seen.has_started() {
            if seen.is_shut_down() {
                return Err((jobs, Reason::ShutDown));
            }
            if let Err(error) = self.start_first() {
                return Err((jobs, Reason::NoThread(error.kind())));
            }
        }
        if let Err(jobs) = self.injector.push(jobs) {
            return Err((jobs, Reason::ShutDown));
        }
        self.notify();
        Ok(())
    }

    /// As [`inject`](Self::inject), for one.
    pub(super) fn inject_one(&self, job: Job) -> Result<(), (Job, Reason)> {
        self.inject(List::of(job)).map_err(|(mut jobs, reason)| {
            let job = jobs.pop_front();
            (job.expect("it was handed in"), reason)
        })
    }

    /// Jobs from a worker whose ring is full, or that are still to be run.
    pub(super) fn inject_inside(&self, jobs: List) {
        self.injector.push_inside(jobs);
        self.notify();
    }

    /// Counts a job of `try_spawn`, if there is room.
    pub(super) fn reserve(&self) -> bool {
        // ORDERING: Relaxed, as all of `bounded`. The number is all that there is to it.
        let mut waiting = self.bounded.load(Relaxed);
        while waiting < self.config.queue_cap {
            let to = waiting + 1;
            let bounded = &self.bounded;
            // ORDERING: as above.
            match bounded.compare_exchange_weak(waiting, to, Relaxed, Relaxed) {
                Ok(_) => return true,
                Err(now) => waiting = now,
            }
        }
        false
    }

    /// A job of `try_spawn` has started, or never will.
    pub(super) fn unreserve(&self) {
        // ORDERING: Relaxed, as in `reserve`.
        self.bounded.fetch_sub(1, Relaxed);
    }

    /// How many jobs lie in queues.
    pub(super) fn waiting(&self) -> usize {
        let injected = self.injector.len();
        if injected > 0 {
            self.notify();
        }
        let own = self.seats.iter().map(|seat| seat.deque.len());
        own.sum::<usize>() + injected
    }

    /// Refuses what comes from now on.
    pub(super) fn shut_down(&self) {
        self.injector.close();
        if !self.sleep.state().shut_down().is_shut_down() {
            self.sleep.wake_everybody();
        }
    }

    /// Takes what has been spawned and has not started.
    pub(super) fn take_spawned(&self) -> List {
        let mut all = self.injector.take_all();
        for seat in &self.seats {
            loop {
                match seat.deque.steal() {
                    Steal::Empty => break,
                    Steal::Retry => {}
                    Steal::Job(job) => all.push_back(owned(job)),
                }
            }
        }
        let (mut spawned, mut inner) = (List::new(), List::new());
        while let Some(job) = all.pop_front() {
            match job.kind() {
                Kind::Inner => inner.push_back(job),
                Kind::Bounded => {
                    self.unreserve();
                    spawned.push_back(job);
                }
                Kind::Spawned => spawned.push_back(job),
            }
        }
        if !inner.is_empty() {
            self.inject_inside(inner);
        }
        spawned
    }

    /// Waits until all threads have ended. A worker of another pool helps there until they
    /// run nothing any more: what they still run might wait for a job of that pool. One of this
    /// pool's own threads, in a destructor of a thread-local, does not wait for itself.
    pub(super) fn join(&self) {
        if Worker::current().is_some() {
            self.lock().waiter = Some(Waker::current());
            latch::wait_until(&|| self.lock().live == 0);
            self.lock().waiter = None;
        }
        let me = thread::current().id();
        loop {
            let handles = std::mem::take(&mut self.lock().handles);
            if handles.is_empty() {
                return;
            }
            for handle in handles {
                if handle.thread().id() == me {
                    continue;
                }
                // A worker catches what its jobs throw, and does not panic itself.
                let _ = handle.join();
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Threads> {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts the first thread. From then on, until the pool is shut down, there is one.
    #[cold]
    fn start_first(&self) -> io::Result<()> {
        let mut threads = self.lock();
        if self.sleep.look().has_started() {
            return Ok(());
        }
        let state = self.sleep.state();
        state.begin();
        let started = self.start(&mut threads);
        match started {
            Ok(()) => state.has_begun(),
            Err(_) => state.begin_failed(),
        }
        started
    }

    /// Starts a thread in a free seat. It is the waking thread.
    fn start(&self, threads: &mut Threads) -> io::Result<()> {
        let free = threads.seated.iter().position(|taken| !taken);
        let index = free.expect("there is a seat for each thread");
        let shared = self.me.upgrade().expect("whoever calls has a share");
        let mut builder =
            Builder::new().name(format!("{}-{index}", self.config.name));
        if let Some(bytes) = self.config.stack_size {
            builder = builder.stack_size(bytes);
        }
        let main = self.main;
        let handle = builder.spawn(move || main(shared, index))?;
        threads.seated[index] = true;
        threads.live += 1;
        if threads.handles.len() >= self.seats.len() {
            threads.handles.retain(|handle| !handle.is_finished());
        }
        threads.handles.push(handle);
        Ok(())
    }

    /// The thread at `index` is about to end; `false` if it must stay.
    pub(super) fn leave(&self, index: usize, keep_one: bool) -> bool {
        let mut threads = self.lock();
        let leaves = self.sleep.state().retire(keep_one);
        if leaves {
            threads.seated[index] = false;
            drop(threads);
            // Somebody may have seen all seats taken and nobody asleep, and left a job there.
            heavy();
            if self.has_work() {
                self.notify();
            }
        }
        leaves
    }

    /// The calling thread runs no more jobs. Whatever threads it has started are counted
    /// before it is not.
    pub(super) fn has_ended(&self) {
        let mut threads = self.lock();
        threads.live -= 1;
        let waiter = match threads.live {
            0 => threads.waiter.take(),
            _ => None,
        };
        drop(threads);
        if let Some(waiter) = waiter {
            waiter.wake();
        }
    }
}

impl Surroundings for Shared {
    fn has_work(&self) -> bool {
        !self.injector.is_empty()
            || self.seats.iter().any(|seat| !seat.deque.is_empty())
    }

    fn start_thread(&self) -> bool {
        if !self.sleep.state().reserve(self.seats.len()) {
            return false;
        }
        let started = self.start(&mut self.lock());
        if started.is_err() {
            self.sleep.state().retire(false);
        }
        started.is_ok()
    }
}

/// A pointer that came out of a queue.
#[allow(
    unsafe_code,
    reason = "what went into a queue as a job comes out as one"
)]
pub(super) fn owned(job: std::ptr::NonNull<Header>) -> Job {
    // SAFETY: only `Job::into_raw` puts pointers into queues, and each comes out once.
    unsafe { Job::new(job) }
}

/// How many jobs a worker takes from the injector at once, at most.
pub(super) const SHARE_MAX: usize = CAPACITY / 2;

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("state", self.sleep.state())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod models;
