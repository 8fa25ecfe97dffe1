//! Who does which part of the work, if nobody knows beforehand how long a part takes?
//!
//! Run: `cargo run --release --example 06_work_stealing`
//!
//! You will see (a test compares all but the figures):
//!
//! ```text
//! 1. Mandelbrot, 96 rows. Worker 0 sleeps 10ms for each.
//!    worker                             0     1     2     3
//!    in equal shares      executed     24    24    24    24   261 ms
//!    v1_one_queue         executed      1    39    23    33    13 ms
//!                         stolen        0     0     0     0
//!                         parked        1     4     9     4
//!    v2_queue_per_worker  executed      0    47    39    10    12 ms
//!                         stolen        0    31    18     8
//!                         parked        4     5     5     7
//!    pool                 executed      1    74    12     9    10 ms
//!                         stolen        0    34     0     0
//!                         parked        0     1     1     1
//!                 ...................................................
//!              .......................::::::::::-=---:::::...........
//!            ....................:::::::::::::-+###+=-::::::::.......
//!           ...............::::::::::::-+#%*+##########+--=-+:::.....
//!          .......:::::::--:::::::::--=####################+--::::...
//!         .:::::::::::::---+#######-=#######################+=:::::..
//!         ################################################--:::::::..
//!         .:::::::::::::---+#######-=#######################+=:::::..
//!          .......:::::::--:::::::::--=####################+--::::...
//!           ...............::::::::::::-+#%*+##########+--=-+:::.....
//!            ....................:::::::::::::-+###+=-::::::::.......
//!              .......................::::::::::-=---:::::...........
//! 2. A quicksort of 200000 numbers. A job makes two, or sorts.
//!    worker                             0     1     2     3
//!    v1_one_queue         executed      2   214   375   218    24 ms
//!                         stolen        0     0     0     0
//!                         parked        1     4     6     1
//!    v2_queue_per_worker  executed      1   323    26   459    21 ms
//!                         stolen        1     2     3     9
//!                         parked        0     2     3     4
//!    pool                 executed      8   650   140    11    88 ms
//!                         stolen        0     7     7     1
//!                         parked        0     8     8     8
//!    all numbers are there, and in order
//! 3. A tree of folders. A job makes one for each folder in it.
//!    worker                             0     1     2     3
//!    v1_one_queue         executed      4   257   223   190    56 ms
//!                         stolen        0     0     0     0
//!                         parked        1     1     1     1
//!    v2_queue_per_worker  executed      6   157   162   349   126 ms
//!                         stolen        1     7     7    11
//!                         parked        1     3     3     3
//!    pool                 executed      9   192   268   205   155 ms
//!                         stolen        2    16    14    11
//!                         parked        1     1     5     2
//!    674 folders, 7461 files, and in them 0698327f
//! ```
//!
//! With `--trace FILE.svg` it draws instead who ran which row, and who took it from whom.
//!
//! Change first: `PAUSE = Duration::ZERO`. Who does most now? Then `FEW = 50`: there are
//! twenty times as many jobs. Are there twenty times as many thefts?
//!
//! Needs: `05_futex_locks`. Next: 07 (one thread, many sockets).

use std::process::ExitCode;
use std::sync::{Arc, Barrier, Mutex};
use std::time::{Duration, Instant};
use std::{env, fs, mem, thread};

use threadbare::pool::{
    Counters, ThreadPool, WaitGroup, v1_one_queue, v2_queue_per_worker,
};

/// How many workers each pool has.
const THREADS: usize = 4;
/// How long worker 0 sleeps before each of its jobs.
const PAUSE: Duration = Duration::from_millis(10);
/// The picture: a job for each row. A point that has not left by then never does.
const ROWS: usize = 96;
const COLUMNS: usize = 64;
const TURNS: usize = 2_000;
/// How many numbers are sorted, and how few are one job.
const NUMBERS: u32 = 200_000;
const FEW: usize = 1_000;
/// How deep the folders are nested at most.
const DEPTH: u32 = 12;

const USAGE: &str = "usage: 06_work_stealing [--trace FILE.svg]";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => demo(),
        ["--trace", file] => return trace(file),
        ["--help" | "-h"] => println!("{USAGE}"),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

fn demo() {
    heading(&format!(
        "1. Mandelbrot, {ROWS} rows. Worker 0 sleeps {PAUSE:?} for each."
    ));
    let picture = in_equal_shares();
    assert_eq!(ladder(rows), picture, "the same picture");
    for row in picture.lines().step_by(8) {
        println!("   {row}");
    }
    heading(&format!(
        "2. A quicksort of {NUMBERS} numbers. A job makes two, or sorts."
    ));
    println!("   {}", ladder(sort));
    heading("3. A tree of folders. A job makes one for each folder in it.");
    println!("   {}", ladder(tree));
}

fn heading(title: &str) {
    let workers: String = (0..THREADS).map(|w| format!("{w:6}")).collect();
    println!("{title}\n   worker                        {workers}");
}

type Job = Box<dyn FnOnce() + Send>;

/// A way to give a job to a pool, and the jobs that are not done.
#[derive(Clone)]
struct Crew {
    spawn: Arc<dyn Fn(Job) + Send + Sync>,
    jobs: Arc<WaitGroup>,
}

impl Crew {
    fn of(spawn: impl Fn(Job) + Send + Sync + 'static) -> Self {
        let (spawn, jobs) = (Arc::new(spawn), Arc::new(WaitGroup::new()));
        Self { spawn, jobs }
    }

    /// Has `job` run by some worker. A job may give away more jobs.
    fn give(&self, job: impl FnOnce(&Crew) + Send + 'static) {
        let (crew, member) = (self.clone(), self.jobs.add());
        (self.spawn)(Box::new(move || {
            pause_if_slow();
            job(&crew);
            drop(crew); // so that no worker is the last to know its pool
            member.done();
        }));
    }
}

fn pause_if_slow() {
    if thread::current()
        .name()
        .is_some_and(|name| name.ends_with("-0"))
    {
        thread::sleep(PAUSE);
    }
}

/// Has the three pools do the same work, and returns what they all find.
fn ladder(work: fn(&Crew) -> String) -> String {
    let v1 = Arc::new(v1_one_queue::ThreadPool::new(THREADS));
    let give = Arc::clone(&v1);
    let crew = Crew::of(move |job| give.spawn(job));
    let first = watch("v1_one_queue", work, &crew, || v1.counters());

    let v2 = Arc::new(v2_queue_per_worker::ThreadPool::new(THREADS));
    let give = Arc::clone(&v2);
    let crew = Crew::of(move |job| give.spawn(job));
    let second = watch("v2_queue_per_worker", work, &crew, || v2.counters());

    let pool = Arc::new(ThreadPool::new(THREADS));
    let give = Arc::clone(&pool);
    let crew = Crew::of(move |job| drop(give.spawn(job).expect("it is open")));
    let third = watch("pool", work, &crew, || pool.counters());

    assert!(
        first == second && second == third,
        "the same jobs, the same answer"
    );
    third.0
}

/// Does the work, and shows who did it: what was found, and how many jobs it took.
fn watch(
    name: &str,
    work: fn(&Crew) -> String,
    crew: &Crew,
    counters: impl Fn() -> Vec<Counters>,
) -> (String, u64) {
    let all = Arc::new(Barrier::new(THREADS));
    for _ in 0..THREADS {
        let all = Arc::clone(&all);
        crew.give(move |_| _ = all.wait()); // so that every worker is there
    }
    crew.jobs.wait();
    let (before, start) = (counters(), Instant::now());
    let answer = work(crew);
    let time = format!("{:6} ms", start.elapsed().as_millis());
    let workers: Vec<_> = counters().into_iter().zip(before).collect();
    let column = |of: fn(&Counters) -> u64| -> Vec<u64> {
        workers
            .iter()
            .map(|(now, before)| of(now) - of(before))
            .collect()
    };
    let executed = column(|worker| worker.executed);
    line(name, "executed", &executed, &time);
    line("", "stolen", &column(|worker| worker.stolen), "");
    line("", "parked", &column(|worker| worker.parked), "");
    let jobs = executed.iter().sum();
    let is_slow = THREADS > 1 && !PAUSE.is_zero();
    let share = jobs / THREADS as u64;
    assert!(!is_slow || executed[0] < share, "who is slow does less");
    (answer, jobs)
}

fn line(name: &str, what: &str, figures: &[u64], time: &str) {
    let figures: String = figures.iter().map(|n| format!("{n:6}")).collect();
    println!("   {name:20} {what:9}{figures}{time}");
}

// ---- rows: all jobs are known at once, and some take longer ----------------------------

/// The naive way: each worker gets as many rows as every other, beforehand.
fn in_equal_shares() -> String {
    let start = Instant::now();
    let share = |worker| {
        let rows = ROWS * worker / THREADS..ROWS * (worker + 1) / THREADS;
        rows.inspect(|_| pause_if_slow()).map(mandelbrot).collect()
    };
    let parts: Vec<Vec<String>> = thread::scope(|scope| {
        let spawn = |worker| {
            let thread = thread::Builder::new().name(format!("w-{worker}"));
            thread.spawn_scoped(scope, move || share(worker)).unwrap()
        };
        let workers: Vec<_> = (0..THREADS).map(spawn).collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap())
            .collect()
    });
    let time = format!("{:6} ms", start.elapsed().as_millis());
    let executed: Vec<u64> = parts.iter().map(|part| part.len() as u64).collect();
    line("in equal shares", "executed", &executed, &time);
    parts.concat().join("\n")
}

// ANCHOR: rows
fn rows(crew: &Crew) -> String {
    let picture = Arc::new(Mutex::new(vec![String::new(); ROWS]));
    for row in 0..ROWS {
        let picture = Arc::clone(&picture);
        crew.give(move |_| {
            let text = mandelbrot(row);
            picture.lock().unwrap()[row] = text;
        });
    }
    crew.jobs.wait();
    picture.lock().unwrap().join("\n")
}
// ANCHOR_END: rows

/// One row of the picture. A point that never leaves takes all `TURNS`.
fn mandelbrot(row: usize) -> String {
    let point = |column: usize| {
        let re = column as f64 / COLUMNS as f64 * 3.0 - 2.2;
        let im = row as f64 / ROWS as f64 * 2.4 - 1.2;
        let (mut x, mut y, mut turns) = (0.0, 0.0, 0_usize);
        while x * x + y * y < 4.0 && turns < TURNS {
            (x, y) = (x * x - y * y + re, 2.0 * x * y + im);
            turns += 1;
        }
        b" .:-=+*%@#"[turns.ilog2().min(9) as usize]
    };
    (0..COLUMNS)
        .map(|column| char::from(point(column)))
        .collect()
}

// ---- sort: a job makes two more --------------------------------------------------------

type Pieces = Arc<Mutex<Vec<(usize, Vec<u32>)>>>;

fn sort(crew: &Crew) -> String {
    let numbers: Vec<u32> = (0..NUMBERS).map(hash).collect();
    let pieces = Pieces::default();
    let all = Arc::clone(&pieces);
    crew.give(move |crew| quicksort(crew, 0, numbers, &all));
    crew.jobs.wait();
    let mut pieces = mem::take(&mut *pieces.lock().unwrap());
    pieces.sort_unstable();
    let sorted: Vec<u32> = pieces.into_iter().flat_map(|(_, piece)| piece).collect();
    assert!(sorted.is_sorted() && sorted.len() == NUMBERS as usize);
    "all numbers are there, and in order".to_owned()
}

// ANCHOR: sort
/// Sorts what belongs at `begin` and behind it, or leaves that to two more jobs.
fn quicksort(crew: &Crew, begin: usize, mut numbers: Vec<u32>, pieces: &Pieces) {
    if numbers.len() <= FEW {
        numbers.sort_unstable();
        return pieces.lock().unwrap().push((begin, numbers));
    }
    let pivot = numbers.swap_remove(numbers.len() / 2);
    let (mut small, large): (Vec<u32>, Vec<u32>) =
        numbers.into_iter().partition(|number| *number < pivot);
    small.push(pivot);
    for (begin, part) in [(begin + small.len(), large), (begin, small)] {
        let pieces = Arc::clone(pieces);
        crew.give(move |crew| quicksort(crew, begin, part, &pieces));
    }
}
// ANCHOR_END: sort

// ---- tree: a job makes as many as it finds ---------------------------------------------

/// How many folders there are, how many files, and a sum over what is in them.
type Found = Arc<Mutex<[u32; 3]>>;

fn tree(crew: &Crew) -> String {
    let found = Found::default();
    let all = Arc::clone(&found);
    crew.give(move |crew| folder(crew, 0, 10, &all));
    crew.jobs.wait();
    let [folders, files, sum] = *found.lock().unwrap();
    format!("{folders} folders, {files} files, and in them {sum:08x}")
}

// ANCHOR: tree
/// Reads the files of a folder, and leaves each folder in it to another job.
fn folder(crew: &Crew, depth: u32, id: u32, found: &Found) {
    let inside = hash(id);
    let folders = if depth == DEPTH { 0 } else { inside % 4 };
    for child in 0..folders {
        let (id, found) = (inside + child, Arc::clone(found));
        crew.give(move |crew| folder(crew, depth + 1, id, &found));
    }
    let files = inside % 23;
    let sum = (0..files * 1_000).fold(id, |sum, _| hash(sum));
    let mut found = found.lock().unwrap();
    *found = [found[0] + 1, found[1] + files, found[2] ^ sum];
}
// ANCHOR_END: tree

/// A number that has nothing to do with `number`, as it seems.
fn hash(number: u32) -> u32 {
    let mixed = (number ^ 0x9e37_79b9 ^ number >> 16).wrapping_mul(0x45d9_f3b5);
    let mixed = (mixed ^ mixed >> 15).wrapping_mul(0x2c1b_3c6d);
    (mixed ^ mixed >> 16) >> 1
}

/// Has the rows made by a pool that records what it does, and draws that.
fn trace(file: &str) -> ExitCode {
    let pool = Arc::new(ThreadPool::builder().threads(THREADS).build_traced());
    let give = Arc::clone(&pool);
    rows(&Crew::of(move |job| {
        drop(give.spawn(job).expect("it is open"))
    }));
    if let Err(error) = fs::write(file, pool.trace().to_svg()) {
        eprintln!("{file}: {error}");
        return ExitCode::FAILURE;
    }
    println!("{file}: a lane for each of {THREADS} workers, with {ROWS} jobs");
    ExitCode::SUCCESS
}
