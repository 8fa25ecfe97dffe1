//! Graders of 06.3 on real threads: an owner that pushes and pops, and thieves.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering::Relaxed, Ordering::SeqCst};
use std::thread;

use super::on_real::answer::given::Ring;
use super::on_real::answer::{Steal, steal_half};

grading::graders![many_jobs_and_thieves];

/// How many jobs are pushed.
const JOBS: u32 = 10_000;

/// What was run how often.
struct Runs(Vec<AtomicU8>);

impl Runs {
    fn run(&self, job: u32) {
        let known = (1..=JOBS).contains(&job);
        assert!(
            known,
            "job {job} was taken, and there is none with that number"
        );
        // ORDERING: Relaxed. A count for each job.
        let times = self.0[job as usize - 1].fetch_add(1, Relaxed);
        assert!(times == 0, "job {job} was taken twice");
    }
}

fn many_jobs_and_thieves() {
    const THIEVES: usize = 3;
    let rings: Arc<[Ring; THIEVES + 1]> =
        Arc::new(std::array::from_fn(|_| Ring::new()));
    let runs = Arc::new(Runs((0..JOBS).map(|_| AtomicU8::new(0)).collect()));
    let over = Arc::new(AtomicBool::new(false));
    let thieves: Vec<_> = (1..=THIEVES)
        .map(|me| {
            let (rings, runs, over) =
                (Arc::clone(&rings), Arc::clone(&runs), Arc::clone(&over));
            let thread = thread::Builder::new().name(format!("thief {me}"));
            let run = move || {
                loop {
                    // Before it looks: what was pushed before that is there to be found.
                    let is_last = over.load(SeqCst);
                    let mut some = false;
                    for victim in (0..=THIEVES).filter(|victim| *victim != me) {
                        grading::step("stealing");
                        match steal_half(&rings[victim], &rings[me]) {
                            Steal::Job(job) => {
                                runs.run(job);
                                some = true;
                            }
                            Steal::Retry => some = true,
                            Steal::Empty => {}
                        }
                    }
                    while let Some(job) = rings[me].pop() {
                        runs.run(job);
                        some = true;
                    }
                    if is_last && !some {
                        return;
                    }
                    thread::yield_now();
                }
            };
            thread.spawn(run).expect("a grader may start a thread")
        })
        .collect();
    let mut full = 0_u32;
    for job in 1..=JOBS {
        grading::step("pushing and popping, while thieves steal");
        if rings[0].push(job).is_err() {
            // Works some of them off, and this one.
            for _ in 0..job % 7 {
                if let Some(job) = rings[0].pop() {
                    runs.run(job);
                }
            }
            runs.run(job);
            // So that the thieves come, too. Nobody waits for them, and not each time: on a
            // busy machine, others have their turn first.
            full += 1;
            if full.is_multiple_of(16) {
                thread::yield_now();
            }
        }
    }
    while let Some(job) = rings[0].pop() {
        runs.run(job);
    }
    over.store(true, SeqCst);
    grading::step("waiting for 3 thieves, when all jobs were pushed");
    for thief in thieves {
        thief.join().expect("a panic would have ended the grader");
    }
    for (job, times) in (1..).zip(&runs.0) {
        let times: u8 = times.load(Relaxed);
        assert!(times > 0, "job {job} is lost");
    }
}
