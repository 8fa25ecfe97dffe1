//! Graders of 11.1: clients that come and leave, and handlers that take their time.

use std::collections::HashMap;

use super::on_real::answer::Connections;

grading::graders![
    a_request_and_its_answer,
    who_has_left_gets_nothing,
    who_came_later_is_idle,
    nobody_is_in_the_slot,
    a_slot_is_free_at_once,
    one_answer_for_one_request,
    keys_of_those_who_have_left,
    who_is_closed_twice,
    no_slot_is_free,
    words_that_are_no_keys,
    many_connections_later,
    a_thousand_steps,
];

/// A client, as the grader knows it.
#[derive(Clone, Debug)]
struct Client {
    name: String,
    key: u64,
    is_open: bool,
    /// Whether its buffer is here.
    is_here: bool,
}

/// An answer, and what it should know.
struct Checked {
    connections: Connections<String>,
    slots: usize,
    clients: Vec<Client>,
    by_key: HashMap<u64, usize>,
    stale: u64,
    /// Whether `is_open` is asked after each step.
    asks: bool,
    log: Vec<String>,
}

impl Checked {
    fn new(slots: u32) -> Self {
        Self {
            connections: Connections::new(slots),
            slots: slots as usize,
            clients: Vec::new(),
            by_key: HashMap::new(),
            stale: 0,
            asks: true,
            log: Vec::new(),
        }
    }

    fn note(&mut self, what: String) {
        grading::step(format!("in {what}"));
        self.log.push(what);
    }

    /// What has happened, the end of it.
    fn story(&self) -> String {
        let from = self.log.len().saturating_sub(9);
        let gap = if from > 0 { "... " } else { "" };
        let s = if self.slots == 1 { "" } else { "s" };
        format!(
            "{} slot{s}. {gap}{}",
            self.slots,
            self.log[from..].join(". ")
        )
    }

    #[track_caller]
    fn fail(&self, sentence: &str) -> ! {
        panic!("{}: {sentence}", self.story())
    }

    /// Who is in the slot of that key.
    fn in_slot(&self, key: u64) -> Option<&Client> {
        let mut open = self.clients.iter().rev().filter(|it| it.is_open);
        open.find(|it| it.key as u32 == key as u32)
    }

    fn open(&mut self, name: &str) -> usize {
        self.note(format!("open({name})"));
        let open = self.clients.iter().rev().filter(|it| it.is_open).count();
        let key = match self.connections.open(name.to_owned()) {
            Ok(key) => key,
            Err(_) => {
                let free = self.slots - open;
                self.fail(&format!(
                    "{name} was refused, and slots that are free: {free}. A slot is free when \
                     its connection is closed, whoever has the buffer"
                ))
            }
        };
        let slot = key as u32;
        if slot as usize >= self.slots {
            self.fail(&format!(
                "{name} got the key {key:#x}, which is of slot {slot}: the last one is {}",
                self.slots - 1
            ));
        }
        if let Some(&before) = self.by_key.get(&key) {
            self.fail(&format!(
                "{name} got the key {key:#x}, which {} had before it",
                self.clients[before].name
            ));
        }
        if let Some(other) = self.in_slot(key) {
            self.fail(&format!(
                "{name} got slot {slot}, and {} is in there",
                other.name
            ));
        }
        let number = self.clients.len();
        self.by_key.insert(key, number);
        self.clients.push(Client {
            name: name.to_owned(),
            key,
            is_open: true,
            is_here: true,
        });
        self.check();
        number
    }

    fn hand_over(&mut self, number: usize) {
        let Client {
            name,
            key,
            is_open,
            is_here,
        } = self.clients[number].clone();
        self.note(format!("hand_over({name})"));
        let got = self.connections.hand_over(key);
        let must = (is_open && is_here).then(|| name.clone());
        if got != must {
            let why = match (is_open, is_here) {
                (false, _) => format!("{name} has left"),
                (true, false) => {
                    format!("a handler has the buffer of {name} already")
                }
                (true, true) => {
                    format!("{name} is there, and no handler has its buffer")
                }
            };
            let got = shown(&got);
            self.fail(&format!("it returned {got}, and {why}"));
        }
        if is_open {
            self.clients[number].is_here = false;
        }
        self.check();
    }

    fn come_back(&mut self, number: usize) {
        let Client {
            name,
            key,
            is_open,
            is_here,
        } = self.clients[number].clone();
        self.note(format!("come_back({name})"));
        let got = self.connections.come_back(key, name.clone());
        match (got, is_open && !is_here) {
            (Ok(()), true) => self.clients[number].is_here = true,
            (Ok(()), false) => {
                let slot = key as u32;
                let sentence = match self.in_slot(key) {
                    _ if is_open => {
                        format!("it returned Ok, and the buffer of {name} was here already")
                    }
                    Some(other) => format!(
                        "it returned Ok, and {name} has left: who has slot {slot} now is {}",
                        other.name
                    ),
                    None => format!(
                        "it returned Ok, and {name} has left: nobody is in slot {slot}"
                    ),
                };
                self.fail(&sentence);
            }
            (Err(_), true) => self.fail(&format!(
                "{name} is there and waits for its answer, and the buffer was refused"
            )),
            (Err(back), false) => {
                if back != name {
                    self.fail(&format!("it has refused the buffer of {name}, and returned that of {back}"));
                }
                self.stale += 1;
            }
        }
        self.check();
    }

    fn close(&mut self, number: usize) {
        let Client {
            name,
            key,
            is_open,
            is_here,
        } = self.clients[number].clone();
        self.note(format!("close({name})"));
        let got = self.connections.close(key);
        let must = (is_open && is_here).then(|| name.clone());
        if got != must {
            let why = match (is_open, is_here) {
                (false, _) => format!("{name} has left before"),
                (true, false) => format!("a handler has the buffer of {name}"),
                (true, true) => format!("the buffer of {name} is here"),
            };
            let got = shown(&got);
            self.fail(&format!("it returned {got}, and {why}"));
        }
        self.clients[number].is_open = false;
        self.check();
    }

    /// Who is open, and how many answers were stale.
    fn check(&mut self) {
        if !self.asks {
            return self.check_stale();
        }
        // The last ones, and the very first.
        let from = self.clients.len().saturating_sub(12);
        let some = (0..self.clients.len().min(2)).chain(from..self.clients.len());
        for number in some {
            let Client {
                key, is_open, name, ..
            } = &self.clients[number];
            let got = self.connections.is_open(*key);
            if got != *is_open {
                let is = if *is_open { "is there" } else { "has left" };
                self.fail(&format!(
                    "{name} {is}, and is_open() of its key says {got}"
                ));
            }
        }
        self.check_stale();
    }

    fn check_stale(&self) {
        let got = self.connections.stale();
        if got != self.stale {
            self.fail(&format!(
                "answers for which nobody has waited: {}, and stale() says {got}",
                self.stale
            ));
        }
    }
}

fn shown(buffer: &Option<String>) -> String {
    match buffer {
        Some(name) => format!("the buffer of {name}"),
        None => "None".to_owned(),
    }
}

fn a_request_and_its_answer() {
    let mut at = Checked::new(4);
    let ann = at.open("ann");
    let bob = at.open("bob");
    for _ in 0..3 {
        at.hand_over(ann);
        at.hand_over(ann);
        at.hand_over(bob);
        at.come_back(ann);
        at.come_back(bob);
    }
    at.close(bob);
    at.hand_over(ann);
    at.come_back(ann);
    at.close(ann);
}

/// The story of the header.
fn who_has_left_gets_nothing() {
    let mut at = Checked::new(1);
    at.asks = false;
    let ann = at.open("ann");
    at.hand_over(ann);
    at.close(ann);
    let bob = at.open("bob");
    at.hand_over(bob);
    at.come_back(ann);
    at.asks = true;
    at.come_back(bob);
    at.hand_over(bob);
    at.come_back(bob);
    at.close(bob);
}

fn who_came_later_is_idle() {
    let mut at = Checked::new(1);
    at.asks = false;
    let ann = at.open("ann");
    at.hand_over(ann);
    at.close(ann);
    let bob = at.open("bob");
    at.come_back(ann);
    at.hand_over(bob);
    at.come_back(bob);
}

fn nobody_is_in_the_slot() {
    let mut at = Checked::new(2);
    let ann = at.open("ann");
    at.hand_over(ann);
    at.close(ann);
    at.come_back(ann);
    let bob = at.open("bob");
    let cid = at.open("cid");
    at.hand_over(cid);
    at.hand_over(bob);
    at.come_back(bob);
    at.come_back(cid);
}

/// Nobody waits for a handler.
fn a_slot_is_free_at_once() {
    let mut at = Checked::new(2);
    let mut away = Vec::new();
    for round in 0..20 {
        let two = [at.open(&format!("a{round}")), at.open(&format!("b{round}"))];
        for one in two {
            at.hand_over(one);
            at.close(one);
        }
        away.extend(two);
    }
    let last = at.open("last");
    at.hand_over(last);
    for number in away {
        at.come_back(number);
    }
    at.come_back(last);
}

fn one_answer_for_one_request() {
    let mut at = Checked::new(1);
    let ann = at.open("ann");
    at.come_back(ann);
    at.hand_over(ann);
    at.come_back(ann);
    at.come_back(ann);
    at.hand_over(ann);
    at.come_back(ann);
}

/// Events and answers that come too late, while somebody else is in the slot.
fn keys_of_those_who_have_left() {
    let mut at = Checked::new(1);
    let ann = at.open("ann");
    at.close(ann);
    at.hand_over(ann);
    let bob = at.open("bob");
    at.hand_over(ann);
    at.close(ann);
    at.hand_over(bob);
    at.hand_over(ann);
    at.close(ann);
    at.come_back(bob);
    at.close(bob);
}

fn who_is_closed_twice() {
    let mut at = Checked::new(3);
    let ann = at.open("ann");
    let bob = at.open("bob");
    at.hand_over(bob);
    for one in [ann, bob, bob, ann] {
        at.close(one);
    }
    for name in ["cid", "dan", "eva"] {
        at.open(name);
    }
}

fn no_slot_is_free() {
    for slots in [1, 3, 100] {
        let mut at = Checked::new(slots);
        let all = Vec::from_iter((0..slots).map(|n| at.open(&format!("c{n}"))));
        at.hand_over(all[0]);
        for _ in 0..2 {
            grading::step("in open(), and no slot is free");
            match at.connections.open("late".to_owned()) {
                Err(back) if back == "late" => {}
                Err(back) => panic!(
                    "{slots} of {slots} slots are taken. open(late) has returned the buffer \
                     of {back}"
                ),
                Ok(key) => panic!(
                    "{slots} of {slots} slots are taken, and open(late) has returned the key \
                     {key:#x}"
                ),
            }
            at.check();
        }
        at.close(all[0]);
        let next = at.open("next");
        at.come_back(all[0]);
        at.hand_over(next);
    }
}

fn words_that_are_no_keys() {
    let mut at = Checked::new(2);
    let ann = at.open("ann");
    at.hand_over(ann);
    let key = at.clients[ann].key;
    let words = [
        0,
        1,
        2,
        7,
        0xffff_ffff,
        1 << 32,
        1 << 32 | 1,
        key ^ 1 << 63,
        key ^ 1 << 40,
        key ^ 1 << 31,
        key ^ 1 << 16,
        u64::MAX,
    ];
    for word in words.into_iter().filter(|word| *word != key) {
        grading::step(format!("with {word:#x}, which is no key"));
        let is_open = at.connections.is_open(word);
        assert!(!is_open, "{word:#x} is no key, and is_open() says true");
        let got = at.connections.hand_over(word);
        assert!(
            got.is_none(),
            "{word:#x} is no key, and hand_over() returned {got:?}"
        );
        let got = at.connections.close(word);
        assert!(
            got.is_none(),
            "{word:#x} is no key, and close() returned {got:?}"
        );
        let got = at.connections.come_back(word, "none".to_owned());
        assert!(
            got == Err("none".to_owned()),
            "{word:#x} is no key, and come_back() returned {got:?}"
        );
        at.stale += 1;
        at.check();
    }
    at.come_back(ann);
}

/// One slot, and more connections than sixteen bits count.
fn many_connections_later() {
    const MANY: u32 = 66_000;
    let mut connections = Connections::new(1);
    grading::step(format!("{MANY} connections, one after the other"));
    let mut keys = HashMap::new();
    let mut given = Vec::new();
    for number in 0..MANY {
        let Ok(key) = connections.open(number) else {
            panic!(
                "the only slot is free, and open() has refused connection {number}"
            );
        };
        if let Some(before) = keys.insert(key, number) {
            panic!(
                "connection {number} got the key {key:#x}, which connection {before} had \
                 before it"
            );
        }
        given.push(key);
        let got = connections.hand_over(key);
        assert!(
            got == Some(number),
            "hand_over() with the key of connection {number} returned {got:?}"
        );
        connections.close(key);
    }
    let last = connections.open(MANY).expect("the only slot is free");
    connections.hand_over(last);
    for (key, number) in given.into_iter().zip(0..) {
        if connections.come_back(key, number).is_ok() {
            panic!(
                "the answer for connection {number}, which is closed, has reached \
                 connection {MANY}"
            );
        }
    }
    let got = connections.come_back(last, MANY);
    assert!(
        got.is_ok(),
        "connection {MANY} waits for its answer, and the buffer was refused"
    );
}

/// Whatever can happen, by chance.
fn a_thousand_steps() {
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    for slots in [1, 2, 5] {
        let mut at = Checked::new(slots);
        for _ in 0..1_000 {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let open = at.clients.iter().filter(|it| it.is_open).count();
            let what = random >> 20 & 7;
            if at.clients.is_empty() || (what < 3 && open < slots as usize) {
                let name = format!("c{}", at.clients.len());
                at.open(&name);
                continue;
            }
            // One of the last few.
            let last = at.clients.len() - 1;
            let number = last - (random >> 30) as usize % (last + 1).min(8);
            let Client {
                is_open, is_here, ..
            } = at.clients[number];
            match what {
                0..3 => at.hand_over(number),
                3 if is_open => at.close(number),
                // A buffer is in one place only.
                _ if !is_here => {
                    at.come_back(number);
                    at.clients[number].is_here = true;
                }
                _ => at.hand_over(number),
            }
        }
    }
}
