//! Property: who looks on never sees more done than there is to do, and neither number goes
//! back; a stop flag ends the looking.

use std::thread;
use std::time::Duration;
use threadbare::atomic::{Progress, Snapshot, StopFlag};
use threadbare::testkit::{step, within};

const WORKERS: u64 = 3;
const PIECES: u64 = 20_000;

#[test]
fn never_more_than_all_and_never_back() {
    within(Duration::from_secs(60), || {
        let (progress, stop) = (Progress::default(), StopFlag::new());
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    step("looking on");
                    let mut last = Snapshot::default();
                    while !stop.is_stopped() {
                        let now = progress.snapshot();
                        assert!(now.done <= now.total, "{now:?}");
                        assert!(last.done <= now.done, "{last:?}, then {now:?}");
                        assert!(last.total <= now.total, "{last:?}, then {now:?}");
                        last = now;
                    }
                    // All work was done before the flag was raised.
                    let all = WORKERS * PIECES;
                    assert_eq!((progress.done(), progress.total()), (all, all));
                });
            }
            let workers = [(); WORKERS as usize].map(|()| {
                scope.spawn(|| {
                    for _ in 0..PIECES {
                        progress.announce(1);
                        progress.advance(1);
                    }
                })
            });
            for worker in workers {
                worker.join().unwrap();
            }
            stop.stop();
        });
    });
}
