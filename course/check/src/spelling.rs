//! The prose is spelled as the dictionary has it, or as `book/words.txt` does.
//!
//! Code is left out, and so are words that look like code: with a capital inside, with a
//! digit, or with an underscore. Figures are read as well: what stands in their titles,
//! descriptions and labels is prose.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use crate::chapters::options;
use crate::{Done, Verdict, page, verdict};

const DICTIONARY: &str = "en_GB";

pub(crate) fn run(root: &Path) -> Verdict {
    let list = root.join("book").join("words.txt");
    let own: HashSet<String> = fs::read_to_string(&list)
        .map_err(|error| format!("book/words.txt: {error}"))?
        .lines()
        .map(|line| line.split('#').next().unwrap_or_default().trim())
        .filter(|line| !line.is_empty())
        .map(str::to_lowercase)
        .collect();
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let pages = pages(root);
    for path in &pages {
        let page = page::read(root, path)?;
        for (line, word) in words(&page.source) {
            let places = places.entry(word).or_default();
            places.push(format!("{}:{line}", page.name));
        }
    }
    let unknown: Vec<&String> = places
        .keys()
        .filter(|word| !is_own(&own, &word.to_lowercase()))
        .collect();
    let misspelt = match misspelt(&unknown) {
        Ok(misspelt) => misspelt,
        Err(why) => return Ok(Done::Skipped(why)),
    };
    let problems: Vec<String> = places
        .iter()
        .filter(|(word, _)| misspelt.contains(*word))
        .map(|(word, places)| {
            let shown: Vec<_> = places.iter().take(3).map(String::as_str).collect();
            format!("{word}: {}", shown.join(", "))
        })
        .collect();
    let what = format!("{} words on {} pages", places.len(), pages.len());
    verdict(&problems, what)
}

/// The book, and the pages beside the code.
fn pages(root: &Path) -> Vec<PathBuf> {
    let mut pages = page::markdown(&root.join("book").join("src"));
    // Rendered from exercises.toml and from results; the sources are read by people.
    pages.retain(|path| {
        !path.components().any(|part| part.as_os_str() == "measured")
    });
    for dir in ["", "course", "benches"] {
        for entry in root.join(dir).read_dir().into_iter().flatten().flatten() {
            let path = entry.path();
            if path.extension().is_some_and(|end| end == "md") {
                pages.push(path);
            }
        }
    }
    pages
}

fn is_own(own: &HashSet<String>, word: &str) -> bool {
    own.contains(word)
        || word
            .strip_suffix('s')
            .is_some_and(|word| own.contains(word))
}

/// The words that the dictionary does not have.
fn misspelt(words: &[&String]) -> Result<HashSet<String>, String> {
    let mut hunspell = Command::new("hunspell")
        .args(["-d", DICTIONARY, "-i", "utf-8", "-l"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(
            |_| "there is no hunspell here (Debian: hunspell, hunspell-en-gb)",
        )?;
    let text: String = words.iter().map(|word| format!("{word}\n")).collect();
    let mut stdin = hunspell.stdin.take();
    // Its answers fill a pipe as well, so one thread writes while this one reads.
    let writer = std::thread::spawn(move || {
        stdin
            .take()
            .map(|mut stdin| stdin.write_all(text.as_bytes()))
    });
    let output = hunspell
        .wait_with_output()
        .map_err(|error| error.to_string())?;
    let _ = writer.join();
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(format!("hunspell has no dictionary {DICTIONARY}: {why}"));
    }
    let found = String::from_utf8_lossy(&output.stdout);
    Ok(found.lines().map(str::to_owned).collect())
}

/// The words of a page's prose, with their lines.
fn words(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut code = false;
    // Inside <code>, <style> and the like, across events.
    let mut hidden = 0_usize;
    for (event, range) in Parser::new_ext(text, options()).into_offset_iter() {
        let line = text[..range.start].matches('\n').count() + 1;
        match event {
            Event::Start(Tag::CodeBlock(_)) => code = true,
            Event::End(TagEnd::CodeBlock) => code = false,
            Event::Text(words) if !code && hidden == 0 => {
                split(&words, line, &mut found)
            }
            Event::Html(html) | Event::InlineHtml(html) => {
                let prose = prose_of(&html, &mut hidden);
                split(&prose, line, &mut found);
            }
            _ => {}
        }
    }
    found
}

/// What a piece of HTML says, without its tags and without code.
fn prose_of(html: &str, hidden: &mut usize) -> String {
    let mut prose = String::new();
    for (index, piece) in html.split('<').enumerate() {
        let text = if index == 0 {
            piece
        } else {
            let (tag, text) = piece.split_once('>').unwrap_or((piece, ""));
            let name = tag.split([' ', '\n', '/']).find(|name| !name.is_empty());
            let code = matches!(name, Some("code" | "style" | "pre" | "kbd"));
            let mono = tag.contains("mono") && !tag.ends_with('/');
            if tag.starts_with('/') {
                let closes = matches!(name, Some("code" | "style" | "pre" | "kbd"));
                *hidden -= usize::from(closes && *hidden > 0);
            } else if code {
                *hidden += 1;
            } else if mono {
                continue; // the text of one label
            }
            text
        };
        if *hidden == 0 {
            prose.push_str(text);
        }
        prose.push(' ');
    }
    prose
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
        .replace("&nbsp;", " ")
}

fn split(text: &str, line: usize, found: &mut Vec<(usize, String)>) {
    for (offset, text) in text.split('\n').enumerate() {
        for chunk in text.split(char::is_whitespace) {
            // An address, a path, a name from code.
            if chunk.contains("://") || chunk.contains(['_', '{', '}', '@', '=']) {
                continue;
            }
            if is_file_name(chunk) {
                continue;
            }
            let chunk = chunk.replace('\u{2019}', "'");
            for word in chunk.split(|c: char| !c.is_alphanumeric() && c != '\'') {
                let word = word.trim_matches('\'');
                let word = word.strip_suffix("'s").unwrap_or(word);
                let inner_capital = word.chars().skip(1).any(char::is_uppercase);
                let digit = word.chars().any(|c| c.is_ascii_digit());
                if word.chars().count() > 1 && !inner_capital && !digit {
                    found.push((line + offset, word.to_owned()));
                }
            }
        }
    }
}

/// Whether a dot stands between two letters: `README.md`, `rustup.rs`, `p99.9`.
fn is_file_name(chunk: &str) -> bool {
    chunk
        .split('.')
        .zip(chunk.split('.').skip(1))
        .any(|(before, after)| {
            before.ends_with(char::is_alphanumeric)
                && after.starts_with(char::is_alphanumeric)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        words(text).into_iter().map(|(_, word)| word).collect()
    }

    #[test]
    fn code_is_left_out_and_prose_is_not() {
        let text = "The `spwan` call, BufReader, x86 and foo_bar don't *count*.\n\n\
                    ```rust\nlet abc = 1;\n```\n";
        assert_eq!(of(text), ["The", "call", "and", "don't", "count"]);
    }

    #[test]
    fn figures_and_folded_answers_are_read() {
        let text = "<figure><svg><title>Two threads</title><text class=\"mono\">ptr</text>\n\
                    <text>waits</text></svg></figure>\n\n\
                    <details><summary>Why <code>if</code> fails?</summary>\n\nBecause.\n\n</details>\n";
        assert_eq!(
            of(text),
            ["Two", "threads", "waits", "Why", "fails", "Because"]
        );
    }

    #[test]
    fn a_word_knows_its_line() {
        assert_eq!(words("# One\n\ntwo\nthree\n")[2], (4, "three".to_owned()));
    }
}
