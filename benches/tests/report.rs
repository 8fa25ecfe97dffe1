//! The program `report`, from the outside, in a workspace of its own.
//!
//! It finds the target folder by where it lies itself and the workspace by what cargo says,
//! so a copy of it in a folder that looks like both reads and writes nothing else.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder that is workspace and target folder in one, and has one bench, `00_small`.
struct Workspace(PathBuf);

impl Workspace {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        // Left behind by an earlier run, or not there.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("benches"))
            .expect("target/tmp can be written");
        let workspace = Self(folder);
        workspace.write("CACHEDIR.TAG", "");
        workspace.write("benches/00_small.rs", "");
        // A second name, not a copy: a test beside this one may fork while a copy is being
        // written, and a program that anybody has open for writing cannot be started.
        fs::hard_link(env!("CARGO_BIN_EXE_report"), workspace.program())
            .expect("a second name");
        workspace
    }

    fn program(&self) -> PathBuf {
        self.0
            .join(format!("report{}", std::env::consts::EXE_SUFFIX))
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        let folder = path.parent().expect("a file lies in a folder");
        fs::create_dir_all(folder).expect("target/tmp can be written");
        fs::write(&path, text).expect("target/tmp can be written");
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.0.join(path)).expect("the report has written it")
    }

    fn report(&self, args: &[&str]) -> (Option<i32>, String) {
        let Output { status, stderr, .. } = Command::new(self.program())
            .args(args)
            .env("CARGO_MANIFEST_DIR", self.0.join("benches"))
            .output()
            .expect("a copy of a program is a program");
        (
            status.code(),
            String::from_utf8(stderr).expect("it writes text"),
        )
    }
}

#[test]
fn what_is_missing_is_said_in_one_line() {
    let workspace = Workspace::new("report_missing");
    for (args, command) in [
        (["00_small"], "cargo bench --bench 00_small"),
        (["ladder"], "cargo run --release -p benches --bin ladder"),
    ] {
        let (status, said) = workspace.report(&args);
        assert_eq!(status, Some(1), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(said.contains(&format!("run `{command}`")), "{said}");
    }
}

#[test]
fn bad_flags_are_answered_with_the_usage() {
    let workspace = Workspace::new("report_flags");
    for args in [&[][..], &["--nonsense"], &["99_nothing"], &["a", "b"]] {
        let (status, said) = workspace.report(args);
        assert_eq!(status, Some(2), "{args:?}: {said}");
        assert!(said.contains("Usage: report"), "{args:?}: {said}");
    }
}

#[test]
fn results_become_a_page_a_picture_and_a_csv() {
    let workspace = Workspace::new("report_results");
    for (row, median) in [("naive", 300.0), ("std", 100.0)] {
        let new = format!("criterion/00_small/sum/{row}/new");
        let about = format!(
            r#"{{"group_id":"sum","function_id":"{row}","value_str":null,"throughput":null}}"#
        );
        let estimates = format!(r#"{{"median":{{"point_estimate":{median}}}}}"#);
        let sample = format!(
            r#"{{"iters":[1.0,2.0],"times":[{median},{}]}}"#,
            median * 2.0
        );
        workspace.write(&format!("{new}/benchmark.json"), &about);
        workspace.write(&format!("{new}/estimates.json"), &estimates);
        workspace.write(&format!("{new}/sample.json"), &sample);
    }
    let csv = "# title: How large?\nrow,metric,unit,value\nstd,memory,B,2048\n";
    workspace.write("raw/00_small/weight.csv", csv);

    let (status, said) = workspace.report(&["00_small"]);
    assert_eq!(status, Some(0), "{said}");
    let page = workspace.read("book/src/measured/00_small.md");
    for part in [
        "<!-- ANCHOR: sum -->\n|  | median | spread | ratio |\n",
        "| naive | 300\u{a0}ns | 0\u{a0}% | 3.00 |\n| std | 100\u{a0}ns | 0\u{a0}% | 1.00 |\n",
        "`cargo bench --bench 00_small -- sum`",
        "<!-- ANCHOR_END: sum -->\n",
        "<!-- ANCHOR: weight -->\n**How large?**\n",
        "| std | 2.00\u{a0}KiB |\n",
        "<!-- ANCHOR: weight_chart -->\n<figure class=\"fig\">\n<svg ",
    ] {
        assert!(page.contains(part), "{part} is not in\n{page}");
    }
    let picture = workspace.read("book/src/measured/00_small.svg");
    assert!(
        picture.starts_with("<svg ") && picture.ends_with("</svg>\n"),
        "{picture}"
    );
    let csv = workspace.read("book/src/measured/00_small.csv");
    assert!(csv.contains("\nsum,naive,,time,ns,ratio,3\n"), "{csv}");
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let workspace = Workspace::new("report_broken");
    workspace.write(
        "raw/00_small/weight.csv",
        "row,metric,unit,value\nstd,memory,B\n",
    );
    let (status, said) = workspace.report(&["00_small"]);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("weight.csv: line 2 "), "{said}");
}
