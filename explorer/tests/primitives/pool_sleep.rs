//! How a worker of a pool goes to sleep: announce it, look again, then sleep. And how a
//! submitter finds out whether anybody sleeps: submit, then look.
//!
//! Each side writes one word and reads the other's, so both need a `SeqCst` fence between:
//! this is store buffering, and what is lost is a wake-up.

use super::ground::atomic::{AtomicU32, Ordering::*, fence};
use super::ground::sync::Arc;
use super::ground::{futex, thread};
use super::spec::{Primitive, spec, versions};

spec! {
    orderings {
        /// Relaxed: the fence orders it.
        submit: Relaxed,
        /// SeqCst: forbidden is that the submitter sees no sleeper and the sleeper sees no
        /// job. Pairs with `sleep_fence`.
        submit_fence: SeqCst,
        /// Relaxed: the fence orders it.
        announce: Relaxed,
        /// SeqCst: pairs with `submit_fence`.
        sleep_fence: SeqCst,
        /// Relaxed: the futex compares the newest value.
        look_at_epoch: Relaxed,
    }
    slips {
        /// The submitter has no fence.
        forgets_the_submit_fence,
        /// The worker has no fence.
        forgets_the_sleep_fence,
        /// Sleeps without a second look.
        looks_once,
        /// Looks again before it announces.
        looks_again_early,
        /// Reads the epoch after the second look.
        reads_the_epoch_late,
        /// Looks for sleepers before it submits.
        looks_for_sleepers_early,
        /// Wakes without moving the epoch.
        forgets_the_epoch,
        /// Moves the epoch and wakes nobody.
        never_wakes,
    }
}

struct Pool {
    spec: Spec,
    /// Jobs that nobody has taken.
    jobs: AtomicU32,
    sleepers: AtomicU32,
    epoch: AtomicU32,
}

impl Pool {
    fn submit(&self) {
        let spec = &self.spec;
        let early = self.sleepers_early();
        self.jobs.fetch_add(1, spec.submit);
        if !spec.forgets_the_submit_fence {
            fence(spec.submit_fence);
        }
        let sleepers = early.unwrap_or_else(|| self.sleepers.load(Relaxed));
        if sleepers == 0 {
            return;
        }
        if !spec.forgets_the_epoch {
            self.epoch.fetch_add(1, Relaxed);
        }
        if !spec.never_wakes {
            futex::wake_one(&self.epoch);
        }
    }

    fn sleepers_early(&self) -> Option<u32> {
        self.spec
            .looks_for_sleepers_early
            .then(|| self.sleepers.load(Relaxed))
    }

    fn try_take(&self) -> bool {
        let jobs = self.jobs.load(Relaxed);
        jobs > 0
            && self
                .jobs
                .compare_exchange(jobs, jobs - 1, Relaxed, Relaxed)
                .is_ok()
    }

    /// Takes a job, and sleeps while there is none.
    fn take(&self) {
        while !self.try_take() {
            self.sleep();
        }
    }

    fn sleep(&self) {
        let spec = &self.spec;
        let mut epoch = self.epoch.load(spec.look_at_epoch);
        let mut work = false;
        if spec.looks_again_early {
            work = self.jobs.load(Relaxed) > 0;
        }
        self.sleepers.fetch_add(1, spec.announce);
        if !spec.forgets_the_sleep_fence {
            fence(spec.sleep_fence);
        }
        if !spec.looks_again_early && !spec.looks_once {
            work = self.jobs.load(Relaxed) > 0;
        }
        if spec.reads_the_epoch_late {
            epoch = self.epoch.load(spec.look_at_epoch);
        }
        if !work {
            futex::wait(&self.epoch, epoch);
        }
        self.sleepers.fetch_sub(1, Relaxed);
    }
}

/// One worker, and so many jobs.
fn one_worker<const JOBS: u32>(spec: Spec) {
    let pool = new(spec);
    let worker = thread::spawn({
        let pool = Arc::clone(&pool);
        move || {
            for _ in 0..JOBS {
                pool.take();
            }
        }
    });
    for _ in 0..JOBS {
        pool.submit();
    }
    worker.join().unwrap();
}

fn new(spec: Spec) -> Arc<Pool> {
    Arc::new(Pool {
        spec,
        jobs: AtomicU32::new(0),
        sleepers: AtomicU32::new(0),
        epoch: AtomicU32::new(0),
    })
}

pub fn primitive() -> Primitive {
    Primitive::new(
        "sleep of a pool",
        RIGHT,
        &[
            ("one worker, one job", one_worker::<1>),
            ("one worker, two jobs", one_worker::<2>),
        ],
        versions! {
            "the submitter's fence is AcqRel"
                { submit_fence: AcqRel } wrong [LostWakeUp];
            "the worker's fence is AcqRel"
                { sleep_fence: AcqRel } wrong [LostWakeUp];
            "the submitter has no fence"
                { forgets_the_submit_fence: true } wrong [LostWakeUp];
            "the worker has no fence"
                { forgets_the_sleep_fence: true } wrong [LostWakeUp];
            "no fence, SeqCst on the writes alone" {
                forgets_the_submit_fence: true, forgets_the_sleep_fence: true,
                submit: SeqCst, announce: SeqCst
            } wrong [LostWakeUp];
            "no second look" { looks_once: true } wrong [LostWakeUp];
            "looks again, then announces"
                { looks_again_early: true } wrong [LostWakeUp];
            "reads the epoch after the second look"
                { reads_the_epoch_late: true } wrong [LostWakeUp];
            "looks for sleepers, then submits"
                { looks_for_sleepers_early: true } wrong [LostWakeUp];
            "does not move the epoch"
                { forgets_the_epoch: true } wrong [LostWakeUp];
            "never wakes" { never_wakes: true } wrong [LostWakeUp];
        },
    )
}
