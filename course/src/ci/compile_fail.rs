//! What must not compile fails with exactly the error code that its fence states.
//!
//! Stable rustdoc checks that such an example fails, but not how. An example that fails
//! because of a misspelt name would then go on "proving" that a type is not `Send`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::tools::cargo;
use super::{Ci, Done, files, short, verdict};

/// One fence that says `compile_fail`.
struct Fence {
    at: String,
    /// Usually one; rustc reports a second mistake on the way to some.
    codes: Vec<String>,
    text: String,
}

pub(super) fn run(ci: &Ci) -> Result<Done, String> {
    let mut fences = Vec::new();
    for (dir, suffix) in [("book/src", ".md"), ("src", ".rs")] {
        for path in files(&ci.root, &[dir], suffix) {
            let text =
                fs::read_to_string(&path).map_err(|error| error.to_string())?;
            collect(&short(&ci.root, &path), &text, &mut fences);
        }
    }
    let library = library(ci)?;
    let scratch = ci.root.join("target").join("ci").join("compile_fail");
    fs::create_dir_all(&scratch).map_err(|error| error.to_string())?;
    let mut problems = Vec::new();
    for (number, fence) in fences.iter().enumerate() {
        if fence.codes.is_empty() {
            let what = "the fence says compile_fail without an error code";
            problems.push(format!("{}: {what}", fence.at));
            continue;
        }
        let file = scratch.join(format!("fence_{number}.rs"));
        fs::write(&file, &fence.text).map_err(|error| error.to_string())?;
        let codes = compile(&library, &file, &scratch)?;
        if codes != fence.codes {
            let expected = fence.codes.join(", ");
            let got = if codes.is_empty() {
                "it compiles".to_owned()
            } else {
                format!("it fails with {}", codes.join(", "))
            };
            problems.push(format!("{}: expected {expected}, but {got}", fence.at));
        }
    }
    verdict(&problems, format!("{} fences", fences.len()))
}

/// Builds the library and says where it is.
fn library(ci: &Ci) -> Result<PathBuf, String> {
    let args = [
        "build",
        "-p",
        "threadbare",
        "--lib",
        "--message-format=json",
    ];
    let output = cargo(ci)
        .args(args)
        .output()
        .map_err(|error| format!("cargo did not start: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|message| message["target"]["name"] == "threadbare")
        .filter_map(|message| {
            let names = message["filenames"].as_array()?.iter();
            let mut names = names.filter_map(|name| name.as_str());
            names
                .find(|name| name.ends_with(".rlib"))
                .map(PathBuf::from)
        })
        .next_back()
        .ok_or_else(|| {
            let why = String::from_utf8_lossy(&output.stderr).into_owned();
            format!("{why}\nthe library did not build")
        })
}

/// The error codes with which a file fails to compile against the library.
fn compile(library: &Path, file: &Path, out: &Path) -> Result<Vec<String>, String> {
    let deps = library.parent().unwrap_or(out).join("deps");
    let output = Command::new("rustc")
        .args([
            "--edition",
            "2024",
            "--crate-type",
            "bin",
            "--emit",
            "metadata",
        ])
        .args(["--error-format", "json", "--cap-lints", "allow"])
        .arg("--out-dir")
        .arg(out)
        .arg("-L")
        .arg(format!("dependency={}", deps.display()))
        .arg("--extern")
        .arg(format!("threadbare={}", library.display()))
        .arg(file)
        .output()
        .map_err(|error| format!("rustc did not start: {error}"))?;
    let text = String::from_utf8_lossy(&output.stderr);
    let mut codes: Vec<String> = text
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|message| message["level"] == "error")
        .filter(|message| {
            let text = message["message"].as_str().unwrap_or_default();
            !text.starts_with("aborting due to")
        })
        .map(|message| {
            let code = message["code"]["code"].as_str();
            code.map_or_else(|| message["message"].to_string(), str::to_owned)
        })
        .collect();
    codes.sort();
    codes.dedup();
    Ok(codes)
}

/// Finds the fences of a page, or of the doc comments of a source file.
fn collect(file: &str, text: &str, fences: &mut Vec<Fence>) {
    let source = file.ends_with(".rs");
    let mut open: Option<(usize, String, Vec<String>)> = None;
    for (index, raw) in text.lines().enumerate() {
        let line = raw.trim();
        let line = if source {
            let Some(doc) = line.strip_prefix("///").or(line.strip_prefix("//!"))
            else {
                open = None;
                continue;
            };
            doc.strip_prefix(' ').unwrap_or(doc)
        } else {
            // Inside a box every line of a fence begins with `>`.
            raw.trim_start_matches("> ").trim_end()
        };
        match (&mut open, line.trim_start().strip_prefix("```")) {
            (None, Some(info)) => {
                open = Some((index + 1, info.to_owned(), Vec::new()))
            }
            (Some(_), Some(_)) => {
                let (at, info, lines) = open.take().unwrap_or_default();
                if info.contains("compile_fail") {
                    fences.push(fence(file, at, &info, &lines));
                }
            }
            (Some((_, _, lines)), None) => lines.push(line.to_owned()),
            (None, None) => {}
        }
    }
}

fn fence(file: &str, at: usize, info: &str, lines: &[String]) -> Fence {
    let mut codes: Vec<String> = info
        .split([',', ' ', '{', '}'])
        .filter(|word| {
            let number = word.strip_prefix('E').unwrap_or_default();
            number.len() == 4 && number.chars().all(|c| c.is_ascii_digit())
        })
        .map(str::to_owned)
        .collect();
    codes.sort();
    let mut body: Vec<&str> = lines
        .iter()
        .map(|line| match line.trim_start() {
            "#" => "",
            hidden if hidden.starts_with("# ") => &hidden[2..],
            _ => line.as_str(),
        })
        .collect();
    if !body.iter().any(|line| line.contains("fn main()")) {
        body.insert(0, "fn main() {");
        body.push("}");
    }
    Fence {
        at: format!("{file}:{at}"),
        codes,
        text: body.join("\n") + "\n",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fences_are_found_on_pages_in_boxes_and_in_doc_comments() {
        let mut fences = Vec::new();
        let page = "```rust,compile_fail,E0373\n# use std::thread;\nspawn();\n```\n\
                    ```rust\nlet x = 1;\n```\n> ```rust,compile_fail\n> f();\n> ```\n";
        collect("page.md", page, &mut fences);
        collect(
            "lib.rs",
            "/// ```compile_fail,E0277\n/// g();\n/// ```\nfn f() {}\n",
            &mut fences,
        );
        let seen: Vec<_> = fences
            .iter()
            .map(|f| (f.at.as_str(), f.codes.join(",")))
            .collect();
        assert_eq!(
            seen,
            [
                ("page.md:1", "E0373".to_owned()),
                ("page.md:8", String::new()),
                ("lib.rs:1", "E0277".to_owned()),
            ]
        );
        assert_eq!(
            fences[0].text,
            "fn main() {\nuse std::thread;\nspawn();\n}\n"
        );
    }
}
