//! Both versions against a plain list: all short sequences, and long ones from a seed.

use super::*;
use crate::event::Slab;
use crate::testkit::{self, Random};

mod wrong;

/// What a version can do.
pub(super) trait Version {
    fn insert(&mut self, when: u64, key: Key);
    fn remove(&mut self, key: Key) -> bool;
    fn next_due(&mut self) -> Option<u64>;
    fn pop_due(&mut self, now: u64) -> Option<Key>;
    fn len(&self) -> usize;
}

macro_rules! version {
    ($Name:ty, $($also:ident)?) => {
        impl Version for $Name {
            fn insert(&mut self, when: u64, key: Key) {
                self.insert(when, key);
            }
            fn remove(&mut self, key: Key) -> bool {
                self.remove(key)
            }
            fn next_due(&mut self) -> Option<u64> {
                Self::next_due(self)
            }
            fn pop_due(&mut self, now: u64) -> Option<Key> {
                self.pop_due(now)
            }
            fn len(&self) -> usize {
                assert_eq!(Self::is_empty(self), Self::len(self) == 0);
                $(self.$also();)?
                Self::len(self)
            }
        }
    };
}
version!(Timers, check);
version!(v1_positions::Timers,);

impl Timers {
    /// The invariants that are written beside the fields.
    fn check(&self) {
        assert!(self.run[self.at..].is_sorted());
        assert!(self.run.iter().all(|&entry| entry < self.horizon));
        assert!(self.soon.entries().iter().all(|&it| it < self.horizon));
        assert!(self.later.iter().all(|&entry| entry >= self.horizon));
        assert!(!self.in_order || self.later.is_sorted());
        assert!(self.soon.len() <= self.soon_max);
        let rest = &self.run[self.at..];
        let all = rest.len() + self.soon.len() + self.later.len();
        assert_eq!(all, self.live + self.dead);
        assert!(self.dead <= self.live + DEAD_MAX);
        let taken = self.seats.iter().filter(|seat| seat.number != 0);
        assert_eq!(taken.count(), self.live);
    }
}

/// The plain list: who is due when, in the order in which they came.
#[derive(Default)]
struct Plain(Vec<(u64, Key)>);

impl Version for Plain {
    fn insert(&mut self, when: u64, key: Key) {
        self.remove(key);
        self.0.push((when, key));
    }
    fn remove(&mut self, key: Key) -> bool {
        let before = self.0.len();
        self.0.retain(|&(_, other)| other != key);
        self.0.len() < before
    }
    fn next_due(&mut self) -> Option<u64> {
        self.0.iter().map(|&(when, _)| when).min()
    }
    fn pop_due(&mut self, now: u64) -> Option<Key> {
        let when = self.next_due().filter(|&when| when <= now)?;
        let at = self.0.iter().position(|&(other, _)| other == when)?;
        Some(self.0.remove(at).1)
    }
    fn len(&self) -> usize {
        self.0.len()
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Insert(u64, usize),
    Remove(usize),
    Next,
    Pop(u64),
}

/// Does one step with both, which must say the same.
fn step(timers: &mut impl Version, plain: &mut Plain, step: Step, keys: &[Key]) {
    match step {
        Step::Insert(when, key) => {
            timers.insert(when, keys[key]);
            plain.insert(when, keys[key]);
        }
        Step::Remove(key) => {
            assert_eq!(timers.remove(keys[key]), plain.remove(keys[key]));
        }
        Step::Next => assert_eq!(timers.next_due(), plain.next_due()),
        Step::Pop(now) => assert_eq!(timers.pop_due(now), plain.pop_due(now)),
    }
    assert_eq!(timers.len(), plain.len());
}

/// Three keys: two slots, and another tenant of the first.
fn keys() -> [Key; 3] {
    let mut slab = Slab::new();
    let (first, second) = (slab.insert(()), slab.insert(()));
    slab.remove(first);
    slab.retire();
    [first, second, slab.insert(())]
}

/// All sequences of so many steps. Timers of a first tenant are over before the second
/// comes: that is what the slab is for, so sequences that start both are left out.
fn all_sequences<V: Version>(new: impl Fn() -> V, length: usize) -> usize {
    const STEPS: [Step; 9] = [
        Step::Insert(1, 0),
        Step::Insert(2, 0),
        Step::Insert(1, 1),
        Step::Insert(3, 1),
        Step::Remove(0),
        Step::Remove(1),
        Step::Remove(2),
        Step::Next,
        Step::Pop(2),
    ];
    let keys = keys();
    let many = STEPS.len().pow(length as u32);
    for sequence in 0..many {
        let (mut timers, mut plain, mut left) = (new(), Plain::default(), sequence);
        for _ in 0..length {
            step(&mut timers, &mut plain, STEPS[left % STEPS.len()], &keys);
            left /= STEPS.len();
        }
        while plain.len() > 0 {
            step(&mut timers, &mut plain, Step::Pop(u64::MAX), &keys);
        }
    }
    many
}

/// Six timers, started in each order that there is, and one of them cancelled: so that the
/// last of a heap comes into its middle from each side.
pub(super) fn all_orders<V: Version>(new: impl Fn() -> V) -> usize {
    const MANY: usize = 6;
    let (mut slab, mut orders) = (Slab::new(), vec![vec![]]);
    let keys: Vec<_> = (0..MANY).map(|_| slab.insert(())).collect();
    for key in 0..MANY {
        let longer = |order: &Vec<usize>| {
            let places = 0..=order.len();
            let with = |place| {
                let mut order = order.clone();
                order.insert(place, key);
                order
            };
            places.map(with).collect::<Vec<_>>()
        };
        orders = orders.iter().flat_map(longer).collect();
    }
    for (order, cancelled) in
        orders.iter().flat_map(|it| (0..MANY).map(move |n| (it, n)))
    {
        let (mut timers, mut plain) = (new(), Plain::default());
        for &key in order {
            let start = Step::Insert(key as u64, key);
            step(&mut timers, &mut plain, start, &keys);
        }
        step(&mut timers, &mut plain, Step::Remove(cancelled), &keys);
        while plain.len() > 0 {
            step(&mut timers, &mut plain, Step::Pop(u64::MAX), &keys);
        }
    }
    orders.len() * MANY
}

#[test]
pub(super) fn all_orders_of_six() {
    assert_eq!(all_orders(Timers::new), 720 * 6);
    assert_eq!(all_orders(v1_positions::Timers::new), 720 * 6);
}

#[test]
fn all_short_sequences() {
    assert_eq!(all_sequences(Timers::new, 4), 6561);
    assert_eq!(all_sequences(v1_positions::Timers::new, 4), 6561);
}

/// One long sequence over many slots, as a loop would: moments are not before `now`.
pub(super) fn long<V: Version>(
    new: impl Fn() -> V,
    seed: u64,
    slots: usize,
    steps: usize,
) {
    let mut random = Random::new(seed);
    let mut slab = Slab::new();
    let keys: Vec<_> = (0..slots).map(|_| slab.insert(())).collect();
    let (mut timers, mut plain, mut now) = (new(), Plain::default(), 0);
    for _ in 0..steps {
        let key = random.below(slots as u64) as usize;
        let next = match random.below(8) {
            0..3 => Step::Insert(now + random.below(1000), key),
            3 => Step::Insert(now + 500, key),
            4 | 5 => Step::Remove(key),
            6 => Step::Next,
            _ => {
                now += random.below(100);
                Step::Pop(now)
            }
        };
        step(&mut timers, &mut plain, next, &keys);
    }
    while plain.len() > 0 {
        step(&mut timers, &mut plain, Step::Pop(u64::MAX), &keys);
    }
    assert_eq!(timers.pop_due(u64::MAX), None);
}

#[test]
fn long_sequences() {
    let seed = testkit::seed("timers::long_sequences");
    for round in 0..4 {
        long(Timers::new, seed + round, 40, 3000);
        long(v1_positions::Timers::new, seed + round, 40, 3000);
    }
}

/// So many that `later` is sorted part by part, and what comes meanwhile goes into `soon`.
#[test]
fn part_by_part() {
    let mut random = Random::new(testkit::seed("timers::part_by_part"));
    let (mut slab, mut timers) = (Slab::new(), Timers::new());
    let (mut last, mut fired, many) = (0, 0, 20 * PART_MIN);
    for _ in 0..many {
        let when = random.below(1 << 40);
        timers.insert(when, slab.insert(when));
    }
    while let Some(next) = timers.next_due() {
        let key = timers.pop_due(next).expect("it is due");
        assert!(next >= last && slab.get(key) == Some(&next));
        (last, fired) = (next, fired + 1);
        if fired % 16 == 0 && fired < many {
            let when = next + random.below(1 << 36);
            timers.insert(when, slab.insert(when));
        }
        if fired % 1024 == 0 {
            timers.check();
        }
    }
    assert!(timers.is_empty() && fired > many);
}

/// One late timer has put the horizon far away. It does not stay there.
#[test]
fn a_late_timer_does_not_keep_the_horizon() {
    let (mut slab, mut timers) = (Slab::new(), Timers::new());
    timers.insert(1 << 60, slab.insert(()));
    assert_eq!(timers.next_due(), Some(1 << 60));
    for when in 0..10_000 {
        timers.insert(when, slab.insert(()));
        assert_eq!(timers.next_due(), Some(0));
    }
    timers.check();
    assert!(timers.horizon < Entry::new(10_000, 0, 0));
    assert!(timers.soon.len() <= PART_MIN);
    let fired = std::iter::from_fn(|| timers.pop_due(1 << 50)).count();
    assert_eq!((fired, timers.next_due()), (10_000, Some(1 << 60)));
}

#[test]
fn those_of_one_moment_fire_in_the_order_in_which_they_came() {
    let mut slab = Slab::new();
    let keys: Vec<_> = (0..3000).map(|_| slab.insert(())).collect();
    let mut timers = Timers::new();
    // The last thousand are there when the others come, and before the horizon or behind.
    for when in [7, 5] {
        let (old, new) = keys.split_at(2000);
        new.iter().for_each(|&key| timers.insert(when, key));
        assert_eq!(timers.next_due(), Some(when));
        old.iter().for_each(|&key| timers.insert(5, key));
        let fired: Vec<_> = std::iter::from_fn(|| timers.pop_due(9)).collect();
        let expected = if when == 5 {
            [new, old].concat()
        } else {
            [old, new].concat()
        };
        assert!(fired == expected);
    }
}

/// A restarted timer has its new moment only, however often.
#[test]
fn a_timer_that_is_restarted_fires_once() {
    let mut slab = Slab::new();
    let (often, other) = (slab.insert(()), slab.insert(()));
    let mut timers = Timers::new();
    timers.insert(1_000_000, other);
    for when in 0..10_000 {
        timers.insert(when, often);
        assert_eq!(timers.len(), 2);
        assert!(timers.dead <= 2 + DEAD_MAX);
    }
    assert_eq!(timers.pop_due(9_998), None);
    assert_eq!(timers.pop_due(9_999), Some(often));
    assert_eq!(timers.pop_due(999_999), None);
    assert_eq!(timers.pop_due(1_000_000), Some(other));
}

/// After four thousand million timers numbers begin anew, and nobody loses its turn.
#[test]
fn numbers_come_to_an_end() {
    let mut slab = Slab::new();
    let keys: Vec<_> = (0..6).map(|_| slab.insert(())).collect();
    let mut timers = Timers::new();
    timers.number = u32::MAX - 3;
    timers.insert(5, keys[0]);
    timers.insert(9, keys[1]);
    assert_eq!(timers.next_due(), Some(5));
    timers.remove(keys[0]);
    timers.insert(5, keys[2]);
    assert_eq!(timers.number, u32::MAX);
    timers.insert(5, keys[3]);
    timers.insert(5, keys[0]);
    assert_eq!(timers.number, 4, "two that were there, and two that came");
    timers.check();
    let fired: Vec<_> = std::iter::from_fn(|| timers.pop_due(9)).collect();
    assert_eq!(fired, [keys[2], keys[3], keys[0], keys[1]]);
}

#[test]
fn a_stale_key_cancels_nobody() {
    let [first, second, third] = keys();
    let mut timers = Timers::new();
    timers.insert(1, third);
    assert!(!timers.remove(first), "the tenant before");
    assert!(!timers.remove(second), "never started");
    assert_eq!(timers.pop_due(1), Some(third));
    assert!(!timers.remove(third), "fired");
}

/// Started, cancelled and fired for ever, without more memory.
#[test]
fn memory_is_used_again() {
    let mut slab = Slab::new();
    let keys: Vec<_> = (0..ROOM / 4).map(|_| slab.insert(())).collect();
    let mut timers = Timers::new();
    let room = |timers: &Timers| {
        let Timers {
            run, later, seats, ..
        } = timers;
        [run.capacity(), later.capacity(), seats.len()]
    };
    timers.insert(0, keys[0]);
    let before = room(&timers);
    let mut random = Random::new(1);
    for now in 0..10_000 {
        let key = keys[random.below(keys.len() as u64) as usize];
        if random.below(3) == 0 {
            timers.remove(key);
        } else {
            timers.insert(now + random.below(50), key);
        }
        while timers.pop_due(now).is_some() {}
    }
    assert_eq!(room(&timers), before);
}
