//! Eighteen primitives, each right, in `SeqCst` throughout, and wrong in seven ways or
//! more: the explorer passes the first two and catches the others.
//!
//! ```text
//! cargo test -p explorer --test primitives                       the whole table
//! cargo test -p explorer --test primitives -- ring               those with "ring" in their name
//! cargo test -p explorer --test primitives -- "spin lock" --show  and every report
//! ```
//!
//! A version is data: the orderings and slips of its file's `Spec`. What a checker must say
//! about it stands beside it, so a wrong version that is flagged for the wrong reason is a
//! mismatch, too. A version that merely looks wrong is named as equivalent, with the reason,
//! and counted apart. How to put the same files over another checker: `primitives/spec.rs`.

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};
use std::{env, thread};

use explorer::{Kind, Model};

/// The primitives over the explorer's ground.
#[allow(unreachable_pub, reason = "other packages include the same files")]
mod primitives {
    pub(crate) use explorer::ground;

    pub(crate) mod arc;
    pub(crate) mod barrier;
    pub(crate) mod condvar;
    pub(crate) mod deque;
    pub(crate) mod event;
    pub(crate) mod futex_mutex;
    pub(crate) mod once;
    pub(crate) mod one_shot;
    pub(crate) mod peterson;
    pub(crate) mod pool_sleep;
    pub(crate) mod rwlock;
    pub(crate) mod semaphore;
    pub(crate) mod seqlock;
    pub(crate) mod signal;
    pub(crate) mod spec;
    pub(crate) mod spin_lock;
    pub(crate) mod spsc_ring;
    pub(crate) mod ticket_lock;
    pub(crate) mod treiber_stack;
}

use primitives::spec::{Fails, Primitive, Verdict, Version};
use primitives::*;

/// What the table says about one primitive.
#[derive(Default)]
struct Row {
    name: &'static str,
    /// Of the right version, all models together.
    states: usize,
    executions: u64,
    /// For all versions.
    time: Duration,
    wrong: usize,
    caught: usize,
    equivalents: Vec<(&'static str, &'static str)>,
    mismatches: Vec<String>,
    /// The report of each failure, if they were asked for.
    reports: String,
}

fn main() -> ExitCode {
    let (flags, filters): (Vec<_>, Vec<_>) = env::args()
        .skip(1)
        .partition(|argument| argument.starts_with('-'));
    if flags.iter().any(|flag| flag == "--list") {
        println!("primitives: test");
        return ExitCode::SUCCESS;
    }
    let show = flags.iter().any(|flag| flag == "--show");
    let mut primitives = all();
    primitives.retain(|primitive| {
        filters.is_empty() || filters.iter().any(|f| primitive.name.contains(&**f))
    });
    let started = Instant::now();
    let rows = side_by_side(&primitives, |primitive| row(primitive, show));
    print(&rows, started.elapsed());
    if rows.iter().all(|row| row.mismatches.is_empty()) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn all() -> Vec<Primitive> {
    vec![
        spin_lock::primitive(),
        ticket_lock::primitive(),
        peterson::primitive(),
        futex_mutex::primitive(),
        condvar::primitive(),
        rwlock::primitive(),
        semaphore::primitive(),
        event::primitive(),
        once::primitive(),
        arc::primitive(),
        spsc_ring::primitive(),
        seqlock::primitive(),
        treiber_stack::primitive(),
        signal::primitive(),
        barrier::primitive(),
        deque::primitive(),
        one_shot::primitive(),
        pool_sleep::primitive(),
    ]
}

/// Calls `work` with each of the `items`, on as many threads as there are cores, and
/// returns the results in the items' order.
fn side_by_side<T: Sync, R: Send>(
    items: &[T],
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..cores.min(items.len()) {
            scope.spawn(|| {
                // ORDERING: Relaxed. Only hands out different numbers.
                while let Some((index, item)) = {
                    let index = next.fetch_add(1, Relaxed);
                    items.get(index).map(|item| (index, item))
                } {
                    let result = work(item);
                    done.lock().unwrap().push((index, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|&(index, _)| index);
    done.into_iter().map(|(_, result)| result).collect()
}

fn row(primitive: &Primitive, show: bool) -> Row {
    let started = Instant::now();
    let mut row = Row {
        name: primitive.name,
        ..Row::default()
    };
    for (index, version) in primitive.versions.iter().enumerate() {
        // The first version is the right one: its size is the primitive's.
        let size = index == 0;
        let mismatch = judge(version, size, show, &mut row).err();
        match version.verdict {
            Verdict::Right => {}
            Verdict::Wrong(_) => {
                row.wrong += 1;
                row.caught += usize::from(mismatch.is_none());
            }
            Verdict::Equivalent(why) => row.equivalents.push((version.name, why)),
        }
        if let Some(mismatch) = mismatch {
            let line = format!("{}, {}: {mismatch}", primitive.name, version.name);
            row.mismatches.push(line);
        }
    }
    row.time = started.elapsed();
    row
}

/// Explores the models of one version until one fails, and compares with the verdict.
fn judge(
    version: &Version,
    size: bool,
    show: bool,
    row: &mut Row,
) -> Result<(), String> {
    for model in &version.models {
        let run = model.run.clone();
        let name = format!("{}, {}, {}", row.name, version.name, model.name);
        match Model::new(&name).explore(move || run()) {
            Ok(stats) if !stats.complete => {
                return Err(format!(
                    "\"{}\" is too large: {} states were not enough",
                    model.name, stats.states
                ));
            }
            Ok(stats) if size => {
                row.states += stats.states;
                row.executions += stats.executions;
            }
            Ok(_) => {}
            Err(failure) => {
                if show {
                    row.reports += &format!("\n{name}\n{failure}\n");
                }
                return match version.verdict {
                    Verdict::Wrong(fails)
                        if fails.iter().any(|f| is(*f, failure.kind)) =>
                    {
                        Ok(())
                    }
                    Verdict::Wrong(fails) => Err(format!(
                        "caught as {:?} in \"{}\", not as {fails:?}: {}",
                        failure.kind, model.name, failure.sentence
                    )),
                    Verdict::Right | Verdict::Equivalent(_) => Err(format!(
                        "flagged as {:?} in \"{}\": {}",
                        failure.kind, model.name, failure.sentence
                    )),
                };
            }
        }
    }
    match version.verdict {
        Verdict::Wrong(fails) => Err(format!("missed, should fail with {fails:?}")),
        Verdict::Right | Verdict::Equivalent(_) => Ok(()),
    }
}

fn is(fails: Fails, kind: Kind) -> bool {
    match fails {
        Fails::Race => kind == Kind::DataRace,
        Fails::Assertion => kind == Kind::Assertion,
        Fails::LostWakeUp => kind == Kind::LostWakeUp,
        Fails::Livelock => kind == Kind::Livelock,
    }
}

fn print(rows: &[Row], time: Duration) {
    println!(
        "\n{:<24} {:>8} {:>10} {:>9}  wrong versions caught",
        "primitive", "states", "executions", "time"
    );
    for row in rows {
        let equivalents = match row.equivalents.len() {
            0 => String::new(),
            n => format!(", equivalents {n}"),
        };
        println!(
            "{:<24} {:>8} {:>10} {:>6} ms  {}/{}{equivalents}",
            row.name,
            row.states,
            row.executions,
            row.time.as_millis(),
            row.caught,
            row.wrong,
        );
    }
    let named: Vec<_> = rows.iter().flat_map(|row| &row.equivalents).collect();
    println!(
        "wrong versions caught {}/{}, equivalents named {}, {:.1} s",
        rows.iter().map(|row| row.caught).sum::<usize>(),
        rows.iter().map(|row| row.wrong).sum::<usize>(),
        named.len(),
        time.as_secs_f64(),
    );
    for row in rows {
        for (name, why) in &row.equivalents {
            println!("equivalent: {}, {name}: {why}", row.name);
        }
        print!("{}", row.reports);
    }
    for mismatch in rows.iter().flat_map(|row| &row.mismatches) {
        println!("MISMATCH: {mismatch}");
    }
}
