//! The `main` of grader binaries: libtest's usual flags and filters, one trial a grader.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use std::{env, fmt, thread};

use libtest_mimic::{Arguments, Trial};

use crate::catalog::{self, Chapter};
use crate::look::Look;
use crate::report::{Outcome, Verdict};
use crate::told::Told;
use crate::{Answer, ChapterSource, Exercise, Role, Twins, child, imports, parent};

/// A reader's answer may take this long.
const HANG_MS: u64 = 15_000;

/// A wrong answer that hangs is meant to.
const HANG_MS_WRONG: u64 = 2_000;

/// Answers that are judged side by side, at the least: those that hang do nothing but wait,
/// and must not add up.
const TRIALS_AT_ONCE: usize = 24;

/// The same for the graders of a reader's answers: all of them. Each waits for its turn
/// among those of its answer, see [`Told::begin`].
const GRADERS_AT_ONCE: usize = 512;

/// The line before what a reader edits, and the line behind it.
const EDIT_FROM: &str = "// --- edit from here ---";
const EDIT_TO: &str = "// --- to here ---";

/// The `main` of `graders.rs`: grades each exercise of a chapter.
pub fn grade(source: ChapterSource, exercises: Vec<Exercise>) -> ExitCode {
    child_if_asked(source, &exercises, parent::limit_from_env(HANG_MS));
    let chapter = match Chapter::parse(source.catalog) {
        Ok(chapter) => chapter,
        Err(error) => return refuse(&error.to_string()),
    };
    let told = Arc::new(Told::new(source.strict));
    let look = Look::find();
    let mut trials = Vec::new();
    for exercise in exercises {
        let Some(entry) = chapter.exercise(exercise.key) else {
            let file = format!("exercises/{}/exercises.toml", chapter.key);
            return refuse(&format!("{file} has no exercise for {}", exercise.path));
        };
        if let Some(problem) = model_problem(&exercise, entry) {
            return refuse(&problem);
        }
        let (number, help) = (entry.id(), help_for(entry));
        let found = entry.forbidden_in(exercise.source);
        // A model can't follow there: it would tell nothing, or never end.
        let lost = found.iter().find(|it| it.past_the_ground).cloned();
        let found = found.into_iter().next();
        let number_of_it = number.clone();
        trials.push(imports_trial(
            &exercise,
            found,
            number_of_it,
            Arc::clone(&told),
        ));
        for (kind, grader) in exercise.each_grader() {
            let name = format!("{}::{kind}::{grader}", exercise.module);
            let (number, help) = (number.clone(), help.clone());
            if let Some(lost) = lost.as_ref().filter(|_| kind == "model") {
                trials.push(not_run(&exercise, lost, number, grader));
                continue;
            }
            let told = Arc::clone(&told);
            let place = (exercise.module, trials.len());
            trials.push(Trial::test(name.clone(), move || {
                let grader = format!("{kind}::{grader}");
                let turn = match told.begin(place) {
                    Ok(turn) => turn,
                    Err(hung) => return Err(skipped(number, grader, &hung).into()),
                };
                let limit = parent::limit_from_env(HANG_MS);
                let verdict =
                    parent::run_in_child(&name, &number, &grader, limit, look);
                parent::report(&verdict);
                if verdict.outcome == Outcome::Hung {
                    turn.hangs(&name);
                }
                if !verdict.passed() {
                    turn.wait();
                }
                told.conclude(&name, &verdict, &help)
            }));
        }
    }
    let mut arguments = Arguments::from_args();
    spread(&mut arguments, GRADERS_AT_ONCE);
    let conclusion = libtest_mimic::run(&arguments, trials);
    told.print_notes();
    conclusion.exit_code()
}

/// `exercises.toml` says whether the model checker grades an exercise; the graders must
/// agree.
fn model_problem(exercise: &Exercise, entry: &catalog::Exercise) -> Option<String> {
    let has = exercise.graders.iter().any(|(kind, _)| *kind == "model");
    let file = format!("{}/model.rs", entry.graders());
    match (entry.model, has) {
        (catalog::Model::Graded, false) => Some(format!(
            "exercises.toml says that {} is graded by a model, and there is no {file}",
            entry.id()
        )),
        (catalog::Model::None, true) => Some(format!(
            "there is {file}, but exercises.toml does not say `model = \"graded\"`"
        )),
        _ => None,
    }
}

/// The `main` of `answers.rs`: holds wrong answers, other right ones and stubs against the
/// graders, and the stubs against the solutions.
pub fn judge(
    source: ChapterSource,
    answers: Vec<Answer>,
    twins: Vec<Twins>,
) -> ExitCode {
    let exercises: Vec<Exercise> = answers
        .iter()
        .map(|answer| answer.exercise.clone())
        .collect();
    // The parent sets the limit, by the answer's role.
    child_if_asked(source, &exercises, parent::limit_from_env(HANG_MS));
    let chapter = match Chapter::parse(source.catalog) {
        Ok(chapter) => chapter,
        Err(error) => return refuse(&error.to_string()),
    };
    let mut trials = Vec::new();
    for twins in twins {
        let name = format!("markers::{}", twins.key);
        trials.push(Trial::test(name, move || Ok(same_outside_markers(&twins)?)));
        let wrong = answers
            .iter()
            .filter(|a| a.role == Role::Wrong && a.exercise.key == twins.key)
            .count();
        trials.push(Trial::test(
            format!("three_wrong::{}", twins.key),
            move || {
                if wrong >= 3 {
                    return Ok(());
                }
                Err(format!("{wrong} wrong answers; three are the least").into())
            },
        ));
    }
    let tallies: [Arc<Tally>; 2] = Default::default();
    let [wrong, right] = &tallies;
    for answer in answers {
        let name =
            format!("{:?}::{}", answer.role, answer.exercise.module).to_lowercase();
        let tally = match answer.role {
            Role::Wrong => Arc::clone(wrong),
            Role::Right => Arc::clone(right),
            Role::Stub => Arc::default(),
        };
        let found = chapter.exercise(answer.exercise.key).map_or_else(
            || imports::scan(answer.exercise.source),
            |entry| entry.forbidden_in(answer.exercise.source),
        );
        trials.push(Trial::test(name, move || {
            // ORDERING: Relaxed. Counts; the trials end before `judge` reads them.
            tally.asked.fetch_add(1, Relaxed);
            judge_one(&answer, found.first())?;
            // ORDERING: Relaxed, as above.
            tally.judged.fetch_add(1, Relaxed);
            Ok(())
        }));
    }
    let mut arguments = Arguments::from_args();
    let listing = arguments.list;
    spread(&mut arguments, TRIALS_AT_ONCE);
    let conclusion = libtest_mimic::run(&arguments, trials);
    if !listing {
        println!("wrong answers rejected: {wrong}");
        println!("right answers accepted: {right}");
        println!();
    }
    conclusion.exit_code()
}

/// How many answers were judged as they must be, of those that the filter let through.
#[derive(Default)]
struct Tally {
    asked: AtomicUsize,
    judged: AtomicUsize,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // ORDERING: Relaxed. The threads that counted in `judge` have been joined.
        write!(
            f,
            "{}/{}",
            self.judged.load(Relaxed),
            self.asked.load(Relaxed)
        )
    }
}

/// In a child: runs the one grader that the command line names, and ends the process.
fn child_if_asked(source: ChapterSource, exercises: &[Exercise], limit: Duration) {
    if env::var_os(child::CHILD).is_none() {
        return;
    }
    let Some(name) = env::args().nth(2) else {
        return;
    };
    for exercise in exercises {
        for (kind, graders) in &exercise.graders {
            for grader in graders {
                if format!("{}::{kind}::{}", exercise.module, grader.name) == name {
                    child::run(*grader, source.root, limit);
                }
            }
        }
    }
}

impl Exercise {
    fn each_grader(
        &self,
    ) -> impl Iterator<Item = (&'static str, &'static str)> + '_ {
        self.graders.iter().flat_map(|(kind, list)| {
            list.iter().map(move |grader| (*kind, grader.name))
        })
    }
}

/// The last line of a failure: where to go from here.
fn help_for(exercise: &catalog::Exercise) -> String {
    format!(
        "  read {}, or ask: cargo hint {}",
        exercise.book(),
        exercise.id()
    )
}

fn imports_trial(
    exercise: &Exercise,
    found: Option<imports::Found>,
    number: String,
    told: Arc<Told>,
) -> Trial {
    let path = exercise.path;
    let name = format!("{}::imports", exercise.module);
    Trial::test(name.clone(), move || {
        let sentence = found.as_ref().map(ToString::to_string);
        let at = found.map(|found| format!("{path}:{}", found.line));
        let verdict = without_running(number, "imports".to_owned(), sentence, at);
        parent::report(&verdict);
        told.conclude(&name, &verdict, "")
    })
}

/// A grader by a model that could not follow the answer. Has failed, and says why.
fn not_run(
    exercise: &Exercise,
    lost: &imports::Found,
    number: String,
    grader: &str,
) -> Trial {
    let (module, path) = (exercise.module, exercise.path);
    let name = format!("{module}::model::{grader}");
    let grader = format!("model::{grader}");
    let (at, line) = (format!("{path}:{}", lost.line), lost.line);
    Trial::test(name, move || {
        let sentence = format!("not run: the model can't follow line {line}");
        let told = format!("{sentence}; see {module}::imports");
        parent::report(&without_running(number, grader, Some(sentence), Some(at)));
        Err(told.into())
    })
}

/// Reports a grader that is not run because the one called `hung` was still busy when its
/// time was up. Returns what to say of it.
fn skipped(exercise: String, grader: String, hung: &str) -> String {
    let sentence = format!("not run: {hung} hangs");
    parent::report(&Verdict {
        outcome: Outcome::Skipped,
        ..without_running(exercise, grader, Some(sentence.clone()), None)
    });
    sentence
}

/// The verdict on what the text alone shows; with a sentence it has failed.
fn without_running(
    exercise: String,
    grader: String,
    sentence: Option<String>,
    at: Option<String>,
) -> Verdict {
    Verdict {
        exercise,
        grader,
        outcome: match sentence {
            None => Outcome::Passed,
            Some(_) => Outcome::Failed,
        },
        sentence: sentence.unwrap_or_default(),
        at,
        threads: Vec::new(),
        report: String::new(),
        schedule: None,
        note: None,
        output: String::new(),
        ms: 0,
    }
}

/// Runs an answer under its graders until one says what the answer's role asks for.
fn judge_one(
    answer: &Answer,
    forbidden: Option<&imports::Found>,
) -> Result<(), String> {
    let exercise = &answer.exercise;
    let limit = match answer.role {
        Role::Wrong | Role::Stub => HANG_MS_WRONG,
        Role::Right => HANG_MS,
    };
    let must_say = match answer.role {
        Role::Wrong => Some(must_say(exercise)?),
        Role::Right | Role::Stub => None,
    };
    let mut said = String::new();
    if let Some(found) = forbidden {
        let sentence = found.to_string();
        match must_say {
            None => return Err(format!("imports rejects it: {sentence}")),
            Some(part) if sentence.contains(part) => return Ok(()),
            Some(_) => said.push_str(&format!("\nimports: {sentence}")),
        }
    }
    for (kind, grader) in exercise.each_grader() {
        let name = format!("{}::{kind}::{grader}", exercise.module);
        let limit = parent::limit_from_env(limit);
        let look = Look::PLAIN;
        let verdict = parent::run_in_child(&name, exercise.key, grader, limit, look);
        if verdict.passed() {
            match (answer.role, &verdict.note) {
                (Role::Right, Some(note)) => {
                    return Err(format!("{grader} passes, but: {note}"));
                }
                _ => continue,
            }
        }
        let text = verdict.to_string();
        if answer.role != Role::Right && !helps(&verdict.sentence) {
            return Err(format!(
                "{grader} fails it without a sentence that helps: {text}"
            ));
        }
        if must_say.is_none_or(|sentence| text.contains(sentence)) {
            match answer.role {
                Role::Right => return Err(format!("{grader} rejects it: {text}")),
                Role::Wrong | Role::Stub => return Ok(()),
            }
        }
        said.push_str(&format!("\n{grader}: {text}"));
    }
    match (answer.role, must_say) {
        (Role::Right, _) => Ok(()),
        (Role::Wrong, Some(sentence)) if !said.is_empty() => {
            Err(format!("rejected, but nothing says {sentence:?}:{said}"))
        }
        _ => Err(format!("every grader accepts {}", exercise.path)),
    }
}

/// Whether a sentence tells more than that two values differ.
fn helps(sentence: &str) -> bool {
    sentence.split_whitespace().count() >= 3
        && !sentence.starts_with("assertion `left ")
}

fn must_say(exercise: &Exercise) -> Result<&'static str, String> {
    exercise
        .source
        .lines()
        .next()
        .and_then(|line| {
            let by_the_model = line.strip_prefix("//! the model must say: ");
            by_the_model.or_else(|| line.strip_prefix("//! must say: "))
        })
        .map(str::trim)
        .filter(|sentence| helps(sentence))
        .ok_or_else(|| {
            format!(
                "{} must begin with `//! must say: SENTENCE`, or `//! the model must say: \
                 SENTENCE` if no real thread is needed to reject it",
                exercise.path
            )
        })
}

fn same_outside_markers(twins: &Twins) -> Result<(), String> {
    let stub =
        outside_markers(twins.stub).ok_or("the stub's edit markers do not pair")?;
    let solution = outside_markers(twins.solution)
        .ok_or("the solution's edit markers do not pair")?;
    let differing = stub.lines().zip(solution.lines()).find(|(a, b)| a != b);
    match differing {
        Some((a, b)) => Err(format!(
            "outside the edit markers the stub says\n  {a}\nand the solution\n  {b}"
        )),
        None if stub != solution => {
            Err("outside the edit markers one of stub and solution goes on"
                .to_owned())
        }
        None => Ok(()),
    }
}

/// The text with what is between each pair of markers taken out; `None` if they do not pair
/// or there are none.
fn outside_markers(text: &str) -> Option<String> {
    let mut kept = String::new();
    let (mut inside, mut pairs) = (false, 0);
    for line in text.split_inclusive('\n') {
        match line.trim() {
            EDIT_FROM if inside => return None,
            EDIT_TO if !inside => return None,
            EDIT_FROM => inside = true,
            EDIT_TO => (inside, pairs) = (false, pairs + 1),
            _ if inside => continue,
            _ => {}
        }
        kept.push_str(line);
    }
    (pairs > 0 && !inside).then_some(kept)
}

fn spread(arguments: &mut Arguments, least: usize) {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    arguments.test_threads.get_or_insert(cores.max(least));
}

fn refuse(sentence: &str) -> ExitCode {
    eprintln!("{sentence}");
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests {
    use super::*;

    const STUB: &str = "a\n// --- edit from here ---\nx\n// --- to here ---\nb\n";

    fn compare(solution: &'static str) -> Result<(), String> {
        same_outside_markers(&Twins {
            key: "e1",
            stub: STUB,
            solution,
        })
    }

    #[test]
    fn what_is_between_the_markers_may_differ() {
        let inside = "a\n// --- edit from here ---\ny\nz\n// --- to here ---\nb\n";
        assert_eq!(compare(inside), Ok(()));
    }

    #[test]
    fn what_is_outside_may_not() {
        for solution in [
            "A\n// --- edit from here ---\nx\n// --- to here ---\nb\n",
            "a\n// --- edit from here ---\nx\n// --- to here ---\nb\nc\n",
            "a\n// --- edit from here ---\nx\nb\n",
            "a\nb\n",
        ] {
            assert!(compare(solution).is_err(), "{solution}");
        }
    }

    #[test]
    fn a_bare_comparison_does_not_help() {
        assert!(!helps("assertion `left == right` failed"));
        assert!(!helps("called"));
        assert!(helps("the sum of 1..=10 is 55, but the answer returned 54"));
    }
}
