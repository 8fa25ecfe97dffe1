//! Graders of 06.3 under the model checker: what goes where, and who gets it.

#![allow(unsafe_code, reason = "what a job works on is plain memory")]

use super::on_model::ground::atomic::{AtomicU32, Ordering::Relaxed};
use super::on_model::ground::cell::UnsafeCell;
use super::on_model::ground::sync::Arc;
use super::on_model::ground::time::Duration;
use super::on_model::ground::{Named as _, thread};
use ::explorer::{Kind, Model};

use super::on_model::answer::given::{CAPACITY, Ring};
use super::on_model::answer::{Steal, steal_half};

grading::graders![
    half_of_what_is_there,
    no_more_than_there_is_room,
    round_the_end_of_the_ring,
    the_owner_pops_one,
    the_owner_pops_some,
    the_owner_pops_the_last,
    the_owner_pushes,
    the_owner_pushes_into_a_full_ring,
    two_thieves,
    two_thieves_and_the_owner_pops,
    two_thieves_and_nothing_is_not_something,
    a_thief_is_robbed,
    a_thief_is_robbed_while_it_steals,
    a_thief_is_robbed_while_the_owner_pops,
    the_owner_stands_still_in_pop,
];

/// The right ones take less than a second.
const SEARCH_LIMIT: Duration = Duration::from_secs(8);

fn model(name: &str) -> Model {
    Model::new(name)
        .time(SEARCH_LIMIT)
        .hint(
            Kind::Assertion,
            "who read what before it took that job? When did the owner look at `top`, and \
             the thief at `bottom`? Was the slot read while the job was in it?",
        )
        .hint(
            Kind::DataRace,
            "what a job works on was written before `push` published the job: did whoever \
             took it take that up, by its look at `bottom`?",
        )
        .hint(
            Kind::Livelock,
            "a thief waits for nobody: if somebody else was first, it says so",
        )
}

#[track_caller]
fn check(model: &Model, root: fn()) {
    grading::step("exploring a model");
    model.check(root);
}

/// At most so many jobs.
const MOST: usize = 10;

const JOBS: [&str; MOST] = [
    "job 1", "job 2", "job 3", "job 4", "job 5", "job 6", "job 7", "job 8", "job 9",
    "job 10",
];

const TAKEN: [&str; MOST] = [
    "job 1 taken",
    "job 2 taken",
    "job 3 taken",
    "job 4 taken",
    "job 5 taken",
    "job 6 taken",
    "job 7 taken",
    "job 8 taken",
    "job 9 taken",
    "job 10 taken",
];

/// A victim, two thieves' own rings, and jobs.
struct Work {
    victim: Ring,
    own: [Ring; 2],
    /// What a job works on. The thread that pushes it writes, the thread that takes it, too.
    memory: Vec<UnsafeCell<u32>>,
    taken: Vec<AtomicU32>,
}

// SAFETY: what a job works on is reached by the thread that pushes it, and then by the one
// that takes it, if the answer is right. If it is not, the explorer says so before anything
// is read.
unsafe impl Sync for Work {}

impl Work {
    /// So many jobs, of which the victim has the first `pushed`.
    fn new(jobs: u32, pushed: u32) -> Arc<Self> {
        let all: Vec<u32> = (1..=pushed).collect();
        Self::with(jobs, &all, &[])
    }

    /// So many jobs, of which the victim has some, and the first thief others.
    fn with(jobs: u32, victim: &[u32], own: &[u32]) -> Arc<Self> {
        let names = JOBS.into_iter().zip(1..=jobs);
        let marks = TAKEN.into_iter().take(jobs as usize);
        Arc::new(Self {
            victim: Ring::with(victim),
            own: [Ring::with(own), Ring::new()],
            memory: names
                .map(|(name, job)| {
                    let is_there = victim.contains(&job) || own.contains(&job);
                    let memory = if is_there { 10 * job } else { 0 };
                    UnsafeCell::new(memory).named(name)
                })
                .collect(),
            taken: marks.map(|name| AtomicU32::new(0).named(name)).collect(),
        })
    }

    /// Only for the owner of the victim.
    fn push(&self, job: u32) {
        // SAFETY: nobody else knows of this job.
        self.memory[job as usize - 1]
            .with_mut(|memory| unsafe { *memory = 10 * job });
        let full = self.victim.push(job).is_err();
        assert!(!full, "this grader pushed more than there is room for");
    }

    /// Only for the owner of the victim.
    fn pop(&self) -> bool {
        let job = self.victim.pop();
        job.inspect(|job| self.take(*job)).is_some()
    }

    fn take(&self, job: u32) {
        let known = (1..=self.taken.len() as u32).contains(&job);
        assert!(
            known,
            "job {job} was taken, and there is none with that number"
        );
        // ORDERING: Relaxed. The rings order it: that is the question.
        let times = self.taken[job as usize - 1].fetch_add(1, Relaxed);
        assert!(times == 0, "job {job} was taken twice");
        self.memory[job as usize - 1].with_mut(|memory| {
            // SAFETY: this thread has taken the job, and nobody else has.
            unsafe { *memory += 1 };
        });
    }

    /// One attempt to steal, into ring `own`; returns whether a job was taken.
    fn steal(&self, own: usize) -> Steal {
        let stolen = steal_half(&self.victim, &self.own[own]);
        if let Steal::Job(job) = stolen {
            self.take(job);
        }
        stolen
    }

    /// Only for the owner of `own`.
    fn work_off(&self, own: usize) {
        while let Some(job) = self.own[own].pop() {
            self.take(job);
        }
    }

    /// After all other threads have ended.
    fn nothing_is_lost(&self) {
        // ORDERING: Relaxed, here and below. All others have ended.
        for ring in [&self.victim, &self.own[0], &self.own[1]] {
            for index in ring.top.load(Relaxed)..ring.bottom.load(Relaxed) {
                self.take(ring.slot(index).load(Relaxed));
            }
        }
        for (job, taken) in (1..).zip(&self.taken) {
            let times = taken.load(Relaxed);
            assert!(times > 0, "job {job} is lost");
        }
    }
}

fn start(work: &Arc<Work>, run: fn(&Work)) -> thread::JoinHandle<()> {
    let work = Arc::clone(work);
    thread::spawn(move || run(&work))
}

/// A ring with the jobs from `first` on; its indices begin at `start`.
fn ring(start: isize, first: u32, jobs: u32) -> Ring {
    let ring = Ring::new();
    // ORDERING: Relaxed, both. Nobody else is there.
    ring.top.store(start, Relaxed);
    ring.bottom.store(start, Relaxed);
    for job in first..first + jobs {
        ring.push(job).expect("there is room");
    }
    ring
}

/// What is in a ring, the oldest first; nobody else is there.
fn jobs_in(ring: &Ring) -> Vec<u32> {
    let mut jobs: Vec<u32> = std::iter::from_fn(|| ring.pop()).collect();
    jobs.reverse();
    jobs
}

/// Steals from a victim with the jobs 1 to `there`, into a ring with `has` jobs, and checks
/// all that came of it. Indices begin at the two numbers.
fn steals(starts: [isize; 2], there: u32, has: u32) {
    let victim = ring(starts[0], 1, there);
    let own = ring(starts[1], 101, has);
    let stolen = steal_half(&victim, &own);
    let room = CAPACITY as u32 - has;
    let taken = there.div_ceil(2).min(1 + room);
    let what = format!(
        "the victim has {there} of {CAPACITY} jobs, the thief {has}, and nobody interferes: \
         steal_half"
    );
    if there == 0 {
        assert!(
            stolen == Steal::Empty,
            "{what} returned {stolen:?}, and there is nothing"
        );
    } else {
        assert!(
            stolen == Steal::Job(1),
            "{what} returned {stolen:?}, and job 1 is the oldest"
        );
    }
    let all = jobs_in(&own);
    let (old, new) = all.split_at(all.len().min(has as usize));
    assert!(
        old.iter().copied().eq(101..101 + has),
        "{what} changed what was in the thief's ring: it begins with {old:?} now"
    );
    let wanted: Vec<u32> = (2..=taken).collect();
    assert!(
        new == wanted,
        "{what} put {new:?} into the thief's ring, and it should be {wanted:?}"
    );
    let left = jobs_in(&victim);
    let wanted: Vec<u32> = (taken + 1..=there).collect();
    assert!(
        left == wanted,
        "{what} left {left:?} where they were, and it should be {wanted:?}"
    );
}

/// In no model: there is one thread, and one way in which this can go.
fn half_of_what_is_there() {
    grading::step("stealing from rings that nobody else touches");
    for there in 0..=CAPACITY as u32 {
        steals([0, 0], there, 0);
    }
}

fn no_more_than_there_is_room() {
    grading::step("stealing into a ring that has little room");
    for has in 1..=CAPACITY as u32 {
        for there in 0..=CAPACITY as u32 {
            steals([0, 0], there, has);
        }
    }
}

fn round_the_end_of_the_ring() {
    grading::step("stealing from and into rings that are used for the nth time");
    for starts in [[6, 0], [0, 7], [5, 13], [1_000_007, 3]] {
        for (there, has) in [(8, 0), (5, 3), (3, 6), (1, 8), (0, 2)] {
            steals(starts, there, has);
        }
    }
}

fn the_owner_pops_one() {
    let model = model("one steals half of 2, and the owner pops one");
    check(&model, || {
        let work = Work::new(2, 2);
        let thief = start(&work, |work| {
            work.steal(0);
            work.work_off(0);
        });
        work.pop();
        thief.join().unwrap();
        work.nothing_is_lost();
    });
}

/// The owner comes as far as the jobs that the thief means to have.
fn the_owner_pops_some() {
    let model = model("one steals half of 4, and the owner pops three");
    check(&model, || {
        let work = Work::new(4, 4);
        let thief = start(&work, |work| {
            work.steal(0);
        });
        for _ in 0..3 {
            work.pop();
        }
        thief.join().unwrap();
        work.nothing_is_lost();
    });
}

/// While it finds out that nothing is left, the bottom is above the top.
fn the_owner_pops_the_last() {
    let model = model("one steals half of 1, twice, and the owner pops two");
    check(&model, || {
        let work = Work::new(1, 1);
        let thief = start(&work, |work| {
            work.steal(0);
            work.steal(0);
        });
        work.pop();
        work.pop();
        thief.join().unwrap();
        work.nothing_is_lost();
    });
}

fn the_owner_pushes() {
    check(&model("one steals half of what another one pushes"), || {
        let work = Work::new(3, 0);
        let thief = start(&work, |work| {
            work.steal(0);
            work.work_off(0);
        });
        for job in 1..=3 {
            work.push(job);
        }
        work.pop();
        thief.join().unwrap();
        work.nothing_is_lost();
    });
}

/// As soon as a job is taken, its slot is used for another one.
fn the_owner_pushes_into_a_full_ring() {
    let model =
        model("one steals half of 8, and the owner pushes where there was no room");
    check(&model, || {
        let full = CAPACITY as u32;
        let work = Work::new(full + 1, full);
        let thief = start(&work, |work| {
            work.steal(0);
        });
        let job = full + 1;
        // SAFETY: nobody else knows of this job.
        work.memory[full as usize].with_mut(|memory| unsafe { *memory = 10 * job });
        if work.victim.push(job).is_err() {
            work.take(job);
        }
        thief.join().unwrap();
        work.nothing_is_lost();
    });
}

fn two_thieves() {
    check(&model("two steal half of 3 each").spurious(false), || {
        let work = Work::new(3, 3);
        let thieves = [
            start(&work, |work| _ = work.steal(0)),
            start(&work, |work| _ = work.steal(1)),
        ];
        for thief in thieves {
            thief.join().unwrap();
        }
        work.nothing_is_lost();
    });
}

fn two_thieves_and_the_owner_pops() {
    let model = model("two steal half of 2 each, and the owner pops one");
    check(&model.preemptions(3).spurious(false), || {
        let work = Work::new(2, 2);
        let thieves = [
            start(&work, |work| _ = work.steal(0)),
            start(&work, |work| _ = work.steal(1)),
        ];
        work.pop();
        for thief in thieves {
            thief.join().unwrap();
        }
        work.nothing_is_lost();
    });
}

/// Who was too slow must come again, and not go to sleep.
fn two_thieves_and_nothing_is_not_something() {
    let model = model("two steal half of 4 each, of which there is always some");
    check(&model.spurious(false), || {
        let work = Work::new(4, 4);
        let thief = start(&work, |work| {
            let stolen = work.steal(0);
            assert!(
                stolen != Steal::Empty,
                "steal_half returned Empty, and at any time the victim had a job"
            );
        });
        let stolen = work.steal(1);
        assert!(
            stolen != Steal::Empty,
            "steal_half returned Empty, and at any time the victim had a job"
        );
        thief.join().unwrap();
        work.nothing_is_lost();
    });
}

/// What a thief has put into its own ring is for others, too.
fn a_thief_is_robbed() {
    let model = model("one steals half of 4, and another one steals from that one");
    check(&model, || {
        let work = Work::new(4, 4);
        let robber = start(&work, |work| {
            let stolen = steal_half(&work.own[0], &work.own[1]);
            if let Steal::Job(job) = stolen {
                work.take(job);
            }
        });
        work.steal(0);
        work.work_off(0);
        robber.join().unwrap();
        work.nothing_is_lost();
    });
}

/// What a thief has in its own ring may become less at any time, and its slots be used again.
fn a_thief_is_robbed_while_it_steals() {
    let model = model("a thief whose ring is nearly full is robbed while it steals");
    check(&model.preemptions(2).spurious(false), || {
        let work = Work::with(10, &[8, 9, 10], &[1, 2, 3, 4, 5, 6, 7]);
        let robber = start(&work, |work| {
            let stolen = steal_half(&work.own[0], &work.own[1]);
            if let Steal::Job(job) = stolen {
                work.take(job);
            }
        });
        work.steal(0);
        robber.join().unwrap();
        work.nothing_is_lost();
    });
}

/// What a thief puts into its own ring can be had at once, so it must be its own by then.
fn a_thief_is_robbed_while_the_owner_pops() {
    let model = model("a thief is robbed, and the owner of the victim pops two");
    check(&model.preemptions(3).spurious(false), || {
        let work = Work::new(3, 3);
        let robber = start(&work, |work| {
            let stolen = steal_half(&work.own[0], &work.own[1]);
            if let Steal::Job(job) = stolen {
                work.take(job);
            }
        });
        let thief = start(&work, |work| _ = work.steal(0));
        work.pop();
        work.pop();
        thief.join().unwrap();
        robber.join().unwrap();
        work.nothing_is_lost();
    });
}

/// It has taken the bottom down, and goes on when the thief has returned: not before.
fn the_owner_stands_still_in_pop() {
    let model = model("one steals, and the owner stands still in the middle of pop");
    check(&model, || {
        let work = Work::new(1, 0);
        // ORDERING: Relaxed. There is one thread.
        work.victim.bottom.store(-1, Relaxed);
        let stolen = work.steal(0);
        assert!(
            !matches!(stolen, Steal::Job(_)),
            "steal_half returned {stolen:?}, and there is nothing"
        );
    });
}
