//! Given for 06.5: a pool of two threads. Each job gives the pool a part of its work, and
//! waits until somebody has done it.
//!
//! Everything is `SeqCst`, so that no load returns an old value: what happens here is a
//! matter of who comes when.

#![allow(
    unsafe_code,
    reason = "a cell is what shows in a report without a step"
)]

use std::sync::{Mutex as Hidden, PoisonError};

use super::super::ground::atomic::{AtomicU32, Ordering::SeqCst};
use super::super::ground::cell::UnsafeCell;
use super::super::ground::sync::{Arc, Mutex};
use super::super::ground::{Named as _, futex, thread};

/// There may be as many jobs.
const JOBS_MAX: usize = 3;

/// Something to run: a job, or its part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Task {
    Job(usize),
    Part(usize),
}

/// What a thread does next.
enum Next {
    Runs(Task),
    /// There is nothing, as long as there have been no more calls than these.
    Sleeps(u32),
    /// All jobs have ended.
    GoesHome,
}

/// The tasks, and how many of the jobs have not ended. Each call is one step, and shows as
/// an addition to `queue`; the lock behind it is nobody's matter.
#[derive(Debug)]
struct Queue {
    calls: AtomicU32,
    tasks: Hidden<(Vec<Task>, usize)>,
}

impl Queue {
    #[track_caller]
    fn step<R>(
        &self,
        call: impl FnOnce(&mut Vec<Task>, &mut usize) -> R,
    ) -> (u32, R) {
        // ORDERING: SeqCst, here and below; pairs with the others in this file.
        let calls = self.calls.fetch_add(1, SeqCst) + 1;
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        let (tasks, left) = &mut *tasks;
        (calls, call(tasks, left))
    }

    /// Takes the newest.
    #[track_caller]
    fn take(&self) -> Next {
        match self.step(|tasks, left| (tasks.pop(), *left)) {
            (_, (Some(task), _)) => Next::Runs(task),
            (_, (None, 0)) => Next::GoesHome,
            (calls, (None, _)) => Next::Sleeps(calls),
        }
    }

    #[track_caller]
    fn push(&self, task: Task) {
        self.step(|tasks, _| tasks.push(task));
        futex::wake_all(&self.calls);
    }

    #[track_caller]
    fn job_has_ended(&self) {
        self.step(|_, left| *left -= 1);
        futex::wake_all(&self.calls);
    }
}

/// What a thread does that waits for a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Waiting {
    /// It sleeps.
    Blocks,
    /// It runs what is there, and sleeps when there is nothing.
    Helps,
}

#[derive(Debug)]
struct Pool {
    waiting: Waiting,
    queue: Queue,
    /// 1: this job's part is done.
    done: [AtomicU32; JOBS_MAX],
    /// Read when a task begins, so that a report shows who runs what.
    jobs: [UnsafeCell<()>; JOBS_MAX],
    parts: [UnsafeCell<()>; JOBS_MAX],
    /// What all jobs work on, if they hold a lock while they wait.
    table: Option<Mutex<()>>,
}

// SAFETY: the cells hold nothing, and are only read.
unsafe impl Sync for Pool {}

impl Pool {
    /// A worker, from its beginning to its end.
    fn work(&self) {
        loop {
            match self.queue.take() {
                Next::Runs(task) => self.run(task),
                Next::Sleeps(calls) => futex::wait(&self.queue.calls, calls),
                Next::GoesHome => return,
            }
        }
    }

    fn run(&self, task: Task) {
        match task {
            Task::Job(number) => {
                self.jobs[number].with(|_| ());
                let table = self.table.as_ref().map(|table| table.lock().unwrap());
                self.queue.push(Task::Part(number));
                self.wait_for_part(number);
                drop(table);
                self.queue.job_has_ended();
            }
            Task::Part(number) => {
                self.parts[number].with(|_| ());
                self.done[number].store(1, SeqCst);
                futex::wake_all(&self.done[number]);
            }
        }
    }

    fn wait_for_part(&self, number: usize) {
        while self.done[number].load(SeqCst) == 0 {
            if self.waiting == Waiting::Helps
                && let Next::Runs(task) = self.queue.take()
            {
                self.run(task);
            } else {
                futex::wait(&self.done[number], 0);
            }
        }
    }
}

/// The names of tasks in a report.
const JOBS: [&str; JOBS_MAX] = [
    "job 1, and runs it",
    "job 2, and runs it",
    "job 3, and runs it",
];
const PARTS: [&str; JOBS_MAX] = [
    "part 1, and runs it",
    "part 2, and runs it",
    "part 3, and runs it",
];
const DONE: [&str; JOBS_MAX] = ["done 1", "done 2", "done 3"];

/// Two threads, 1 and 2, run so many jobs; `main` waits for them.
fn pool(jobs: usize, waiting: Waiting, table: Option<Mutex<()>>) {
    let pool = Arc::new(Pool {
        waiting,
        queue: Queue {
            calls: AtomicU32::new(0).named("queue"),
            tasks: Hidden::new(((0..jobs).map(Task::Job).collect(), jobs)),
        },
        done: std::array::from_fn(|n| AtomicU32::new(0).named(DONE[n])),
        jobs: std::array::from_fn(|n| UnsafeCell::new(()).named(JOBS[n])),
        parts: std::array::from_fn(|n| UnsafeCell::new(()).named(PARTS[n])),
        table,
    });
    let workers = [(); 2].map(|()| {
        let pool = Arc::clone(&pool);
        thread::spawn(move || pool.work())
    });
    for worker in workers {
        worker.join().unwrap();
    }
}

/// Three jobs. Whoever waits for a part sleeps.
pub fn jobs_that_wait() {
    pool(3, Waiting::Blocks, None);
}

/// Two jobs, which lock a table from beginning to end. Whoever waits for a part helps.
pub fn jobs_that_lock_and_wait() {
    pool(2, Waiting::Helps, Some(Mutex::new(()).named("table")));
}
