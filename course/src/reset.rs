//! `cargo course reset NN.K`: an exercise as it was, and the reader's answer kept aside.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use crate::catalog::{Course, Exercise};
use crate::hint::Level;
use crate::paint::{self, CODE, SOFT};
use crate::place;
use crate::sentence::{Result, Sentence};

/// Restores each of `exercises` that was edited; asks first, unless `yes`.
pub(crate) fn run(
    course: &Course,
    exercises: &[&Exercise],
    yes: bool,
) -> Result<ExitCode> {
    let mut edited = Vec::new();
    for exercise in exercises {
        let stub = course.read(&exercise.stub())?;
        // A file that is missing, or that a merge left unreadable, is restored as well.
        if course.read(&exercise.answer()).ok().as_ref() != Some(&stub) {
            edited.push(*exercise);
        }
    }
    if edited.is_empty() {
        paint::say("Nothing to do: every file is as it came.\n");
        return Ok(ExitCode::SUCCESS);
    }
    if !yes && !confirmed(course, &edited)? {
        paint::say("Nothing was changed.\n");
        return Ok(ExitCode::SUCCESS);
    }
    for exercise in edited {
        let backup = keep(course, exercise)?;
        let file = course.root.join(exercise.answer());
        let stub = course.read(&exercise.stub())?;
        fs::write(&file, stub)
            .map_err(|error| Sentence::file("write", &file, &error))?;
        Level::of(course, exercise).forget();
        let mut said = format!("{} is as it came.", exercise.id());
        if let Some(backup) = backup {
            let backup = backup.strip_prefix(&course.root).unwrap_or(&backup);
            let shown = place::shown(&course.root, &backup.to_string_lossy());
            let _ = write!(said, " Your answer is kept in {CODE}{shown}{CODE:#}");
        }
        said.push('\n');
        paint::say(&said);
    }
    Ok(ExitCode::SUCCESS)
}

fn confirmed(course: &Course, edited: &[&Exercise]) -> Result<bool> {
    if !io::stdin().is_terminal() {
        return Err(Sentence::new(
            "there is no terminal to ask at; to reset without asking, add --yes",
        ));
    }
    let mut question = String::from("This restores\n");
    for exercise in edited {
        let file = place::shown(&course.root, &exercise.answer());
        let _ = writeln!(question, "  {}  {CODE}{file}{CODE:#}", exercise.id());
    }
    let _ = write!(
        question,
        "and keeps a copy of what you wrote. Go on? {SOFT}[y/N]{SOFT:#} "
    );
    paint::say(&question);
    let _ = io::stdout().flush();
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).map_err(|error| {
        Sentence::new(format!("cannot read your answer: {error}"))
    })?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// Copies the reader's file to the backups, under the first number that is free.
fn keep(course: &Course, exercise: &Exercise) -> Result<Option<PathBuf>> {
    let file = course.root.join(exercise.answer());
    let bytes = match fs::read(&file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Sentence::file("read", &file, &error)),
    };
    let dir = place::backups(&course.root)?;
    for number in 1_u32.. {
        let backup = dir.join(format!(
            "{}_{}.{number}.rs",
            exercise.chapter, exercise.file
        ));
        let new = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&backup);
        match new.and_then(|mut new| new.write_all(&bytes)) {
            Ok(()) => return Ok(Some(backup)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(Sentence::file("write", &backup, &error)),
        }
    }
    Err(Sentence::new(format!(
        "there is no room for another backup in {}",
        dir.display()
    )))
}
