//! Graders of 01.3 under the model checker: every order in which the threads can take
//! their steps is tried, also those in which a member leaves between a look and a
//! sleep, and those in which a sleeper wakes for no reason.

use explorer::ground::atomic::{AtomicUsize, Ordering::Relaxed};
use explorer::ground::sync::Arc;
use explorer::ground::thread;
use explorer::{Kind, Model};

use super::on_model::answer::WaitGroup;

grading::graders![
    a_member_leaves_whenever_it_likes,
    two_members_leave_at_the_same_time,
    two_threads_wait_for_one_member,
    a_member_that_panics_counts_before_it_leaves,
    a_round_follows_a_round,
];

fn model(name: &str) -> Model {
    Model::new(name)
        .hint(
            Kind::LostWakeUp,
            "whoever waits must look and go to sleep under one lock, and whoever \
             leaves must change the count under that lock before it wakes: then \
             nobody can leave in between",
        )
        .hint(
            Kind::Deadlock,
            "is a lock held while a thread sleeps, or is nobody left to wake the \
             one that sleeps?",
        )
        .hint(
            Kind::Assertion,
            "a sleeper may wake for no reason, or because another member left: it \
             must look again each time",
        )
}

/// What the members did before they left. Relaxed: who waits sees it only if leaving
/// and waiting order it.
#[derive(Clone)]
struct Work(Arc<AtomicUsize>);

impl Work {
    fn new() -> Self {
        Self(Arc::new(AtomicUsize::new(0)))
    }

    fn done(&self) {
        self.0.fetch_add(1, Relaxed);
    }

    fn check(&self, members: usize) {
        let done = self.0.load(Relaxed);
        assert!(
            done == members,
            "wait returned when {done} of {members} members had done their work \
             and left"
        );
    }
}

/// One member, one waiter, every order.
fn a_member_leaves_whenever_it_likes() {
    model("a member leaves while another thread begins to wait").check(|| {
        let group = WaitGroup::new();
        let work = Work::new();
        let leaver = thread::spawn({
            let (member, work) = (group.add(), work.clone());
            move || {
                work.done();
                drop(member);
            }
        });
        let panicked = group.wait();
        work.check(1);
        assert!(
            panicked == 0,
            "nobody panicked, but wait returned {panicked}"
        );
        leaver.join().unwrap();
    });
}

/// Both bring the count down, and one of them is the last.
fn two_members_leave_at_the_same_time() {
    model("two members leave while a third thread waits").check(|| {
        let group = WaitGroup::new();
        let work = Work::new();
        let leavers = [(); 2].map(|()| {
            let (member, work) = (group.add(), work.clone());
            thread::spawn(move || {
                work.done();
                drop(member);
            })
        });
        group.wait();
        work.check(2);
        for leaver in leavers {
            leaver.join().unwrap();
        }
    });
}

/// One wake-up for one of them is not enough.
fn two_threads_wait_for_one_member() {
    model("two threads wait for one member").check(|| {
        let group = Arc::new(WaitGroup::new());
        let member = group.add();
        let waiter = thread::spawn({
            let group = Arc::clone(&group);
            move || group.wait()
        });
        let leaver = thread::spawn(move || drop(member));
        group.wait();
        waiter.join().unwrap();
        leaver.join().unwrap();
    });
}

/// Who is woken by a panic must find it counted.
fn a_member_that_panics_counts_before_it_leaves() {
    model("a member is dropped by a panic while another thread waits").check(|| {
        let group = WaitGroup::new();
        let member = group.add();
        let leaver = thread::spawn(move || {
            let _member = member;
            grading::planned_panic("disk full");
        });
        let panicked = group.wait();
        assert!(
            panicked == 1,
            "the only member was dropped by a panic, but wait returned {panicked} \
             instead of 1: does a member count its panic before it leaves?"
        );
        assert!(
            leaver.join().is_err(),
            "the panic reaches the thread's handle"
        );
    });
}

/// Nothing of the first round may be left for the second.
fn a_round_follows_a_round() {
    model("two rounds with the same group").check(|| {
        let group = WaitGroup::new();
        for _ in 0..2 {
            let work = Work::new();
            let leaver = thread::spawn({
                let (member, work) = (group.add(), work.clone());
                move || {
                    work.done();
                    drop(member);
                }
            });
            group.wait();
            work.check(1);
            leaver.join().unwrap();
        }
    });
}
