//! Shared ownership under the model checker, and versions that are wrong by a line.
#![allow(unsafe_code, reason = "plain memory, of which the explorer sees all")]

mod wrong;

use std::process::Command;

use explorer::Kind;

use super::{v1_strong, v2_weak};
use crate::ground::cell::UnsafeCell;
use crate::ground::thread;
use crate::modelled::{caught, holds, needs_its_orderings};
use wrong::{Slip, Wrong};

/// What is shared: plain memory, of which the explorer sees each access and the drop.
struct Page(UnsafeCell<u32>);

// SAFETY: read by its owners, and written by one that is alone. (That this holds is what
// the explorer is to find out.)
unsafe impl Sync for Page {}

impl Page {
    fn new() -> Self {
        Self(UnsafeCell::new(7))
    }

    fn read(&self) -> u32 {
        // SAFETY: whoever writes it is its only owner.
        self.0.with(|text| unsafe { *text })
    }
}

/// A handle, of the right kind or of what somebody took for it.
trait Handle: Sized + Send + 'static {
    fn new() -> Self;
    fn another(&self) -> Self;
    fn read(&self) -> u32;
    /// Writes to the page if this is the only handle.
    fn write_alone(&mut self) -> bool;
}

macro_rules! right {
    ($($version:ident)*) => { $(
        impl Handle for $version::Arc<Page> {
            fn new() -> Self {
                Self::new(Page::new())
            }

            fn another(&self) -> Self {
                self.clone()
            }

            fn read(&self) -> u32 {
                (**self).read()
            }

            fn write_alone(&mut self) -> bool {
                let page = Self::get_mut(self);
                page.map(|page| *page.0.get_mut() = 8).is_some()
            }
        }
    )* };
}
right!(v1_strong v2_weak);

/// A handle that knows where the value is.
trait Knows: Handle {
    type Weak: Send + 'static;
    fn weak(&self) -> Self::Weak;
    fn upgrade(weak: &Self::Weak) -> Option<Self>;
}

impl Knows for v2_weak::Arc<Page> {
    type Weak = v2_weak::Weak<Page>;

    fn weak(&self) -> Self::Weak {
        Self::downgrade(self)
    }

    fn upgrade(weak: &Self::Weak) -> Option<Self> {
        weak.upgrade()
    }
}

/// Two owners read and go: the value is dropped once, after both.
fn two_owners(mine: impl Handle) {
    let theirs = mine.another();
    let other = thread::spawn(move || assert_eq!(theirs.read(), 7));
    assert_eq!(mine.read(), 7);
    drop(mine);
    other.join().unwrap();
}

/// Both clone and drop: the count moves on both sides.
fn clones_meet(mine: impl Handle) {
    let theirs = mine.another();
    let other = thread::spawn(move || drop(theirs.another()));
    drop(mine.another());
    other.join().unwrap();
    assert_eq!(mine.read(), 7);
}

/// One writes if it is alone, after the other has read and gone.
fn writes_alone(mut mine: impl Handle) {
    let theirs = mine.another();
    let other = thread::spawn(move || assert_eq!(theirs.read(), 7));
    let expected = if mine.write_alone() { 8 } else { 7 };
    assert_eq!(mine.read(), expected);
    other.join().unwrap();
}

/// A weak handle tries to come back while the only owner goes.
fn comes_back<H: Knows>(mine: H) {
    let weak = mine.weak();
    let other = thread::spawn(move || drop(mine));
    if let Some(again) = H::upgrade(&weak) {
        assert_eq!(again.read(), 7);
    }
    other.join().unwrap();
    assert!(H::upgrade(&weak).is_none(), "there is no owner");
}

/// One looks whether it is alone, while the other turns its handle into a weak one and
/// that into a strong one.
fn turns_weak_and_strong<H: Knows>(mut mine: H) {
    let theirs = mine.another();
    let other = thread::spawn(move || {
        let weak = theirs.weak();
        drop(theirs);
        if let Some(again) = H::upgrade(&weak) {
            again.read();
        }
    });
    mine.write_alone();
    mine.read();
    other.join().unwrap();
}

/// A weak handle turns into the last strong one and goes, while the owner looks.
fn weak_goes_late<H: Knows>(mut mine: H) {
    let weak = mine.weak();
    let other = thread::spawn(move || {
        let again = H::upgrade(&weak).expect("there is an owner");
        drop(weak);
        again.read();
    });
    mine.write_alone();
    mine.read();
    other.join().unwrap();
}

/// Owner and weak handle go at the same time: the memory goes after both.
fn both_go<H: Knows>(mine: H) {
    let weak = mine.weak();
    let other = thread::spawn(move || drop(weak));
    drop(mine);
    other.join().unwrap();
}

fn v1() -> v1_strong::Arc<Page> {
    v1_strong::Arc::new(Page::new())
}

fn v2() -> v2_weak::Arc<Page> {
    v2_weak::Arc::new(Page::new())
}

const V1: [(&str, fn()); 3] = [
    ("v1, two owners", || two_owners(v1())),
    ("v1, clones meet", || clones_meet(v1())),
    ("v1, writes alone", || writes_alone(v1())),
];

const V2: [(&str, fn()); 7] = [
    ("v2, two owners", || two_owners(v2())),
    ("v2, clones meet", || clones_meet(v2())),
    ("v2, writes alone", || writes_alone(v2())),
    ("v2, comes back", || comes_back(v2())),
    ("v2, weak and strong", || turns_weak_and_strong(v2())),
    ("v2, weak goes late", || weak_goes_late(v2())),
    ("v2, both go", || both_go(v2())),
];

#[test]
fn the_last_owner_drops_the_value_after_all_others() {
    for (name, program) in V1.iter().chain(&V2) {
        holds(name, *program);
    }
    // The copy that the wrong versions are made from is right without a slip.
    holds("the copy", || turns_weak_and_strong(Wrong::new()));
    holds("the copy", || comes_back(Wrong::new()));
}

#[test]
fn wrong_versions_are_caught() {
    use Slip::*;
    caught(
        "arc",
        &[
            (
                "clones in two steps",
                || clones_meet(Wrong::with(ClonesInTwoSteps)),
                Kind::Assertion,
            ),
            (
                "drops in two steps",
                || two_owners(Wrong::with(DropsInTwoSteps)),
                Kind::Assertion,
            ),
            (
                "looks afterwards",
                || two_owners(Wrong::with(LooksAfterwards)),
                Kind::DataRace,
            ),
            (
                "one too early",
                || two_owners(Wrong::with(OneTooEarly)),
                Kind::DataRace,
            ),
            ("never", || two_owners(Wrong::with(Never)), Kind::Assertion),
            (
                "reads late",
                || two_owners(Wrong::with(ReadsLate)),
                Kind::DataRace,
            ),
            (
                "upgrades from zero",
                || comes_back(Wrong::with(UpgradesFromZero)),
                Kind::Assertion,
            ),
            (
                "weak, then strong",
                || turns_weak_and_strong(Wrong::with(WeakThenStrong)),
                Kind::DataRace,
            ),
            (
                "strong, then weak",
                || weak_goes_late(Wrong::with(StrongThenWeak)),
                Kind::DataRace,
            ),
            (
                "strong only",
                || weak_goes_late(Wrong::with(StrongOnly)),
                Kind::DataRace,
            ),
            (
                "stays locked",
                || turns_weak_and_strong(Wrong::with(StaysLocked)),
                Kind::Livelock,
            ),
        ],
    );
}

#[test]
fn each_ordering_is_needed() {
    needs_its_orderings("arc v1", &V1, &[]);
    needs_its_orderings("arc v2", &V2, &[]);
}

/// Too many handles end the process: in a child, because that is what happens.
#[test]
fn too_many_handles_end_the_process() {
    const CHILD: &str = "THREADBARE_TOO_MANY_HANDLES";
    const TEST: &str = "atomic::arc::models::too_many_handles_end_the_process";
    let cases: [(&str, fn()); 4] = [
        ("v1", || v1_strong::Arc::new(7).overflow()),
        ("v2", || v2_weak::Arc::new(7).overflow(true)),
        ("weak", || v2_weak::Arc::new(7).overflow(false)),
        ("upgrade", || v2_weak::Arc::new(7).overflow_by_upgrade()),
    ];
    if let Ok(name) = std::env::var(CHILD) {
        let (_, overflow) = cases.iter().find(|it| it.0 == name).unwrap();
        overflow();
        // Not aborted.
        std::process::exit(0);
    }
    for (name, _) in cases {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", TEST, "--nocapture"])
            .env(CHILD, name)
            .output()
            .unwrap();
        assert!(
            !child.status.success(),
            "{name} goes on with too many handles"
        );
        let said = String::from_utf8_lossy(&child.stderr);
        assert!(!said.contains("panicked"), "{name}: {said}");
    }
}

#[test]
fn counts_and_pointers() {
    let first = v2_weak::Arc::new(7);
    let weak = v2_weak::Arc::downgrade(&first);
    let second = weak.upgrade().unwrap();
    let other = v2_weak::Arc::new(7);
    assert!(v2_weak::Arc::ptr_eq(&first, &second));
    assert!(!v2_weak::Arc::ptr_eq(&first, &other));
    let counts = |arc| {
        let weak = v2_weak::Arc::weak_count(arc);
        (v2_weak::Arc::strong_count(arc), weak)
    };
    assert_eq!((counts(&first), weak.clone().strong_count()), ((2, 1), 2));
    assert_eq!(format!("{first:?} {weak:?}"), "7 (Weak)");
}
