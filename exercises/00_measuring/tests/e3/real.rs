//! Graders of 00.3: a server whose every answer time is known, on a clock that moves
//! only when somebody sleeps or a request is under way.

use std::cell::{Cell, RefCell};

use super::on_real::answer::{Clock, open_loop};

grading::graders![
    a_calm_server_answers_at_once,
    the_example_in_the_header,
    a_stall_counts_for_all_behind_it,
    the_schedule_does_not_shift_after_a_stall,
    a_server_that_is_too_slow_falls_behind,
    a_sleep_that_is_too_long_counts,
    no_request_is_left_out,
    no_requests_have_no_latencies,
];

/// When the clock of the graders starts: it has been running before.
const START_NS: u64 = 1_000_000;

/// A clock, a server, and a record of what happened.
struct World {
    now_ns: Cell<u64>,
    every_ns: u64,
    /// How much longer than asked each sleep takes.
    oversleep_ns: u64,
    /// When each request was sent.
    sent_ns: RefCell<Vec<u64>>,
    /// When each request was answered.
    done_ns: RefCell<Vec<u64>>,
}

impl Clock for World {
    fn now_ns(&self) -> u64 {
        self.now_ns.get()
    }

    fn sleep_ns(&self, duration_ns: u64) {
        assert!(
            duration_ns < 1_000_000_000,
            "the answer asked the clock to sleep {duration_ns} ns: what is the time \
             left until a request that was due in the past?"
        );
        // Sleeping for no time at all returns at once.
        if duration_ns > 0 {
            self.now_ns
                .set(self.now_ns.get() + duration_ns + self.oversleep_ns);
        }
    }
}

impl World {
    fn new(every_ns: u64) -> Self {
        Self {
            now_ns: Cell::new(START_NS),
            every_ns,
            oversleep_ns: 0,
            sent_ns: RefCell::default(),
            done_ns: RefCell::default(),
        }
    }

    fn due_ns(&self, request: usize) -> u64 {
        START_NS + self.every_ns * request as u64
    }

    /// Runs the answer against a server that takes `service_ns[n]` for request `n`,
    /// and checks schedule and latencies.
    fn check(self, service_ns: &[u64]) {
        let requests = service_ns.len();
        grading::step(format!(
            "sending {requests} requests, one due every {} ns; has each loop an end \
             if the clock moves only in sleep_ns and in send?",
            self.every_ns
        ));
        let latencies = open_loop(&self, self.every_ns, requests, |request| {
            self.send(request, service_ns);
        });
        let sent = self.sent_ns.borrow().len();
        assert!(
            sent == requests,
            "{requests} requests were due, but {sent} were sent: leaving out those \
             that are late hides exactly the users who had to wait"
        );
        assert!(
            latencies.len() == requests,
            "{requests} requests have {requests} latencies, but the answer returned \
             {}",
            latencies.len()
        );
        for (request, &got) in latencies.iter().enumerate() {
            let (due, sent) = (self.due_ns(request), self.sent_ns.borrow()[request]);
            let done = self.done_ns.borrow()[request];
            if got != done - due {
                self.print(&latencies);
                let why = if got == done - sent {
                    "that is the time since it was sent, and leaves out its wait"
                } else if got == sent - due {
                    "that is its wait alone, without the time to answer it"
                } else if got == done {
                    "that is a time of day, not a duration"
                } else {
                    "from when until when is that?"
                };
                panic!(
                    "request {request} was due at {} and answered at {}, so its \
                     latency is {}, but the answer returned {got}: {why}",
                    due - START_NS,
                    done - START_NS,
                    done - due
                );
            }
        }
    }

    fn send(&self, request: usize, service_ns: &[u64]) {
        let number = self.sent_ns.borrow().len();
        assert!(
            number < service_ns.len(),
            "{} requests were asked for, but the answer sends one more",
            service_ns.len()
        );
        assert!(
            request == number,
            "request {number} comes next, but the answer sends request {request}"
        );
        let now = self.now_ns.get();
        let due = self.due_ns(request);
        let free = self.done_ns.borrow().last().copied().unwrap_or(START_NS);
        self.sent_ns.borrow_mut().push(now);
        let latest = if free >= due {
            free
        } else {
            due + self.oversleep_ns
        };
        if now < due {
            self.print(&[]);
            panic!(
                "request {request} is due at {}, but it was sent at {}: too early",
                due - START_NS,
                now - START_NS
            );
        }
        if now > latest {
            self.print(&[]);
            panic!(
                "request {request} was due at {} and the connection was free at {}, \
                 but it was sent at {}: a late request is sent at once, and the \
                 next ones keep to the schedule that the start has set",
                due - START_NS,
                free - START_NS,
                now - START_NS
            );
        }
        self.now_ns.set(now + service_ns[request]);
        self.done_ns.borrow_mut().push(now + service_ns[request]);
    }

    /// What happened so far, as a table like the one in the header.
    fn print(&self, latencies: &[u64]) {
        println!("request     due    sent    done   latency   yours");
        let done_ns = self.done_ns.borrow();
        for (request, sent) in self.sent_ns.borrow().iter().enumerate() {
            let due = self.due_ns(request);
            let (due_at, sent_at) = (due - START_NS, sent - START_NS);
            let (done, latency) = match done_ns.get(request) {
                Some(done) => {
                    ((done - START_NS).to_string(), (done - due).to_string())
                }
                None => ("...".to_owned(), "...".to_owned()),
            };
            let yours = match latencies.get(request) {
                Some(yours) => yours.to_string(),
                None => String::new(),
            };
            println!(
                "{request:7}{due_at:8}{sent_at:8}{done:>8}{latency:>10}{yours:>8}"
            );
        }
    }
}

/// Nothing is late: the latency is the time to answer.
fn a_calm_server_answers_at_once() {
    World::new(10_000).check(&[2_000, 2_100, 1_900, 2_000, 3_000, 2_000]);
}

/// The table that the reader sees.
fn the_example_in_the_header() {
    World::new(10).check(&[2, 25, 2, 2, 2]);
}

/// The requests that queue behind a stall waited too.
fn a_stall_counts_for_all_behind_it() {
    World::new(10).check(&[2, 2, 70, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2]);
}

/// Once the queue is gone, requests are due where they would have been anyway.
fn the_schedule_does_not_shift_after_a_stall() {
    World::new(10).check(&[2, 33, 4, 5, 1, 2, 2, 47, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
}

/// Each request takes longer than the time between two: waits grow without end.
fn a_server_that_is_too_slow_falls_behind() {
    World::new(10).check(&[13; 20]);
}

/// The operating system wakes a sleeper late; the user waits for that as well.
fn a_sleep_that_is_too_long_counts() {
    let mut world = World::new(100);
    world.oversleep_ns = 7;
    world.check(&[5, 5, 5, 240, 5, 5, 5, 5, 5]);
}

/// A stall longer than the whole schedule: everything is sent after it.
fn no_request_is_left_out() {
    World::new(10).check(&[1_000, 1, 1, 1, 1, 1, 1, 1]);
    World::new(10).check(&[1]);
}

/// Nothing to send.
fn no_requests_have_no_latencies() {
    World::new(10).check(&[]);
}
