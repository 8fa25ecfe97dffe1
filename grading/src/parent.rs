//! The parent's end: starts a child for one grader, listens, and never waits for ever.

use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};
use std::{env, thread};

use crate::child::{CHILD, LastWord, MARK};
use crate::look::Look;
use crate::report::{Outcome, Verdict};

/// Names the time that a grader may take, in milliseconds.
const HANG_MS: &str = "THREADBARE_HANG_MS";

/// How much of a program's output is kept, from its beginning, in bytes.
const OUTPUT_MAX: usize = 16 * 1024;

/// The last word is within this many bytes of the end: the report of some hundred threads.
const TAIL_MAX: usize = 64 * 1024;

/// The child ends itself at its limit; this long after that, it is killed.
const GRACE: Duration = Duration::from_secs(2);

/// Runs the grader called `name` in a process of its own.
pub(crate) fn run_in_child(
    name: &str,
    exercise: &str,
    grader: &str,
    limit: Duration,
    look: Look,
) -> Verdict {
    let started = Instant::now();
    let mut verdict = match listen(name, limit, look) {
        Ok(heard) => heard.into_verdict(limit),
        Err(error) => {
            failed(format!("the grader's process could not be run: {error}"))
        }
    };
    verdict.exercise = exercise.to_owned();
    verdict.grader = grader.to_owned();
    verdict.ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    verdict
}

/// What came out of a child.
struct Heard {
    /// The beginning of what it printed.
    head: Vec<u8>,
    /// The end of it.
    tail: Vec<u8>,
    /// How many bytes in all.
    total: usize,
    /// `None` if it had to be killed.
    status: Option<ExitStatus>,
}

fn listen(name: &str, limit: Duration, look: Look) -> io::Result<Heard> {
    // One pipe for both streams keeps the reader's lines in the order in which they came.
    let (output, pipe) = io::pipe()?;
    let mut command = Command::new(env::current_exe()?);
    command.args(["--exact", name]).env(CHILD, "1");
    command
        .stdin(Stdio::null())
        .stdout(pipe.try_clone()?)
        .stderr(pipe);
    command.env(HANG_MS, limit.as_millis().to_string());
    look.tell(&mut command);
    // The pages of an overflowing stack trace help nobody here.
    command.env("RUST_BACKTRACE", "0");
    let mut child = command.spawn()?;
    // The command holds the pipe's other ends; while it lives the pipe never closes.
    drop(command);

    let (sender, heard) = mpsc::channel();
    let collector =
        thread::Builder::new()
            .name("collector".to_owned())
            .spawn(move || {
                // Nobody listens any more if a grandchild keeps the pipe open: then just end.
                let _ = sender.send(collect(output));
            })?;
    let first = heard.recv_timeout(limit + GRACE);
    let status = match &first {
        Ok(_) => wait_a_little(&mut child)?,
        Err(_) => {
            child.kill()?;
            child.wait()?;
            None
        }
    };
    let collected = first.or_else(|_| heard.recv_timeout(GRACE));
    if collected.is_ok() {
        // It has sent its last, so this returns at once.
        let _ = collector.join();
    }
    let (head, tail, total) = collected.unwrap_or_default();
    Ok(Heard {
        head,
        tail,
        total,
        status,
    })
}

/// The child closed its output, so it is ending - unless it closed them on purpose.
fn wait_a_little(child: &mut Child) -> io::Result<Option<ExitStatus>> {
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if started.elapsed() > GRACE {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        // Polling, for want of a wait with a timeout in std.
        thread::park_timeout(Duration::from_millis(1));
    }
}

/// Reads to the end, and keeps the beginning and the end of it.
fn collect(mut output: impl Read) -> (Vec<u8>, Vec<u8>, usize) {
    let (mut head, mut tail, mut total) = (Vec::new(), Vec::new(), 0);
    let mut buffer = [0; 8192];
    loop {
        let count = match output.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => break,
        };
        let chunk = &buffer[..count];
        total += count;
        head.extend_from_slice(&chunk[..count.min(OUTPUT_MAX - head.len())]);
        tail.extend_from_slice(chunk);
        if tail.len() > 2 * TAIL_MAX {
            tail.drain(..tail.len() - TAIL_MAX);
        }
    }
    (head, tail, total)
}

impl Heard {
    fn into_verdict(self, limit: Duration) -> Verdict {
        let tail = String::from_utf8_lossy(&self.tail);
        let word = tail
            .lines()
            .rev()
            .find_map(|line| line.split_once(MARK))
            .and_then(|(_, json)| serde_json::from_str::<LastWord>(json).ok());
        let mut verdict = match word {
            Some(word) => Verdict {
                outcome: word.outcome,
                at: word.at,
                threads: word.threads,
                report: word.report,
                schedule: word.schedule,
                note: word.note,
                ..failed(word.sentence)
            },
            None => match self.status {
                None => Verdict {
                    outcome: Outcome::Hung,
                    ..failed(format!(
                        "not finished after {} s, and it did not say where it is stuck",
                        limit.as_secs_f32()
                    ))
                },
                Some(status) => failed(how_it_died(status, &tail)),
            },
        };
        if !verdict.passed() {
            verdict.output = self.output();
        }
        verdict
    }

    /// What the program itself printed.
    fn output(&self) -> String {
        let text = String::from_utf8_lossy(&self.head);
        let own: Vec<&str> =
            text.lines().filter(|line| !line.contains(MARK)).collect();
        let mut own = own.join("\n").trim_matches('\n').to_owned();
        if self.total > OUTPUT_MAX {
            own.push_str(&format!("\n... and more: {} bytes in all", self.total));
        }
        own
    }
}

fn failed(sentence: String) -> Verdict {
    Verdict {
        exercise: String::new(),
        grader: String::new(),
        outcome: Outcome::Failed,
        sentence,
        at: None,
        threads: Vec::new(),
        report: String::new(),
        schedule: None,
        note: None,
        output: String::new(),
        ms: 0,
    }
}

fn how_it_died(status: ExitStatus, output: &str) -> String {
    if let Some(line) = output
        .lines()
        .find(|line| line.contains("overflowed its stack"))
    {
        return format!("{}: is there a recursion without an end?", line.trim());
    }
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt;
        if let Some(signal) = status.signal() {
            let name = match signal {
                4 => "SIGILL",
                6 => "SIGABRT: an abort, or a panic while panicking",
                9 => "SIGKILL: killed, perhaps for want of memory",
                11 => "SIGSEGV: memory was touched that is not the program's",
                _ => "a signal",
            };
            return format!("the program was ended by signal {signal} ({name})");
        }
    }
    format!("the program ended by itself before the grader did ({status})")
}

/// How long a grader may take: `THREADBARE_HANG_MS` if set, else the default.
pub(crate) fn limit_from_env(default_ms: u64) -> Duration {
    let ms = env::var(HANG_MS).ok().and_then(|text| text.parse().ok());
    Duration::from_millis(ms.unwrap_or(default_ms))
}

/// Appends to the file that `THREADBARE_REPORT` names, if it names one.
pub(crate) fn report(verdict: &Verdict) {
    let Some(file) = env::var_os("THREADBARE_REPORT") else {
        return;
    };
    if let Err(error) = verdict.append_to(Path::new(&file)) {
        eprintln!(
            "the verdict could not be written to {}: {error}",
            file.display()
        );
    }
}
