//! Graders of 10.3: connections that come, send and rest, on a clock that is moved by hand.

use std::collections::BTreeMap;

use super::on_real::answer::{Deadlines, Duration, Late};

grading::graders![
    an_idle_connection,
    a_request_that_takes_too_long,
    bug_8_a_slow_sender,
    idle_before_and_between,
    a_handler_takes_its_time,
    the_next_request_is_here,
    the_first_of_all,
    many_at_once,
    at_that_very_moment,
    a_number_is_used_again,
    whoever_is_late_is_forgotten,
    a_thousand_steps,
];

const S: Duration = Duration::from_secs(1);

/// An answer, and what it should know.
struct Checked {
    deadlines: Deadlines,
    request: Duration,
    idle: Duration,
    now: Duration,
    /// When who is late, with what, and why.
    truth: BTreeMap<u32, (Duration, Late, String)>,
    log: Vec<String>,
}

impl Checked {
    fn new(request: u32, idle: u32) -> Self {
        let (request, idle) = (S * request, S * idle);
        Self {
            deadlines: Deadlines::new(request, idle),
            request,
            idle,
            now: 100 * S,
            truth: BTreeMap::new(),
            log: Vec::new(),
        }
    }

    fn note(&mut self, what: String) {
        grading::step(format!("in {what}"));
        self.log.push(format!("{:?}: {what}", self.now));
    }

    /// What has happened, the end of it.
    fn story(&self) -> String {
        let from = self.log.len().saturating_sub(9);
        let gap = if from > 0 { "... " } else { "" };
        let last = self.log[from..].join(". ");
        let (request, idle) = (self.request, self.idle);
        format!("request {request:?}, idle {idle:?}. {gap}{last}.")
    }

    fn begins(&mut self, id: u32) {
        let why = format!("{id} has begun its request at {:?}", self.now);
        let at = self.now + self.request;
        self.truth.insert(id, (at, Late::Request, why));
    }

    fn rests(&mut self, id: u32) {
        let why = format!("{id} is idle since {:?}", self.now);
        self.truth
            .insert(id, (self.now + self.idle, Late::Idle, why));
    }

    fn opened(&mut self, id: u32) {
        self.note(format!("opened({id})"));
        self.deadlines.opened(id, self.now);
        self.rests(id);
        self.check();
    }

    fn bytes(&mut self, id: u32) {
        self.note(format!("bytes({id})"));
        self.deadlines.bytes(id, self.now);
        let is_sending = self.truth.get(&id).is_some_and(|it| it.1 == Late::Request);
        if !is_sending {
            self.begins(id);
        }
        self.check();
    }

    fn complete(&mut self, id: u32) {
        self.note(format!("complete({id})"));
        self.deadlines.complete(id);
        self.truth.remove(&id);
        self.check();
    }

    fn answered(&mut self, id: u32, more: bool) {
        let and = if more { ", more" } else { "" };
        self.note(format!("answered({id}{and})"));
        self.deadlines.answered(id, self.now, more);
        match more {
            true => self.begins(id),
            false => self.rests(id),
        }
        self.check();
    }

    fn closed(&mut self, id: u32) {
        self.note(format!("closed({id})"));
        self.deadlines.closed(id);
        self.truth.remove(&id);
        self.check();
    }

    /// The first deadline.
    fn check(&mut self) {
        let first = self.truth.values().min_by_key(|it| it.0);
        let (must, why) = match first {
            Some((at, _, why)) => (Some(*at), why.as_str()),
            None => (None, "nobody has to do anything"),
        };
        let got = self.deadlines.first();
        assert!(
            got == must,
            "{} first() is {got:?}, and it has to be {must:?}: {why}",
            self.story()
        );
    }

    /// Time passes, and the loop asks who is late.
    fn pass(&mut self, time: Duration) {
        self.now += time;
        let now = self.now;
        grading::step(format!("in expired({now:?})"));
        let mut got = self.deadlines.expired(now);
        got.sort_unstable();
        let late = self.truth.iter().filter(|(_, it)| it.0 <= now);
        let must: Vec<(u32, Late)> = late.map(|(id, it)| (*id, it.1)).collect();
        if got != must {
            let only = |these: &[(u32, Late)], those: &[(u32, Late)]| {
                these.iter().find(|it| !those.contains(it)).copied()
            };
            let why = match (only(&got, &must), only(&must, &got)) {
                (Some((id, _)), _) => match self.truth.get(&id) {
                    Some((at, _, why)) => format!("{why}, and is late at {at:?}"),
                    None => format!("{id} has no deadline"),
                },
                (_, Some((id, _))) => self.truth[&id].2.clone(),
                _ => "one of them is in there twice".to_owned(),
            };
            panic!(
                "{} expired({now:?}) is {got:?}, and it has to be {must:?}: {why}",
                self.story()
            );
        }
        self.truth.retain(|_, it| it.0 > now);
        self.log.push(format!("{now:?}: {} late", must.len()));
        self.check();
    }
}

fn an_idle_connection() {
    let mut at = Checked::new(10, 60);
    at.check();
    at.opened(1);
    at.pass(59 * S);
    at.pass(2 * S);
    at.pass(100 * S);
}

fn a_request_that_takes_too_long() {
    let mut at = Checked::new(10, 60);
    at.opened(1);
    at.pass(5 * S);
    at.bytes(1);
    at.pass(9 * S);
    at.pass(2 * S);
}

/// One byte, again and again, and never the last.
fn bug_8_a_slow_sender() {
    let mut at = Checked::new(10, 60);
    at.opened(1);
    at.pass(5 * S);
    for _ in 0..11 {
        if at.truth.contains_key(&1) {
            at.bytes(1);
        }
        at.pass(S);
    }
}

/// It is idle, then sends a request, and both patiences are over at their own time.
fn idle_before_and_between() {
    for (request, idle) in [(10, 60), (60, 10), (10, 10)] {
        let mut at = Checked::new(request, idle);
        at.opened(1);
        at.opened(2);
        at.pass(9 * S);
        at.bytes(1);
        at.pass(3 * S);
        at.pass(S / 2);
        at.complete(1);
        at.pass(3 * S);
        at.answered(1, false);
        at.pass(8 * S);
        at.bytes(1);
        at.pass(70 * S);
    }
}

fn a_handler_takes_its_time() {
    let mut at = Checked::new(10, 60);
    at.opened(1);
    at.opened(2);
    at.bytes(2);
    at.pass(S);
    at.complete(1);
    at.complete(2);
    at.pass(1_000 * S);
    at.answered(1, false);
    at.answered(2, false);
    at.pass(30 * S);
    at.complete(1);
    at.pass(50 * S);
}

fn the_next_request_is_here() {
    let mut at = Checked::new(10, 60);
    at.opened(1);
    at.bytes(1);
    at.complete(1);
    at.pass(5 * S);
    at.answered(1, true);
    at.pass(4 * S);
    at.bytes(1);
    at.pass(7 * S);
}

fn the_first_of_all() {
    let mut at = Checked::new(10, 15);
    for id in 1..=6 {
        at.opened(id);
        at.pass(S);
    }
    for id in [3, 1, 6] {
        at.bytes(id);
        at.pass(S);
    }
    for _ in 0..30 {
        at.pass(S);
    }
}

fn many_at_once() {
    let mut at = Checked::new(10, 60);
    for id in 0..100 {
        at.opened(id);
    }
    for id in (0..100).step_by(3) {
        at.bytes(id);
    }
    at.pass(9 * S);
    at.pass(20 * S);
    at.pass(50 * S);
}

/// Not a moment later.
fn at_that_very_moment() {
    let nano = Duration::from_nanos(1);
    let mut at = Checked::new(10, 60);
    at.opened(1);
    at.opened(2);
    at.bytes(2);
    at.pass(10 * S - nano);
    at.pass(nano);
    at.pass(50 * S - nano);
    at.pass(nano);
}

fn a_number_is_used_again() {
    let mut at = Checked::new(10, 60);
    at.opened(1);
    at.opened(2);
    at.pass(5 * S);
    at.bytes(2);
    at.closed(1);
    at.closed(2);
    at.closed(3);
    at.pass(3 * S);
    at.opened(1);
    at.opened(2);
    at.pass(8 * S);
    at.bytes(1);
    at.pass(4 * S);
    at.closed(1);
    at.opened(1);
    at.pass(100 * S);
}

fn whoever_is_late_is_forgotten() {
    let mut at = Checked::new(10, 60);
    at.opened(1);
    at.opened(2);
    at.bytes(2);
    at.pass(70 * S);
    at.pass(70 * S);
    at.closed(1);
    at.closed(2);
    at.opened(2);
    at.pass(20 * S);
    at.bytes(2);
    at.pass(9 * S);
    at.pass(100 * S);
}

/// As a loop would do it, with eight connections that do what they like.
fn a_thousand_steps() {
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    for (request, idle) in [(10, 60), (30, 7), (9, 9)] {
        let mut at = Checked::new(request, idle);
        // Whether each is there, and whether its handler runs.
        let mut states = [(false, false); 8];
        for _ in 0..400 {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let id = (random >> 40 & 7) as u32;
            let (is_there, runs) = &mut states[id as usize];
            match (random >> 20 & 7, *is_there, *runs) {
                (0 | 1, ..) => {
                    at.pass(Duration::from_millis(random >> 30 & 0xfff));
                    for (id, (is_there, runs)) in states.iter_mut().enumerate() {
                        *is_there &= *runs || at.truth.contains_key(&(id as u32));
                    }
                }
                (_, false, _) => {
                    at.opened(id);
                    *is_there = true;
                }
                (2, true, _) => {
                    at.closed(id);
                    (*is_there, *runs) = (false, false);
                }
                (3..=5, true, false) => at.bytes(id),
                (_, true, false) => {
                    at.complete(id);
                    *runs = true;
                }
                (_, true, true) => {
                    at.answered(id, random >> 50 & 1 == 1);
                    *runs = false;
                }
            }
        }
    }
}
