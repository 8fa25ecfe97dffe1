//! The figures of chapter 06 that a pool draws of itself, and that they show what the
//! chapter says they do. Two runs never draw the same, so what is compared is what a reader
//! looks for. To draw them anew: `THREADBARE_WRITE=1 cargo test --test 06_figures`
//!
//! For the book each job takes its time, and sleeps to do so: then the figure does not
//! depend on how many cores there are to draw it. In the test the jobs meet instead.

use std::path::Path;
use std::sync::{Arc, Barrier};
use std::thread::{self, sleep};
use std::time::Duration;
use std::{env, fs};

use threadbare::pool::{Batch, ThreadPool, Trace, WaitGroup, What};

const WORKERS: usize = 4;
/// How many boxes of an even size make a figure that can be read on a phone.
const JOBS: usize = 24;
/// What a job takes in a figure.
const MOMENT: Duration = Duration::from_millis(2);

/// A batch, and worker 0 is slow: in the book it needs five times as long for each job as
/// the others, in the test its first one ends when all others have run.
#[test]
fn a_slow_worker_gets_less_to_do() {
    let trace = best(|| {
        let (pool, jobs) = (pool(), Arc::new(WaitGroup::new()));
        let mut batch = Batch::new();
        for _ in 0..JOBS {
            let (member, jobs) = (jobs.add(), Arc::clone(&jobs));
            drop(batch.push(move || {
                let is_slow = thread::current().name() == Some("w-0");
                if is_drawn() {
                    sleep(MOMENT * if is_slow { 5 } else { 1 });
                } else if is_slow {
                    until(|| jobs.count() == 1);
                }
                member.done();
            }));
        }
        pool.spawn_batch(batch).unwrap();
        jobs.wait();
        pool.trace()
    });
    let executed = ran(&trace);
    assert_eq!(executed.iter().sum::<usize>(), JOBS, "each has run once");
    let least = if is_drawn() { JOBS / WORKERS } else { 2 };
    assert!(executed[0] < least, "who is slow does less: {executed:?}");
    keep("slow", "A slow worker gets less to do", &trace);
}

/// As many jobs as workers, and each job waits until all have begun.
#[test]
fn one_batch_wakes_as_many_as_it_needs() {
    let trace = best(|| {
        let (pool, all) = (pool(), Arc::new(Barrier::new(WORKERS)));
        let mut batch = Batch::new();
        let push = |_| {
            let all = Arc::clone(&all);
            batch.push(move || {
                all.wait();
                if is_drawn() {
                    sleep(MOMENT / 8);
                }
            })
        };
        let jobs: Vec<_> = (0..WORKERS).map(push).collect();
        pool.spawn_batch(batch).unwrap();
        jobs.into_iter().for_each(|job| job.wait().unwrap());
        pool.trace()
    });
    assert_eq!(ran(&trace), [1; WORKERS]);
    keep(
        "wake",
        "One batch, and how its workers wake each other",
        &trace,
    );
}

/// A recursion that splits in halves, five times. In the book one leaf in four takes longer;
/// in the test four of them, each in a quarter of its own, meet.
#[test]
fn a_stolen_half_is_stolen_from() {
    fn halves(pool: &ThreadPool<true>, all: &Barrier, first: usize, leaves: usize) {
        if leaves > 1 {
            let half = leaves / 2;
            pool.join(
                || halves(pool, all, first, half),
                || halves(pool, all, first + half, half),
            );
        } else if is_drawn() {
            sleep(MOMENT / 2 * if first.is_multiple_of(4) { 3 } else { 1 });
        } else if first.is_multiple_of(LEAVES / WORKERS) {
            all.wait();
        }
    }
    const LEAVES: usize = 32;
    let trace = best(|| {
        let pool = pool();
        halves(&pool, &Barrier::new(WORKERS), 0, LEAVES);
        pool.trace()
    });
    let thefts = count(&trace, |what| matches!(what, What::Stole(_)));
    assert!(thefts.iter().sum::<usize>() >= WORKERS - 1, "{thefts:?}");
    assert!(
        ran(&trace).iter().all(|&jobs| jobs > 0),
        "all have something"
    );
    keep("join", "A recursion of joins on four workers", &trace);
}

fn pool() -> ThreadPool<true> {
    let builder = ThreadPool::builder().name("w").threads(WORKERS);
    builder.build_traced()
}

fn is_drawn() -> bool {
    env::var_os("THREADBARE_WRITE").is_some()
}

fn until(is_so: impl Fn() -> bool) {
    while !is_so() {
        thread::yield_now();
    }
}

/// For the book, the quickest of many: on a machine that is busy with other things, a worker
/// may come so late that the others have done everything.
fn best(record: impl Fn() -> Trace) -> Trace {
    let runs = if is_drawn() { 60 } else { 1 };
    let last = |trace: &Trace| {
        let events = |worker| trace.events(worker).iter().map(|event| event.at);
        (0..WORKERS).flat_map(events).max()
    };
    let traces = (0..runs).map(|_| record());
    traces.min_by_key(last).unwrap()
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
    if is_drawn() {
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
