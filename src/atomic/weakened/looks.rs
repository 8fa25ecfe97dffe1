//! Two threads raise a flag each and then look at the other's; not both may find it down.

use crate::ground::atomic::{AtomicBool, Ordering::SeqCst};
use crate::ground::thread;

// ANCHOR: goes_in
/// Raises flag 1, and says whether flag 2 is down.
fn one_goes_in(flag_1: &AtomicBool, flag_2: &AtomicBool) -> bool {
    // ORDERING: SeqCst; pairs with the load in `two_goes_in`. Forbidden: thread 1 raises
    // flag 1 and finds flag 2 down, thread 2 raises flag 2 and finds flag 1 down.
    flag_1.store(true, SeqCst);
    // ORDERING: SeqCst; pairs with the store in `two_goes_in`, as above.
    !flag_2.load(SeqCst)
}

/// Raises flag 2, and says whether flag 1 is down.
fn two_goes_in(flag_1: &AtomicBool, flag_2: &AtomicBool) -> bool {
    // ORDERING: SeqCst; pairs with the load in `one_goes_in`, as told there.
    flag_2.store(true, SeqCst);
    // ORDERING: SeqCst; pairs with the store in `one_goes_in`, as told there.
    !flag_1.load(SeqCst)
}
// ANCHOR_END: goes_in

pub(crate) fn model() {
    let flag_1 = AtomicBool::new(false);
    let flag_2 = AtomicBool::new(false);
    let [one, two] = thread::scope(|threads| {
        let one = threads.spawn(|| one_goes_in(&flag_1, &flag_2));
        let two = threads.spawn(|| two_goes_in(&flag_1, &flag_2));
        [one.join().unwrap(), two.join().unwrap()]
    });
    assert!(!(one && two), "both went in");
}
