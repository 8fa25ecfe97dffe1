//! The wait group under the model checker: what must hold in every order of steps, held
//! against the group itself and against versions that are wrong by one line.
//!
//! A property that no wrong version fails would prove nothing.

use explorer::{Failure, Kind, Model, Stats};

use super::{StillRunning, WaitGroup};
use crate::ground::atomic::{AtomicUsize, Ordering::Relaxed};
use crate::ground::on_std::sync::{Arc, Condvar, Mutex, PoisonError};
use crate::ground::thread;
use crate::ground::time::Duration;

/// A wait group, or what somebody took for one. The counterpart of `add` is `leave`.
trait Group: Default + Send + Sync + 'static {
    fn add(&self);
    fn leave(&self);
    fn wait(&self);
}

/// The group itself, with its members kept aside.
#[derive(Default)]
struct Right {
    group: WaitGroup,
    members: Mutex<Vec<super::Member>>,
}

impl Group for Right {
    fn add(&self) {
        self.members.lock().unwrap().push(self.group.add());
    }

    fn leave(&self) {
        let member = self.members.lock().unwrap().pop();
        member.expect("who leaves was added").done();
    }

    fn wait(&self) {
        self.group.wait();
    }
}

/// A version that is wrong by one line.
macro_rules! wrong {
    ($Name:ident, $story:literal, leave: $leave:expr, wait: $wait:expr) => {
        #[doc = $story]
        #[derive(Default)]
        struct $Name {
            count: Mutex<usize>,
            is_zero: Condvar,
        }

        impl Group for $Name {
            fn add(&self) {
                *self.count.lock().unwrap() += 1;
            }

            fn leave(&self) {
                let leave: fn(&Mutex<usize>, &Condvar) = $leave;
                leave(&self.count, &self.is_zero);
            }

            fn wait(&self) {
                let wait: fn(&Mutex<usize>, &Condvar) = $wait;
                wait(&self.count, &self.is_zero);
            }
        }
    };
}

/// What the group does.
fn leaves(count: &Mutex<usize>, is_zero: &Condvar) {
    let mut count = count.lock().unwrap();
    *count -= 1;
    let last = *count == 0;
    drop(count);
    if last {
        is_zero.notify_all();
    }
}

/// What the group does.
fn waits(count: &Mutex<usize>, is_zero: &Condvar) {
    let mut count = count.lock().unwrap();
    while *count > 0 {
        count = is_zero.wait(count).unwrap();
    }
}

wrong!(
    IfForWhile,
    "Does not look again after a wake-up, which may come for no reason.",
    leave: leaves,
    wait: |count, is_zero| {
        let count = count.lock().unwrap();
        if *count > 0 {
            drop(is_zero.wait(count).unwrap());
        }
    }
);

wrong!(
    LooksAndLetsGo,
    "Gives the lock up between its look and its sleep.",
    leave: leaves,
    wait: |count, is_zero| {
        while *count.lock().unwrap() > 0 {
            drop(is_zero.wait(count.lock().unwrap()).unwrap());
        }
    }
);

wrong!(
    WakesFirst,
    "Wakes before it changes the count.",
    leave: |count, is_zero| {
        if *count.lock().unwrap() == 1 {
            is_zero.notify_all();
        }
        *count.lock().unwrap() -= 1;
    },
    wait: waits
);

wrong!(
    WakesOne,
    "Wakes one of those who wait.",
    leave: |count, is_zero| {
        let mut count = count.lock().unwrap();
        *count -= 1;
        if *count == 0 {
            is_zero.notify_one();
        }
    },
    wait: waits
);

wrong!(
    SleepsFirst,
    "Sleeps before it looks.",
    leave: leaves,
    wait: |count, is_zero| {
        let mut count = count.lock().unwrap();
        loop {
            count = is_zero.wait(count).unwrap();
            if *count == 0 {
                return;
            }
        }
    }
);

/// Two members do their work and leave while one thread waits. Relaxed: who waits sees the
/// work only if leaving and waiting order it.
fn sees_all_that_members_did<G: Group>() {
    let group = Arc::new(G::default());
    let work = Arc::new(AtomicUsize::new(0));
    let members = [(); 2].map(|()| {
        group.add();
        let (group, work) = (Arc::clone(&group), Arc::clone(&work));
        thread::spawn(move || {
            // ORDERING: Relaxed. That the group orders it is what is tested.
            work.fetch_add(1, Relaxed);
            group.leave();
        })
    });
    group.wait();
    // ORDERING: Relaxed, as above.
    let done = work.load(Relaxed);
    assert_eq!(done, 2, "wait returned when {done} of 2 members were done");
    for member in members {
        member.join().unwrap();
    }
}

/// Two threads wait for one member.
fn wakes_all_who_wait<G: Group>() {
    let group = Arc::new(G::default());
    group.add();
    let others = [G::wait, G::leave].map(|what| {
        let group = Arc::clone(&group);
        thread::spawn(move || what(&group))
    });
    group.wait();
    for other in others {
        other.join().unwrap();
    }
}

fn explore<G: Group>() -> Result<[Stats; 2], Box<Failure>> {
    Ok([
        Model::new("two members, one waiter")
            .explore(sees_all_that_members_did::<G>)?,
        Model::new("one member, two waiters").explore(wakes_all_who_wait::<G>)?,
    ])
}

#[test]
fn the_group_keeps_its_promises_in_every_order() {
    for stats in explore::<Right>().unwrap_or_else(|failure| panic!("{failure}")) {
        assert!(stats.complete, "{stats:?}");
    }
}

#[test]
fn versions_that_are_wrong_by_one_line_are_caught() {
    for (failure, kind) in [
        (explore::<IfForWhile>(), Kind::Assertion),
        (explore::<LooksAndLetsGo>(), Kind::LostWakeUp),
        (explore::<WakesFirst>(), Kind::LostWakeUp),
        (explore::<WakesOne>(), Kind::LostWakeUp),
        (explore::<SleepsFirst>(), Kind::LostWakeUp),
    ] {
        let failure = failure.expect_err("it is wrong");
        assert_eq!(failure.kind, kind, "{failure}");
    }
}

/// A time limit: in a model it passes, or not, whenever it can.
#[test]
fn a_wait_with_a_limit_ends_in_one_of_two_ways() {
    let model = Model::new("a member leaves, and time passes");
    let ends = model.outcomes(|| {
        let group = WaitGroup::new();
        let member = group.add();
        let work = Arc::new(AtomicUsize::new(0));
        let leaver = thread::spawn({
            let work = Arc::clone(&work);
            move || {
                // ORDERING: Relaxed. That the group orders it is what is tested.
                work.store(1, Relaxed);
                member.done();
            }
        });
        let end = group.wait_timeout(Duration::from_secs(1));
        if end.is_ok() {
            // ORDERING: Relaxed, as above.
            assert_eq!(work.load(Relaxed), 1, "the member was not done");
        }
        leaver.join().unwrap();
        end.map_err(|error: StillRunning| error.count())
    });
    let (ends, _) = ends.unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(ends.into_iter().collect::<Vec<_>>(), [Ok(()), Err(1)]);
}

/// A member is dropped by a panic, and somebody else has poisoned the lock.
#[test]
fn panics_and_poison_keep_nobody_waiting() {
    let model = Model::new("a member leaves by a panic through a poisoned lock");
    let stats = model.explore(|| {
        let group = WaitGroup::new();
        let shared = Arc::clone(&group.shared);
        let spoiler = thread::spawn(move || {
            let _held = shared.count.lock().unwrap_or_else(PoisonError::into_inner);
            std::panic::resume_unwind(Box::new("planned"));
        });
        assert!(spoiler.join().is_err());
        let member = group.add();
        let leaver = thread::spawn(move || {
            let _member = member;
            std::panic::resume_unwind(Box::new("planned"));
        });
        group.wait();
        assert!(leaver.join().is_err());
        assert!(group.shared.count.is_poisoned());
    });
    assert!(stats.unwrap_or_else(|failure| panic!("{failure}")).complete);
}
