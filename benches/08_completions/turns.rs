//! The groups in which processes measure themselves, in turns.

use std::cell::RefCell;

use benches::completions::SLICES;
use benches::race::{Figures, Row, Table, medians, race, row};
use benches::raw::{self, Recorder};
use benches::syscalls;
use benches::worker::{Order, Worker};

use super::{CHAPTER, peers};

/// A row: its name, and its process.
type Line = (&'static str, RefCell<Worker>);

/// Starts the processes of those rows that can be measured here.
fn lines(names: &[&'static str]) -> Vec<Line> {
    let line = |&name: &&'static str| {
        let worker = peers::worker(name)?.expect("a process");
        Some((name, RefCell::new(worker)))
    };
    names.iter().filter_map(line).collect()
}

/// Has one of them measure.
fn figures<const N: usize>(line: &Line, order: Order<'_>) -> Option<[f64; N]> {
    let (name, worker) = line;
    let figures = worker.borrow_mut().measure(order);
    let figures = figures.unwrap_or_else(|error| panic!("{name}: {error}"));
    match figures.is_empty() {
        true => None,
        false => Some(figures.try_into().expect("as many as the group has")),
    }
}

/// Starts everybody anew `heats` times, and has them race over the columns.
fn raced<const N: usize>(
    names: &[&'static str],
    heats: usize,
    rounds: usize,
    columns: usize,
    order: impl Fn(usize) -> Order<'static>,
) -> Figures<N> {
    let heats = if raw::trial() { 1 } else { heats };
    let heat = |_| {
        let lines = lines(names);
        let order = &order;
        let racer = |line| -> Row<'_, N> {
            let (name, _): &Line = line;
            row(name, move |column| figures(line, order(column)))
        };
        race(rounds, columns, lines.iter().map(racer).collect())
    };
    let races: Vec<_> = (0..heats).map(heat).collect();
    medians(&races)
}

const TIMER_ROWS: [&str; 6] = [
    "std",
    "v1_positions",
    "timers",
    "completion",
    "tokio",
    "tokio_tasks",
];

/// A million timers.
pub(crate) fn timers() {
    let notes = [
        "CPU time. `std` is a `BinaryHeap` whose cancelled timers stay in it until they are \
         due; `v1_positions` and `timers` are the bare heaps; `completion` sets, \
         cancels and fires through the loop, with a callback for each timer and for each \
         answer to a cancel. `tokio` is bare, too, with one waker for all; `tokio_tasks` has \
         a task for each timer.",
        "Medians of 3 heats in which all take turns.",
    ];
    for (what, title) in [
        ("timers", "A million timers, each due at another time"),
        (
            "timers_in_order",
            "A million timers, each thousand due a millisecond after the last",
        ),
    ] {
        if !raw::wanted(what) {
            continue;
        }
        let amount = if raw::trial() { 1_000 } else { 1_000_000 };
        let order = |_| Order {
            what,
            width: 1,
            amount,
            pinned: true,
        };
        let found = raced::<3>(&TIMER_ROWS, 3, 1, 1, order);
        // One order answers for all columns.
        let split = |(name, cells): &(&'static str, Vec<Option<[f64; 3]>>)| {
            let parts = cells[0].unwrap_or([f64::NAN; 3]);
            let all = parts.iter().sum();
            let cells = parts.into_iter().chain([all]);
            (*name, cells.map(|figure| Some([figure])).collect())
        };
        let found: Figures<1> = found.iter().map(split).collect();
        let table = Table {
            chapter: CHAPTER,
            group: what,
            title,
            notes: &notes,
            unit: "ns",
            columns: &["set", "cancel", "fire", "all three"],
            chart: 3,
        };
        table.write(&found, 0);
    }
}

const PAIR_ROWS: [&str; 6] =
    ["readiness", "io_uring", "mio", "tokio", peers::URING, "std"];
const PAIRS: [usize; 2] = [1, 64];

/// Five bytes there and back, libxev's way.
pub(crate) fn ping_pong() {
    let wanted = ["ping_pong", "ping_pong_cpu", "ping_pong_calls"].map(raw::wanted);
    if !wanted.contains(&true) {
        return;
    }
    let order = |column: usize| Order {
        what: "ping_pong",
        width: PAIRS[column],
        amount: match (raw::trial(), column) {
            (true, _) => 200,
            (false, 0) => 5_000,
            (false, _) => 12_800,
        },
        pinned: true,
    };
    let figures = raced::<2>(&PAIR_ROWS, 7, 5, PAIRS.len(), order);
    let time = Table {
        chapter: CHAPTER,
        group: "ping_pong",
        title: "Five bytes there and back, both ends on one thread: time",
        notes: &[
            "All on one core. `std` has a thread for each end, which blocks.",
            "Medians of 7 heats; in each of them all are started, and the medians of 5 \
             rounds are taken, in which all take turns.",
        ],
        unit: "ns",
        columns: &["1 pair", "64 pairs"],
        chart: 1,
    };
    time.write(&figures, 0);
    let cells = || figures.iter().flat_map(|(_, cells)| cells.iter().flatten());
    if cells().all(|[_, used]| used.is_finite()) {
        let cpu = Table {
            group: "ping_pong_cpu",
            title: "Five bytes there and back, both ends on one thread: CPU time",
            ..time
        };
        cpu.write(&figures, 1);
    }
    if raw::trial() {
        return; // to attach the tool takes its time
    }
    let said = RefCell::new(false);
    let lines = lines(&PAIR_ROWS);
    let counted = lines.iter().map(|line| {
        let cells = (0..PAIRS.len()).map(|column| {
            let (order, process) = (order(column), line.1.borrow().process());
            let measure = || super::turns::figures::<2>(line, order);
            let (figures, calls) = syscalls::count(process, measure);
            figures?;
            match calls {
                Ok(calls) => Some([calls as f64 / order.amount as f64]),
                Err(why) => {
                    if !said.replace(true) {
                        eprintln!("system calls: not counted, {why}");
                    }
                    None
                }
            }
        });
        (line.0, cells.collect())
    });
    let calls = Table {
        group: "ping_pong_calls",
        title: "Five bytes there and back, both ends on one thread: system calls",
        notes: &[
            "Counted from outside, in a run of their own, with those that set it up.",
        ],
        unit: "",
        ..time
    };
    calls.write(&counted.collect::<Figures<1>>(), 0);
}

const THREADS: [usize; 4] = [1, 2, 4, 8];

/// Threads that notify as fast as they can.
pub(crate) fn pummel() {
    const GROUP: &str = "pummel";
    if !raw::wanted(GROUP) && !raw::wanted("pummel_cpu") {
        return;
    }
    let order = |column: usize| Order {
        what: GROUP,
        width: THREADS[column],
        amount: if raw::trial() { 20 } else { 20_000 },
        pinned: false,
    };
    let rows = ["readiness", "io_uring", "mio", "tokio"];
    let figures = raced::<2>(&rows, 5, 5, THREADS.len(), order);
    let table = Table {
        chapter: CHAPTER,
        group: GROUP,
        title: "A loop that threads notify as fast as they can: time for each callback",
        notes: &[
            "Many notifications become one callback. Threads and loop share the cores as \
             the system has it.",
            "Medians of 5 heats of 5 rounds in which all take turns.",
        ],
        unit: "ns",
        columns: &["1 thread", "2 threads", "4 threads", "8 threads"],
        chart: 1,
    };
    table.write(&figures, 0);
    let cpu = Table {
        group: "pummel_cpu",
        title: "A loop that threads notify as fast as they can: CPU time of its thread",
        ..table
    };
    cpu.write(&figures, 1);
}

/// A ticker, and a computation of a tenth of a second.
pub(crate) fn blocking() {
    const GROUP: &str = "blocking";
    const ROUNDS: usize = 10;
    if !raw::wanted(GROUP) {
        return;
    }
    let ways = [
        ("inline", "not at all"),
        ("slices", "in slices"),
        ("offloaded", "on another thread"),
    ];
    let lines = lines(&["readiness", "io_uring", "tokio"]);
    let mut recorder = Recorder::new(CHAPTER, GROUP);
    recorder
        .title("A timer of a millisecond beside a computation on the same loop")
        .note(
            "How late the timer is while there is something to compute: as it is, in slices \
             of some 100 microseconds, and on another thread. A tick that is missed was late, \
             too. Tokio's clock counts in milliseconds.",
        );
    let rounds = if raw::trial() { 1 } else { ROUNDS };
    let mut found = vec![(Vec::new(), Vec::new()); ways.len() * lines.len()];
    for _ in 0..rounds {
        for (place, (what, _)) in ways.into_iter().enumerate() {
            for (at, (name, worker)) in lines.iter().enumerate() {
                let order = Order {
                    what,
                    width: 1,
                    amount: if raw::trial() { 20 } else { SLICES },
                    pinned: false,
                };
                let figures = worker.borrow_mut().measure(order);
                let figures =
                    figures.unwrap_or_else(|error| panic!("{name}: {error}"));
                let (late, worked) = &mut found[place * lines.len() + at];
                let (time, samples) = figures.split_first().expect("the time");
                worked.push(*time);
                late.extend_from_slice(samples);
            }
        }
    }
    let rows = ways
        .iter()
        .flat_map(|way| lines.iter().map(move |line| (way, line)));
    for ((_, how), (name, _)) in rows.clone() {
        let (late, worked) = found.remove(0);
        let name = format!("{name}, {how}");
        let worked = benches::race::median(worked);
        eprintln!("{GROUP}/{name}: computed in {:.1} ms", worked / 1e6);
        let row = recorder.row(&name);
        row.samples("late", "ns", late)
            .value("computed in", "ns", worked);
    }
    recorder.write().expect("the samples can be written");
}
