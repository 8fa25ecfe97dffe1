//! Where loom and the explorer agree, where they differ, and who is right then.
//!
//! Every version of every primitive that loom can run goes through both. What a version
//! deserves is known beforehand (`explorer/tests/primitives/`), and the explorer's own tests
//! hold it to that. So there is one thing to find out: whether loom says the same. Where it
//! does not, [`DIFFERENCES`] has the reason; one without a reason is a failed test, and
//! so is a reason without a difference, because then loom has become better. Where loom
//! fails a wrong version with the very words with which it fails the right one, it agrees by
//! accident.
//!
//! Loom's share is bounded by executions, not by seconds, so that the result is the same on
//! every machine. If it cannot get through with all preemptions, it tries with
//! `PREEMPTIONS` of them, as its users do.
//!
//! The result is written down in `explorer/tests/loom_agreement.txt`, because the explorer's
//! tests print it and must not depend on loom.

use crate::subjects::{self, Verdict as Deserved};
use crate::verdict::{Outcome, Run, Verdict};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use std::{fs, io, thread};

/// How many executions of a model loom may try.
const EXECUTIONS_MAX: usize = 20_000;

/// With how many preemptions it tries again if those were too few.
const PREEMPTIONS: usize = 2;

/// More than either needs, on a machine that does much else.
const TIME_MAX: Duration = Duration::from_secs(60);

/// A version of which loom says something else than the explorer.
#[derive(Clone, Copy, Debug)]
pub struct Difference {
    /// Of which primitive.
    pub primitive: &'static str,
    /// Which version.
    pub version: &'static str,
    /// What loom says.
    pub loom: Outcome,
    /// Whose verdict is right, and why the other's is not.
    pub why: &'static str,
}

/// Every difference that is understood.
pub const DIFFERENCES: &[Difference] = &[
    Difference {
        primitive: "Peterson's lock",
        version: "right",
        loom: Outcome::Failed,
        why: SEQ_CST_IS_WEAK,
    },
    Difference {
        primitive: "Peterson's lock",
        version: "all SeqCst",
        loom: Outcome::Failed,
        why: SEQ_CST_IS_WEAK,
    },
    Difference {
        primitive: "barrier",
        version: "right",
        loom: Outcome::Failed,
        why: SPINNERS_ALONE,
    },
    Difference {
        primitive: "barrier",
        version: "all SeqCst",
        loom: Outcome::Failed,
        why: SPINNERS_ALONE,
    },
];

const SEQ_CST_IS_WEAK: &str = "loom is wrong: it takes SeqCst for AcqRel, and so lets both \
     threads miss the other's wish";

const SPINNERS_ALONE: &str = "loom is wrong: it lets two threads that spin take turns for \
     ever, and never the third, which is about to set them free";

/// Why a failure says nothing.
const BY_ACCIDENT: &str = "by accident: loom says the same of the right version";

/// One version in the judgement of both.
#[derive(Clone, Debug)]
pub struct Line {
    /// The primitive's name.
    pub primitive: &'static str,
    /// The version's name.
    pub version: &'static str,
    /// What it deserves.
    pub deserved: Outcome,
    /// What the explorer says.
    pub explorer: Verdict,
    /// What loom says.
    pub loom: Verdict,
    /// Whether loom got through only with a bound on preemptions.
    pub bounded: bool,
    /// Whether loom fails the version with the words with which it fails the right one.
    pub by_accident: bool,
}

/// All versions.
#[derive(Clone, Debug)]
pub struct Report {
    /// In the order in which the primitives list them.
    pub lines: Vec<Line>,
    /// Which loom that was.
    pub loom: String,
}

/// Lets both judge every version, each in a process of its own: the program at `peers`.
///
/// # Errors
/// If that program cannot be run.
pub fn compare(peers: &Path) -> io::Result<Report> {
    let mut todo = Vec::new();
    for primitive in subjects::over("loom").unwrap_or_default() {
        for version in primitive.versions {
            let deserved = match version.verdict {
                Deserved::Right | Deserved::Equivalent(_) => Outcome::Passed,
                Deserved::Wrong(_) => Outcome::Failed,
            };
            todo.push((primitive.name, version.name, deserved));
        }
    }
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let work = || -> io::Result<()> {
        loop {
            // ORDERING: Relaxed. Hands out numbers; nothing else is shared by it.
            let index = next.fetch_add(1, Relaxed);
            let Some(&(primitive, version, deserved)) = todo.get(index) else {
                return Ok(());
            };
            let (loom, bounded) = by_loom(peers, primitive, version)?;
            let line = Line {
                primitive,
                version,
                deserved,
                explorer: run("explorer", primitive, version, None).start(peers)?,
                loom,
                bounded,
                by_accident: false,
            };
            done.lock().expect("no worker panics").push((index, line));
        }
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().expect("no worker panics"))
    })?;
    let mut lines = done.into_inner().expect("no worker panicked");
    lines.sort_by_key(|(index, _)| *index);
    let mut lines: Vec<Line> = lines.into_iter().map(|(_, line)| line).collect();
    let wrongly: Vec<_> = lines.iter().filter_map(Line::says_wrongly).collect();
    for line in &mut lines {
        line.by_accident = line.deserved == Outcome::Failed
            && wrongly.contains(&(line.primitive, line.loom.says.clone()));
    }
    Ok(Report {
        lines,
        loom: loom_version()?,
    })
}

fn by_loom(
    peers: &Path,
    primitive: &str,
    version: &str,
) -> io::Result<(Verdict, bool)> {
    let all = run("loom", primitive, version, None).start(peers)?;
    if all.outcome != Outcome::Unfinished {
        return Ok((all, false));
    }
    let some = run("loom", primitive, version, Some(PREEMPTIONS)).start(peers)?;
    Ok((some, true))
}

fn run(
    checker: &'static str,
    primitive: &str,
    version: &str,
    preemptions: Option<usize>,
) -> Run {
    Run {
        checker,
        primitive: primitive.to_owned(),
        version: version.to_owned(),
        model: None,
        limit: TIME_MAX,
        preemptions,
        executions: EXECUTIONS_MAX,
        seed: 1,
    }
}

/// Which loom was compiled, by the workspace's lock file.
fn loom_version() -> io::Result<String> {
    let lock = fs::read_to_string(root().join("Cargo.lock"))?;
    let version = lock
        .split_once("name = \"loom\"\nversion = \"")
        .and_then(|(_, rest)| rest.split('"').next());
    version
        .map(str::to_owned)
        .ok_or_else(|| io::Error::other("Cargo.lock does not name loom"))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Where the result is written down for the explorer's tests.
#[must_use]
pub fn file() -> PathBuf {
    root().join("explorer/tests/loom_agreement.txt")
}

impl Line {
    /// Whether both say the same; `None` if loom was not through.
    #[must_use]
    pub fn agrees(&self) -> Option<bool> {
        let undecided = self.loom.outcome == Outcome::Unfinished;
        (!undecided).then_some(self.loom.outcome == self.explorer.outcome)
    }

    /// What loom says against a version that is right.
    fn says_wrongly(&self) -> Option<(&'static str, String)> {
        let verdicts = (self.deserved, self.loom.outcome);
        let wrong = verdicts == (Outcome::Passed, Outcome::Failed);
        wrong.then(|| (self.primitive, self.loom.says.clone()))
    }

    fn difference(&self) -> Option<&'static Difference> {
        DIFFERENCES
            .iter()
            .find(|d| (d.primitive, d.version) == (self.primitive, self.version))
    }

    /// What is not as it should be, in a sentence.
    fn problem(&self) -> Option<String> {
        let (explorer, loom) = (&self.explorer, &self.loom);
        let about = format!("{}, {}", self.primitive, self.version);
        if explorer.outcome != self.deserved {
            let (says, deserved) = (word(explorer.outcome), word(self.deserved));
            return Some(format!(
                "{about}: {deserved}, but the explorer says {says} ({})",
                explorer.says
            ));
        }
        let says = word(loom.outcome);
        match (self.agrees(), self.difference()) {
            (Some(true) | None, None) => None,
            (Some(false), Some(known)) if known.loom == loom.outcome => None,
            (Some(false), _) => Some(format!(
                "{about}: loom says {says} ({}), and nobody has said why",
                loom.says
            )),
            (_, Some(_)) => Some(format!(
                "{about}: loom says {says} now: strike it off the DIFFERENCES"
            )),
        }
    }
}

impl Report {
    /// What is not as it should be: a verdict of the explorer that is wrong, or a difference
    /// that nobody has explained.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut problems: Vec<_> =
            self.lines.iter().filter_map(Line::problem).collect();
        for known in DIFFERENCES {
            let about = (known.primitive, known.version);
            if !self.lines.iter().any(|l| (l.primitive, l.version) == about) {
                problems.push(format!("{about:?} is explained, but does not exist"));
            }
        }
        problems
    }

    /// Returns the result as it is written down: a summary, then a line for each version.
    #[must_use]
    pub fn to_file(&self) -> String {
        let count = |agrees, by_accident| {
            let is_it =
                |l: &&Line| (l.agrees(), l.by_accident) == (agrees, by_accident);
            self.lines.iter().filter(is_it).count()
        };
        let mut text = format!(
            "# Do loom and the explorer agree on the primitives that need no futex?\n\
             # Written by `cargo run -p peers -- agreement`, kept fresh by `cargo test -p \
             peers`,\n# printed by `cargo test -p explorer`.\n\
             # primitive | version | explorer | loom | why that is wrong or says nothing\n\
             loom {}, {EXECUTIONS_MAX} executions at most: agree {}, agree by accident {}, \
             differ {}, loom not through {}\n",
            self.loom,
            count(Some(true), false),
            count(Some(true), true),
            count(Some(false), false),
            count(None, false),
        );
        for line in &self.lines {
            let loom = word(line.loom.outcome);
            let loom = match (line.agrees(), line.bounded) {
                (Some(_), true) => format!("{loom} ({PREEMPTIONS} preemptions)"),
                _ => loom.to_owned(),
            };
            let why = match line.agrees() {
                Some(false) => line.difference().map_or("?", |known| known.why),
                _ if line.by_accident => BY_ACCIDENT,
                _ => "",
            };
            let explorer = word(line.explorer.outcome);
            let (primitive, version) = (line.primitive, line.version);
            let row =
                format!("{primitive} | {version} | {explorer} | {loom} | {why}");
            writeln!(text, "{}", row.trim_end_matches(" | "))
                .expect("a String takes every write");
        }
        text
    }
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "passes",
        Outcome::Failed => "fails",
        Outcome::Unfinished => "not through",
        Outcome::Died => "dies",
    }
}
