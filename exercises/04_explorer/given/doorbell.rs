//! Given for 04.2: one thread waits for the door bell, the other rings it.

use super::super::ground::atomic::{
    AtomicBool, AtomicU32, Ordering::Acquire, Ordering::Release,
};
use super::super::ground::sync::Arc;
use super::super::ground::{Named as _, futex, thread};

/// Thread 0 starts thread 1, which waits, and thread 2, which rings.
pub fn somebody_rings() {
    let at_the_door = Arc::new(AtomicBool::new(false).named("at_the_door"));
    let bell = Arc::new(AtomicU32::new(0).named("bell"));
    let waits = {
        let (at_the_door, bell) = (Arc::clone(&at_the_door), Arc::clone(&bell));
        thread::spawn(move || {
            // ORDERING: Acquire; pairs with the Release store in `somebody_rings`.
            while !at_the_door.load(Acquire) {
                // Sleeps while `bell` is 0. It always is: nobody ever changes it.
                futex::wait(&bell, 0);
            }
        })
    };
    let rings = thread::spawn(move || {
        // ORDERING: Release; pairs with the Acquire load in `somebody_rings`.
        at_the_door.store(true, Release);
        futex::wake_one(&bell);
    });
    waits.join().unwrap();
    rings.join().unwrap();
}
