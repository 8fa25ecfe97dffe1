//! One run of cargo: starts it in a process group of its own, listens to both its streams
//! and to the file of verdicts, and never waits for ever.
//!
//! A grader that hangs is ended by the grader binary itself. What is here is the net below
//! that: if nothing at all is heard for too long, the whole group is killed.

use std::env;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use grading::report::Verdict;

use crate::paint;
use crate::sentence::Result;
use crate::sys;
use crate::tool;

/// A compiler at work on a slow machine may say nothing for this long.
const SILENCE_BUILD: Duration = Duration::from_secs(300);

/// Graders say something at least when they are killed; this much later it is a fault of
/// the grader binary.
const SILENCE_GRADE: Duration = Duration::from_secs(20);

/// As in `grading`: when a grader is killed.
const HANG_MS: u64 = 15_000;

/// How often the file of verdicts is read.
const LOOK: Duration = Duration::from_millis(30);

/// Streams that stay open after cargo has ended belong to something that escaped it.
const AFTERWARDS: Duration = Duration::from_secs(1);

/// What a run is heard to say.
pub(crate) enum Heard {
    /// A line of JSON from cargo, before the graders start.
    Build(String),
    /// A line on standard output once the build has ended.
    Out(String),
    /// A line on standard error.
    Err(String),
    /// A line of the file of verdicts.
    Verdict(Box<Verdict>),
}

/// How a run ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// By itself, with this exit status; `None` if a signal ended it.
    Exit(Option<i32>),
    /// The reader wanted no more.
    Stopped,
    /// Nothing was heard for this long, so it was killed.
    Silent(Duration),
}

/// What to run.
#[derive(Debug)]
pub(crate) struct Run<'a> {
    pub(crate) root: &'a Path,
    /// Behind `cargo`.
    pub(crate) arguments: Vec<String>,
    /// `e1,e3`: the only exercises to build; `None` for all.
    pub(crate) only: Option<String>,
    /// Where the graders write their verdicts.
    pub(crate) report: PathBuf,
}

impl Run<'_> {
    /// Runs it to its end, or until `stop` is raised.
    ///
    /// # Errors
    /// If cargo can't be started.
    pub(crate) fn listen(
        &self,
        stop: &AtomicBool,
        hear: &mut dyn FnMut(Heard),
    ) -> Result<End> {
        let mut child = self.start()?;
        let (sender, lines) = mpsc::channel();
        if let Some(out) = child.stdout.take() {
            forward(out, true, sender.clone());
        }
        if let Some(err) = child.stderr.take() {
            forward(err, false, sender);
        }
        let mut ears = Ears {
            lines,
            verdicts: Tail::new(&self.report),
            building: true,
        };
        let end = ears.listen(&mut child, stop, hear);
        if !matches!(end, End::Exit(_)) {
            end_group(&mut child);
        }
        ears.verdicts.read(hear);
        Ok(end)
    }

    fn start(&self) -> Result<Child> {
        let mut command = tool::cargo();
        command
            .args(&self.arguments)
            .current_dir(self.root)
            .env("THREADBARE_REPORT", &self.report)
            .env_remove("THREADBARE_ONLY")
            // What a model checker reports is set out over there, and shown here.
            .env("THREADBARE_WIDTH", paint::report_width().to_string())
            .env("THREADBARE_COLOUR", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Some(only) = &self.only {
            command.env("THREADBARE_ONLY", only);
        }
        #[cfg(unix)]
        {
            use std::os::unix::process::CommandExt;
            command.process_group(0);
        }
        let spawned = command.spawn();
        spawned.map_err(|error| tool::cannot_start(&command, &error))
    }
}

/// A line and whether it came on standard output.
type Line = (bool, String);

/// Everything that a run can be heard through.
struct Ears {
    lines: Receiver<Line>,
    verdicts: Tail,
    /// Until cargo says that the build has ended.
    building: bool,
}

impl Ears {
    fn listen(
        &mut self,
        child: &mut Child,
        stop: &AtomicBool,
        hear: &mut dyn FnMut(Heard),
    ) -> End {
        let mut last_heard = Instant::now();
        let mut ended: Option<(Option<i32>, Instant)> = None;
        let mut closed = false;
        loop {
            match self.lines.recv_timeout(LOOK) {
                Ok(line) => {
                    last_heard = Instant::now();
                    hear(self.sort(line));
                }
                Err(RecvTimeoutError::Timeout) => {}
                // Both streams are closed; all that is left is to collect the status.
                Err(RecvTimeoutError::Disconnected) => {
                    closed = true;
                    if ended.is_none() {
                        thread::sleep(LOOK);
                    }
                }
            }
            if self.verdicts.read(hear) {
                last_heard = Instant::now();
            }
            if let Some((code, since)) = ended {
                if closed || since.elapsed() > AFTERWARDS {
                    return End::Exit(code);
                }
                continue;
            }
            if let Ok(Some(status)) = child.try_wait() {
                ended = Some((status.code(), Instant::now()));
                continue;
            }
            // From here on the child has not been waited for, as `sys::kill_group` asks.
            // ORDERING: Relaxed. A flag from a signal handler or a key; no data comes with it.
            if stop.load(Relaxed) {
                return End::Stopped;
            }
            let limit = if self.building {
                SILENCE_BUILD
            } else {
                silence_grade()
            };
            if last_heard.elapsed() > limit {
                return End::Silent(limit);
            }
        }
    }

    fn sort(&mut self, (out, line): Line) -> Heard {
        match (out, self.building) {
            (false, _) => Heard::Err(line),
            (true, false) => Heard::Out(line),
            (true, true) => {
                self.building = !line.contains(r#""reason":"build-finished""#);
                Heard::Build(line)
            }
        }
    }
}

fn silence_grade() -> Duration {
    let ms = env::var("THREADBARE_HANG_MS")
        .ok()
        .and_then(|text| text.parse().ok());
    Duration::from_millis(ms.unwrap_or(HANG_MS)) + SILENCE_GRADE
}

/// Sends on each line of a stream, until it closes or nobody listens any more.
fn forward(stream: impl Read + Send + 'static, out: bool, sender: Sender<Line>) {
    thread::spawn(move || {
        let mut stream = BufReader::new(stream);
        let mut line = Vec::new();
        while matches!(stream.read_until(b'\n', &mut line), Ok(count) if count > 0) {
            let text = String::from_utf8_lossy(&line)
                .trim_end_matches(['\r', '\n'])
                .to_owned();
            line.clear();
            if sender.send((out, text)).is_err() {
                return;
            }
        }
    });
}

/// Kills cargo and everything below it: the grader binary, and the graders' processes.
fn end_group(child: &mut Child) {
    sys::kill_group(child);
    let _ = child.kill();
    let _ = child.wait();
}

/// Reads a file that others append whole lines to.
struct Tail {
    path: PathBuf,
    read: u64,
}

impl Tail {
    fn new(path: &Path) -> Self {
        Self {
            path: path.to_path_buf(),
            read: 0,
        }
    }

    /// Hands over the verdicts that are new, and tells whether there were any.
    fn read(&mut self, hear: &mut dyn FnMut(Heard)) -> bool {
        let mut text = Vec::new();
        let fresh = File::open(&self.path).and_then(|mut file| {
            file.seek(SeekFrom::Start(self.read))?;
            file.read_to_end(&mut text)
        });
        // The last line may be only half there yet.
        let whole = text
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        if fresh.is_err() || whole == 0 {
            return false;
        }
        self.read += whole as u64;
        for verdict in Verdict::read_all(&String::from_utf8_lossy(&text[..whole])) {
            hear(Heard::Verdict(Box::new(verdict)));
        }
        true
    }
}
