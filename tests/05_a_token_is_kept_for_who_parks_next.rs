//! Property: a `Parker` goes on with a token, however late or early it came; ten tokens are
//! one; and no system call is made for one that is there.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::Duration;
use threadbare::futex;
use threadbare::sync::{Parker, Unparker};
use threadbare::testkit::{step, within};

const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn an_early_token_is_kept_and_ten_are_one() {
    let parker = Parker::default();
    let before = futex::calls();
    for _ in 0..10 {
        parker.unparker().unpark();
    }
    parker.park();
    parker.unparker().unpark();
    assert!(parker.park_timeout(Duration::MAX));
    let after = futex::calls();
    assert_eq!((after.waits, after.wakes), (before.waits, before.wakes));
    assert!(!parker.park_timeout(Duration::ZERO), "there was one token");
    assert!(!parker.park_timeout(Duration::from_millis(1)));
    // The place of the thread itself is another.
    thread::current().unpark();
    assert!(!parker.park_timeout(Duration::ZERO));
    thread::park();
}

/// Two threads take turns: each goes on when the other has given it a token.
#[test]
fn a_late_token_wakes() {
    const ROUNDS: usize = 1_000;
    within(LIMIT, || {
        let turns = &AtomicUsize::new(0);
        let (here, there) = (Parker::new(), Parker::new());
        let (to_here, to_there) = (here.unparker(), there.unparker());
        thread::scope(|scope| {
            scope.spawn(move || {
                for round in 1..=ROUNDS {
                    step(format!("waiting for turn {round}"));
                    there.park();
                    // ORDERING: Relaxed, here and below. The tokens order it.
                    assert_eq!(turns.load(Relaxed), 2 * round - 1);
                    // ORDERING: as above.
                    turns.store(2 * round, Relaxed);
                    to_here.unpark();
                }
            });
            for round in 1..=ROUNDS {
                // ORDERING: as above.
                turns.store(2 * round - 1, Relaxed);
                to_there.unpark();
                step(format!("waiting for the end of turn {round}"));
                here.park();
                // ORDERING: as above.
                assert_eq!(turns.load(Relaxed), 2 * round);
            }
        });
    });
}

/// An unparker may outlive the parker, and both may go to other threads.
#[test]
fn both_ends_go_where_they_are_needed() {
    fn is_sync<T: Sync + Send + Clone>() {}
    is_sync::<Unparker>();
    within(LIMIT, || {
        let parker = Parker::new();
        let unparker = parker.unparker();
        let parks = thread::spawn(move || {
            step("parking");
            parker.park();
        });
        unparker.unpark();
        parks.join().unwrap();
        unparker.clone().unpark();
    });
}
