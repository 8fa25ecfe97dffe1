//! The deque under the model checker. Versions that are wrong by a line are in `wrong`.
#![allow(unsafe_code, reason = "what an item allows is to reach a cell")]

use std::num::NonZeroUsize;
use std::ptr::NonNull;

use super::{Deque, Steal};
use crate::ground::atomic::{
    AtomicBool,
    Ordering::{Relaxed, SeqCst},
    fence,
};
use crate::ground::cell::UnsafeCell;
use crate::ground::hint;
use crate::ground::sync::Arc;
use crate::modelled::{holds, needs_its_orderings, start};

mod wrong;

/// What an item stands for: plain memory, of which the explorer sees each access.
struct Page(UnsafeCell<u32>);

// SAFETY: who takes an item has its page alone. (That this holds is what the explorer is to
// find out.)
unsafe impl Sync for Page {}

type Item = NonNull<Page>;

/// A deque, or what somebody took for one: the right one with something else in the place of
/// a method.
trait Ends<const SLOTS: usize>: Send + Sync + 'static {
    fn of(right: Deque<Page, SLOTS>) -> Self;

    fn right(&self) -> &Deque<Page, SLOTS>;

    fn push(&self, item: Item) -> Result<(), Item> {
        self.right().push(item)
    }

    fn push_some(&self, mut items: impl Iterator<Item = Item>) -> usize {
        self.right().push_some(&mut items)
    }

    fn pop(&self) -> Option<Item> {
        self.right().pop()
    }

    fn steal(&self) -> Steal<Item> {
        self.right().steal()
    }

    fn steal_half_into(&self, own: &Deque<Page, 4>) -> Steal<Item> {
        self.right().steal_half_into(own)
    }

    fn is_empty(&self) -> bool {
        self.right().is_empty()
    }
}

impl<const SLOTS: usize> Ends<SLOTS> for Deque<Page, SLOTS> {
    fn of(right: Self) -> Self {
        right
    }

    fn right(&self) -> &Self {
        self
    }
}

/// A deque and what goes through it. Item `n` is a pointer with the address `n + 1`, which
/// stands for page `n`: nobody follows it.
struct Desk<D, const SLOTS: usize> {
    deque: D,
    pages: [Page; 4],
}

impl<D: Ends<SLOTS>, const SLOTS: usize> Desk<D, SLOTS> {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            deque: D::of(Deque::with_slots()),
            pages: [0; 4].map(|zero| Page(UnsafeCell::new(zero))),
        })
    }

    /// What the owner does first with a page, and then pushes it. Whether there was room.
    fn push(&self, page: usize) -> bool {
        self.write(page, 1);
        let item = NonZeroUsize::new(page + 1).unwrap();
        self.deque.push(NonNull::without_provenance(item)).is_ok()
    }

    /// As many as there is room for, at once.
    fn push_all(&self) {
        let items = (0..self.pages.len()).map(|page| {
            self.write(page, 1);
            NonNull::without_provenance(NonZeroUsize::new(page + 1).unwrap())
        });
        self.deque.push_some(items.take(3));
    }

    /// What the one who took an item does with its page: nobody else may have been there.
    fn take(&self, item: Item) {
        self.write(item.addr().get() - 1, 2);
    }

    fn write(&self, page: usize, state: u32) {
        // SAFETY: it is the owner's until it is pushed, and then whoever takes it has it
        // alone, or a wrong deque.
        self.pages[page].0.with_mut(|page| unsafe {
            assert!(*page < state, "taken twice");
            *page = state;
        });
    }

    fn pop(&self) -> bool {
        let item = self.deque.pop();
        item.map(|item| self.take(item)).is_some()
    }

    /// Steals until it gets one, or there is none.
    fn steal(&self) {
        loop {
            match self.deque.steal() {
                Steal::Job(item) => return self.take(item),
                Steal::Empty => return,
                Steal::Retry => hint::spin_loop(),
            }
        }
    }

    fn steal_half(&self) {
        let own = Deque::with_slots();
        if let Steal::Job(first) = self.deque.steal_half_into(&own) {
            self.take(first);
        }
        while let Some(item) = own.pop() {
            self.take(item);
        }
    }

    /// All that was pushed, and nothing else, has been taken. For when nobody else is left.
    fn is_done(&self, pushed: usize) {
        while self.pop() {}
        for (number, page) in self.pages.iter().enumerate() {
            // SAFETY: all threads have been joined.
            let state = page.0.with(|page| unsafe { *page });
            let is_pushed = number < pushed;
            assert_eq!(state == 2, is_pushed, "item {number} was lost");
        }
    }
}

/// The owner has `ITEMS` and pops as many, two thieves steal one each.
fn pop_and_two_thieves<D: Ends<2>, const ITEMS: usize>() {
    let desk = Desk::<D, 2>::new();
    for item in 0..ITEMS {
        assert!(desk.push(item), "there is room");
    }
    let thieves = [(); 2].map(|()| start(&desk, Desk::steal));
    for _ in 0..ITEMS {
        desk.pop();
    }
    for thief in thieves {
        thief.join().unwrap();
    }
    desk.is_done(ITEMS);
}

fn one_left<D: Ends<2>>() {
    pop_and_two_thieves::<D, 1>();
}

fn two_left<D: Ends<2>>() {
    pop_and_two_thieves::<D, 2>();
}

/// The owner has two and pops both, a thief steals twice.
fn pop_and_a_busy_thief<D: Ends<2>>() {
    let desk = Desk::<D, 2>::new();
    assert!(desk.push(0) && desk.push(1), "there is room");
    let thief = start(&desk, |desk| {
        desk.steal();
        desk.steal();
    });
    desk.pop();
    desk.pop();
    thief.join().unwrap();
    desk.is_done(2);
}

/// The owner pushes, pops and pushes again, while a thief steals.
fn push_and_a_thief<D: Ends<4>>() {
    let desk = Desk::<D, 4>::new();
    let thief = start(&desk, |desk| {
        desk.steal();
        desk.steal();
    });
    let pushed = [0, 1].map(|item| desk.push(item));
    desk.pop();
    assert!(pushed == [true; 2] && desk.push(2), "there is room");
    thief.join().unwrap();
    desk.is_done(3);
}

/// Two slots, both full. There is room for the third item when a thief has taken the first,
/// whose slot it then gets.
fn full<D: Ends<2>>() {
    let desk = Desk::<D, 2>::new();
    assert!(desk.push(0) && desk.push(1), "there is room");
    let thief = start(&desk, Desk::steal);
    let pushed = 2 + usize::from(desk.push(2));
    thief.join().unwrap();
    if pushed == 2 {
        // Then it has not been pushed, and is the owner's still.
        desk.write(2, 2);
    }
    desk.is_done(3);
}

/// As many as there is room for are pushed at once, while two thieves steal.
fn push_some<D: Ends<4>>() {
    let desk = Desk::<D, 4>::new();
    let thief = start(&desk, Desk::steal);
    desk.push_all();
    desk.pop();
    thief.join().unwrap();
    desk.is_done(3);
}

/// Three items. A thief steals two of them at once, the owner pops two.
fn steal_half<D: Ends<4>>() {
    let desk = Desk::<D, 4>::new();
    for item in 0..3 {
        assert!(desk.push(item), "there is room");
    }
    let thief = start(&desk, Desk::steal_half);
    desk.pop();
    desk.pop();
    thief.join().unwrap();
    desk.is_done(3);
}

/// Who pushes and then looks for sleepers, through a fence; who announces and then looks for
/// items. One of them sees the other.
fn push_and_a_sleeper<D: Ends<2>>() {
    let shared = Arc::new((Desk::<D, 2>::new(), AtomicBool::new(false)));
    let worker = start(&shared, |(desk, asleep)| {
        // ORDERING: Relaxed. The fence stands behind it.
        asleep.store(true, Relaxed);
        // ORDERING: SeqCst pairs with the fence below, in `push_and_a_sleeper`.
        fence(SeqCst);
        desk.deque.is_empty()
    });
    let (desk, asleep) = &*shared;
    assert!(desk.push(0), "there is room");
    // ORDERING: SeqCst pairs with the fence above, in `push_and_a_sleeper`.
    fence(SeqCst);
    // ORDERING: Relaxed. The fence has brought it up to date.
    let wakes = asleep.load(Relaxed);
    let sleeps = worker.join().unwrap();
    assert!(!sleeps || wakes, "nobody wakes who sleeps");
    desk.is_done(1);
}

/// All models of a type. The number is that of its slots; more than two are a model of their
/// own.
const fn models<Two: Ends<2>, Four: Ends<4>>() -> [(&'static str, fn()); 8] {
    [
        ("one item, a pop and two thieves", one_left::<Two>),
        ("two items, two pops and two thieves", two_left::<Two>),
        ("two pops and a busy thief", pop_and_a_busy_thief::<Two>),
        ("pushes and a thief", push_and_a_thief::<Four>),
        ("two slots are full", full::<Two>),
        ("some at once", push_some::<Four>),
        ("half is stolen", steal_half::<Four>),
        ("a push and a sleeper", push_and_a_sleeper::<Two>),
    ]
}

const RIGHT: [(&str, fn()); 8] = models::<Deque<Page, 2>, Deque<Page, 4>>();

#[test]
fn every_item_is_taken_once_in_every_order() {
    for (name, program) in RIGHT {
        holds(name, program);
    }
}

#[test]
fn each_ordering_is_needed() {
    // A thief reads a slot before its exchange, and the owner writes it after it has seen
    // that exchange. Hardware may let the thief's read come after its exchange, and so
    // after that write; the explorer never does (load buffering).
    let the_slot_is_read = [
        // ORDERING: text, no operations. They pair in `push`, `push_some` and `steal`.
        "top.load: Acquire -> Relaxed",
        // ORDERING: as above, in `push_some`.
        "top.load: Acquire -> Relaxed",
        // ORDERING: as above, in `steal`.
        "top.compare_exchange: Release -> Relaxed",
    ];
    needs_its_orderings("deque", &RIGHT, &the_slot_is_read);
}

/// Numbers that wrap around name the same slots as before.
#[test]
fn numbers_may_wrap_around() {
    let deque = Deque::<u32, 4>::after(usize::MAX - 1);
    let item = |n: usize| NonNull::without_provenance(NonZeroUsize::new(n).unwrap());
    for round in 0..5 {
        for n in 1..=4 {
            deque.push(item(round * 4 + n)).unwrap();
        }
        assert_eq!(deque.push(item(99)), Err(item(99)));
        assert_eq!(deque.len(), 4);
        assert_eq!(deque.steal(), Steal::Job(item(round * 4 + 1)));
        for n in [4, 3, 2] {
            assert_eq!(deque.pop(), Some(item(round * 4 + n)));
        }
        assert_eq!(deque.pop(), None);
        assert_eq!(deque.steal(), Steal::Empty);
        assert!(deque.is_empty());
    }
}

/// The older half goes, rounded up, the oldest first; less if there is less room.
#[test]
fn half_is_rounded_up() {
    let item =
        |n: usize| NonNull::<u32>::without_provenance(NonZeroUsize::new(n).unwrap());
    for (there, moved) in [(0, 0), (1, 0), (2, 0), (3, 1), (4, 1), (7, 3), (8, 3)] {
        let (theirs, own) =
            (Deque::<_, 8>::with_slots(), Deque::<_, 4>::with_slots());
        assert_eq!(theirs.push_some(&mut (1..=there).map(item)), there);
        let first = theirs.steal_half_into(&own).job();
        assert_eq!(first, (there > 0).then(|| item(1)), "of {there}");
        assert_eq!(own.len(), moved, "of {there}");
        assert_eq!(own.pop(), (moved > 0).then(|| item(moved + 1)));
    }
    let (theirs, own) = (Deque::<_, 8>::with_slots(), Deque::<_, 2>::with_slots());
    let mut items = (1..=9).map(item);
    assert_eq!(theirs.push_some(&mut items), 8);
    assert_eq!(
        items.next(),
        Some(item(9)),
        "what has no room is not asked for"
    );
    assert_eq!(theirs.steal_half_into(&own), Steal::Job(item(1)));
    assert_eq!((theirs.len(), own.len()), (5, 2));
    assert_eq!(format!("{own:?}"), "Deque { len: 2, .. }");
}
