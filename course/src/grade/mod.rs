//! `cargo grade [NN[.K]]`: runs the graders, shows what they say, and remembers it.
//!
//! | file | what it does |
//! |---|---|
//! | `cargo` | one run of cargo: starts it, listens, and never waits for ever |
//! | `build` | what the compiler said, and whose answer it is about |
//! | `chapter` | grades a chapter, around answers that do not compile |
//! | `show` | the result, for a reader |

mod build;
mod cargo;
mod chapter;
mod show;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use grading::report::Verdict;
use indicatif::{ProgressBar, ProgressStyle};

pub(crate) use chapter::{Graded, Job, grade};
pub(crate) use show::{Detail, draw_exercise, draw_verdict_line};

use crate::catalog::{Course, Exercise};
use crate::paint::{self, BAD, GOOD, SOFT, STRONG};
use crate::progress::Progress;
use crate::sentence::{Result, Sentence};

/// What a run tells while it goes on.
#[derive(Debug)]
pub(crate) enum Event {
    /// What cargo does: `Compiling ex01`.
    Cargo(String),
    /// The number of graders that are about to run.
    Graders(usize),
    /// One of them has ended.
    Verdict(Box<Verdict>),
}

/// How often the line with the spinner moves.
const SPINNER: Duration = Duration::from_millis(120);

/// What a shell reports of a program that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

/// Grades `exercises`, chapter by chapter. Status 0 if every grader accepts.
pub(crate) fn run(course: &Course, exercises: &[&Exercise]) -> Result<ExitCode> {
    if exercises.is_empty() {
        return Err(Sentence::new(
            "there are no exercises yet, so nothing to grade",
        ));
    }
    let stop = stop_on_signals()?;
    let progress = Progress::of(course);
    let mut solved = 0;
    for chapter in &course.chapters {
        let wanted: Vec<&Exercise> = exercises
            .iter()
            .filter(|one| one.chapter == chapter.key)
            .copied()
            .collect();
        if wanted.is_empty() {
            continue;
        }
        let job = Job {
            course,
            chapter,
            wanted: wanted.clone(),
        };
        let live = Live::new(&format!("chapter {}", chapter.number()));
        let graded = grade(&job, &stop, &mut |event| live.show(event));
        live.end();
        let Some(graded) = graded? else {
            paint::say("\nInterrupted; what is left was not graded.\n");
            return Ok(ExitCode::from(INTERRUPTED));
        };
        graded.remember(&progress, &wanted);
        solved += report(course, &progress, &graded, &wanted);
    }
    Ok(if solved == exercises.len() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Prints what a chapter's run found, and returns how many exercises are solved.
fn report(
    course: &Course,
    progress: &Progress<'_>,
    graded: &Graded,
    wanted: &[&Exercise],
) -> usize {
    let width = paint::width();
    let mut solved = 0;
    let mut out = String::new();
    for exercise in wanted {
        let begun = wanted.len() == 1 || !progress.untouched(exercise);
        let detail = if begun { Detail::All } else { Detail::First };
        let drawn = draw_exercise(course, graded, exercise, detail, width);
        solved += usize::from(drawn.solved);
        let show::Drawn {
            title, said, text, ..
        } = drawn;
        out.push_str(&format!("\n{title}  {said}\n{text}"));
    }
    if let Some(trouble) = &graded.trouble {
        out.push('\n');
        out.push_str(trouble);
    }
    let style = if solved == wanted.len() { GOOD } else { BAD };
    let id = wanted[0].id();
    let chapter = id.split('.').next().unwrap_or(&id);
    if wanted.len() > 1 {
        out.push_str(&format!(
            "\n{STRONG}Chapter {chapter}:{STRONG:#} {style}{solved} of {} exercises \
             solved{style:#}\n",
            wanted.len()
        ));
    }
    paint::say(&out);
    solved
}

/// Ctrl-C and its like only raise a flag, so that cargo and everything below it can be
/// ended in order.
pub(crate) fn stop_on_signals() -> Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    #[cfg(unix)]
    {
        use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            signal_hook::flag::register(signal, Arc::clone(&stop)).map_err(
                |error| Sentence::new(format!("cannot listen for signals: {error}")),
            )?;
        }
    }
    Ok(stop)
}

/// The lines that appear while graders run, and the one that moves below them.
struct Live {
    bar: ProgressBar,
}

impl Live {
    /// The spinner is drawn on standard error, and only if that is a terminal.
    fn new(what: &str) -> Self {
        let bar = ProgressBar::new_spinner();
        if let Ok(style) =
            ProgressStyle::with_template("{spinner} {msg} {elapsed:.dim}")
        {
            bar.set_style(style);
        }
        bar.set_message(format!("{what}: starting cargo"));
        bar.enable_steady_tick(SPINNER);
        Self { bar }
    }

    fn show(&self, event: Event) {
        match event {
            Event::Cargo(line) => {
                let room = paint::columns().saturating_sub(12);
                self.bar
                    .set_message(line.chars().take(room).collect::<String>());
            }
            Event::Graders(0) => {}
            Event::Graders(count) => {
                let style = "{spinner} {pos} of {len} graders {elapsed:.dim}";
                if let Ok(style) = ProgressStyle::with_template(style) {
                    self.bar.set_style(style);
                }
                self.bar.set_length(count as u64);
                self.bar.set_position(0);
            }
            Event::Verdict(verdict) => {
                self.bar.inc(1);
                // That an answer imports only what it may is nothing to tell.
                if !(verdict.passed() && verdict.grader == "imports") {
                    self.bar
                        .suspend(|| paint::say(&draw_verdict_line(&verdict)));
                }
            }
        }
    }

    fn end(&self) {
        self.bar.finish_and_clear();
    }
}

/// What is written behind a verdict that took its time.
pub(crate) fn took(ms: u64) -> String {
    if ms < 1_000 {
        return String::new();
    }
    format!(
        "  {SOFT}{:.1} s{SOFT:#}",
        Duration::from_millis(ms).as_secs_f32()
    )
}
