//! Every link and anchor inside the built book leads somewhere, and so do the relative
//! links of the pages beside the code.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use grading::catalog::Catalog;
use html5gum::{Token, Tokenizer};
use pulldown_cmark::{Event, Parser, Tag};

use crate::chapters::options;
use crate::{Done, Verdict, verdict};

/// Links into the repository as its visitors see it.
const REPOSITORY: &str = "https://github.com/threadbare-rs/threadbare/";

/// Where a page names a chapter by its number only, since that one is not written yet. Once
/// it is, each of these becomes a link, and its line goes.
const DRAFTS: &[(&str, &str)] = &[
    ("08_completions.md", "12_async.md"),
    ("11_pooled_server.md", "12_async.md"),
];

/// What one HTML page offers and wants.
#[derive(Debug, Default)]
struct Html {
    ids: BTreeSet<String>,
    links: BTreeSet<String>,
}

pub(crate) fn run(root: &Path) -> Verdict {
    let built = root.join("book").join("book");
    if !built.join("index.html").is_file() {
        let how = "the book is not built: `mdbook build book`";
        return Ok(Done::Skipped(how.into()));
    }
    let mut pages = BTreeMap::new();
    collect(&built, &mut pages)?;
    let mut problems = Vec::new();
    let mut count = 0;
    for (path, html) in &pages {
        let name = path.strip_prefix(&built).unwrap_or(path);
        // Served for any address at all, so its links begin with the site's own.
        if name == Path::new("404.html") {
            continue;
        }
        for link in &html.links {
            count += 1;
            if let Some(why) = problem(root, path, link, &pages) {
                problems.push(format!("{}: {link}: {why}", name.display()));
            }
        }
    }
    sections(root, &built, &pages, &mut problems)?;
    let book = root.join("book").join("src");
    for (page, draft) in DRAFTS {
        let text = fs::read_to_string(book.join(page)).unwrap_or_default();
        let written = book.join(draft).is_file();
        problems.extend(draft_problem(page, &text, draft, written));
    }
    count += beside_the_code(root, &mut problems)?;
    verdict(&problems, format!("{count} links, {} pages", pages.len()))
}

/// Why a link of the built page `from` leads nowhere.
fn problem(
    root: &Path,
    from: &Path,
    link: &str,
    pages: &BTreeMap<PathBuf, Html>,
) -> Option<String> {
    if let Some(inside) = link.strip_prefix(REPOSITORY) {
        return repository_problem(root, inside);
    }
    if link.contains("://")
        || link.starts_with("mailto:")
        || link.starts_with("data:")
    {
        return None;
    }
    let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
    let file = file.split('?').next().unwrap_or_default();
    let path = if file.is_empty() {
        from.to_path_buf()
    } else {
        normal(&from.parent().unwrap_or(root).join(decoded(file)))
    };
    match pages.get(&path) {
        None if path.is_file() => None,
        None => Some("there is no such file".into()),
        Some(page) if anchor.is_empty() || page.ids.contains(&decoded(anchor)) => {
            None
        }
        Some(_) => Some("there is no such anchor".into()),
    }
}

/// A link to a file of this repository must name one that is there.
fn repository_problem(root: &Path, inside: &str) -> Option<String> {
    let mut parts = inside.splitn(3, '/');
    let (kind, _branch, file) = (parts.next()?, parts.next()?, parts.next()?);
    let file = file.split(['#', '?']).next().unwrap_or(file);
    let is_file = matches!(kind, "blob" | "edit" | "tree" | "raw");
    (is_file && !root.join(file).exists()).then(|| "no such file here".into())
}

/// Why `page` should no longer be on the list of those that name `draft`.
fn draft_problem(
    page: &str,
    text: &str,
    draft: &str,
    written: bool,
) -> Option<String> {
    let chapter = format!("hapter {}", &draft[..2]);
    let listed = format!("DRAFTS in {}", file!());
    if written {
        return Some(format!(
            "{page}: {draft} is there now: link to it where the page says c{chapter}, \
             and take the line out of {listed}"
        ));
    }
    (!text.contains(&chapter))
        .then(|| format!("{page} does not say c{chapter} any more: see {listed}"))
}

/// The section that explains an exercise is a page and an anchor of the book.
fn sections(
    root: &Path,
    built: &Path,
    pages: &BTreeMap<PathBuf, Html>,
    problems: &mut Vec<String>,
) -> Result<(), String> {
    let catalog = Catalog::load(root).map_err(|error| error.to_string())?;
    for chapter in &catalog.chapters {
        for exercise in &chapter.exercises {
            let section = &exercise.section;
            let (page, anchor) = section.split_once('#').unwrap_or((section, ""));
            let page = built.join(page.replace(".md", ".html"));
            let there = pages.get(&page).map(|html| html.ids.contains(anchor));
            if there != Some(true) {
                let id = exercise.id();
                problems.push(format!(
                    "exercise {id}: its section {section} is not there"
                ));
            }
        }
    }
    Ok(())
}

/// README.md and its like: what they link to inside the repository exists.
fn beside_the_code(
    root: &Path,
    problems: &mut Vec<String>,
) -> Result<usize, String> {
    let mut count = 0;
    for dir in ["", "course", "benches"] {
        for entry in root.join(dir).read_dir().into_iter().flatten().flatten() {
            let path = entry.path();
            if path.extension().is_none_or(|end| end != "md") {
                continue;
            }
            let text =
                fs::read_to_string(&path).map_err(|error| error.to_string())?;
            for link in links_of(&text) {
                count += 1;
                let file = link.split('#').next().unwrap_or_default();
                let there = root.join(dir).join(file).exists();
                if !link.contains("://") && !file.is_empty() && !there {
                    let name = path.strip_prefix(root).unwrap_or(&path).display();
                    problems.push(format!("{name}: {link}: there is no such file"));
                }
            }
        }
    }
    Ok(count)
}

fn links_of(text: &str) -> Vec<String> {
    Parser::new_ext(text, options())
        .flat_map(|event| match event {
            Event::Start(
                Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. },
            ) => {
                vec![dest_url.into_string()]
            }
            Event::Html(html) | Event::InlineHtml(html) => {
                parse(&html).links.into_iter().collect()
            }
            _ => Vec::new(),
        })
        .collect()
}

fn collect(dir: &Path, pages: &mut BTreeMap<PathBuf, Html>) -> Result<(), String> {
    for entry in dir.read_dir().map_err(|error| error.to_string())? {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path.is_dir() {
            collect(&path, pages)?;
        } else if path.extension().is_some_and(|end| end == "html") {
            let text =
                fs::read_to_string(&path).map_err(|error| error.to_string())?;
            pages.insert(path, parse(&text));
        }
    }
    Ok(())
}

fn parse(text: &str) -> Html {
    let mut html = Html::default();
    for token in Tokenizer::new(text) {
        let Ok(Token::StartTag(tag)) = token else {
            continue;
        };
        for (name, value) in &tag.attributes {
            let value = String::from_utf8_lossy(value).into_owned();
            let name = name.as_slice();
            let anchor = name == b"name" && tag.name.as_slice() == b"a";
            if name == b"id" || anchor {
                html.ids.insert(value);
            } else if matches!(name, b"href" | b"src") {
                html.links.insert(value);
            }
        }
    }
    html
}

/// `a/../b` without the detour.
fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => drop(out.pop()),
            std::path::Component::CurDir => {}
            other => out.push(other),
        }
    }
    out
}

/// Takes the percent signs out of a link.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (first, byte) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_followed_to_pages_and_anchors() {
        let mut pages = BTreeMap::new();
        let a = parse("<h2 id=\"one\">x</h2><a href=\"sub/b.html#two\">b</a>");
        assert_eq!(a.links.iter().collect::<Vec<_>>(), ["sub/b.html#two"]);
        pages.insert(PathBuf::from("/book/a.html"), a);
        pages.insert(PathBuf::from("/book/sub/b.html"), parse("<p id='two-%'>"));
        let from = Path::new("/book/sub/b.html");
        let why = |link| problem(Path::new("/"), from, link, &pages);
        assert_eq!(why("../a.html#one"), None);
        assert_eq!(why("#two-%25"), None);
        assert_eq!(why("https://example.org/x"), None);
        assert!(why("../a.html#two").is_some());
        assert!(why("../c.html").is_some());
    }

    #[test]
    fn a_chapter_that_is_no_draft_any_more_must_be_linked_to() {
        let problem =
            |text, written| draft_problem("a.md", text, "02_b.md", written);
        assert_eq!(problem("In chapter 02 it is.", false), None);
        assert!(problem("In chapter 02 it is.", true).is_some());
        assert!(problem("In [b](02_b.md) it is.", false).is_some());
    }
}
