//! The ends of a ring under the model checker, and versions that are wrong by a line.
//!
//! One thread is the program, the other the kernel. Entries are plain memory, of which the
//! explorer sees each access.
#![allow(unsafe_code, reason = "entries in cells, as in a mapping")]

use explorer::Kind;

use super::{Consumer, Lender, Producer, Word};
use crate::ground::Named as _;
use crate::ground::atomic::{
    AtomicBool, AtomicU32,
    Ordering::{self, Acquire, Relaxed, Release},
};
use crate::ground::cell::UnsafeCell;
use crate::ground::sync::{Arc, Mutex};
use crate::ground::{hint, thread};
use crate::modelled::{caught, holds, needs_its_orderings};

/// A ring of two, where the model checker sees it.
struct Shared {
    head: AtomicU32,
    tail: AtomicU32,
    entries: [UnsafeCell<u32>; 2],
}

// SAFETY: that one end alone reaches an entry is what is tested.
unsafe impl Sync for Shared {}

impl Shared {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            head: AtomicU32::new(0).named("head"),
            tail: AtomicU32::new(0).named("tail"),
            entries: [0, 0].map(UnsafeCell::new),
        })
    }

    fn write(&self, place: u32, value: u32) {
        // SAFETY: as for `Sync`.
        self.entries[place as usize].with_mut(|entry| unsafe { *entry = value });
    }

    fn read(&self, place: u32) -> u32 {
        // SAFETY: as for `Sync`.
        self.entries[place as usize].with(|entry| unsafe { *entry })
    }
}

/// One word of it.
struct Of(Arc<Shared>, fn(&Shared) -> &AtomicU32);

impl Word for Of {
    #[track_caller]
    fn load(&self, order: Ordering) -> u32 {
        // ORDERING: the caller's.
        self.1(&self.0).load(order)
    }

    #[track_caller]
    fn store(&self, value: u32, order: Ordering) {
        // ORDERING: the caller's.
        self.1(&self.0).store(value, order);
    }
}

fn head(ring: &Arc<Shared>) -> Of {
    Of(Arc::clone(ring), |ring| &ring.head)
}

fn tail(ring: &Arc<Shared>) -> Of {
    Of(Arc::clone(ring), |ring| &ring.tail)
}

fn producer(ring: &Arc<Shared>) -> Producer<Of> {
    Producer::new(head(ring), tail(ring), 2)
}

fn consumer(ring: &Arc<Shared>) -> Consumer<Of> {
    Consumer::new(head(ring), tail(ring), 2)
}

/// The end that writes, or what somebody took for one.
trait Put: Send + 'static {
    fn put(&mut self, ring: &Shared, value: u32) -> bool;
    fn all_taken(&mut self) -> bool;
}

/// The end that reads.
trait Take: Send + 'static {
    fn take(&mut self, ring: &Shared) -> Option<u32>;
}

impl Put for Producer<Of> {
    fn put(&mut self, ring: &Shared, value: u32) -> bool {
        let Some(place) = self.place() else {
            return false;
        };
        ring.write(place, value);
        self.publish();
        true
    }

    fn all_taken(&mut self) -> bool {
        self.waiting() == 0
    }
}

impl Take for Consumer<Of> {
    fn take(&mut self, ring: &Shared) -> Option<u32> {
        let place = self.place()?;
        let value = ring.read(place);
        self.release();
        Some(value)
    }
}

/// What a version does differently.
#[derive(Clone, Copy, PartialEq)]
enum Slip {
    /// Nothing.
    Right,
    /// Moves the tail, then writes the entry.
    TailFirst,
    /// Moves the head, then reads the entry.
    HeadFirst,
    /// Takes the ring for full one entry too late.
    FullTooLate,
    /// Takes it for empty only where it began.
    NeverEmpty,
    /// Believes for good what it saw of the head.
    OldHead,
    /// Believes for good what it saw of the tail.
    OldTail,
    /// Writes where the head is.
    AtTheHead,
}

/// Both ends, wrong by a line.
struct Wrong {
    slip: Slip,
    ours: u32,
    seen: Option<u32>,
    ring: Arc<Shared>,
}

impl Wrong {
    fn new(ring: &Arc<Shared>, slip: Slip) -> Self {
        Self {
            slip,
            ours: 0,
            seen: None,
            ring: Arc::clone(ring),
        }
    }

    /// What the other end's word says.
    fn look(&mut self, word: fn(&Shared) -> &AtomicU32, believes: Slip) -> u32 {
        if let Some(seen) = self.seen
            && self.slip == believes
        {
            return seen;
        }
        // ORDERING: Acquire pairs with the Release in `put` or `take`.
        let seen = word(&self.ring).load(Acquire);
        self.seen = Some(seen);
        seen
    }
}

impl Put for Wrong {
    fn put(&mut self, ring: &Shared, value: u32) -> bool {
        let head = self.look(|ring| &ring.head, Slip::OldHead);
        let room = 2 + u32::from(self.slip == Slip::FullTooLate);
        if self.ours - head >= room {
            return false;
        }
        let place = if self.slip == Slip::AtTheHead {
            head
        } else {
            self.ours
        } % 2;
        self.ours += 1;
        if self.slip != Slip::TailFirst {
            ring.write(place, value);
        }
        // ORDERING: Release pairs with the Acquire in `look`.
        ring.tail.store(self.ours, Release);
        if self.slip == Slip::TailFirst {
            ring.write(place, value);
        }
        true
    }

    fn all_taken(&mut self) -> bool {
        self.look(|ring| &ring.head, Slip::OldHead) == self.ours
    }
}

impl Take for Wrong {
    fn take(&mut self, ring: &Shared) -> Option<u32> {
        let tail = self.look(|ring| &ring.tail, Slip::OldTail);
        let empty = match self.slip {
            Slip::NeverEmpty => tail == 0,
            _ => tail == self.ours,
        };
        if empty {
            return None;
        }
        let place = self.ours % 2;
        self.ours += 1;
        let release = || {
            // ORDERING: Release pairs with the Acquire in `look`.
            ring.head.store(self.ours, Release);
        };
        if self.slip == Slip::HeadFirst {
            release();
        }
        let value = ring.read(place);
        if self.slip != Slip::HeadFirst {
            release();
        }
        Some(value)
    }
}

/// Three entries go through two places, in order.
fn three_entries(ends: impl FnOnce(&Arc<Shared>) -> (Box<dyn Put>, Box<dyn Take>)) {
    let ring = Shared::new();
    let (mut ours, mut theirs) = ends(&ring);
    let shared = Arc::clone(&ring);
    let kernel = thread::spawn(move || {
        for expected in 1..=3 {
            let value = loop {
                match theirs.take(&shared) {
                    Some(value) => break value,
                    None => hint::spin_loop(),
                }
            };
            assert_eq!(value, expected);
        }
    });
    for value in 1..=3 {
        while !ours.put(&ring, value) {
            hint::spin_loop();
        }
    }
    kernel.join().unwrap();
    assert!(ours.all_taken());
}

/// Whoever has seen that all were taken writes over them.
fn all_taken(ends: impl FnOnce(&Arc<Shared>) -> (Box<dyn Put>, Box<dyn Take>)) {
    let ring = Shared::new();
    let (mut ours, mut theirs) = ends(&ring);
    let shared = Arc::clone(&ring);
    assert!(ours.put(&ring, 1) && ours.put(&ring, 2));
    let kernel = thread::spawn(move || {
        assert_eq!(theirs.take(&shared), Some(1));
        assert_eq!(theirs.take(&shared), Some(2));
    });
    while !ours.all_taken() {
        hint::spin_loop();
    }
    assert!(ours.put(&ring, 3));
    kernel.join().unwrap();
}

/// Whoever has seen that there is an entry takes it without looking again.
fn looks_first() {
    let ring = Shared::new();
    let (mut theirs, mut ours) = (producer(&ring), consumer(&ring));
    let shared = Arc::clone(&ring);
    let kernel = thread::spawn(move || assert!(theirs.put(&shared, 7)));
    while !ours.has_more() {
        hint::spin_loop();
    }
    assert_eq!(ours.take(&ring), Some(7));
    kernel.join().unwrap();
}

/// What a version of the overflow does differently.
#[derive(Clone, Copy, PartialEq)]
enum Spill {
    Right,
    /// What has no room is dropped.
    Dropped,
    /// Nobody says that something was kept.
    NotSaid,
    /// What comes after has room again, and goes past what was kept.
    Overtakes,
}

/// Three results, and room for two: the third is kept, and a call brings it. In order.
fn overflow(spill: Spill) {
    struct Kernel {
        ring: Arc<Shared>,
        /// The end that writes, and what had no room.
        locked: Mutex<(Producer<Of>, Vec<u32>)>,
        /// A bit of `flags`.
        overflow: AtomicBool,
    }
    impl Kernel {
        fn post(&self, value: u32, spill: Spill) {
            let mut locked = self.locked.lock().unwrap();
            let (producer, kept) = &mut *locked;
            let may_go = kept.is_empty() || spill == Spill::Overtakes;
            if may_go && producer.put(&self.ring, value) {
                return;
            }
            if spill != Spill::Dropped {
                kept.push(value);
            }
            if spill != Spill::NotSaid {
                // ORDERING: Relaxed. It says that a call is of use; the lock orders the rest.
                self.overflow.store(true, Relaxed);
            }
        }

        /// `io_uring_enter`, by the program's own thread.
        fn call(&self) {
            let mut locked = self.locked.lock().unwrap();
            let (producer, kept) = &mut *locked;
            let mut room = |value: &u32| producer.put(&self.ring, *value);
            let moved = kept.iter().take_while(|value| room(value)).count();
            kept.drain(..moved);
            if kept.is_empty() {
                // ORDERING: Relaxed, as in `post`.
                self.overflow.store(false, Relaxed);
            }
        }
    }
    let ring = Shared::new();
    let kernel = Arc::new(Kernel {
        locked: Mutex::new((producer(&ring), Vec::new())),
        overflow: AtomicBool::new(false),
        ring: Arc::clone(&ring),
    });
    let theirs = Arc::clone(&kernel);
    let poster = thread::spawn(move || {
        for value in 1..=4 {
            theirs.post(value, spill);
        }
    });
    let mut ours = consumer(&ring);
    let mut expected = 1;
    while expected <= 4 {
        match ours.take(&ring) {
            Some(value) => {
                assert_eq!(value, expected);
                expected += 1;
            }
            // ORDERING: Relaxed, as in `post`.
            None if kernel.overflow.load(Relaxed) => kernel.call(),
            None => hint::spin_loop(),
        }
    }
    poster.join().unwrap();
}

/// What a version of the lending does differently.
#[derive(Clone, Copy, PartialEq)]
enum Loan {
    Right,
    /// Gives the buffer back, and reads it then.
    GivenBackFirst,
    /// Tells of the buffer, and writes down then which it is.
    ToldFirst,
}

/// The end that lends, or what somebody took for one.
fn lend(lender: &mut Lender<Of>, ring: &Shared, id: u32, loan: Loan) {
    let place = lender.place();
    if loan == Loan::ToldFirst {
        lender.publish();
        ring.write(place, id);
    } else {
        ring.write(place, id);
        lender.publish();
    }
}

/// One buffer, and two messages: the kernel writes to it only while it has it.
fn one_buffer(loan: Loan) {
    let (buffers, results) = (Shared::new(), Shared::new());
    // The memory of the buffer itself: an entry of a ring that is otherwise none.
    let memory = Shared::new();
    let (of, to, theirs) = (buffers.clone(), results.clone(), memory.clone());
    let kernel = thread::spawn(move || {
        // The kernel keeps its head to itself; here a word that nobody reads stands for it.
        let (mut picks, mut tells) = (consumer(&of), producer(&to));
        for message in [7, 8] {
            let id = loop {
                match picks.take(&of) {
                    Some(id) => break id,
                    None => hint::spin_loop(),
                }
            };
            theirs.write(id, message);
            assert!(tells.put(&to, id));
        }
    });
    let mut lender = Lender::new(tail(&buffers), 2);
    let mut learns = consumer(&results);
    lend(&mut lender, &buffers, 1, loan);
    for message in [7, 8] {
        let id = loop {
            match learns.take(&results) {
                Some(id) => break id,
                None => hint::spin_loop(),
            }
        };
        if loan == Loan::GivenBackFirst {
            lend(&mut lender, &buffers, id, loan);
        }
        assert_eq!((id, memory.read(id)), (1, message));
        if loan != Loan::GivenBackFirst && message == 7 {
            lend(&mut lender, &buffers, id, loan);
        }
    }
    kernel.join().unwrap();
}

fn right(ring: &Arc<Shared>) -> (Box<dyn Put>, Box<dyn Take>) {
    (Box::new(producer(ring)), Box::new(consumer(ring)))
}

fn writes(slip: Slip) -> impl Fn(&Arc<Shared>) -> (Box<dyn Put>, Box<dyn Take>) {
    move |ring| (Box::new(Wrong::new(ring, slip)), Box::new(consumer(ring)))
}

fn reads(slip: Slip) -> impl Fn(&Arc<Shared>) -> (Box<dyn Put>, Box<dyn Take>) {
    move |ring| (Box::new(producer(ring)), Box::new(Wrong::new(ring, slip)))
}

// ANCHOR: models
const MODELS: [(&str, fn()); 5] = [
    ("three entries", || three_entries(right)),
    ("all taken", || all_taken(right)),
    ("looks first", looks_first),
    ("overflow", || overflow(Spill::Right)),
    ("one buffer", || one_buffer(Loan::Right)),
];
// ANCHOR_END: models

#[test]
fn an_entry_has_one_owner_in_any_order() {
    for (name, program) in MODELS {
        holds(name, program);
    }
    holds("the copy writes", || three_entries(writes(Slip::Right)));
    holds("the copy reads", || three_entries(reads(Slip::Right)));
}

#[test]
fn wrong_versions_are_caught() {
    macro_rules! slips {
        ($($name:ident: $program:expr, $Kind:ident;)*) => {
            [$((stringify!($name), || $program, Kind::$Kind)),*]
        };
    }
    caught(
        "ring indices",
        // ANCHOR: caught
        &slips! {
            TailFirst: three_entries(writes(Slip::TailFirst)), DataRace;
            HeadFirst: three_entries(reads(Slip::HeadFirst)), DataRace;
            FullTooLate: three_entries(writes(Slip::FullTooLate)), Assertion;
            NeverEmpty: three_entries(reads(Slip::NeverEmpty)), Assertion;
            OldHead: three_entries(writes(Slip::OldHead)), Livelock;
            OldTail: three_entries(reads(Slip::OldTail)), Livelock;
            AtTheHead: three_entries(writes(Slip::AtTheHead)), Assertion;
            Dropped: overflow(Spill::Dropped), Livelock;
            NotSaid: overflow(Spill::NotSaid), Livelock;
            Overtakes: overflow(Spill::Overtakes), Assertion;
            GivenBackFirst: one_buffer(Loan::GivenBackFirst), DataRace;
            ToldFirst: one_buffer(Loan::ToldFirst), DataRace;
        },
        // ANCHOR_END: caught
    );
}

#[test]
fn each_ordering_is_needed() {
    needs_its_orderings("ring indices", &MODELS, &[]);
}
