//! A queue with two ends: its owner pushes and pops at one, everybody else steals at the
//! other. Chase and Lev's deque, in a ring that does not grow.
//!
//! ```text
//!             top                      bottom
//!              v                          v
//!   slots [    | oldest | ...  | newest |    |    ]
//!           thieves take here    the owner pushes and pops here
//! ```
//!
//! `top` and `bottom` count: an item gets the number that `bottom` had when it was pushed,
//! and lies in slot `number % SLOTS`. So `bottom - top` items are there, and numbers are
//! never used again. Who moves what:
//!
//! | | `bottom` | `top` |
//! |---|---|---|
//! | [`push`](Deque::push), owner | up by one | |
//! | [`pop`](Deque::pop), owner | down by one | up by one, by exchange, if it is the last |
//! | [`steal`](Deque::steal), anybody | | up by one, by exchange |
//!
//! # Why nothing is taken twice
//! A thief takes item `t` by moving `top` from `t` to `t + 1` in one step: of two thieves
//! one fails. The owner does without an exchange, as long as the item is not the last: it
//! lowers `bottom` to `b`, *then* looks at `top`. A thief looks at `top`, *then* at
//! `bottom`. Each has a `SeqCst` fence between the two, and of two such fences one comes
//! first:
//!
//! - the owner's: the thief sees the lowered `bottom`, and leaves item `b` alone;
//! - the thief's: the owner sees the `top` that the thief saw. If the thief is after item `b`,
//!   this is `b`: the item is the last, and owner and thief both use the exchange.
//!
//! # Why nothing is lost
//! A slot is written again only when its old item has been taken: `push` looks at `top`
//! and refuses when `SLOTS` items are there. And a thief reads the slot *before* its
//! exchange: while `top` is still `t`, the slot of `t` can't be written again, and if
//! `top` has moved, the exchange fails and what was read is thrown away. That is also why
//! slots are atomic: the thief that is too late may read one while the owner writes it. On
//! plain memory this would be a data race, harmless on the hardware and undefined in the
//! language.
//!
//! An item is a pointer that nobody here follows. So the deque is safe code, and what is
//! promised to who does follow it is: everything before the `push` of a pointer
//! happens-before the return of the `pop` or `steal` that takes it.
//!
//! # What it does not do
//! `push` has no fence, for a `join` needs it fast. Who pushes a job and *then* looks
//! whether a worker is asleep that could run it, needs one between the two: see
//! `src/pool/README.md`.
//!
//! Sources: Chase and Lev, *Dynamic Circular Work-Stealing Deque*, SPAA 2005; Lê, Pop,
//! Cohen and Zappa Nardelli, *Correct and Efficient Work-Stealing for Weak Memory Models*,
//! PPoPP 2013, which has the proof.

use std::fmt;
use std::iter;
use std::ptr::{self, NonNull};

use crate::ground::Named as _;
use crate::ground::atomic::{
    AtomicPtr, AtomicUsize,
    Ordering::{Acquire, Relaxed, Release, SeqCst},
    fence,
};
use crossbeam_utils::CachePadded;

/// How many items a [`Deque`] of a pool's worker holds. The next goes to the injector.
///
/// 256 pointers are half a page: enough for a `join` within a `join`, 256 deep, and few
/// enough that what overflows is soon where all can reach it. (The unit tests use 4.)
pub const CAPACITY: usize = if cfg!(test) { 4 } else { 256 };

/// What a thief got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "an item that is stolen is yours"]
pub enum Steal<J> {
    /// There was nothing.
    Empty,
    /// Somebody else was faster. There may be more.
    Retry,
    /// The oldest item.
    Job(J),
}

impl<J> Steal<J> {
    /// The item, if there is one.
    ///
    /// ```
    /// use threadbare::pool::deque::Steal;
    ///
    /// assert_eq!(Steal::<u32>::Retry.job(), None);
    /// ```
    #[must_use]
    pub fn job(self) -> Option<J> {
        match self {
            Self::Job(job) => Some(job),
            Self::Empty | Self::Retry => None,
        }
    }
}

/// A bounded queue of pointers with an end for its owner and an end for thieves.
///
/// One thread at a time is the owner, who may call [`push`](Self::push),
/// [`push_some`](Self::push_some) and [`pop`](Self::pop). Two at once may lose items, get
/// one twice, or panic. That is no undefined behaviour *here*, for the deque doesn't
/// follow its pointers; whoever follows them relies on it.
///
/// Dropping a deque drops none of what its pointers point to.
///
/// # Example
/// ```
/// use std::ptr::NonNull;
/// use threadbare::pool::deque::{Deque, Steal};
///
/// let (mut a, mut b, mut c) = ('a', 'b', 'c');
/// let [a, b, c] = [&mut a, &mut b, &mut c].map(NonNull::from);
/// let deque = Deque::new();
/// for item in [a, b, c] {
///     deque.push(item).unwrap();
/// }
/// assert_eq!(deque.pop(), Some(c), "the owner gets the newest");
/// assert_eq!(deque.steal(), Steal::Job(a), "a thief gets the oldest");
/// assert_eq!(deque.len(), 1);
/// ```
pub struct Deque<T, const SLOTS: usize = CAPACITY> {
    /// The number of the oldest item. It only grows.
    top: CachePadded<AtomicUsize>,
    /// The number that the next item gets. Written by the owner alone.
    bottom: CachePadded<AtomicUsize>,
    /// INVARIANT: slot `number % SLOTS` holds the item of that number, for all from `top` to
    /// `bottom`.
    slots: [AtomicPtr<T>; SLOTS],
}

impl<T> Deque<T> {
    /// A deque of [`CAPACITY`] slots, all empty.
    #[must_use]
    pub fn new() -> Self {
        Self::with_slots()
    }
}

impl<T> Default for Deque<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, const SLOTS: usize> Deque<T, SLOTS> {
    /// An empty deque of any size that is a power of two (checked by the compiler), so that
    /// numbers may wrap around.
    ///
    /// ```
    /// use threadbare::pool::deque::Deque;
    ///
    /// let deque = Deque::<u32, 2>::with_slots();
    /// assert!(deque.is_empty());
    /// ```
    #[must_use]
    pub fn with_slots() -> Self {
        Self::after(0)
    }

    /// An empty deque through which `number` items have gone.
    fn after(number: usize) -> Self {
        const { assert!(SLOTS.is_power_of_two()) };
        Self {
            top: CachePadded::new(AtomicUsize::new(number).named("top")),
            bottom: CachePadded::new(AtomicUsize::new(number).named("bottom")),
            slots: std::array::from_fn(|_| {
                AtomicPtr::new(ptr::null_mut()).named("slot")
            }),
        }
    }

    fn slot(&self, number: usize) -> &AtomicPtr<T> {
        &self.slots[number % SLOTS]
    }

    /// Adds an item at the owner's end. For the owner.
    ///
    /// # Errors
    /// The item, if `SLOTS` are there. The pool then moves the older half to its injector.
    /// # Memory ordering
    /// Everything before this call happens-before the return of the [`pop`](Self::pop) or
    /// [`steal`](Self::steal) that takes the item. It is no full barrier: see the module's
    /// text.
    /// # Cost
    /// Two loads and two stores; no allocation.
    // ANCHOR: push
    pub fn push(&self, item: NonNull<T>) -> Result<(), NonNull<T>> {
        // ORDERING: Relaxed. Nobody else writes it.
        let bottom = self.bottom.load(Relaxed);
        // ORDERING: Acquire. The thief is done with the slot; pairs with the exchange in
        // `steal`.
        let top = self.top.load(Acquire);
        if bottom.wrapping_sub(top) >= SLOTS {
            return Err(item);
        }
        // ORDERING: Relaxed. The store below publishes it, and what it points to.
        self.slot(bottom).store(item.as_ptr(), Relaxed);
        // ORDERING: Release. The slot is written; pairs with the load in `steal`.
        self.bottom.store(bottom.wrapping_add(1), Release);
        Ok(())
    }
    // ANCHOR_END: push

    /// Adds items for as long as there is room, and shows them to thieves all at once. For
    /// the owner. Returns how many; the others have not been asked for.
    ///
    /// # Memory ordering
    /// As [`push`](Self::push).
    pub fn push_some(&self, items: &mut impl Iterator<Item = NonNull<T>>) -> usize {
        // ORDERING: Relaxed, as in `push`.
        let bottom = self.bottom.load(Relaxed);
        // ORDERING: Acquire pairs with the exchange in `steal`, as in `push`.
        let room = SLOTS - bottom.wrapping_sub(self.top.load(Acquire));
        let mut added = 0;
        for item in items.take(room) {
            // ORDERING: Relaxed, as in `push`.
            self.slot(bottom.wrapping_add(added))
                .store(item.as_ptr(), Relaxed);
            added += 1;
        }
        // ORDERING: Release. The slots are written; pairs with the load in `steal`.
        self.bottom.store(bottom.wrapping_add(added), Release);
        added
    }

    /// Takes the newest item. For the owner.
    ///
    /// # Cost
    /// A fence; for the last item an exchange more. If the deque is seen to be empty, two
    /// loads.
    // ANCHOR: pop
    pub fn pop(&self) -> Option<NonNull<T>> {
        // ORDERING: Relaxed. Nobody else writes it.
        let bottom = self.bottom.load(Relaxed);
        // ORDERING: Relaxed. `top` never passes `bottom`, and never goes back.
        if self.top.load(Relaxed) == bottom {
            return None;
        }
        let newest = bottom.wrapping_sub(1);
        // ORDERING: Release. A thief that reads this value, and not that of a `push`, must
        // see the slots below it as well; pairs with the load in `steal`.
        self.bottom.store(newest, Release);
        // ORDERING: SeqCst pairs with the fence in `steal`. Forbidden: the owner does not
        // see that thieves have moved `top` to `newest`, the next thief does not see that
        // `bottom` is lowered to it, and both take it.
        fence(SeqCst);
        // ORDERING: Relaxed. The fence has brought it up to date.
        let top = self.top.load(Relaxed);
        let item = self.item(newest);
        let older = newest.wrapping_sub(top).cast_signed();
        if older > 0 {
            return item;
        }
        // It is the last one, or gone: who moves `top` past it has it.
        // ORDERING: Relaxed. The fence above stands before it: a thief that sees this `top`
        // sees how low `bottom` has been.
        let won = older == 0
            && self
                .top
                .compare_exchange(newest, bottom, Relaxed, Relaxed)
                .is_ok();
        // ORDERING: Relaxed. The deque is empty before and after: no slot is read on the
        // strength of it.
        self.bottom.store(bottom, Relaxed);
        item.filter(|_| won)
    }
    // ANCHOR_END: pop

    /// Takes the oldest item. For anybody, the owner too.
    ///
    /// If it says [`Steal::Retry`], somebody else took the item just then: so somebody gets
    /// on, and whether to try again here or elsewhere is for the caller.
    ///
    /// # Cost
    /// A fence and, if there is something, an exchange. It waits for nobody.
    // ANCHOR: steal
    pub fn steal(&self) -> Steal<NonNull<T>> {
        // ORDERING: Relaxed. The fence stands behind it: what was known of `bottom` when
        // `top` was moved here is known now.
        let top = self.top.load(Relaxed);
        // ORDERING: SeqCst pairs with the fence in `pop`, which says what they forbid.
        fence(SeqCst);
        // ORDERING: Acquire pairs with the stores in `push` and `pop`: the slot is written.
        let bottom = self.bottom.load(Acquire);
        if bottom.wrapping_sub(top).cast_signed() <= 0 {
            return Steal::Empty;
        }
        // Before the exchange: afterwards the owner may have put another item there.
        let item = self.item(top);
        let next = top.wrapping_add(1);
        // ORDERING: Release pairs with the load in `push`: the slot is read. Relaxed if it
        // fails: what was read is thrown away.
        match self.top.compare_exchange(top, next, Release, Relaxed) {
            Ok(_) => Steal::Job(item.expect("slots from top to bottom are filled")),
            Err(_) => Steal::Retry,
        }
    }
    // ANCHOR_END: steal

    /// Takes the older half, rounded up: returns the oldest and puts the others into `own`,
    /// of which the caller is the owner. If it has no room for all, it gets fewer; if
    /// somebody else steals meanwhile, too.
    ///
    /// Each is taken with an exchange of its own. One exchange for many would be wrong:
    /// the owner takes the newest without one, as long as it sees that another is older,
    /// and could be taking one of the many.
    ///
    /// # Cost
    /// A fence and an exchange for each item.
    // ANCHOR: steal_half
    pub fn steal_half_into<const OWN: usize>(
        &self,
        own: &Deque<T, OWN>,
    ) -> Steal<NonNull<T>> {
        let half = self.len().div_ceil(2);
        let first = self.steal();
        if let Steal::Job(_) = first {
            let others = iter::from_fn(|| self.steal().job());
            own.push_some(&mut others.take(half.saturating_sub(1)));
        }
        first
    }
    // ANCHOR_END: steal_half

    /// How many items are there. For anybody but the owner this was so a moment ago, at
    /// best: for messages and guesses.
    #[must_use]
    pub fn len(&self) -> usize {
        // ORDERING: Relaxed, both. Nothing is read on the strength of it.
        let top = self.top.load(Relaxed);
        // ORDERING: Relaxed, as above.
        let bottom = self.bottom.load(Relaxed);
        let len = bottom.wrapping_sub(top).cast_signed();
        // Below 0 while the owner finds out that there is nothing; too large, if items came
        // and went between the two loads.
        usize::try_from(len).unwrap_or(0).min(SLOTS)
    }

    /// Whether nothing is there. As vague as [`len`](Self::len), with one exception, on
    /// which a worker's sleep stands.
    ///
    /// # Memory ordering
    /// If the caller has written (that it is about to sleep) and gone through a `SeqCst`
    /// fence, and an owner pushes, goes through such a fence, and reads, then the owner
    /// reads what the caller has written, or the caller sees the item.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What is in the slot for this number.
    fn item(&self, number: usize) -> Option<NonNull<T>> {
        // ORDERING: Relaxed. `steal` has acquired a `bottom` that was stored after it; `pop`
        // is on the thread that stored it.
        NonNull::new(self.slot(number).load(Relaxed))
    }
}

impl<T, const SLOTS: usize> fmt::Debug for Deque<T, SLOTS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deque")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod models;
