//! Is each ordering needed? Every one is made weaker by a step, alone, and a model must
//! fail then.
//!
//! The book shows what came of it, as tables. After a change this writes them anew; look at
//! the difference: `THREADBARE_WRITE=1 cargo test --lib atomic::weakened`

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use explorer::{Failure, Model, Weakened, weaken};

mod looks;
mod owners;
#[allow(dead_code, unreachable_pub, reason = "a stepper of chapter 03")]
#[path = "../../../explorer/models/publish_release.rs"]
mod publish_release;
mod relay;
mod types;

const BOOK: &str = "book/src/03_atomics/weakened";

/// The table of what came of weakening each ordering in `models` is the one in the book.
/// Every line must be caught, but for those that are `kept` for a reason: the row as it
/// begins, and why.
fn needed(table: &str, models: &[(&str, fn())], kept: &[(&str, &str)]) {
    let models: Vec<_> = models
        .iter()
        .map(|&(name, root)| (Model::new(name), root))
        .collect();
    let weakened = weaken(&models).unwrap_or_else(|failure| panic!("{failure}"));
    let mut found =
        "| in | operation | made weaker | caught |\n|---|---|---|---|\n".to_owned();
    let mut reasons: Vec<_> = kept.to_vec();
    let mut missed = String::new();
    let mut last = None;
    for it in &weakened {
        // A place that serves several atomics is weakened once for each.
        let place = Some((&it.used.site, it.on_failure, it.to));
        if last == place {
            continue;
        }
        last = place;
        let (function, call) = code(it);
        let row = format!("| `{function}` | `{call}` | {} |", weaker(it));
        let end = match &it.caught {
            Some(caught) => told(caught),
            None => match reasons.iter().position(|kept| row.contains(kept.0)) {
                Some(at) => format!("no: {}", reasons.swap_remove(at).1),
                None => {
                    let _ = writeln!(missed, "{it}");
                    continue;
                }
            },
        };
        let _ = writeln!(found, "{row} {end} |");
    }
    assert!(missed.is_empty(), "no model needs these:\n{missed}");
    assert!(reasons.is_empty(), "caught after all: {reasons:?}");
    let at_root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = at_root.join(BOOK).join(format!("{table}.md"));
    if env::var_os("THREADBARE_WRITE").is_some() {
        fs::write(path, found).unwrap();
        return;
    }
    let shown = fs::read_to_string(path).unwrap_or_default();
    assert_eq!(shown, found, "{BOOK}/{table}.md shows what was found once");
}

/// What it was made.
fn weaker(it: &Weakened) -> String {
    match (it.used.operation, format!("{:?}", it.to)) {
        ("fence", to) if to == "Relaxed" => "no fence".to_owned(),
        (_, to) if it.on_failure => format!("`{to}` on failure"),
        (_, to) => format!("`{to}`"),
    }
}

/// How a model failed. A sentence that names lines says little to whoever does not have the
/// file open.
fn told(caught: &Failure) -> String {
    match caught.sentence.contains(".rs:") {
        true => caught.kind.to_string(),
        false => format!("{}: {}", caught.kind, caught.sentence),
    }
}

/// The function that it is in, and the operation as it is written: `ready.store(1, Release)`.
fn code(it: &Weakened) -> (String, String) {
    let (file, line) = it.used.site.rsplit_once(':').expect("file:line");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let source = fs::read_to_string(path).unwrap_or_default();
    let lines: Vec<_> = source.lines().map(str::trim).collect();
    let line = line.parse::<usize>().unwrap() - 1;
    let function = lines[..line].iter().rev().find_map(|line| {
        let (_, name) = line.split_once("fn ")?;
        name.split(['(', '<']).next().map(str::to_owned)
    });
    // A chain of calls may begin further up, and its arguments end further down.
    let chained = |line: &&&str| line.starts_with('.');
    let above = lines[..=line].iter().rev().take_while(chained).count();
    let code = lines[line - above..].iter().take(above + 8);
    let code = code.fold(String::new(), |code, line| match line.chars().next() {
        Some('.' | ')') => code.trim_end_matches([',', ' ']).to_owned() + line,
        _ if code.ends_with('(') => code + line,
        _ => code + " " + line,
    });
    let operation = format!("{}(", it.used.operation);
    let start = code.find(&operation).unwrap_or(0);
    let of = code[..start].trim_end_matches('.');
    let is_name = |letter: char| letter.is_alphanumeric() || "_[]".contains(letter);
    let of = &of[of.rfind(|letter| !is_name(letter)).map_or(0, |at| at + 1)..];
    let mut open = 0;
    let end = code[start..].find(|letter| {
        open += i32::from(letter == '(') - i32::from(letter == ')');
        letter == ')' && open == 0
    });
    let call = &code[start..=start + end.unwrap_or(operation.len() - 1)];
    let call = match of {
        "" => call.to_owned(),
        of if of.starts_with(char::is_numeric) => {
            format!("{}.{call}", it.used.location)
        }
        of => format!("{of}.{call}"),
    };
    (function.unwrap_or_default(), call)
}

#[test]
fn a_letter_and_a_flag() {
    let publish = || {
        let ending = publish_release::model();
        assert!(!publish_release::is_bad(&ending), "{ending}");
    };
    needed("publish", &[("a letter and a flag", publish)], &[]);
}

#[test]
fn whoever_is_last_adds_up() {
    needed("relay", &[("two halves", relay::model)], &[]);
}

#[test]
fn two_that_raise_a_flag_and_look() {
    needed("looks", &[("raise, then look", looks::model)], &[]);
}

#[test]
fn the_last_owner_frees() {
    needed("owners", &[("two owners", owners::model)], &[]);
}
