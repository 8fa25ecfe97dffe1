//! The loads, and what each of them shows.

use super::server::{Cores, Server};
use super::summary::Figures;
use super::{CALLS, CHAPTER, CONNECTIONS, CPU, MEMORY};
use benches::load::{Driver, Outcome, Pace};
use benches::raw::Recorder;
use benches::rungs::Rung;
use benches::{machine, syscalls};
use clap::ArgMatches;
use std::io;
use std::time::Duration;

/// What every client asks.
const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: ladder\r\n\r\n";
/// How long each run lasts before the measured one.
const WARM_UP: Duration = Duration::from_millis(300);
/// How long a run lasts in which system calls are counted.
const COUNTED: Duration = Duration::from_millis(500);

/// One load, which becomes one table.
pub(super) struct Load {
    group: String,
    pub(super) title: String,
    pub(super) connections: usize,
    pub(super) pace: Pace,
}

/// Returns the loads that the flags ask for.
pub(super) fn loads(flags: &ArgMatches) -> Vec<Load> {
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

/// Runs one load on every rung.
pub(super) fn measure(
    load: &Load,
    rungs: &[&Rung],
    cores: Cores,
    time: Duration,
    rounds: u64,
) -> io::Result<(Recorder, Vec<Figures>)> {
    let mut samples: Vec<Vec<Sample>> = rungs.iter().map(|_| Vec::new()).collect();
    let mut calls = Vec::new();
    for round in 0..rounds {
        for (rung, samples) in rungs.iter().zip(&mut samples) {
            let server = Server::start(rung, cores.server)?;
            let id = server.process();
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
    let mut figures = Vec::new();
    for ((rung, samples), calls) in rungs.iter().zip(&samples).zip(calls) {
        let middle = |pick: fn(&Sample) -> f64| median(samples.iter().map(pick));
        let all = |pick: fn(&Sample) -> Option<f64>| {
            let values: Option<Vec<f64>> = samples.iter().map(pick).collect();
            values.map(|values| median(values.into_iter()))
        };
        let (per_second, cpu_ns) = (middle(|s| s.per_second), all(|s| s.cpu_ns));
        let (p50, p99) = (middle(|s| s.p50_ns), middle(|s| s.p99_ns));
        let (max, busy) = (middle(|s| s.max_ns), all(|s| s.busy));
        figures.push(Figures {
            per_second,
            p99,
            cpu_ns,
            calls: calls.clone().ok(),
        });
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
    Ok((recorder, figures))
}

/// Measures what an idle connection costs: the memory that a server with `idle` of them has
/// more than one with none, after a request on each.
pub(super) fn weigh(
    idle: usize,
    rungs: &[&Rung],
    cores: Cores,
) -> io::Result<(Recorder, Vec<Option<f64>>)> {
    let mut all = Vec::new();
    let mut recorder = Recorder::new(CHAPTER, "idle");
    recorder.title(&format!(
        "{idle} connections that were used once and are silent"
    ));
    recorder.note("Without the kernel's share: socket buffers, 16 KiB a thread.");
    for rung in rungs {
        let server = Server::start(rung, cores.server)?;
        let id = server.process();
        // What the first connection brings into memory is not the price of the others.
        let first = Driver::connect(server.address, 1, REQUEST)?;
        let before = machine::memory_of(id);
        let driver = Driver::connect(server.address, idle, REQUEST);
        let after = machine::memory_of(id);
        let mut bytes_each = None;
        match driver.map(|driver| (driver, before.zip(after))) {
            Ok((_driver, Some((before, after)))) => {
                let bytes = after.saturating_sub(before) as f64 / idle as f64;
                say!("{:24} {:>12.0} bytes", rung.name, bytes);
                recorder.row(rung.name).value(MEMORY, "B", bytes);
                bytes_each = Some(bytes);
            }
            Ok((_driver, None)) => {
                recorder.note(&format!("{}: memory is not to be had.", rung.name));
            }
            Err(err) => {
                say!("{:24} {err}", rung.name);
                recorder.note(&format!("{}: {err}.", rung.name));
            }
        }
        all.push(bytes_each);
        drop(first);
        server.stop()?;
    }
    Ok((recorder, all))
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
