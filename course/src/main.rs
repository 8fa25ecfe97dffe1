//! The companion of the course: the map, grading, hints, solutions.
//!
//! One file per subcommand. `main` finds the top of the course, hands it to the subcommand,
//! and turns an error into one sentence on standard error and exit status 1.

mod catalog;
mod ci;
mod doctor;
mod grade;
mod hint;
mod map;
mod paint;
mod place;
mod progress;
mod reset;
mod sentence;
mod serve;
mod solution;
mod sys;
mod tool;
mod watch;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};

use catalog::{Course, Exercise, Wanted};
use paint::BAD;
use progress::Progress;
use sentence::{Result, Sentence};

/// The companion of the course threadbare. Alone it shows the map, and then serves the book.
#[derive(Debug, Parser)]
#[command(name = "course", bin_name = "cargo course", version, about)]
#[command(args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: serve::Flags,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the book with the server of chapter 11, without the map
    Serve(serve::Flags),
    /// Show the chapters, what is solved and what comes next
    Map {
        /// Show the exercises of every chapter
        #[arg(long)]
        all: bool,
    },
    /// Grade your answers: all, a chapter, or one exercise
    Grade {
        /// A chapter (01) or an exercise (01.2)
        #[arg(value_name = "NN[.K]")]
        what: Option<Wanted>,
    },
    /// Grade again whenever you save
    Watch {
        /// Start with this exercise instead of the next one
        #[arg(value_name = "NN.K")]
        what: Option<Wanted>,
        /// Look at the files twice a second instead of waiting to be told
        #[arg(long)]
        poll: bool,
        /// Do not watch: grade when you press r
        #[arg(long, conflicts_with = "poll")]
        manual: bool,
    },
    /// Show one more hint each time, three in all
    Hint {
        /// The exercise; without it, the next one
        #[arg(value_name = "NN.K")]
        what: Option<Wanted>,
        /// Show just this hint
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..))]
        level: Option<u8>,
    },
    /// Compare your answer with a good one
    Solution {
        /// The exercise
        #[arg(value_name = "NN.K")]
        what: Wanted,
        /// Show it although yours is not solved
        #[arg(long)]
        give_up: bool,
    },
    /// Restore an exercise, and keep what you wrote aside
    Reset {
        /// A chapter (01) or an exercise (01.2)
        #[arg(value_name = "NN[.K]")]
        what: Wanted,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Look at this machine: what the course finds here, and what it can't show
    Doctor,
    /// Run what CI runs: one step, or `all`
    Ci {
        /// The step; without it, they are listed
        step: Option<String>,
        /// Let the step write what it would otherwise only check (`lists`)
        #[arg(long)]
        write: bool,
    },
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let run = place::root().and_then(|root| run(cli, &root));
    run.unwrap_or_else(|sentence| {
        anstream::eprintln!("{BAD}error:{BAD:#} {sentence}");
        ExitCode::FAILURE
    })
}

fn run(cli: Cli, root: &Path) -> Result<ExitCode> {
    // None of them needs the exercises, and two may be what finds out why they can't be read.
    match cli.command {
        Some(Command::Ci { step, write }) => {
            return Ok(ci::run(step.as_deref(), write, root));
        }
        Some(Command::Doctor) => return Ok(doctor::run()),
        Some(Command::Serve(flags)) => return serve::run(root, &flags),
        _ => {}
    }
    let course = Arc::new(Course::load(root)?);
    match cli.command {
        None => {
            // Where there is no server the map says how else the book is read.
            if !serve::HERE {
                return Ok(map::run(&course, false));
            }
            map::run_before_the_book(&course);
            serve::run(root, &cli.serve)
        }
        Some(Command::Map { all }) => Ok(map::run(&course, all)),
        Some(Command::Grade { what }) => {
            let exercises = match what {
                Some(wanted) => course.select(&wanted)?,
                None => course.exercises().collect(),
            };
            grade::run(&course, &exercises)
        }
        Some(Command::Watch { what, poll, manual }) => {
            let first = what
                .map(|wanted| course.select_one(&wanted).cloned())
                .transpose()?;
            let how = match (poll, manual) {
                (true, _) => watch::How::Polling,
                (_, true) => watch::How::Manual,
                _ => watch::How::Notified,
            };
            watch::run(Arc::clone(&course), first, how)
        }
        Some(Command::Hint { what, level }) => {
            hint::run(&course, one(&course, what)?, level)
        }
        Some(Command::Solution { what, give_up }) => {
            solution::run(&course, course.select_one(&what)?, give_up)
        }
        Some(Command::Reset { what, yes }) => {
            reset::run(&course, &course.select(&what)?, yes)
        }
        Some(Command::Doctor | Command::Ci { .. } | Command::Serve(_)) => {
            unreachable!("handled above")
        }
    }
}

/// The exercise that was asked for, or else the next one.
fn one(course: &Course, wanted: Option<Wanted>) -> Result<&Exercise> {
    match wanted {
        Some(wanted) => course.select_one(&wanted),
        None => Progress::of(course).next(None).ok_or_else(|| {
            Sentence::new(
                "every exercise is solved; say which one you mean, such as 01.2",
            )
        }),
    }
}
