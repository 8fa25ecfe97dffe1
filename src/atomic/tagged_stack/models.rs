//! The stacks under the model checker: how the first falls to ABA, that the second does
//! not, and versions of it that are wrong by a line.
#![allow(unsafe_code, reason = "wrong versions hand out cells")]

use explorer::{Kind, Model};

use super::v1_untagged::UntaggedStack;
use super::v2_tagged::{NONE, TaggedStack, Top};
use crate::atomic::Full;
use crate::ground::atomic::{
    AtomicU32, AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};
use crate::ground::cell::UnsafeCell;
use crate::ground::sync::Arc;
use crate::modelled::{caught, holds, needs_its_orderings, start};

/// What lies on the stack: plain memory, of which the explorer sees each access, and
/// whether it is dropped.
struct Item(UnsafeCell<u64>);

impl Item {
    fn new(number: u64) -> Self {
        Self(UnsafeCell::new(number))
    }

    fn number(self) -> u64 {
        self.0.into_inner()
    }
}

/// A stack of numbers with two slots, or what somebody took for one.
trait Stack: Send + Sync + 'static {
    fn push(&self, number: u64) -> Result<(), Full<u64>>;
    fn pop(&self) -> Option<u64>;
}

impl Stack for UntaggedStack {
    fn push(&self, number: u64) -> Result<(), Full<u64>> {
        self.push(number)
    }

    fn pop(&self) -> Option<u64> {
        self.pop()
    }
}

impl Stack for TaggedStack<Item> {
    fn push(&self, number: u64) -> Result<(), Full<u64>> {
        let pushed = self.push(Item::new(number));
        pushed.map_err(|Full(item)| Full(item.number()))
    }

    fn pop(&self) -> Option<u64> {
        self.pop().map(Item::number)
    }
}

/// What a wrong version does differently.
#[derive(Clone, Copy, PartialEq)]
enum Slip {
    /// Nothing.
    None,
    /// Leaves the generation as it is: ABA.
    NoGeneration,
    /// Does not link the slot to the new top when the exchange fails.
    LinksOnce,
    /// Gives the slot back before its value is read.
    FreesEarly,
    /// Puts the slot on top before its value is written.
    PushesEarly,
    /// Pops with a store.
    PopsByStore,
    /// Pushes with a store.
    PushesByStore,
}

struct Wrong {
    slip: Slip,
    full: AtomicU64,
    free: AtomicU64,
    below: [AtomicU32; 2],
    values: [UnsafeCell<Option<Item>>; 2],
}

// SAFETY: none. The explorer is to find that out.
unsafe impl Sync for Wrong {}

impl Wrong {
    fn new(slip: Slip) -> Self {
        let top = |index| {
            let generation = 0;
            Top { index, generation }.pack()
        };
        Self {
            slip,
            full: AtomicU64::new(top(NONE)),
            free: AtomicU64::new(top(0)),
            below: [AtomicU32::new(1), AtomicU32::new(NONE)],
            values: [UnsafeCell::new(None), UnsafeCell::new(None)],
        }
    }

    fn link(&self, list: &AtomicU64, index: u32) {
        // ORDERING: Relaxed. The exchange decides.
        let mut word = list.load(Relaxed);
        let mut first = true;
        loop {
            let top = Top::unpack(word);
            if first || self.slip != Slip::LinksOnce {
                // ORDERING: Relaxed. The Release below publishes it.
                self.below[index as usize].store(top.index, Relaxed);
            }
            first = false;
            let new = top.with(index);
            if self.slip == Slip::PushesByStore {
                // ORDERING: Release pairs with the loads in `unlink`.
                list.store(new.pack(), Release);
                return;
            }
            // ORDERING: Release pairs with the Acquire in `unlink`.
            match list.compare_exchange(word, new.pack(), Release, Relaxed) {
                Ok(_) => return,
                Err(now) => word = now,
            }
        }
    }

    fn unlink(&self, list: &AtomicU64) -> Option<u32> {
        // ORDERING: Acquire pairs with the Release in `link`.
        let mut word = list.load(Acquire);
        loop {
            let top = Top::unpack(word);
            // ORDERING: Relaxed. Acquired above.
            let below = self.below.get(top.index as usize)?.load(Relaxed);
            let new = match self.slip {
                Slip::NoGeneration => top.with(below),
                _ => top.popped(below),
            };
            if self.slip == Slip::PopsByStore {
                // ORDERING: Release pairs with the loads in `unlink`.
                list.store(new.pack(), Release);
                return Some(top.index);
            }
            // ORDERING: as in the right one; Acquire pairs with the Release in `link`.
            match list.compare_exchange(word, new.pack(), Relaxed, Acquire) {
                Ok(_) => return Some(top.index),
                Err(now) => word = now,
            }
        }
    }
}

impl Stack for Wrong {
    fn push(&self, number: u64) -> Result<(), Full<u64>> {
        let Some(index) = self.unlink(&self.free) else {
            return Err(Full(number));
        };
        if self.slip == Slip::PushesEarly {
            self.link(&self.full, index);
        }
        let value = &self.values[index as usize];
        // SAFETY: none, as above.
        value.with_mut(|slot| unsafe { *slot = Some(Item::new(number)) });
        if self.slip != Slip::PushesEarly {
            self.link(&self.full, index);
        }
        Ok(())
    }

    fn pop(&self) -> Option<u64> {
        let index = self.unlink(&self.full)?;
        if self.slip == Slip::FreesEarly {
            self.link(&self.free, index);
        }
        let value = &self.values[index as usize];
        // SAFETY: none, as above.
        let item = value.with_mut(|slot| unsafe { (*slot).take() });
        if self.slip != Slip::FreesEarly {
            self.link(&self.free, index);
        }
        Some(item.expect("a slot without a value").number())
    }
}

/// One thread pops, while another pops two and pushes one back. All that was pushed is
/// there in the end, and nothing twice.
fn pop_and_push_back(stack: impl Stack) {
    let stack = Arc::new(stack);
    stack.push(1).unwrap();
    stack.push(2).unwrap();
    let other = start(&stack, |stack| {
        let taken = [stack.pop(), stack.pop()];
        // The lower one comes back, into the slot that was on top.
        match taken {
            [Some(kept), Some(back)] => {
                stack.push(back).expect("two slots are free");
                Some(kept)
            }
            [kept, _] => kept,
        }
    });
    let mine = stack.pop();
    let theirs = other.join().unwrap();
    let left = [stack.pop(), stack.pop(), stack.pop()];
    let mut all: Vec<_> = left.into_iter().chain([mine, theirs]).flatten().collect();
    all.sort_unstable();
    assert_eq!(all, [1, 2], "pushed 1 and 2, and popped this");
}

/// One thread pushes while another pops: the two meet at both ends of the list of free
/// slots, and at the list of full ones.
fn push_against_pop(stack: impl Stack) {
    let stack = Arc::new(stack);
    stack.push(1).unwrap();
    let other = start(&stack, |stack| stack.push(2).expect("there are two slots"));
    let mine = stack.pop().expect("one was there from the beginning");
    other.join().unwrap();
    let left = stack.pop().expect("two were pushed");
    assert_eq!(mine + left, 3, "one is popped twice");
    assert_eq!(stack.pop(), None);
    for number in [3, 4] {
        stack.push(number).expect("both slots are free");
    }
    assert!(stack.push(5).is_err(), "there are two slots");
    assert_eq!([stack.pop(), stack.pop()], [Some(4), Some(3)]);
}

fn v2() -> TaggedStack<Item> {
    TaggedStack::with_capacity(2)
}

const V2: [(&str, fn()); 2] = [
    ("push against pop", || push_against_pop(v2())),
    ("pop and push back", || pop_and_push_back(v2())),
];

#[test]
fn with_a_generation_nothing_is_lost() {
    for (name, program) in V2 {
        holds(name, program);
    }
    // The copy that the wrong versions are made from is right without a slip.
    holds("the copy", || push_against_pop(Wrong::new(Slip::None)));
    holds("the copy", || pop_and_push_back(Wrong::new(Slip::None)));
}

/// The schedule that the chapter tells: found by the model, and played again by its text.
#[test]
fn without_a_generation_it_falls_to_aba() {
    let program = || pop_and_push_back(UntaggedStack::with_capacity(2));
    let model = Model::new("ABA");
    let failure = model.explore(program).expect_err("an index comes back");
    assert_eq!(failure.kind, Kind::Assertion, "{failure}");
    println!("{failure}");
    let again = model
        .replay(&failure.schedule, program)
        .expect_err("the same steps, the same end");
    assert_eq!(
        (again.kind, again.sentence),
        (failure.kind, failure.sentence)
    );
}

#[test]
fn wrong_versions_are_caught() {
    use Slip::*;
    caught(
        "tagged stack",
        &[
            (
                "untagged (v1)",
                || pop_and_push_back(UntaggedStack::with_capacity(2)),
                Kind::Assertion,
            ),
            (
                "no generation",
                || pop_and_push_back(Wrong::new(NoGeneration)),
                Kind::DataRace,
            ),
            (
                "links once",
                || push_against_pop(Wrong::new(LinksOnce)),
                Kind::Assertion,
            ),
            (
                "frees early",
                || push_against_pop(Wrong::new(FreesEarly)),
                Kind::DataRace,
            ),
            (
                "pushes early",
                || push_against_pop(Wrong::new(PushesEarly)),
                Kind::DataRace,
            ),
            (
                "pops by a store",
                || push_against_pop(Wrong::new(PopsByStore)),
                Kind::Assertion,
            ),
            (
                "pushes by a store",
                || push_against_pop(Wrong::new(PushesByStore)),
                Kind::Assertion,
            ),
        ],
    );
}

#[test]
fn each_ordering_is_needed() {
    needs_its_orderings("tagged stack", &V2, &[]);
}

#[test]
fn a_top_is_packed_and_unpacked() {
    let top = Top {
        index: 7,
        generation: u32::MAX,
    };
    assert_eq!(Top::unpack(top.pack()), top);
    let popped = top.with(9).popped(NONE);
    assert_eq!((popped.index, popped.generation), (NONE, 0));
}

#[test]
fn a_stack_without_room_and_one_that_is_dropped_full() {
    let none = TaggedStack::with_capacity(0);
    assert!(none.push(1).is_err() && none.pop().is_none());
    let stack = TaggedStack::with_capacity(3);
    let value = std::sync::Arc::new(());
    for _ in 0..3 {
        stack.push(value.clone()).unwrap();
    }
    assert_eq!(format!("{stack:?}"), "TaggedStack { capacity: 3, .. }");
    drop(stack);
    assert_eq!(std::sync::Arc::strong_count(&value), 1);
}
