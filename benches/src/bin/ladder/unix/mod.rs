//! The ladder where there is epoll or `poll(2)`.

/// `println!` that does not mind if nobody reads on, as in `ladder | head`.
macro_rules! say {
    ($($what:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stdout(), $($what)*);
    }};
}

mod measure;
mod server;
mod summary;

use benches::load::{CONNECTIONS_MAX, PIPELINE_MAX, RATE_MAX};
use benches::rungs::{self, RUNGS, Rung};
use benches::{acceptance, flags, machine};
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use measure::{loads, measure, weigh};
use server::{Cores, Server, serve};
use std::io;
use std::process::ExitCode;
use std::time::Duration;
use summary::Summary;

/// The name of the results, where a chapter has its key.
const CHAPTER: &str = "ladder";
/// The connections of the loads that are about something else than their number.
const CONNECTIONS: usize = 64;
/// Metrics, as the tables name them.
const CPU: &str = "CPU per request";
const CALLS: &str = "system calls per request";
const MEMORY: &str = "memory per connection";

pub(crate) fn main() -> ExitCode {
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

fn climb(flags: &ArgMatches) -> io::Result<()> {
    let only: Vec<&String> = flags.get_many("rung").into_iter().flatten().collect();
    let chosen =
        |rung: &&Rung| only.is_empty() || only.iter().any(|n| *n == rung.name);
    let rungs: Vec<&Rung> = rungs::here().filter(chosen).collect();
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
    let mut summary = Summary::default();
    for load in loads(flags) {
        say!("\n{}", load.title);
        let (recorder, figures) = measure(&load, &rungs, cores, seconds, rounds)?;
        summary.add(&load, figures);
        if keep {
            recorder.write()?;
        }
    }
    if let Some(&idle @ 1..) = flags.get_one::<u64>("idle") {
        // Each end has one descriptor for each connection, and some of its own.
        let idle = idle.min(descriptors.saturating_sub(100)).max(1) as usize;
        say!("\n{idle} idle connections");
        let (recorder, bytes) = weigh(idle, &rungs, cores)?;
        summary.add_idle(idle, bytes);
        if keep {
            recorder.write()?;
        }
    }
    if keep {
        if let Some(recorder) = summary.into_recorder(&rungs) {
            recorder.write()?;
        }
        say!("\nInto the book: cargo run -p benches --bin report -- {CHAPTER}");
    }
    Ok(())
}
