//! The lazy value under the model checker, and versions that are wrong by a line.
#![allow(
    unsafe_code,
    reason = "plain memory behind the pointer, and wrong versions"
)]

use std::ptr;

use explorer::{Kind, Model};

use super::RacyLazy;
use crate::ground::atomic::{
    AtomicPtr, AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};
use crate::ground::cell::UnsafeCell;
use crate::ground::sync::Arc;
use crate::modelled::{caught, holds, needs_its_orderings, start};

/// What is made: plain memory, of which the explorer sees each access and the drop.
struct Page(UnsafeCell<u32>);

// SAFETY: written before anybody has a reference to it. (That this holds is what the
// explorer is to find out.)
unsafe impl Sync for Page {}

impl Page {
    fn make() -> Self {
        let page = Self(UnsafeCell::new(0));
        // SAFETY: nobody else has it.
        page.0.with_mut(|text| unsafe { *text = 7 });
        page
    }

    fn read(&self) -> u32 {
        // SAFETY: it is not written again.
        self.0.with(|text| unsafe { *text })
    }
}

/// A lazy page, or what somebody took for one.
trait Lazy: Send + Sync + 'static {
    fn new() -> Self;
    fn force(&self) -> &Page;
}

impl Lazy for RacyLazy<Page> {
    fn new() -> Self {
        Self::new(Page::make)
    }

    fn force(&self) -> &Page {
        RacyLazy::force(self)
    }
}

/// A version that does something else with what it has made.
macro_rules! wrong {
    ($Name:ident, $story:literal, $keep:expr) => {
        #[doc = $story]
        struct $Name(AtomicPtr<Page>);

        impl Lazy for $Name {
            fn new() -> Self {
                Self(AtomicPtr::new(ptr::null_mut()))
            }

            fn force(&self) -> &Page {
                // ORDERING: Acquire pairs with the Release in `keep`.
                let mut page = self.0.load(Acquire);
                if page.is_null() {
                    let mine = Box::into_raw(Box::new(Page::make()));
                    const KEEP: fn(&AtomicPtr<Page>, *mut Page) -> *mut Page = $keep;
                    page = KEEP(&self.0, mine);
                }
                // SAFETY: made above or by another thread, and never freed but by `drop`.
                unsafe { &*page }
            }
        }

        impl Drop for $Name {
            fn drop(&mut self) {
                // SAFETY: from a box, and nobody else has it.
                drop(unsafe { Box::from_raw(*self.0.get_mut()) });
            }
        }
    };
}

/// What the right one does, but for the loser's page.
fn keep(pointer: &AtomicPtr<Page>, mine: *mut Page) -> Result<(), *mut Page> {
    // ORDERING: Release pairs with the load in `force`; on failure Acquire, with itself, in
    // `keep`.
    let kept = pointer.compare_exchange(ptr::null_mut(), mine, Release, Acquire);
    kept.map(|_| ())
}

wrong!(
    StoresAnyway,
    "Stores its page whether or not there is one.",
    |pointer, mine| {
        // ORDERING: Release pairs with the load in `force`.
        pointer.store(mine, Release);
        mine
    }
);

wrong!(
    KeepsBoth,
    "Does not drop the page that came second.",
    |pointer, mine| match keep(pointer, mine) {
        Ok(()) => mine,
        Err(theirs) => theirs,
    }
);

wrong!(
    ReturnsItsOwn,
    "Returns the page that came second to whoever made it.",
    |pointer, mine| {
        let _ = keep(pointer, mine);
        mine
    }
);

/// Two threads ask at once: one page, complete, and the other one is dropped.
fn two_ask<L: Lazy>() {
    let lazy = Arc::new(L::new());
    let ask = |lazy: &L| {
        let page = lazy.force();
        assert_eq!(page.read(), 7);
        ptr::from_ref(page).addr()
    };
    let other = start(&lazy, ask);
    let mine = ask(&lazy);
    assert!(mine == other.join().unwrap(), "two callers, two pages");
}

#[test]
fn all_get_the_same_and_the_other_is_dropped() {
    holds("two ask", two_ask::<RacyLazy<Page>>);
}

/// That `init` may run twice is in the contract; that it can is shown here.
#[test]
fn init_may_run_twice() {
    let made = Model::new("two ask").outcomes(|| {
        let made = Arc::new(AtomicU32::new(0));
        let counts = Arc::clone(&made);
        let lazy = Arc::new(RacyLazy::new(move || {
            // ORDERING: Relaxed. Only the count matters.
            counts.fetch_add(1, Relaxed)
        }));
        let other = start(&lazy, |lazy| **lazy);
        let _ = **lazy;
        other.join().unwrap();
        // ORDERING: as above.
        made.load(Relaxed)
    });
    let (made, _) = made.unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(made.into_iter().collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn wrong_versions_are_caught() {
    caught(
        "racy lazy",
        &[
            ("stores anyway", two_ask::<StoresAnyway>, Kind::Assertion),
            ("keeps both", two_ask::<KeepsBoth>, Kind::Leak),
            ("returns its own", two_ask::<ReturnsItsOwn>, Kind::Assertion),
        ],
    );
}

#[test]
fn each_ordering_is_needed() {
    let models: [(_, fn()); 1] = [("two ask", two_ask::<RacyLazy<Page>>)];
    needs_its_orderings("racy lazy", &models, &[]);
}

#[test]
fn a_panic_keeps_nothing_and_the_next_caller_tries_again() {
    let tries = AtomicU32::new(0);
    let lazy = RacyLazy::new(|| {
        // ORDERING: Relaxed. One thread.
        assert!(tries.fetch_add(1, Relaxed) > 0, "planned");
        7
    });
    let first = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| *lazy));
    assert!(first.is_err() && RacyLazy::get(&lazy).is_none());
    assert_eq!(format!("{lazy:?}"), "RacyLazy(<not made yet>)");
    assert_eq!((*lazy, format!("{lazy:?}")), (7, "RacyLazy(7)".into()));
}
