//! What a reader may do to the exercises, tried: leave them, solve them, break them, hang
//! them.
//!
//! The first half looks at `exercises/` as committed: it equals the pristine stubs, and each
//! stub fails with a sentence. The second half works in a copy below `target/ci`: one
//! exercise is solved, one loops for ever, one sleeps for ever, a whole chapter does not
//! compile - and every verdict must still be the right one, within the time that was
//! promised, while the root's `cargo test` stays green.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use grading::catalog::{Catalog, Chapter, Exercise};
use grading::report::{Outcome, Verdict};
use serde_json::Value;

use super::tools::{cargo, quiet};
use super::{Ci, Done, short, verdict};

/// From the start of the graders to the last verdict, hangs included.
const HANG_LIMIT: Duration = Duration::from_secs(20);

/// The same for `cargo course grade`, which also looks whether something must be compiled.
const GRADE_LIMIT: Duration = Duration::from_secs(30);

/// A body that never ends, and uses the processor all the while.
const ENDLESS: &str = "loop { std::hint::spin_loop() }";

/// A body that waits for what never comes. (To take a lock twice would not do: from chapter 06
/// on the locks are the course's own, which see that and say so.)
const ASLEEP: &str = "loop { super::ground::thread::park() }";

type Verdicts = BTreeMap<String, Vec<Verdict>>;

pub(super) fn run(ci: &Ci) -> Result<Done, String> {
    let catalog = Catalog::load(&ci.root).map_err(|error| error.to_string())?;
    let problems = changed(&ci.root, &catalog);
    if !problems.is_empty() {
        return verdict(&problems, String::new());
    }
    let mut problems = Vec::new();
    stubs_fail(ci, &catalog, &mut problems)?;
    in_a_copy(ci, &mut problems)?;
    let count: usize = catalog.exercises().count();
    verdict(&problems, format!("{count} exercises"))
}

/// The exercises that are not as they are handed out.
fn changed(root: &Path, catalog: &Catalog) -> Vec<String> {
    let mut problems = Vec::new();
    for exercise in catalog.exercises() {
        let (answer, stub) = (exercise.answer(), exercise.stub());
        if fs::read(root.join(&answer)).ok() != fs::read(root.join(&stub)).ok() {
            let why = "this step looks at exercises as they are handed out";
            problems.push(format!("{answer} differs from {stub}: {why}"));
        }
    }
    problems
}

/// Every exercise, untouched, fails with a sentence.
fn stubs_fail(
    ci: &Ci,
    catalog: &Catalog,
    problems: &mut Vec<String>,
) -> Result<(), String> {
    for chapter in &catalog.chapters {
        let graded = grade(ci, &ci.root, chapter)?;
        for exercise in &chapter.exercises {
            let id = exercise.id();
            let verdicts = graded.of(&id);
            let failure = verdicts.iter().find(|v| v.outcome != Outcome::Passed);
            match failure {
                None => problems.push(format!("{id}: the stub does not fail")),
                Some(failure) if !says_something(failure) => {
                    let said = &failure.sentence;
                    problems.push(format!(
                        "{id}: the stub fails without help: {said:?}"
                    ));
                }
                Some(failure) => anstream::println!("{id}: {}", failure.sentence),
            }
        }
    }
    Ok(())
}

fn says_something(failure: &Verdict) -> bool {
    let sentence = &failure.sentence;
    sentence.split_whitespace().count() >= 4 && !sentence.contains("left == right")
}

fn in_a_copy(ci: &Ci, problems: &mut Vec<String>) -> Result<(), String> {
    let copy = Copy::of(&ci.root)?;
    let catalog = Catalog::load(&copy.root).map_err(|error| error.to_string())?;
    // In one chapter an exercise loops, one sleeps, and the rest are solved. Both need
    // bodies that are still to be written, and graders on real threads: the model checker
    // knows a deadlock when it sees one, and need not wait.
    let mut plants = [ENDLESS, ASLEEP].into_iter();
    let can_hang = |exercise: &Exercise| {
        let stub = read(&copy.root.join(exercise.stub()));
        let on_real_threads = copy.root.join(exercise.graders()).join("real.rs");
        stub.is_ok_and(|stub| stub.contains("todo!(")) && on_real_threads.exists()
    };
    let mut chapters = catalog.chapters.iter().rev();
    let Some(spoiled) = chapters.find(|chapter| {
        let hanging = chapter.exercises.iter().filter(|it| can_hang(it));
        hanging.count() >= plants.len()
    }) else {
        return Ok(());
    };
    // Every other chapter no longer compiles: one of its answers is half written.
    for chapter in catalog
        .chapters
        .iter()
        .filter(|other| other.key != spoiled.key)
    {
        if let Some(exercise) = chapter.exercises.first() {
            append(&copy.root.join(exercise.answer()), "\nfn half_written( {\n")?;
        }
    }
    let mut planted = Vec::new();
    for exercise in &spoiled.exercises {
        let answer = copy.root.join(exercise.answer());
        let stub = read(&answer)?;
        let body = if can_hang(exercise) {
            plants.next()
        } else {
            None
        };
        let text = match body {
            Some(body) => {
                planted.push(exercise.id());
                plant(&stub, body)
            }
            None => read(&copy.root.join(exercise.solution()))?,
        };
        fs::write(&answer, text).map_err(|error| error.to_string())?;
    }
    let graded = grade(ci, &copy.root, spoiled)?;
    judge(spoiled, &graded, &planted, problems);
    by_the_companion(&copy, spoiled, &planted, problems)?;
    root_is_green(ci, &copy, spoiled, problems)
}

/// Holds what the graders said about the copy against what was done to it.
fn judge(
    chapter: &Chapter,
    graded: &Graded,
    planted: &[String],
    problems: &mut Vec<String>,
) {
    let seconds = graded.took.as_secs_f32();
    anstream::println!("{}: graded in {seconds:.1} s, hangs included", chapter.key);
    if graded.took > HANG_LIMIT {
        let limit = HANG_LIMIT.as_secs();
        problems.push(format!(
            "grading took {seconds:.1} s; the limit is {limit} s"
        ));
    }
    for exercise in &chapter.exercises {
        let id = exercise.id();
        let verdicts = graded.of(&id);
        if verdicts.is_empty() {
            problems.push(format!("{id}: was not graded"));
        } else if planted.contains(&id) {
            match verdicts.iter().find(|v| v.outcome == Outcome::Hung) {
                None => problems.push(format!("{id}: hangs, and no grader says so")),
                Some(hung) if !graded.text.contains(&hung.sentence) => {
                    problems.push(format!("{id}: its sentence was not printed"));
                }
                Some(hung) => anstream::println!("{id}: {}", hung.sentence),
            }
        } else if let Some(failure) = verdicts.iter().find(|v| !v.passed()) {
            let sentence = &failure.sentence;
            problems.push(format!("{id}: is solved, and fails: {sentence}"));
        }
    }
}

/// `cargo course grade` on the same copy.
fn by_the_companion(
    copy: &Copy,
    chapter: &Chapter,
    planted: &[String],
    problems: &mut Vec<String>,
) -> Result<(), String> {
    let program = env::current_exe().map_err(|error| error.to_string())?;
    let mut command = Command::new(program);
    command
        .current_dir(&copy.root)
        .args(["grade", chapter.number()]);
    command
        .env("CARGO_TARGET_DIR", copy.root.join("target"))
        .env("NO_COLOR", "1");
    let started = Instant::now();
    let (ok, text) = quiet(&mut command)?;
    let took = started.elapsed();
    anstream::println!("`grade {}`: {:.1} s", chapter.number(), took.as_secs_f32());
    if ok {
        problems.push("`cargo course grade` calls a hanging chapter solved".into());
    }
    if took > GRADE_LIMIT {
        problems.push(format!("`cargo course grade` took {took:?}"));
    }
    for exercise in &chapter.exercises {
        let id = exercise.id();
        if !text.contains(&id) {
            problems.push(format!("`cargo course grade` says nothing about {id}"));
        }
    }
    if !text.contains("not finished after") && !planted.is_empty() {
        problems.push(format!("`cargo course grade` names no hang:\n{text}"));
    }
    Ok(())
}

/// The README's test command can't turn red in the copy, whose exercises are in a bad way:
/// nothing that it compiles stands on them, and what reads them is run.
///
/// (To run all of it would take as long as the step `test`: a copy starts from nothing.)
fn root_is_green(
    ci: &Ci,
    copy: &Copy,
    spoiled: &Chapter,
    problems: &mut Vec<String>,
) -> Result<(), String> {
    let in_the_copy = |arguments: &[&str]| {
        let mut command = cargo(ci);
        command.current_dir(&copy.root);
        command.env("CARGO_TARGET_DIR", copy.root.join("target"));
        command.args(arguments);
        quiet(&mut command)
    };
    let (ok, text) =
        in_the_copy(&["metadata", "--format-version", "1", "--no-deps", "--quiet"])?;
    let found = needed_by_default(&text).filter(|_| ok);
    let Some((packages, needed)) = found else {
        return Err(format!("`cargo metadata` fails in the copy:\n{text}"));
    };
    for (package, exercise) in needed {
        problems.push(format!("{package} needs {exercise}: the root can turn red"));
    }
    let solutions = format!("sol{}", spoiled.number());
    // Their graders and stubs are in the exercises' folders; one chapter stands for all.
    let small = ["sol00", "sol01"].into_iter().find(|one| *one != solutions);
    let readers = ["course", "grading", small.unwrap_or(&solutions)];
    let mut arguments = vec!["test"];
    arguments.extend(readers.iter().flat_map(|name| ["-p", name]));
    let started = Instant::now();
    let (ok, text) = in_the_copy(&arguments)?;
    let seconds = started.elapsed().as_secs_f32();
    anstream::println!(
        "beside broken exercises: none of {packages} default packages needs one; \
         `cargo {}`: {seconds:.0} s",
        arguments.join(" ")
    );
    if !ok {
        let tail: Vec<_> = text.lines().rev().take(60).collect();
        let tail: Vec<_> = tail.into_iter().rev().collect();
        problems.push(format!("{}\nthe root is red", tail.join("\n")));
    }
    Ok(())
}

/// How many packages a bare `cargo test` covers, and which of them need a package of
/// exercises, also by way of others: from what `cargo metadata` says. An optional
/// dependency does not count, for it has to be asked for.
fn needed_by_default(metadata: &str) -> Option<(usize, Vec<(String, String)>)> {
    let line = metadata.lines().find(|line| line.starts_with('{'))?;
    let all: Value = serde_json::from_str(line).ok()?;
    let packages = all["packages"].as_array()?;
    let default = all["workspace_default_members"].as_array()?;
    let name_of = |package: &Value| package["name"].as_str().map(str::to_owned);
    let is_exercise = |name: &str| {
        name.strip_prefix("ex")
            .is_some_and(|rest| rest.parse::<u8>().is_ok())
    };
    let mut found = Vec::new();
    for member in default {
        let package = packages.iter().find(|it| it["id"] == *member)?;
        let root = name_of(package)?;
        let (mut seen, mut next) = (vec![root.clone()], vec![package]);
        while let Some(package) = next.pop() {
            for dependency in package["dependencies"].as_array()? {
                let name = name_of(dependency)?;
                let optional = dependency["optional"] == true;
                if optional || dependency["path"].is_null() || seen.contains(&name) {
                    continue;
                }
                if is_exercise(&name) {
                    found.push((root.clone(), name.clone()));
                }
                let of_that_name = |it: &&Value| it["name"] == name.as_str();
                next.extend(packages.iter().find(of_that_name));
                seen.push(name);
            }
        }
        if is_exercise(&root) {
            found.push((root.clone(), root));
        }
    }
    Some((default.len(), found))
}

/// What the graders of a chapter said.
struct Graded {
    verdicts: Verdicts,
    text: String,
    /// Without compiling.
    took: Duration,
}

impl Graded {
    fn of(&self, id: &str) -> &[Verdict] {
        self.verdicts.get(id).map_or(&[], Vec::as_slice)
    }
}

/// `cargo test -p exNN` in `root`.
///
/// A copy has a target folder of its own: cargo names what it builds by a package's place in
/// its workspace, so two checkouts that share one take each other's programs for their own.
fn grade(ci: &Ci, root: &Path, chapter: &Chapter) -> Result<Graded, String> {
    let package = chapter.package();
    let command = |rest: &[&str]| {
        let mut command = cargo(ci);
        command.current_dir(root);
        if root != ci.root {
            command.env("CARGO_TARGET_DIR", root.join("target"));
        }
        command.args(["test", "-p", &package]).args(rest);
        command
    };
    let (ok, text) = quiet(&mut command(&["--no-run"]))?;
    if !ok {
        return Err(format!("{text}\n{package} does not compile"));
    }
    let folder = root.join("target").join("ci");
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let report = folder.join(format!("{package}.jsonl"));
    let _ = fs::remove_file(&report);
    let started = Instant::now();
    let (ok, text) = quiet(command(&[]).env("THREADBARE_REPORT", &report))?;
    let took = started.elapsed();
    if ok {
        return Err(format!("`cargo test -p {package}` passes, and must not"));
    }
    let mut verdicts = Verdicts::new();
    for verdict in Verdict::read_all(&read(&report)?) {
        let id = verdict.exercise.clone();
        verdicts.entry(id).or_default().push(verdict);
    }
    Ok(Graded {
        verdicts,
        text,
        took,
    })
}

/// Puts `body` in the place of every `todo!(...)`.
fn plant(stub: &str, body: &str) -> String {
    let mut text = String::new();
    let mut rest = stub;
    while let Some(at) = rest.find("todo!(") {
        text.push_str(&rest[..at]);
        text.push_str(body);
        let mut depth = 0;
        let call = &rest[at..];
        let end = call.char_indices().find(|(_, c)| {
            depth += i32::from(*c == '(') - i32::from(*c == ')');
            *c == ')' && depth == 0
        });
        rest = end.map_or("", |(end, _)| &call[end + 1..]);
    }
    text + rest
}

/// A copy of the course whose exercises may be spoiled.
struct Copy {
    root: PathBuf,
}

impl Copy {
    /// Copies every file that git knows or would add. Files that have not changed are left
    /// alone, so that a second run compiles next to nothing.
    fn of(root: &Path) -> Result<Self, String> {
        let copy = root.join("target").join("ci").join("copy");
        let mut git = Command::new("git");
        git.current_dir(root);
        git.args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ]);
        let output = git
            .output()
            .map_err(|error| format!("git did not start: {error}"))?;
        if !output.status.success() {
            return Err("`git ls-files` fails here: is this a clone?".into());
        }
        let list = String::from_utf8_lossy(&output.stdout).into_owned();
        let names: Vec<&str> =
            list.split('\0').filter(|name| !name.is_empty()).collect();
        for old in super::files(&copy, &["."], "") {
            if !names.contains(&short(&copy, &old).as_str()) {
                let _ = fs::remove_file(old);
            }
        }
        for name in names {
            let (from, to) = (root.join(name), copy.join(name));
            let Ok(bytes) = fs::read(&from) else {
                continue; // deleted, and the deletion not yet committed
            };
            let mode = |path| fs::metadata(path).ok().map(|m| m.permissions());
            if fs::read(&to).is_ok_and(|old| old == bytes)
                && mode(&to) == mode(&from)
            {
                continue;
            }
            let folder = to.parent().unwrap_or(&copy);
            fs::create_dir_all(folder)
                // Not written: a script must stay one that can be run.
                .and_then(|()| fs::copy(&from, &to))
                .map_err(|error| format!("{}: {error}", to.display()))?;
        }
        Ok(Self { root: copy })
    }
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn append(path: &Path, text: &str) -> Result<(), String> {
    let all = read(path)? + text;
    fs::write(path, all).map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plant_replaces_whole_calls() {
        let stub = "fn f(x: u32) -> u32 { todo!(\"use {:?}\", (x, g(x))) }\nfn h() { todo!() }";
        assert_eq!(
            plant(stub, "loop {}"),
            "fn f(x: u32) -> u32 { loop {} }\nfn h() { loop {} }"
        );
    }

    #[test]
    fn whoever_needs_an_exercise_is_found() {
        let metadata = r#"{"packages": [
            {"name": "benches", "id": "b", "dependencies": [
                {"name": "ex05", "optional": true, "path": "/ex05"},
                {"name": "shared", "optional": false, "path": "/shared"},
                {"name": "ex99", "optional": false, "path": null}]},
            {"name": "shared", "id": "s", "dependencies": [
                {"name": "ex06", "optional": false, "path": "/ex06"}]},
            {"name": "sol06", "id": "l", "dependencies": []}],
            "workspace_default_members": ["b", "l"]}"#;
        let metadata = metadata.replace('\n', "");
        let needed = vec![("benches".to_owned(), "ex06".to_owned())];
        assert_eq!(needed_by_default(&metadata), Some((2, needed)));
    }
}
