//! The figures of chapter 06 that a pool draws of itself, and that they show what the
//! chapter says they do. Two runs never draw the same, so what is compared is what a reader
//! looks for. To draw them anew: `THREADBARE_WRITE=1 cargo test --test 06_figures`

use std::path::Path;
use std::sync::{Arc, Barrier};
use std::thread::{self, sleep};
use std::time::Duration;
use std::{env, fs};

use threadbare::pool::{Batch, ThreadPool, Trace, What};

const WORKERS: usize = 4;
/// How many boxes of an even size make a figure that can be read on a phone.
const JOBS: usize = 24;
/// The jobs sleep and do not compute, so that a figure does not depend on how many cores
/// there are to draw it.
const MOMENT: Duration = Duration::from_millis(2);

fn pool() -> ThreadPool<true> {
    ThreadPool::builder()
        .name("w")
        .threads(WORKERS)
        .build_traced()
}

/// A batch, and worker 0 needs five times as long for each job as the others.
#[test]
fn a_slow_worker_gets_less_to_do() {
    let slow = || {
        let pool = pool();
        let mut batch = Batch::new();
        let job = || {
            let is_slow = thread::current().name() == Some("w-0");
            sleep(MOMENT * if is_slow { 5 } else { 1 });
        };
        let jobs: Vec<_> = (0..JOBS).map(|_| batch.push(job)).collect();
        pool.spawn_batch(batch).unwrap();
        jobs.into_iter().for_each(|job| job.wait().unwrap());
        pool.trace()
    };
    let is_seen = |trace: &Trace| {
        let executed = ran(trace);
        assert_eq!(executed.iter().sum::<usize>(), JOBS, "each has run once");
        executed[0] < JOBS / WORKERS
    };
    keep(
        "slow",
        "A slow worker gets less to do",
        &seen(slow, is_seen),
    );
}

/// As many jobs as workers and each job waits until all have begun.
#[test]
fn one_batch_wakes_as_many_as_it_needs() {
    let batch = || {
        let pool = pool();
        let all = Arc::new(Barrier::new(WORKERS));
        let mut batch = Batch::new();
        let push = |_| {
            let all = Arc::clone(&all);
            batch.push(move || {
                all.wait();
                sleep(MOMENT / 8);
            })
        };
        let jobs: Vec<_> = (0..WORKERS).map(push).collect();
        pool.spawn_batch(batch).unwrap();
        jobs.into_iter().for_each(|job| job.wait().unwrap());
        pool.trace()
    };
    let trace = seen(batch, |trace| ran(trace) == [1; WORKERS]);
    keep(
        "wake",
        "One batch, and how its workers wake each other",
        &trace,
    );
}

/// A recursion that splits in halves, five times, with one leaf in four that takes longer.
#[test]
fn a_stolen_half_is_stolen_from() {
    fn halves(pool: &ThreadPool<true>, leaves: std::ops::Range<u32>) {
        let len = leaves.end - leaves.start;
        if len == 1 {
            return sleep(MOMENT / 2 * if leaves.start % 4 == 0 { 3 } else { 1 });
        }
        let middle = leaves.start + len / 2;
        pool.join(
            || halves(pool, leaves.start..middle),
            || halves(pool, middle..leaves.end),
        );
    }
    let recursion = || {
        let pool = pool();
        halves(&pool, 0..32);
        pool.trace()
    };
    let is_seen = |trace: &Trace| {
        let thefts = count(trace, |what| matches!(what, What::Stole(_)));
        thefts.iter().sum::<usize>() >= WORKERS - 1
            && ran(trace).iter().all(|&jobs| jobs > 0)
    };
    let trace = seen(recursion, is_seen);
    keep("join", "A recursion of joins on four workers", &trace);
}

/// A trace in which one can see what is to be seen: on a machine that is busy with other
/// things, a worker may come so late that it isn't in the first. For the book, the quickest
/// of many.
fn seen(record: impl Fn() -> Trace, is_seen: impl Fn(&Trace) -> bool) -> Trace {
    let mut traces = (0..60).map(|_| record()).filter(is_seen);
    let first = traces.next().expect("one in sixty shows it");
    if !is_written() {
        return first;
    }
    traces.chain([first]).min_by_key(last_event).unwrap()
}

fn last_event(trace: &Trace) -> Duration {
    let last = |worker| trace.events(worker).iter().map(|event| event.at).max();
    (0..trace.workers()).filter_map(last).max().unwrap()
}

fn is_written() -> bool {
    env::var_os("THREADBARE_WRITE").is_some()
}

fn ran(trace: &Trace) -> Vec<usize> {
    count(trace, |what| what == What::Runs)
}

/// How often each worker did that.
fn count(trace: &Trace, wanted: fn(What) -> bool) -> Vec<usize> {
    let events = |worker| trace.events(worker).iter();
    let of = |worker| events(worker).filter(|event| wanted(event.what)).count();
    (0..trace.workers()).map(of).collect()
}

/// Writes the figure, if that was asked for; and looks whether the one in the book is one of
/// this kind.
fn keep(name: &str, title: &str, trace: &Trace) {
    let drawn = trace.clone().titled(title).to_svg();
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("book/src/06_work_stealing/figures")
        .join(format!("{name}.svg"));
    if is_written() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, &drawn).unwrap();
    }
    let kept = fs::read_to_string(&file).expect("the book has the figure");
    for part in [title, "<desc", ">0<", ">1<", ">2<", ">3<"] {
        assert!(drawn.contains(part), "no {part} in what is drawn: {drawn}");
        assert!(kept.contains(part), "no {part} in {}", file.display());
    }
    assert!(
        kept.lines().all(|line| !line.trim().is_empty()),
        "Markdown ends there"
    );
}
