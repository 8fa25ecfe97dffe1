//! A contest of HTTP servers: what a request costs each of them, under the same loads.
//!
//! Each server is a process of its own on the first core, the driver is this one, on the
//! last. They take turns of a tenth of a second, so what disturbs the machine disturbs all;
//! what counts is the ratio to the first row, the floor. Chapter 10's bench has the course's own
//! servers in it, the program `servers` in `benches/peers` has those of others.

use crate::child::{Server, last_core};
use crate::load::{Driver, Pace};
use crate::race::{Figures, Row, Table, median, race, row};
use crate::{machine, raw};
use std::cell::RefCell;
use std::io;
use std::time::Duration;

/// What every client asks.
const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n";
/// How long each run lasts before the measured one.
const WARM_UP: Duration = Duration::from_millis(200);
/// How long a run lasts in which system calls are counted.
const COUNTED: Duration = Duration::from_millis(500);
/// How many connections are silent.
const IDLE: usize = 10_000;

/// One server: its name in the tables, and how it is started.
#[derive(Clone, Copy, Debug)]
pub struct Contestant {
    /// Its name in the tables.
    pub name: &'static str,
    /// Starts it in a process of its own, given the name.
    pub start: fn(&str) -> io::Result<Server>,
}

/// What a contest is called, and how long it takes.
#[derive(Clone, Copy, Debug)]
pub struct Contest<'a> {
    /// The key of the chapter, in whose tables the figures are.
    pub chapter: &'a str,
    /// What the names of the tables begin with.
    pub prefix: &'a str,
    /// How long each turn lasts.
    pub time: Duration,
    /// How many turns each server has with each load.
    pub rounds: usize,
}

/// A load: its name, its connections, and how many requests each sends at once.
type Load = (&'static str, usize, usize);

const LOADS: [Load; 5] = [
    ("1 connection", 1, 1),
    ("64", 64, 1),
    ("256", 256, 1),
    ("1,000", 1_000, 1),
    ("64, 16 at once", 64, 16),
];

impl Contest<'_> {
    /// Has all loads run by all servers, and writes the tables `cpu`, `user`, `calls` and
    /// `idle`.
    ///
    /// # Errors
    /// If the limit of descriptors cannot be read.
    ///
    /// # Panics
    /// If a server does not start, or does not answer.
    pub fn hold(&self, all: &[Contestant]) -> io::Result<()> {
        machine::raise_descriptor_limit()?;
        // Where a thread cannot be bound to a core, the system decides.
        let _ = machine::pin_to(last_core());
        let wanted = |what: &str| raw::wanted(&format!("{}{what}", self.prefix));
        if wanted("cpu") || wanted("user") || wanted("rate") {
            self.costs(all);
        }
        if wanted("calls") {
            self.calls(all);
        }
        if wanted("idle") {
            self.idle(all);
        }
        Ok(())
    }

    /// CPU time for each request, all of it and the server's own part.
    fn costs(&self, all: &[Contestant]) {
        let mut figures: Figures<3> =
            all.iter().map(|server| (server.name, Vec::new())).collect();
        for (_, connections, pipeline) in LOADS {
            let pace = Pace::Closed { pipeline };
            let mut open: Vec<Open> = all
                .iter()
                .map(|server| Open::new(*server, connections, pace))
                .collect();
            for round in 0..self.rounds.max(1) {
                // Who comes after whom is different each round.
                for turn in 0..open.len() {
                    let place = (turn + round) % all.len();
                    open[place].slice(pace, self.time);
                }
            }
            for (row, open) in figures.iter_mut().zip(open) {
                row.1.push(Some(open.figures()));
            }
        }
        let notes = [
            "Medians of many short runs in turns; server on one core, driver on another. \
             The first row parses nothing.",
        ];
        let columns = LOADS.map(|load| load.0);
        for (which, (group, title, unit)) in [
            ("cpu", "CPU time for each request", "ns"),
            (
                "user",
                "CPU time for each request, without the kernel's",
                "ns",
            ),
            ("rate", "Requests a second", "/s"),
        ]
        .into_iter()
        .enumerate()
        {
            self.write(&columns, &figures, which, group, title, unit, &notes);
        }
    }

    fn calls(&self, all: &[Contestant]) {
        let columns = [LOADS[0], LOADS[1], LOADS[4]];
        let why = RefCell::new(None);
        let rows: Vec<Row<'_, 1>> = all
            .iter()
            .map(|server| {
                let why = &why;
                row(server.name, move |column| {
                    let (_, connections, pipeline) = columns[column];
                    let (child, mut driver) = started(*server, connections);
                    let pace = Pace::Closed { pipeline };
                    driver.run(pace, WARM_UP).expect("the load can be run");
                    let (outcome, calls) = child.calls(|| driver.run(pace, COUNTED));
                    let answered = outcome.expect("the load can be run").answered;
                    match calls {
                        Ok(calls) => Some([calls as f64 / answered.max(1) as f64]),
                        Err(said) => {
                            why.replace(Some(said));
                            None
                        }
                    }
                })
            })
            .collect();
        let figures = race(1, columns.len(), rows);
        let note = why.take().map(|why| format!("Not counted: {why}."));
        let notes: Vec<&str> = note.iter().map(String::as_str).collect();
        let (title, names) =
            ("System calls for each request", columns.map(|load| load.0));
        self.write(&names, &figures, 0, "calls", title, "", &notes);
    }

    fn idle(&self, all: &[Contestant]) {
        let rows = all.iter().map(|server| {
            row(server.name, move |_| {
                let (child, first) = started(*server, 1);
                let before = machine::memory_of(child.process())?;
                let rest = Driver::connect(child.address, IDLE, REQUEST)
                    .expect("ten thousand connections");
                let after = machine::memory_of(child.process())?;
                drop((first, rest));
                Some([after.saturating_sub(before) as f64 / IDLE as f64])
            })
        });
        let figures = race(1, 1, rows.collect());
        let notes = ["After one request on each; without the kernel's share."];
        let title = "Memory of 10,000 connections that are silent, each";
        self.write(&["each"], &figures, 0, "idle", title, "B", &notes);
    }

    #[expect(clippy::too_many_arguments, reason = "it is what a table has")]
    fn write<const N: usize>(
        &self,
        columns: &[&str],
        figures: &Figures<N>,
        which: usize,
        group: &str,
        title: &str,
        unit: &str,
        notes: &[&str],
    ) {
        let table = Table {
            chapter: self.chapter,
            group: &format!("{}{group}", self.prefix),
            title,
            notes,
            unit,
            columns,
            chart: columns.len().min(2) - 1,
        };
        table.write(figures, which);
    }
}

/// A server that has its clients, and what it has shown so far.
struct Open {
    name: &'static str,
    child: Server,
    driver: Driver,
    cpu_ns: Vec<f64>,
    rate: Vec<f64>,
    user: Duration,
    kernel: Duration,
}

impl Open {
    fn new(server: Contestant, connections: usize, pace: Pace) -> Self {
        let (child, mut driver) = started(server, connections);
        driver.run(pace, WARM_UP).expect("the load can be run");
        Self {
            name: server.name,
            child,
            driver,
            cpu_ns: Vec::new(),
            rate: Vec::new(),
            user: Duration::ZERO,
            kernel: Duration::ZERO,
        }
    }

    /// One turn.
    fn slice(&mut self, pace: Pace, time: Duration) {
        let before = machine::times_of(self.child.process());
        let outcome = self.driver.run(pace, time).expect("the load can be run");
        let after = machine::times_of(self.child.process());
        let lost = outcome.refused + outcome.broken + outcome.unanswered;
        let name = self.name;
        assert_eq!(lost, 0, "{name}: {lost} requests were not answered");
        self.rate.push(outcome.per_second());
        if let Some((before, after)) = before.zip(after) {
            let spent = (after.all - before.all).as_nanos() as f64;
            self.cpu_ns.push(spent / outcome.answered.max(1) as f64);
            self.user += after.user - before.user;
            self.kernel += after.kernel - before.kernel;
        }
    }

    /// CPU time of a request in nanoseconds, the server's own part of it, requests a second.
    fn figures(self) -> [f64; 3] {
        // Where the system doesn't say, there is no figure.
        let all = match self.cpu_ns.is_empty() {
            true => f64::NAN,
            false => median(self.cpu_ns),
        };
        // The kernel samples which part is whose; the sum it knows exactly.
        let both = (self.user + self.kernel).as_secs_f64();
        let part = self.user.as_secs_f64() / both.max(1e-9);
        [all, all * part, median(self.rate)]
    }
}

fn started(server: Contestant, connections: usize) -> (Server, Driver) {
    let name = server.name;
    let child = (server.start)(name).unwrap_or_else(|err| panic!("{name}: {err}"));
    let driver = Driver::connect(child.address, connections, REQUEST);
    (child, driver.unwrap_or_else(|err| panic!("{name}: {err}")))
}
