//! What a registration costs, and what it costs to keep many.

use std::env;
use std::os::fd::AsFd;
use std::os::unix::net::UnixDatagram;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use benches::machine;
use benches::raw::{self, Recorder};
use threadbare::event::{self, v1_poll};

use super::CHAPTER;
use super::loops::{MioDrained, Polling, Readiness};
use benches::race::{Row, Table, race, row};

/// How many registrations `register` makes in a turn.
const TURNS: usize = 2_000;
/// How many others there are in the second column.
const OTHERS: usize = 1_000;
/// How many registrations lie idle.
const IDLE: usize = 10_000;
/// For how long, and how often the loop looks at its clock meanwhile.
const WATCHED: Duration = Duration::from_secs(2);
const TICK: Duration = Duration::from_millis(100);
/// The order to a copy of this process: the number of a row of [`IDLERS`].
const IDLE_ORDER: &str = "THREADBARE_BENCH_IDLE";

/// A descriptor that is never readable, because nobody can send to it.
fn silent() -> UnixDatagram {
    UnixDatagram::unbound().expect("the system has room for a descriptor")
}

/// One registration and its end.
pub(crate) fn register() {
    const GROUP: &str = "register";
    if !raw::wanted(GROUP) {
        return;
    }
    machine::raise_descriptor_limit().expect("a process has such a limit");
    let figures = race(
        51,
        2,
        vec![
            registering::<v1_poll::Loop>("v1_poll"),
            registering::<event::Loop>("event"),
            registering::<MioDrained>("mio"),
            registering::<Polling>("polling"),
        ],
    );
    let table = Table {
        chapter: CHAPTER,
        group: GROUP,
        title: "To register a descriptor for reading, and to end that",
        notes: &["Medians of 51 rounds in which all take turns."],
        unit: "ns",
        columns: &["alone", "among 1,000"],
        chart: 1,
    };
    table.write(&figures, 0);
}

fn registering<L: Readiness>(name: &'static str) -> Row<'static, 1> {
    let others: Vec<_> = (0..OTHERS).map(|_| silent()).collect();
    row(name, move |column| {
        // All anew in each turn: where the kernel puts them makes a difference.
        let (mut readiness, one) = (L::new().expect("a loop"), silent());
        for (key, other) in others[..column * OTHERS].iter().enumerate() {
            let added = readiness.add(other.as_fd(), key as u64);
            added.expect("a registration");
        }
        let (fd, key) = (one.as_fd(), OTHERS as u64);
        let turns = if raw::trial() { 10 } else { TURNS };
        let start = Instant::now();
        for _ in 0..turns {
            readiness.add(fd, key).expect("it is not registered");
            readiness.remove(fd, false).expect("it is registered");
        }
        Some([start.elapsed().as_nanos() as f64 / turns as f64])
    })
}

/// Registers many, waits, and says what it has cost.
type Idler = fn(usize);

const IDLERS: [(&str, Idler); 5] = [
    ("thread_per_connection", idle_threads),
    ("v1_poll", idle_loop::<v1_poll::Loop>),
    ("event", idle_loop::<event::Loop>),
    ("mio", idle_loop::<MioDrained>),
    ("polling", idle_loop::<Polling>),
];

/// What ten thousand registrations cost with which nothing happens, in a process each.
pub(crate) fn idle() {
    const GROUP: &str = "idle";
    if !raw::wanted(GROUP) {
        return;
    }
    let limit =
        machine::raise_descriptor_limit().expect("a process has such a limit");
    // Some descriptors are for other things.
    let number = IDLE.min(usize::try_from(limit).unwrap_or(IDLE).saturating_sub(64));
    let number = if raw::trial() { 10 } else { number };
    let program = env::current_exe().expect("this program has a name");
    let mut recorder = Recorder::new(CHAPTER, GROUP);
    recorder.title("10,000 registrations with which nothing happens");
    if number < IDLE {
        recorder.note(&format!(
            "Only {number}: the limit of descriptors is {limit}."
        ));
    }
    recorder.note(
        "CPU time of the whole process in two seconds, of which each loop wakes up every \
         100 ms to look at its clock; memory of the process, without the kernel's, for one \
         registration.",
    );
    recorder.ratio("CPU time").ratio("memory").chart("memory");
    for (place, (name, _)) in IDLERS.iter().enumerate() {
        let output = Command::new(&program)
            .env(IDLE_ORDER, format!("{place} {number}"))
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output();
        let output = output.expect("this program can run itself");
        let text = String::from_utf8(output.stdout).expect("numbers are text");
        eprintln!("{GROUP}/{name}: CPU time ns, bytes: {text}");
        let mut words = text.split_whitespace().flat_map(str::parse::<f64>);
        let Some((used, bytes)) = words.next().zip(words.next()) else {
            eprintln!("{GROUP}/{name}: not measured, this system does not say");
            continue;
        };
        let row = recorder.row(name).value("CPU time", "ns", used);
        row.value("memory", "B", bytes);
    }
    recorder.write().expect("the samples can be written");
}

/// If this process is such a copy: does what it was told to.
pub(crate) fn idle_copy() -> bool {
    let Ok(order) = env::var(IDLE_ORDER) else {
        return false;
    };
    let mut words = order.split(' ').map(|word| word.parse().expect("a number"));
    let (place, number) = words.next().zip(words.next()).expect("two numbers");
    machine::raise_descriptor_limit().expect("a process has such a limit");
    let (_, run): (_, Idler) = IDLERS[place];
    run(number);
    true
}

fn idle_loop<L: Readiness>(number: usize) {
    let silent: Vec<_> = (0..number).map(|_| silent()).collect();
    let mut readiness = L::new().expect("a loop");
    let mut events = L::events();
    let mut tick = move |readiness: &mut L| {
        let waited = readiness.wait(&mut events, Some(TICK));
        waited.expect("it waits");
    };
    // The first wait makes ready what comes once.
    tick(&mut readiness);
    let before = memory();
    for (key, fd) in silent.iter().enumerate() {
        let added = readiness.add(fd.as_fd(), key as u64);
        added.expect("a registration");
    }
    tick(&mut readiness);
    report(number, before, move || tick(&mut readiness));
}

/// The same with a thread for each, which sleeps in a read.
fn idle_threads(number: usize) {
    let silent: Vec<_> = (0..number).map(|_| silent()).collect();
    let before = memory();
    for fd in silent {
        let small = thread::Builder::new().stack_size(64 * 1024);
        let reading = small.spawn(move || {
            let _ = fd.recv(&mut [0; 64]);
        });
        reading.expect("the system has room for a thread");
    }
    thread::sleep(Duration::from_millis(500));
    report(number, before, || thread::sleep(TICK));
}

fn report(number: usize, memory_before: Option<u64>, mut tick: impl FnMut()) {
    let memory_after = memory();
    let cpu_time = || machine::cpu_time_of(std::process::id());
    let (before, start) = (cpu_time(), Instant::now());
    let watched = if raw::trial() { TICK } else { WATCHED };
    while start.elapsed() < watched {
        tick();
    }
    if let Some((before, after)) = before.zip(cpu_time())
        && let Some((less, more)) = memory_before.zip(memory_after)
    {
        let bytes = more.saturating_sub(less) as f64 / number as f64;
        println!("{} {bytes}", (after - before).as_nanos());
    }
}

fn memory() -> Option<u64> {
    machine::memory_of(std::process::id())
}
