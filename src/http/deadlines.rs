//! Until when each connection must have done what it is waited for: four lists, always in
//! order, in which every step takes the same short time.
//!
//! A server asks two things of its deadlines, and both all the time: *move this one to
//! later*, with each request, and *which are over?*, with each tick. A heap does the first
//! in log n steps, and a queue to which each new deadline is added grows with every request
//! that is served, since those that were met stay in it. But all connections that wait for
//! the same thing have the same patience. So whoever begins to wait last is late last, and a
//! list that is only ever added to at its end is in order, without any sorting:
//!
//! ```text
//! Keepalive   [7] ----> [2] ----> [9]        add at the end, take from the front
//! Request     [4]
//! Write       (empty)
//! Linger      [1] ----> [3]
//! ```
//!
//! The list is *intrusive*: what links a connection to its neighbours is not in a node that
//! someone allocates, but in a place of its own that every slot has from the beginning. So
//! moving it is six stores, there is nothing to allocate and nothing to search, and the
//! memory is that of the connections, however many requests they make.
#![cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]

use std::time::{Duration, Instant};

use crate::event::Key;

/// Nanoseconds since the server began: what a tick reads once from the clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(u64);

impl Moment {
    /// Later than all: the deadline of those who have none.
    pub(crate) const NEVER: Self = Self(u64::MAX);

    /// This much later. What is too far is [`NEVER`](Self::NEVER).
    pub(crate) fn after(self, patience: Duration) -> Self {
        self.plus(nanoseconds(patience))
    }

    /// How long it is from `now` until then; nothing if it is over, `None` without end.
    pub(crate) fn from(self, now: Self) -> Option<Duration> {
        (self != Self::NEVER)
            .then(|| Duration::from_nanos(self.0.saturating_sub(now.0)))
    }

    fn plus(self, nanoseconds: u64) -> Self {
        Self(self.0.saturating_add(nanoseconds))
    }
}

/// The clock of a server. It is read once a tick, not once a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock(Instant);

impl Clock {
    /// Begins now.
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    /// Looks at the clock.
    pub(crate) fn now(&self) -> Moment {
        Moment(nanoseconds(self.0.elapsed()))
    }
}

/// What is not a number of 64 bits is 584 years.
fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

// ANCHOR: class
/// What a connection is waited for. All that are in one class have the same patience.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// That it begins a request.
    Keepalive,
    /// That it ends the request it has begun: head and body.
    Request,
    /// That it takes some of its answer.
    Write,
    /// That it closes, after its last answer.
    Linger,
}
// ANCHOR_END: class

const CLASSES: usize = 4;

/// The place of a connection in a list. 24 bytes.
#[derive(Clone, Copy, Debug)]
struct Link {
    before: u32,
    after: u32,
    until: Moment,
    /// Whose it is: what is taken from the front says who is late.
    key: Key,
}

// ANCHOR: deadlines
/// The lists. Each is a ring whose first link, the *anchor*, belongs to nobody: its `after`
/// is the front, its `before` the end, and a list without members is an anchor linked to
/// itself. So no step asks whether there is a neighbour.
#[derive(Debug)]
pub(crate) struct Deadlines {
    /// First the anchors, then a link for each slot. INVARIANT: `before` and `after` of all
    /// are indices of it, and each the other's inverse.
    links: Vec<Link>,
    /// In nanoseconds.
    patience: [u64; CLASSES],
}

impl Deadlines {
    /// Empty lists. `patience` is in the order of [`Class`].
    pub(crate) fn new(patience: [Duration; CLASSES]) -> Self {
        let mut deadlines = Self {
            links: Vec::new(),
            patience: patience.map(nanoseconds),
        };
        deadlines.grow(CLASSES - 1);
        deadlines
    }

    // ANCHOR: begin
    /// From now on `key` is waited for as `class` says: it goes to the end of that list,
    /// wherever it was before.
    #[inline]
    pub(crate) fn begin(&mut self, key: Key, class: Class, now: Moment) {
        let index = key.index() + CLASSES;
        if index >= self.links.len() {
            self.grow(index);
        }
        self.unlink(index);
        let anchor = class as usize;
        let last = self.links[anchor].before;
        self.links[index] = Link {
            before: last,
            after: anchor as u32,
            until: now.plus(self.patience[anchor]),
            key,
        };
        self.links[last as usize].after = index as u32;
        self.links[anchor].before = index as u32;
    }
    // ANCHOR_END: begin

    /// `key` is no longer waited for.
    #[inline]
    pub(crate) fn end(&mut self, key: Key) {
        let index = key.index() + CLASSES;
        if index < self.links.len() {
            self.unlink(index);
        }
    }

    /// From now on `patience` is the most that is left for `class`, also for those who are in
    /// it. Their list stays in order: who was later than that is late at the same moment.
    #[cold]
    pub(crate) fn shorten(&mut self, class: Class, patience: Duration, now: Moment) {
        let anchor = class as usize;
        let until = now.after(patience);
        let shorter = nanoseconds(patience).min(self.patience[anchor]);
        self.patience[anchor] = shorter;
        let mut index = self.links[anchor].after as usize;
        while index != anchor {
            let link = &mut self.links[index];
            link.until = link.until.min(until);
            index = link.after as usize;
        }
    }

    /// Whether `key` is waited for.
    pub(crate) fn has(&self, key: Key) -> bool {
        let index = key.index() + CLASSES;
        let link = self.links.get(index);
        link.is_some_and(|link| link.after as usize != index)
    }

    /// Takes out one that is late, if there is any.
    pub(crate) fn late(&mut self, now: Moment) -> Option<Key> {
        let anchors = 0..CLASSES;
        let mut fronts = anchors.map(|anchor| self.links[anchor].after as usize);
        let late = fronts.find(|&front| self.links[front].until <= now)?;
        self.unlink(late);
        Some(self.links[late].key)
    }

    /// When the first of all is late: until then a wait may last.
    pub(crate) fn next(&self) -> Moment {
        let anchors = self.links[..CLASSES].iter();
        let fronts = anchors.map(|anchor| self.links[anchor.after as usize].until);
        fronts.min().unwrap_or(Moment::NEVER)
    }

    /// Takes a link out of its ring, and makes it one of its own.
    #[inline]
    fn unlink(&mut self, index: usize) {
        let Link { before, after, .. } = self.links[index];
        self.links[before as usize].after = after;
        self.links[after as usize].before = before;
        let link = &mut self.links[index];
        (link.before, link.after) = (index as u32, index as u32);
    }
    // ANCHOR_END: deadlines

    /// Makes room for a slot that was never used before.
    #[cold]
    fn grow(&mut self, index: usize) {
        // An anchor that is its own front is late never.
        let alone = |index: usize| Link {
            before: index as u32,
            after: index as u32,
            until: Moment::NEVER,
            key: Key::from_user(0),
        };
        let more = self.links.len()..=index;
        self.links.extend(more.map(alone));
    }
}

#[cfg(test)]
mod tests {
    use super::Class::{Keepalive, Linger, Request, Write};
    use super::*;

    fn seconds(seconds: u64) -> Moment {
        Moment::default().after(Duration::from_secs(seconds))
    }

    fn key(index: u64) -> Key {
        Key::from_user(1 << 32 | index)
    }

    /// Keepalive 60 s, request 10 s, write 30 s, linger 2 s.
    fn deadlines() -> Deadlines {
        Deadlines::new([60, 10, 30, 2].map(Duration::from_secs))
    }

    fn all_late(deadlines: &mut Deadlines, now: Moment) -> Vec<usize> {
        std::iter::from_fn(|| deadlines.late(now).map(Key::index)).collect()
    }

    #[test]
    fn whoever_began_first_is_late_first() {
        let mut deadlines = deadlines();
        for index in 0..5 {
            deadlines.begin(key(index), Request, seconds(index));
        }
        assert_eq!(deadlines.next(), seconds(10));
        assert_eq!(all_late(&mut deadlines, seconds(9)), []);
        assert_eq!(all_late(&mut deadlines, seconds(12)), [0, 1, 2]);
        assert_eq!(deadlines.next(), seconds(13));
        assert_eq!(all_late(&mut deadlines, seconds(100)), [3, 4]);
        assert_eq!(deadlines.next(), Moment::NEVER);
    }

    #[test]
    fn each_class_has_its_patience() {
        let mut deadlines = deadlines();
        for (index, class) in [(0, Keepalive), (1, Request), (2, Write), (3, Linger)]
        {
            deadlines.begin(key(index), class, seconds(0));
        }
        assert_eq!(deadlines.next(), seconds(2));
        assert_eq!(all_late(&mut deadlines, seconds(2)), [3]);
        assert_eq!(all_late(&mut deadlines, seconds(10)), [1]);
        assert_eq!(all_late(&mut deadlines, seconds(30)), [2]);
        assert_eq!(all_late(&mut deadlines, seconds(59)), []);
        assert_eq!(all_late(&mut deadlines, seconds(60)), [0]);
    }

    #[test]
    fn who_begins_again_goes_to_the_end_and_who_ends_is_in_none() {
        let mut deadlines = deadlines();
        for index in 0..4 {
            deadlines.begin(key(index), Request, seconds(0));
        }
        deadlines.begin(key(1), Request, seconds(5));
        deadlines.begin(key(2), Linger, seconds(5));
        deadlines.end(key(3));
        deadlines.end(key(3));
        deadlines.end(key(77)); // was never in one
        assert_eq!(
            [1, 3, 77].map(|index| deadlines.has(key(index))),
            [true, false, false]
        );
        assert_eq!(all_late(&mut deadlines, seconds(7)), [2]);
        assert_eq!(all_late(&mut deadlines, seconds(10)), [0]);
        assert_eq!(all_late(&mut deadlines, seconds(99)), [1]);
    }

    #[test]
    fn who_waits_already_is_given_no_more_than_what_is_left_for_all() {
        let mut deadlines = deadlines();
        for index in 0..3 {
            deadlines.begin(key(index), Keepalive, seconds(20 * index));
        }
        deadlines.begin(key(3), Linger, seconds(40));
        deadlines.shorten(Keepalive, Duration::from_secs(25), seconds(40));
        deadlines.shorten(Linger, Duration::from_secs(25), seconds(40));
        deadlines.begin(key(4), Keepalive, seconds(41));
        deadlines.begin(key(5), Linger, seconds(41));
        assert_eq!(all_late(&mut deadlines, seconds(42)), [3]);
        assert_eq!(all_late(&mut deadlines, seconds(43)), [5]);
        assert_eq!(all_late(&mut deadlines, seconds(59)), []);
        assert_eq!(all_late(&mut deadlines, seconds(60)), [0]);
        assert_eq!(all_late(&mut deadlines, seconds(65)), [1, 2]);
        assert_eq!(all_late(&mut deadlines, seconds(66)), [4]);
        assert_eq!(deadlines.next(), Moment::NEVER);
    }

    /// A queue of deadlines that were met would have a million entries.
    #[test]
    fn the_lists_do_not_grow_with_the_requests() {
        let mut deadlines = deadlines();
        let before = {
            deadlines.begin(key(9), Keepalive, seconds(0));
            deadlines.links.capacity()
        };
        for request in 0..1_000_000_u64 {
            let class = if request % 2 == 0 { Request } else { Keepalive };
            deadlines.begin(key(request % 10), class, seconds(request / 1_000));
        }
        assert_eq!(deadlines.links.len(), CLASSES + 10);
        assert_eq!(deadlines.links.capacity(), before);
    }

    /// Against a list that is searched from end to end.
    #[test]
    fn as_a_list_that_is_searched() {
        let seed = crate::testkit::seed("deadlines");
        let mut random = seed;
        let mut next = move |below: u64| {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) % below
        };
        let patience = [60, 10, 30, 2];
        let mut deadlines = deadlines();
        let mut plain: Vec<(usize, Moment)> = Vec::new();
        for now in 0..20_000 {
            let (index, now) = (next(50), seconds(now / 10));
            plain.retain(|(other, _)| *other != index as usize);
            if next(4) == 0 {
                deadlines.end(key(index));
            } else {
                let class = [Keepalive, Request, Write, Linger][next(4) as usize];
                let patience = Duration::from_secs(patience[class as usize]);
                deadlines.begin(key(index), class, now);
                plain.push((index as usize, now.after(patience)));
            }
            let first = plain.iter().map(|(_, until)| *until).min();
            assert_eq!(deadlines.next(), first.unwrap_or(Moment::NEVER));
            let mut late = all_late(&mut deadlines, now);
            late.sort_unstable();
            let mut expected: Vec<_> = plain
                .extract_if(.., |(_, until)| *until <= now)
                .map(|(index, _)| index)
                .collect();
            expected.sort_unstable();
            assert_eq!(late, expected, "seed {seed}");
        }
    }

    #[test]
    fn what_is_too_far_is_never() {
        let mut deadlines = Deadlines::new([Duration::MAX; CLASSES]);
        deadlines.begin(key(0), Write, seconds(1));
        assert_eq!(deadlines.next(), Moment::NEVER);
        assert_eq!(deadlines.next().from(seconds(1)), None);
        assert_eq!(deadlines.late(seconds(1_000_000)), None);
        assert_eq!(seconds(3).from(seconds(5)), Some(Duration::ZERO));
        assert_eq!(seconds(5).from(seconds(3)), Some(Duration::from_secs(2)));
    }
}
