//! Two owners of a value drop their handles; the last one takes the value away.

use crate::ground::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
    fence,
};
use crate::ground::thread;

// ANCHOR: own
/// Uses the value and drops its handle; the last one says how often it was used.
fn own(uses: &AtomicU32, count: &AtomicU32) -> Option<u32> {
    // ORDERING: Relaxed. The handle is what orders it.
    uses.fetch_add(1, Relaxed);
    // ORDERING: Release; pairs with the fence in `own` of the last owner.
    if count.fetch_sub(1, Release) != 1 {
        return None;
    }
    // ORDERING: Acquire; pairs with the Release in `own` of the others.
    fence(Acquire);
    // ORDERING: Relaxed. The last owner is alone with it.
    Some(uses.load(Relaxed))
}
// ANCHOR_END: own

pub(crate) fn model() {
    let uses = AtomicU32::new(0);
    let count = AtomicU32::new(2);
    let ends = thread::scope(|threads| {
        let [one, two] = [(); 2].map(|()| threads.spawn(|| own(&uses, &count)));
        [one.join().unwrap(), two.join().unwrap()]
    });
    let uses = ends.into_iter().flatten().next().expect("one is last");
    assert!(uses == 2, "freed after {uses} of 2 uses");
}
