//! The ladder where there is epoll or `poll(2)`.

use benches::load::{
    CONNECTIONS_MAX, Driver, Outcome, PIPELINE_MAX, Pace, RATE_MAX,
};
use benches::raw::Recorder;
use benches::rungs::{self, RUNGS, Rung};
use benches::{acceptance, flags, machine, syscalls};
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::process::{self, Child, ExitCode, Stdio};
use std::time::{Duration, Instant};
use std::{env, thread};

/// Two metrics, as the tables name them.
const CPU: &str = "CPU per request";
const CALLS: &str = "system calls per request";
/// What every client asks.
const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: ladder\r\n\r\n";
/// The connections of the loads that are about something else than their number.
const CONNECTIONS: usize = 64;
/// How long each run lasts before the measured one.
const WARM_UP: Duration = Duration::from_millis(300);
/// How long a run lasts in which system calls are counted.
const COUNTED: Duration = Duration::from_millis(500);
/// How long a server may take to stop before it is killed.
const STOP: Duration = Duration::from_secs(10);
/// The chapter's key, as far as files are concerned.
const CHAPTER: &str = "ladder";

/// `println!` that does not mind if nobody reads on, as in `ladder | head`.
macro_rules! say {
    ($($what:tt)*) => {{
        let _ = writeln!(io::stdout(), $($what)*);
    }};
}

pub(super) fn main() -> ExitCode {
    let flags = flags::parse(command());
    let result = match flags.get_one::<String>("serve") {
        Some(name) => serve(name, flags.get_one::<usize>("core").copied()),
        None => climb(&flags),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => {
            eprintln!("ladder: {err}");
            ExitCode::FAILURE
        }
    }
}

fn command() -> Command {
    let number = |name: &'static str, default: &'static str, help: &'static str| {
        Arg::new(name)
            .long(name)
            .value_name("N")
            .default_value(default)
            .help(help)
    };
    let names = RUNGS.iter().map(|rung| rung.name);
    let conns = value_parser!(u64).range(1..=CONNECTIONS_MAX as u64);
    let idle = value_parser!(u64).range(0..=CONNECTIONS_MAX as u64);
    let pipeline = value_parser!(u64).range(0..=PIPELINE_MAX as u64);
    let rate = value_parser!(u32).range(0..=i64::from(RATE_MAX));
    Command::new("ladder")
        .about("Runs the same checks and the same loads against every rung.")
        .arg(
            Arg::new("rung")
                .long("rung")
                .value_name("NAME")
                .action(ArgAction::Append)
                .value_parser(PossibleValuesParser::new(names.clone()))
                .help("Only this rung (may be repeated); the results are not kept"),
        )
        .arg(
            number(
                "conns",
                "1,64,256,1000",
                "Closed loops with so many connections",
            )
            .value_delimiter(',')
            .value_parser(conns),
        )
        .arg(
            number(
                "pipeline",
                "16",
                "A closed loop, so many requests at once; 0: none",
            )
            .value_parser(pipeline),
        )
        .arg(
            number(
                "rate",
                "5000",
                "An open loop, so many requests a second; 0: none",
            )
            .value_parser(rate),
        )
        .arg(
            number(
                "idle",
                "5000",
                "Memory with so many idle connections; 0: none",
            )
            .value_parser(idle),
        )
        .arg(
            number("seconds", "2", "How long each run lasts")
                .value_parser(value_parser!(u64).range(1..=600)),
        )
        .arg(
            number("rounds", "3", "How often each run is repeated")
                .value_parser(value_parser!(u64).range(1..=100)),
        )
        .arg(
            Arg::new("check")
                .long("check")
                .action(ArgAction::SetTrue)
                .help("Only the acceptance requests"),
        )
        .arg(
            Arg::new("serve")
                .long("serve")
                .value_name("NAME")
                .value_parser(PossibleValuesParser::new(names))
                .help("Run this rung alone until standard input ends"),
        )
        .arg(
            Arg::new("core")
                .long("core")
                .value_name("N")
                .requires("serve")
                .value_parser(value_parser!(usize))
                .help("Bind it to this core"),
        )
}

/// The child's half: one rung, until the parent closes our standard input, be it because
/// the measurement is over or because the parent is gone.
fn serve(name: &str, core: Option<usize>) -> io::Result<()> {
    let rung = rungs::by_name(name).ok_or(io::ErrorKind::NotFound)?;
    if let Some(core) = core {
        machine::pin_to(core)?;
    }
    let server = (rung.start)()?;
    println!("listening on http://{}", server.address());
    io::stdin().read_to_end(&mut Vec::new())?;
    server.stop();
    Ok(())
}

/// A rung in a process of its own.
struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    fn start(rung: &Rung, core: Option<usize>) -> io::Result<Self> {
        let mut command = process::Command::new(env::current_exe()?);
        command.args(["--serve", rung.name]);
        if let Some(core) = core {
            command.args(["--core", &core.to_string()]);
        }
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        let address = line.trim().strip_prefix("listening on http://");
        match address.and_then(|address| address.parse().ok()) {
            Some(address) => Ok(Self { child, address }),
            None => {
                let status = child.wait()?;
                let name = rung.name;
                Err(io::Error::other(format!("{name} did not start: {status}")))
            }
        }
    }

    /// Ends the server by closing its standard input, and by force if that is not enough.
    fn stop(mut self) -> io::Result<()> {
        drop(self.child.stdin.take());
        let deadline = Instant::now() + STOP;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait()? {
                return match status.success() {
                    true => Ok(()),
                    false => Err(io::Error::other(format!("the server: {status}"))),
                };
            }
            thread::sleep(Duration::from_millis(5));
        }
        self.child.kill()?;
        self.child.wait()?;
        Err(io::Error::other(format!(
            "the server did not stop within {STOP:?}"
        )))
    }
}

/// Which core is whose.
#[derive(Clone, Copy)]
struct Cores {
    server: Option<usize>,
}

impl Cores {
    /// Binds the driver to the last core and leaves the first one to the server.
    fn share_out() -> Self {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let bound = match cores {
            1 => Err(io::Error::other("there is only one core")),
            _ => machine::pin_to(cores - 1),
        };
        match bound {
            Ok(()) => Self { server: Some(0) },
            Err(err) => {
                eprintln!("ladder: server and driver share their cores: {err}");
                Self { server: None }
            }
        }
    }
}

/// One load, which becomes one table.
struct Load {
    group: String,
    title: String,
    connections: usize,
    pace: Pace,
}

fn loads(flags: &ArgMatches) -> Vec<Load> {
    let mut loads = Vec::new();
    for &connections in flags.get_many::<u64>("conns").into_iter().flatten() {
        let plural = if connections == 1 { "" } else { "s" };
        loads.push(Load {
            group: format!("closed_{connections}"),
            title: format!(
                "{connections} connection{plural}, each sends when it has its answer"
            ),
            connections: connections as usize,
            pace: Pace::Closed { pipeline: 1 },
        });
    }
    if let Some(&depth @ 1..) = flags.get_one::<u64>("pipeline") {
        loads.push(Load {
            group: format!("pipelined_{depth}"),
            title: format!("{CONNECTIONS} connections, {depth} requests at once"),
            connections: CONNECTIONS,
            pace: Pace::Closed {
                pipeline: depth as usize,
            },
        });
    }
    if let Some(&per_second @ 1..) = flags.get_one::<u32>("rate") {
        loads.push(Load {
            group: "open".into(),
            title: format!(
                "{CONNECTIONS} connections, {per_second} requests a second whatever happens"
            ),
            connections: CONNECTIONS,
            pace: Pace::Open { per_second },
        });
    }
    loads
}

fn climb(flags: &ArgMatches) -> io::Result<()> {
    let only: Vec<&String> = flags.get_many("rung").into_iter().flatten().collect();
    let chosen =
        |rung: &&Rung| only.is_empty() || only.iter().any(|n| *n == rung.name);
    let rungs: Vec<&Rung> = RUNGS.iter().filter(chosen).collect();
    let keep = only.is_empty() && !cfg!(debug_assertions);
    if cfg!(debug_assertions) && !flags.get_flag("check") {
        eprintln!("ladder: not a release build, so the results will not be kept");
    }
    let descriptors = machine::raise_descriptor_limit()?;

    for rung in rungs.iter().filter(|rung| rung.speaks_http) {
        let server = Server::start(rung, None)?;
        let failures = acceptance::failures(server.address);
        server.stop()?;
        if !failures.is_empty() {
            let list = failures.join("\n  ");
            return Err(io::Error::other(format!("{} fails\n  {list}", rung.name)));
        }
        say!(
            "{}: answers all {} cases",
            rung.name,
            acceptance::CASES.len()
        );
    }
    if flags.get_flag("check") {
        return Ok(());
    }

    let cores = Cores::share_out();
    let seconds =
        Duration::from_secs(*flags.get_one::<u64>("seconds").unwrap_or(&2));
    let rounds = *flags.get_one::<u64>("rounds").unwrap_or(&3);
    for load in loads(flags) {
        say!("\n{}", load.title);
        let recorder = measure(&load, &rungs, cores, seconds, rounds)?;
        if keep {
            recorder.write()?;
        }
    }
    if let Some(&idle @ 1..) = flags.get_one::<u64>("idle") {
        // Each end has one descriptor for each connection, and some of its own.
        let idle = idle.min(descriptors.saturating_sub(100)).max(1) as usize;
        say!("\n{idle} idle connections");
        let recorder = weigh(idle, &rungs, cores)?;
        if keep {
            recorder.write()?;
        }
    }
    if keep {
        say!("\nInto the book: cargo run -p benches --bin report -- {CHAPTER}");
    }
    Ok(())
}

/// What one run showed.
struct Sample {
    per_second: f64,
    p50_ns: f64,
    p99_ns: f64,
    max_ns: f64,
    cpu_ns: Option<f64>,
    busy: Option<f64>,
    failed: u64,
}

impl Sample {
    fn new(outcome: &Outcome, cpu: Option<Duration>) -> Self {
        let answered = outcome.answered.max(1) as f64;
        Self {
            per_second: outcome.per_second(),
            p50_ns: outcome.latency_ns(50.0) as f64,
            p99_ns: outcome.latency_ns(99.0) as f64,
            max_ns: outcome.latency.max() as f64,
            cpu_ns: cpu.map(|cpu| cpu.as_nanos() as f64 / answered),
            busy: outcome.driver_busy,
            failed: outcome.refused + outcome.broken + outcome.unanswered,
        }
    }
}

fn measure(
    load: &Load,
    rungs: &[&Rung],
    cores: Cores,
    time: Duration,
    rounds: u64,
) -> io::Result<Recorder> {
    let mut samples: Vec<Vec<Sample>> = rungs.iter().map(|_| Vec::new()).collect();
    let mut calls = Vec::new();
    for round in 0..rounds {
        for (rung, samples) in rungs.iter().zip(&mut samples) {
            let server = Server::start(rung, cores.server)?;
            let id = server.child.id();
            let mut driver =
                Driver::connect(server.address, load.connections, REQUEST)?;
            driver.run(load.pace, WARM_UP)?;
            let before = machine::cpu_time_of(id);
            let outcome = driver.run(load.pace, time)?;
            let after = machine::cpu_time_of(id);
            let cpu = before.zip(after).map(|(before, after)| after - before);
            samples.push(Sample::new(&outcome, cpu));
            if round == 0 {
                let (outcome, counted) =
                    syscalls::count(id, || driver.run(load.pace, COUNTED));
                let answered = outcome?.answered.max(1) as f64;
                calls.push(counted.map(|calls| calls as f64 / answered));
            }
            drop(driver);
            server.stop()?;
        }
    }

    let mut recorder = Recorder::new(CHAPTER, &load.group);
    let open = matches!(load.pace, Pace::Open { .. });
    let (first, cpu) = if open {
        ("p99", "CPU")
    } else {
        ("requests/s", "CPU")
    };
    recorder
        .title(&load.title)
        .ratio(first)
        .ratio(cpu)
        .chart(first);
    if !open && load.connections == CONNECTIONS && load.group.starts_with("closed") {
        recorder.chart("p99").chart(CPU).chart(CALLS);
    }
    recorder.note(&format!(
        "Medians of {rounds} runs of {} s.",
        time.as_secs()
    ));
    say!(
        "{:24} {:>12} {:>9} {:>9} {:>9} {:>9} {:>7} {:>6}",
        "",
        "requests/s",
        "p50 us",
        "p99 us",
        "max us",
        "CPU us",
        "calls",
        "driver"
    );
    for ((rung, samples), calls) in rungs.iter().zip(&samples).zip(calls) {
        let middle = |pick: fn(&Sample) -> f64| median(samples.iter().map(pick));
        let all = |pick: fn(&Sample) -> Option<f64>| {
            let values: Option<Vec<f64>> = samples.iter().map(pick).collect();
            values.map(|values| median(values.into_iter()))
        };
        let (per_second, cpu_ns) = (middle(|s| s.per_second), all(|s| s.cpu_ns));
        let (p50, p99) = (middle(|s| s.p50_ns), middle(|s| s.p99_ns));
        let (max, busy) = (middle(|s| s.max_ns), all(|s| s.busy));
        let failed: u64 = samples.iter().map(|sample| sample.failed).sum();
        say!(
            "{:24} {:>12.0} {:>9.1} {:>9.1} {:>9.0} {:>9} {:>7} {:>6}",
            rung.name,
            per_second,
            p50 / 1e3,
            p99 / 1e3,
            max / 1e3,
            cpu_ns.map_or("-".into(), |ns| format!("{:.2}", ns / 1e3)),
            calls
                .as_ref()
                .map_or("-".into(), |calls| format!("{calls:.2}")),
            busy.map_or("-".into(), |busy| format!("{:.0}%", busy * 100.0)),
        );
        let mut row = recorder
            .row(rung.name)
            .value("requests/s", "/s", per_second);
        row = row.value("p50", "ns", p50).value("p99", "ns", p99);
        row = row.value("max", "ns", max);
        if let Some(ns) = cpu_ns {
            row = row.value(CPU, "ns", ns);
        }
        if let Ok(calls) = calls {
            row.value(CALLS, "", calls);
        } else if let Err(why) = calls {
            let note =
                format!("{}: system calls were not counted ({why}).", rung.name);
            say!("  {note}");
            recorder.note(&note);
        }
        if failed > 0 {
            let note =
                format!("{}: {failed} requests or connections failed.", rung.name);
            say!("  {note}");
            recorder.note(&note);
        }
        if busy.is_some_and(|busy| busy > 0.95) && !open {
            let note = format!(
                "{}: the driver used all of its core, the server could do more; \
                 compare by CPU.",
                rung.name
            );
            say!("  {note}");
            recorder.note(&note);
        }
    }
    Ok(recorder)
}

/// Measures what an idle connection costs: the memory that a server with `idle` of them has
/// more than one with none, after a request on each.
fn weigh(idle: usize, rungs: &[&Rung], cores: Cores) -> io::Result<Recorder> {
    let mut recorder = Recorder::new(CHAPTER, "idle");
    recorder.title(&format!(
        "{idle} connections that were used once and are silent"
    ));
    recorder.note("Without the kernel's share: socket buffers, 16 KiB a thread.");
    for rung in rungs {
        let server = Server::start(rung, cores.server)?;
        let id = server.child.id();
        // What the first connection brings into memory is not the price of the others.
        let first = Driver::connect(server.address, 1, REQUEST)?;
        let before = machine::memory_of(id);
        let driver = Driver::connect(server.address, idle, REQUEST);
        let after = machine::memory_of(id);
        match driver.map(|driver| (driver, before.zip(after))) {
            Ok((_driver, Some((before, after)))) => {
                let bytes = after.saturating_sub(before) as f64 / idle as f64;
                say!("{:24} {:>12.0} bytes", rung.name, bytes);
                recorder
                    .row(rung.name)
                    .value("memory per connection", "B", bytes);
            }
            Ok((_driver, None)) => {
                recorder.note(&format!("{}: memory is not to be had.", rung.name));
            }
            Err(err) => {
                say!("{:24} {err}", rung.name);
                recorder.note(&format!("{}: {err}.", rung.name));
            }
        }
        drop(first);
        server.stop()?;
    }
    Ok(recorder)
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        len if len % 2 == 1 => values[len / 2],
        len => (values[len / 2 - 1] + values[len / 2]) / 2.0,
    }
}
