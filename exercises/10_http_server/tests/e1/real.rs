//! Graders of 10.1: every pair of a state and an event.

use super::on_real::answer::{Action, Event, State, next};

grading::graders![
    a_request_and_its_answer,
    the_last_answer,
    a_client_that_sends_no_more,
    deadlines,
    bytes_that_come_too_early,
    refusals,
    old_news,
    a_broken_connection,
    closed_stays_closed,
    every_pair,
];

const STATES: [State; 8] = [
    State::Idle,
    State::Reading,
    State::Running { last: false },
    State::Running { last: true },
    State::Writing { last: false },
    State::Writing { last: true },
    State::Lingering,
    State::Closed,
];

const EVENTS: [Event; 13] = [
    Event::Bytes,
    Event::Partial,
    Event::Complete { last: false },
    Event::Complete { last: true },
    Event::Refused(400),
    Event::Refused(505),
    Event::Answered { last: false },
    Event::Answered { last: true },
    Event::Sent { more: false },
    Event::Sent { more: true },
    Event::End,
    Event::Deadline,
    Event::Broken,
];

/// What has to follow, and why. A list, since the answer is a `match`.
fn truth(state: State, event: Event) -> (State, Action, &'static str) {
    let is_at_work = matches!(state, State::Running { .. } | State::Writing { .. });
    let closed = |why| (State::Closed, Action::Close, why);
    let last = State::Writing { last: true };
    if state == State::Closed {
        return (state, Action::Nothing, "closed stays closed");
    }
    if event == Event::Broken {
        return closed("whatever it was doing, nobody will see it");
    }
    if is_at_work && event == Event::Bytes {
        let why =
            "nothing is read before the answer is written; the kernel says it again";
        return (state, Action::StopReading, why);
    }
    if is_at_work && event == Event::End {
        let why = "who sends no more may still read the answer";
        return (state, Action::StopReading, why);
    }
    match state {
        State::Idle | State::Reading if event == Event::Bytes => {
            return (State::Reading, Action::Parse, "bytes have to be parsed");
        }
        State::Idle if event == Event::End => {
            return closed("no request is there, so nobody waits for an answer");
        }
        State::Idle if event == Event::Deadline => {
            return closed("nobody waits for an answer, so nothing is said");
        }
        State::Reading if event == Event::End => {
            return closed("half a request stays half");
        }
        State::Reading if event == Event::Deadline => {
            let why = "the client has sent half a request, and is told so";
            return (last, Action::Refuse(408), why);
        }
        State::Writing { .. } if event == Event::Deadline => {
            return closed("the client does not read, and would not read a status");
        }
        State::Lingering if event == Event::Bytes => {
            let why = "what comes is dropped: nobody will answer it, and to close now would \
                       lose the answer";
            return (state, Action::Drop, why);
        }
        State::Lingering if matches!(event, Event::End | Event::Deadline) => {
            return closed("the client has seen its answer, or never will");
        }
        _ => {}
    }
    match (event, state) {
        (Event::Partial, State::Reading) => {
            (state, Action::Nothing, "the rest has to come first")
        }
        (Event::Complete { last }, State::Reading) => {
            let why = "the handler has to run, and who asked for the last knows so";
            (State::Running { last }, Action::Handle, why)
        }
        (Event::Refused(status), State::Reading) => {
            let why = "the status is the parser's, and the answer is the last";
            (last, Action::Refuse(status), why)
        }
        (Event::Answered { last }, State::Running { last: asked }) => {
            let why = "it is the last if the request was, or the handler says so";
            let last = last | asked;
            (State::Writing { last }, Action::Write, why)
        }
        (Event::Sent { .. }, State::Writing { last: true }) => {
            let why = "to close at once may lose the answer";
            (State::Lingering, Action::ShutDown, why)
        }
        (Event::Sent { more: true }, State::Writing { .. }) => {
            let why = "the next request is here, and no event will say so";
            (State::Reading, Action::Parse, why)
        }
        (Event::Sent { more: false }, State::Writing { .. }) => (
            State::Idle,
            Action::Nothing,
            "nothing of a next request is here",
        ),
        _ => (state, Action::Nothing, "that is old news"),
    }
}

#[track_caller]
fn check(state: State, event: Event) {
    let (must, action, why) = truth(state, event);
    grading::step(format!("in next({state:?}, {event:?})"));
    let got = next(state, event);
    assert!(
        got == (must, action),
        "{state:?}, {event:?}: that is {got:?}, and it has to be ({must:?}, {action:?}): {why}"
    );
}

fn a_request_and_its_answer() {
    check(State::Idle, Event::Bytes);
    check(State::Reading, Event::Partial);
    check(State::Reading, Event::Bytes);
    check(State::Reading, Event::Complete { last: false });
    check(
        State::Running { last: false },
        Event::Answered { last: false },
    );
    check(State::Writing { last: false }, Event::Sent { more: true });
    check(State::Writing { last: false }, Event::Sent { more: false });
}

fn the_last_answer() {
    check(State::Reading, Event::Complete { last: true });
    check(
        State::Running { last: true },
        Event::Answered { last: false },
    );
    check(
        State::Running { last: false },
        Event::Answered { last: true },
    );
    check(
        State::Running { last: true },
        Event::Answered { last: true },
    );
    check(State::Writing { last: true }, Event::Sent { more: true });
    check(State::Writing { last: true }, Event::Sent { more: false });
    check(State::Lingering, Event::Bytes);
}

fn a_client_that_sends_no_more() {
    for state in STATES {
        check(state, Event::End);
    }
}

fn deadlines() {
    for state in STATES {
        check(state, Event::Deadline);
    }
}

fn bytes_that_come_too_early() {
    for state in STATES {
        check(state, Event::Bytes);
    }
}

fn refusals() {
    for status in [400, 413, 414, 417, 431, 501, 505] {
        check(State::Reading, Event::Refused(status));
    }
}

fn old_news() {
    for event in EVENTS {
        for state in STATES {
            if truth(state, event).2 == "that is old news" {
                check(state, event);
            }
        }
    }
}

fn a_broken_connection() {
    for state in STATES {
        check(state, Event::Broken);
    }
}

fn closed_stays_closed() {
    for event in EVENTS {
        check(State::Closed, event);
    }
}

fn every_pair() {
    for state in STATES {
        for event in EVENTS {
            check(state, event);
        }
    }
}
