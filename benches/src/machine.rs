//! What the ladder must know and set about processes: cores, CPU time, memory, descriptors.
//!
//! Linux answers everything. Where a system does not, the answer is `None` and the ladder's
//! column stays blank.

#![allow(
    unsafe_code,
    reason = "std has neither affinity nor CPU clocks nor limits"
)]

use std::io;
use std::time::Duration;

/// Binds the calling thread, and every thread that it will start, to one core.
///
/// # Errors
/// If there is no such core, or the system cannot do this.
#[cfg(target_os = "linux")]
pub fn pin_to(core: usize) -> io::Result<()> {
    if core >= libc::CPU_SETSIZE as usize {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    // SAFETY: a cpu_set_t is a plain array of bits, for which zero is the empty set.
    let mut cores: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    // SAFETY: `core` is below CPU_SETSIZE (checked above), so the bit lies in the array.
    unsafe { libc::CPU_SET(core, &mut cores) };
    // SAFETY: 0 is the calling thread; the set is a live local of the size that is passed.
    match unsafe {
        libc::sched_setaffinity(0, size_of_val(&cores), &raw const cores)
    } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Binds the calling thread to one core: not on this system.
///
/// # Errors
/// Always.
#[cfg(not(target_os = "linux"))]
pub fn pin_to(_core: usize) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Returns the CPU time that all threads of another process have used so far.
#[cfg(target_os = "linux")]
pub fn cpu_time_of(process: u32) -> Option<Duration> {
    let mut clock: libc::clockid_t = 0;
    let process = libc::pid_t::try_from(process).ok()?;
    // SAFETY: `clock` is a live local that the call writes if it returns 0.
    match unsafe { libc::clock_getcpuclockid(process, &raw mut clock) } {
        0 => read_clock(clock),
        _ => None,
    }
}

/// Returns the CPU time of another process: not on this system.
#[cfg(not(target_os = "linux"))]
pub fn cpu_time_of(_process: u32) -> Option<Duration> {
    None
}

/// CPU time of a process.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// All of it, to the nanosecond.
    pub all: Duration,
    /// Its own part, as the kernel has sampled it: to the hundredth of a second.
    pub user: Duration,
    /// The kernel's part, likewise.
    pub kernel: Duration,
}

/// Returns the CPU time that all threads of another process have used so far, and in which
/// parts.
#[cfg(target_os = "linux")]
pub fn times_of(process: u32) -> Option<Times> {
    let all = cpu_time_of(process)?;
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name of the program, the second field, is in parentheses and may hold anything.
    let (_, rest) = stat.rsplit_once(')')?;
    let field = |at: usize| rest.split_whitespace().nth(at)?.parse::<u64>().ok();
    // SAFETY: takes no pointer; a name that is unknown is -1.
    let a_second = unsafe { libc::sysconf(libc::_SC_CLK_TCK) };
    let ticks = |at| {
        let (ticks, a_second) = (field(at)?, u64::try_from(a_second).ok()?);
        Some(Duration::from_millis(ticks * 1_000 / a_second.max(1)))
    };
    // Fields 14 and 15 of proc_pid_stat(5); the first one after the name is field 3.
    let (user, kernel) = (ticks(11)?, ticks(12)?);
    Some(Times { all, user, kernel })
}

/// Returns the CPU time of another process: not on this system.
#[cfg(not(target_os = "linux"))]
pub fn times_of(_process: u32) -> Option<Times> {
    None
}

/// Returns the CPU time that the calling thread has used so far.
pub fn cpu_time_of_this_thread() -> Option<Duration> {
    read_clock(libc::CLOCK_THREAD_CPUTIME_ID)
}

fn read_clock(clock: libc::clockid_t) -> Option<Duration> {
    // SAFETY: a timespec is two integers, for which zero is a value.
    let mut time: libc::timespec = unsafe { std::mem::zeroed() };
    // SAFETY: `time` is a live local; a clock that does not exist is an error, not undefined.
    match unsafe { libc::clock_gettime(clock, &raw mut time) } {
        0 => Some(Duration::new(time.tv_sec as u64, time.tv_nsec as u32)),
        _ => None,
    }
}

/// Returns how many bytes of a process lie in memory: its own pages, without what the
/// kernel keeps for it (socket buffers, and 16 KiB of kernel stack for each thread).
pub fn memory_of(process: u32) -> Option<u64> {
    let kib = if cfg!(target_os = "linux") {
        let status =
            std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.trim()
            .trim_end_matches("kB")
            .trim()
            .parse::<u64>()
            .ok()?
    } else {
        let ps = std::process::Command::new("ps")
            .args(["-o", "rss=", "-p", &process.to_string()])
            .output()
            .ok()?;
        String::from_utf8(ps.stdout)
            .ok()?
            .trim()
            .parse::<u64>()
            .ok()?
    };
    Some(kib * 1024)
}

/// Raises the number of descriptors that this process may have open as far as it may, and
/// returns it. Child processes inherit it.
#[allow(clippy::unnecessary_cast, reason = "rlim_t is signed on FreeBSD")]
pub fn raise_descriptor_limit() -> io::Result<u64> {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: `limit` is a live local that the call writes.
    if unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // macOS says "unlimited" and then refuses it: its real limit is a constant.
    let most = match cfg!(target_vendor = "apple") {
        true => limit.rlim_max.min(10_240),
        false => limit.rlim_max,
    };
    if limit.rlim_cur < most {
        limit.rlim_cur = most;
        // SAFETY: `limit` is a live local that the call only reads.
        if unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) } != 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(limit.rlim_cur as u64)
}
