//! Graders of 06.7 on real threads: the jobs of a batch meet, so all of them must run at once.

use std::sync::{Arc, Barrier};
use std::thread;

use super::on_real::answer::Pool;

grading::graders![a_batch_meets, a_batch_for_some, jobs_in_all_queues_meet];

const NAMES: [&str; 6] = ["w-0", "w-1", "w-2", "w-3", "w-4", "w-5"];

/// A job: where it meets the others, or the end.
type Job = Option<Arc<Barrier>>;

/// Workers that run jobs until they get an end.
struct Workers {
    pool: Arc<Pool<Job>>,
    threads: Vec<thread::JoinHandle<()>>,
}

impl Workers {
    fn start() -> Self {
        let pool = Arc::new(Pool::<Job>::of(NAMES.len()));
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
            let thread = thread::Builder::new().name(NAMES[me].to_owned());
            thread.spawn(run).expect("a grader may start a thread")
        };
        let threads = (0..NAMES.len()).map(start).collect();
        Self { pool, threads }
    }

    fn until_all_sleep(&self) {
        grading::step("waiting until all workers sleep");
        grading::until_asleep(&NAMES);
    }

    fn end(self) {
        grading::step("sending all workers home, by one batch");
        self.pool.push_all(0, vec![None; NAMES.len()]);
        for thread in self.threads {
            thread.join().expect("a panic would have ended the grader");
        }
    }
}

/// As many jobs as sleepers, in each queue once.
fn a_batch_meets() {
    let workers = Workers::start();
    for to in 0..NAMES.len() {
        workers.until_all_sleep();
        let meeting = Arc::new(Barrier::new(NAMES.len() + 1));
        let jobs = vec![Some(Arc::clone(&meeting)); NAMES.len()];
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
    let workers = Workers::start();
    for jobs in 1..NAMES.len() {
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
    let workers = Workers::start();
    for _ in 0..20 {
        let meeting = Arc::new(Barrier::new(NAMES.len() + 1));
        grading::step("waiting for 6 jobs, one in each queue, to run at once");
        for to in 0..NAMES.len() {
            workers.pool.push_all(to, vec![Some(Arc::clone(&meeting))]);
        }
        meeting.wait();
    }
    workers.end();
}
