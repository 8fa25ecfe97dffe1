//! Graders of 06.7 on real threads: the jobs of a batch meet, so all of them must run at once.

use std::sync::{Arc, Barrier};
use std::thread;

use super::on_real::answer::Pool;

grading::graders![
    a_batch_meets,
    a_batch_for_some,
    jobs_in_all_queues_meet,
    a_large_batch_meets,
];

/// So many workers there are where nothing else is said.
const SIX: usize = 6;

/// A job: where it meets the others, or the end.
type Job = Option<Arc<Barrier>>;

/// Workers that run jobs until they get an end.
struct Workers {
    pool: Arc<Pool<Job>>,
    names: Vec<String>,
    threads: Vec<thread::JoinHandle<()>>,
}

impl Workers {
    fn start(workers: usize) -> Self {
        let pool = Arc::new(Pool::<Job>::of(workers));
        let names = Vec::from_iter((0..workers).map(|me| format!("w-{me}")));
        let start = |me: usize| {
            let pool = Arc::clone(&pool);
            let run = move || {
                grading::step("waiting in next() for a job");
                while let Some(meeting) = pool.next(me) {
                    grading::step(
                        "running a job, which meets the others of its batch",
                    );
                    meeting.wait();
                    grading::step("waiting in next() for a job");
                }
            };
            let thread = thread::Builder::new().name(names[me].clone());
            thread.spawn(run).expect("a grader may start a thread")
        };
        let threads = (0..workers).map(start).collect();
        Self {
            pool,
            names,
            threads,
        }
    }

    fn until_all_sleep(&self) {
        grading::step("waiting until all workers sleep");
        let names = Vec::from_iter(self.names.iter().map(String::as_str));
        grading::until_asleep(&names);
    }

    fn end(self) {
        grading::step("sending all workers home, by one batch");
        self.pool.push_all(0, vec![None; self.threads.len()]);
        for thread in self.threads {
            thread.join().expect("a panic would have ended the grader");
        }
    }
}

/// As many jobs as sleepers, in each queue once.
fn a_batch_meets() {
    let workers = Workers::start(SIX);
    for to in 0..SIX {
        workers.until_all_sleep();
        let meeting = Arc::new(Barrier::new(SIX + 1));
        let jobs = vec![Some(Arc::clone(&meeting)); SIX];
        grading::step(format!(
            "waiting for 6 jobs of one batch, in the queue of w-{to}, to run at once"
        ));
        workers.pool.push_all(to, jobs);
        meeting.wait();
    }
    workers.end();
}

/// Fewer jobs than sleepers.
fn a_batch_for_some() {
    let workers = Workers::start(SIX);
    for jobs in 1..SIX {
        workers.until_all_sleep();
        let meeting = Arc::new(Barrier::new(jobs + 1));
        grading::step(format!(
            "waiting for {jobs} jobs of one batch to run at once"
        ));
        workers
            .pool
            .push_all(jobs, vec![Some(Arc::clone(&meeting)); jobs]);
        meeting.wait();
    }
    workers.end();
}

/// One after the other, and each to a queue of its own.
fn jobs_in_all_queues_meet() {
    let workers = Workers::start(SIX);
    for _ in 0..20 {
        let meeting = Arc::new(Barrier::new(SIX + 1));
        grading::step("waiting for 6 jobs, one in each queue, to run at once");
        for to in 0..SIX {
            workers.pool.push_all(to, vec![Some(Arc::clone(&meeting))]);
        }
        meeting.wait();
    }
    workers.end();
}

/// More workers than any number that somebody may have thought of.
fn a_large_batch_meets() {
    const WORKERS: usize = 33;
    let workers = Workers::start(WORKERS);
    workers.until_all_sleep();
    let meeting = Arc::new(Barrier::new(WORKERS + 1));
    grading::step("waiting for 33 jobs of one batch to run at once");
    workers
        .pool
        .push_all(1, vec![Some(Arc::clone(&meeting)); WORKERS]);
    meeting.wait();
    workers.end();
}
