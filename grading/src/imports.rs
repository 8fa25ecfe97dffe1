//! Finds `std::sync`, `std::thread` and `std::cell` in an answer, and says what to import
//! instead.
//!
//! An answer that reaches past the ground can't be seen by the model checker, so its grade
//! would mean nothing. And where an exercise is to be solved without a lock, one that takes
//! a lock is another exercise's answer.

use std::fmt;

/// Something that an answer may not use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The line, counted from 1.
    pub line: usize,
    /// `std::sync`, `std::thread`, `std::cell` or `static mut`; or, as `Mutex`, a lock.
    pub path: String,
    /// Whether it goes past the ground, so that graders can't follow.
    pub past_the_ground: bool,
}

/// What waits for others, or makes others wait. Of the ground, too.
const LOCKS: [&str; 7] = [
    "Mutex", "RwLock", "Condvar", "Barrier", "OnceLock", "LazyLock", "mpsc",
];

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = &self.path;
        if !self.past_the_ground {
            return write!(
                f,
                "line {} uses {path}: what is asked for here waits for no lock",
                self.line
            );
        }
        let instead = match path.as_str() {
            "std::thread" | "core::thread" => "super::ground::thread",
            "std::cell" | "core::cell" => "super::ground::cell",
            "static mut" => "an atomic, or super::ground::cell",
            _ => "super::ground::sync, or super::ground::atomic for atomics",
        };
        write!(
            f,
            "line {} uses {path}, which graders can't follow: use {instead}",
            self.line
        )
    }
}

/// The places where `source` names a lock in code; comments and strings do not count.
pub fn scan_for_locks(source: &str) -> Vec<Found> {
    let tokens = tokens(source).into_iter();
    tokens
        .filter(|token| LOCKS.contains(&token.text))
        .map(|token| Found {
            line: token.line,
            path: token.text.to_owned(),
            past_the_ground: false,
        })
        .collect()
}

/// The places where `source` goes past the ground in code: `std::sync`, `std::thread`,
/// `std::cell`, and `static mut`. Comments and strings do not count.
pub fn scan(source: &str) -> Vec<Found> {
    let tokens = tokens(source);
    let mut found = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let root = token.text;
        // The lifetime in `&'static mut` is another thing.
        let lifetime = index > 0 && tokens[index - 1].text == "'";
        let next = tokens.get(index + 1).map(|token| token.text);
        if root == "static" && next == Some("mut") && !lifetime {
            found.push(Found {
                line: token.line,
                path: "static mut".to_owned(),
                past_the_ground: true,
            });
        }
        if !matches!(root, "std" | "core") || !followed_by_path(&tokens[index + 1..])
        {
            continue;
        }
        let rest = &tokens[index + 3..];
        let mut check = |token: &Token<'_>| {
            if matches!(token.text, "sync" | "thread" | "cell") {
                let path = format!("{root}::{}", token.text);
                found.push(Found {
                    line: token.line,
                    path,
                    past_the_ground: true,
                });
            }
        };
        match rest.first() {
            // `use std::{sync::Arc, thread}`: the first word of each branch.
            Some(brace) if brace.text == "{" => {
                let mut depth = 0;
                let mut branch_starts = false;
                for token in rest {
                    match token.text {
                        "{" => {
                            depth += 1;
                            branch_starts = depth == 1;
                        }
                        "}" => {
                            depth -= 1;
                            if depth == 0 {
                                break;
                            }
                        }
                        "," => branch_starts = depth == 1,
                        _ => {
                            if branch_starts {
                                check(token);
                            }
                            branch_starts = false;
                        }
                    }
                }
            }
            Some(word) => check(word),
            None => {}
        }
    }
    found
}

fn followed_by_path(tokens: &[Token<'_>]) -> bool {
    matches!(tokens, [a, b, ..] if a.text == ":" && b.text == ":")
}

#[derive(Debug)]
struct Token<'a> {
    text: &'a str,
    line: usize,
}

/// Words and single punctuation marks; comments, strings and character literals left out.
fn tokens(source: &str) -> Vec<Token<'_>> {
    let bytes = source.as_bytes();
    let mut tokens = Vec::new();
    let (mut at, mut line) = (0, 1);
    while at < bytes.len() {
        let start = at;
        match bytes[at] {
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                while at < bytes.len() && bytes[at] != b'\n' {
                    at += 1;
                }
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                let mut depth = 0;
                while at < bytes.len() {
                    if bytes[at..].starts_with(b"/*") {
                        depth += 1;
                        at += 2;
                    } else if bytes[at..].starts_with(b"*/") {
                        depth -= 1;
                        at += 2;
                        if depth == 0 {
                            break;
                        }
                    } else {
                        at += 1;
                    }
                }
            }
            b'r' if raw_string_hashes(&bytes[at + 1..]).is_some() => {
                let hashes = raw_string_hashes(&bytes[at + 1..]).unwrap_or(0);
                let end = format!("\"{}", "#".repeat(hashes));
                let body = at + 2 + hashes;
                at = source[body..]
                    .find(&end)
                    .map_or(bytes.len(), |n| body + n + end.len());
            }
            b'"' => at = end_of_quoted(bytes, at, b'"'),
            // 'x' and '\n' are characters; 'x without a second quote is a lifetime.
            b'\''
                if bytes.get(at + 1) == Some(&b'\\') || closes_soon(source, at) =>
            {
                at = end_of_quoted(bytes, at, b'\'');
            }
            byte if byte.is_ascii_alphanumeric() || byte == b'_' => {
                while at < bytes.len()
                    && (bytes[at].is_ascii_alphanumeric() || bytes[at] == b'_')
                {
                    at += 1;
                }
                tokens.push(Token {
                    text: &source[start..at],
                    line,
                });
            }
            byte if byte.is_ascii_punctuation() => {
                at += 1;
                tokens.push(Token {
                    text: &source[start..at],
                    line,
                });
            }
            _ => at += 1,
        }
        line += bytes[start..at.min(bytes.len())]
            .iter()
            .filter(|b| **b == b'\n')
            .count();
    }
    tokens
}

/// How many `#` stand between an `r` and its quote, if this is a raw string.
fn raw_string_hashes(rest: &[u8]) -> Option<usize> {
    let hashes = rest.iter().take_while(|byte| **byte == b'#').count();
    (rest.get(hashes) == Some(&b'"')).then_some(hashes)
}

/// The index behind the closing quote of what opens at `at`.
fn end_of_quoted(bytes: &[u8], at: usize, quote: u8) -> usize {
    let mut at = at + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn closes_soon(source: &str, at: usize) -> bool {
    let mut letters = source[at + 1..].chars();
    letters.next();
    letters.next() == Some('\'')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(source: &str) -> Vec<(usize, String)> {
        scan(source)
            .into_iter()
            .map(|found| (found.line, found.path))
            .collect()
    }

    #[test]
    fn finds_every_way_to_name_them() {
        let source = "use std::sync::Arc;\nfn f() { std :: thread::spawn(g); }\n\
            use std::{\n    collections::HashMap,\n    sync::{Mutex, mpsc},\n    thread,\n};\n\
            use core::cell::{Cell, UnsafeCell};\npub(crate) static mut X: u8 = 0;";
        assert_eq!(
            lines(source),
            [
                (1, "std::sync".to_owned()),
                (2, "std::thread".to_owned()),
                (5, "std::sync".to_owned()),
                (6, "std::thread".to_owned()),
                (8, "core::cell".to_owned()),
                (9, "static mut".to_owned()),
            ]
        );
    }

    #[test]
    fn passes_over_comments_strings_and_other_paths() {
        let source = "//! use std::sync::Arc;\n/* std::thread /* nested */ std::sync */\n\
            const A: &str = \"std::sync\\\" std::thread\"; const B: &str = r#\"std::sync\"#;\n\
            use super::ground::sync::Arc; use super::ground::{sync, thread};\n\
            fn g(x: &'static mut u8) {} use super::ground::cell::UnsafeCell;\n\
            fn f<'a>(x: &'a str) -> char { '\"' } // std::thread\n\
            use std::{fmt, time::{self, Duration}}; use nonstd::sync::X;";
        assert_eq!(lines(source), []);
    }

    #[test]
    fn half_written_code_does_not_confuse_it() {
        for source in [
            "std::",
            "std",
            "use std::{",
            "/* open",
            "\"open",
            "r#\"open",
            "'\\",
        ] {
            assert_eq!(lines(source), [], "{source}");
        }
    }

    #[test]
    fn says_what_to_import_instead() {
        let found = scan("\n\nuse std::thread;");
        assert_eq!(
            found[0].to_string(),
            "line 3 uses std::thread, which graders can't follow: use super::ground::thread"
        );
    }

    #[test]
    fn locks_are_found_wherever_they_come_from() {
        let source = "use super::ground::sync::{Arc, Mutex}; // Condvar\n\
            fn f() -> sync::RwLock<u8> { todo!(\"Barrier\") } struct MutexLike;";
        let found = scan_for_locks(source);
        let told: Vec<_> = found.iter().map(|it| (it.line, &*it.path)).collect();
        assert_eq!(told, [(1, "Mutex"), (2, "RwLock")]);
        assert_eq!(
            found[0].to_string(),
            "line 1 uses Mutex: what is asked for here waits for no lock"
        );
    }
}
