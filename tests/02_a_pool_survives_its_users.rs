//! Property: whatever callers and `connect` do, panics and errors included, a
//! `ConnectionPool` has at most as many connections as allowed, and none of its permits is
//! lost.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;
use threadbare::locks::{ConnectionPool, GetError};
use threadbare::testkit::{Random, seed, step, within};

const LIMIT: Duration = Duration::from_secs(60);
const CONNECTIONS: usize = 3;

/// Counts those that are alive, and knows whether somebody left it half-way.
struct Connection {
    alive: Arc<Mutex<usize>>,
    busy: bool,
}

impl Drop for Connection {
    fn drop(&mut self) {
        *self.alive.lock().unwrap() -= 1;
    }
}

#[test]
fn nobody_gets_too_many_or_a_broken_one() {
    let seed = seed("nobody_gets_too_many_or_a_broken_one");
    let alive = Arc::new(Mutex::new(0));
    let calls = Mutex::new(Random::new(seed));
    let pool = ConnectionPool::new(CONNECTIONS, {
        let alive = Arc::clone(&alive);
        move || {
            // Not in the `match`: its guard would be held, and poisoned, by the panic.
            let what = calls.lock().unwrap().below(4);
            match what {
                0 => return Err(io::Error::other("planned")),
                1 => resume_unwind(Box::new("planned")),
                _ => {}
            }
            let mut now = alive.lock().unwrap();
            *now += 1;
            assert!(*now <= CONNECTIONS, "{now} connections are open");
            drop(now);
            Ok(Connection {
                alive: Arc::clone(&alive),
                busy: false,
            })
        }
    });
    within(LIMIT, || {
        thread::scope(|scope| {
            for thread in 0..6 {
                let pool = &pool;
                scope.spawn(move || {
                    let mut random = Random::new(seed ^ thread);
                    for round in 0..500 {
                        step(format!("thread {thread} in round {round}"));
                        let talk = || talk(pool, &mut random);
                        // Planned panics end here.
                        let _ = catch_unwind(AssertUnwindSafe(talk));
                    }
                });
            }
        });
        assert_eq!(pool.open(), pool.idle());
        assert_eq!(pool.open(), *alive.lock().unwrap());
        // All permits are there: so many can be out at the same time.
        let mut out = Vec::new();
        while out.len() < CONNECTIONS {
            let get = || pool.try_get();
            if let Ok(Ok(connection)) = catch_unwind(AssertUnwindSafe(get)) {
                out.push(connection.expect("a permit is lost"));
            }
        }
        assert!(matches!(pool.try_get(), Ok(None)));
        drop(out);
    });
    drop(pool);
    assert_eq!(*alive.lock().unwrap(), 0);
}

fn talk(pool: &ConnectionPool<Connection>, random: &mut Random) {
    let Ok(mut connection) = pool.get() else {
        return;
    };
    assert!(!connection.busy, "somebody left it half-way");
    connection.busy = true;
    match random.below(8) {
        0 => resume_unwind(Box::new("planned")),
        1 => return connection.discard(),
        _ => {}
    }
    connection.busy = false;
}

#[test]
fn a_limit_of_time_says_what_went_wrong() {
    let pool = ConnectionPool::new(1, || Ok::<_, io::Error>(()));
    let held = pool.get().unwrap();
    let error = pool.get_timeout(Duration::from_millis(1)).unwrap_err();
    assert!(matches!(error, GetError::TimedOut));
    assert_eq!(error.to_string(), "time was up");
    drop(held);
    assert!(pool.get_timeout(Duration::MAX).is_ok());

    let unlimited = ConnectionPool::new(usize::MAX, || Ok::<_, io::Error>(()));
    drop([unlimited.get().unwrap(), unlimited.get().unwrap()]);
    assert_eq!((unlimited.open(), unlimited.idle()), (2, 2));

    let refused = ConnectionPool::<(), _>::new(1, || Err(io::Error::other("no")));
    let error = refused.get_timeout(LIMIT).unwrap_err();
    assert_eq!(error.to_string(), "no connection could be opened");
    let source = std::error::Error::source(&error).expect("what connect returned");
    assert_eq!(source.to_string(), "no");
    assert!(matches!(
        refused.get_timeout(LIMIT),
        Err(GetError::Connect(_))
    ));
}
