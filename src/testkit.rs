//! Turns a test that hangs into one that fails, and a random test into one that can be
//! repeated.
//!
//! A deadlock has no error message: the terminal just stops. [`within`] puts a watchdog
//! beside a test. When the time is up it says what every thread did last ([`step`]) and what
//! the kernel says of it, and ends the process.
//!
//! This module watches real threads from outside, so it uses std directly and never the
//! [`ground`](crate::ground).

use std::borrow::Cow;
use std::cell::OnceCell;
use std::io::Write;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use std::{env, fmt, fs, io, process, thread};

/// What one thread was doing when [`threads`] looked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThreadState {
    /// The thread's name; `unnamed` if it has none.
    pub name: String,
    /// What it said last through [`step`].
    pub step: Option<String>,
    /// What the kernel says: running, or asleep and in which system call.
    /// `unknown` where the system has no `/proc`.
    pub kernel: String,
}

impl fmt::Display for ThreadState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "thread {}: {}", self.name, self.kernel)?;
        match &self.step {
            Some(step) => write!(f, "; last step: {step}"),
            None => Ok(()),
        }
    }
}

/// A thread that has called [`step`] at least once.
#[derive(Debug)]
struct Walker {
    name: String,
    /// The kernel's number for the thread, where it can be read.
    kernel_id: Option<u64>,
    step: Mutex<Cow<'static, str>>,
}

static WALKERS: Mutex<Vec<Weak<Walker>>> = Mutex::new(Vec::new());

thread_local! {
    static WALKER: OnceCell<Arc<Walker>> = const { OnceCell::new() };
}

/// Notes what the calling thread does next, for the report of a hang.
///
/// # Cost
/// One uncontended lock, and one allocation at a thread's first call: for tests, not for
/// hot paths.
pub fn step(what: impl Into<Cow<'static, str>>) {
    let what = what.into();
    // A thread that is being torn down has nothing left to report.
    let _ = WALKER.try_with(|walker| {
        let walker = walker.get_or_init(|| {
            let walker = Arc::new(Walker {
                name: thread::current().name().unwrap_or("unnamed").to_owned(),
                kernel_id: current_kernel_id(),
                step: Mutex::default(),
            });
            let mut walkers = lock(&WALKERS);
            walkers.retain(|known| known.strong_count() > 0);
            walkers.push(Arc::downgrade(&walker));
            walker
        });
        *lock(&walker.step) = what;
    });
}

/// What every thread of this process is doing.
///
/// On Linux these are all threads, the calling one left out; elsewhere those that have
/// called [`step`].
pub fn threads() -> Vec<ThreadState> {
    let walkers: Vec<Arc<Walker>> =
        lock(&WALKERS).iter().filter_map(Weak::upgrade).collect();
    let me = current_kernel_id();
    let mut states = Vec::new();
    for kernel_id in kernel_ids() {
        if Some(kernel_id) == me {
            continue;
        }
        let walker = walkers
            .iter()
            .find(|walker| walker.kernel_id == Some(kernel_id));
        states.push(ThreadState {
            name: match walker {
                Some(walker) => walker.name.clone(),
                None => kernel_name(kernel_id),
            },
            step: walker.map(|walker| lock(&walker.step).to_string()),
            kernel: kernel_state(kernel_id),
        });
    }
    if states.is_empty() {
        states.extend(walkers.iter().map(|walker| ThreadState {
            name: walker.name.clone(),
            step: Some(lock(&walker.step).to_string()),
            kernel: "unknown".to_owned(),
        }));
    }
    states
}

/// Calls `run` and returns what it returns, unless that takes longer than `limit`: then the
/// process ends, and standard error says what each thread was doing.
///
/// ```
/// use std::time::Duration;
/// use threadbare::testkit::within;
///
/// let answer = within(Duration::from_secs(10), || 6 * 7);
/// assert_eq!(answer, 42);
/// ```
pub fn within<R>(limit: Duration, run: impl FnOnce() -> R) -> R {
    let _watchdog = Watchdog::start(limit, move |threads| {
        let mut report = format!("not finished after {limit:?}:\n");
        for thread in threads {
            report.push_str(&format!("  {thread}\n"));
        }
        // Not `eprintln!`: the test harness swallows that of a test that never ends.
        let _ = io::stderr().write_all(report.as_bytes());
        process::abort();
    });
    run()
}

/// Calls a function when time is up, unless dropped before.
#[must_use = "a watchdog that is dropped at once watches nothing"]
#[derive(Debug)]
pub struct Watchdog {
    /// Closing the channel is the sign to stand down.
    leash: Option<mpsc::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Watchdog {
    /// Starts a thread that calls `bark` with the state of all other threads after `limit`.
    ///
    /// # Panics
    /// If the operating system can't start a thread.
    pub fn start(
        limit: Duration,
        bark: impl FnOnce(Vec<ThreadState>) + Send + 'static,
    ) -> Self {
        let (leash, held) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("watchdog".to_owned())
            .spawn(move || {
                if held.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
                    bark(threads());
                }
            })
            .expect("the watchdog needs a thread of its own");
        Self {
            leash: Some(leash),
            thread: Some(thread),
        }
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        drop(self.leash.take());
        if let Some(thread) = self.thread.take() {
            // A bark that panics is reported by the panic itself.
            let _ = thread.join();
        }
    }
}

/// The seed of a random test: from `THREADBARE_SEED` if set, else a new one. Prints how to
/// repeat the run.
///
/// # Panics
/// If `THREADBARE_SEED` is set but not a number.
pub fn seed(test: &str) -> u64 {
    let seed = match env::var("THREADBARE_SEED") {
        Ok(text) => text.parse().unwrap_or_else(|_| {
            panic!("THREADBARE_SEED must be a number, not {text:?}")
        }),
        Err(_) => {
            use std::hash::{BuildHasher, RandomState};
            // The process-wide random keys are the only entropy std gives away.
            RandomState::new().hash_one(test)
        }
    };
    eprintln!("{test}: to repeat this run, set THREADBARE_SEED={seed}");
    seed
}

/// A small random number generator (SplitMix64): fast, repeatable, not for secrets.
///
/// Source: Steele, Lea, Flood: *Fast Splittable Pseudorandom Number Generators* (2014).
///
/// ```
/// use threadbare::testkit::Random;
///
/// let (mut a, mut b) = (Random::new(7), Random::new(7));
/// assert_eq!(a.next_u64(), b.next_u64());
/// assert!(a.below(10) < 10);
/// ```
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// A generator that gives the same numbers for the same `seed`.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from 0 to `limit - 1`.
    ///
    /// # Panics
    /// If `limit` is 0.
    pub fn below(&mut self, limit: u64) -> u64 {
        assert!(limit > 0, "there is no number below 0");
        // The high half of the product: no division, and bias below limit / 2^64.
        ((u128::from(self.next_u64()) * u128::from(limit)) >> 64) as u64
    }
}

/// A report must come out even if a thread panicked while it noted a step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

// What Linux tells of threads, as text in /proc. Elsewhere the files are missing and the
// answers are empty.

fn current_kernel_id() -> Option<u64> {
    let link = fs::read_link("/proc/thread-self").ok()?;
    link.file_name()?.to_str()?.parse().ok()
}

fn kernel_ids() -> Vec<u64> {
    let Ok(entries) = fs::read_dir("/proc/self/task") else {
        return Vec::new();
    };
    let mut ids: Vec<u64> = entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .collect();
    ids.sort_unstable();
    ids
}

fn kernel_name(kernel_id: u64) -> String {
    // The kernel calls the first thread by the program's name, Rust calls it main.
    if kernel_id == u64::from(process::id()) {
        return "main".to_owned();
    }
    match fs::read_to_string(format!("/proc/self/task/{kernel_id}/comm")) {
        Ok(name) => name.trim_end().to_owned(),
        Err(_) => "unnamed".to_owned(),
    }
}

fn kernel_state(kernel_id: u64) -> String {
    let read =
        |file| fs::read_to_string(format!("/proc/self/task/{kernel_id}/{file}"));
    let Ok(stat) = read("stat") else {
        return "ended".to_owned();
    };
    // "id (name) S ...", and the name may contain anything.
    let letter = stat
        .rsplit_once(')')
        .and_then(|(_, rest)| rest.trim().chars().next());
    match letter {
        Some('R') => "running".to_owned(),
        Some('S' | 'D') => match read("syscall").ok().as_deref().and_then(call_of) {
            Some(call) => format!("asleep in {call}"),
            None => "asleep".to_owned(),
        },
        Some('Z' | 'X') => "ended".to_owned(),
        Some(other) => format!("in state {other}"),
        None => "unknown".to_owned(),
    }
}

/// The name of a system call in which threads wait, from a line of `/proc/.../syscall`.
#[cfg(target_os = "linux")]
fn call_of(line: &str) -> Option<String> {
    let mut words = line.split_whitespace();
    let number: libc::c_long = words.next()?.parse().ok()?;
    // The arguments follow; futex takes a pointer to its time limit as the fourth.
    let limited = words.nth(3).is_some_and(|limit| limit != "0x0");
    let name = match number {
        libc::SYS_futex if limited => {
            "futex, with a time limit (a park, a lock or a channel that gives up)"
        }
        libc::SYS_futex => "futex (waits for a lock, a join, a park or a channel)",
        libc::SYS_clock_nanosleep | libc::SYS_nanosleep => "nanosleep (sleeps)",
        libc::SYS_read => "read",
        libc::SYS_write => "write",
        libc::SYS_recvfrom => "recv",
        libc::SYS_accept4 => "accept",
        libc::SYS_epoll_pwait => "epoll_wait",
        libc::SYS_ppoll => "poll",
        libc::SYS_wait4 => "wait4 (waits for a process)",
        _ => return Some(format!("system call {number}")),
    };
    Some(name.to_owned())
}

/// Elsewhere there is no such file.
#[cfg(not(target_os = "linux"))]
fn call_of(_line: &str) -> Option<String> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stuck_thread_is_named_with_its_step() {
        let (stuck, meet) = (mpsc::channel::<()>(), mpsc::channel::<()>());
        let worker = thread::Builder::new()
            .name("stuck-worker".to_owned())
            .spawn(move || {
                step("waiting for a message that nobody sends");
                meet.0.send(()).unwrap();
                stuck.1.recv()
            })
            .unwrap();
        meet.1.recv().unwrap();
        let found = threads()
            .into_iter()
            .find(|thread| thread.name == "stuck-worker");
        let found = found.expect("the worker is listed");
        assert_eq!(
            found.step.as_deref(),
            Some("waiting for a message that nobody sends")
        );
        drop(stuck.0);
        assert!(worker.join().unwrap().is_err());
        let gone = !threads().iter().any(|thread| thread.step == found.step);
        assert!(gone, "a thread that ended is no longer listed");
    }

    #[test]
    fn a_watchdog_barks_when_time_is_up_and_not_before() {
        let (bark, heard) = mpsc::channel();
        let watchdog = Watchdog::start(Duration::ZERO, move |threads| {
            bark.send(threads).unwrap()
        });
        heard.recv().expect("a watchdog with no time barks");
        drop(watchdog);

        let calm = Watchdog::start(Duration::from_secs(3600), |_| panic!("barked"));
        drop(calm);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn call_numbers_become_names() {
        assert_eq!(call_of("running"), None);
        assert_eq!(call_of("-1 0x0"), Some("system call -1".to_owned()));
        let futex = |limit: &str| {
            let call = libc::SYS_futex;
            call_of(&format!(
                "{call} 0x7f00 0x189 0x1 {limit} 0x0 0x0 0x7f 0x7f"
            ))
        };
        assert!(futex("0x0").is_some_and(|text| text.starts_with("futex (")));
        assert!(futex("0x7f10").is_some_and(|text| text.contains("a time limit")));
    }

    #[test]
    fn below_reaches_every_number() {
        let mut random = Random::new(1);
        let mut seen = [false; 6];
        for _ in 0..1000 {
            seen[random.below(6) as usize] = true;
        }
        assert_eq!(seen, [true; 6]);
    }
}
