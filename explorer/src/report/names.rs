//! What a location is called: the name that the reader's source gives it.
//!
//! An atomic does not know in which variable or field it is kept. But the place where it
//! was made is known, and the source says the rest:
//!
//! ```text
//! let flag = AtomicBool::new(false);                  flag
//! let lock = Arc::new(Spin { state: AtomicU32::new(0) });   state
//! static READY: Static<AtomicBool> =
//!     Static::new(|| AtomicBool::new(false));         READY
//! ```
//!
//! The file is read when a report is written, so a run costs nothing.

use std::cell::RefCell;
use std::collections::HashMap;
use std::env;
use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::execution::Site;

/// How many lines above a call the beginning of its statement is looked for.
const LINES_UP: usize = 6;

/// How many lines above a constructor its `impl` is looked for.
const IMPL_UP: usize = 60;

/// A line of the source, as the compiler counts it.
type Place = (&'static str, u32, u32);

thread_local! {
    /// What was found before: a report asks for the same few names again and again.
    static FOUND: RefCell<HashMap<Place, Vec<String>>> = RefCell::default();
}

/// The name of what was made at `site`, if the source tells, as the `nth` that was made
/// there.
pub(crate) fn name_at(site: Site, nth: usize) -> Option<String> {
    let place = (site.file(), site.line(), site.column());
    let known = FOUND.with_borrow(|found| found.get(&place).cloned());
    let names = known.unwrap_or_else(|| {
        let (file, line, column) = place;
        let source = read(file).unwrap_or_default();
        let names = names_in(&source, line as usize, column as usize);
        FOUND.with_borrow_mut(|found| found.insert(place, names.clone()));
        names
    });
    // One place makes several things if it is a derived `Default`: a field each.
    names.get(nth % names.len().max(1)).cloned()
}

/// The compiler knows a file from the top of the workspace, and a test runs in its package:
/// so the file is looked for in the working directory and in those above it.
fn read(file: &str) -> Option<String> {
    let here = env::current_dir().ok()?;
    here.ancestors()
        .find_map(|folder| fs::read_to_string(folder.join(file)).ok())
}

/// A path, with a line behind it or not, as a reader writes it: from the top of the
/// workspace, and without a `..` on the way.
pub(crate) fn from_top(path: &str) -> String {
    let here = env::current_dir().unwrap_or_default();
    let top = here
        .ancestors()
        .find(|folder| folder.join("Cargo.lock").is_file());
    below(path, top)
}

fn below(path: &str, top: Option<&Path>) -> String {
    let mut short = PathBuf::new();
    for part in Path::new(path).components() {
        let back = part == Component::ParentDir;
        if !(back && short.file_name().is_some() && short.pop()) {
            short.push(part);
        }
    }
    let inside = top.and_then(|top| short.strip_prefix(top).ok());
    inside.unwrap_or(&short).display().to_string()
}

/// The names of what is made by the call at `line` and `column`, both from 1. Several for
/// a derived `Default`, which makes all fields of a struct at its own place.
fn names_in(source: &str, line: usize, column: usize) -> Vec<String> {
    let lines: Vec<&str> = source.lines().collect();
    let Some(own) = line.checked_sub(1).and_then(|index| lines.get(index)) else {
        return Vec::new();
    };
    // Columns count characters.
    let split = own.char_indices().nth(column.saturating_sub(1));
    let (before, after) = own.split_at(split.map_or(own.len(), |(at, _)| at));
    if before.contains("derive(") && after.starts_with("Default") {
        return fields(&lines[line..]);
    }
    name_in(&lines, line - 1, before).into_iter().collect()
}

/// Types that a report knows by name.
const NAMED: [&str; 8] = [
    "Atomic",
    "Mutex",
    "Condvar",
    "RwLock",
    "Arc",
    "UnsafeCell",
    "Once",
    "WakeCell",
];

/// The fields of the struct that begins below an attribute, as far as reports name them.
fn fields(lines: &[&str]) -> Vec<String> {
    let lines = lines.iter().map(|line| without_comment(line).trim());
    let body = lines.skip_while(|line| !line.contains('{')).skip(1);
    body.take_while(|line| !line.starts_with('}'))
        .filter(|line| {
            let kind = line.split_once(": ").map_or("", |(_, kind)| kind.trim());
            let kind = kind.split('<').next().unwrap_or_default();
            let kind = kind.rsplit("::").next().unwrap_or_default();
            NAMED.iter().any(|named| kind.starts_with(named))
        })
        .filter_map(declared_field)
        .collect()
}

/// The name of what is made in the line at `index`, behind `before`.
fn name_in(lines: &[&str], index: usize, before: &str) -> Option<String> {
    let mut before = without_comment(before).to_owned();
    for up in 0..=LINES_UP {
        match owner(&before) {
            Owner::Name(name) => return Some(name),
            Owner::TupleStruct => return type_name(lines, index - up),
            Owner::Unknown => return None,
            Owner::LineAbove => {}
        }
        let above = lines.get(index.checked_sub(up + 1)?)?;
        before = format!("{} {before}", without_comment(above).trim_end());
    }
    None
}

/// Who keeps what is made right behind the end of a text.
#[derive(Debug, PartialEq, Eq)]
enum Owner {
    Name(String),
    /// `Self(`: the type's own name says most.
    TupleStruct,
    /// The statement begins further up.
    LineAbove,
    Unknown,
}

/// Goes backwards through what is wrapped around a call (`Arc::new(`, `[`, `|_|`) to the
/// variable or field that it is for.
fn owner(before: &str) -> Owner {
    let mut text = before.trim_end();
    loop {
        if text.is_empty() {
            return Owner::LineAbove;
        }
        // `name: ` but not `path::`.
        if let Some(rest) = text.strip_suffix(':') {
            return match last_word(rest) {
                Some(word) if !rest.ends_with(':') => Owner::Name(word.to_owned()),
                _ => Owner::Unknown,
            };
        }
        if let Some(left) = text.strip_suffix('=') {
            if left.ends_with(['=', '!', '<', '>']) {
                return Owner::Unknown;
            }
            return assigned(left);
        }
        // `|| ` or `|_| ` of a closure.
        if let Some(rest) = text.strip_suffix('|') {
            let Some(start) = rest.rfind('|') else {
                return Owner::Unknown;
            };
            text = without_word(&rest[..start], "move");
            continue;
        }
        if let Some(rest) = text.strip_suffix(',') {
            // An earlier element of a list: the list's own name, and a number.
            let Some(open) = opening(rest) else {
                return Owner::LineAbove;
            };
            text = rest[..=open].trim_end();
            continue;
        }
        if let Some(rest) = text.strip_suffix(['(', '[', '{']) {
            let path = rest
                .trim_end_matches(|c: char| {
                    c.is_alphanumeric() || "_:<>&!'.".contains(c)
                })
                .len();
            if text.ends_with('(') && rest[path..] == *"Self" {
                return Owner::TupleStruct;
            }
            text = rest[..path].trim_end();
            continue;
        }
        // `(0..4)` of `(0..4).map(`.
        if let Some(rest) = text.strip_suffix([')', ']']) {
            let Some(open) = opening(rest) else {
                return Owner::LineAbove;
            };
            text = text[..open].trim_end_matches(is_word).trim_end();
            continue;
        }
        if let Some(rest) = text.strip_suffix(['&', '*']) {
            text = rest.trim_end();
            continue;
        }
        return Owner::Unknown;
    }
}

/// The variable, static or field on the left of `=`.
fn assigned(left: &str) -> Owner {
    // Not the `;` in `[T; 4]`.
    let mut depth = 0;
    let start = left.rfind(|c| {
        depth +=
            i32::from(matches!(c, ')' | ']')) - i32::from(matches!(c, '(' | '['));
        depth < 0 || depth == 0 && matches!(c, ';' | '{' | '}')
    });
    let statement = start.map_or(left, |at| &left[at + 1..]);
    let statement = statement.trim();
    for keyword in ["let", "static", "const"] {
        let Some(at) = find_word(statement, keyword) else {
            continue;
        };
        let rest = statement[at + keyword.len()..].trim_start();
        let rest = rest.strip_prefix("mut ").unwrap_or(rest);
        // Of `(sender, receiver)` the last.
        let pattern = rest
            .strip_prefix('(')
            .and_then(|rest| rest.split(')').next());
        let word = match pattern {
            Some(pattern) => last_word(pattern),
            None => first_word(rest),
        };
        return match word {
            Some(word) => Owner::Name(word.to_owned()),
            None => Owner::Unknown,
        };
    }
    if statement.is_empty() {
        return Owner::LineAbove;
    }
    match last_word(statement) {
        Some(word) => Owner::Name(word.to_owned()),
        None => Owner::Unknown,
    }
}

/// `state` for `pub(crate) state: AtomicU32,`.
fn declared_field(text: &str) -> Option<String> {
    let mut text = text.trim_start();
    if let Some(rest) = text.strip_prefix("pub") {
        text = rest.trim_start();
        if let Some(rest) = text.strip_prefix('(') {
            text = rest.split_once(')')?.1.trim_start();
        }
    }
    let word = first_word(text)?;
    let rest = text[word.len()..].trim_start();
    (rest.starts_with(':') && !rest.starts_with("::")).then(|| word.to_owned())
}

/// `spin_lock` in `impl<T> SpinLock<T> {`, the nearest above.
fn type_name(lines: &[&str], index: usize) -> Option<String> {
    let above = lines[..=index].iter().rev().take(IMPL_UP);
    let line = above
        .map(|line| line.trim_start())
        .find(|line| line.starts_with("impl"))?;
    let mut head = line.strip_prefix("impl")?;
    if head.starts_with('<') {
        let (mut depth, mut before) = (0, ' ');
        let end = head.find(|c| {
            // The arrow of `Fn() -> T` closes nothing.
            let closes = c == '>' && before != '-';
            depth += i32::from(c == '<') - i32::from(closes);
            before = c;
            depth == 0
        })?;
        head = &head[end + 1..];
    }
    let of = find_word(head, "for").map_or(head, |at| &head[at + 3..]);
    let name = first_word(of.trim_start())?;
    let mut snake = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
    }
    Some(snake)
}

/// Where the bracket opens that is not closed in `text`.
fn opening(text: &str) -> Option<usize> {
    let mut depth = 0;
    text.rfind(|c| {
        match c {
            ')' | ']' | '}' => depth += 1,
            '(' | '[' | '{' => depth -= 1,
            _ => {}
        }
        depth < 0
    })
}

fn without_comment(line: &str) -> &str {
    line.split("//").next().unwrap_or(line)
}

fn without_word<'a>(text: &'a str, word: &str) -> &'a str {
    let text = text.trim_end();
    text.strip_suffix(word).map_or(text, str::trim_end)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn first_word(text: &str) -> Option<&str> {
    let end = text.find(|c| !is_word(c)).unwrap_or(text.len());
    (end > 0).then(|| &text[..end])
}

fn last_word(text: &str) -> Option<&str> {
    let text = text.trim_end();
    let start = text.rfind(|c| !is_word(c)).map_or(0, |at| at + 1);
    (start < text.len()).then(|| &text[start..])
}

/// Where `word` stands by itself in `text`.
fn find_word(text: &str, word: &str) -> Option<usize> {
    text.match_indices(word).map(|(at, _)| at).find(|&at| {
        !text[..at].ends_with(is_word)
            && !text[at + word.len()..].starts_with(is_word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where `^` stands, the call begins; the mark itself is no part of the source.
    fn name(marked: &str) -> Option<String> {
        let at = marked.find('^').expect("a mark");
        let source = marked.replace('^', "");
        let above = &source[..at];
        let line = above.matches('\n').count() + 1;
        let column = above.rsplit('\n').next().unwrap().chars().count() + 1;
        names_in(&source, line, column).first().cloned()
    }

    #[test]
    fn variables_fields_and_statics_give_their_names() {
        for (source, right) in [
            ("let flag = ^AtomicBool::new(false);", "flag"),
            ("    let mut x: AtomicU32 = ^AtomicU32::new(0);", "x"),
            ("let a = 1; let b = ^AtomicU32::new(0);", "b"),
            ("let flag = Arc::new(^AtomicBool::new(false));", "flag"),
            (
                "let lock = Arc::new(Spin { state: ^AtomicU32::new(0) });",
                "state",
            ),
            (
                "let s = Spin { held: x, state: ^AtomicU32::new(0) };",
                "state",
            ),
            ("            state: ^AtomicU32::new(0),", "state"),
            (
                "            state: CachePadded::new(^AtomicU32::new(0)),",
                "state",
            ),
            (
                "let s = Arc::new(sync::Mutex::<u32>::new(^x::new(0)));",
                "s",
            ),
            (
                "static READY: AtomicBool = ^AtomicBool::new(false);",
                "READY",
            ),
            ("pub static R: Static<A> = Static::new(|| ^A::new(0));", "R"),
            (
                "static R: Static<A> =\n    Static::new(|| ^A::new(0));",
                "R",
            ),
            ("let r = Arc::new(\n    // why\n    ^A::new(0),\n);", "r"),
            (
                "let slots: [A; 4] = std::array::from_fn(|_| ^A::new(0));",
                "slots",
            ),
            ("let slots = [^A::new(0), A::new(0)];", "slots"),
            ("let slots = [A::new(0), ^A::new(0)];", "slots"),
            ("let all = (0..4).map(|_| ^A::new(0)).collect();", "all"),
            ("self.state = ^A::new(0);", "state"),
            ("let x = &^A::new(0);", "x"),
            ("let (sender, mut receiver) = ^channel();", "receiver"),
        ] {
            assert_eq!(name(source).as_deref(), Some(right), "{source}");
        }
    }

    #[test]
    fn a_derived_default_is_called_as_its_field() {
        let text = "#[derive(Debug, Default)]\nstruct S<T> {\n    /// A: Mutex.\n    \
                    pub(crate) word: AtomicU32,\n    other: u32,\n    \
                    list: sync::Mutex<Vec<T>>,\n}\nstruct T {\n    no: Mutex<u32>,\n}";
        assert_eq!(names_in(text, 1, 17), ["word", "list"]);
    }

    #[test]
    fn a_tuple_struct_is_called_as_its_type() {
        let text = "impl<T: Fn(u32) -> T> SpinLock<T> {\n    fn new() -> Self {\n        \
                    Self(^AtomicU32::new(0))";
        assert_eq!(name(text).as_deref(), Some("spin_lock"));
        let text =
            "impl Default for Ring {\n    fn default() -> Self { Self(^A::new(0)) }";
        assert_eq!(name(text).as_deref(), Some("ring"));
    }

    #[test]
    fn what_has_no_name_has_none() {
        for source in [
            "^AtomicU32::new(0)",
            "if x == ^AtomicU32::new(0) {",
            "return ^AtomicU32::new(0)",
        ] {
            assert_eq!(name(source), None, "{source}");
        }
        assert!(names_in("one line", 7, 1).is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn a_path_is_shown_from_the_top() {
        let top = Some(Path::new("/home/me/threadbare"));
        for (path, right) in [
            ("src/lib.rs:3", "src/lib.rs:3"),
            (
                "tests/e1/../common/follow.rs:15",
                "tests/common/follow.rs:15",
            ),
            ("a/src/../../../b.rs:1", "../b.rs:1"),
            ("/home/me/threadbare/a/../b.rs:1", "b.rs:1"),
            ("/home/you/b.rs:1", "/home/you/b.rs:1"),
        ] {
            assert_eq!(below(path, top), right);
        }
    }

    #[test]
    fn this_very_file_is_found() {
        let place = std::panic::Location::caller();
        assert_eq!(name_at(place, 7).as_deref(), Some("place"));
    }
}
