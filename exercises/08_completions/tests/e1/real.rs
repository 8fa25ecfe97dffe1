//! Graders of 08.1: timers against a plain list, all that is small and some that is long.

use threadbare::testkit::Random;

use super::on_real::answer::{Timer, Timers, given};

grading::graders![
    the_first_one_comes_first,
    a_cancelled_one_is_out,
    slots_that_have_no_timer,
    the_last_one_is_of_another_branch,
    every_short_program,
    some_longer_programs,
    a_long_program,
    what_a_call_costs,
];

/// One call.
#[derive(Clone, Copy, Debug)]
enum Call {
    Insert(usize, u64),
    Cancel(usize),
    Pop(u64),
}

/// When all are due.
const END: u64 = 9_999;

/// The answer, and the same timers in a plain list.
struct Checked {
    timers: Timers,
    /// Slot, and when it is due.
    plain: Vec<(usize, u64)>,
    calls: Vec<Call>,
}

impl Checked {
    fn new() -> Self {
        Self {
            timers: Timers::new(),
            plain: Vec::new(),
            calls: Vec::new(),
        }
    }

    /// Makes the calls; an insert of a slot that has a timer is left out.
    fn make(calls: impl IntoIterator<Item = Call>) -> Self {
        let mut at = Self::new();
        for call in calls {
            at.call(call);
        }
        at
    }

    fn call(&mut self, call: Call) {
        given::looks();
        match call {
            Call::Insert(slot, when) => {
                if self.place(slot).is_none() {
                    self.calls.push(call);
                    self.during(|timers| timers.insert(Timer::new(slot, when)));
                    self.plain.push((slot, when));
                }
            }
            Call::Cancel(slot) => {
                self.calls.push(call);
                let got = self.during(|timers| timers.cancel(slot));
                self.cancelled(slot, got.map(|timer| timer.shown()));
            }
            Call::Pop(now) => {
                self.calls.push(call);
                let got = self.during(|timers| timers.pop_due(now));
                self.popped(now, got.map(|timer| timer.shown()));
            }
        }
        self.first();
    }

    /// Runs a call; if it panics, the calls that have led there are printed.
    fn during<R>(&mut self, run: impl FnOnce(&mut Timers) -> R) -> R {
        let _calls = Printed(&self.calls);
        run(&mut self.timers)
    }

    fn place(&self, slot: usize) -> Option<usize> {
        self.plain.iter().position(|timer| timer.0 == slot)
    }

    /// When the first one is due.
    fn first_due(&self) -> Option<(usize, u64)> {
        self.plain.iter().copied().min_by_key(|timer| timer.1)
    }

    fn cancelled(&mut self, slot: usize, got: Option<(usize, u64)>) {
        let place = self.place(slot);
        let must = place.map(|place| self.plain.swap_remove(place));
        if got == must {
            return;
        }
        let was = match must {
            None => "that slot has none".to_owned(),
            Some((_, when)) => format!("its timer is due at {when}"),
        };
        let got = shown(got);
        self.fail(&format!("cancel({slot}) returned {got}, and {was}"));
    }

    fn popped(&mut self, now: u64, got: Option<(usize, u64)>) {
        let first = self.first_due();
        let due = first.filter(|timer| timer.1 <= now);
        let Some(timer) = got else {
            if let Some((slot, when)) = due {
                self.fail(&format!(
                    "pop_due({now}) returned nothing, and the timer of slot {slot} is due \
                     at {when}"
                ));
            }
            return;
        };
        let said = shown(got);
        let Some(place) = self.plain.iter().position(|other| *other == timer) else {
            self.fail(&format!(
                "pop_due({now}) returned {said}, which is not there"
            ));
        };
        if timer.1 > now {
            self.fail(&format!(
                "pop_due({now}) returned {said}: that is too early"
            ));
        }
        match first {
            Some((slot, when)) if when < timer.1 => self.fail(&format!(
                "pop_due({now}) returned {said}, and the one of slot {slot} is due at {when}"
            )),
            _ => {
                self.plain.swap_remove(place);
            }
        }
    }

    /// What `next_due` says, after each call.
    fn first(&self) {
        let got = {
            let _calls = Printed(&self.calls);
            self.timers.next_due().map(Timer::shown)
        };
        let must = self.first_due();
        if got.map(|timer| timer.1) == must.map(|timer| timer.1)
            && got.is_none_or(|timer| self.plain.contains(&timer))
        {
            return;
        }
        let (got, must) = (shown(got), shown(must));
        self.fail(&format!(
            "next_due() returned {got}, and the first one is {must}"
        ));
    }

    /// Takes out all that are left.
    fn drain(&mut self) {
        while !self.plain.is_empty() {
            self.call(Call::Pop(END));
        }
        self.call(Call::Pop(END));
    }

    fn fail(&self, sentence: &str) -> ! {
        let _calls = Printed(&self.calls);
        panic!("{sentence}")
    }
}

/// Prints the calls if it is dropped by a panic.
struct Printed<'a>(&'a [Call]);

impl Drop for Printed<'_> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        let skipped = self.0.len().saturating_sub(20);
        if skipped > 0 {
            println!("({skipped} calls, and then)");
        }
        for call in &self.0[skipped..] {
            match call {
                Call::Insert(slot, when) => {
                    println!("insert(slot {slot}, due at {when})");
                }
                Call::Cancel(slot) => println!("cancel({slot})"),
                Call::Pop(now) => println!("pop_due({now})"),
            }
        }
    }
}

fn shown(timer: Option<(usize, u64)>) -> String {
    match timer {
        Some((slot, when)) => {
            format!("the timer of slot {slot}, which is due at {when}")
        }
        None => "nothing".to_owned(),
    }
}

use Call::{Cancel, Insert, Pop};

fn the_first_one_comes_first() {
    let mut at = Checked::make([
        Pop(9),
        Insert(4, 5),
        Insert(2, 3),
        Insert(7, 8),
        Pop(2),
        Pop(9),
        Pop(4),
    ]);
    at.drain();
    let mut at = Checked::make((0..9).map(|slot| Insert(slot, 10 - slot as u64)));
    at.drain();
    let mut at = Checked::make((0..9).map(|slot| Insert(slot, slot as u64)));
    at.drain();
    let mut at = Checked::make((0..9).map(|slot| Insert(slot, 5)));
    at.drain();
}

fn a_cancelled_one_is_out() {
    for gone in 0..3 {
        let set = (0..3).map(|slot| Insert(slot, 10 + slot as u64));
        let mut at = Checked::make(set);
        at.call(Cancel(gone));
        at.call(Insert(gone, 11));
        at.call(Pop(10));
        at.drain();
    }
}

/// Bug 5: a cancel of what has fired, was cancelled before, or never was.
fn slots_that_have_no_timer() {
    let mut at = Checked::make([Cancel(0), Cancel(1_000)]);
    for call in [
        Insert(3, 5),
        Insert(1, 7),
        Cancel(2),
        Cancel(1_000),
        Pop(5),
        Cancel(3),
        Cancel(1),
        Cancel(1),
        Insert(0, 4),
        Cancel(3),
        Cancel(1),
    ] {
        at.call(call);
    }
    at.drain();
}

/// In the left branch all are due late, in the right one early, and the last one is there.
/// Whoever is taken out on the left is replaced from the right.
fn the_last_one_is_of_another_branch() {
    let heap = [1, 10, 2, 11, 12, 3, 4, 13, 14, 15, 16, 5, 6];
    for gone in 0..heap.len() {
        let set = heap.iter().enumerate();
        let mut at = Checked::make(set.map(|(slot, when)| Insert(slot, *when)));
        at.call(Cancel(gone));
        at.drain();
    }
}

/// Three slots and three times, all programs of five calls.
fn every_short_program() {
    let calls = [
        Insert(0, 2),
        Insert(1, 1),
        Insert(2, 3),
        Cancel(0),
        Cancel(1),
        Pop(2),
    ];
    const LENGTH: u32 = 5;
    let many = calls.len();
    for program in 0..many.pow(LENGTH) {
        let picked = (0..LENGTH).map(|at| calls[program / many.pow(at) % many]);
        let mut at = Checked::make(picked);
        at.drain();
    }
}

/// Thirty calls, a few hundred times: what fails here can be followed by hand.
fn some_longer_programs() {
    for seed in 0..400 {
        let mut random = Random::new(seed);
        let mut at = Checked::new();
        for now in 0..30 {
            let slot = random.below(9) as usize;
            at.call(match random.below(8) {
                0..5 => Insert(slot, now + random.below(20)),
                5..7 => Cancel(slot),
                _ => Pop(now),
            });
        }
        at.drain();
    }
}

/// As a loop does it: many are set, most are cancelled, some fire.
fn a_long_program() {
    let mut random = Random::new(8);
    let mut at = Checked::new();
    for now in 0..3_000_u64 {
        let slot = random.below(300) as usize;
        at.call(match random.below(8) {
            0..4 => Insert(slot, now + random.below(500)),
            4..6 => Cancel(slot),
            _ => Pop(now),
        });
    }
    at.drain();
}

/// So many timers, which are [`LEVELS`] levels.
const MANY: usize = 1_024;
const LEVELS: u64 = 10;
/// So often a call may look at a timer, on average.
const LOOKS: u64 = 100;

fn what_a_call_costs() {
    let mut timers = Timers::new();
    let cost = |what: &str, looks: u64| {
        let each = looks / MANY as u64;
        assert!(
            each <= LOOKS,
            "{MANY} timers: {what} looks at {each} of them on average, and a heap has \
             {LEVELS} levels: a few looks on each level have to do"
        );
    };
    let mut count = |what: &str, run: &mut dyn FnMut(&mut Timers, usize)| {
        grading::step(format!("{what}, of {MANY} timers"));
        let mut looks = 0;
        for number in 0..MANY {
            given::looks();
            run(&mut timers, number);
            looks += given::looks();
        }
        cost(what, looks);
    };
    // Each comes before all others.
    let due = |slot: usize| (2 * MANY - slot) as u64;
    count("an insert", &mut |timers, slot| {
        timers.insert(Timer::new(slot, due(slot)));
    });
    count("a next_due", &mut |timers, _| {
        timers.next_due().expect("there is one");
    });
    // One from the middle, and it comes back.
    count("a cancel with an insert", &mut |timers, number| {
        let slot = number * 397 % MANY;
        let timer = timers.cancel(slot).expect("there is one");
        timers.insert(timer);
    });
    count("a pop with an insert", &mut |timers, number| {
        let timer = timers.pop_due(END).expect("there is one");
        let (slot, _) = timer.shown();
        timers.insert(Timer::new(slot, (3 * MANY + number * 7 % 1_000) as u64));
    });
    count("a cancel", &mut |timers, number| {
        let slot = number * 397 % MANY;
        timers.cancel(slot).expect("there is one");
    });
}
