//! Graders of 06.2 under the model checker: who sleeps, on what, and who is woken.

#![allow(unsafe_code, reason = "what a job works on is plain memory")]

#[path = "../common/calls.rs"]
mod calls;
#[path = "../common/sleeps.rs"]
mod sleeps;

use super::on_model::ground::cell::UnsafeCell;
use super::on_model::ground::sync::Arc;
use super::on_model::ground::time::Duration;
use super::on_model::ground::{Named as _, thread};
use ::explorer::{Kind, Model};

use super::on_model::answer::Pool;

grading::graders![
    what_is_there_is_taken,
    who_waits_sleeps,
    who_has_worked_sleeps,
    a_job_comes,
    two_jobs_come,
    the_end_comes,
    a_job_comes_and_then_the_end,
    the_end_comes_for_two,
    two_jobs_for_two,
    two_jobs_for_two_who_sleep,
    a_worker_pushes,
    two_push,
    three_jobs_come_at_once,
    nobody_sleeps_and_nobody_is_woken,
    who_has_slept_is_forgotten,
];

/// The right ones take a second at most.
const SEARCH_LIMIT: Duration = Duration::from_secs(8);

fn model(name: &str) -> Model {
    let sleeps = "on which number does it sleep, and was that read before it looked for a \
                  job, or after? Did the last `push`, or `close`, see that somebody sleeps, \
                  or an old count? And whom did it wake?";
    Model::new(name)
        .time(SEARCH_LIMIT)
        .hint(Kind::LostWakeUp, sleeps)
        .hint(Kind::Deadlock, sleeps)
        .hint(
            Kind::DataRace,
            "the bag hands over what was done before a job was pushed: did this one come \
             out of it?",
        )
        .hint(
            Kind::Livelock,
            "a worker that finds nothing should sleep until it is woken",
        )
}

#[track_caller]
fn check(model: &Model, root: fn()) {
    grading::step("exploring a model");
    model.check(root);
}

/// A pool, and what two jobs work on.
struct Work {
    pool: Pool,
    memory: [UnsafeCell<u32>; 2],
}

// SAFETY: what a job works on is written by the thread that pushes it, and then used by the
// one that takes it, if the answer is right. If it is not, the explorer says so before
// anything is read.
unsafe impl Sync for Work {}

impl Work {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            pool: Pool::new(),
            memory: [
                UnsafeCell::new(0).named("job 1"),
                UnsafeCell::new(0).named("job 2"),
            ],
        })
    }

    fn push(&self, job: u32) {
        // SAFETY: the job is not pushed, so nobody else uses this.
        self.memory[job as usize - 1]
            .with_mut(|memory| unsafe { *memory = 10 * job });
        let pushed = self.pool.push(job);
        assert!(
            pushed.is_ok(),
            "push({job}) gave it back, and it was not there"
        );
    }

    /// Waits for a job, and does it.
    fn job(&self) -> u32 {
        let Some(job) = self.pool.next() else {
            panic!("next returned None, and the pool is not closed")
        };
        self.done(job);
        job
    }

    fn done(&self, job: u32) {
        assert!(
            (1..=2).contains(&job),
            "next returned job {job}, and there is none with that number"
        );
        let memory = self.memory[job as usize - 1].with_mut(|memory| {
            // SAFETY: this thread has taken the job, and nobody else has.
            unsafe { std::mem::replace(&mut *memory, 0) }
        });
        assert!(memory == 10 * job, "next returned job {job} twice");
    }

    /// Does jobs until the end; how many.
    fn jobs_until_the_end(&self) -> usize {
        let jobs = std::iter::from_fn(|| self.pool.next());
        jobs.inspect(|job| self.done(*job)).count()
    }
}

fn start<T: Send + 'static>(
    work: &Arc<Work>,
    run: fn(&Work) -> T,
) -> thread::JoinHandle<T> {
    let work = Arc::clone(work);
    thread::spawn(move || run(&work))
}

/// There is one thread, so whoever sleeps sleeps for ever.
fn what_is_there_is_taken() {
    let model = Model::new("one thread pushes, closes, and takes what is there")
        .hint(
            Kind::LostWakeUp,
            "there is a job, or the pool is closed: there is nothing to wait for",
        );
    check(&model, || {
        let work = Work::new();
        work.push(1);
        work.job();
        work.push(1);
        work.push(2);
        let again = work.pool.push(2);
        assert!(
            again == Err(2),
            "job 2 is there, and push(2) returned {again:?}"
        );
        work.pool.close();
        let jobs = work.jobs_until_the_end();
        assert!(
            jobs == 2,
            "2 jobs were pushed, the pool was closed, and {jobs} were taken until next \
             returned None"
        );
        assert!(
            work.pool.next().is_none(),
            "next returned a job, and there are none left"
        );
    });
}

fn who_waits_sleeps() {
    sleeps::must_sleep("a worker in next, with no job,", || {
        Pool::new().next();
    });
}

fn who_has_worked_sleeps() {
    sleeps::must_sleep("a worker in next, with no job left,", || {
        let pool = Pool::new();
        let _ = pool.push(1);
        pool.next();
        let _ = pool.push(2);
        pool.next();
        pool.next();
    });
}

fn a_job_comes() {
    check(&model("a job comes while a worker looks for one"), || {
        let work = Work::new();
        let worker = start(&work, |work| work.job());
        work.push(1);
        worker.join().unwrap();
    });
}

fn two_jobs_come() {
    let model = model("two jobs come, one after the other");
    check(&model.spurious(false), || {
        let work = Work::new();
        let worker = start(&work, |work| {
            work.job();
            work.job();
        });
        work.push(1);
        work.push(2);
        worker.join().unwrap();
    });
}

fn the_end_comes() {
    let model = model("the end comes while a worker looks for a job");
    check(&model, || {
        let work = Work::new();
        let worker = start(&work, |work| work.pool.next());
        work.pool.close();
        let job = worker.join().unwrap();
        assert!(job.is_none(), "next returned {job:?}, and there is no job");
    });
}

fn a_job_comes_and_then_the_end() {
    let model = model("a job comes, and then the end");
    check(&model.spurious(false), || {
        let work = Work::new();
        let worker = start(&work, Work::jobs_until_the_end);
        work.push(1);
        work.pool.close();
        let jobs = worker.join().unwrap();
        assert!(
            jobs == 1,
            "1 job was pushed before the end, and {jobs} were taken until next returned \
             None"
        );
    });
}

fn the_end_comes_for_two() {
    let model = model("the end comes for two workers")
        .preemptions(2)
        .spurious(false);
    check(&model, || {
        let work = Work::new();
        let workers = [(); 2].map(|()| start(&work, |work| _ = work.pool.next()));
        work.pool.close();
        for worker in workers {
            worker.join().unwrap();
        }
    });
}

/// Two workers, and each takes one job and is busy for ever.
fn two_jobs_for(workers: fn(&Work), when: fn()) {
    let work = Work::new();
    let workers = [(); 2].map(|()| start(&work, workers));
    when();
    work.push(1);
    work.push(2);
    for worker in workers {
        worker.join().unwrap();
    }
}

fn two_jobs_for_two() {
    let model = model("two jobs come for two workers, and each takes one")
        .preemptions(1)
        .spurious(false);
    check(&model, || two_jobs_for(|work| _ = work.job(), || ()));
}

fn two_jobs_for_two_who_sleep() {
    let model = model("two jobs come for two workers who sleep, and each takes one")
        .preemptions(1)
        .spurious(false);
    check(&model, || {
        // They come as far as they can, and nobody has to be interrupted for it.
        let when = || thread::sleep(Duration::from_millis(1));
        two_jobs_for(|work| _ = work.job(), when);
    });
}

fn a_worker_pushes() {
    let model = model("one of two workers takes a job and pushes another")
        .preemptions(1)
        .spurious(false);
    check(&model, || {
        let work = Work::new();
        let workers = [(); 2].map(|()| {
            start(&work, |work| {
                if work.job() == 1 {
                    work.push(2);
                }
            })
        });
        work.push(1);
        for worker in workers {
            worker.join().unwrap();
        }
    });
}

fn two_push() {
    let model = model("two push a job each, and one worker takes both")
        .preemptions(2)
        .spurious(false);
    check(&model, || {
        let work = Work::new();
        let worker = start(&work, |work| {
            work.job();
            work.job();
        });
        let pushes = start(&work, |work| work.push(2));
        work.push(1);
        worker.join().unwrap();
        pushes.join().unwrap();
    });
}

/// All of them may come between a look and a sleep.
fn three_jobs_come_at_once() {
    let model = model("three jobs come while a worker looks for one")
        .preemptions(2)
        .spurious(false);
    check(&model, || {
        let pool = Arc::new(Pool::new());
        let worker = {
            let pool = Arc::clone(&pool);
            thread::spawn(move || pool.next())
        };
        for job in 1..=3 {
            let _ = pool.push(job);
        }
        let job = worker.join().unwrap();
        assert!(
            job.is_some(),
            "next returned None, and the pool is not closed"
        );
    });
}

fn nobody_sleeps_and_nobody_is_woken() {
    calls::must_not_call("nobody has ever slept", || {
        let pool = Pool::new();
        calls::from_here_on(|| {
            let _ = pool.push(1);
            pool.next();
            let _ = pool.push(2);
        });
    });
}

fn who_has_slept_is_forgotten() {
    calls::must_not_call_whenever("nobody sleeps any more", || {
        let pool = Arc::new(Pool::new());
        let workers = [(); 2].map(|()| {
            let pool = Arc::clone(&pool);
            thread::spawn(move || {
                pool.next();
                pool.next();
            })
        });
        for job in 1..=4 {
            thread::sleep(Duration::from_millis(1));
            let _ = pool.push(job);
        }
        for worker in workers {
            worker.join().unwrap();
        }
        // The last call may have left a mark that the next one takes away.
        let _ = pool.push(5);
        calls::from_here_on(|| {
            let _ = pool.push(6);
        });
    });
}
