//! Property: the assembly that chapter 03 shows is what this compiler makes of
//! `book/src/03_atomics/listings/orderings.rs`, for x86-64 and for AArch64.
//!
//! `THREADBARE_WRITE=1 cargo test --test 03_the_listings_are_what_the_compiler_makes` writes
//! the listings anew, and in a second run the tables that are made of them.
//!
//! It needs the compiler for which they were written, and of each target the core library:
//! `rustup target add aarch64-unknown-linux-gnu`. Where one is missing it says SKIPPED.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

const FOLDER: &str = "book/src/03_atomics/listings";
/// Another one may order instructions differently, and be as right.
const COMPILER: &str = "rustc 1.95.";

/// A listing: its file, the target, and what else the compiler is told.
const LISTINGS: [(&str, &str, &str); 3] = [
    (
        "x86_64",
        "x86_64-unknown-linux-gnu",
        "-Cllvm-args=-x86-asm-syntax=intel",
    ),
    // With the atomic instructions of version 8.1, which all but the oldest have.
    (
        "aarch64",
        "aarch64-unknown-linux-gnu",
        "-Ctarget-feature=+lse",
    ),
    // Without them, and without the function that finds out at run time.
    (
        "aarch64_8_0",
        "aarch64-unknown-linux-gnu",
        "-Ctarget-feature=-outline-atomics",
    ),
];

/// The tables: their anchor, the functions, and of which listings.
const TABLES: [(&str, &[&str], &[&str]); 7] = [
    (
        "loads",
        &["load_relaxed", "load_acquire", "load_seqcst"],
        &["x86_64", "aarch64"],
    ),
    (
        "stores",
        &["store_relaxed", "store_release", "store_seqcst"],
        &["x86_64", "aarch64"],
    ),
    (
        "updates",
        &["fetch_add_relaxed", "fetch_add_seqcst", "exchange_acquire"],
        &["x86_64", "aarch64"],
    ),
    (
        "updates_before_8_1",
        &["fetch_add_relaxed", "fetch_add_seqcst"],
        &["aarch64", "aarch64_8_0"],
    ),
    (
        "fences",
        &["fence_acquire", "fence_release", "fence_seqcst"],
        &["x86_64", "aarch64"],
    ),
    (
        "waiting",
        &["wait_plain", "wait_atomic"],
        &["x86_64", "aarch64"],
    ),
    (
        "merging",
        &["progress_plain", "progress_atomic"],
        &["x86_64", "aarch64"],
    ),
];

#[test]
fn the_listings_are_what_the_compiler_makes() {
    let version = rustc(&["--version"]).unwrap();
    if !version.starts_with(COMPILER) {
        return eprintln!("SKIPPED: the listings are of {COMPILER}*, not {version}");
    }
    for (name, target, flag) in LISTINGS {
        let source = at(&format!("{FOLDER}/orderings.rs"));
        let arguments = [
            "--crate-type=lib",
            "--edition=2024",
            "-O",
            "-Cforce-unwind-tables=no",
            "--emit=asm",
            "-o-",
            "--target",
            target,
            flag,
            source.to_str().unwrap(),
        ];
        let assembly = match rustc(&arguments) {
            Ok(assembly) => assembly,
            Err(complaint) if complaint.contains("can't find crate for `core`") => {
                eprintln!("SKIPPED {name}: first run: rustup target add {target}");
                continue;
            }
            Err(complaint) => panic!("{name}: {complaint}"),
        };
        let mut listing = String::new();
        for (function, lines) in functions(&assembly) {
            let _ = writeln!(listing, "ANCHOR: {function}\n{function}:");
            for line in lines {
                let margin = if line.ends_with(':') { "" } else { "    " };
                let _ = writeln!(listing, "{margin}{line}");
            }
            let _ = writeln!(listing, "ANCHOR_END: {function}");
        }
        keep(&format!("{name}.txt"), &listing);
    }
}

#[test]
fn the_tables_are_made_of_the_listings() {
    let listings: BTreeMap<&str, BTreeMap<String, Vec<String>>> = LISTINGS
        .iter()
        .map(|&(name, ..)| {
            let path = at(&format!("{FOLDER}/{name}.txt"));
            let text = fs::read_to_string(path).unwrap();
            (name, functions(&text))
        })
        .collect();
    let mut tables = String::new();
    for (anchor, names, columns) in TABLES {
        let mut rows = vec![vec![vec![String::new()]]];
        rows[0].extend(columns.iter().map(|column| vec![title(column).into()]));
        for name in names {
            let mut row = vec![vec![(*name).to_owned()]];
            row.extend(
                columns
                    .iter()
                    .map(|listing| cell(&listings[listing][*name])),
            );
            rows.push(row);
        }
        let _ = writeln!(tables, "ANCHOR: {anchor}");
        tables += &laid_out(&rows);
        let _ = writeln!(tables, "ANCHOR_END: {anchor}");
    }
    keep("side_by_side.txt", &tables);
}

fn title(listing: &str) -> &str {
    match listing {
        "x86_64" => "x86-64",
        "aarch64" => "AArch64",
        _ => "AArch64 before version 8.1",
    }
}

/// A function's instructions, without the `ret` at the end if there is no other way out.
fn cell(lines: &[String]) -> Vec<String> {
    let mut lines = lines.to_vec();
    if !lines.iter().any(|line| line.ends_with(':')) {
        assert_eq!(lines.pop().as_deref(), Some("ret"));
    }
    if lines.is_empty() {
        lines.push("no instruction".to_owned());
    }
    lines
}

/// Rows of cells of lines, as text in columns.
fn laid_out(rows: &[Vec<Vec<String>>]) -> String {
    let width = |column: usize| {
        let lines = rows.iter().flat_map(|row| &row[column]);
        lines.map(|line| line.len()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..rows[0].len()).map(width).collect();
    let mut text = String::new();
    let is_tall = rows.iter().flatten().any(|cell| cell.len() > 1);
    for (number, row) in rows.iter().enumerate() {
        if is_tall && number > 1 {
            text.push('\n');
        }
        let height = row.iter().map(Vec::len).max().unwrap_or(0);
        for line in 0..height {
            let mut out = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                let part = cell.get(line).map_or("", String::as_str);
                let _ = write!(out, "{part:width$}  ");
            }
            let _ = writeln!(text, "{}", out.trim_end());
        }
    }
    text
}

/// The functions of an assembly text, or of a listing: their instructions and the labels of
/// their loops, which are numbered anew in each.
fn functions(assembly: &str) -> BTreeMap<String, Vec<String>> {
    let mut functions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut current = None;
    let mut labels: Vec<String> = Vec::new();
    for line in assembly.lines() {
        let is_label = !line.starts_with(char::is_whitespace) && line.ends_with(':');
        if is_label && !line.starts_with('.') {
            current = Some(line.trim_end_matches(':').to_owned());
            labels.clear();
        }
        if line.starts_with(".Lfunc_end") {
            current = None;
        }
        let Some(function) = &current else { continue };
        let lines = functions.entry(function.clone()).or_default();
        // A comment marks a fence that is no instruction.
        let is_other = line.trim_start().starts_with(['.', '#']) && !is_label;
        if is_other || line.starts_with(|first: char| first.is_alphabetic()) {
            continue;
        }
        let words = line.split_whitespace().map(|word| {
            let Some(label) = word.strip_prefix(".L") else {
                return word.to_owned();
            };
            let (name, colon) = label
                .strip_suffix(':')
                .map_or((label, ""), |name| (name, ":"));
            let known = labels.iter().position(|label| label == name);
            let number = known.unwrap_or_else(|| {
                labels.push(name.to_owned());
                labels.len() - 1
            });
            format!(".L{}{colon}", number + 1)
        });
        lines.push(words.collect::<Vec<_>>().join(" "));
    }
    functions
}

/// Compares a file with what it should be, or writes it.
fn keep(name: &str, text: &str) {
    let path = at(&format!("{FOLDER}/{name}"));
    if env::var_os("THREADBARE_WRITE").is_some() {
        return fs::write(path, text).unwrap();
    }
    let written = fs::read_to_string(path).unwrap();
    assert_eq!(written, text, "{name} is out of date");
}

fn rustc(arguments: &[&str]) -> Result<String, String> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).args(arguments).output().unwrap();
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(String::from_utf8(output.stdout).unwrap())
}

fn at(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}
