//! What happens on a key, on a save, on a verdict.
//!
//! One thread reads keys, one runs the graders, the watcher has its own; all of them send
//! messages to this one, which alone writes to the screen.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::How;
use super::files::{self, Stamps, Watching};
use super::keys;
use super::screen::Screen;
use crate::catalog::{Course, Exercise};
use crate::grade::{self, Detail, Event, Graded, Job};
use crate::hint::{self, Level};
use crate::map;
use crate::paint::{self, CODE, GOOD, SOFT, STRONG, WARN};
use crate::place;
use crate::progress::{Progress, State};
use crate::sentence::{Result, Sentence};

/// An editor that saves does several things to a file; this long after the last of them
/// it is at rest.
const REST: Duration = Duration::from_millis(80);

/// Lines of the screen that are not for failures: what is worked on, where to get help,
/// the keys.
const AROUND: usize = 13;

/// How long a signal may go unnoticed.
const TICK: Duration = Duration::from_millis(100);

/// What the other threads have to say.
#[derive(Debug)]
pub(crate) enum Message {
    /// A key, as a letter.
    Key(char),
    /// The terminal has another size.
    Resized,
    /// Something below the exercises has changed.
    Look,
    /// The graders of run `.0` go on.
    Going(u32, Event),
    /// They have ended; `None` if they were stopped.
    Ended(u32, Result<Option<Graded>>),
}

/// A run of the graders, in a thread of its own.
struct Running {
    number: u32,
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
    /// How many graders there are.
    graders: usize,
    ended: usize,
    failed: usize,
}

impl Running {
    fn text(&self) -> String {
        let Self {
            graders,
            ended,
            failed,
            ..
        } = self;
        match failed {
            0 => format!("{ended} of {graders} graders"),
            _ => format!("{ended} of {graders} graders, {failed} failed"),
        }
    }
}

/// One `watch`, from the first key to the last.
pub(crate) struct Session {
    course: Arc<Course>,
    current: Exercise,
    how: How,
    screen: Screen,
    sender: Sender<Message>,
    messages: Receiver<Message>,
    stamps: Stamps,
    running: Option<Running>,
    runs: u32,
}

impl Session {
    pub(crate) fn new(
        course: Arc<Course>,
        first: Option<Exercise>,
        how: How,
    ) -> Result<Self> {
        let next = || {
            Progress::of(&course)
                .next(None)
                .or(course.exercises().next())
                .cloned()
        };
        let Some(current) = first.or_else(next) else {
            return Err(Sentence::new(
                "there are no exercises yet, so nothing to watch",
            ));
        };
        let (sender, messages) = mpsc::channel();
        let stamps = Stamps::now(&course);
        let screen = Screen::open();
        Ok(Self {
            course,
            current,
            how,
            screen,
            sender,
            messages,
            stamps,
            running: None,
            runs: 0,
        })
    }

    /// Goes on until the reader quits or `stop` is raised.
    pub(crate) fn run(mut self, stop: &AtomicBool) -> Result<ExitCode> {
        let watching = files::watch(&self.course, self.how, &self.sender);
        if !self.screen.is_live() {
            self.screen.add(&no_terminal(self.how));
            if self.how == How::Manual {
                return Ok(ExitCode::FAILURE);
            }
        } else {
            keys::read(self.sender.clone());
        }
        self.start(&watching);
        let again = || watching.every.map(|every| Instant::now() + every);
        let mut look_at = again();
        loop {
            let wait = look_at
                .map_or(TICK, |at| at.saturating_duration_since(Instant::now()));
            match self.messages.recv_timeout(wait.min(TICK)) {
                Ok(Message::Key('q')) => break,
                Ok(Message::Key(key)) => self.key(key, &watching),
                Ok(Message::Resized) => self.footer(),
                Ok(Message::Look) => look_at = Some(Instant::now() + REST),
                Ok(Message::Going(number, event)) => self.going(number, event),
                Ok(Message::Ended(number, result)) => self.ended(number, result),
                Err(RecvTimeoutError::Timeout) => {}
                // Not while `self.sender` lives.
                Err(RecvTimeoutError::Disconnected) => break,
            }
            // ORDERING: Relaxed. A flag from a signal handler; no data comes with it.
            if stop.load(Relaxed) {
                break;
            }
            if look_at.is_some_and(|at| at <= Instant::now()) {
                look_at = again();
                self.look(&watching);
            }
        }
        self.cancel();
        Ok(ExitCode::SUCCESS)
    }

    /// Grades the current exercise, on an empty screen.
    fn start(&mut self, watching: &Watching) {
        self.cancel();
        self.runs += 1;
        let number = self.runs;
        self.screen.clear();
        let head = self.head(watching);
        self.screen.add(&head);
        let stop = Arc::new(AtomicBool::new(false));
        let thread = {
            let (course, exercise) =
                (Arc::clone(&self.course), self.current.clone());
            let (sender, stop) = (self.sender.clone(), Arc::clone(&stop));
            thread::spawn(move || {
                let chapter = course.chapter_of(&exercise);
                let job = Job {
                    course: &course,
                    chapter,
                    wanted: vec![&exercise],
                };
                let result = grade::grade(&job, &stop, &mut |event| {
                    let _ = sender.send(Message::Going(number, event));
                });
                let _ = sender.send(Message::Ended(number, result));
            })
        };
        self.running = Some(Running {
            number,
            stop,
            thread,
            graders: 0,
            ended: 0,
            failed: 0,
        });
        self.status("starting cargo");
    }

    /// Stops the graders, if they run, and waits until they have.
    fn cancel(&mut self) {
        if let Some(running) = self.running.take() {
            // ORDERING: Relaxed. `cargo::Ears::listen` only stops on it; `join` orders the rest.
            running.stop.store(true, Relaxed);
            let _ = running.thread.join();
        }
    }

    fn key(&mut self, key: char, watching: &Watching) {
        match key {
            'r' => self.start(watching),
            'h' => self.hint(),
            'l' => {
                let map = map::draw(&self.course, true);
                self.screen.add(&format!("\n{map}\n"));
                self.footer();
            }
            'n' => self.next(watching),
            _ => self.footer(),
        }
    }

    fn hint(&mut self) {
        let mut level = Level::of(&self.course, &self.current);
        let before = level.seen();
        let seen = level.one_more();
        let count = self.current.hints.len();
        let text = if before == count {
            format!(
                "\n{SOFT}Those were all {count} hints: {SOFT:#}{CODE}cargo hint {}{CODE:#}\
                 {SOFT} shows them again, {SOFT:#}{CODE}cargo course solution {} --give-up\
                 {CODE:#}{SOFT} one good answer.{SOFT:#}\n",
                self.current.id(),
                self.current.id()
            )
        } else {
            hint::draw(&self.current, seen - 1, seen, paint::width())
        };
        self.screen.add(&format!("{text}\n"));
        self.footer();
    }

    fn next(&mut self, watching: &Watching) {
        let next = Progress::of(&self.course)
            .next(Some(&self.current))
            .cloned();
        match next {
            Some(next) if next != self.current => {
                self.current = next;
                self.start(watching);
            }
            Some(_) => {
                self.screen.add(&format!(
                    "\n{SOFT}{} is the only one that is not solved yet.{SOFT:#}\n",
                    self.current.id()
                ));
                self.footer();
            }
            None => {
                self.screen
                    .add(&format!("\n{GOOD}Every exercise is solved.{GOOD:#}\n"));
                self.footer();
            }
        }
    }

    /// Something was written below the exercises: if it was an answer, grades it.
    fn look(&mut self, watching: &Watching) {
        let saved = self.stamps.saved(&self.course);
        let Some(first) = saved.first() else { return };
        if !saved.contains(&self.current) {
            self.current = first.clone();
        }
        self.start(watching);
    }

    fn going(&mut self, number: u32, event: Event) {
        let Some(running) = self.running.as_mut().filter(|run| run.number == number)
        else {
            return;
        };
        match event {
            Event::Cargo(line) => self.status(&line),
            Event::Graders(count) => {
                running.graders = count;
                let text = running.text();
                self.status(&text);
            }
            Event::Verdict(verdict) => {
                running.ended += 1;
                running.failed += usize::from(!verdict.passed());
                let text = running.text();
                self.status(&text);
            }
        }
    }

    fn ended(&mut self, number: u32, result: Result<Option<Graded>>) {
        if self.running.as_ref().is_none_or(|run| run.number != number) {
            return;
        }
        self.cancel();
        let text = match result {
            Err(sentence) => format!("\n{WARN}{sentence}{WARN:#}\n"),
            Ok(None) => format!("\n{SOFT}stopped{SOFT:#}\n"),
            Ok(Some(graded)) => {
                let progress = Progress::of(&self.course);
                graded.remember(&progress, &[&self.current]);
                let drawn = grade::draw_exercise(
                    &self.course,
                    &graded,
                    &self.current,
                    self.detail(),
                    paint::width(),
                );
                let mut text = format!("{}\n{}", drawn.said, drawn.text);
                if let Some(trouble) = &graded.trouble {
                    text.push('\n');
                    text.push_str(trouble);
                }
                if drawn.solved {
                    text.push_str(&self.after_solved(&progress));
                }
                text
            }
        };
        self.screen.add(&format!("{text}\n"));
        self.footer();
    }

    /// The first failure is the one to look at, so it must not scroll away.
    fn detail(&self) -> Detail {
        match self.screen.rows() {
            Some(rows) => Detail::Lines(rows.saturating_sub(AROUND)),
            None => Detail::All,
        }
    }

    fn after_solved(&self, progress: &Progress<'_>) -> String {
        match progress.next(Some(&self.current)) {
            Some(next) => {
                format!("  {SOFT}press n{SOFT:#}  {}  {}\n", next.id(), next.title)
            }
            None => format!("\n{GOOD}Every exercise is solved.{GOOD:#}\n"),
        }
    }

    /// What is being worked on.
    fn head(&self, watching: &Watching) -> String {
        let Exercise {
            title,
            kind,
            minutes,
            ..
        } = &self.current;
        let progress = Progress::of(&self.course);
        let all = self.course.exercises().count();
        let solved = self
            .course
            .exercises()
            .filter(|one| progress.state(one) == State::Solved)
            .count();
        let file = place::shown(&self.course.root, &self.current.answer());
        let mut head = format!(
            "{STRONG}{}  {title}{STRONG:#}\n{SOFT}{kind}, about {minutes} minutes; {solved} of \
             {all} exercises solved{SOFT:#}\n{CODE}{file}{CODE:#}\n",
            self.current.id()
        );
        if let Some(note) = &watching.note {
            head.push_str(&paint::styled(
                &paint::wrap(note, "", paint::width()),
                WARN,
            ));
        }
        head.push('\n');
        head
    }

    fn status(&mut self, text: &str) {
        self.screen.bottom(&format!("{SOFT}{text} ...{SOFT:#}"));
    }

    /// The keys, at the bottom; while graders run, that line is theirs.
    fn footer(&mut self) {
        if let Some(running) = &self.running {
            let text = running.text();
            self.status(&text);
            return;
        }
        let rerun = if self.how == How::Manual {
            "grade"
        } else {
            "again"
        };
        let keys = [
            ("h", "hint"),
            ("n", "next"),
            ("r", rerun),
            ("l", "list"),
            ("q", "quit"),
        ];
        let keys: Vec<String> = keys
            .iter()
            .map(|(key, what)| format!("{STRONG}{key}{STRONG:#} {what}"))
            .collect();
        self.screen.bottom(&format!("{}  ", keys.join("   ")));
    }
}

fn no_terminal(how: How) -> String {
    let what = match how {
        How::Manual => {
            "there is no terminal, so the key r cannot be pressed; leave --manual out"
        }
        How::Notified | How::Polling => {
            "there is no terminal, so there are no keys; grading on every save until Ctrl-C"
        }
    };
    format!("watch: {what}\n\n")
}
