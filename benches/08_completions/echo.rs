//! Round trips of 64 bytes: the servers on our loop, and the tables.

use std::io;
use std::mem;
use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use benches::child::{SERVERS_CORE, Server, last_core};
use benches::completions::READ_BYTES;
use benches::race::{Figures, Row, Table, medians, race, row};
use benches::{machine, raw};
use threadbare::completion::{
    Backend, Descriptor, Finished, Loop, Next, Received, Run,
};

use super::driver::Driver;
use super::server::listen;
use super::{CHAPTER, peers};

/// A connection, whose place in the table is the user word.
struct Connection {
    descriptor: Descriptor,
    /// What it writes is in here, except while it is written.
    spare: Vec<u8>,
}

struct State {
    /// Whether each connection has a buffer, which is read into and then written; if not, what
    /// comes is in the loop's buffers, and copied.
    reads: bool,
    connections: Vec<Connection>,
}

/// A server that takes what comes in the loop's buffers.
pub(crate) fn receiving(backend: Backend) -> io::Result<SocketAddr> {
    serve(backend, false)
}

/// One that has a buffer for each connection.
pub(crate) fn reading(backend: Backend) -> io::Result<SocketAddr> {
    serve(backend, true)
}

fn serve(backend: Backend, reads: bool) -> io::Result<SocketAddr> {
    let (listener, address) = listen()?;
    thread::spawn(move || {
        let run = || -> io::Result<usize> {
            let mut looped: Loop<State> = super::loop_on(backend)?;
            let listener = looped.adopt(listener)?;
            looped.accept(listener, 0, accepted);
            let connections = Vec::new();
            looped.run(&mut State { reads, connections }, Run::UntilDone)
        };
        run().expect("the loop goes on")
    });
    Ok(address)
}

fn accepted(
    looped: &mut Loop<State>,
    state: &mut State,
    done: &mut Finished<Descriptor>,
) -> Next {
    let result = mem::replace(&mut done.result, Err(io::ErrorKind::Other.into()));
    let descriptor = result.expect("a client");
    looped.set_nodelay(descriptor, true).expect("a TCP socket");
    let user = state.connections.len() as u64;
    let mut spare = Vec::new();
    match state.reads {
        true => {
            let buffer = Vec::with_capacity(READ_BYTES);
            looped.read(descriptor, buffer, user, read);
        }
        false => {
            spare.reserve(READ_BYTES);
            looped.receive(descriptor, user, received);
        }
    }
    // The clients of this bench end after the servers, so that nobody has to close anything.
    state.connections.push(Connection { descriptor, spare });
    Next::Rearm
}

fn received(
    looped: &mut Loop<State>,
    state: &mut State,
    done: &mut Received<'_>,
) -> Next {
    let bytes = *done.result.as_ref().expect("a client that sends");
    if bytes.is_empty() {
        return Next::Disarm;
    }
    let connection = &mut state.connections[done.user as usize];
    let mut buffer = mem::take(&mut connection.spare);
    buffer.clear();
    buffer.extend_from_slice(bytes);
    looped.write(connection.descriptor, buffer, done.user, sent);
    Next::Rearm
}

fn sent(
    _: &mut Loop<State>,
    state: &mut State,
    done: &mut Finished<usize, Vec<u8>>,
) -> Next {
    assert!(done.result.is_ok(), "a client that reads");
    state.connections[done.user as usize].spare = mem::take(&mut done.buffer);
    Next::Disarm
}

fn read(
    looped: &mut Loop<State>,
    state: &mut State,
    done: &mut Finished<usize, Vec<u8>>,
) -> Next {
    if matches!(done.result, Ok(1..)) {
        let descriptor = state.connections[done.user as usize].descriptor;
        let buffer = mem::take(&mut done.buffer);
        looped.write(descriptor, buffer, done.user, written);
    }
    Next::Disarm
}

fn written(
    looped: &mut Loop<State>,
    state: &mut State,
    done: &mut Finished<usize, Vec<u8>>,
) -> Next {
    assert!(done.result.is_ok(), "a client that reads");
    let descriptor = state.connections[done.user as usize].descriptor;
    let mut buffer = mem::take(&mut done.buffer);
    buffer.clear();
    looped.read(descriptor, buffer, done.user, read);
    Next::Disarm
}

/// The rows, in their order in the tables.
const ROWS: [&str; 8] = [
    "readiness",
    "readiness_read",
    "io_uring",
    "io_uring_read",
    "event",
    "mio",
    "tokio",
    peers::URING,
];

/// How many connections there are, and how many round trips in one turn.
struct Column {
    name: &'static str,
    open: usize,
    trips: usize,
}

const COLUMNS: [Column; 3] = [
    Column {
        name: "1 connection",
        open: 1,
        trips: 2_500,
    },
    Column {
        name: "64 connections",
        open: 64,
        trips: 12_000,
    },
    Column {
        name: "1,000 connections",
        open: 1_000,
        trips: 12_000,
    },
];

const HEATS: usize = 7;
const ROUNDS: usize = 3;

pub(crate) fn echo() {
    if ["echo", "echo_cpu", "echo_calls"]
        .into_iter()
        .any(raw::wanted)
    {
        // On a thread of its own, because it is going to be bound to a core.
        let measuring = thread::spawn(measure);
        measuring.join().expect("the reason is above");
    }
}

/// A server, and its connections, for one column.
struct Line {
    server: Server,
    driver: Driver,
}

impl Line {
    fn run(&mut self, column: &Column) -> Duration {
        move_for(column);
        let time = self.driver.run(open(column), trips(column));
        time.expect("all echoes come")
    }
}

/// Moves the driver, which is this thread, to its core: the servers' where they take turns
/// anyway, and waking one another between cores would be most of the time.
fn move_for(column: &Column) {
    let core = match column.open {
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

/// Starts a server for each column, and connects.
fn lines(name: &str) -> Option<Vec<Line>> {
    let line = |column| {
        let server = peers::server(name)?.expect("a process");
        let driver = Driver::connect(server.address, open(column));
        let driver = driver.expect("it listens");
        Some(Line { server, driver })
    };
    COLUMNS.iter().map(line).collect()
}

fn measure() {
    machine::raise_descriptor_limit().expect("a process has such a limit");
    let heats = if raw::trial() { 1 } else { HEATS };
    let (mut figures, mut calls) = (Vec::new(), Figures::new());
    for heat in 1..=heats {
        let all = ROWS.iter();
        let mut all: Vec<_> =
            all.filter_map(|name| Some((*name, lines(name)?))).collect();
        let racers = all.iter_mut().map(|(name, lines)| racer(name, lines));
        figures.push(race(ROUNDS, COLUMNS.len(), racers.collect()));
        if heat == heats && !raw::trial() {
            calls = counted(&mut all);
        }
    }
    let figures = medians(&figures);

    let names: Vec<&str> = COLUMNS.iter().map(|column| column.name).collect();
    let title = |what: &str| format!("64 bytes to a server and back: {what}");
    let table = Table {
        chapter: CHAPTER,
        group: "echo",
        title: &title("time of a round trip"),
        notes: &[
            "With one connection, server and client share a core. Elsewhere each has its own.",
            "Medians of 7 heats; in each of them all servers are started, and the medians \
             of 3 rounds are taken, in which all take turns.",
        ],
        unit: "ns",
        columns: &names,
        chart: 1,
    };
    table.write(&figures, 0);
    let cells = || figures.iter().flat_map(|(_, cells)| cells.iter().flatten());
    if cells().all(|[_, used]| used.is_finite()) {
        let cpu = Table {
            group: "echo_cpu",
            title: &title("CPU time of the server"),
            ..table
        };
        cpu.write(&figures, 1);
    }
    let system_calls = Table {
        group: "echo_calls",
        title: &title("system calls of the server"),
        notes: &["Counted from outside, in a run of their own."],
        unit: "",
        ..table
    };
    system_calls.write(&calls, 0);
}

/// A row that measures the time of a round trip, and the server's CPU time for it.
fn racer<'l>(name: &'static str, lines: &'l mut [Line]) -> Row<'l, 2> {
    row(name, |place| {
        let (line, column) = (&mut lines[place], &COLUMNS[place]);
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
fn counted(all: &mut [(&'static str, Vec<Line>)]) -> Figures<1> {
    let mut said = false;
    let mut count = |line: &mut Line, column: &Column| {
        move_for(column);
        let (server, driver) = (&line.server, &mut line.driver);
        let (time, calls) = server.calls(|| driver.run(open(column), trips(column)));
        time.expect("all echoes come");
        if let (Err(why), false) = (&calls, said) {
            eprintln!("system calls: not counted, {why}");
            said = true;
        }
        calls
            .ok()
            .map(|calls| [calls as f64 / trips(column) as f64])
    };
    all.iter_mut()
        .map(|(name, lines)| {
            let cells = lines.iter_mut().zip(&COLUMNS);
            let cells = cells.map(|(line, column)| count(line, column));
            (*name, cells.collect())
        })
        .collect()
}
