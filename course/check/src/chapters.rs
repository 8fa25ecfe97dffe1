//! Every written chapter has all its parts: head, exercises, questions, a note for teachers,
//! figures that can be read aloud, and no code that nothing compiles.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use crate::page::{self, Page};
use crate::{Verdict, verdict};

/// What the head says, between the title and the first section.
const HEAD: &[&str] = &["Minutes", "Prerequisites", "Platforms"];

/// How many questions with folded answers end a chapter.
const QUESTIONS: usize = 3;

/// How many figures a chapter has at least.
const FIGURES_MIN: usize = 3;

/// How Markdown is read, here and by mdbook.
pub(crate) fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_DEFINITION_LIST
        | Options::ENABLE_GFM
}

pub(crate) fn run(root: &Path) -> Verdict {
    let book = root.join("book").join("src");
    let library = fs::read_to_string(root.join("src").join("book.rs"))
        .map_err(|error| format!("src/book.rs: {error}"))?;
    let mut problems = Vec::new();
    let mut ids = HashMap::new();
    let (mut chapters, mut figures) = (0, 0);
    for path in page::markdown(&book) {
        let file = path.strip_prefix(&book).unwrap_or(&path);
        let in_sub_folder = file.components().count() > 1;
        let page = page::read(root, &path)?;
        let mut found = Vec::new();
        // Included files are seen where they are included.
        if !in_sub_folder {
            let svgs = svgs(&page.text);
            figures += svgs.len();
            for svg in &svgs {
                svg_problems(svg, &mut ids, &mut found);
            }
            image_problems(&page.text, &mut found);
        }
        fence_problems(&page, &library, &mut found);
        for what in page::empty_includes(&page.source, path.parent().unwrap_or(root))
        {
            found.push(format!("the include {what} brings nothing"));
        }
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let numbered = stem.starts_with(|c: char| c.is_ascii_digit());
        if numbered && !in_sub_folder {
            chapters += 1;
            chapter_problems(&page, &stem, &mut found);
        }
        problems.extend(found.iter().map(|what| format!("{}: {what}", page.name)));
    }
    verdict(&problems, format!("{chapters} chapters, {figures} figures"))
}

/// The parts that only a chapter must have.
fn chapter_problems(page: &Page, key: &str, found: &mut Vec<String>) {
    let text = &page.source;
    let head = text.split("\n## ").next().unwrap_or_default();
    if !text.starts_with("# ") {
        found.push("does not begin with its title".into());
    }
    for word in HEAD {
        if !head.contains(word) {
            found.push(format!("the head does not say {word}"));
        }
    }
    let sections: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("## "))
        .collect();
    let place = |title: &str| sections.iter().position(|line| *line == title);
    match (place("## Exercises"), place("## Check yourself")) {
        (Some(exercises), Some(check)) if exercises < check => {}
        (Some(_), Some(_)) => {
            found.push("Check yourself stands before Exercises".into())
        }
        (None, _) => found.push("there is no section `## Exercises`".into()),
        (_, None) => found.push("there is no section `## Check yourself`".into()),
    }
    if !text.contains(&format!("{{{{#include {key}/exercises.md}}}}")) {
        found.push(format!("does not include {key}/exercises.md"));
    }
    let check = text.split("\n## Check yourself").nth(1).unwrap_or_default();
    let (questions, teachers): (Vec<&str>, Vec<&str>) = check
        .split("<summary>")
        .skip(1)
        .partition(|summary| !summary.to_lowercase().contains("teachers</summary>"));
    if questions.len() != QUESTIONS {
        let count = questions.len();
        found.push(format!(
            "{count} folded questions; {QUESTIONS} are expected"
        ));
    }
    if teachers.is_empty() {
        found.push("there is no folded note \"For teachers\" at the end".into());
    }
    if text.matches("<details").count() != text.matches("</details>").count() {
        found.push("a <details> is not closed".into());
    }
    let figures = svgs(&page.text).len() + page.text.matches("<img").count();
    if figures < FIGURES_MIN {
        found.push(format!("{figures} figures; {FIGURES_MIN} are the least"));
    }
}

/// The inline drawings of a page.
fn svgs(text: &str) -> Vec<&str> {
    text.match_indices("<svg")
        .map(|(at, _)| {
            let end = text[at..].find("</svg>");
            end.map_or(&text[at..], |end| &text[at..at + end])
        })
        .collect()
}

/// A drawing must be told in words, too, and must survive Markdown.
fn svg_problems(svg: &str, ids: &mut HashMap<String, ()>, found: &mut Vec<String>) {
    let tag = svg.split('>').next().unwrap_or_default();
    let which: String = tag.chars().take(60).collect();
    let mut complain = |what: &str| found.push(format!("{which} ...: {what}"));
    if svg.lines().any(|line| line.trim().is_empty()) {
        complain("a blank line inside ends the drawing in Markdown");
    }
    if attribute(tag, "role").as_deref() != Some("img") {
        complain("no role=\"img\"");
    }
    if attribute(tag, "viewBox").is_none() {
        complain("no viewBox, so it cannot scale");
    }
    let labels = attribute(tag, "aria-labelledby").unwrap_or_default();
    for element in ["title", "desc"] {
        let body = svg.split(&format!("<{element}")).nth(1).unwrap_or_default();
        let (open, text) = body.split_once('>').unwrap_or_default();
        let text = text.split('<').next().unwrap_or_default().trim();
        let id = attribute(open, "id").unwrap_or_default();
        if text.is_empty() {
            complain(&format!("no <{element}>, or an empty one"));
        } else if id.is_empty() || !labels.split(' ').any(|label| label == id) {
            complain(&format!("aria-labelledby does not name its <{element}>"));
        }
    }
    for id in all_attributes(svg, "id") {
        if ids.insert(id.clone(), ()).is_some() {
            complain(&format!("the id {id} occurs twice in the book"));
        }
    }
    for colour in [
        "fill=\"#",
        "stroke=\"#",
        "fill:#",
        "stroke:#",
        "fill: #",
        "stroke: #",
    ] {
        // Beside a class the colour is only for where the book's style sheet is not.
        let fixed = |tag: &str| tag.contains(colour) && !tag.contains("class=\"");
        if svg.split('<').any(fixed) && !svg.contains("<style") {
            complain("a fixed colour does not follow the theme: use the classes");
        }
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    all_attributes(tag, name).into_iter().next()
}

fn all_attributes(text: &str, name: &str) -> Vec<String> {
    text.split(&format!(" {name}=\""))
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .map(str::to_owned)
        .collect()
}

/// Every picture has words that can be read aloud in its place.
fn image_problems(text: &str, found: &mut Vec<String>) {
    let mut alt: Option<(String, String)> = None;
    for event in Parser::new_ext(text, options()) {
        match event {
            Event::Start(Tag::Image { dest_url, .. }) => {
                alt = Some((dest_url.into_string(), String::new()));
            }
            Event::Text(words) | Event::Code(words) => {
                if let Some((_, alt)) = &mut alt {
                    alt.push_str(&words);
                }
            }
            Event::End(TagEnd::Image) => {
                if let Some((url, words)) = alt.take()
                    && words.trim().is_empty()
                {
                    found.push(format!("the picture {url} has no alternative text"));
                }
            }
            Event::Html(html) | Event::InlineHtml(html) => {
                for tag in html.split("<img").skip(1) {
                    let tag = tag.split('>').next().unwrap_or_default();
                    if attribute(tag, "alt").is_none_or(|alt| alt.trim().is_empty())
                    {
                        found.push("an <img> has no alternative text".into());
                    }
                }
            }
            _ => {}
        }
    }
}

/// Code is included from a file that is compiled, or is a doc test, or is no Rust.
fn fence_problems(page: &Page, library: &str, found: &mut Vec<String>) {
    let mut open: Option<String> = None;
    let mut body = String::new();
    for event in Parser::new_ext(&page.source, options()) {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                open = Some(match kind {
                    CodeBlockKind::Fenced(info) => info.into_string(),
                    CodeBlockKind::Indented => "indented".to_owned(),
                });
                body.clear();
            }
            Event::Text(text) if open.is_some() => body.push_str(&text),
            Event::End(TagEnd::CodeBlock) => {
                let info = open.take().unwrap_or_default();
                let line = body.lines().next().unwrap_or_default();
                if let Some(what) = fence_problem(&info, &body, &page.name, library)
                {
                    found.push(format!("the fence \"{line}\" ({info}): {what}"));
                }
            }
            _ => {}
        }
    }
}

fn fence_problem(
    info: &str,
    body: &str,
    page: &str,
    library: &str,
) -> Option<String> {
    let words: Vec<&str> =
        info.split([',', ' ']).filter(|w| !w.is_empty()).collect();
    let included = body.contains("{{#include ")
        || body.contains("{{#rustdoc_include ")
        || body.contains("{{#playground ");
    match words.first() {
        None => Some("say its language; output is `text`".into()),
        Some(&"indented") => Some("fence it, and say its language".into()),
        Some(&"rust") if included => (!words.contains(&"ignore"))
            .then(|| "included code is `rust,ignore`".into()),
        Some(&"rust") if words.contains(&"ignore") => {
            Some("nothing compiles it: include it, or let it be a doc test".into())
        }
        Some(&"rust") if !library.contains(page) => {
            Some(format!("src/book.rs does not take {page} in as doc tests"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "<svg viewBox=\"0 0 9 9\" role=\"img\" aria-labelledby=\"a b\">\
        <title id=\"a\">Two threads</title><desc id=\"b\">One waits.</desc>\n<path/>";

    fn problems_of(svg: &str) -> Vec<String> {
        let mut found = Vec::new();
        svg_problems(svg, &mut HashMap::new(), &mut found);
        found
    }

    #[test]
    fn a_good_figure_passes() {
        assert_eq!(problems_of(GOOD), Vec::<String>::new());
    }

    #[test]
    fn a_figure_is_refused_for_each_thing_that_it_lacks() {
        for (from, to) in [
            (" role=\"img\"", ""),
            ("One waits.", ""),
            ("<title id=\"a\">Two threads</title>", ""),
            ("labelledby=\"a b\"", "labelledby=\"a\""),
            ("\n", "\n\n"),
            ("id=\"b\"", "id=\"a\""),
            ("<path/>", "<path fill=\"#fff\"/>"),
        ] {
            let bad = GOOD.replace(from, to);
            assert!(!problems_of(&bad).is_empty(), "{from:?} -> {to:?}");
        }
    }

    #[test]
    fn code_that_nothing_compiles_is_refused() {
        let problem = |info, body| fence_problem(info, body, "book/src/a.md", "");
        assert!(problem("rust,ignore", "fn main() {}").is_some());
        assert!(problem("rust", "fn main() {}").is_some());
        assert!(problem("", "$ cargo run").is_some());
        assert!(problem("rust,ignore", "{{#include ../x.rs:y}}").is_none());
        assert!(problem("text", "31 ns").is_none());
        let library = "include_str!(\"../book/src/a.md\")";
        assert!(fence_problem("rust", "x", "book/src/a.md", library).is_none());
    }

    #[test]
    fn a_chapter_is_refused_for_each_part_that_it_lacks() {
        let text = format!(
            "# 01 Threads\n**Minutes** 60 **Prerequisites** 00 **Platforms** all\n\n\
             {}## One\n\n## Exercises\n\n{{{{#include 01_threads/exercises.md}}}}\n\n\
             ## Check yourself\n\n{}<details><summary>For teachers</summary>x</details>\n",
            "<svg></svg>\n".repeat(3),
            "<details><summary>Why?</summary>So.</details>\n".repeat(3),
        );
        let problems = |text: &str| {
            let page = Page {
                name: "book/src/01_threads.md".into(),
                source: text.into(),
                text: text.into(),
            };
            let mut found = Vec::new();
            chapter_problems(&page, "01_threads", &mut found);
            found
        };
        assert_eq!(problems(&text), Vec::<String>::new());
        for part in [
            "**Minutes**",
            "**Platforms**",
            "## Exercises",
            "{{#include 01_threads/exercises.md}}",
            "## Check yourself",
            "<summary>Why?</summary>",
            "For teachers",
            "</details>",
            "<svg>",
        ] {
            let without = text.replacen(part, "", 1);
            assert!(!problems(&without).is_empty(), "without {part}");
        }
    }
}
