//! How does a measurement come into the book?
//!
//! Run:  cargo run -p benches --bin report -- 00_measuring      (one chapter)
//!       cargo run -p benches --bin report -- all --run         (measure and write all)
//!
//! Reads what `cargo bench --bench NN_name` left in the target folder: criterion's estimates
//! and the raw samples (`benches::raw`). Writes `book/src/measured/NN_name.md` (a table and
//! a chart for each group, each below an anchor so that the book can include it alone),
//! `NN_name.csv` (the same figures for other programs) and `NN_name.svg` (all charts).

mod chart;
mod group;
mod machine;
mod number;
mod read;
mod write;

use benches::{flags, place};
use clap::{Arg, ArgAction, Command};
use group::Group;
use std::ffi::OsString;
use std::path::Path;
use std::process::{self, ExitCode};
use std::{env, fs, io};

/// The ladder is no chapter, but is measured and shown as one.
const LADDER: &str = "ladder";

fn main() -> ExitCode {
    let command = Command::new("report")
        .about("Writes measurements into book/src/measured/.")
        .arg(
            Arg::new("chapter")
                .required(true)
                .value_name("NN_name|ladder|all")
                .help("Which measurements: a chapter's, the ladder's, or all there are"),
        )
        .arg(
            Arg::new("run")
                .long("run")
                .action(ArgAction::SetTrue)
                .help("Measure first (minutes for each chapter)"),
        );
    let usage = command.clone().render_usage();
    let flags = flags::parse(command);
    let chosen = flags
        .get_one::<String>("chapter")
        .map_or("all", String::as_str);
    let known = match chapters() {
        Ok(known) => known,
        Err(err) => return failed(&err),
    };
    let chapters: Vec<&str> = match chosen {
        "all" => known.iter().map(String::as_str).collect(),
        one if known.iter().any(|known| known == one) => vec![one],
        other => {
            let known = known.join(", ");
            eprintln!(
                "error: no chapter {other:?} is measured; there are {known}\n{usage}"
            );
            return ExitCode::from(2);
        }
    };
    let mut complete = true;
    for chapter in chapters {
        let result = match flags.get_flag("run") {
            true => measure(chapter).and_then(|()| report(chapter)),
            false => report(chapter),
        };
        if let Err(sentence) = result {
            complete = false;
            eprintln!("report: {sentence}");
        }
    }
    if complete {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn failed(sentence: &str) -> ExitCode {
    eprintln!("report: {sentence}");
    ExitCode::FAILURE
}

/// What can be measured: each bench file beside this package's manifest, and the ladder.
fn chapters() -> Result<Vec<String>, String> {
    let folder = place::root_dir().join("benches");
    let names = || -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&folder)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            let key = name.strip_suffix(".rs");
            let key =
                key.filter(|key| key.starts_with(|c: char| c.is_ascii_digit()));
            names.extend(key.map(String::from));
        }
        names.sort();
        names.push(LADDER.into());
        Ok(names)
    };
    names().map_err(|err| format!("{}: {err}", folder.display()))
}

/// The command that measures a chapter, as words after `cargo`.
fn bench_words(chapter: &str) -> Vec<&str> {
    match chapter {
        LADDER => vec!["run", "--release", "-p", "benches", "--bin", LADDER],
        chapter => vec!["bench", "--bench", chapter],
    }
}

fn bench_command(chapter: &str) -> String {
    format!("cargo {}", bench_words(chapter).join(" "))
}

fn measure(chapter: &str) -> Result<(), String> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let command = bench_command(chapter);
    eprintln!("report: {command}");
    let status = process::Command::new(cargo)
        .args(bench_words(chapter))
        .current_dir(place::root_dir())
        .status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{command}: {status}")),
        Err(err) => Err(format!("{command}: {err}")),
    }
}

fn report(chapter: &str) -> Result<(), String> {
    let command = bench_command(chapter);
    let groups = read::groups(chapter, &command)?;
    if groups.is_empty() {
        return Err(format!(
            "{chapter} has not been measured yet; run `{command}`"
        ));
    }
    for warning in read::warnings(&groups) {
        eprintln!("report: {warning}");
    }
    let machine = machine::Machine::this();
    let folder = place::measured_dir();
    let lost = lost(&folder.join(format!("{chapter}.md")), &groups);
    if !lost.is_empty() {
        return Err(format!(
            "{chapter}: the book has tables that were not measured here: {}; run \
             `{command}` without a filter, or, if they are gone for good, remove {} first",
            lost.join(", "),
            folder.join(format!("{chapter}.md")).display()
        ));
    }
    let files = [
        ("md", write::markdown(chapter, &groups, &machine)),
        ("csv", write::csv(&groups, &machine)),
        ("svg", chart::all(chapter, &groups)),
    ];
    fs::create_dir_all(&folder)
        .map_err(|err| format!("{}: {err}", folder.display()))?;
    for (extension, text) in files {
        let path = folder.join(format!("{chapter}.{extension}"));
        fs::write(&path, text)
            .map_err(|err| format!("{}: {err}", path.display()))?;
    }
    eprintln!(
        "{chapter}: {} groups into {}",
        groups.len(),
        folder.display()
    );
    Ok(())
}

/// The groups of an earlier report that this one would drop: after a bench with a filter the
/// chapter would go on, silently, without its other tables.
fn lost(earlier: &Path, groups: &[Group]) -> Vec<String> {
    let text = fs::read_to_string(earlier).unwrap_or_default();
    text.lines()
        .filter_map(|line| line.strip_prefix("<!-- ANCHOR: ")?.strip_suffix(" -->"))
        .filter(|anchor| !anchor.ends_with("_chart"))
        .filter(|anchor| groups.iter().all(|group| group.id != *anchor))
        .map(str::to_owned)
        .collect()
}
