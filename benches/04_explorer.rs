//! What it costs to look at everything, and what the other checkers take for the same.
//!
//! Run:  `cargo bench --bench 04_explorer` (about five minutes), or one group of it:
//!       `cargo bench --bench 04_explorer -- first_failure`
//! Then: `cargo run -p benches --bin report -- 04_explorer` writes the book's tables.
//!
//! Loom and shuttle are no part of a plain build. They live in the package `peers`, which this
//! bench builds when it needs it; without their sources it says so and measures the rest.
//! Each search runs in a process of its own, after a small one that warms the checker up, and
//! measures itself.
//!
//! Loom gets [`LOOM_SECONDS`] for what it does not finish; `THREADBARE_LOOM_SECONDS=60` gives
//! it more for the models of three threads.

#[path = "peers/src/verdict.rs"]
#[allow(
    unreachable_pub,
    reason = "the same file is a module of the package peers"
)]
mod verdict;

use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use std::{env, fs};

use benches::place;
use benches::raw::{self, Recorder};
use criterion::{BenchmarkId, Criterion, criterion_group};
use explorer::ground::{atomic::AtomicU32, thread};
use explorer::{Model, Stats, v2_interleavings as v2};
use verdict::{Outcome, Run, Verdict};

const CHAPTER: &str = "04_explorer";
/// How long loom may search one model, unless the environment says otherwise.
const LOOM_SECONDS: u64 = 10;
/// How long the others may.
const TIME_MAX: Duration = Duration::from_secs(60);
/// How many schedules shuttle may try for each model.
const SCHEDULES: usize = 10_000;
/// How often each time is taken; the median counts.
const REPEATS: u64 = 5;
/// The row of the explorer, after the two versions before it.
const OURS: &str = "v3_explorer";
/// The checkers, by their rows and as `peers` calls them.
const CHECKERS: [(&str, &str); 4] = [
    (OURS, "explorer"),
    ("loom", "loom"),
    ("shuttle-random", "shuttle-random"),
    ("shuttle-pct", "shuttle-pct"),
];
/// Models of three threads, in the right version. Loom finishes the last of them.
const THREE_THREADS: [(&str, &str); 4] = [
    ("spin lock", "three increments"),
    ("ticket lock", "three increments"),
    ("barrier", "three threads"),
    ("work-stealing deque", "two thieves"),
];

criterion_group! {
    name = benches;
    config = benches::criterion(CHAPTER);
    targets = all_orders
}

fn main() {
    benches();
    let groups = [
        "exhaust",
        "speed",
        "first_failure",
        "found",
        "three_threads",
    ];
    if groups.into_iter().any(raw::wanted) {
        match Peers::built() {
            Ok(peers) => peers.measure(),
            Err(why) => eprintln!("loom and shuttle are not measured: {why}"),
        }
    }
    Criterion::default().configure_from_args().final_summary();
}

/// Two threads that read and write a few times, each a number of its own: in which order does
/// not matter. By trying every schedule, and by stopping at states that were seen before.
fn all_orders(c: &mut Criterion) {
    let mut group = c.benchmark_group("all_orders");
    for times in [1, 2, 3, 4] {
        let by_v2 = move || {
            let body = || -> v2::Thread {
                let number = v2::Atomic::default();
                Box::new(move |me| {
                    for _ in 0..times {
                        // ORDERING: Relaxed. This version looks at no ordering.
                        let seen = number.load(me, Relaxed);
                        // ORDERING: Relaxed, as above.
                        number.store(me, seen + 1, Relaxed);
                    }
                })
            };
            let after: v2::After = Box::new(|| ());
            (vec![body(), body()], after)
        };
        let by_v3 = move || {
            let threads = [(); 2].map(|()| {
                let number = AtomicU32::new(0);
                thread::spawn(move || {
                    for _ in 0..times {
                        // ORDERING: Relaxed. Only this thread uses it.
                        let seen = number.load(Relaxed);
                        // ORDERING: Relaxed, as above.
                        number.store(seen + 1, Relaxed);
                    }
                })
            });
            for thread in threads {
                thread.join().expect("it does not panic");
            }
        };
        let model = Model::new("all orders");
        let schedules = v2::explore(by_v2).expect("nothing can go wrong");
        let stats = model.explore(by_v3).expect("nothing can go wrong");
        assert!(stats.complete);
        let Stats {
            executions, states, ..
        } = stats;
        eprintln!(
            "all_orders: {times} times: {schedules} schedules by version 2, {executions} by \
             version 3 with {states} states"
        );

        let id = BenchmarkId::new("v2_interleavings", times);
        group.bench_function(id, |b| b.iter(|| v2::explore(by_v2)));
        let id = BenchmarkId::new(OURS, times);
        group.bench_function(id, |b| b.iter(|| model.explore(by_v3)));
    }
    group.finish();
}

/// A version of a primitive, as `peers list` has it.
#[derive(Clone, Debug)]
struct Version {
    primitive: String,
    name: String,
    wrong: bool,
    /// Whether loom can run it: it knows no futex.
    for_loom: bool,
    /// Whether loom finds it out, and not by failing the right version as well.
    loom_is_right: bool,
}

/// The program that runs one version under one checker.
struct Peers {
    program: PathBuf,
    versions: Vec<Version>,
    loom_limit: Duration,
    repeats: u64,
}

impl Peers {
    /// Builds the program and asks it what it has.
    fn built() -> Result<Self, String> {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let target = place::target_dir();
        let status = Command::new(cargo)
            .args(["build", "--quiet", "-p", "peers", "--profile", "bench"])
            .arg("--target-dir")
            .arg(&target)
            .current_dir(place::root_dir())
            .status()
            .map_err(|error| format!("cargo: {error}"))?;
        if !status.success() {
            return Err("the package `peers` could not be built".into());
        }
        let program = target.join("release").join("peers");
        let list = Command::new(&program)
            .arg("list")
            .output()
            .map_err(|error| format!("{}: {error}", program.display()))?;
        let list = String::from_utf8_lossy(&list.stdout);
        let lines: Vec<Vec<&str>> = list
            .lines()
            .map(|line| line.split('\t').collect())
            .collect();
        let agreement = place::root_dir().join("explorer/tests/loom_agreement.txt");
        let agreement = fs::read_to_string(&agreement)
            .map_err(|error| format!("{}: {error}", agreement.display()))?;
        let mut versions = Vec::new();
        for line in &lines {
            let ["explorer", primitive, name, deserved, ..] = line[..] else {
                continue;
            };
            let loom = ["loom", primitive, name];
            let found = format!("{primitive} | {name} | fails | fails");
            versions.push(Version {
                primitive: primitive.into(),
                name: name.into(),
                wrong: deserved.starts_with("Wrong"),
                for_loom: lines.iter().any(|line| line.starts_with(&loom)),
                loom_is_right: agreement.lines().any(|line| line == found),
            });
        }
        let seconds = env::var("THREADBARE_LOOM_SECONDS")
            .ok()
            .and_then(|seconds| seconds.parse().ok())
            .unwrap_or(LOOM_SECONDS);
        if raw::trial() {
            versions.truncate(4);
        }
        Ok(Self {
            program,
            versions,
            loom_limit: Duration::from_secs(if raw::trial() { 1 } else { seconds }),
            repeats: if raw::trial() { 1 } else { REPEATS },
        })
    }

    fn measure(&self) {
        if raw::wanted("exhaust") || raw::wanted("speed") {
            self.exhaust();
        }
        if raw::wanted("first_failure") || raw::wanted("found") {
            self.first_failure();
        }
        if raw::wanted("three_threads") {
            self.three_threads();
        }
    }

    fn once(
        &self,
        checker: &'static str,
        version: &Version,
        model: Option<&str>,
        seed: u64,
        executions: usize,
    ) -> Verdict {
        let run = Run {
            checker,
            primitive: version.primitive.clone(),
            version: version.name.clone(),
            model: model.map(str::to_owned),
            limit: match checker {
                "loom" if model.is_some() => self.loom_limit,
                "loom" => self.loom_limit.min(Duration::from_secs(LOOM_SECONDS)),
                _ => TIME_MAX,
            },
            preemptions: None,
            executions,
            seed,
        };
        run.start(&self.program).expect("the program runs")
    }

    /// Runs one version, or one of its models, several times; returns the run of median time.
    fn run(
        &self,
        checker: &'static str,
        version: &Version,
        model: Option<&str>,
    ) -> Verdict {
        let executions = match checker.starts_with("shuttle") {
            true => SCHEDULES,
            false => usize::MAX,
        };
        let once = |seed| self.once(checker, version, model, seed, executions);
        let mut runs = vec![once(1)];
        // What takes seconds is exact enough. Nor does it matter how long shuttle takes to
        // find nothing.
        let is_vain = executions == SCHEDULES && runs[0].outcome == Outcome::Passed;
        if runs[0].time < Duration::from_secs(1) && !is_vain {
            let outcome = runs[0].outcome;
            let others = (2..=self.repeats).map(once);
            runs.extend(others.filter(|run| run.outcome == outcome));
        }
        runs.sort_by_key(|run| run.time);
        runs.swap_remove(runs.len() / 2)
    }

    /// How long does it take to look at everything, and how much is everything?
    fn exhaust(&self) {
        let mut table = Recorder::new(CHAPTER, "exhaust");
        table
            .title("How long until everything was looked at, in the right version?");
        // Primitives are not compared with each other.
        table.ratio("none").chart("v3_explorer").chart("loom");
        table.note(&format!(
            "Loom is blank where it knows no futex, where it takes right code for wrong, and \
             where it was not through after {} s.",
            LOOM_SECONDS
        ));
        let mut totals = [(0, 0, Duration::ZERO); 4];
        for version in self.versions.iter().filter(|v| v.name == "right") {
            let primitive = &version.primitive;
            for ((row, checker), total) in CHECKERS.into_iter().zip(&mut totals) {
                if checker == "loom" && !version.for_loom {
                    continue;
                }
                let run = self.run(checker, version, None);
                eprintln!("exhaust: {primitive}: {row}: {run}");
                if !run.says.is_empty() {
                    continue;
                }
                total.0 += run.executions;
                total.1 += run.states;
                total.2 += run.time;
                let cells = table.row(primitive);
                let time = run.time.as_nanos() as f64;
                let executions = run.executions as f64;
                match checker {
                    "explorer" => cells
                        .value(row, "ns", time)
                        .value("states", "", run.states as f64)
                        .value("executions", "", executions),
                    "loom" if run.outcome == Outcome::Passed => cells
                        .value(row, "ns", time)
                        .value("executions of loom", "", executions),
                    _ => cells,
                };
            }
        }
        table.write().expect("the disk takes it");

        let mut table = Recorder::new(CHAPTER, "speed");
        table.title("How much is looked at in a second?");
        table.note(
            "Over the right versions of all primitives that the checker can run. An execution \
             of the explorer ends where it comes to a state that it knows; the others \
             run to the end.",
        );
        for ((row, _), (executions, states, time)) in CHECKERS.iter().zip(totals) {
            let rate = |count: u64| count as f64 / time.as_secs_f64();
            let cells = table.row(row);
            let cells = cells.value("executions", "/s", rate(executions));
            if states > 0 {
                cells.value("states", "/s", rate(states));
            }
        }
        table.write().expect("the disk takes it");
    }

    /// How long does it take to find a bug, and which bugs are found at all?
    fn first_failure(&self) {
        let mut found = Recorder::new(CHAPTER, "found");
        found.title("How many of the wrong versions are found?");
        found.ratio("none").chart("loom").chart("shuttle-random");
        found.note(&format!(
            "Shuttle tries {SCHEDULES} schedules for each model, and knows only SeqCst. Of \
             loom only those count that it does not fail in the same words as the right \
             version; it is blank where it knows no futex.",
        ));
        let mut times = CHECKERS.map(|_| Vec::new());
        let mut reported = CHECKERS.map(|_| Vec::new());
        let mut primitives: Vec<&str> = Vec::new();
        let mut counts: Vec<[Option<usize>; 4]> = Vec::new();
        let mut wrong: Vec<usize> = Vec::new();
        for version in self.versions.iter().filter(|v| v.wrong) {
            if primitives.last() != Some(&&*version.primitive) {
                primitives.push(&version.primitive);
                counts.push([None; 4]);
                wrong.push(0);
            }
            let runs = CHECKERS.map(|(_, checker)| {
                let can = checker != "loom" || version.loom_is_right;
                can.then(|| self.run(checker, version, None))
            });
            let counts = counts.last_mut().expect("pushed above");
            *wrong.last_mut().expect("pushed above") += 1;
            let failed = |run: &Verdict| run.outcome == Outcome::Failed;
            for (((_, checker), count), run) in
                CHECKERS.iter().zip(counts).zip(&runs)
            {
                if *checker != "loom" || version.for_loom {
                    let found = run.as_ref().is_some_and(failed);
                    *count.get_or_insert(0) += usize::from(found);
                }
            }
            let about = format!("{}: {}", version.primitive, version.name);
            for ((row, _), run) in CHECKERS.iter().zip(&runs) {
                if let Some(run) = run {
                    eprintln!("first_failure: {about}: {row}: {run}");
                }
            }
            // Times are compared where loom has something to compare.
            if runs[1].as_ref().is_some_and(failed) {
                let both = times.iter_mut().zip(&mut reported);
                for ((times, reported), run) in both.zip(runs) {
                    let run = run.filter(failed);
                    times.extend(run.iter().map(|run| run.time));
                    reported.extend(run.and_then(|run| run.reported));
                }
            }
        }
        let all: usize = wrong.iter().sum();
        let sums: Vec<String> = (0..CHECKERS.len())
            .map(|c| {
                let sum: usize = counts.iter().filter_map(|counts| counts[c]).sum();
                format!("{} {sum}", CHECKERS[c].0)
            })
            .collect();
        found.note(&format!("Of {all} in all: {}.", sums.join(", ")));
        for ((primitive, counts), wrong) in primitives.iter().zip(counts).zip(wrong)
        {
            found
                .row(primitive)
                .value("wrong versions", "", wrong as f64);
            for ((row, _), count) in CHECKERS.iter().zip(counts) {
                if let Some(count) = count {
                    found.row(primitive).value(row, "", count as f64);
                }
            }
        }
        found.write().expect("the disk takes it");

        let mut table = Recorder::new(CHAPTER, "first_failure");
        table.title("How long until a wrong version is found out?");
        table.note(&format!(
            "Over the wrong versions that loom finds, each by its median of {} runs. Time is \
             until a run fails; what follows is unwinding, and in the explorer also the \
             search for a simpler run. Shuttle does not find all, so it has fewer samples.",
            self.repeats
        ));
        for (((row, _), times), reported) in CHECKERS.iter().zip(times).zip(reported)
        {
            let reported = reported.into_iter().map(|time| time.as_nanos() as f64);
            let cells = table.row(row).durations(times);
            cells.samples("until it is reported", "ns", reported);
        }
        table.write().expect("the disk takes it");
    }

    /// What about three threads?
    fn three_threads(&self) {
        let mut table = Recorder::new(CHAPTER, "three_threads");
        table.title("Three threads, in the right version: how long does it take?");
        table.ratio("none").chart("v3_explorer");
        for (primitive, model) in THREE_THREADS {
            let is_it = |v: &&Version| v.primitive == primitive && v.name == "right";
            let Some(version) = self.versions.iter().find(is_it) else {
                continue;
            };
            let row = format!("{primitive}: {model}");
            let ours = self.run("explorer", version, Some(model));
            let loom = self.run("loom", version, Some(model));
            eprintln!("three_threads: {row}: {OURS}: {ours}, loom: {loom}");
            table
                .row(&row)
                .value(OURS, "ns", ours.time.as_nanos() as f64)
                .value("states", "", ours.states as f64)
                .value("executions", "", ours.executions as f64)
                .value("executions of loom", "", loom.executions as f64);
            let seconds = loom.time.as_secs_f64();
            table.note(&match loom.outcome {
                Outcome::Passed => format!("Loom: {row} in {seconds:.0} s."),
                Outcome::Failed => {
                    format!("Loom takes {row} for wrong after {seconds:.0} s.")
                }
                Outcome::Unfinished | Outcome::Died => {
                    format!("Loom: {row} not finished in {seconds:.0} s.")
                }
            });
        }
        table.write().expect("the disk takes it");
    }
}
