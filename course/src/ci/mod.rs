//! `cargo course ci [STEP]`: what CI runs, one step at a time.
//!
//! A step is a name, a sentence, and a function. Hosted CI and `.ci/run` call the steps by
//! name, so whatever fails there can be repeated here with the same words. Each step says
//! what it looked at and how long it took; one that lacks a tool says so and is counted as
//! skipped, never as passed.
//!
//! The steps that read Markdown or HTML, or that drive a browser, live in the package
//! `course-check`, and are only started from here. So the companion itself stays light.

mod abi;
mod compile_fail;
mod examples;
mod exercises;
mod lists;
mod orderings;
mod tools;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

/// One thing that CI checks.
struct Step {
    name: &'static str,
    /// What passing means.
    about: &'static str,
    run: fn(&Ci) -> Result<Done, String>,
}

/// In the order in which `all` runs them: what fails most often and costs least comes first.
const STEPS: &[Step] = &[
    Step {
        name: "fmt",
        about: "every Rust file is formatted",
        run: tools::fmt,
    },
    Step {
        name: "orderings",
        about: "every atomic operation says why its ordering is right",
        run: orderings::run,
    },
    Step {
        name: "clippy",
        about: "no lint fires anywhere in the workspace",
        run: tools::clippy,
    },
    Step {
        name: "test",
        about: "the README's test command passes",
        run: tools::test,
    },
    Step {
        name: "doc",
        about: "the API documentation builds without a warning",
        run: tools::doc,
    },
    Step {
        name: "cross",
        about: "the library compiles for the other platforms that are installed",
        run: tools::cross,
    },
    Step {
        name: "abi",
        about: "the kqueue twin's structs and constants are those of the C headers",
        run: abi::run,
    },
    Step {
        name: "compile-fail",
        about: "what must not compile fails with exactly its error code",
        run: compile_fail::run,
    },
    Step {
        name: "examples",
        about: "every example ends by itself and prints what it promises",
        run: examples::run,
    },
    Step {
        name: "models",
        about: "the library's models hold in every order, the large ones too",
        run: tools::models,
    },
    Step {
        name: "servers",
        about: "every case passes with every number of loops and of handler threads",
        run: tools::servers,
    },
    Step {
        name: "exercises",
        about: "stubs fail with a sentence, hangs are ended, the root stays green",
        run: exercises::run,
    },
    Step {
        name: "lists",
        about: "the book's exercise lists are those of exercises.toml",
        run: lists::run,
    },
    Step {
        name: "book",
        about: "mdbook builds the book without a warning",
        run: tools::book,
    },
    Step {
        name: "chapters",
        about: "every written chapter has all its parts",
        run: |ci| tools::check(ci, "chapters"),
    },
    Step {
        name: "links",
        about: "every link and anchor inside the built book leads somewhere",
        run: |ci| tools::check(ci, "links"),
    },
    Step {
        name: "spelling",
        about: "the prose is spelled as the dictionary or book/words.txt has it",
        run: |ci| tools::check(ci, "spelling"),
    },
    Step {
        name: "browser",
        about: "the built book works in a real browser, wide and narrow",
        run: |ci| tools::check(ci, "browser"),
    },
    Step {
        name: "served",
        about: "`cargo run` serves the book, and a change to it shows in the browser",
        run: tools::served,
    },
    Step {
        name: "benches",
        about: "the benchmarks compile",
        run: tools::benches,
    },
    Step {
        name: "peers",
        about: "loom and the explorer agree on the primitives, or it is known why not",
        run: tools::peers,
    },
    Step {
        name: "size",
        about: "what `cargo fetch` downloads stays under its limit",
        run: tools::size,
    },
];

/// How a step that did not fail has ended.
enum Done {
    /// With one line that says what was looked at.
    Passed(String),
    /// With the reason why nothing was looked at.
    Skipped(String),
}

/// What every step gets to know.
struct Ci {
    /// The folder that holds the workspace.
    root: PathBuf,
    /// Whether the step may write what it would otherwise check.
    write: bool,
}

/// Runs one step, or `all` of them in order; without a name it lists them.
pub(crate) fn run(step: Option<&str>, write: bool, root: &Path) -> ExitCode {
    let ci = Ci {
        root: root.to_path_buf(),
        write,
    };
    match step {
        None => {
            list();
            ExitCode::SUCCESS
        }
        Some("all") => all(&ci),
        Some(name) => match STEPS.iter().find(|step| step.name == name) {
            Some(step) if run_one(step, &ci).failed() => ExitCode::FAILURE,
            Some(_) => ExitCode::SUCCESS,
            None => {
                anstream::eprintln!(
                    "there is no step `{name}`; these are the steps:"
                );
                list();
                ExitCode::from(2)
            }
        },
    }
}

fn list() {
    for step in STEPS {
        anstream::println!("  {:<13} {}", step.name, step.about);
    }
    anstream::println!("  {:<13} all of them, in this order", "all");
}

fn all(ci: &Ci) -> ExitCode {
    let started = Instant::now();
    let ends: Vec<_> = STEPS.iter().map(|step| run_one(step, ci)).collect();
    let failed: Vec<_> = (STEPS.iter().zip(&ends))
        .filter(|(_, end)| end.failed())
        .map(|(step, _)| step.name)
        .collect();
    let skipped = ends.iter().filter(|end| end.skipped()).count();
    let seconds = started.elapsed().as_secs_f32();
    anstream::println!(
        "ci: {} steps in {seconds:.0} s, {skipped} skipped, failed: {}",
        STEPS.len(),
        if failed.is_empty() {
            "none".to_owned()
        } else {
            failed.join(", ")
        }
    );
    ExitCode::from(u8::from(!failed.is_empty()))
}

type End = Result<Done, String>;

trait Ended {
    fn failed(&self) -> bool;
    fn skipped(&self) -> bool;
}

impl Ended for End {
    fn failed(&self) -> bool {
        self.is_err()
    }
    fn skipped(&self) -> bool {
        matches!(self, Ok(Done::Skipped(_)))
    }
}

fn run_one(step: &Step, ci: &Ci) -> End {
    let bold = anstyle::Style::new().bold();
    anstream::println!("{bold}ci {}{bold:#}: {}", step.name, step.about);
    let started = Instant::now();
    let end = (step.run)(ci);
    let seconds = started.elapsed().as_secs_f32();
    let name = step.name;
    match &end {
        Ok(Done::Passed(what)) => {
            anstream::println!("ci {name}: passed in {seconds:.1} s: {what}");
        }
        Ok(Done::Skipped(why)) => {
            anstream::println!("ci {name}: SKIPPED after {seconds:.1} s: {why}");
        }
        Err(why) => {
            let why = why.trim_end();
            anstream::println!("{why}\nci {name}: FAILED after {seconds:.1} s");
        }
    }
    end
}

/// The files below `dirs` whose names end in `suffix`, sorted; `target` is left out.
fn files(root: &Path, dirs: &[&str], suffix: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut todo: Vec<_> = dirs.iter().map(|dir| root.join(dir)).collect();
    while let Some(dir) = todo.pop() {
        let Ok(entries) = dir.read_dir() else {
            continue;
        };
        for entry in entries.flatten() {
            let path = entry.path();
            let name = entry.file_name();
            if path.is_dir() && name != "target" && name != ".git" {
                todo.push(path);
            } else if name.to_string_lossy().ends_with(suffix) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// `path` as a reader of the repository would write it.
fn short(root: &Path, path: &Path) -> String {
    let path = path.strip_prefix(root).unwrap_or(path);
    path.to_string_lossy().replace('\\', "/")
}

/// Fails with all of `problems`, one a line, or passes with `what`.
fn verdict(problems: &[String], what: String) -> Result<Done, String> {
    if problems.is_empty() {
        Ok(Done::Passed(what))
    } else {
        Err(problems.join("\n"))
    }
}
