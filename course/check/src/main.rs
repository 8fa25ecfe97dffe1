//! Looks at the book: its pages as they are written, as mdbook builds them, and as a real
//! browser shows them.
//!
//! Started by `cargo course ci chapters`, `links`, `spelling`, `browser` and `served`. It is a package
//! apart, so that the companion compiles quickly: see `DESIGN.md`.

mod browser;
mod chapters;
mod links;
mod page;
mod served;
mod spelling;
mod steppers;
mod twins;
mod webdriver;

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The exit status that says: a tool is missing, nothing was looked at.
const SKIPPED: u8 = 77;

/// How a check that found nothing wrong has ended.
enum Done {
    /// With what was looked at.
    Passed(String),
    /// With the tool that is missing.
    Skipped(String),
}

/// What was found, or every problem, one a line.
type Verdict = Result<Done, String>;

const USAGE: &str = "usage: course-check chapters | links | spelling | \
                     served | browser [--shots DIR]";

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let Some(root) = root() else {
        eprintln!("this is not inside the course: no folder above has a book");
        return ExitCode::FAILURE;
    };
    let verdict = match args.as_slice() {
        ["chapters"] => chapters::run(&root),
        ["links"] => links::run(&root),
        ["spelling"] => spelling::run(&root),
        ["served"] => served::run(&root),
        ["browser"] => browser::run(&root, None),
        ["browser", "--shots", dir] => browser::run(&root, Some(Path::new(dir))),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match verdict {
        Ok(Done::Passed(what)) => {
            println!("{what}");
            ExitCode::SUCCESS
        }
        Ok(Done::Skipped(why)) => {
            println!("SKIPPED: {why}");
            ExitCode::from(SKIPPED)
        }
        Err(problems) => {
            println!("{}", problems.trim_end());
            ExitCode::FAILURE
        }
    }
}

/// The nearest folder upwards that holds the book's source.
fn root() -> Option<PathBuf> {
    let here = env::current_dir().ok()?;
    here.ancestors()
        .find(|dir| dir.join("book").join("book.toml").is_file())
        .map(PathBuf::from)
}

/// Fails with all of `problems`, or passes with `what`.
fn verdict(problems: &[String], what: String) -> Verdict {
    if problems.is_empty() {
        Ok(Done::Passed(what))
    } else {
        Err(problems.join("\n"))
    }
}
