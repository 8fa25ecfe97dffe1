//! What one checker says about one model: run in a child process, read from its output.
//!
//! Loom ends the whole process when a destructor panics during a panic, and a model that it
//! cannot get through runs for hours. In a process of its own both are verdicts like any
//! other. The child prints a line as soon as something fails, before anything unwinds, and a
//! line when it is through:
//!
//! ```text
//! failed EXECUTIONS STATES NANOSECONDS MESSAGE
//! ended passed|failed|unfinished EXECUTIONS STATES NANOSECONDS
//! ```
//!
//! This file needs nothing but std: the bench of chapter 04 includes it, too.

use std::fmt;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long a child may take beyond its own limit before it is killed.
const GRACE: Duration = Duration::from_secs(3);

/// What is to be run, and how much of it.
#[derive(Clone, Debug)]
pub struct Run {
    /// `explorer`, `loom`, `shuttle-random` or `shuttle-pct`.
    pub checker: &'static str,
    /// The primitive's name.
    pub primitive: String,
    /// Which version of it.
    pub version: String,
    /// Only this model of it; all if `None`.
    pub model: Option<String>,
    /// When to give up.
    pub limit: Duration,
    /// How often loom may take a thread off that could have gone on; all it likes if `None`.
    pub preemptions: Option<usize>,
    /// How many executions of each model loom and shuttle may try.
    pub executions: usize,
    /// Where shuttle's random numbers start.
    pub seed: u64,
}

/// How it went.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// What the checker says.
    pub outcome: Outcome,
    /// How many executions that took.
    pub executions: u64,
    /// How many states were seen; 0 for a checker that does not know states.
    pub states: u64,
    /// From the start of the search to its end, or to the first failure.
    pub time: Duration,
    /// From the start to the moment when the checker had handed the failure over, with
    /// whatever it makes of it; `None` if the process did not live to see it.
    pub reported: Option<Duration>,
    /// What was said about the failure, in one line.
    pub says: String,
}

/// What a checker can say about a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Everything was looked at and nothing found. For shuttle: no schedule failed.
    Passed,
    /// Something was found.
    Failed,
    /// The limit came first.
    Unfinished,
    /// The process ended without a word, or had to be killed.
    Died,
}

impl Run {
    /// Runs the model by the program at `peers`, in a process of its own.
    ///
    /// # Errors
    /// If the program cannot be started, or refuses its arguments.
    pub fn start(&self, peers: &Path) -> io::Result<Verdict> {
        let mut command = Command::new(peers);
        command.args([self.checker, &self.primitive, &self.version]);
        command.arg(format!("--limit-ms={}", self.limit.as_millis()));
        command.arg(format!("--executions={}", self.executions));
        command.arg(format!("--seed={}", self.seed));
        if let Some(model) = &self.model {
            command.arg(format!("--model={model}"));
        }
        if let Some(preemptions) = self.preemptions {
            command.arg(format!("--preemptions={preemptions}"));
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        command.stderr(Stdio::null());
        let started = Instant::now();
        let (mut child, mut out) = with_stdout(command.spawn()?);
        let reader = thread::spawn(move || {
            let mut text = String::new();
            out.read_to_string(&mut text).map(|_| text)
        });
        while child.try_wait()?.is_none() {
            if started.elapsed() > self.limit + GRACE {
                child.kill()?;
            }
            thread::sleep(Duration::from_millis(1));
        }
        let status = child.wait()?;
        let text = reader.join().expect("reading does not panic")?;
        if status.code() == Some(2) {
            let why = format!("{} does not take {self:?}", peers.display());
            return Err(io::Error::other(why));
        }
        Ok(Verdict::read(&text).unwrap_or(Verdict {
            outcome: Outcome::Died,
            executions: 0,
            states: 0,
            time: started.elapsed(),
            reported: None,
            says: status.to_string(),
        }))
    }
}

fn with_stdout(mut child: Child) -> (Child, std::process::ChildStdout) {
    let out = child.stdout.take().expect("stdout is a pipe");
    (child, out)
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            outcome,
            executions,
            states,
            time,
            says,
            ..
        } = self;
        write!(f, "{outcome:?} in {time:?}, {executions} executions")?;
        if *states > 0 {
            write!(f, ", {states} states")?;
        }
        match says.as_str() {
            "" => Ok(()),
            says => write!(f, ": {says}"),
        }
    }
}

impl Verdict {
    /// Reads what the child printed; `None` if it did not say how it went. A failure counts
    /// from its first line, whatever came after it.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let line = |start| text.lines().find_map(|line| line.strip_prefix(start));
        let verdict = |outcome, rest: &str| {
            let mut fields = rest.splitn(4, ' ');
            let mut number = || fields.next()?.parse::<u64>().ok();
            Some(Self {
                outcome,
                executions: number()?,
                states: number()?,
                time: Duration::from_nanos(number()?),
                reported: None,
                says: fields.next().unwrap_or_default().trim_end().to_owned(),
            })
        };
        if let Some(rest) = line("failed ") {
            let at_the_end = line("ended failed ");
            let at_the_end =
                at_the_end.and_then(|rest| verdict(Outcome::Failed, rest));
            return Some(Self {
                reported: at_the_end.map(|verdict| verdict.time),
                ..verdict(Outcome::Failed, rest)?
            });
        }
        line("ended passed ")
            .and_then(|rest| verdict(Outcome::Passed, rest))
            .or_else(|| verdict(Outcome::Unfinished, line("ended unfinished ")?))
    }
}
