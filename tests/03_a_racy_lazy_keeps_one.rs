//! Property: all callers of a lazy value get the same one, and those that came too late are
//! dropped.

use std::ptr;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use threadbare::atomic::RacyLazy;

static MADE: AtomicUsize = AtomicUsize::new(0);
static DROPPED: AtomicUsize = AtomicUsize::new(0);

/// Counts how many are made and dropped.
struct Page([u64; 8]);

impl Page {
    fn make() -> Self {
        // ORDERING: Relaxed, here and below. Read after the threads have been joined.
        MADE.fetch_add(1, Relaxed);
        Self([7; 8])
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // ORDERING: as above.
        DROPPED.fetch_add(1, Relaxed);
    }
}

#[test]
fn one_is_kept_and_the_others_are_dropped() {
    const ROUNDS: usize = 500;
    const THREADS: usize = 4;
    for _ in 0..ROUNDS {
        let lazy: RacyLazy<Page> = RacyLazy::new(Page::make);
        let meet = Barrier::new(THREADS);
        let addresses = thread::scope(|scope| {
            let callers = [(); THREADS].map(|()| {
                scope.spawn(|| {
                    meet.wait();
                    assert_eq!(lazy.0, [7; 8]);
                    ptr::from_ref(RacyLazy::force(&lazy)).addr()
                })
            });
            callers.map(|caller| caller.join().unwrap())
        });
        assert!(addresses.iter().all(|it| *it == addresses[0]));
        // ORDERING: Relaxed. The threads have been joined.
        let [made, dropped] = [MADE.load(Relaxed), DROPPED.load(Relaxed)];
        assert_eq!(made - dropped, 1, "made and not dropped");
    }
    // ORDERING: as above.
    let [made, dropped] = [MADE.load(Relaxed), DROPPED.load(Relaxed)];
    assert_eq!(made, dropped, "made and dropped, when all lazies are gone");
    println!("{} of {made} were made for nothing", made - ROUNDS);
}
