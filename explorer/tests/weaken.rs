//! Weakening orderings one at a time: what is needed is caught, what is not is said.

use explorer::ground::atomic::{
    AtomicBool, AtomicU32, Ordering, Ordering::AcqRel, Ordering::Acquire,
    Ordering::Relaxed, Ordering::Release, Ordering::SeqCst, fence,
};
use explorer::ground::cell::UnsafeCell;
use explorer::ground::{Named, hint, sync::Arc, thread};
use explorer::{Kind, Model, Weakened, needlessly_strong, weaken};

/// What is not in `models`' orderings, and what came of it, without file and line.
fn lines(models: &[(Model, fn())]) -> Vec<String> {
    let weakened = weaken(models).unwrap_or_else(|failure| panic!("{failure}"));
    weakened
        .iter()
        .map(Weakened::to_string)
        .map(|line| line.split_once(' ').unwrap().1.to_owned())
        .collect()
}

/// A spin lock around a plain counter.
struct Lock {
    is_locked: AtomicBool,
    count: UnsafeCell<u32>,
}

// SAFETY: `count` is reached by the holder only.
#[allow(unsafe_code, reason = "a lock hands out a cell")]
unsafe impl Sync for Lock {}

fn two_add(lock: Ordering, unlock: Ordering) {
    let shared = Arc::new(Lock {
        is_locked: AtomicBool::new(false).named("is_locked"),
        count: UnsafeCell::new(0),
    });
    let add = move |shared: &Lock| {
        while shared.is_locked.swap(true, lock) {
            hint::spin_loop();
        }
        // SAFETY: the lock is held.
        #[allow(unsafe_code, reason = "as above")]
        shared.count.with_mut(|count| unsafe { *count += 1 });
        shared.is_locked.store(false, unlock);
    };
    let theirs = Arc::clone(&shared);
    let other = thread::spawn(move || add(&theirs));
    add(&shared);
    other.join().unwrap();
}

#[test]
fn what_a_spin_lock_needs() {
    let model = Model::new("two threads add");
    assert_eq!(
        lines(&[(model, || two_add(Acquire, Release))]),
        [
            r#"is_locked.swap: Acquire -> Relaxed: DATA RACE in "two threads add""#,
            r#"is_locked.store: Release -> Relaxed: DATA RACE in "two threads add""#,
        ]
    );
}

#[test]
fn what_is_needlessly_strong() {
    let model = || Model::new("two threads add");
    assert_eq!(
        lines(&[(model(), || two_add(SeqCst, SeqCst))]),
        [
            "is_locked.swap: SeqCst -> AcqRel: no model fails",
            "is_locked.store: SeqCst -> Release: no model fails",
        ]
    );
    assert_eq!(
        lines(&[(model(), || two_add(AcqRel, Release))]),
        [
            "is_locked.swap: AcqRel -> Acquire: no model fails",
            r#"is_locked.swap: AcqRel -> Release: DATA RACE in "two threads add""#,
            r#"is_locked.store: Release -> Relaxed: DATA RACE in "two threads add""#,
        ]
    );
}

/// Fences, and a compare-exchange whose failure publishes.
fn passes_a_page() {
    let page = AtomicU32::new(0).named("page");
    let is_ready = AtomicU32::new(0).named("is_ready");
    let shared = Arc::new((page, is_ready));
    let theirs = Arc::clone(&shared);
    let writer = thread::spawn(move || {
        let (page, is_ready) = &*theirs;
        page.store(7, Relaxed);
        fence(Release);
        is_ready.store(1, Relaxed);
    });
    let (page, is_ready) = &*shared;
    match is_ready.compare_exchange(0, 2, Relaxed, Acquire) {
        Ok(_) => {}
        Err(1) => assert_eq!(page.load(Relaxed), 7),
        Err(other) => panic!("{other}"),
    }
    writer.join().unwrap();
}

#[test]
fn fences_and_failures_are_weakened_too() {
    assert_eq!(
        lines(&[(Model::new("a page"), passes_a_page)]),
        [
            r#"fence: Release -> none: ASSERTION in "a page""#,
            r#"is_ready.compare_exchange on failure: Acquire -> Relaxed: ASSERTION in "a page""#,
        ]
    );
}

/// Two threads that must not both miss the other.
fn store_buffering() {
    let shared = Arc::new((AtomicBool::new(false), AtomicBool::new(false)));
    let theirs = Arc::clone(&shared);
    let other = thread::spawn(move || {
        theirs.1.store(true, SeqCst);
        theirs.0.load(SeqCst)
    });
    shared.0.store(true, SeqCst);
    let mine = shared.1.load(SeqCst);
    assert!(other.join().unwrap() || mine, "each missed the other");
}

#[test]
fn sequential_consistency_is_needed_at_each_of_four_places() {
    let lines = lines(&[(Model::new("both miss"), store_buffering)]);
    assert_eq!(lines.len(), 4, "{lines:#?}");
    assert!(lines.iter().all(|line| line.contains("ASSERTION")));
}

#[test]
fn the_first_that_is_needlessly_strong() {
    let model = || Model::new("two threads add");
    let found = needlessly_strong(&[(model(), || two_add(Acquire, SeqCst))]);
    let found = found.unwrap().expect("the store is stronger than need be");
    assert_eq!((found.from, found.to), (SeqCst, Release));
    let found = needlessly_strong(&[(model(), || two_add(Acquire, Release))]);
    assert!(found.unwrap().is_none());
}

#[test]
fn nothing_is_left_weak_behind() {
    let model = Model::new("two threads add");
    weaken(&[(model.clone(), || two_add(Acquire, Release))]).unwrap();
    assert!(
        model
            .explore(|| two_add(Acquire, Release))
            .unwrap()
            .complete
    );
}

#[test]
fn a_model_that_fails_as_it_is_has_nothing_to_weaken() {
    let model = Model::new("two threads add");
    let failure = weaken(&[(model, || two_add(Relaxed, Release))]).unwrap_err();
    assert_eq!(failure.kind, Kind::DataRace);
    let small = Model::new("two threads add").states(3);
    let failure = weaken(&[(small, || two_add(Acquire, Release))]).unwrap_err();
    assert_eq!(failure.kind, Kind::TooLarge);
}
