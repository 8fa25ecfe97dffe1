//! What chapter 08's bench and its peers have in common: the same work for everybody.

use std::hint::black_box;
use std::io;
use std::process;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;
use std::time::{Duration, Instant};

use crate::machine;
use crate::worker::Order;

/// What one side of a pair says, and the other repeats.
pub const PING: [u8; 5] = *b"PING\n";
/// How much a server reads at once.
pub const READ_BYTES: usize = 4096;
/// The first timer that is going to fire is due after this time: whoever has to run in order
/// to set them all has done so.
const FIRST: Duration = Duration::from_secs(1);
/// And the last one so long after the first.
const SPAN: Duration = Duration::from_secs(1);
/// Those that are going to be cancelled are not due for so long.
const LONG: Duration = Duration::from_secs(3_600);
/// How often firing is tried.
const TRIES: usize = 10;
/// So many have the same deadline where they are set in order, as in the benches of libuv and
/// libxev.
const TOGETHER: usize = 1_000;

/// A clock with many deadlines.
pub trait Timers {
    /// Sets one timer for each of these times from now.
    ///
    /// # Errors
    /// As the clock says.
    fn set(&mut self, after: &[Duration]) -> io::Result<()>;
    /// Cancels all timers, by their places in what was set, in this order, and returns when
    /// it has no more of them.
    ///
    /// # Errors
    /// As the clock says.
    fn cancel(&mut self, order: &[u32]) -> io::Result<()>;
    /// Returns when all have fired, and how many that were. They are all due.
    ///
    /// # Errors
    /// As the clock says.
    fn fire(&mut self) -> io::Result<usize>;
}

/// Sets, cancels, sets and fires `order.amount` timers, and returns nanoseconds of CPU time for
/// one: to set it, to cancel it, to fire it. All has been done once before that, so that
/// memory is there.
///
/// # Errors
/// As the clock says.
///
/// # Panics
/// If not all have fired.
pub fn time(timers: &mut impl Timers, order: Order<'_>) -> io::Result<Vec<f64>> {
    let number = order.amount;
    let (after, cancels) = match order.what {
        "timers" => (random(number), shuffled(number)),
        _ => (in_order(number), (0..number as u32).collect()),
    };
    let later: Vec<Duration> = after.iter().map(|&after| LONG + after).collect();
    timers.set(&later)?;
    timers.cancel(&cancels)?;

    let start = Spent::new();
    timers.set(&later)?;
    let set = start.each(number);
    let start = Spent::new();
    timers.cancel(&cancels)?;
    let cancel = start.each(number);

    // On a machine that is busy with something else some are due before all are set: again.
    for _ in 0..TRIES {
        let start = Instant::now();
        timers.set(&after)?;
        let in_time = start.elapsed() < FIRST;
        thread::sleep(FIRST + SPAN + Duration::from_millis(20));
        let start = Spent::new();
        let fired = timers.fire()?;
        let fire = start.each(number);
        assert_eq!(fired, number, "all timers fire");
        if in_time {
            return Ok(vec![set, cancel, fire]);
        }
    }
    Err(io::Error::other("the machine is too busy"))
}

/// CPU time of this thread; where the system does not say, time.
struct Spent {
    start: Instant,
    used: Option<Duration>,
}

impl Spent {
    fn new() -> Self {
        let (start, used) = (Instant::now(), machine::cpu_time_of_this_thread());
        Self { start, used }
    }

    fn each(&self, number: usize) -> f64 {
        let used = self.used.zip(machine::cpu_time_of_this_thread());
        let used = used.map(|(before, after)| after - before);
        let used = used.unwrap_or_else(|| self.start.elapsed());
        used.as_nanos() as f64 / number as f64
    }
}

/// Time, and CPU time of this process, since `start`, in nanoseconds for one of `number`.
pub fn time_and_cpu(start: (Instant, Option<Duration>), number: usize) -> Vec<f64> {
    let (start, before) = start;
    let time = start.elapsed();
    let used = before.zip(cpu());
    // Not a number where the system does not say.
    let used =
        used.map_or(f64::NAN, |(before, now)| (now - before).as_nanos() as f64);
    [time.as_nanos() as f64, used]
        .map(|ns| ns / number as f64)
        .to_vec()
}

/// Where [`time_and_cpu`] starts.
pub fn start() -> (Instant, Option<Duration>) {
    (Instant::now(), cpu())
}

fn cpu() -> Option<Duration> {
    machine::cpu_time_of(process::id())
}

/// A millisecond later every thousand of them.
fn in_order(number: usize) -> Vec<Duration> {
    let step = |at| Duration::from_millis((at / TOGETHER) as u64);
    (0..number).map(|at| FIRST + step(at)).collect()
}

/// Anywhere in a second.
fn random(number: usize) -> Vec<Duration> {
    let mut draw = generator(0x0123_4567_89ab_cdef);
    let most = SPAN.as_nanos() as u64;
    let draws = (0..number).map(|_| FIRST + Duration::from_nanos(draw() % most));
    draws.collect()
}

fn shuffled(number: usize) -> Vec<u32> {
    let mut draw = generator(0xfedc_ba98_7654_3210);
    let mut all: Vec<u32> = (0..number as u32).collect();
    for at in (1..number).rev() {
        all.swap(at, draw() as usize % (at + 1));
    }
    all
}

/// Marsaglia's xorshift: the same numbers for everybody.
fn generator(mut state: u64) -> impl FnMut() -> u64 {
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    }
}

/// Lets `order.width` threads notify a loop as fast as they can until `run`, which counts,
/// returns. Returns nanoseconds for each of the `amount` that it has counted, and of those the
/// loop's CPU time.
///
/// # Errors
/// As `run` says.
pub fn pummel<N: Fn() + Send>(
    order: Order<'_>,
    notify: impl Fn() -> N,
    run: impl FnOnce(usize) -> io::Result<()>,
) -> io::Result<Vec<f64>> {
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let (start, spent) = (Instant::now(), Spent::new());
        for _ in 0..order.width {
            let (notify, over) = (notify(), &over);
            scope.spawn(move || {
                // ORDERING: Relaxed. Nothing is handed over by `pummel::over`: whoever sees
                // it late has notified once more.
                while !over.load(Relaxed) {
                    notify();
                }
            });
        }
        let done = run(order.amount);
        let (time, spent) = (start.elapsed(), spent.each(order.amount));
        // ORDERING: Relaxed, as above; the scope joins the threads.
        over.store(true, Relaxed);
        done?;
        Ok(vec![time.as_nanos() as f64 / order.amount as f64, spent])
    })
}

/// What is computed on or beside a loop: so many slices of some 100 microseconds.
pub const SLICES: usize = 1_000;

/// One slice.
pub fn slice() {
    let mut draw = generator(1);
    for _ in 0..40_000 {
        black_box(draw());
    }
}

/// How often a ticker is due.
pub const TICK: Duration = Duration::from_millis(1);

/// How late a ticker was, which was due every millisecond. Who misses some was late for each
/// of them.
#[derive(Debug)]
pub struct Lateness {
    due: Instant,
    late: Vec<f64>,
}

impl Lateness {
    /// From now on.
    #[expect(clippy::new_without_default, reason = "it begins now")]
    pub fn new() -> Self {
        let (due, late) = (Instant::now() + TICK, Vec::new());
        Self { due, late }
    }

    /// It ticks.
    pub fn tick(&mut self) {
        let now = Instant::now();
        while self.due <= now {
            self.late.push((now - self.due).as_nanos() as f64);
            self.due += TICK;
        }
    }

    /// The work is done, and took so long: the figures of a row of `blocking`, of which the
    /// first is the time and all others are samples.
    pub fn figures(mut self, worked: Duration) -> Vec<f64> {
        self.tick();
        self.late.insert(0, worked.as_nanos() as f64);
        self.late
    }
}
