//! How long does it take, and which of the answers can be believed?
//!
//! Run: `cargo run --release --example 00_measuring`. You will see:
//!
//! ```text
//! a release build; cores: 2
//! clock alone: the first reading is 2.2µs
//!   all: min 20.0ns, median 21.0ns, p99 31.0ns, max 2.2µs, mean 32.0ns
//! CRC-32 of 4 KiB: the first reading is 10.9µs
//!   all: min 8.9µs, median 8.9µs, p99 9.0µs, max 64.3µs, mean 9.1µs
//! FNV-1a, result thrown away: 195312 MiB/s
//! FNV-1a: 877 MiB/s
//! CRC-32: 439 MiB/s
//! SipHash: 5418 MiB/s
//! one thread a core: stood still 1 % of the time
//! two threads a core: stood still 50 % of the time
//! Closed: 9000 requests
//!   min 1ms, median 1ms, p99 1ms, max 1s, mean 1ms
//! Open { every: 2ms }: 5000 requests
//!   min 1ms, median 1ms, p99 951ms, max 1s, mean 101ms
//! ```
//!
//! Change first: leave `--release` away. Then `taskset -c 0 cargo run ...`: one core.
//! Needs: nothing. Next: 01 (threads).
use std::hint::black_box;
use std::io::{self, Write};
use std::thread;
use std::time::Duration;
use threadbare::measure::{
    Load, Manual, Monotonic, Samples, Schedule, StallingServer, Throughput, Timer,
    hash, pauses,
};

/// How often each thing is timed.
const READINGS: usize = 1_000;
/// What is hashed: small enough for the fastest cache.
const BLOCK: [u8; 4096] = [7; 4096];
/// For how long threads compete for the cores.
const CONTEST: Duration = Duration::from_millis(300);
/// A server that is quick, but once stands still for a second.
const SERVER: StallingServer = StallingServer {
    service: Duration::from_millis(1),
    stall_at: Duration::from_secs(4),
    stall_for: Duration::from_secs(1),
};

fn main() -> io::Result<()> {
    tell(&mut io::stdout().lock())
}

/// Tells the whole story. It is handed its output so that a test can read it too.
pub(crate) fn tell(out: &mut dyn Write) -> io::Result<()> {
    let build = if cfg!(debug_assertions) {
        "debug"
    } else {
        "release"
    };
    writeln!(out, "a {build} build; cores: {}", cores())?;
    one_reading_lies(out)?;
    nobody_looks(out)?;
    two_threads_on_one_core(out)?;
    the_stall_that_was_omitted(out)
}

/// What one reading says, and what a thousand say: of the clock alone, and of a hash.
fn one_reading_lies(out: &mut dyn Write) -> io::Result<()> {
    let mut timer = Timer::start();
    let clock = (0..READINGS).map(|_| timer.lap()).collect();
    for (what, samples) in
        [("clock alone", clock), ("CRC-32 of 4 KiB", times(crc32))]
    {
        writeln!(
            out,
            "{what}: the first reading is {:.1?}",
            samples.times()[0]
        )?;
        writeln!(out, "  all: {:.1}", samples.summary())?;
    }
    Ok(())
}

// ANCHOR: times
/// Times `work` again and again.
fn times(work: fn()) -> Samples {
    let mut samples = Samples::with_capacity(READINGS);
    for _ in 0..READINGS {
        let timer = Timer::start();
        work();
        samples.push(timer.read());
    }
    samples
}
// ANCHOR_END: times

fn crc32() {
    black_box(hash::crc32(black_box(&BLOCK)));
}

fn sip() {
    black_box(hash::sip(black_box(&BLOCK)));
}

// ANCHOR: careless
fn fnv1a() {
    black_box(hash::fnv1a(black_box(&BLOCK)));
}

fn fnv1a_careless() {
    let _ = hash::fnv1a(&BLOCK);
}
// ANCHOR_END: careless

/// How much of each hash fits into a second, by the median.
fn nobody_looks(out: &mut dyn Write) -> io::Result<()> {
    assert_eq!(
        hash::crc32(b"123456789"),
        0xcbf4_3926,
        "first right, then fast"
    );
    for (what, work) in [
        ("FNV-1a, result thrown away", fnv1a_careless as fn()),
        ("FNV-1a", fnv1a),
        ("CRC-32", crc32),
        ("SipHash", sip),
    ] {
        let (units, time) = (BLOCK.len() as u64, times(work).median());
        let rate = Throughput { units, time }.mib_per_second();
        writeln!(out, "{what}: {rate:.0} MiB/s")?;
    }
    Ok(())
}

/// Every thread wants a core for itself. For how long does it stand still?
fn two_threads_on_one_core(out: &mut dyn Write) -> io::Result<()> {
    for (what, count) in [("one thread", cores()), ("two threads", 2 * cores())] {
        let contest = || {
            let still =
                pauses(&Monotonic::new(), CONTEST, Duration::from_micros(100));
            still.times().iter().sum::<Duration>()
        };
        let still: Duration = thread::scope(|scope| {
            let all: Vec<_> = (0..count).map(|_| scope.spawn(contest)).collect();
            all.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        let share = still.as_secs_f64() / CONTEST.as_secs_f64() / count as f64;
        writeln!(
            out,
            "{what} a core: stood still {:.0} % of the time",
            100.0 * share
        )?;
    }
    Ok(())
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

// ANCHOR: stall
fn the_stall_that_was_omitted(out: &mut dyn Write) -> io::Result<()> {
    let mut p99 = vec![];
    for schedule in [Schedule::Closed, Schedule::per_second(500)] {
        let clock = Manual::new();
        let load = Load::new(schedule, Duration::from_secs(10));
        let response = load.run(&clock, |_| SERVER.serve(&clock)).response();
        writeln!(out, "{schedule:?}: {} requests", response.len())?;
        writeln!(out, "  {:.0}", response.summary())?;
        p99.push(response.p99());
    }
    assert_eq!(
        p99,
        [1, 951].map(Duration::from_millis),
        "one server, one stall"
    );
    Ok(())
}
// ANCHOR_END: stall
