//! The versions that are wrong by a line: one text, and the slips that it can make.
#![allow(unsafe_code, reason = "wrong versions hand out cells")]

use super::{Handle, Knows, Page};
use crate::ground::atomic::{
    AtomicUsize,
    Ordering::{Acquire, Relaxed, Release},
    fence,
};
use crate::ground::cell::UnsafeCell;
use crate::ground::{hint, sync, thread};

/// What a wrong version does differently.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Slip {
    /// Nothing.
    None,
    /// Clones with a load and a store.
    ClonesInTwoSteps,
    /// Drops with a load and a store.
    DropsInTwoSteps,
    /// Looks at the count after its own drop, in a second step.
    LooksAfterwards,
    /// Drops the value one handle too early.
    OneTooEarly,
    /// Never drops the value.
    Never,
    /// Reads the value when its handle has been given up.
    ReadsLate,
    /// `upgrade` adds one, whatever there is.
    UpgradesFromZero,
    /// `get_mut` looks at the weak count, and then at the strong one.
    WeakThenStrong,
    /// `get_mut` looks at the strong count, and then at the weak one.
    StrongThenWeak,
    /// `get_mut` does not look at the weak count.
    StrongOnly,
    /// `get_mut` does not unlock the weak count.
    StaysLocked,
}

/// Both counts and the value. The memory stays to the end of the run, so that a wrong
/// version does no worse than to touch a value that has been dropped.
struct Shared {
    slip: Slip,
    strong: AtomicUsize,
    weak: AtomicUsize,
    page: UnsafeCell<Option<Page>>,
}

// SAFETY: none. The explorer is to find that out.
unsafe impl Sync for Shared {}

impl Drop for Shared {
    fn drop(&mut self) {
        let is_there = self.page.get_mut().is_some();
        assert!(!is_there || thread::panicking(), "never dropped");
    }
}

pub(super) struct Wrong(sync::Arc<Shared>);

pub(super) struct WrongWeak(sync::Arc<Shared>);

const LOCKED: usize = usize::MAX;

impl Wrong {
    pub(super) fn with(slip: Slip) -> Self {
        Self(sync::Arc::new(Shared {
            slip,
            strong: AtomicUsize::new(1),
            weak: AtomicUsize::new(1),
            page: UnsafeCell::new(Some(Page::new())),
        }))
    }

    fn downgrade(&self) -> WrongWeak {
        loop {
            // ORDERING: Relaxed. A guess.
            let count = self.0.weak.load(Relaxed);
            // ORDERING: Acquire pairs with the Release in `write_alone`.
            let weak = &self.0.weak;
            if count != LOCKED
                && weak
                    // ORDERING: as above, with `write_alone`.
                    .compare_exchange(count, count + 1, Acquire, Relaxed)
                    .is_ok()
            {
                return WrongWeak(self.0.clone());
            }
            hint::spin_loop();
        }
    }
}

impl Handle for Wrong {
    fn new() -> Self {
        Self::with(Slip::None)
    }

    fn another(&self) -> Self {
        let strong = &self.0.strong;
        if self.0.slip == Slip::ClonesInTwoSteps {
            // ORDERING: Relaxed, both. No ordering makes one step of two.
            let count = strong.load(Relaxed);
            // ORDERING: as above.
            strong.store(count + 1, Relaxed);
        } else {
            // ORDERING: Relaxed, as in the right one.
            strong.fetch_add(1, Relaxed);
        }
        Self(self.0.clone())
    }

    fn read(&self) -> u32 {
        // SAFETY: none, as above.
        self.0.page.with(|page| unsafe {
            (*page).as_ref().expect("used after it was dropped").read()
        })
    }

    fn write_alone(&mut self) -> bool {
        let Shared { strong, weak, .. } = &*self.0;
        // ORDERING: Acquire, as in the right one; pairs with the Release in `drop`.
        let strong_is_one = || strong.load(Acquire) == 1;
        // ORDERING: as above, with `drop`.
        let weak_is_one = || weak.load(Acquire) == 1;
        let alone = match self.0.slip {
            Slip::WeakThenStrong => weak_is_one() && strong_is_one(),
            Slip::StrongThenWeak => strong_is_one() && weak_is_one(),
            Slip::StrongOnly => strong_is_one(),
            slip => {
                // ORDERING: Acquire, as in the right one; pairs with the Release in `drop`.
                let locked = weak.compare_exchange(1, LOCKED, Acquire, Relaxed);
                locked.is_ok() && {
                    let alone = strong_is_one();
                    if slip != Slip::StaysLocked {
                        // ORDERING: Release pairs with the Acquire in `downgrade`.
                        weak.store(1, Release);
                    }
                    alone
                }
            }
        };
        if alone {
            // SAFETY: none, as above.
            self.0.page.with_mut(|page| unsafe {
                if let Some(page) = &mut *page {
                    *page.0.get_mut() = 8;
                }
            });
        }
        alone
    }
}

impl Drop for Wrong {
    fn drop(&mut self) {
        let (strong, slip) = (&self.0.strong, self.0.slip);
        let before = match slip {
            Slip::DropsInTwoSteps => {
                // ORDERING: Relaxed. No ordering makes one step of two.
                let count = strong.load(Relaxed);
                // ORDERING: Release pairs with the fence below, in `drop`.
                strong.store(count - 1, Release);
                count
            }
            Slip::LooksAfterwards => {
                // ORDERING: Release pairs with the fence below, in `drop`.
                strong.fetch_sub(1, Release);
                // ORDERING: Relaxed. What is wrong is that it is a second step.
                strong.load(Relaxed) + 1
            }
            // ORDERING: Release pairs with the fence below, in `drop`.
            _ => strong.fetch_sub(1, Release),
        };
        let last = match slip {
            Slip::OneTooEarly => 2,
            Slip::Never => 0,
            _ => 1,
        };
        if before == last {
            // ORDERING: Acquire pairs with the Release above, in `drop`.
            fence(Acquire);
            // SAFETY: none, as above.
            let page = self.0.page.with_mut(|page| unsafe { (*page).take() });
            assert!(page.is_some(), "dropped twice");
        }
        if slip == Slip::ReadsLate {
            self.read();
        }
    }
}

impl WrongWeak {
    fn upgrade(&self) -> Option<Wrong> {
        let strong = &self.0.strong;
        if self.0.slip == Slip::UpgradesFromZero {
            // ORDERING: Relaxed, as in the right one.
            strong.fetch_add(1, Relaxed);
            return Some(Wrong(self.0.clone()));
        }
        loop {
            // ORDERING: Relaxed, as in the right one.
            let count = strong.load(Relaxed);
            if count == 0 {
                return None;
            }
            let more = count + 1;
            // ORDERING: as above.
            if strong
                .compare_exchange(count, more, Relaxed, Relaxed)
                .is_ok()
            {
                return Some(Wrong(self.0.clone()));
            }
        }
    }
}

impl Drop for WrongWeak {
    fn drop(&mut self) {
        // ORDERING: Release pairs with the Acquire in `write_alone`.
        self.0.weak.fetch_sub(1, Release);
    }
}

impl Knows for Wrong {
    type Weak = WrongWeak;

    fn weak(&self) -> WrongWeak {
        self.downgrade()
    }

    fn upgrade(weak: &WrongWeak) -> Option<Self> {
        weak.upgrade()
    }
}
