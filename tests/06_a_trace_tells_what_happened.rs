//! Property: a traced pool tells who ran, stole and slept, and agrees with the counters,
//! which agree with the number of jobs.

use std::sync::{Arc, Barrier};
use std::time::Duration;
use threadbare::pool::{Counters, ThreadPool, Trace, What};
use threadbare::testkit::{step, within};

const LIMIT: Duration = Duration::from_secs(60);
const JOBS: u64 = 500;

fn sum(counters: Vec<Counters>) -> Counters {
    counters
        .into_iter()
        .fold(Counters::default(), |sum, it| sum + it)
}

fn count(trace: &Trace, worker: usize, wanted: impl Fn(What) -> bool) -> u64 {
    let events = trace.events(worker).iter();
    events.filter(|event| wanted(event.what)).count() as u64
}

#[test]
fn counters_add_up() {
    within(LIMIT, || {
        for threads in [1, 2, 8] {
            let pool = ThreadPool::new(threads);
            let handles: Vec<_> =
                (0..JOBS).map(|n| pool.spawn(move || n).unwrap()).collect();
            handles.into_iter().for_each(|it| drop(it.wait()));
            assert_eq!(sum(pool.counters()).executed, JOBS);
            // Those of a scope, which a job spawns and others steal.
            pool.install(|| {
                pool.scope(|scope| (0..JOBS).for_each(|_| scope.spawn(|| ())));
            });
            let all = sum(pool.counters());
            assert!(all.executed >= 2 * JOBS, "{all}");
            assert!(all.stolen <= all.executed, "{all}");
            while pool.idle() < pool.started() {
                std::thread::yield_now();
            }
            let all = sum(pool.counters());
            assert!(all.parked >= pool.started() as u64, "all sleep: {all}");
        }
    });
}

/// Whoever has waited for a job finds it counted.
#[test]
fn a_job_is_counted_before_it_is_done() {
    within(LIMIT, || {
        let pool = ThreadPool::new(2);
        for jobs in 1..=5_000 {
            pool.spawn(|| ()).unwrap().wait().unwrap();
            assert_eq!(sum(pool.counters()).executed, jobs);
        }
    });
}

/// Jobs that meet in a scope of a job: those that another runs it has stolen.
#[test]
fn what_another_runs_is_stolen() {
    within(LIMIT, || {
        let pool = ThreadPool::builder().threads(2).build_traced();
        for _ in 0..50 {
            let barrier = Barrier::new(2);
            pool.install(|| pool.join(|| _ = barrier.wait(), || _ = barrier.wait()));
        }
        let all = sum(pool.counters());
        assert!(all.stolen > 0, "{all}");
        let trace = pool.trace();
        let steals = (0..2)
            .map(|it| count(&trace, it, |what| matches!(what, What::Stole(_))));
        assert!(steals.sum::<u64>() > 0, "no steal was recorded");
        for worker in 0..2 {
            for event in trace.events(worker) {
                assert_ne!(event.what, What::Stole(worker), "from itself");
            }
        }
    });
}

#[test]
fn a_trace_agrees_with_the_counters() {
    within(LIMIT, || {
        for threads in [1, 2, 4] {
            step(format!("{threads} threads"));
            let pool = ThreadPool::builder().threads(threads).build_traced();
            let barrier = Arc::new(Barrier::new(threads));
            let handles: Vec<_> = (0..threads)
                .map(|_| {
                    let barrier = Arc::clone(&barrier);
                    pool.spawn(move || _ = barrier.wait()).unwrap()
                })
                .collect();
            handles.into_iter().for_each(|it| it.wait().unwrap());
            let handles: Vec<_> =
                (0..JOBS).map(|n| pool.spawn(move || n).unwrap()).collect();
            handles.into_iter().for_each(|it| drop(it.wait()));
            step("waiting until all sleep");
            while pool.idle() < threads {
                std::thread::yield_now();
            }
            let (counters, trace) = (pool.counters(), pool.trace());
            assert_eq!(trace.workers(), threads);
            for (worker, counters) in counters.iter().enumerate() {
                let runs = count(&trace, worker, |what| what == What::Runs);
                let ran = count(&trace, worker, |what| what == What::Ran);
                let parks = count(&trace, worker, |what| what == What::Parks);
                assert_eq!((runs, ran), (counters.executed, counters.executed));
                assert_eq!(parks, counters.parked);
                let times = trace.events(worker).iter().map(|event| event.at);
                assert!(times.is_sorted(), "the clock went back");
            }
            assert!(trace.to_svg().contains("ran"));
        }
    });
}
