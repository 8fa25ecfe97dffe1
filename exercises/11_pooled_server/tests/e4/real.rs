//! Graders of 11.4: clients in all states, and a stop.

use std::collections::{BTreeMap, BTreeSet};
use std::panic;
use std::sync::{Mutex, Once};

use super::on_real::answer::{Answer, Duration, Server};

grading::graders![
    nobody_stops_it,
    nobody_is_there,
    one_of_each,
    half_a_request,
    a_stop_while_the_handler_runs,
    a_stop_while_it_is_sent,
    nobody_comes_in,
    who_leaves,
    a_handler_without_a_client,
    too_late,
    at_that_very_moment,
    a_handler_that_hangs,
    stopped_twice,
    endless_patience,
    a_thousand_steps,
];

const S: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Does {
    Nothing,
    Sends,
    Waits,
    Receives,
}

/// What has happened so far.
static STORY: Mutex<String> = Mutex::new(String::new());
static TELLS: Once = Once::new();

/// A panic of the answer, or of a `Duration` that it reckons with, says nothing of what has
/// led there.
fn tell_of_panics() {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let at_home = info.location().is_some_and(|at| at.file() == file!());
        let says = info.payload_as_str().unwrap_or_default();
        if !at_home && !says.starts_with("not yet implemented") {
            println!("{}", STORY.lock().expect("nobody panics with it"));
        }
        before(info);
    }));
}

/// An answer, and what it should know.
struct Checked {
    server: Server,
    patience: Duration,
    now: Duration,
    clients: BTreeMap<u32, Does>,
    handlers: BTreeSet<u32>,
    stopped: Option<Duration>,
    gave_up: bool,
    log: Vec<String>,
}

impl Checked {
    fn new(patience: Duration) -> Self {
        TELLS.call_once(tell_of_panics);
        let mut at = Self {
            server: Server::new(patience),
            patience,
            now: 100 * S,
            clients: BTreeMap::new(),
            handlers: BTreeSet::new(),
            stopped: None,
            gave_up: false,
            log: Vec::new(),
        };
        at.check();
        at
    }

    fn note(&mut self, what: String) {
        self.step(&what);
        self.log.push(format!("{:?}: {what}", self.now));
    }

    /// The answer is going to be called.
    fn step(&self, what: &str) {
        grading::step(format!("in {what}"));
        let story = format!("{}{:?}: in {what}", self.story(), self.now);
        *STORY.lock().expect("nobody panics with it") = story;
    }

    /// What has happened, the end of it.
    fn story(&self) -> String {
        let from = self.log.len().saturating_sub(9);
        let gap = if from > 0 { "... " } else { "" };
        let mut story = String::new();
        for what in &self.log[from..] {
            story.push_str(what);
            story.push_str(". ");
        }
        let patience = match self.patience {
            Duration::MAX => "Duration::MAX".to_owned(),
            other => format!("{other:?}"),
        };
        format!("patience {patience}. {gap}{story}")
    }

    #[track_caller]
    fn fail(&self, sentence: &str) -> ! {
        panic!("{}{sentence}", self.story())
    }

    /// Why, as the end of a sentence.
    fn when(&self) -> String {
        match self.stopped {
            Some(at) => format!("it was stopped at {at:?}"),
            None => "nobody has stopped it".to_owned(),
        }
    }

    fn connected(&mut self, id: u32) {
        self.note(format!("connected({id})"));
        let got = self.server.connected(id);
        let must = self.stopped.is_none();
        if got != must {
            self.fail(&format!(
                "connected({id}) is {got}, and it has to be {must}: {}",
                self.when()
            ));
        }
        if must {
            self.clients.insert(id, Does::Nothing);
        }
        self.check();
    }

    fn begun(&mut self, id: u32) {
        self.note(format!("begun({id})"));
        self.server.begun(id);
        self.clients.insert(id, Does::Sends);
        self.check();
    }

    fn handed_over(&mut self, id: u32) {
        self.note(format!("handed_over({id})"));
        self.server.handed_over(id);
        self.clients.insert(id, Does::Waits);
        self.handlers.insert(id);
        self.check();
    }

    fn answered(&mut self, id: u32) {
        self.note(format!("answered({id})"));
        let got = self.server.answered(id);
        self.handlers.remove(&id);
        let (must, why) = match (self.clients.get_mut(&id), self.stopped) {
            (None, _) => (Answer::Nobody, format!("{id} is not there any more")),
            (Some(does), stopped) => {
                *does = Does::Receives;
                let must = match stopped {
                    Some(_) => Answer::Last,
                    None => Answer::Keep,
                };
                (must, self.when())
            }
        };
        if got != must {
            self.fail(&format!(
                "answered({id}) is {got:?}, and it has to be {must:?}: {why}"
            ));
        }
        self.check();
    }

    fn sent(&mut self, id: u32) {
        self.note(format!("sent({id})"));
        let got = self.server.sent(id);
        let must = self.stopped.is_none();
        if got != must {
            self.fail(&format!(
                "sent({id}) is {got}, and it has to be {must}: {}",
                self.when()
            ));
        }
        match must {
            true => self.clients.insert(id, Does::Nothing),
            false => self.clients.remove(&id),
        };
        self.check();
    }

    fn left(&mut self, id: u32) {
        self.note(format!("left({id})"));
        self.server.left(id);
        self.clients.remove(&id);
        self.check();
    }

    fn stop(&mut self) {
        self.note("stop".to_owned());
        let got = self.server.stop(self.now);
        let idle = |does: &Does| *does == Does::Nothing && self.stopped.is_none();
        let idle = self.clients.iter().filter(|(_, does)| idle(does));
        let must = Vec::from_iter(idle.map(|(id, _)| *id));
        self.closes("stop", got, &must);
        self.stopped.get_or_insert(self.now);
        self.check();
    }

    /// The right ones are closed, and forgotten.
    #[track_caller]
    fn closes(&mut self, what: &str, mut got: Vec<u32>, must: &[u32]) {
        got.sort_unstable();
        if got != must {
            let only = |these: &[u32], those: &[u32]| {
                these.iter().find(|it| !those.contains(it)).copied()
            };
            let one = only(&got, must).or(only(must, &got));
            let why = match one.map(|id| (id, self.clients.get(&id))) {
                Some((id, Some(Does::Nothing))) => format!("{id} is idle"),
                Some((id, Some(Does::Sends))) => {
                    format!("{id} has sent a part of a request")
                }
                Some((id, Some(Does::Waits))) => format!("a handler runs for {id}"),
                Some((id, Some(Does::Receives))) => {
                    format!("the answer of {id} is on its way")
                }
                Some((id, None)) => format!("{id} is not there any more"),
                None => "one of them is in there twice".to_owned(),
            };
            self.fail(&format!(
                "{what} has returned {got:?}, and it has to be {must:?}: {why}"
            ));
        }
        for id in must {
            self.clients.remove(id);
        }
    }

    /// Time passes, and the loop asks who is late.
    fn pass(&mut self, time: Duration) {
        self.now += time;
        let now = self.now;
        if !self.is_over().0 {
            self.check_wait();
        }
        self.note("late".to_owned());
        let got = self.server.late(now);
        let is_late = match self.stopped {
            Some(at) => at.checked_add(self.patience).is_some_and(|at| at <= now),
            None => false,
        };
        let must = match is_late {
            true => Vec::from_iter(self.clients.keys().copied()),
            false => Vec::new(),
        };
        self.gave_up |= is_late;
        self.closes("late", got, &must);
        self.check();
    }

    fn check_wait(&self) {
        self.step("wait");
        let got = self.server.wait(self.now);
        let must = match self.stopped {
            Some(at) => at.checked_add(self.patience),
            None => None,
        };
        let must = must.map(|until| until.saturating_sub(self.now));
        // So long is as good as for ever.
        let got = got.filter(|it| *it < Duration::from_secs(1 << 40));
        if got != must {
            self.fail(&format!(
                "At {:?} wait() is {got:?}, and it has to be {must:?}: {}",
                self.now,
                self.when()
            ));
        }
    }

    /// Whether the server may end, and why.
    fn is_over(&self) -> (bool, String) {
        match (self.stopped, self.gave_up) {
            (None, _) => (false, "nobody has stopped it".to_owned()),
            (Some(at), true) => (
                true,
                format!("it was stopped at {at:?}, and patience is over"),
            ),
            (Some(_), false) => {
                let there = self.clients.keys().next();
                match (there, self.handlers.first()) {
                    (Some(id), _) => (false, format!("{id} is still there")),
                    (None, Some(id)) => (
                        false,
                        format!("a handler still runs, for {id}, who has left"),
                    ),
                    (None, None) => {
                        (true, "it was stopped, and nobody is there".to_owned())
                    }
                }
            }
        }
    }

    fn check(&mut self) {
        let (must, why) = self.is_over();
        let got = self.server.is_over();
        if got != must {
            self.fail(&format!(
                "is_over() is {got}, and it has to be {must}: {why}"
            ));
        }
        if !must {
            self.check_wait();
        }
    }
}

fn nobody_stops_it() {
    let mut at = Checked::new(30 * S);
    at.connected(1);
    at.handed_over(1);
    at.answered(1);
    at.pass(100 * S);
    at.sent(1);
    at.begun(1);
    at.handed_over(1);
    at.answered(1);
    at.sent(1);
    at.left(1);
    at.pass(S);
    at.connected(2);
}

fn nobody_is_there() {
    let mut at = Checked::new(30 * S);
    at.pass(S);
    at.stop();
    let mut at = Checked::new(30 * S);
    at.connected(1);
    at.connected(2);
    at.left(1);
    at.stop();
}

fn one_of_each() {
    let mut at = Checked::new(30 * S);
    for id in 1..=6 {
        at.connected(id);
    }
    at.begun(2);
    for id in [3, 4, 5] {
        at.handed_over(id);
    }
    at.answered(4);
    at.answered(5);
    at.sent(5);
    at.pass(S);
    at.stop();
    at.pass(S);
    at.sent(4);
    at.answered(3);
    at.handed_over(2);
    at.sent(3);
    at.answered(2);
    at.pass(S);
    at.sent(2);
}

fn half_a_request() {
    let mut at = Checked::new(30 * S);
    at.connected(1);
    at.begun(1);
    at.stop();
    at.pass(S);
    at.handed_over(1);
    at.answered(1);
    at.sent(1);
}

/// The story of the header.
fn a_stop_while_the_handler_runs() {
    let mut at = Checked::new(30 * S);
    at.connected(1);
    at.handed_over(1);
    at.stop();
    at.answered(1);
    at.pass(S);
    at.sent(1);
}

fn a_stop_while_it_is_sent() {
    let mut at = Checked::new(30 * S);
    at.connected(1);
    at.handed_over(1);
    at.answered(1);
    at.stop();
    at.pass(S);
    at.sent(1);
}

fn nobody_comes_in() {
    let mut at = Checked::new(30 * S);
    at.connected(1);
    at.handed_over(1);
    at.stop();
    at.connected(2);
    at.pass(S);
    at.answered(1);
    at.sent(1);
    at.connected(3);
}

fn who_leaves() {
    let mut at = Checked::new(30 * S);
    for id in 1..=4 {
        at.connected(id);
    }
    at.begun(1);
    at.handed_over(2);
    at.answered(2);
    at.handed_over(3);
    at.left(3);
    at.answered(3);
    at.stop();
    at.left(1);
    at.pass(S);
    at.left(2);
}

/// It is in the middle of something, whoever has asked for it.
fn a_handler_without_a_client() {
    let mut at = Checked::new(30 * S);
    at.connected(1);
    at.connected(2);
    at.handed_over(1);
    at.handed_over(2);
    at.left(1);
    at.stop();
    at.left(2);
    at.pass(S);
    at.answered(2);
    at.pass(S);
    at.answered(1);
}

fn too_late() {
    let mut at = Checked::new(30 * S);
    for id in 1..=4 {
        at.connected(id);
    }
    at.begun(1);
    at.handed_over(2);
    at.handed_over(3);
    at.answered(3);
    at.pass(S);
    at.stop();
    at.pass(29 * S);
    at.pass(2 * S);
    at.answered(2);
    at.pass(S);
}

/// Not a moment later.
fn at_that_very_moment() {
    let nano = Duration::from_nanos(1);
    let mut at = Checked::new(30 * S);
    at.connected(1);
    at.handed_over(1);
    at.stop();
    at.pass(30 * S - nano);
    at.pass(nano);
    let mut at = Checked::new(Duration::ZERO);
    at.connected(1);
    at.begun(1);
    at.stop();
    at.pass(Duration::ZERO);
}

fn a_handler_that_hangs() {
    let mut at = Checked::new(30 * S);
    at.connected(1);
    at.connected(2);
    at.handed_over(1);
    at.handed_over(2);
    at.left(1);
    at.pass(S);
    at.stop();
    at.pass(31 * S);
    at.pass(1_000 * S);
    at.answered(1);
    at.answered(2);
}

/// Whoever waits presses Ctrl-C again.
fn stopped_twice() {
    let mut at = Checked::new(30 * S);
    at.connected(1);
    at.connected(2);
    at.handed_over(1);
    at.stop();
    at.pass(20 * S);
    at.stop();
    at.pass(9 * S);
    at.stop();
    at.pass(2 * S);
    at.stop();
    at.pass(S);
}

fn endless_patience() {
    let mut at = Checked::new(Duration::MAX);
    at.connected(1);
    at.handed_over(1);
    at.stop();
    at.pass(1_000_000 * S);
    at.pass(1_000_000 * S);
    at.answered(1);
    at.sent(1);
}

/// As a loop would do it, with clients that do what they like.
fn a_thousand_steps() {
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    for round in 0..40 {
        let mut at = Checked::new(30 * S);
        let mut next = 1;
        for step in 0..40 {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let what = random >> 20 & 7;
            if step == 15 + round % 8 {
                at.stop();
                continue;
            }
            // Somebody whose handler runs, whether they are there or not.
            let late = at
                .handlers
                .iter()
                .find(|id| !at.clients.contains_key(id))
                .copied();
            if let (5, Some(id)) = (what, late) {
                at.answered(id);
                continue;
            }
            let there = at.clients.len();
            if what == 0 || there == 0 {
                at.pass(Duration::from_millis(random >> 30 & 0xfff));
                if there < 6 {
                    at.connected(next);
                    next += 1;
                }
                continue;
            }
            let place = (random >> 40) as usize % there;
            let (id, does) = at
                .clients
                .iter()
                .nth(place)
                .map(|(id, does)| (*id, *does))
                .expect("there");
            match (does, what) {
                (_, 1) => at.left(id),
                (Does::Nothing, 2..=4) => at.begun(id),
                (Does::Nothing | Does::Sends, _) => at.handed_over(id),
                (Does::Waits, _) => at.answered(id),
                (Does::Receives, _) => at.sent(id),
            }
        }
        at.stop();
        at.pass(31 * S);
    }
}
