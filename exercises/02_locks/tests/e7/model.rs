//! Graders of 02.7 under the model checker: two and three threads that use and close, in
//! every order.

#![allow(unsafe_code, reason = "what a client is made of is plain memory")]

#[path = "../common/hints.rs"]
mod hints;
#[path = "../common/sleeps.rs"]
mod sleeps;

use std::time::Duration;

use explorer::ground::Named as _;
use explorer::ground::atomic::{AtomicUsize, Ordering::Relaxed};
use explorer::ground::cell::UnsafeCell;
use explorer::ground::sync::{Arc, Barrier};
use explorer::ground::thread::{self, JoinHandle};
use explorer::{Kind, Model};

use super::on_model::answer::{Closed, Locker};

grading::graders![
    used_and_then_closed,
    who_waits_sleeps,
    two_use_it_at_the_same_time,
    a_use_races_with_close,
    two_uses_race_with_close,
    two_close_it_at_the_same_time,
    two_close_it_while_a_third_uses_it,
    a_panic_is_not_for_the_others,
    a_client_that_nobody_closes_is_dropped,
];

/// The right ones take a tenth of a second; see `who_waits_sleeps` for those without end.
const SEARCH_LIMIT: Duration = Duration::from_secs(8);

fn model(name: &str) -> Model {
    let waits = "whoever closes waits until nobody is inside: does everybody who leaves \
                 say so, after it has left, to whoever may be waiting?";
    without_hints(name)
        .hint(Kind::LostWakeUp, waits)
        .hint(Kind::Deadlock, waits)
        .hint(
            Kind::DataRace,
            "the client was handed out while somebody was still using it, or without \
             anything that orders the use before",
        )
}

/// For an answer that panics itself.
fn check(model: &Model, root: fn()) {
    let own = "what was true at a look need not be true at the use: who may close it in \
               between?";
    let poisoned = "the lock is poisoned: it was held in a panic, by somebody who could \
                    have changed what it protects";
    hints::check(model, poisoned, own, root);
}

fn without_hints(name: &str) -> Model {
    Model::new(name).time(SEARCH_LIMIT)
}

/// A client, and what its queries have to do with: plain memory, which they read, and
/// which goes when it is taken down.
struct Client {
    connection: UnsafeCell<u32>,
    queries: AtomicUsize,
    dropped: Arc<AtomicUsize>,
}

// SAFETY: `connection` is read in `work`, and written by who got the client from `close`,
// which exclude each other if the handle is right. If it is not, the explorer says so
// before anything is read.
unsafe impl Sync for Client {}

impl Client {
    fn new() -> Self {
        Self {
            connection: UnsafeCell::new(7).named("connection"),
            queries: AtomicUsize::new(0).named("queries"),
            dropped: Arc::new(AtomicUsize::new(0).named("dropped")),
        }
    }

    fn query(&self) -> u32 {
        // Relaxed: who closes it sees this only if the handle orders the two.
        self.queries.fetch_add(1, Relaxed);
        // SAFETY: nobody writes while `work` runs.
        self.connection.with(|connection| unsafe { *connection })
    }

    /// By who got it from `close`; returns how many queries there were.
    fn take_down(self) -> usize {
        // SAFETY: nobody else uses the client.
        self.connection
            .with_mut(|connection| unsafe { *connection = 0 });
        self.queries.load(Relaxed)
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.dropped.fetch_add(1, Relaxed);
    }
}

fn start<T: Send + 'static>(
    locker: &Locker<Client>,
    what: impl FnOnce(&Locker<Client>) -> T + Send + 'static,
) -> JoinHandle<T> {
    let locker = locker.clone();
    thread::spawn(move || what(&locker))
}

fn used_and_then_closed() {
    check(&model("one thread uses, closes, and asks again"), || {
        let locker = Locker::new(Client::new());
        let other = locker.clone();
        for _ in 0..2 {
            let got = locker.with(Client::query);
            assert!(
                got == Ok(7),
                "the client answers 7, and nobody has closed it, but with gave {got:?}"
            );
        }
        let Ok(client) = locker.close() else {
            panic!(
                "nobody has closed the client before, but close gave Err(Closed)"
            );
        };
        for handle in [&locker, &other] {
            let got = handle.with(|_| panic!("the client is closed, and was used"));
            assert!(
                got == Err(Closed),
                "the client is closed, but with gave {got:?}"
            );
            assert!(
                handle.close().is_err(),
                "the client was handed out already, and then once more"
            );
        }
        let queries = client.take_down();
        assert!(
            queries == 2,
            "there were 2 queries, and the client saw {queries}"
        );
    });
}

fn who_waits_sleeps() {
    sleeps::must_sleep("close during a use that goes on", || {
        let locker = Locker::new(Client::new());
        let _ = locker.with(|_| {
            let closed = start(&locker, |locker| drop(locker.close()));
            closed.join().unwrap();
        });
    });
}

fn two_use_it_at_the_same_time() {
    let model = without_hints("two uses wait for each other in the middle").hint(
        Kind::Deadlock,
        "what does a use hold while `work` runs, and can two threads hold it at once?",
    );
    model.check(|| {
        let locker = Locker::new(Client::new());
        let both = Arc::new(Barrier::new(2).named("both are inside"));
        let other = start(&locker, {
            let both = Arc::clone(&both);
            move |locker| {
                locker.with(|_| {
                    both.wait();
                })
            }
        });
        let mine = locker.with(|_| {
            both.wait();
        });
        let theirs = other.join().unwrap();
        assert!(
            [mine, theirs] == [Ok(()); 2],
            "nobody has closed the client, but two uses gave {mine:?} and {theirs:?}"
        );
    });
}

/// Closes it while others use it, and looks what they did.
fn close_while_used(users: usize) {
    let locker = Locker::new(Client::new());
    let users: Vec<_> = (0..users)
        .map(|_| start(&locker, |locker| locker.with(Client::query)))
        .collect();
    let Ok(client) = locker.close() else {
        panic!(
            "close gave Err(Closed), and nobody else closes the client: if it is still \
             used, it must be waited for"
        );
    };
    let seen = client.take_down();
    let mut answered = 0;
    for user in users {
        // An error is as good: it came too late.
        if let Ok(answer) = user.join().unwrap() {
            answered += 1;
            assert!(
                answer == 7,
                "the client answers 7, but a query gave {answer}"
            );
        }
    }
    assert!(
        seen == answered,
        "{answered} queries were answered, but when the client was handed out it had \
         seen {seen}"
    );
}

fn a_use_races_with_close() {
    check(
        &model("one thread uses the client while another closes it"),
        || close_while_used(1),
    );
}

fn two_uses_race_with_close() {
    check(
        &model("two threads use the client while a third closes it"),
        || close_while_used(2),
    );
}

/// Who of several closes got it.
#[track_caller]
fn one_got_it(closed: &[bool]) {
    let count = closed.iter().filter(|it| **it).count();
    assert!(
        count == 1,
        "of {} calls of close one gets the client, but it was handed out {count} times",
        closed.len()
    );
}

fn two_close_it_at_the_same_time() {
    check(&model("two threads close the client"), || {
        let locker = Locker::new(Client::new());
        let other = start(&locker, |locker| locker.close().is_ok());
        let mine = locker.close().is_ok();
        one_got_it(&[mine, other.join().unwrap()]);
    });
}

fn two_close_it_while_a_third_uses_it() {
    check(
        &model("two threads close the client while a third uses it"),
        || {
            let locker = Locker::new(Client::new());
            let user = start(&locker, |locker| locker.with(Client::query));
            let other = start(&locker, |locker| locker.close().is_ok());
            let mine = locker.close().is_ok();
            one_got_it(&[mine, other.join().unwrap()]);
            let _ = user.join().unwrap();
        },
    );
}

fn a_panic_is_not_for_the_others() {
    let leaves = "whatever is to be done when `work` is over must be done in a `drop`: a \
                  panic does not come to the next line";
    let model = without_hints("a use panics, and others use and close the client")
        .hint(Kind::LostWakeUp, leaves)
        .hint(Kind::Deadlock, leaves);
    check(&model, || {
        let locker = Locker::new(Client::new());
        let panics = start(&locker, |locker| {
            locker.with(|_| grading::planned_panic("no route to host"))
        });
        let got = locker.with(Client::query);
        assert!(
            got == Ok(7),
            "another use has panicked, or will; the client answers 7, but with gave \
             {got:?}"
        );
        assert!(
            panics.join().is_err(),
            "a use panicked, and with returned as if nothing had happened"
        );
        let got = locker.with(Client::query);
        assert!(
            got == Ok(7),
            "another use has panicked; the client answers 7, but with gave {got:?}"
        );
        let Ok(client) = locker.close() else {
            panic!(
                "a use has panicked, and nobody closed the client, but close gave Err"
            );
        };
        let queries = client.take_down();
        assert!(
            queries == 2,
            "there were 2 queries, and the client saw {queries}"
        );
    });
}

fn a_client_that_nobody_closes_is_dropped() {
    check(
        &model("all handles are dropped, and one of them is used"),
        || {
            let client = Client::new();
            let dropped = Arc::clone(&client.dropped);
            let locker = Locker::new(client);
            let other = start(&locker, |locker| locker.with(Client::query));
            drop(locker);
            let got = other.join().unwrap();
            assert!(
                got == Ok(7),
                "the client answers 7, and another handle was only dropped, but with gave \
             {got:?}"
            );
            let dropped = dropped.load(Relaxed);
            assert!(
                dropped == 1,
                "all handles are gone, and the client was dropped {dropped} times"
            );
        },
    );
}
