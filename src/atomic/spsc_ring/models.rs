//! The rings under the model checker, and versions that are wrong by a line.
#![allow(unsafe_code, reason = "wrong versions hand out cells")]

use explorer::Kind;

use super::{v1_shared_indices, v2_padded, v3_cached};
use crate::atomic::Full;
use crate::ground::atomic::{
    AtomicBool, AtomicUsize,
    Ordering::{Acquire, Relaxed, Release},
};
use crate::ground::cell::UnsafeCell;
use crate::ground::sync::Arc;
use crate::ground::{hint, thread};
use crate::modelled::{caught, holds, needs_its_orderings};

/// What goes through the ring: plain memory, of which the explorer sees each access, and
/// whether it is dropped.
struct Item(UnsafeCell<u32>);

impl Item {
    fn new(number: u32) -> Self {
        Self(UnsafeCell::new(number))
    }

    fn number(&self) -> u32 {
        // SAFETY: whoever has the item has it alone.
        self.0.with(|number| unsafe { *number })
    }
}

/// The end that pushes, of a ring or of what somebody took for one.
trait Push: Send + 'static {
    fn push(&mut self, item: Item) -> Result<(), Full<Item>>;
    fn is_abandoned(&self) -> bool;
}

/// The end that pops.
trait Pop: Send + 'static {
    fn pop(&mut self) -> Option<Item>;
    fn is_abandoned(&self) -> bool;
}

macro_rules! right {
    ($($version:ident)*) => { $(
        impl Push for $version::Producer<Item> {
            fn push(&mut self, item: Item) -> Result<(), Full<Item>> {
                self.push(item)
            }

            fn is_abandoned(&self) -> bool {
                self.is_abandoned()
            }
        }

        impl Pop for $version::Consumer<Item> {
            fn pop(&mut self) -> Option<Item> {
                self.pop()
            }

            fn is_abandoned(&self) -> bool {
                self.is_abandoned()
            }
        }
    )* };
}
right!(v1_shared_indices v2_padded v3_cached);

/// What a wrong version does differently.
#[derive(Clone, Copy, PartialEq)]
enum Slip {
    /// Nothing.
    None,
    /// Takes the ring for full one item too late.
    FullTooLate,
    /// Counts an item before its slot is written.
    CountsEarly,
    /// Gives a slot back before it is read.
    FreesEarly,
    /// Does not look whether there is an item.
    NeverEmpty,
    /// Writes every item to the first slot.
    OneSlot,
    /// Believes for good what it saw of the other's index.
    NeverLooksAgain,
    /// Says that it is gone before it pushes the last item.
    LeavesEarly,
    /// Forgets what was pushed and not popped.
    LeavesItemsBehind,
}

struct Wrong {
    slip: Slip,
    head: AtomicUsize,
    tail: AtomicUsize,
    abandoned: AtomicBool,
    slots: [UnsafeCell<Option<Item>>; 2],
}

// SAFETY: none. The explorer is to find that out.
unsafe impl Sync for Wrong {}

struct WrongProducer {
    ring: Arc<Wrong>,
    head_seen: usize,
}

struct WrongConsumer {
    ring: Arc<Wrong>,
    tail_seen: usize,
}

fn wrong(slip: Slip) -> (WrongProducer, WrongConsumer) {
    let ring = Arc::new(Wrong {
        slip,
        head: AtomicUsize::new(0),
        tail: AtomicUsize::new(0),
        abandoned: AtomicBool::new(false),
        slots: [UnsafeCell::new(None), UnsafeCell::new(None)],
    });
    let producer = WrongProducer {
        ring: Arc::clone(&ring),
        head_seen: 0,
    };
    (producer, WrongConsumer { ring, tail_seen: 0 })
}

impl Push for WrongProducer {
    fn push(&mut self, item: Item) -> Result<(), Full<Item>> {
        let (ring, slip) = (&*self.ring, self.ring.slip);
        // ORDERING: Relaxed. Nobody else writes it.
        let tail = ring.tail.load(Relaxed);
        let capacity = 2 + usize::from(slip == Slip::FullTooLate);
        if slip != Slip::NeverLooksAgain {
            // ORDERING: Acquire pairs with the Release in `pop`.
            self.head_seen = ring.head.load(Acquire);
        }
        if tail - self.head_seen >= capacity {
            return Err(Full(item));
        }
        let count = || {
            // ORDERING: Release pairs with the Acquire in `pop`.
            ring.tail.store(tail + 1, Release);
        };
        if slip == Slip::CountsEarly {
            count();
        }
        if slip == Slip::LeavesEarly {
            // ORDERING: Release pairs with the Acquire in `is_abandoned`.
            ring.abandoned.store(true, Release);
        }
        let index = if slip == Slip::OneSlot { 0 } else { tail % 2 };
        // SAFETY: none, as above. What was there is leaked, as by a write into raw memory.
        let before =
            ring.slots[index].with_mut(|slot| unsafe { (*slot).replace(item) });
        assert!(before.is_none(), "written over an item");
        if slip != Slip::CountsEarly {
            count();
        }
        Ok(())
    }

    fn is_abandoned(&self) -> bool {
        // ORDERING: Acquire pairs with the Release in `drop`.
        self.ring.abandoned.load(Acquire)
    }
}

impl Pop for WrongConsumer {
    fn pop(&mut self) -> Option<Item> {
        let (ring, slip) = (&*self.ring, self.ring.slip);
        // ORDERING: Relaxed. Nobody else writes it.
        let head = ring.head.load(Relaxed);
        if slip != Slip::NeverLooksAgain || self.tail_seen == 0 {
            // ORDERING: Acquire pairs with the Release in `push`.
            self.tail_seen = ring.tail.load(Acquire);
        }
        if head == self.tail_seen && slip != Slip::NeverEmpty {
            return None;
        }
        let count = || {
            // ORDERING: Release pairs with the Acquire in `push`.
            ring.head.store(head + 1, Release);
        };
        if slip == Slip::FreesEarly {
            count();
        }
        // SAFETY: none, as above.
        let item = ring.slots[head % 2].with_mut(|slot| unsafe { (*slot).take() });
        if slip != Slip::FreesEarly {
            count();
        }
        Some(item.expect("an item that is not there"))
    }

    fn is_abandoned(&self) -> bool {
        // ORDERING: Acquire pairs with the Release in `drop`.
        self.ring.abandoned.load(Acquire)
    }
}

impl Drop for WrongProducer {
    fn drop(&mut self) {
        // ORDERING: Release pairs with the Acquire in `is_abandoned`.
        self.ring.abandoned.store(true, Release);
    }
}

impl Drop for Wrong {
    fn drop(&mut self) {
        for slot in &mut self.slots {
            let left = slot.get_mut().take();
            if self.slip == Slip::LeavesItemsBehind {
                let _ = std::mem::ManuallyDrop::new(left);
            }
        }
    }
}

/// Three items go through two slots, in order, and the consumer sees when that was all.
fn three_items((mut producer, mut consumer): (impl Push, impl Pop)) {
    let other = thread::spawn(move || {
        for number in 1..=3 {
            let mut item = Item::new(number);
            while let Err(Full(back)) = producer.push(item) {
                item = back;
                hint::spin_loop();
            }
        }
    });
    for expected in 1..=3 {
        let item = loop {
            match consumer.pop() {
                Some(item) => break item,
                None => hint::spin_loop(),
            }
        };
        assert_eq!(item.number(), expected);
    }
    assert!(consumer.pop().is_none());
    other.join().unwrap();
}

/// One item, and the producer goes: who has seen that it is gone has seen the item.
fn the_last_item((mut producer, mut consumer): (impl Push, impl Pop)) {
    let other = thread::spawn(move || {
        assert!(producer.push(Item::new(7)).is_ok());
    });
    while !consumer.is_abandoned() {
        hint::spin_loop();
    }
    let item = consumer.pop().expect("it was pushed before the end");
    assert_eq!(item.number(), 7);
    other.join().unwrap();
}

/// Both go while there may be items left, which are dropped with the ring.
fn items_left((mut producer, mut consumer): (impl Push, impl Pop)) {
    let other = thread::spawn(move || {
        let _ = producer.push(Item::new(1));
        let _ = producer.push(Item::new(2));
    });
    drop(consumer.pop());
    drop(consumer);
    other.join().unwrap();
}

/// The consumer goes: who pushes sees that, and what the consumer did before.
fn nobody_pops((producer, consumer): (impl Push, impl Pop)) {
    let page = Arc::new(Page(UnsafeCell::new(0)));
    let theirs = Arc::clone(&page);
    let other = thread::spawn(move || {
        // SAFETY: it is read when the consumer is gone.
        theirs.0.with_mut(|text| unsafe { *text = 7 });
        drop(consumer);
    });
    while !producer.is_abandoned() {
        hint::spin_loop();
    }
    // SAFETY: the consumer is gone.
    assert_eq!(page.0.with(|text| unsafe { *text }), 7);
    other.join().unwrap();
}

/// Plain memory.
struct Page(UnsafeCell<u32>);

// SAFETY: as `nobody_pops` says. (That this holds is what the explorer is to find out.)
unsafe impl Sync for Page {}

macro_rules! models {
    ($version:ident) => {
        [
            (concat!(stringify!($version), ", three items"), || {
                three_items($version::channel(2))
            }),
            (concat!(stringify!($version), ", the last item"), || {
                the_last_item($version::channel(2))
            }),
            (concat!(stringify!($version), ", items left"), || {
                items_left($version::channel(2))
            }),
            (concat!(stringify!($version), ", nobody pops"), || {
                nobody_pops($version::channel(1))
            }),
        ]
    };
}
const V1: [(&str, fn()); 4] = models!(v1_shared_indices);
const V2: [(&str, fn()); 4] = models!(v2_padded);
const V3: [(&str, fn()); 4] = models!(v3_cached);

#[test]
fn every_item_arrives_once_and_in_order() {
    for (name, program) in [V1, V2, V3].concat() {
        holds(name, program);
    }
    // Three slots' worth in four slots: the capacity is what was asked for.
    holds("v3, three of four slots", || {
        three_items(v3_cached::channel(3))
    });
    // The copy that the wrong versions are made from is right without a slip.
    holds("the copy", || three_items(wrong(Slip::None)));
    holds("the copy", || items_left(wrong(Slip::None)));
}

#[test]
fn wrong_versions_are_caught() {
    use Slip::*;
    caught(
        "SPSC ring",
        &[
            (
                "full too late",
                || three_items(wrong(FullTooLate)),
                Kind::DataRace,
            ),
            (
                "counts early",
                || three_items(wrong(CountsEarly)),
                Kind::DataRace,
            ),
            (
                "frees early",
                || three_items(wrong(FreesEarly)),
                Kind::DataRace,
            ),
            (
                "never empty",
                || three_items(wrong(NeverEmpty)),
                Kind::Assertion,
            ),
            ("one slot", || three_items(wrong(OneSlot)), Kind::DataRace),
            (
                "never looks again",
                || three_items(wrong(NeverLooksAgain)),
                Kind::Livelock,
            ),
            (
                "leaves early",
                || the_last_item(wrong(LeavesEarly)),
                Kind::Assertion,
            ),
            (
                "leaves items behind",
                || items_left(wrong(LeavesItemsBehind)),
                Kind::Leak,
            ),
        ],
    );
}

#[test]
fn each_ordering_is_needed() {
    needs_its_orderings("SPSC ring v1", &V1, &[]);
    needs_its_orderings("SPSC ring v2", &V2, &[]);
    needs_its_orderings("SPSC ring v3", &V3, &[]);
}

/// Counts that wrap around name the same slots as before.
#[test]
fn counts_may_wrap_around() {
    let (mut producer, mut consumer) = v3_cached::channel_after(3, usize::MAX - 1);
    for round in 0..5 {
        for number in 0..3 {
            producer.push(round * 3 + number).unwrap();
        }
        assert_eq!(producer.push(0), Err(Full(0)));
        assert_eq!((producer.len(), consumer.len()), (3, 3));
        for number in 0..3 {
            assert_eq!(consumer.pop(), Some(round * 3 + number));
        }
        assert_eq!(consumer.pop(), None);
        assert!(producer.is_empty() && consumer.is_empty());
    }
}
