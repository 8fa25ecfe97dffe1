//! Graders of 07.3: deadlines on a clock that moves only while somebody waits.

use std::cell::{Cell, RefCell};

use super::on_real::answer::{Deadline, Duration, Kernel, Polled, timeout_ms, wait};

grading::graders![
    what_is_left,
    a_limit_that_is_too_large,
    the_earlier_of_two,
    milliseconds_for_the_kernel,
    events_end_a_wait,
    a_wait_ends_in_time,
    a_wait_without_a_deadline,
    signals_shorten_no_wait,
    signals_lengthen_no_wait,
    a_call_that_comes_back_early,
    thirty_days,
    events_although_the_time_is_over,
];

const MS: Duration = Duration::from_millis(1);
const US: Duration = Duration::from_micros(1);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// When the graders' clock starts: it has been running before.
const START: Duration = Duration::from_nanos(7_000_123_456_789);

fn after(limit: Duration) -> Deadline {
    grading::step(format!("in Deadline::after(now, {limit:?})"));
    Deadline::after(START, limit)
}

fn what_is_left() {
    let deadline = after(5 * MS);
    let nano = Duration::from_nanos(1);
    for (passed, left) in [
        (Duration::ZERO, 5 * MS),
        (2 * MS + 300 * US, 2 * MS + 700 * US),
        (5 * MS - nano, nano),
        (5 * MS, Duration::ZERO),
        (5 * MS + nano, Duration::ZERO),
        (9 * DAY, Duration::ZERO),
    ] {
        grading::step(format!("in remaining(), {passed:?} after the start"));
        let got = deadline.remaining(START + passed);
        assert!(
            got == Some(left),
            "a deadline is 5 ms after the start, and {passed:?} after the start its \
             remaining() is {got:?}: it has to be Some({left:?})"
        );
    }
    let got = Deadline::never().remaining(START);
    assert!(
        got.is_none(),
        "Deadline::never() has remaining() {got:?}: it has to be None"
    );
}

fn a_limit_that_is_too_large() {
    for limit in [Duration::MAX, Duration::MAX - START, Duration::MAX - MS] {
        let got = after(limit).remaining(START + DAY);
        assert!(
            got.is_none_or(|left| left > 1_000_000 * DAY),
            "after(now, {limit:?}) is over within a million days: remaining() is {got:?}"
        );
        let world = World::new().events(10 * DAY, 3);
        world.wait(after(limit), 3);
    }
}

fn the_earlier_of_two() {
    let (soon, late, never) = (after(MS), after(9 * MS), Deadline::never());
    for (one, two, left, which) in [
        (soon, late, Some(MS), "1 ms and one of 9 ms"),
        (late, soon, Some(MS), "9 ms and one of 1 ms"),
        (soon, never, Some(MS), "1 ms and Deadline::never()"),
        (never, soon, Some(MS), "never (first) and one of 1 ms"),
        (never, never, None, "never and another such"),
    ] {
        grading::step("in earlier()");
        let got = one.earlier(two).remaining(START);
        assert!(
            got == left,
            "the earlier of a deadline of {which} has {got:?} left: it has to be {left:?}"
        );
    }
}

fn milliseconds_for_the_kernel() {
    let nano = Duration::from_nanos(1);
    let most = u64::from(i32::MAX.unsigned_abs());
    let most_ms = Duration::from_millis(most);
    for (left, ms) in [
        (Duration::ZERO, 0),
        (300 * US, 1),
        (nano, 1),
        (MS - nano, 1),
        (MS, 1),
        (MS + nano, 2),
        (1_500 * US, 2),
        (250 * MS, 250),
        (DAY, 86_400_000),
        (most_ms - MS, i32::MAX - 1),
        (most_ms - nano, i32::MAX),
        (most_ms, i32::MAX),
        (most_ms + nano, i32::MAX),
        (most_ms + MS, i32::MAX),
        (30 * DAY, i32::MAX),
        (50 * DAY, i32::MAX),
        (1_000_000 * DAY, i32::MAX),
        (Duration::from_secs(u64::MAX / 1_000 + 1), i32::MAX),
        (Duration::MAX, i32::MAX),
    ] {
        grading::step(format!("in timeout_ms(Some({left:?}))"));
        let got = timeout_ms(Some(left));
        let why = match got {
            _ if got == ms => continue,
            ..0 => "that is no limit at all",
            0 => {
                "a wait that is rounded down ends before its time, and the loop asks \
                 again and again"
            }
            _ if got < ms => "the wait would end before its time",
            _ => "the wait would end too late",
        };
        let must = if left < most_ms { "Round up" } else { "Cut it" };
        panic!("timeout_ms(Some({left:?})) is {got}: {why}. {must}: {ms}");
    }
    let got = timeout_ms(None);
    assert!(
        got == -1,
        "timeout_ms(None) is {got}: no limit is -1 for the kernel"
    );
}

/// A kernel that knows when what will happen.
struct World {
    now: Cell<Duration>,
    /// When there will be how many events.
    events: Option<(Duration, usize)>,
    /// When a signal comes, and how long it takes from one to the next.
    signals: Option<(Duration, Duration)>,
    /// By how much calls come back too early, and how many will.
    early: Cell<(Duration, u32)>,
    /// The calls of `poll`: when, with what, and what it brought.
    calls: RefCell<Vec<(Duration, i32, Polled)>>,
    looks: Cell<u32>,
}

impl World {
    fn new() -> Self {
        Self {
            now: Cell::new(START),
            events: None,
            signals: None,
            early: Cell::default(),
            calls: RefCell::default(),
            looks: Cell::new(0),
        }
    }

    fn events(mut self, after: Duration, many: usize) -> Self {
        self.events = Some((START + after, many));
        self
    }

    fn signals(mut self, first: Duration, apart: Duration) -> Self {
        self.signals = Some((START + first, apart));
        self
    }

    fn early(self, by: Duration, calls: u32) -> Self {
        self.early.set((by, calls));
        self
    }

    /// Runs the answer, which has to bring so many events; 0: at its deadline.
    #[track_caller]
    fn wait(&self, deadline: Deadline, events: usize) {
        grading::step("in wait()");
        let got = wait(self, deadline);
        let took = self.now.get() - START;
        let left = deadline.remaining(self.now.get());
        self.print();
        if got != events {
            match (got, left) {
                (0, None) => panic!(
                    "wait() returned 0 after {took:?}, and there is no deadline: it has \
                     to wait for events"
                ),
                (0, Some(left)) if !left.is_zero() => panic!(
                    "wait() returned 0 after {took:?}, and the deadline is in {left:?}: it \
                     has to wait for the rest of it"
                ),
                _ => panic!(
                    "wait() returned {got} after {took:?}, and there were {events} events"
                ),
            }
        }
        if events == 0 {
            let left = left.unwrap_or(Duration::MAX);
            assert!(
                left.is_zero(),
                "wait() returned 0 after {took:?}, and the deadline is in {left:?}: it has \
                 to wait for the rest of it"
            );
        }
    }

    /// By how much it is past the deadline.
    #[track_caller]
    fn in_time(&self, limit: Duration) {
        let took = self.now.get() - START;
        assert!(
            took <= limit + 2 * MS,
            "a wait of at most {limit:?} took {took:?}: each call gets what is left, not \
             the whole"
        );
    }

    /// The calls so far, as a table.
    fn print(&self) {
        println!("{:>14}{:>20}  result", "at", "call");
        for (at, ms, result) in self.calls.borrow().iter().take(12) {
            let at = format!("{:?}", *at - START);
            println!("{at:>14}{:>20}  {result:?}", format!("poll({ms})"));
        }
    }

    /// What the kernel does, and how long that takes.
    fn answer(&self, ms: i32) -> (Duration, Polled) {
        let now = self.now.get();
        let end = u64::try_from(ms)
            .map_or(Duration::MAX, |ms| now + Duration::from_millis(ms));
        if let Some((when, many)) = self.events
            && when <= now
        {
            return (now, Polled::Events(many));
        }
        let mut next = (end, Polled::Nothing);
        let (by, early) = self.early.get();
        if early > 0 && end > now + by {
            self.early.set((by, early - 1));
            next.0 = end.saturating_sub(by);
        }
        if let Some((first, apart)) = self.signals {
            let mut when = first;
            while when <= now {
                when += apart;
            }
            if when < next.0 {
                next = (when, Polled::Interrupted);
            }
        }
        if let Some((when, many)) = self.events
            && when <= next.0
        {
            next = (when, Polled::Events(many));
        }
        next
    }
}

impl Kernel for World {
    fn now(&self) -> Duration {
        self.looks.set(self.looks.get() + 1);
        assert!(
            self.looks.get() < 10_000,
            "the answer has read the clock 10000 times: it moves only in poll()"
        );
        self.now.get()
    }

    fn poll(&self, timeout_ms: i32) -> Polled {
        let (at, result) = self.answer(timeout_ms);
        // A call takes its time, too.
        self.now.set(at.saturating_add(US));
        let mut calls = self.calls.borrow_mut();
        calls.push((at, timeout_ms, result));
        let many = calls.len();
        drop(calls);
        if at == Duration::MAX {
            self.print();
            panic!(
                "poll({timeout_ms}) waits for ever: no events will come, and a deadline \
                 is nothing that the kernel knows of"
            );
        }
        let zeros = self
            .calls
            .borrow()
            .iter()
            .filter(|call| call.1 == 0)
            .count();
        if many > 100 {
            self.print();
            assert!(
                zeros < 50,
                "the answer has called poll(0) {zeros} times: it asks again and again, \
                 and uses the processor while it waits"
            );
            panic!(
                "the answer has called poll() {many} times, the last time with \
                 {timeout_ms}, and does not come back"
            );
        }
        result
    }
}

fn events_end_a_wait() {
    for (when, limit) in
        [(0, 5), (3, 5), (0, 0), (5, 5), (250, 1_000)].map(|(a, b)| (a * MS, b * MS))
    {
        let world = World::new().events(when, 4);
        world.wait(after(limit), 4);
        let took = world.now.get() - START;
        assert!(
            took <= when + MS,
            "there were events after {when:?}, and wait() returned after {took:?}"
        );
        let calls = world.calls.borrow().len();
        assert!(
            calls == 1,
            "the events came in 1 call, and wait() made {calls}"
        );
    }
}

fn a_wait_ends_in_time() {
    for limit in [Duration::ZERO, 300 * US, MS, 1_500 * US, 20 * MS, DAY] {
        let world = World::new();
        world.wait(after(limit), 0);
        world.in_time(limit);
        let calls = world.calls.borrow().len();
        assert!(
            (1..=2).contains(&calls),
            "a wait of {limit:?}, in which nothing happened, took {calls} calls of poll()"
        );
    }
}

fn a_wait_without_a_deadline() {
    let world = World::new().events(400 * DAY, 2);
    world.wait(Deadline::never(), 2);
    let world = World::new().events(9 * MS, 2).signals(MS, MS);
    world.wait(Deadline::never(), 2);
}

fn signals_shorten_no_wait() {
    for first in [300 * US, 9 * MS] {
        let world = World::new().signals(first, DAY);
        world.wait(after(10 * MS), 0);
        world.in_time(10 * MS);
    }
    let world = World::new().signals(MS, DAY).events(6 * MS, 1);
    world.wait(after(10 * MS), 1);
}

/// One every 3 ms, which is before any call would end.
fn signals_lengthen_no_wait() {
    let world = World::new().signals(3 * MS, 3 * MS);
    world.wait(after(50 * MS + 100 * US), 0);
    world.in_time(50 * MS + 100 * US);
}

/// A kernel that rounds down, or a clock that runs a little faster.
fn a_call_that_comes_back_early() {
    let world = World::new().early(900 * US, 2);
    world.wait(after(10 * MS), 0);
    world.in_time(10 * MS);
    let world = World::new().early(900 * US, 2).events(9_500 * US, 5);
    world.wait(after(10 * MS), 5);
}

/// More milliseconds than an `i32` holds.
fn thirty_days() {
    let world = World::new();
    world.wait(after(30 * DAY), 0);
    world.in_time(30 * DAY);
    let world = World::new().events(29 * DAY, 1);
    world.wait(after(30 * DAY), 1);
}

fn events_although_the_time_is_over() {
    let world = World::new().events(Duration::ZERO, 7);
    world.now.set(START + 40 * MS);
    world.wait(after(10 * MS), 7);
}
