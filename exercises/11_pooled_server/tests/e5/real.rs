//! Graders of 11.5: a server in a world whose clients send while they wait.

use super::on_real::answer::{Server, given};
use given::Does::{Asks, Breaks, Connects, HangsUp};
use given::{Does, Kernel};

grading::graders![
    bug_9_bytes_while_the_handler_runs,
    bug_9_a_half_close,
    who_waits_costs_nothing,
    one_at_a_time,
    all_at_once,
    again_and_again,
    gone_while_the_handler_runs,
    gone_in_all_ways,
    in_the_same_moment,
    many_clients,
];

/// Turns until nothing will ever happen again.
fn run(plan: &[(u64, u32, Does)]) -> Kernel {
    let mut kernel = Kernel::new(plan);
    let mut server = Server::default();
    // Each of these is a few turns at most.
    let turns = 20 * (plan.len() + 1);
    for _ in 0..turns {
        grading::step(format!("in turn(), at {} ms", kernel.now()));
        server.turn(&mut kernel);
    }
    for (id, socket) in kernel.sockets() {
        let breaks = plan.iter().find(|it| it.1 == *id && it.2 == Breaks);
        if let Some((at, ..)) = breaks {
            if socket.closed_at != Some(*at) {
                kernel.fail(&format!(
                    "{id} was gone at {at} ms, and its connection was closed at {}",
                    shown(socket.closed_at)
                ));
            }
            continue;
        }
        // One after the other: each begins when it has come, and the one before is done.
        let mut free = 0;
        let mut must = Vec::new();
        for (at, _, does) in plan.iter().filter(|it| it.1 == *id) {
            if let Asks(ms) = does {
                free = free.max(*at) + ms;
                must.push(free);
            }
        }
        if socket.answers != must {
            let s = if socket.asked == 1 { "" } else { "s" };
            kernel.fail(&format!(
                "{id} has asked {} time{s} and was answered at {:?} ms, and it has to be at \
                 {must:?}",
                socket.asked, socket.answers
            ));
        }
        let hangs_up = plan.iter().find(|it| it.1 == *id && it.2 == HangsUp);
        let closes = hangs_up.map(|(at, ..)| free.max(*at));
        if socket.closed_at != closes {
            kernel.fail(&format!(
                "the connection of {id} was closed at {}, and it has to be at {}",
                shown(socket.closed_at),
                shown(closes)
            ));
        }
    }
    let (runs, disturbed) = kernel.runs;
    if kernel.changes > 2 * disturbed {
        kernel.fail(&format!(
            "set_read was called {} times. {runs} handlers have run, during {disturbed} of \
             these something has come: that is {} calls at most",
            kernel.changes,
            2 * disturbed
        ));
    }
    kernel
}

fn shown(at: Option<u64>) -> String {
    match at {
        Some(at) => format!("{at} ms"),
        None => "no time".to_owned(),
    }
}

fn bug_9_bytes_while_the_handler_runs() {
    run(&[
        (0, 1, Connects),
        (5, 1, Asks(25)),
        (10, 1, Asks(25)),
        (20, 1, Asks(5)),
    ]);
}

fn bug_9_a_half_close() {
    run(&[
        (0, 1, Connects),
        (5, 1, Asks(25)),
        (10, 1, HangsUp),
        (12, 2, Connects),
        (15, 2, Asks(5)),
        (15, 2, HangsUp),
        (30, 3, Connects),
        (31, 3, HangsUp),
    ]);
}

fn who_waits_costs_nothing() {
    let mut plan = vec![(0, 1, Connects)];
    for number in 0..100 {
        plan.push((10 + 10 * number, 1, Asks(5)));
    }
    run(&plan);
}

fn one_at_a_time() {
    run(&[
        (0, 1, Connects),
        (10, 1, Asks(50)),
        (11, 2, Connects),
        (12, 2, Asks(1)),
        (20, 1, Asks(50)),
        (21, 2, Asks(2)),
        (30, 1, Asks(50)),
        (31, 2, Asks(3)),
        (200, 1, Asks(5)),
        (201, 1, HangsUp),
    ]);
}

fn all_at_once() {
    run(&[
        (0, 1, Connects),
        (10, 1, Asks(20)),
        (10, 1, Asks(10)),
        (10, 1, Asks(30)),
        (10, 1, HangsUp),
    ]);
}

/// What was restored once can be dropped again.
fn again_and_again() {
    let mut plan = vec![(0, 1, Connects)];
    for number in 0..10 {
        let at = 100 * (number + 1);
        plan.push((at, 1, Asks(20)));
        if number % 3 != 1 {
            plan.push((at + 10, 1, Asks(20)));
        }
    }
    run(&plan);
}

fn gone_while_the_handler_runs() {
    let kernel = run(&[
        (0, 1, Connects),
        (5, 1, Asks(25)),
        (10, 1, Breaks),
        (15, 2, Connects),
        (16, 2, Asks(50)),
    ]);
    let answers = kernel.socket(1).answers.len();
    if answers > 0 {
        kernel.fail("1 was gone when its handler had ended, and an answer was sent");
    }
}

fn gone_in_all_ways() {
    run(&[
        (0, 1, Connects),
        (0, 2, Connects),
        (0, 3, Connects),
        (5, 2, Asks(25)),
        (5, 3, Asks(25)),
        (6, 1, Breaks),
        (10, 2, Asks(25)),
        (12, 2, Breaks),
        (14, 3, HangsUp),
        (16, 3, Breaks),
        (20, 4, Connects),
        (21, 4, Asks(4)),
        (40, 4, Breaks),
    ]);
}

/// The handler is done when something comes.
fn in_the_same_moment() {
    run(&[
        (0, 1, Connects),
        (0, 2, Connects),
        (0, 3, Connects),
        (10, 1, Asks(10)),
        (10, 2, Asks(10)),
        (10, 3, Asks(10)),
        (20, 1, Asks(10)),
        (20, 2, HangsUp),
        (20, 3, Breaks),
        (30, 1, Asks(10)),
        (40, 1, HangsUp),
    ]);
}

/// By chance.
fn many_clients() {
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    for _ in 0..20 {
        let mut plan = Vec::from_iter((1..=6).map(|id| (0, id, Connects)));
        let mut ends = [false; 7];
        let mut at = 1;
        for _ in 0..60 {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            at += random >> 20 & 7;
            let id = 1 + (random >> 40) as u32 % 6;
            if ends[id as usize] {
                continue;
            }
            let does = match random >> 50 & 15 {
                0 => HangsUp,
                1 => Breaks,
                _ => Asks(1 + (random >> 30 & 15)),
            };
            ends[id as usize] = !matches!(does, Asks(_));
            plan.push((at, id, does));
        }
        run(&plan);
    }
}
