//! A whole pool of one thread under the model checker: jobs that are brought while it is shut
//! down. Versions that are wrong by a line are at the end.
#![allow(unsafe_code, reason = "makes jobs by hand")]

use std::ptr::NonNull;

use explorer::Kind as Failure;

use super::*;
use crate::ground::Named as _;
use crate::modelled::{caught, holds_for_reasons, start};
use crate::pool::job::Table;
use crate::pool::worker::Worker;

/// A job that says that it was run.
#[repr(C)]
struct Note {
    header: Header,
    ran: AtomicUsize,
}

// SAFETY: it is run once, and what says so is atomic.
unsafe impl Sync for Note {}
// SAFETY: as above.
unsafe impl Send for Note {}

static TABLE: Table = Table {
    run: |job, _| {
        // SAFETY: the model keeps the note until all its threads have ended.
        let note = unsafe { job.cast::<Note>().as_ref() };
        // ORDERING: Relaxed. Read when the thread has ended.
        note.ran.fetch_add(1, Relaxed);
    },
    cancel: |_| {},
    kind: Kind::Spawned,
};

/// A pool, and the one job of the model.
struct Desk {
    pool: Arc<Shared>,
    note: Note,
}

impl Desk {
    fn new() -> Arc<Self> {
        let pool = Shared::for_model(1);
        // The thread begins as the waking one.
        assert!(pool.sleep.state().notify());
        let note = Note {
            header: Header::new(&TABLE),
            ran: AtomicUsize::new(0).named("ran"),
        };
        Arc::new(Self { pool, note })
    }

    /// What a thread of the pool does.
    fn work(&self) {
        Worker::at(Arc::clone(&self.pool), 0).main_loop();
    }

    fn job(&self) -> Job {
        // SAFETY: made once in each model, and the desk outlives the threads.
        unsafe { Job::new(NonNull::from(&self.note).cast()) }
    }

    /// Whether the job was accepted.
    fn spawn(&self) -> bool {
        self.pool.inject_one(self.job()).is_ok()
    }

    /// The job was run if it was accepted, and is still the caller's if not.
    fn check(&self, accepted: bool) {
        // ORDERING: Relaxed. The threads have ended.
        let ran = self.note.ran.load(Relaxed);
        assert_eq!(ran, usize::from(accepted), "accepted: {accepted}");
        assert!(!self.pool.has_work(), "a job was left behind");
    }
}

/// A job was accepted before. The pool is shut down while its thread looks, and sleeps.
fn accepted_before() {
    let desk = Desk::new();
    assert!(desk.spawn());
    let worker = start(&desk, Desk::work);
    desk.pool.shut_down();
    worker.join().unwrap();
    desk.check(true);
}

/// There is nothing to do, and the pool is shut down while its thread goes to sleep.
fn nothing_to_do() {
    let desk = Desk::new();
    let worker = start(&desk, Desk::work);
    desk.pool.shut_down();
    worker.join().unwrap();
    desk.check(false);
}

/// One spawns while another shuts down; then the pool does what is to be done.
fn spawned_meanwhile(shut_down: fn(&Desk), work: fn(&Desk)) {
    let desk = Desk::new();
    let spawner = start(&desk, Desk::spawn);
    shut_down(&desk);
    work(&desk);
    let accepted = spawner.join().unwrap();
    desk.check(accepted);
}

/// As [`spawned_meanwhile`], in the right way.
fn spawned_while_shut_down() {
    spawned_meanwhile(|desk| desk.pool.shut_down(), Desk::work);
}

#[test]
fn what_was_accepted_is_run() {
    holds_for_reasons("accepted before", accepted_before);
}

#[test]
fn a_pool_without_work_ends() {
    holds_for_reasons("nothing to do", nothing_to_do);
}

#[test]
fn what_is_accepted_is_run_and_nothing_else() {
    holds_for_reasons("spawned while shut down", spawned_while_shut_down);
}

/// Says that it is shut down before nobody gets in any more.
fn closes_last() {
    let shut_down = |desk: &Desk| {
        desk.pool.sleep.state().shut_down();
        desk.work();
        desk.pool.injector.close();
    };
    spawned_meanwhile(shut_down, |_| {});
}

/// The thread looks for jobs, and then whether it is over; if not, it goes on as it should.
fn looks_first() {
    let desk = Desk::new();
    let worker = start(&desk, |desk| {
        let found = Worker::at(Arc::clone(&desk.pool), 0).find_job();
        let is_over = desk.pool.sleep.look().is_shut_down();
        let ends = found.is_none() && is_over;
        if let Some(job) = found {
            job.run(None);
        }
        ends
    });
    assert!(desk.spawn());
    desk.pool.shut_down();
    if !worker.join().unwrap() {
        desk.work();
    }
    desk.check(true);
}

/// Shuts down, and wakes nobody.
fn wakes_nobody() {
    let desk = Desk::new();
    let worker = start(&desk, Desk::work);
    desk.pool.injector.close();
    desk.pool.sleep.state().shut_down();
    worker.join().unwrap();
    desk.check(false);
}

/// The door is closed by looking at the state, and not by the exchange that brings the job.
fn looks_and_gets_in() {
    let desk = Desk::new();
    let spawner = start(&desk, |desk| {
        let open = !desk.pool.sleep.look().is_shut_down();
        if open {
            desk.pool.injector.push_inside(List::of(desk.job()));
        }
        open
    });
    desk.pool.shut_down();
    desk.work();
    let accepted = spawner.join().unwrap();
    desk.check(accepted);
}

#[test]
fn each_wrong_shutdown_is_caught() {
    // ANCHOR: caught
    let wrong: [(_, fn(), _); 4] = [
        ("closes the door last", closes_last, Failure::Assertion),
        ("looks, then asks", looks_first, Failure::Assertion),
        ("wakes nobody", wakes_nobody, Failure::LostWakeUp),
        ("looks, then gets in", looks_and_gets_in, Failure::Assertion),
    ];
    // ANCHOR_END: caught
    caught("shutdown", &wrong);
}
