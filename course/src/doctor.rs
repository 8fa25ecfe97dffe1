//! `cargo course doctor`: what the course finds on this machine, and what it can't show here.
//!
//! Each backend is tried, not only looked up: a container may have the kernel and forbid
//! the call. Always ends with status 0: nothing here is needed to start.

use std::env;
use std::fmt::Write as _;
use std::fs;
#[cfg(target_os = "linux")]
use std::io;
use std::process::{Command, ExitCode, Stdio};
use std::thread;

use crate::paint::{self, GOOD, SOFT, STRONG, WARN};

/// The book is written for this one.
const MDBOOK: &str = "0.5";

/// The pooled server is measured with this many connections, and a margin.
#[cfg(unix)]
const DESCRIPTORS: u64 = 4_096;

/// One line of the report.
struct Finding {
    /// `None`: a fact that is neither good nor bad.
    good: Option<bool>,
    name: &'static str,
    value: String,
    /// What it means for the course, or what to do.
    note: &'static str,
}

fn fact(name: &'static str, value: impl Into<String>) -> Finding {
    Finding {
        good: None,
        name,
        value: value.into(),
        note: "",
    }
}

fn check(
    good: bool,
    name: &'static str,
    value: impl Into<String>,
    note: &'static str,
) -> Finding {
    Finding {
        good: Some(good),
        name,
        value: value.into(),
        note: if good { "" } else { note },
    }
}

/// Prints the report.
pub(crate) fn run() -> ExitCode {
    let width = paint::width();
    let mut out = String::new();
    let mut section = |title: &str, findings: Vec<Finding>| {
        let _ = writeln!(out, "{STRONG}{title}{STRONG:#}");
        for finding in findings {
            draw(&mut out, &finding, width);
        }
        out.push('\n');
    };
    section("Machine", machine());
    section("Tools", tools());
    section("Backends", backends());
    section("Limits", limits());
    let _ = writeln!(out, "{STRONG}What can't be observed here{STRONG:#}");
    for sentence in blind_spots(env::consts::ARCH, env::consts::OS, cores()) {
        let text = paint::wrap(sentence, "    ", width);
        out.push_str(&text.replacen("    ", "  - ", 1));
    }
    paint::say(&out);
    ExitCode::SUCCESS
}

fn draw(out: &mut String, finding: &Finding, width: usize) {
    let (mark, style) = match finding.good {
        Some(true) => ('\u{2713}', GOOD),
        Some(false) => ('!', WARN),
        None => (' ', SOFT),
    };
    let _ = writeln!(
        out,
        "  {style}{mark}{style:#} {:<12} {}",
        finding.name, finding.value
    );
    if !finding.note.is_empty() {
        let note = paint::wrap(finding.note, "                 ", width);
        out.push_str(&paint::styled(&note, SOFT));
    }
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

fn machine() -> Vec<Finding> {
    let mut found = vec![
        check(
            cores() > 1,
            "cores",
            cores().to_string(),
            "threads take turns: everything here works, and nothing gets faster by threads",
        ),
        fact("CPU", format!("{} ({})", cpu_name(), env::consts::ARCH)),
        fact("system", system_name()),
    ];
    if let Some(kernel) = said("uname", &["-sr"]) {
        found.push(fact("kernel", kernel));
    }
    if let Some(limit) = cgroup_limit() {
        found.push(fact("CPU quota", limit));
    }
    found
}

fn cpu_name() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        let line = info.lines().find(|line| line.starts_with(name))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    field("model name")
        .or_else(|| field("CPU part").map(|part| format!("part {part}")))
        .or_else(|| said("sysctl", &["-n", "machdep.cpu.brand_string"]))
        .or_else(|| said("sysctl", &["-n", "hw.model"]))
        .or_else(|| env::var("PROCESSOR_IDENTIFIER").ok())
        .unwrap_or_else(|| "of unknown make".to_owned())
}

fn system_name() -> String {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let pretty = release
        .lines()
        .find_map(|line| line.strip_prefix("PRETTY_NAME="));
    match pretty {
        Some(name) => name.trim_matches('"').to_owned(),
        None => match said("sw_vers", &["-productVersion"]) {
            Some(version) => format!("macOS {version}"),
            None => env::consts::OS.to_owned(),
        },
    }
}

/// `2.0 cores' time` if a container limits it.
fn cgroup_limit() -> Option<String> {
    let text = fs::read_to_string("/sys/fs/cgroup/cpu.max").ok()?;
    let (quota, period) = text.trim().split_once(' ')?;
    let (quota, period) = (quota.parse::<f64>().ok()?, period.parse::<f64>().ok()?);
    Some(format!(
        "{:.1} cores' time (set by a container)",
        quota / period
    ))
}

fn tools() -> Vec<Finding> {
    let rustc = env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let mdbook = said("mdbook", &["--version"]);
    let right = mdbook
        .as_deref()
        .is_some_and(|said| said.contains(&format!("v{MDBOOK}.")));
    vec![
        match said(&rustc, &["--version"]) {
            Some(version) => check(true, "rustc", version, ""),
            None => {
                check(false, "rustc", "not found", "install it: https://rustup.rs")
            }
        },
        check(
            right,
            "mdbook",
            mdbook.unwrap_or_else(|| "not found".to_owned()),
            "for reading in the browser: cargo install mdbook --version ^0.5 --locked. \
             Without it, the chapters are plain text in book/src",
        ),
        match said("cargo", &["+nightly", "--version"]) {
            Some(version) => check(true, "nightly", version, ""),
            None => Finding {
                note: "only for the sanitizers (.ci/extra): rustup toolchain install nightly",
                ..fact("nightly", "not found")
            },
        },
        match said("perf", &["--version"]) {
            Some(version) => check(true, "perf", version, ""),
            None => Finding {
                note: "chapter 00 shows what it is for; nothing else needs it",
                ..fact("perf", "not found")
            },
        },
    ]
}

/// The first line that a program prints, if it is there and succeeds.
fn said(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().next()?.trim().to_owned();
    output.status.success().then_some(line)
}

#[cfg(target_os = "linux")]
fn backends() -> Vec<Finding> {
    use crate::sys::backends as tried;
    let or_error = |result: io::Result<()>| match result {
        Ok(()) => (true, "works".to_owned()),
        Err(error) => (false, format!("refused: {error}")),
    };
    let (futex, futex_said) = or_error(tried::try_futex());
    let (epoll, epoll_said) = or_error(tried::try_epoll());
    let uring = tried::try_io_uring();
    let completions = match &uring {
        Ok(()) => "chapter 08 runs on io_uring",
        Err(_) => "chapter 08 runs on epoll",
    };
    let (uring, uring_said) = match uring {
        Ok(()) => (true, "works".to_owned()),
        Err(error) => (false, refused(&error)),
    };
    let kqueue = libkqueue();
    vec![
        check(futex, "futex", futex_said, "chapter 05 stands on it"),
        check(epoll, "epoll", epoll_said, "chapters 07 to 12 stand on it"),
        check(
            uring,
            "io_uring",
            uring_said,
            "many containers forbid it (a seccomp profile), and so can an administrator \
             (sysctl kernel.io_uring_disabled)",
        ),
        fact("completions", completions),
        match kqueue {
            Some(path) => check(
                true,
                "kqueue",
                format!("{path} (--cfg threadbare_kqueue)"),
                "",
            ),
            None => Finding {
                note: "optional: with libkqueue installed, chapter 07 runs its kqueue twin here",
                ..fact("kqueue", "not found")
            },
        },
    ]
}

/// What the error of the call says about the kernel.
#[cfg(target_os = "linux")]
fn refused(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::InvalidInput => "too old: it needs Linux 6.1".to_owned(),
        io::ErrorKind::Unsupported => "there is none in this kernel".to_owned(),
        _ => format!("refused: {error}"),
    }
}

/// Where the library is that gives Linux a kqueue.
#[cfg(target_os = "linux")]
fn libkqueue() -> Option<String> {
    let folders = ["/usr/lib", "/usr/local/lib", "/lib", "/usr/lib64", "/lib64"];
    let triplet = format!("/usr/lib/{}-linux-gnu", env::consts::ARCH);
    folders
        .iter()
        .copied()
        .chain([triplet.as_str()])
        .find_map(|folder| {
            let entries = fs::read_dir(folder).ok()?;
            entries.flatten().find_map(|entry| {
                let name = entry.file_name().into_string().ok()?;
                name.starts_with("libkqueue.so")
                    .then(|| format!("{folder}/{name}"))
            })
        })
}

#[cfg(all(unix, not(target_os = "linux")))]
fn backends() -> Vec<Finding> {
    vec![
        check(true, "kqueue", "part of the system", ""),
        fact("futex", "through the crate atomic-wait"),
        fact("epoll", "only on Linux; the chapters run on kqueue here"),
        fact("io_uring", "only on Linux"),
        fact("completions", "chapter 08 runs on kqueue"),
    ]
}

#[cfg(not(unix))]
fn backends() -> Vec<Finding> {
    vec![
        fact("futex", "through the crate atomic-wait"),
        Finding {
            note: "chapters 00 to 06 run here; from 07 on, use WSL or a virtual machine",
            ..fact("event loop", "epoll and kqueue are not on this system")
        },
    ]
}

fn limits() -> Vec<Finding> {
    let mut found = Vec::new();
    #[cfg(unix)]
    if let Some((current, maximum)) = crate::sys::descriptor_limits() {
        let show = |limit: Option<u64>| {
            limit.map_or("no limit".to_owned(), |n| n.to_string())
        };
        found.push(check(
            current.is_none_or(|current| current >= DESCRIPTORS),
            "descriptors",
            format!("{} (at most {})", show(current), show(maximum)),
            "one per connection; before the servers of chapters 07 to 11: ulimit -n 4096",
        ));
    }
    if let Ok(text) = fs::read_to_string("/proc/sys/kernel/perf_event_paranoid") {
        let value = text.trim().parse::<i32>().unwrap_or(i32::MAX);
        found.push(check(
            value <= 2,
            "perf events",
            format!("perf_event_paranoid = {}", text.trim()),
            "too strict for perf as an ordinary user: sudo sysctl kernel.perf_event_paranoid=2",
        ));
    }
    if found.is_empty() {
        found.push(fact("limits", "none that the course would meet"));
    }
    found
}

/// What the hardware and the system hide from an experiment.
fn blind_spots(arch: &str, os: &str, cores: usize) -> Vec<&'static str> {
    let mut spots = Vec::new();
    if matches!(arch, "x86" | "x86_64") {
        spots.push(
            "This CPU keeps loads in order, and stores in order (TSO). Of all reorderings only \
             a store that is seen after a later load shows. Code that is Relaxed where it needs \
             Acquire or Release passes every run here and fails on ARM: chapter 04's explorer \
             shows it all the same.",
        );
    } else {
        spots.push(
            "This CPU may reorder loads and stores freely, so most of what memory orderings \
             forbid can happen here - rarely, which is why chapter 04's explorer decides.",
        );
    }
    match cores {
        1 => spots.push(
            "With one core two threads never run at the same instant: no parallel speed-up, no \
             false sharing, hardly a reordering, and a spin lock only burns its time slice.",
        ),
        2..=7 => spots.push(
            "With fewer than eight cores, benchmarks on more threads than cores show the \
             scheduler rather than the lock: read the rows up to the number of cores.",
        ),
        _ => {}
    }
    match os {
        "linux" => {}
        "windows" => spots.push("Event loops and servers (chapters 07 to 12) do not run here."),
        _ => spots.push(
            "System calls are not counted here, nor read from perf: those columns of the \
             measured tables come from Linux.",
        ),
    }
    spots
}

#[cfg(test)]
mod tests {
    use super::blind_spots;
    #[cfg(target_os = "linux")]
    use super::refused;

    #[test]
    #[cfg(target_os = "linux")]
    fn why_there_is_no_ring_is_told() {
        let said = |code| refused(&std::io::Error::from_raw_os_error(code));
        assert!(said(libc::EINVAL).contains("6.1"));
        assert!(said(libc::ENOSYS).contains("none"));
        assert!(said(libc::EPERM).contains("not permitted"));
    }

    #[test]
    fn every_machine_hears_what_it_hides() {
        assert!(blind_spots("x86_64", "linux", 16)[0].contains("TSO"));
        assert!(blind_spots("aarch64", "linux", 16)[0].contains("reorder"));
        assert!(blind_spots("x86_64", "linux", 1)[1].contains("one core"));
        assert_eq!(blind_spots("x86_64", "linux", 16).len(), 1);
        assert_eq!(blind_spots("aarch64", "macos", 2).len(), 3);
    }
}
