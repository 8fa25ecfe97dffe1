//! Graders of 07.8: ticks of a server in a world whose clients come and go by plan.

use super::on_real::answer::{Server, given};
use given::Does::{Asks, Connects, HangsUp};
use given::{Does, KEEP_MS, Kernel};

grading::graders![
    requests_are_answered,
    who_hangs_up_gets_its_answers,
    a_request_comes_before_the_deadline,
    who_asks_has_a_new_deadline,
    a_new_client_gets_no_old_event,
    two_events_of_one_connection,
    idle_connections_are_closed_in_time,
    two_deadlines_in_one_tick,
    deadlines_in_a_busy_tick,
    slots_are_used_again,
    a_server_that_is_full,
    the_only_slot_rests,
];

struct World {
    kernel: Kernel,
    server: Server,
}

impl World {
    fn new(slots: usize, plan: &[(u64, &'static str, Does)]) -> Self {
        Self {
            kernel: Kernel::new(plan),
            server: Server::new(slots),
        }
    }

    fn tick(&mut self, wait_ms_max: u64) {
        grading::step("in tick()");
        self.server.tick(&mut self.kernel, wait_ms_max);
    }

    /// Ticks until that time, which comes in a wait.
    fn until(&mut self, when: u64) {
        for _ in 0..100 {
            if self.kernel.now() >= when {
                return;
            }
            self.tick(when - self.kernel.now());
        }
        self.fail(&format!(
            "after 100 ticks it is {} ms: a wait must not end before there is something to \
             do",
            self.kernel.now()
        ));
    }

    #[track_caller]
    fn answers(&self, name: &str, answers: usize, why: &str) {
        let got = self.kernel.client(name).answers;
        if got != answers {
            self.fail(&format!(
                "{name} got {got} answers, and it has to be {answers}: {why}"
            ));
        }
    }

    #[track_caller]
    fn stays(&self, name: &str, why: &str) {
        if let Some(at) = self.kernel.client(name).closed_at {
            println!("{name} was closed at {at} ms");
            self.fail(&format!("{name} {why}"));
        }
    }

    #[track_caller]
    fn all_closed(&self) {
        let (open, registered) = self.kernel.open();
        if open + registered > 0 {
            self.fail(&format!(
                "all clients have gone, and {open} connections are open, {registered} \
                 registered"
            ));
        }
    }

    #[track_caller]
    fn fail(&self, sentence: &str) -> ! {
        self.kernel.print();
        panic!("{sentence}")
    }
}

fn requests_are_answered() {
    let mut world = World::new(
        4,
        &[
            (1, "ann", Connects),
            (2, "bob", Connects),
            (5, "bob", Asks(1)),
            (5, "ann", Asks(1)),
            (9, "ann", Asks(1)),
            (20, "ann", HangsUp),
            (30, "bob", Asks(1)),
            (40, "bob", HangsUp),
        ],
    );
    world.until(60);
    world.answers("ann", 2, "it has asked so often");
    world.answers("bob", 2, "it has asked so often");
    world.all_closed();
}

/// It sends all at once, as a script does, and waits for the answers.
fn who_hangs_up_gets_its_answers() {
    let mut world = World::new(
        4,
        &[
            (0, "ann", Connects),
            (10, "ann", Asks(1)),
            (10, "ann", Asks(1)),
            (10, "ann", Asks(1)),
            (10, "ann", HangsUp),
        ],
    );
    world.until(40);
    world.answers(
        "ann",
        3,
        "it has asked so often before it hung up, and waits for all its answers",
    );
    world.all_closed();
}

/// The program was held up, and meanwhile requests have come.
fn a_request_comes_before_the_deadline() {
    let names = &NAMES[..8];
    let connect = names.iter().map(|name| (0, *name, Connects));
    let ask = names.iter().map(|name| (95, *name, Asks(1)));
    let mut world = World::new(8, &Vec::from_iter(connect.chain(ask)));
    world.until(1);
    world.kernel.pass_until(150);
    world.tick(10);
    for name in names {
        world.answers(
            name,
            1,
            "its request was there when tick() waited, as one of eight, and is to be served \
             before deadlines are looked at",
        );
        world.stays(
            name,
            "was answered after 150 ms, and closed in the same tick",
        );
    }
}

fn who_asks_has_a_new_deadline() {
    let mut world = World::new(
        4,
        &[
            (0, "ann", Connects),
            (0, "bob", Connects),
            (100, "bob", Asks(30)),
            (100, "ann", Asks(1)),
        ],
    );
    world.until(101);
    let why = "it has asked in the very millisecond of its deadline";
    world.answers("ann", 1, why);
    world.answers("bob", 1, why);
    let now = world.kernel.now();
    world.until(now + KEEP_MS - 35);
    for name in ["ann", "bob"] {
        world.stays(name, "was closed, less than 100 ms after its answer");
    }
    world.until(now + KEEP_MS - 5);
    world.stays("bob", "was closed, less than 100 ms after its answer");
    world.until(now + 2 * KEEP_MS);
    world.all_closed();
}

/// A deadline, a hang-up and a new client, all in one batch.
fn a_new_client_gets_no_old_event() {
    let mut world = World::new(
        4,
        &[
            (0, "ann", Connects),
            (90, "ann", HangsUp),
            (120, "bob", Connects),
            (160, "bob", Asks(1)),
        ],
    );
    world.until(1);
    world.kernel.pass_until(150);
    world.tick(10);
    world.stays(
        "bob",
        "has done nothing but connect, and was thrown out: by the event of ann, whose slot \
         it has",
    );
    world.until(170);
    world.answers("bob", 1, "it has asked once");
}

/// As usual: who has hung up is closed, and somebody connects, in one batch.
fn two_events_of_one_connection() {
    let mut world = World::new(
        4,
        &[
            (0, "ann", Connects),
            (10, "ann", HangsUp),
            (10, "bob", Connects),
            (20, "bob", Asks(1)),
        ],
    );
    world.until(15);
    world.stays(
        "bob",
        "has done nothing but connect, and was thrown out: there were two events of ann, and \
         the second has found bob in the slot",
    );
    world.until(30);
    world.answers("bob", 1, "it has asked once");
}

fn idle_connections_are_closed_in_time() {
    let mut world = World::new(
        4,
        &[
            (0, "ann", Connects),
            (40, "bob", Connects),
            (70, "ann", Asks(0)),
            (500, "cid", Connects),
        ],
    );
    world.until(70);
    let due = 40 + KEEP_MS;
    world.tick(1_000);
    let now = world.kernel.now();
    if now < due {
        world.fail(&format!(
            "tick() has waited until {now} ms only, and there was nothing to do: the first \
             deadline is bob's, at {due} ms, and nobody has sent anything"
        ));
    }
    if now > due {
        world.fail(&format!(
            "the first deadline is bob's, at {due} ms, and tick() has waited until {now} ms"
        ));
    }
    if world.kernel.client("bob").closed_at.is_none() {
        world.fail(&format!(
            "a wait has ended with bob's deadline, at {due} ms, and the tick has not closed \
             it: what time is it behind the wait?"
        ));
    }
    world.until(450);
    for (name, due) in [("ann", 70 + KEEP_MS), ("bob", 40 + KEEP_MS)] {
        let at = world.kernel.client(name).closed_at;
        match at {
            Some(at) if at == due => {}
            Some(at) => world.fail(&format!(
                "{name} was closed at {at} ms, and its deadline was at {due} ms"
            )),
            None => world.fail(&format!(
                "it is 450 ms, and {name}, whose deadline was at {due} ms, is not closed"
            )),
        }
    }
    world.all_closed();
}

/// Two that came at the same time, and neither has said anything.
fn two_deadlines_in_one_tick() {
    let mut world = World::new(4, &[(0, "ann", Connects), (0, "bob", Connects)]);
    world.until(1);
    world.tick(1_000);
    let (open, _) = world.kernel.open();
    if open > 0 {
        world.fail(&format!(
            "ann and bob have the same deadline, {KEEP_MS} ms, and after the tick that has \
             waited until {} ms, connections that are open: {open}",
            world.kernel.now()
        ));
    }
    let before = world.kernel.now();
    world.tick(25);
    let waited = world.kernel.now() - before;
    if waited != 25 {
        world.fail(&format!(
            "nobody is there, tick() was to wait for 25 ms at most, and has waited for \
             {waited} ms"
        ));
    }
}

/// There is always somebody who asks; that is no reason to keep the others.
fn deadlines_in_a_busy_tick() {
    let mut world = World::new(
        4,
        &[
            (0, "ann", Connects),
            (1, "bob", Connects),
            (100, "bob", Asks(0)),
        ],
    );
    world.until(2);
    world.tick(1_000);
    world.answers("bob", 1, "it has asked once");
    let at = world.kernel.client("ann").closed_at;
    if at != Some(KEEP_MS) {
        world.fail(&format!(
            "ann's deadline was over at {KEEP_MS} ms, when bob asked, and after that tick \
             ann's closing time is {at:?}: a tick has to look at the deadlines, however \
             busy it is"
        ));
    }
}

const NAMES: [&str; 12] = [
    "ann", "bob", "cid", "dan", "eva", "fay", "gus", "hal", "ida", "jon", "kim",
    "leo",
];

/// Many, one after the other, and two slots.
fn slots_are_used_again() {
    let mut plan = Vec::new();
    for (number, name) in NAMES.into_iter().enumerate() {
        let at = 10 * number as u64;
        plan.extend([
            (at, name, Connects),
            (at + 2, name, Asks(1)),
            (at + 12, name, HangsUp),
        ]);
    }
    let mut world = World::new(3, &plan);
    world.until(150);
    for name in NAMES {
        world.answers(
            name,
            1,
            "of 3 slots at most 2 are in use, and those that rest are free again with the \
             next tick",
        );
    }
    world.all_closed();
}

fn a_server_that_is_full() {
    let mut world = World::new(
        1,
        &[
            (0, "ann", Connects),
            (10, "bob", Connects),
            (20, "ann", Asks(1)),
            (30, "ann", HangsUp),
            (40, "cid", Connects),
            (50, "cid", Asks(1)),
        ],
    );
    world.until(60);
    world.answers("ann", 1, "it was there first");
    world.answers("cid", 1, "the only slot was free again");
    let bob = world.kernel.client("bob").closed_at;
    if bob != Some(10) {
        world.fail(&format!(
            "bob came when all slots were taken, at 10 ms, and was closed at {bob:?}"
        ));
    }
}

/// In one batch: who has the only slot goes, and somebody comes.
fn the_only_slot_rests() {
    let mut world = World::new(
        1,
        &[
            (0, "ann", Connects),
            (10, "ann", HangsUp),
            (10, "bob", Connects),
            (20, "bob", Asks(1)),
        ],
    );
    world.until(15);
    let bob = world.kernel.client("bob");
    match (bob.registered, bob.closed_at) {
        // It was accepted behind the others, and has the slot.
        (true, None) => {
            world.until(30);
            world.answers("bob", 1, "it was registered, and has asked once");
        }
        (true, Some(at)) => world.fail(&format!(
            "bob got the slot of ann in the very batch that has closed ann, and was thrown \
             out at {at} ms by an event of ann: a slot rests also if it is the only one"
        )),
        (false, Some(10)) => {}
        (false, at) => world.fail(&format!(
            "bob came at 10 ms, when the only slot had to rest: it is not registered, and \
             its closing time is {at:?}"
        )),
    }
}
