//! A program ends before its thread has written anything.

use explorer::Kind;
use explorer::ground::atomic::{AtomicU32, Ordering::Relaxed};
use explorer::ground::sync::Arc;
use explorer::ground::thread;

use crate::Pitfall;

pub(crate) const PITFALL: Pitfall = Pitfall {
    name: "unjoined",
    story: "a thread saves 3 lines while main returns",
    wrong,
    kind: Kind::Assertion,
    fixed,
    cure: "main joins the thread before it returns",
    told: None,
};

/// What is on the disk: here, how many lines.
type Disk = Arc<AtomicU32>;

fn save(disk: &Disk) {
    // ORDERING: Relaxed. Nothing else is read on the strength of it.
    disk.store(3, Relaxed);
}

// ANCHOR: wrong
fn program(disk: &Disk) {
    let theirs = Disk::clone(disk);
    thread::spawn(move || save(&theirs)); // and the handle is dropped
}
// ANCHOR_END: wrong

// ANCHOR: fixed
fn joined_program(disk: &Disk) {
    let theirs = Disk::clone(disk);
    let saver = thread::spawn(move || save(&theirs));
    saver.join().unwrap();
}
// ANCHOR_END: fixed

fn wrong() {
    runs_to_its_end(program);
}

fn fixed() {
    runs_to_its_end(joined_program);
}

/// When `main` returns, the process ends, and with it every other thread.
fn runs_to_its_end(main: fn(&Disk)) {
    let disk = Arc::new(AtomicU32::new(0));
    main(&disk);
    // ORDERING: Relaxed. Only whether it has happened; pairs with nothing in `save`.
    let lines = disk.load(Relaxed);
    assert!(
        lines == 3,
        "main has returned, and {lines} of 3 lines are saved"
    );
}
