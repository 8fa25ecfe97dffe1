//! Two threads raise a flag each and then look at the other's; not both may find it down.

use crate::ground::atomic::{AtomicBool, Ordering::SeqCst};
use crate::ground::thread;

// ANCHOR: goes_in
/// Raises its own flag, and says whether the other one is down.
fn goes_in(mine: &AtomicBool, others: &AtomicBool) -> bool {
    // ORDERING: SeqCst; pairs with the load in `goes_in` of the other thread. Forbidden:
    // thread 1 raises flag 1 and finds flag 2 down, thread 2 raises flag 2 and finds
    // flag 1 down.
    mine.store(true, SeqCst);
    // ORDERING: SeqCst; pairs with the store in `goes_in` of the other thread, as above.
    !others.load(SeqCst)
}
// ANCHOR_END: goes_in

pub(crate) fn model() {
    let flag_1 = AtomicBool::new(false);
    let flag_2 = AtomicBool::new(false);
    let [one, two] = thread::scope(|threads| {
        let one = threads.spawn(|| goes_in(&flag_1, &flag_2));
        let two = threads.spawn(|| goes_in(&flag_2, &flag_1));
        [one.join().unwrap(), two.join().unwrap()]
    });
    assert!(!(one && two), "both went in");
}
