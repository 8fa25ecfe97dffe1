//! Round trips of 64 bytes.

use std::thread;
use std::time::Duration;

use benches::{machine, raw};
use threadbare::event::{self, v1_poll};

use super::CHAPTER;
use super::driver::Driver;
use super::loops::{MioDrained, MioShortReads, Polling};
use super::server::{on_loop, thread_per_connection};
use benches::child::{SERVERS_CORE, Server, Start, last_core};
use benches::race::{Figures, Row, Table, medians, race, row};

/// The rows of `echo`.
pub(crate) const SERVERS: &[(&str, Start)] = &[
    ("thread_per_connection", thread_per_connection),
    ("v1_poll", on_loop::<v1_poll::Loop>),
    ("event", on_loop::<event::Loop>),
    ("mio", on_loop::<MioDrained>),
    ("mio_short_reads", on_loop::<MioShortReads>),
    ("polling", on_loop::<Polling>),
];

/// How many connections are open, how many of them talk, and how many round trips there
/// are in one turn.
struct Column {
    name: &'static str,
    open: usize,
    active: usize,
    trips: usize,
}

const COLUMNS: &[Column] = &[
    Column {
        name: "1 connection",
        open: 1,
        active: 1,
        trips: 2_500,
    },
    Column {
        name: "64 connections",
        open: 64,
        active: 64,
        trips: 12_000,
    },
    Column {
        name: "1,000 connections",
        open: 1_000,
        active: 1_000,
        trips: 12_000,
    },
    Column {
        name: "1 of 1,000",
        open: 1_000,
        active: 1,
        trips: 1_000,
    },
];

/// How often all servers are started anew, and how often they have their turn each time. Where
/// a process happens to lie in memory makes a difference of some percent, for as long as it
/// lives.
const HEATS: usize = 11;
const ROUNDS: usize = 3;
const SAME_CORE: &str = "Where only one connection talks, server and client share a core: \
     they take turns anyway, and between cores most of the time would be that of waking one \
     up. Elsewhere each has its own.";

const MEDIANS: &str = "Medians of 11 heats; in each of them all servers are started, and the \
     medians of 3 rounds are taken, in which all take turns.";

/// What `echo` and `designs` measure.
struct Subjects {
    servers: &'static [(&'static str, Start)],
    columns: &'static [Column],
    /// The groups of the times, of the CPU time, and of the system calls.
    groups: [&'static str; 3],
    title: &'static str,
}

pub(crate) fn echo() {
    measure(Subjects {
        servers: SERVERS,
        columns: COLUMNS,
        groups: ["echo", "echo_cpu", "echo_calls"],
        title: "64 bytes to a server and back",
    });
}

/// How the same server asks the kernel: raw epoll, four ways.
#[cfg(target_os = "linux")]
pub(crate) fn designs() {
    measure(Subjects {
        servers: super::designs::SERVERS,
        columns: &COLUMNS[..2],
        groups: ["designs", "designs_cpu", "designs_calls"],
        title: "64 bytes to a server on epoll and back, four ways to ask for them",
    });
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn designs() {
    eprintln!("designs: not measured, it asks epoll, which is Linux's");
}

fn measure(subjects: Subjects) {
    if subjects.groups.into_iter().any(raw::wanted) {
        // On a thread of its own, because it is going to be bound to a core.
        let measuring = thread::spawn(move || measure_here(&subjects));
        measuring.join().expect("the reason is above");
    }
}

/// A server, and the connections to it. It is used by all columns with as many of them.
struct Line {
    server: Server,
    driver: Driver,
    open: usize,
}

impl Line {
    fn run(&mut self, column: &Column) -> Duration {
        move_for(column);
        let time = self.driver.run(column.active.min(self.open), trips(column));
        time.expect("all echoes come")
    }

    /// The same, and how many system calls the server makes for a round trip.
    fn calls(&mut self, column: &Column) -> Result<f64, String> {
        move_for(column);
        let (active, trips) = (column.active.min(self.open), trips(column));
        let (time, calls) = self.server.calls(|| self.driver.run(active, trips));
        time.expect("all echoes come");
        calls.map(|calls| calls as f64 / trips as f64)
    }
}

/// Moves the driver, which is this thread, to its core.
fn move_for(column: &Column) {
    let core = match column.active {
        1 => SERVERS_CORE,
        _ => last_core(),
    };
    // Where a thread cannot be bound to a core, the system decides.
    let _ = machine::pin_to(core);
}

fn trips(column: &Column) -> usize {
    if raw::trial() { 20 } else { column.trips }
}

fn open(column: &Column) -> usize {
    if raw::trial() {
        column.open.min(8)
    } else {
        column.open
    }
}

/// Starts a server for each different number of connections, and connects.
fn lines(name: &str, columns: &[Column]) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for column in columns {
        let open = open(column);
        if lines.iter().any(|line| line.open == open) {
            continue;
        }
        let server = Server::start(name).expect("this program can run itself");
        let driver = Driver::connect(server.address, open).expect("it listens");
        lines.push(Line {
            server,
            driver,
            open,
        });
    }
    lines
}

fn line_of<'l>(lines: &'l mut [Line], column: &Column) -> &'l mut Line {
    let open = open(column);
    let line = lines.iter_mut().find(|line| line.open == open);
    line.expect("there is one for each number of connections")
}

fn measure_here(subjects: &Subjects) {
    machine::raise_descriptor_limit().expect("a process has such a limit");
    let columns = subjects.columns;
    let heats = if raw::trial() { 1 } else { HEATS };
    let (mut figures, mut calls) = (Vec::new(), Figures::new());
    for heat in 1..=heats {
        let mut all: Vec<_> = (subjects.servers.iter())
            .map(|&(name, _)| (name, lines(name, columns)))
            .collect();
        let racing = all.iter_mut();
        let racing = racing.map(|(name, lines)| racer(name, lines, columns));
        figures.push(race(ROUNDS, columns.len(), racing.collect()));
        if heat == heats {
            calls = counted(columns, &mut all);
        }
    }
    let figures = medians(&figures);

    let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
    let title = |what: &str| format!("{}: {what}", subjects.title);
    let table = Table {
        chapter: CHAPTER,
        group: subjects.groups[0],
        title: &title("time of a round trip"),
        notes: &[SAME_CORE, MEDIANS],
        unit: "ns",
        columns: &names,
        chart: 1,
    };
    table.write(&figures, 0);
    let cells = || figures.iter().flat_map(|(_, cells)| cells.iter().flatten());
    if cells().all(|[_, used]| used.is_finite()) {
        let cpu = Table {
            chapter: CHAPTER,
            group: subjects.groups[1],
            title: &title("CPU time of the server"),
            ..table
        };
        cpu.write(&figures, 1);
    }
    let system_calls = Table {
        chapter: CHAPTER,
        group: subjects.groups[2],
        title: &title("system calls of the server"),
        notes: &["Counted from outside, in a run of their own."],
        unit: "",
        chart: 0,
        ..table
    };
    system_calls.write(&calls, 0);
}

/// A row that measures the time of a round trip, and the server's CPU time for it.
fn racer<'l>(
    name: &'static str,
    lines: &'l mut [Line],
    columns: &'l [Column],
) -> Row<'l, 2> {
    row(name, |column| {
        let column = &columns[column];
        let line = line_of(lines, column);
        let before = line.server.cpu_time();
        let time = line.run(column);
        let used = before.zip(line.server.cpu_time());
        // Not a number where the system does not say: then there is no table of it.
        let used = used.map_or(f64::NAN, |(before, after)| {
            (after - before).as_nanos() as f64
        });
        let time = time.as_nanos() as f64;
        Some([time, used].map(|ns| ns / trips(column) as f64))
    })
}

/// Counts the system calls of each server in each column, for each round trip.
fn counted(columns: &[Column], all: &mut [(&'static str, Vec<Line>)]) -> Figures<1> {
    let mut said = false;
    let mut count = |lines: &mut [Line], column: &Column| {
        if raw::trial() && column.open > 1 {
            return None; // to attach the tool takes its time
        }
        let calls = line_of(lines, column).calls(column);
        if let (Err(why), false) = (&calls, said) {
            eprintln!("system calls: not counted, {why}");
            said = true;
        }
        calls.ok().map(|calls| [calls])
    };
    all.iter_mut()
        .map(|(name, lines)| {
            let cells = columns.iter().map(|column| count(lines, column));
            (*name, cells.collect())
        })
        .collect()
}
