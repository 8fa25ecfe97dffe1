//! Stress for `SeqLock`: two writers, who write and update, and two readers.
//!
//! Blind spot: real threads meet only the schedules that this machine happens to make, and
//! an x86 hides a missing fence. The models in `src/atomic/seqlock/models.rs` try all
//! schedules and all old values, with fewer operations.

use std::thread;
use std::time::Duration;
use threadbare::atomic::{SeqLock, StopFlag};
use threadbare::testkit::{Random, seed, step, within};

const LIMIT: Duration = Duration::from_secs(120);
const WRITES: u64 = 20_000;

/// Five words of which each says what the others must be.
fn of(first: u64) -> [u64; 5] {
    std::array::from_fn(|index| first.wrapping_add(index as u64))
}

#[test]
fn what_is_read_was_written_together() {
    let seed = seed("what_is_read_was_written_together");
    within(LIMIT, || {
        let (lock, stop) = (SeqLock::new(of(0)), StopFlag::new());
        thread::scope(|scope| {
            for number in 0..2 {
                let (lock, stop) = (&lock, &stop);
                scope.spawn(move || {
                    step(format!("reader {number}"));
                    let (mut whole, mut given_up) = (0_u64, 0_u64);
                    while !stop.is_stopped() {
                        let words = lock.read();
                        assert_eq!(words, of(words[0]));
                        match lock.try_read() {
                            Some(words) => {
                                whole += 1;
                                assert_eq!(words, of(words[0]));
                            }
                            None => given_up += 1,
                        }
                    }
                    println!("reader {number}: {whole} whole, {given_up} given up");
                });
            }
            let writers = [0, 1].map(|number| {
                let mut random = Random::new(seed ^ number);
                let lock = &lock;
                scope.spawn(move || {
                    for n in 0..WRITES {
                        step(format!("writer {number}, write {n}"));
                        if random.below(2) == 0 {
                            lock.write(of(random.next_u64()));
                        } else {
                            lock.update(|words| {
                                assert_eq!(*words, of(words[0]));
                                *words = of(words[0].wrapping_mul(3));
                            });
                        }
                        for _ in 0..random.below(50) {
                            std::hint::spin_loop();
                        }
                    }
                })
            });
            for writer in writers {
                writer.join().unwrap();
            }
            stop.stop();
        });
    });
}

#[test]
fn no_update_is_lost() {
    within(LIMIT, || {
        let lock = SeqLock::new([0; 2]);
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    for n in 0..WRITES {
                        step(format!("update {n}"));
                        lock.update(|words| *words = words.map(|word| word + 1));
                    }
                });
            }
        });
        assert_eq!(lock.read(), [3 * WRITES; 2]);
    });
}
