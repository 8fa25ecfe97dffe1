//! Grades a chapter, around answers that do not compile.
//!
//! The graders of a chapter are one program, so an answer that does not compile would take
//! the others with it. Then the run is repeated without those: `THREADBARE_ONLY` names
//! the ones to build.

use std::collections::BTreeMap;
use std::fs;
use std::process;
use std::sync::atomic::AtomicBool;

use grading::report::Verdict;

use super::Event;
use super::build::Build;
use super::cargo::{End, Heard, Run};
use crate::catalog::{Chapter, Course, Exercise};
use crate::paint::{self, BAD, CODE};
use crate::place;
use crate::progress::Progress;
use crate::sentence::{Result, Sentence};

/// How much of the graders' own output is kept, in lines, in case they die without a verdict.
const LAST_LINES: usize = 20;

/// Exercises of one chapter.
#[derive(Debug)]
pub(crate) struct Job<'a> {
    pub(crate) course: &'a Course,
    pub(crate) chapter: &'a Chapter,
    pub(crate) wanted: Vec<&'a Exercise>,
}

/// What a run found out.
#[derive(Debug, Default)]
pub(crate) struct Graded {
    /// As they came in.
    pub(crate) verdicts: Vec<Verdict>,
    /// By exercise number: what the compiler said of an answer that does not compile.
    pub(crate) broken: BTreeMap<u32, Vec<String>>,
    /// By exercise number: what the compiler found odd in an answer that does.
    pub(crate) warnings: BTreeMap<u32, Vec<String>>,
    /// What kept the graders from running that is no answer's fault.
    pub(crate) trouble: Option<String>,
}

impl Graded {
    /// The verdicts on one exercise.
    pub(crate) fn of(&self, exercise: &Exercise) -> Vec<&Verdict> {
        let id = exercise.id();
        self.verdicts
            .iter()
            .filter(|verdict| verdict.exercise == id)
            .collect()
    }

    /// Keeps what was found out about `wanted`.
    pub(crate) fn remember(&self, progress: &Progress<'_>, wanted: &[&Exercise]) {
        for exercise in wanted {
            let verdicts: Vec<Verdict> =
                self.of(exercise).into_iter().cloned().collect();
            let broken = self.broken.contains_key(&exercise.number);
            if broken || (!verdicts.is_empty() && self.trouble.is_none()) {
                progress.store(exercise, &verdicts, broken);
            }
        }
    }
}

/// Runs the graders of a job; `None` if `stop` was raised.
///
/// # Errors
/// If cargo can't be started, or there is no room for its report.
pub(crate) fn grade(
    job: &Job<'_>,
    stop: &AtomicBool,
    tell: &mut dyn FnMut(Event),
) -> Result<Option<Graded>> {
    let mut graded = Graded::default();
    let mut only: Option<Vec<u32>> = None;
    loop {
        let mut attempt = attempt(job, only.as_deref(), stop, tell)?;
        graded.verdicts.append(&mut attempt.verdicts);
        graded.warnings.append(&mut attempt.build.warnings);
        if attempt.end == End::Stopped {
            return Ok(None);
        }
        // Each time at least one more is left out, so this ends.
        let fresh: Vec<u32> = attempt.build.errors.keys().copied().collect();
        graded.broken.append(&mut attempt.build.errors);
        let rest: Vec<u32> = job
            .wanted
            .iter()
            .map(|one| one.number)
            .filter(|number| !graded.broken.contains_key(number))
            .collect();
        let failed = attempt.build.success != Some(true);
        let narrower = only.as_ref().is_none_or(|only| only.len() > rest.len());
        if failed && !fresh.is_empty() && !rest.is_empty() && narrower {
            only = Some(rest);
            continue;
        }
        let ours = |number| job.wanted.iter().any(|one| one.number == number);
        if !failed {
            graded.trouble = unheard(job, &graded, &attempt);
        } else if !rest.is_empty() {
            let broken: Vec<u32> = graded.broken.keys().copied().collect();
            graded.trouble = Some(unbuilt(job, &attempt, &broken));
        }
        graded.broken.retain(|number, _| ours(*number));
        return Ok(Some(graded));
    }
}

/// One run of cargo.
struct Attempt {
    end: End,
    build: Build,
    verdicts: Vec<Verdict>,
    /// How many graders said that they would run.
    announced: usize,
    /// How many of them have said how it went.
    heard: usize,
    /// The last lines on both streams.
    last: Vec<String>,
}

fn attempt(
    job: &Job<'_>,
    only: Option<&[u32]>,
    stop: &AtomicBool,
    tell: &mut dyn FnMut(Event),
) -> Result<Attempt> {
    let dir = place::cache(&job.course.root);
    fs::create_dir_all(&dir)
        .map_err(|error| Sentence::file("make", &dir, &error))?;
    let report = dir.join(format!("report-{}.jsonl", process::id()));
    let _ = fs::remove_file(&report);
    let mut arguments = vec![
        "test".to_owned(),
        "--package".to_owned(),
        job.chapter.package(),
        "--message-format=json-diagnostic-rendered-ansi".to_owned(),
        "--".to_owned(),
    ];
    // The graders take one filter, and it finds its text anywhere in a name.
    if let [exercise] = job.wanted[..] {
        arguments.push(format!("{}::", exercise.key()));
    }
    let run = Run {
        root: &job.course.root,
        arguments,
        only: only.map(|only| {
            let names: Vec<String> =
                only.iter().map(|number| format!("e{number}")).collect();
            names.join(",")
        }),
        report: report.clone(),
    };
    let mut build = Build::default();
    let mut verdicts = Vec::new();
    let mut last = Vec::new();
    let mut expected = 0;
    let end = run.listen(stop, &mut |heard| match heard {
        Heard::Build(line) => {
            build.hear(&line, &job.course.root, &job.chapter.exercises);
        }
        Heard::Out(line) | Heard::Err(line) => {
            if let Some(count) = announced(&line) {
                expected += count;
                tell(Event::Graders(count));
            } else if build.success.is_none() && !line.trim().is_empty() {
                tell(Event::Cargo(line.trim().to_owned()));
            }
            if last.len() == LAST_LINES {
                last.remove(0);
            }
            last.push(line);
        }
        Heard::Verdict(verdict) => {
            verdicts.push((*verdict).clone());
            tell(Event::Verdict(verdict));
        }
    })?;
    let _ = fs::remove_file(&report);
    Ok(Attempt {
        end,
        build,
        announced: expected,
        heard: verdicts.len(),
        verdicts,
        last,
    })
}

/// 12 in `running 12 tests`.
fn announced(line: &str) -> Option<usize> {
    let (count, what) = line.strip_prefix("running ")?.split_once(' ')?;
    what.starts_with("test")
        .then(|| count.parse().ok())
        .flatten()
}

/// Why there is no verdict on answers that are not to blame.
fn unbuilt(job: &Job<'_>, attempt: &Attempt, broken: &[u32]) -> String {
    let width = paint::width();
    if !broken.is_empty() && attempt.build.strange.is_empty() {
        let chapter = job.chapter.number();
        let names: Vec<String> = broken
            .iter()
            .map(|number| format!("{chapter}.{number}"))
            .collect();
        let text = format!(
            "The rest could not be graded, because {} in the same chapter does not compile.",
            names.join(", "),
        );
        return paint::styled(&paint::wrap(&text, "", width), BAD);
    }
    let said = match &attempt.build.strange[..] {
        [] => attempt.last.join("\n"),
        errors => errors.join("\n"),
    };
    let text = "The graders could not be built, and the reason is not in an answer. If you \
                changed something outside exercises/, `git status` shows what.";
    format!(
        "{said}\n{}",
        paint::styled(&paint::wrap(text, "", width), BAD)
    )
}

/// Why there are exercises without a verdict although everything was built.
fn unheard(job: &Job<'_>, graded: &Graded, attempt: &Attempt) -> Option<String> {
    let missing: Vec<String> = job
        .wanted
        .iter()
        .filter(|one| !graded.broken.contains_key(&one.number))
        .filter(|one| graded.of(one).is_empty())
        .map(|one| one.id())
        .collect();
    let silent = matches!(attempt.end, End::Silent(_));
    let unsaid = attempt.announced.saturating_sub(attempt.heard);
    if missing.is_empty() && unsaid == 0 && !silent {
        return None;
    }
    let why = match &attempt.end {
        End::Silent(limit) => {
            format!("nothing was heard of the graders for {} s", limit.as_secs())
        }
        End::Exit(Some(code)) => format!("the graders ended with status {code}"),
        End::Exit(None) | End::Stopped => "the graders were killed".to_owned(),
    };
    let without = match (&missing[..], unsaid) {
        ([], 0) => String::new(),
        ([], unsaid) => format!(" Verdicts that are missing: {unsaid}."),
        (missing, _) => format!(" No verdict on {}.", missing.join(", ")),
    };
    Some(format!(
        "{BAD}The run is not whole: {why}.{without}{BAD:#} Its last words:\n{}\nSee it all with \
         {CODE}cargo test -p {}{CODE:#}\n",
        attempt.last.join("\n"),
        job.chapter.package()
    ))
}

#[cfg(test)]
mod tests {
    use super::announced;

    #[test]
    fn the_number_of_graders_is_read_from_the_harness() {
        assert_eq!(announced("running 12 tests"), Some(12));
        assert_eq!(announced("running 1 test"), Some(1));
        assert_eq!(announced("running late"), None);
    }
}
