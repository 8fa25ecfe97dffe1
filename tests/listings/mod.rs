//! Listings: what the compiler makes of a file, kept as text for the book.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// Another one may order instructions differently, and be as right.
const COMPILER: &str = "rustc 1.95.";

/// The name of each function, and its lines.
pub(crate) type Functions = BTreeMap<String, Vec<String>>;

/// Whether this is the compiler for which the listings were written. Says so if not.
pub(crate) fn is_their_compiler() -> bool {
    let version = rustc(&["--version"]).unwrap();
    let is_theirs = version.starts_with(COMPILER);
    if !is_theirs {
        eprintln!("SKIPPED: the listings are of {COMPILER}*, not {version}");
    }
    is_theirs
}

/// The functions of `source`, compiled for `target`. `None`, and a word why, if the target's
/// libraries are not here.
pub(crate) fn compiled(
    source: &str,
    target: &str,
    flags: &[&str],
) -> Option<Functions> {
    let source = at(source);
    let mut arguments = vec![
        "--crate-type=lib",
        "--edition=2024",
        "-O",
        "-Cforce-unwind-tables=no",
        "--emit=asm",
        "-o-",
        "--target",
        target,
        source.to_str().unwrap(),
    ];
    arguments.extend(flags);
    match rustc(&arguments) {
        Ok(assembly) => Some(functions(&assembly)),
        Err(complaint) if complaint.contains("can't find crate for `") => {
            eprintln!("SKIPPED {target}: first run: rustup target add {target}");
            None
        }
        Err(complaint) => panic!("{target}: {complaint}"),
    }
}

/// The text of a listing, with an anchor for each function.
pub(crate) fn listing(functions: &Functions) -> String {
    let mut listing = String::new();
    for (function, lines) in functions {
        let _ = writeln!(listing, "ANCHOR: {function}\n{function}:");
        for line in lines {
            let margin = if line.ends_with(':') { "" } else { "    " };
            let _ = writeln!(listing, "{margin}{line}");
        }
        let _ = writeln!(listing, "ANCHOR_END: {function}");
    }
    listing
}

/// Rows of cells of lines, as text in columns.
pub(crate) fn laid_out(rows: &[Vec<Vec<String>>]) -> String {
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
pub(crate) fn functions(assembly: &str) -> Functions {
    let mut functions = Functions::new();
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
        // Two functions that came out alike are one, with two names.
        let is = line.split_once(" = ");
        let is = is.or_else(|| line.trim().strip_prefix(".set ")?.split_once(", "));
        if let (None, Some((name, other))) = (&current, is) {
            functions.insert(name.to_owned(), vec![format!("is {other}")]);
        }
        let Some(function) = &current else { continue };
        let lines = functions.entry(function.clone()).or_default();
        // A comment marks a fence that is no instruction.
        let is_other = line.trim_start().starts_with(['.', '#']) && !is_label;
        if is_other || line.starts_with(|first: char| first.is_alphabetic()) {
            continue;
        }
        let words = line
            .split_whitespace()
            .map(|word| renamed(word, &mut labels));
        lines.push(words.collect::<Vec<_>>().join(" "));
    }
    functions
}

/// A word with its label numbered, and its symbol by the name that it has in the source.
fn renamed(word: &str, labels: &mut Vec<String>) -> String {
    let is_part = |c: char| c.is_alphanumeric() || "_$.".contains(c);
    let begins = [".Lanon.", "_ZN", "_RN"].map(|begin| word.find(begin));
    if let Some(start) = begins.into_iter().flatten().next() {
        let (before, symbol) = word.split_at(start);
        let after = symbol.trim_start_matches(is_part);
        let name = match begins[0] {
            Some(_) => "a_constant",
            None => name(&symbol[..symbol.len() - after.len()]),
        };
        return format!("{before}{name}{}", after.replace("@GOTPCREL", ""));
    }
    let Some(label) = word.strip_prefix(".L") else {
        return word.replace("@GOTPCREL", "").replace('"', "");
    };
    let name = label.trim_end_matches([':', ',']);
    let known = labels.iter().position(|label| label == name);
    let number = known.unwrap_or_else(|| {
        labels.push(name.to_owned());
        labels.len() - 1
    });
    format!(".L{}{}", number + 1, &label[name.len()..])
}

/// The last part of the path that a symbol stands for. In a symbol each part has its length
/// before it. A hash comes after `Cs`, a number that stands for parts already named after
/// `B`, both up to a `_`; or a hash is the last part.
fn name(symbol: &str) -> &str {
    let mut parts: Vec<&str> = Vec::new();
    let mut rest = symbol;
    while !rest.is_empty() {
        let other = rest.strip_prefix("Cs").or_else(|| rest.strip_prefix('B'));
        if let Some((_, after)) = other.and_then(|it| it.split_once('_')) {
            rest = after;
            continue;
        }
        let after = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let length = rest[..rest.len() - after.len()].parse().unwrap_or(0);
        match after.get(..length) {
            Some(part) if length > 0 => {
                parts.push(part.split('$').next().unwrap_or(part));
                rest = &after[length..];
            }
            _ => rest = &rest[1..],
        }
    }
    let is_hash = |part: &&str| part.len() == 17 && part.starts_with('h');
    parts.retain(|part| !is_hash(part));
    parts.last().copied().unwrap_or(symbol)
}

/// Compares a file with what it should be, or writes it.
pub(crate) fn keep(path: &str, text: &str) {
    let file = at(path);
    if env::var_os("THREADBARE_WRITE").is_some() {
        return fs::write(file, text).unwrap();
    }
    let written = fs::read_to_string(file).unwrap();
    assert_eq!(written, text, "{path} is out of date");
}

fn rustc(arguments: &[&str]) -> Result<String, String> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).args(arguments).output().unwrap();
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(String::from_utf8(output.stdout).unwrap())
}

pub(crate) fn at(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}
