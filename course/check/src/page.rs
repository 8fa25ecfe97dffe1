//! A page of the book as it is written, with what it includes put in its place.

use std::fs;
use std::path::{Path, PathBuf};

/// A Markdown file, and its text after includes.
#[derive(Debug)]
pub(crate) struct Page {
    /// From the top of the repository, with `/`.
    pub(crate) name: String,
    /// As written.
    pub(crate) source: String,
    /// With pages and figures included; code is left as the `{{#include}}` that it is.
    pub(crate) text: String,
}

/// Reads the page at `path`.
pub(crate) fn read(root: &Path, path: &Path) -> Result<Page, String> {
    let name = path.strip_prefix(root).unwrap_or(path).to_string_lossy();
    let name = name.replace('\\', "/");
    let source = fs::read_to_string(path)
        .map_err(|error| format!("{name}: {error}"))?
        .replace("\r\n", "\n");
    let text = expand(&source, path.parent().unwrap_or(root), 0);
    Ok(Page { name, source, text })
}

/// The Markdown files below `dir`, sorted, without what was built.
pub(crate) fn markdown(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut todo = vec![dir.to_path_buf()];
    while let Some(dir) = todo.pop() {
        for entry in dir.read_dir().into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                todo.push(path);
            } else if path.extension().is_some_and(|end| end == "md") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Puts included pages and figures in their place.
fn expand(text: &str, folder: &Path, depth: usize) -> String {
    const OPEN: &str = "{{#include ";
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(OPEN) {
        out.push_str(&rest[..at]);
        let call = &rest[at..];
        let Some(end) = call.find("}}") else {
            break;
        };
        let what = call[OPEN.len()..end].trim();
        let (file, anchor) = what.split_once(':').unwrap_or((what, ""));
        let path = folder.join(file);
        let prose = file.ends_with(".md") || file.ends_with(".svg");
        match fs::read_to_string(&path) {
            Ok(inner) if prose && depth < 4 => {
                let inner = anchored(&inner, anchor);
                let folder = path.parent().unwrap_or(folder);
                out.push_str(
                    expand(&inner, folder, depth + 1).trim_end_matches('\n'),
                );
            }
            _ => out.push_str(&call[..end + 2]),
        }
        rest = &call[end + 2..];
    }
    out.push_str(rest);
    out
}

/// The includes of a page that bring nothing: mdbook says nothing about an anchor that is not
/// there.
pub(crate) fn empty_includes(source: &str, folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for call in source.split("{{#").skip(1) {
        let call = call.split("}}").next().unwrap_or_default();
        let Some((_, what)) = call.split_once("include ") else {
            continue;
        };
        let (file, anchor) =
            what.trim().split_once(':').unwrap_or((what.trim(), ""));
        let lines = anchor.chars().all(|c| c.is_ascii_digit() || c == ':');
        let text = fs::read_to_string(folder.join(file)).unwrap_or_default();
        let anchor = if lines { "" } else { anchor };
        if anchored(&text, anchor).trim().is_empty() {
            found.push(what.trim().to_owned());
        }
    }
    found
}

/// What stands between `ANCHOR: name` and `ANCHOR_END: name`, without those lines.
fn anchored(text: &str, anchor: &str) -> String {
    let is_mark =
        |line: &str| line.contains("ANCHOR: ") || line.contains("ANCHOR_END: ");
    let names = |line: &str, mark: &str| {
        let rest = line.split_once(mark).map(|(_, rest)| rest);
        rest.and_then(|rest| rest.split_whitespace().next()) == Some(anchor)
    };
    let lines: Vec<&str> = if anchor.is_empty() {
        text.lines().collect()
    } else {
        text.lines()
            .skip_while(|line| !names(line, "ANCHOR: "))
            .take_while(|line| !names(line, "ANCHOR_END: "))
            .collect()
    };
    let kept: Vec<&str> = lines.into_iter().filter(|line| !is_mark(line)).collect();
    kept.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_anchor_is_cut_out_without_its_marks() {
        let text = "a\n<!-- ANCHOR: x -->\nb\n<!-- ANCHOR: y -->\nc\n\
                    <!-- ANCHOR_END: x -->\nd\n";
        assert_eq!(anchored(text, "x"), "b\nc\n");
        assert_eq!(anchored(text, ""), "a\nb\nc\nd\n");
        assert_eq!(anchored(text, "z").trim(), "");
    }

    #[test]
    fn an_include_that_brings_nothing_is_found() {
        let page = "{{#include page.rs:nowhere}}\n```rust\n{{#include page.rs}}\n```\n\
                    {{#include nowhere.rs}}\n";
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        assert_eq!(
            empty_includes(page, &folder),
            ["page.rs:nowhere", "nowhere.rs"]
        );
    }
}
