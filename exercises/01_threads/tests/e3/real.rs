//! Graders of 01.3 on real threads: who is asleep, who has left, and in which order,
//! is decided here. What can go wrong between a look and a sleep needs the model
//! checker.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use grading::until_asleep;

use super::on_real::answer::{Member, WaitGroup};

grading::graders![
    nobody_waits_for_nobody,
    waits_for_every_member,
    all_waiters_return,
    a_member_that_panics_leaves,
    panics_are_counted,
    can_be_used_again,
    waits_for_members_added_while_it_waits,
    members_may_outlive_the_group,
    a_member_leaves_just_when_wait_begins,
    a_member_leaves_in_a_crowd_of_waiters,
];

const WAITERS: [&str; 3] = ["waiter 1", "waiter 2", "waiter 3"];

/// Starts a thread called `name` that waits for `group` and then calls `after`.
fn waiter<R: Send + 'static>(
    name: &str,
    group: &Arc<WaitGroup>,
    after: impl FnOnce(usize) -> R + Send + 'static,
) -> JoinHandle<R> {
    let group = Arc::clone(group);
    let (begin, begun) = mpsc::channel();
    let run = move || {
        grading::step("waiting for the group");
        begin.send(()).expect("the grader listens");
        let panicked = group.wait();
        grading::step("done");
        after(panicked)
    };
    let thread = thread::Builder::new().name(name.to_owned());
    let thread = thread.spawn(run).expect("a grader may start a thread");
    begun.recv().expect("the waiter speaks first");
    thread
}

/// Gives a waiter that was woken too early the time to show it; ends at once if it
/// does.
fn let_it_show(returned: &AtomicBool) {
    for _ in 0..100 {
        if returned.load(SeqCst) {
            return;
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// Runs `work` on a thread of its own, which may panic by plan.
fn elsewhere(work: impl FnOnce() + Send + 'static) {
    // The result says whether it panicked, and the grader knows that.
    let _ = thread::spawn(work).join();
}

/// Whether new, or with all members gone.
fn nobody_waits_for_nobody() {
    let group = WaitGroup::new();
    grading::step("waiting for a new group, which has no members");
    let got = group.wait();
    assert!(
        got == 0,
        "a new group has seen no panic, but wait returned {got}"
    );
    let members = [group.add(), group.add()];
    grading::step("dropping two members while nobody waits");
    drop(members);
    grading::step("waiting for a group whose two members have left before");
    let got = group.wait();
    assert!(
        got == 0,
        "two members left in peace, but wait returned {got} panics"
    );
}

/// The waiter sleeps, and members leave one by one.
fn waits_for_every_member() {
    let group = Arc::new(WaitGroup::new());
    let mut members: Vec<Member> = (0..3).map(|_| group.add()).collect();
    let left = Arc::new(AtomicUsize::new(0));
    let returned = Arc::new(AtomicBool::new(false));
    let waiter = waiter(WAITERS[0], &group, {
        let (left, returned) = (Arc::clone(&left), Arc::clone(&returned));
        move |_| {
            let left = left.load(SeqCst);
            returned.store(true, SeqCst);
            left
        }
    });
    grading::step("waiting until the waiter sleeps: does wait spin?");
    until_asleep(&WAITERS[..1]);
    for number in 1..=3 {
        grading::step(format!("dropping member {number} of 3"));
        left.fetch_add(1, SeqCst);
        drop(members.pop());
        if number < 3 {
            let_it_show(&returned);
        }
    }
    grading::step(
        "waiting for wait to return, as all 3 members have left: a waiter \
         should sleep until it is woken, and the last member should wake it",
    );
    let seen = waiter.join().expect("a panic would have ended the grader");
    assert!(
        seen == 3,
        "wait returned when {seen} of 3 members had left: it slept, was woken, and \
         did not look whether others are still there"
    );
}

/// One wake-up for one waiter is not enough.
fn all_waiters_return() {
    let group = Arc::new(WaitGroup::new());
    let member = group.add();
    let waiters = WAITERS.map(|name| waiter(name, &group, |_| ()));
    grading::step("waiting until 3 waiters sleep: does wait spin?");
    until_asleep(&WAITERS);
    grading::step("dropping the only member, for which 3 threads wait");
    drop(member);
    grading::step(
        "waiting for all 3 waiters to return, as the only member has left: were all \
         woken?",
    );
    for waiter in waiters {
        waiter.join().expect("a panic would have ended the grader");
    }
}

/// A panic drops what the thread owns, and a member is nothing special.
fn a_member_that_panics_leaves() {
    let group = Arc::new(WaitGroup::new());
    let member = group.add();
    let waiter = waiter(WAITERS[0], &group, |panicked| panicked);
    grading::step("waiting until the waiter sleeps: does wait spin?");
    until_asleep(&WAITERS[..1]);
    elsewhere(move || {
        let _member = member;
        grading::planned_panic("disk full");
    });
    grading::step(
        "waiting for wait to return, as the only member was dropped by a panic: has \
         it left?",
    );
    let got = waiter.join().expect("a panic would have ended the grader");
    assert!(
        got == 1,
        "the only member was dropped by a panic, but wait returned {got} instead of \
         1"
    );
}

/// Two of five, and it stays two.
fn panics_are_counted() {
    let group = Arc::new(WaitGroup::new());
    for number in 1..=5 {
        let member = group.add();
        elsewhere(move || {
            grading::step(format!("member {number} of 5 is about to leave"));
            let _member = member;
            if number % 2 == 0 {
                grading::planned_panic("disk full");
            }
        });
    }
    for time in ["once", "twice"] {
        grading::step("waiting for a group whose 5 members have all left");
        let got = group.wait();
        assert!(
            got == 2,
            "members 2 and 4 of 5 were dropped by a panic, but wait, called {time}, \
             returned {got} instead of 2"
        );
    }
    let member = group.add();
    elsewhere(move || {
        let _member = member;
        grading::planned_panic("disk full");
    });
    grading::step("waiting for a sixth member, which has left");
    let got = group.wait();
    assert!(
        got == 3,
        "a third member was dropped by a panic after the first wait, but the next \
         wait returned {got} instead of 3: the count goes on"
    );
    // A thread may go on after a panic that it has caught.
    let member = group.add();
    elsewhere(move || {
        let caught =
            std::panic::catch_unwind(|| grading::planned_panic("disk full"));
        assert!(
            caught.is_err(),
            "the grader's own panic came back as a value"
        );
        drop(member);
    });
    grading::step("waiting for a seventh member, which has left");
    let got = group.wait();
    assert!(
        got == 3,
        "a member was dropped in peace on a thread that had caught a panic before, \
         but wait returned {got} instead of 3"
    );
}

/// Round after round with the same group.
fn can_be_used_again() {
    let group = Arc::new(WaitGroup::new());
    for round in 1..=4 {
        let members: Vec<Member> = (0..2).map(|_| group.add()).collect();
        let left = Arc::new(AtomicUsize::new(0));
        let returned = Arc::new(AtomicBool::new(false));
        let waiter = waiter(WAITERS[0], &group, {
            let (left, returned) = (Arc::clone(&left), Arc::clone(&returned));
            move |_| {
                let left = left.load(SeqCst);
                returned.store(true, SeqCst);
                left
            }
        });
        grading::step(format!("watching the waiter of round {round}"));
        let_it_show(&returned);
        for member in members {
            left.fetch_add(1, SeqCst);
            grading::step(format!("dropping a member in round {round}"));
            drop(member);
        }
        grading::step(format!("waiting for wait to return in round {round}"));
        let seen = waiter.join().expect("a panic would have ended the grader");
        assert!(
            seen == 2,
            "in round {round} with the same group, wait returned when {seen} of 2 \
             members had left: does it remember that an earlier round is over?"
        );
    }
}

/// The number of members when `wait` began is out of date at once.
fn waits_for_members_added_while_it_waits() {
    let group = Arc::new(WaitGroup::new());
    let first = group.add();
    let second_left = Arc::new(AtomicBool::new(false));
    let returned = Arc::new(AtomicBool::new(false));
    let waiter = waiter(WAITERS[0], &group, {
        let (second_left, returned) =
            (Arc::clone(&second_left), Arc::clone(&returned));
        move |_| {
            let had_left = second_left.load(SeqCst);
            returned.store(true, SeqCst);
            had_left
        }
    });
    grading::step("waiting until the waiter sleeps: does wait spin?");
    until_asleep(&WAITERS[..1]);
    grading::step("adding a second member while a thread waits for the first");
    let second = group.add();
    grading::step("dropping the first member");
    drop(first);
    let_it_show(&returned);
    second_left.store(true, SeqCst);
    grading::step("dropping the second member");
    drop(second);
    grading::step("waiting for wait to return, as both members have left");
    let had_left = waiter.join().expect("a panic would have ended the grader");
    assert!(
        had_left,
        "a second member was added while a thread waited for the first; the first \
         left, and wait returned, although the second was still there"
    );
}

/// The group is only one of those who share the counts.
fn members_may_outlive_the_group() {
    let group = WaitGroup::new();
    let (here, there) = (group.add(), group.add());
    grading::step(
        "dropping a group that has two members: dropping it waits for nobody",
    );
    drop(group);
    grading::step("dropping a member whose group is gone");
    drop(here);
    elsewhere(move || drop(there));
}

/// Many times at about the same moment, a little earlier or later each time.
fn a_member_leaves_just_when_wait_begins() {
    const ROUNDS: usize = 4_000;
    let group = Arc::new(WaitGroup::new());
    let (hand_over, handed) = mpsc::channel::<Member>();
    let ready = Arc::new(AtomicUsize::new(0));
    let begun = Arc::new(AtomicUsize::new(0));
    let leaver = thread::spawn({
        let (ready, begun) = (Arc::clone(&ready), Arc::clone(&begun));
        move || {
            grading::step("dropping members just when the grader begins to wait");
            for (index, member) in handed.into_iter().enumerate() {
                let round = index + 1;
                ready.store(round, SeqCst);
                until(&begun, round);
                delay(if round % 4 < 2 {
                    round % 1009
                } else {
                    round % 127
                });
                if round % 2 == 1 {
                    drop(member);
                    continue;
                }
                let _ = std::panic::catch_unwind(AssertUnwindSafe(|| {
                    let _member = member;
                    grading::planned_panic("disk full")
                }));
            }
        }
    });
    for round in 1..=ROUNDS {
        grading::step(format!(
            "waiting in round {round} of {ROUNDS}, where the only member leaves \
             just when wait begins: was its wake-up lost between wait's look and \
             its sleep?"
        ));
        hand_over
            .send(group.add())
            .expect("the other thread takes all");
        until(&ready, round);
        begun.store(round, SeqCst);
        // Each second member is dropped by a panic, which takes longer to come
        // about.
        if round % 2 == 0 {
            delay(round % 977);
        }
        let got = group.wait();
        let right = round / 2;
        assert!(
            got == right,
            "each second member is dropped by a panic, which makes {right} in \
             {round} rounds, but wait returned {got} just after the last one left: \
             does a member count its panic before it leaves?"
        );
    }
    drop(hand_over);
    leaver.join().expect("a panic would have ended the grader");
}

/// Three threads begin to wait at once, and get in each other's way just when the
/// only member leaves: if `wait` can be overtaken between its look and its sleep,
/// then here.
fn a_member_leaves_in_a_crowd_of_waiters() {
    const BATCHES: usize = 800;
    const ROUNDS: usize = 5;
    // Young threads and a new group are slow, which makes the crowd denser.
    for batch in 1..=BATCHES {
        let group = Arc::new(WaitGroup::new());
        let ready = Arc::new(AtomicUsize::new(0));
        let begun = Arc::new(AtomicUsize::new(0));
        let waiters = WAITERS.map(|name| {
            let group = Arc::clone(&group);
            let (ready, begun) = (Arc::clone(&ready), Arc::clone(&begun));
            let waiter = thread::Builder::new().name(name.to_owned());
            let run = move || {
                for round in 1..=ROUNDS {
                    ready.fetch_add(1, SeqCst);
                    until(&begun, round);
                    group.wait();
                }
            };
            waiter.spawn(run).expect("a grader may start a thread")
        });
        for round in 1..=ROUNDS {
            grading::step(format!(
                "waiting for 3 waiters to come back for round {round} (of batch \
                 {batch} of {BATCHES}): the only member of the round before left \
                 just when they began to wait. Was a wake-up lost between a look \
                 and a sleep?"
            ));
            until(&ready, WAITERS.len() * round);
            let member = group.add();
            begun.store(round, SeqCst);
            delay((batch * ROUNDS + round) * 37 % 100);
            drop(member);
        }
        grading::step(format!(
            "waiting for 3 waiters to return (from batch {batch} of {BATCHES}): the \
             only member left just when they began to wait. Was a wake-up lost \
             between a look and a sleep?"
        ));
        for waiter in waiters {
            waiter.join().expect("a panic would have ended the grader");
        }
    }
}

/// Spins until `number` is at least `goal`; politely, in case there is one core
/// only.
fn until(number: &AtomicUsize, goal: usize) {
    let mut spins = 0;
    while number.load(SeqCst) < goal {
        spins += 1;
        if spins % 256 == 0 {
            thread::yield_now();
        }
        std::hint::spin_loop();
    }
}

/// A few nanoseconds for each of `times`.
fn delay(times: usize) {
    for turn in 0..times {
        std::hint::black_box(turn);
    }
}
