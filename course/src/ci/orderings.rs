//! Every atomic operation carries an `ORDERING:` comment, and the partner that it names
//! exists.
//!
//! An acquire without its release is the kind of mistake that tests do not find and that
//! review does not see, because the other half stands in another file. So each
//! comment names the function that holds the other half, in backticks, and this step looks
//! it up. It reads lines, not syntax: an operation is a call of a method that atomics have,
//! with an ordering among its arguments, and its comment stands on the same line or directly
//! above the statement.

use std::collections::HashSet;
use std::fs;

use super::{Ci, Done, files, short, verdict};

/// Where readers meet atomics. Wrong answers and stubs are wrong on purpose.
const DIRS: &[&str] = &["src", "examples", "tests", "benches", "explorer/src"];

const ORDERINGS: &[&str] = &["Relaxed", "Acquire", "Release", "AcqRel", "SeqCst"];

const METHODS: &[&str] = &[
    ".load(",
    ".store(",
    ".swap(",
    ".compare_exchange(",
    ".compare_exchange_weak(",
    ".fetch_",
    "fence(",
    ".try_update(",
    ".update(",
];

/// Functions of std that a comment may name as the partner.
const STD: &[&str] = &[
    "spawn",
    "spawn_scoped",
    "spawn_unchecked",
    "join",
    "scope",
    "park",
    "park_timeout",
    "unpark",
    "drop",
    "lock",
    "unlock",
    "wait",
    "call_once",
    "get_or_init",
    "send",
    "recv",
    "main",
];

/// One operation, with the comment that stands with it.
#[derive(Debug, PartialEq)]
struct Operation {
    line: usize,
    /// The strongest of the orderings that it names.
    synchronises: bool,
    comment: Option<String>,
}

pub(super) fn run(ci: &Ci) -> Result<Done, String> {
    let mut functions: HashSet<String> =
        STD.iter().map(|s| (*s).to_owned()).collect();
    let mut sources = Vec::new();
    for path in files(&ci.root, DIRS, ".rs") {
        let text = fs::read_to_string(&path).map_err(|error| error.to_string())?;
        functions.extend(names_after(&text, "fn "));
        sources.push((short(&ci.root, &path), text));
    }
    let mut problems = Vec::new();
    let mut count = 0;
    for (file, text) in &sources {
        for operation in operations(text) {
            count += 1;
            if let Err(problem) = check(&operation, &functions) {
                problems.push(format!("{file}:{}: {problem}", operation.line));
            }
        }
    }
    verdict(&problems, format!("{count} operations"))
}

fn check(operation: &Operation, functions: &HashSet<String>) -> Result<(), String> {
    let Some(comment) = &operation.comment else {
        return Err("this atomic operation has no `ORDERING:` comment".into());
    };
    let partners = partners(comment);
    for partner in &partners {
        let name = last_name(partner);
        if !partner.starts_with("std::") && !functions.contains(name) {
            return Err(format!("it pairs with `{partner}`, which does not exist"));
        }
    }
    // "As in `other`" leads to the partner, too: any function that exists is good enough.
    let mut named = comment.split('`').skip(1).step_by(2).map(last_name);
    let named = named.any(|name| functions.contains(name));
    if operation.synchronises && partners.is_empty() && !named {
        let how = "\"pairs with ... in `name`\"";
        return Err(format!("its comment names no partner ({how})"));
    }
    Ok(())
}

/// The functions that a comment names as partners: what stands in backticks after "pairs
/// with", if it is written as a call, as a path, or after "in" or "by".
fn partners(comment: &str) -> Vec<String> {
    let mut found = Vec::new();
    let lower = comment.to_lowercase();
    let Some(start) = lower.find("pair") else {
        return found;
    };
    let mut before = "";
    for (index, piece) in comment[start..].split('`').enumerate() {
        if index % 2 == 0 {
            before = piece.trim_end();
            continue;
        }
        let name = piece.trim_end_matches("()").trim_start_matches('.');
        let last = last_name(name);
        let is_name = last.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && last.starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
        let pointed_at = [" in", " by", " of", "with", " and", " or", ","]
            .iter()
            .any(|word| before.ends_with(word));
        let called = piece.ends_with("()") || piece.contains("::");
        let in_function = before.ends_with(" in") || before.ends_with(" by");
        if is_name && (called || (pointed_at && in_function)) {
            found.push(name.to_owned());
        }
    }
    found
}

/// `push` for `Deque::push()`.
fn last_name(path: &str) -> &str {
    let path = path.trim_end_matches("()");
    path.rsplit(['.', ':']).next().unwrap_or(path)
}

/// Every atomic operation of a file, those in the examples of doc comments included.
fn operations(text: &str) -> Vec<Operation> {
    let lines: Vec<Line<'_>> = text.lines().map(Line::of).collect();
    let mut found = Vec::new();
    // In a doc comment, inside a fence that says `text`: what a program printed.
    let mut printed = false;
    for (index, line) in lines.iter().enumerate() {
        if let Some(language) = line.fence {
            printed = !printed && language.starts_with("text");
        }
        if printed && line.doc {
            continue;
        }
        let Some(method) = METHODS.iter().find_map(|m| line.code.find(m)) else {
            continue;
        };
        let arguments = arguments(&lines[index..], method);
        let named: Vec<_> = ORDERINGS
            .iter()
            .filter(|ordering| has_word(&arguments, ordering))
            .collect();
        if named.is_empty() {
            continue;
        }
        found.push(Operation {
            line: index + 1,
            synchronises: named.iter().any(|ordering| **ordering != "Relaxed"),
            comment: comment_of(&lines, index),
        });
    }
    found
}

/// A line of source, taken apart.
#[derive(Debug)]
struct Line<'a> {
    code: &'a str,
    comment: &'a str,
    /// In the text of a doc comment, where code is that of an example.
    doc: bool,
    /// What stands behind the fence that begins or ends an example.
    fence: Option<&'a str>,
}

impl<'a> Line<'a> {
    fn of(line: &'a str) -> Self {
        let line = line.trim();
        let inner = line.strip_prefix("///").or(line.strip_prefix("//!"));
        let doc = inner.is_some();
        let rest = inner.unwrap_or(line).trim();
        let rest = if doc {
            rest.strip_prefix("# ").unwrap_or(rest)
        } else {
            rest
        };
        let (code, comment) = match rest.find("//") {
            // A doc comment's prose may hold a link; code before `//` is what counts.
            Some(at) if !rest[..at].ends_with(':') => rest.split_at(at),
            _ => (rest, ""),
        };
        // Prose in a doc comment mentions methods in backticks; examples do not.
        let code = if doc && code.contains('`') { "" } else { code };
        Line {
            code: code.trim_end(),
            comment: comment.trim_start_matches('/').trim(),
            doc,
            fence: rest.strip_prefix("```").filter(|_| doc),
        }
    }

    fn is_comment(&self) -> bool {
        self.code.is_empty() && !self.comment.is_empty()
    }
}

/// The text between the parentheses that open at `from` in the first line.
fn arguments(lines: &[Line<'_>], from: usize) -> String {
    let mut depth = 0;
    let mut text = String::new();
    for (index, line) in lines.iter().take(20).enumerate() {
        let code = if index == 0 {
            &line.code[from..]
        } else {
            line.code
        };
        for c in code.chars() {
            depth += i32::from(c == '(') - i32::from(c == ')');
            text.push(c);
            if depth == 0 && c == ')' {
                return text;
            }
        }
        text.push(' ');
    }
    text
}

/// The `ORDERING:` comment on the line of the operation or above its statement.
fn comment_of(lines: &[Line<'_>], at: usize) -> Option<String> {
    let doc = lines[at].doc;
    let mut top = at;
    loop {
        if lines[top].comment.contains("ORDERING:") {
            return Some(block(lines, top));
        }
        if top == 0 || lines[top - 1].doc != doc {
            return None;
        }
        let above = &lines[top - 1];
        if above.is_comment() {
            // The whole block of comment lines belongs to the statement.
            while top > 0 && lines[top - 1].is_comment() && lines[top - 1].doc == doc
            {
                top -= 1;
                if lines[top].comment.contains("ORDERING:") {
                    return Some(block(lines, top));
                }
            }
            return None;
        }
        // A statement ends where the line above ends; its own first lines are part of it.
        let end = above.code.chars().last();
        if end.is_none_or(|c| matches!(c, ';' | '}')) {
            return None;
        }
        if end == Some('{') && !opens_value(above.code) {
            return None;
        }
        top -= 1;
    }
}

/// Whether a line that ends in `{` begins a value or a condition and not a new block of
/// statements: `while x.load(..) {` is a statement of its own, `fn f() {` is not ours.
fn opens_value(code: &str) -> bool {
    let expression = ["=", "(", "|", ",", "unsafe"];
    let head = code.trim_end_matches('{').trim_end();
    expression.iter().any(|end| head.ends_with(end))
}

fn block(lines: &[Line<'_>], from: usize) -> String {
    let mut text = lines[from].comment.to_owned();
    for line in lines[from + 1..]
        .iter()
        .take_while(|line| line.is_comment())
    {
        text.push(' ');
        text.push_str(line.comment);
    }
    text
}

fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let inside =
            |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        !inside(text[..at].chars().last())
            && !inside(text[at + word.len()..].chars().next())
    })
}

fn names_after(text: &str, keyword: &str) -> Vec<String> {
    text.match_indices(keyword)
        .map(|(at, _)| {
            text[at + keyword.len()..]
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                .collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        let functions = HashSet::from(["steal".to_owned(), "push".to_owned()]);
        operations(text)
            .iter()
            .filter_map(|operation| check(operation, &functions).err())
            .collect()
    }

    #[test]
    fn an_operation_without_a_comment_is_found() {
        let text = "fn f() {\n    tail.store(1, Release);\n}\n";
        assert_eq!(problems(text).len(), 1);
    }

    #[test]
    fn a_comment_above_a_statement_of_several_lines_counts() {
        let text = "// ORDERING: AcqRel; pairs with the load in `Deque::steal`.\n\
                    let won = top\n    .compare_exchange(\n  a,\n  b,\n AcqRel,\n Acquire,\n)\n.is_ok();\n";
        assert_eq!(problems(text), Vec::<String>::new());
        assert_eq!(operations(text).len(), 1);
    }

    #[test]
    fn a_comment_further_up_belongs_to_another_statement() {
        let text = "// ORDERING: Relaxed. A statistic.\na.load(Relaxed);\nb.load(Relaxed);\n";
        assert_eq!(problems(text).len(), 1);
    }

    #[test]
    fn a_partner_that_does_not_exist_is_found() {
        let text = "// ORDERING: Release; pairs with the Acquire load in `stael`.\nx.store(1, Release);\n";
        assert!(problems(text)[0].contains("stael"), "{:?}", problems(text));
    }

    #[test]
    fn a_release_must_name_its_partner() {
        let text =
            "// ORDERING: Release publishes the slot.\nx.store(1, Release);\n";
        assert!(problems(text)[0].contains("no partner"));
    }

    #[test]
    fn an_example_in_a_doc_comment_is_checked_and_its_prose_is_not() {
        let text = "/// Use `x.load(Acquire)` for this.\n/// ```\n/// x.store(1, Release);\n/// ```\n";
        assert_eq!(problems(text).len(), 1);
    }

    #[test]
    fn what_a_program_printed_is_left_alone() {
        let text = "//! ```text\n//! x.store(1, Release)\n//! ```\n\
                    //! ```\n//! x.store(1, Release);\n//! ```\n";
        assert_eq!(problems(text).len(), 1);
    }

    #[test]
    fn a_load_that_is_no_atomic_is_left_alone() {
        assert!(
            operations("let c = Catalog::load(root)?; disk.load(4);").is_empty()
        );
    }
}
