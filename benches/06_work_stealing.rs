//! What does it cost to give work to a pool: from one queue behind one lock to a deque for
//! each worker, beside the pools of crates?
//!
//! Run:  `cargo bench --bench 06_work_stealing` (about four minutes), or one group of it:
//!       `cargo bench --bench 06_work_stealing -- quicksort`
//! Then: `cargo run -p benches --bin report -- 06_work_stealing` writes the book's tables.
//!
//! | group | what it asks |
//! |---|---|
//! | `spawn_wait`, `spawn_wait_4` | what an empty job costs that comes from outside: from one thread, from four |
//! | `one_queue_small`, `one_queue_large` | from which size of job on a pool pays |
//! | `join` | what a fork and a join cost: Fibonacci numbers the slow way |
//! | `quicksort` | ten million integers, divided down to 32 (the workload of zap's bench) |
//! | `each` | a slice whose last elements cost the most |
//! | `wake_latency` | how long it takes until a sleeping pool runs a job |
//! | `idle_cpu` | what a pool costs that has nothing to do |
//! | `deque` | the deque alone |
//!
//! Except for `deque`, which criterion measures, all rows and sizes of a group take turns:
//! in each round every pool works once, and the table shows the medians of the rounds. What
//! disturbs the machine for a second then disturbs everybody, and the ratios stay true. All
//! pools live through the whole bench; those that have no work sleep.

use std::hint::black_box;
use std::time::Duration;

use benches::raw::{self, Recorder};
use criterion::{Criterion, criterion_group};

#[path = "06_work_stealing/asleep.rs"]
mod asleep;
#[path = "06_work_stealing/deques.rs"]
mod deques;
#[path = "06_work_stealing/dividing.rs"]
mod dividing;
#[path = "06_work_stealing/minimal.rs"]
mod minimal;
#[path = "06_work_stealing/pools.rs"]
mod pools;
#[path = "06_work_stealing/sorting.rs"]
mod sorting;
#[path = "06_work_stealing/spawning.rs"]
mod spawning;

const CHAPTER: &str = "06_work_stealing";

/// How many threads the pools have.
const THREADS: [usize; 4] = [1, 2, 4, 8];

criterion_group! {
    name = benches;
    config = benches::criterion(CHAPTER)
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1));
    targets = deques::deque
}

fn main() {
    if asleep::idle_copy() {
        return;
    }
    spawning::spawn_wait();
    spawning::one_queue();
    dividing::join();
    dividing::each();
    sorting::quicksort();
    asleep::wake_latency();
    asleep::idle_cpu();
    benches();
    Criterion::default().configure_from_args().final_summary();
}

/// A chain of `turns` multiplications, of which none can begin before the one before it
/// has ended. Never inlined: it takes the same time wherever it is called from.
#[inline(never)]
fn work(n: u64, turns: u32) -> u64 {
    (0..turns).fold(black_box(n), |n, _| {
        (n ^ (n >> 29)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    })
}

/// Does a thing once with so many threads, and returns how long it took.
type Run = Box<dyn FnMut(usize) -> Duration>;

/// One row of a table: a name, whether it has a figure for each number of threads or only
/// for one, and what to run.
struct Row {
    name: &'static str,
    only_one_thread: bool,
    run: Run,
}

fn row(name: &'static str, run: impl FnMut(usize) -> Duration + 'static) -> Row {
    Row {
        name,
        only_one_thread: false,
        run: Box::new(run),
    }
}

/// A row that no thread of a pool has a part in.
fn alone(name: &'static str, run: impl FnMut(usize) -> Duration + 'static) -> Row {
    Row {
        only_one_thread: true,
        ..row(name, run)
    }
}

/// What a table says around its figures.
struct Table<'a> {
    group: &'a str,
    title: &'a str,
    note: &'a str,
    /// How often everybody has their turn.
    rounds: usize,
    /// How many pieces of work one run does; the table shows the time of one.
    pieces: usize,
}

impl Table<'_> {
    /// Lets the rows take turns, and records the medians. The first row is the one that the
    /// others are compared with.
    fn measure(&self, rows: Vec<Row>) {
        if !raw::wanted(self.group) {
            return;
        }
        let rounds = if raw::trial() { 0 } else { self.rounds };
        let mut rows = rows;
        let mut found = vec![vec![Vec::new(); THREADS.len()]; rows.len()];
        // The first round only makes everything warm.
        for round in 0..=rounds {
            for turn in 0..rows.len() * THREADS.len() {
                // Who has just disturbed the caches is another one each round.
                let turn =
                    (turn + round * THREADS.len()) % (rows.len() * THREADS.len());
                let (place, column) = (turn / THREADS.len(), turn % THREADS.len());
                let row = &mut rows[place];
                if row.only_one_thread && column > 0 {
                    continue;
                }
                let time = (row.run)(THREADS[column]).as_nanos() as f64;
                if round > 0 || raw::trial() {
                    found[place][column].push(time / self.pieces as f64);
                }
            }
        }
        let mut recorder = Recorder::new(CHAPTER, self.group);
        recorder.title(self.title).note(self.note);
        let note = format!("Medians of {rounds} rounds in which all take turns.");
        recorder.note(&note);
        let column = |threads: usize| match threads {
            1 => "1 thread".to_string(),
            more => format!("{more} threads"),
        };
        for threads in THREADS {
            recorder.ratio(&column(threads));
        }
        recorder.chart(&column(THREADS[1]));
        for (row, found) in rows.iter().zip(found) {
            let mut line = recorder.row(row.name);
            for (threads, times) in THREADS.into_iter().zip(found) {
                if !times.is_empty() {
                    let time = median(times);
                    line = line.value(&column(threads), "ns", time);
                    eprintln!("{}/{}/{threads}: {time:.1} ns", self.group, row.name);
                }
            }
        }
        recorder.write().expect("the samples can be written");
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
