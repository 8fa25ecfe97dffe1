//! Stress for the thread pool: ten million jobs, each of which has a number, and a bit in a
//! ledger. A job that is lost leaves its bit unset, and one that runs twice finds it set.
//!
//! Blind spot: real threads meet only the schedules that this machine happens to make. The
//! models beside the parts of `src/pool` try them all, with two jobs or three.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::Duration;
use threadbare::pool::{self, Batch, ThreadPool};
use threadbare::testkit::{Random, seed, step, within};

const LIMIT: Duration = Duration::from_secs(300);
/// In each round some of these.
const THREADS: [usize; 6] = [1, 2, 3, 4, 8, 64];
const ROUNDS: usize = 10;
const JOBS: usize = 10_000_000;
/// Sanitizers are five to fifty times slower; who runs one says how much less it shall be
/// (`.ci/extra` does).
const LESS: &str = "THREADBARE_STRESS_LESS";

/// A bit for each job.
struct Ledger {
    ran: Box<[AtomicU64]>,
    doubled: AtomicUsize,
}

impl Ledger {
    fn new(jobs: usize) -> Arc<Self> {
        Arc::new(Self {
            ran: (0..jobs.div_ceil(64)).map(|_| AtomicU64::new(0)).collect(),
            doubled: AtomicUsize::new(0),
        })
    }

    /// What each job does.
    fn run(&self, job: usize) {
        let bit = 1 << (job % 64);
        // ORDERING: Relaxed. Only the bits matter; the end of the pool orders them before the
        // last look.
        if self.ran[job / 64].fetch_or(bit, Relaxed) & bit != 0 {
            // ORDERING: Relaxed, as above.
            self.doubled.fetch_add(1, Relaxed);
        }
    }

    /// How many ran, and how many more than once.
    fn read(&self) -> (usize, usize) {
        // ORDERING: Relaxed. All threads have been joined.
        let ran = self
            .ran
            .iter()
            .map(|it| it.load(Relaxed).count_ones() as usize);
        // ORDERING: Relaxed, as above.
        (ran.sum(), self.doubled.load(Relaxed))
    }
}

/// One part in so many of the jobs, for slow checkers.
fn less() -> usize {
    let less = std::env::var(LESS).ok();
    less.and_then(|it| it.parse().ok()).unwrap_or(1)
}

/// Jobs from `first` up to `end`, in one of the ways in which a pool takes them.
fn hand_over(
    pool: &ThreadPool,
    ledger: &Arc<Ledger>,
    way: u64,
    first: usize,
    end: usize,
) {
    step(format!("{} jobs, way {way}", end - first));
    let job = |n| {
        let ledger = Arc::clone(ledger);
        move || ledger.run(n)
    };
    match way {
        // One by one, from outside; nobody waits for them.
        0 => (first..end).for_each(|n| drop(pool.spawn(job(n)))),
        // Many at once.
        1 => {
            let mut batch = Batch::new();
            (first..end).for_each(|n| drop(batch.push(job(n))));
            pool.spawn_batch(batch).unwrap();
        }
        // One by one, from inside: rings flow over.
        2 => pool.install(|| (first..end).for_each(|n| drop(pool.spawn(job(n))))),
        3 => pool.scope(|scope| {
            let ledger = &**ledger;
            (first..end).for_each(|n| scope.spawn(move || ledger.run(n)));
        }),
        4 => pool.install(|| {
            pool::scope(|scope| {
                let ledger = &**ledger;
                (first..end).for_each(|n| scope.spawn(move || ledger.run(n)));
            });
        }),
        5 => pool.install(|| halve(ledger, first, end)),
        6 => {
            let numbers: Vec<_> = (first..end).collect();
            pool.each(&numbers, |n| ledger.run(*n));
        }
        // Refused when there is no room, and then tried again.
        _ => (first..end).for_each(|n| {
            while pool.try_spawn(job(n)).is_err() {
                thread::yield_now();
            }
        }),
    }
}

/// A tree of joins, with a job at each leaf.
fn halve(ledger: &Ledger, first: usize, end: usize) {
    match end - first {
        0 => {}
        1 => ledger.run(first),
        _ => {
            let middle = first.midpoint(end);
            pool::join(
                || halve(ledger, first, middle),
                || halve(ledger, middle, end),
            );
        }
    }
}

/// Some threads hand over a share each, in random pieces and random ways, and then the pool is
/// dropped.
fn round(threads: usize, jobs: usize, seed: u64) {
    let ledger = Ledger::new(jobs);
    let mut random = Random::new(seed);
    let mut builder = ThreadPool::builder().threads(threads).queue_cap(500);
    if random.below(2) == 0 {
        builder = builder.idle_exit(Duration::from_micros(random.below(500)));
    }
    let pool = builder.build();
    const BRINGERS: usize = 3;
    thread::scope(|scope| {
        for bringer in 0..BRINGERS {
            let (pool, ledger) = (&pool, &ledger);
            let mut random = Random::new(seed ^ (bringer as u64 + 1));
            scope.spawn(move || {
                let end = jobs * (bringer + 1) / BRINGERS;
                let mut next = jobs * bringer / BRINGERS;
                while next < end {
                    let most = 10_u64.pow(1 + random.below(5) as u32);
                    let piece = random.below(most) as usize + 1;
                    let upto = end.min(next + piece);
                    hand_over(pool, ledger, random.below(8), next, upto);
                    next = upto;
                }
            });
        }
    });
    drop(pool);
    assert_eq!(ledger.read(), (jobs, 0), "(ran, ran twice) of {jobs}");
}

#[test]
fn ten_million_jobs_run_once() {
    let seed = seed("pool::ten_million_jobs_run_once");
    within(LIMIT, || {
        for number in 0..ROUNDS {
            let mut random = Random::new(seed ^ number as u64);
            let threads = THREADS[random.below(THREADS.len() as u64) as usize];
            round(threads, JOBS / ROUNDS / less(), random.next_u64());
        }
    });
}

#[test]
fn sixty_four_threads_lose_nothing() {
    let seed = seed("pool::sixty_four_threads_lose_nothing");
    within(LIMIT, || {
        for number in 0..20 {
            round(64, 20_000 / less(), seed ^ number);
        }
    });
}

/// Pools that are shut down while jobs come: each job is refused, or runs, or is handed out.
#[test]
fn a_shutdown_loses_nothing() {
    let seed = seed("pool::a_shutdown_loses_nothing");
    within(LIMIT, || {
        for number in 0..1_000 / less() as u64 {
            step(format!("round {number}"));
            let mut random = Random::new(seed ^ number);
            let pool = ThreadPool::new(1 + random.below(5) as usize);
            let (ledger, taken) = (Ledger::new(4_000), AtomicUsize::new(0));
            let unstarted =
                thread::scope(|scope| {
                    for bringer in 0..2 {
                        let (pool, ledger, taken) = (&pool, &ledger, &taken);
                        let inside = random.below(2) == 0;
                        let bring = move || {
                            for n in bringer * 2_000..(bringer + 1) * 2_000 {
                                let theirs = Arc::clone(ledger);
                                if pool.spawn(move || theirs.run(n)).is_err() {
                                    break;
                                }
                                // ORDERING: Relaxed. Only the count matters.
                                taken.fetch_add(1, Relaxed);
                            }
                        };
                        scope.spawn(move || {
                            if inside { pool.install(bring) } else { bring() }
                        });
                    }
                    for _ in 0..random.below(20_000) {
                        std::hint::spin_loop();
                    }
                    match random.below(2) {
                        0 => pool.shutdown_now(),
                        _ => {
                            pool.shutdown();
                            Vec::new()
                        }
                    }
                });
            drop(pool);
            let (ran, doubled) = ledger.read();
            assert_eq!(doubled, 0, "ran twice");
            assert_eq!(ran + unstarted.len(), taken.into_inner());
        }
    });
}
