//! Stress for `Locker` and `DocumentStore`: handles that are closed, and documents that are
//! closed and opened again, while others use them.
//!
//! Blind spot: real threads meet only the schedules that this machine happens to make. The
//! models beside the types try them all, with fewer threads.

use std::thread;
use std::time::Duration;
use threadbare::locks::{Closed, DocumentStore, Locker};
use threadbare::testkit::{Random, seed, step, within};

const LIMIT: Duration = Duration::from_secs(120);

/// A list of handles. Each is used, closed, and replaced; some users panic.
#[test]
fn every_value_is_taken_down_once() {
    const ROUNDS: u64 = 2_000;
    const THREADS: u64 = 4;
    let seed = seed("every_value_is_taken_down_once");
    within(LIMIT, || {
        let (give, taken) = std::sync::mpsc::channel();
        let mut random = Random::new(seed);
        thread::scope(|scope| {
            for round in 0..ROUNDS {
                let locker = Locker::new(round);
                let threads: Vec<_> = (0..THREADS)
                    .map(|_| {
                        let (locker, give) = (locker.clone(), give.clone());
                        let what = random.below(3);
                        scope.spawn(move || {
                            step(format!("round {round}: {what}"));
                            match what {
                                0 => drop(locker.with(|value| *value)),
                                1 => drop(locker.with(|_| {
                                    std::panic::resume_unwind(Box::new("planned"))
                                })),
                                _ => {
                                    if let Ok(value) = locker.close() {
                                        give.send(value).unwrap();
                                    }
                                }
                            }
                        })
                    })
                    .collect();
                for thread in threads {
                    // A planned panic is received here.
                    drop(thread.join());
                }
                if let Ok(value) = locker.close() {
                    give.send(value).unwrap();
                }
                assert_eq!(locker.with(|value| *value), Err(Closed(())));
            }
            drop(give);
        });
        let mut taken: Vec<_> = taken.iter().collect();
        taken.sort_unstable();
        assert!(taken.into_iter().eq(0..ROUNDS), "not each of them once");
    });
}

/// A text says which document it is of, and how many edits it has had. An edit that was
/// meant for a document which has been closed must not change the next of its name.
#[test]
fn no_edit_meets_another_document() {
    const THREADS: u64 = 3;
    const ROUNDS: u64 = 5_000;
    let seed = seed("no_edit_meets_another_document");
    within(LIMIT, || {
        let store = DocumentStore::new();
        store.open("a", "0 0");
        thread::scope(|scope| {
            for number in 0..THREADS {
                let store = &store;
                let mut random = Random::new(seed ^ number);
                scope.spawn(move || {
                    for round in 0..ROUNDS {
                        step(format!("{number} in round {round}"));
                        if random.below(10) == 0 {
                            store.close("a");
                            let name = 1 + number + THREADS * round;
                            store.open("a", &format!("{name} 0"));
                            continue;
                        }
                        let Some(old) = store.get("a") else {
                            continue;
                        };
                        let (name, edits) = parse(old.text());
                        let new = format!("{name} {}", edits + 1);
                        if let Ok(version) = store.edit("a", old.version(), &new) {
                            assert!(version > old.version());
                        }
                        // Whatever is there now: if it is the same document, it has not
                        // lost an edit since.
                        if let Some(now) = store.get("a") {
                            let (name_now, edits_now) = parse(now.text());
                            assert!(name_now != name || edits_now >= edits);
                        }
                    }
                });
            }
        });
        assert_eq!(store.names().len(), store.len());
    });
}

fn parse(text: &str) -> (u64, u64) {
    let (name, edits) = text.split_once(' ').expect("a name and a number");
    (name.parse().unwrap(), edits.parse().unwrap())
}
