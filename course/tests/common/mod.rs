//! A course of one chapter in a folder of its own, and the companion run on it.
//!
//! No test here runs the real cargo: where graders are needed, `CARGO` names a script that
//! writes the verdicts which the test wants.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test file uses its own part of this"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// The first lines of both exercises, which belong to the course.
pub const HEADER: &str =
    "//! 01.N (implement): the header.\n//! It belongs to the course.\n\n";
pub const FROM: &str = "// --- edit from here ---\n";
pub const TO: &str = "// --- to here ---\n";

/// A tree of its own, taken away at the end.
#[derive(Debug)]
pub struct Tree {
    pub root: PathBuf,
}

impl Tree {
    pub fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        // ORDERING: Relaxed. Only the number must differ from call to call.
        let number = NUMBER.fetch_add(1, Relaxed);
        let name = format!("tree-{}-{number}", std::process::id());
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let tree = Self { root };
        tree.write("Cargo.toml", "[workspace]\n");
        tree.write("exercises/01_threads/exercises.toml", CATALOG);
        for (file, body, answer) in [
            ("e1_sum", "todo!(\"add\")\n", "a + b\n"),
            ("e2_meet", "todo!(\"meet\")\n", "barrier.wait()\n"),
        ] {
            let stub = format!("{HEADER}{FROM}{body}{TO}");
            tree.write(&format!("exercises/01_threads/src/{file}.rs"), &stub);
            tree.write(&format!("solutions/01_threads/stub/{file}.rs"), &stub);
            let solution = format!("{HEADER}{FROM}{answer}{TO}");
            tree.write(&format!("solutions/01_threads/src/{file}.rs"), &solution);
        }
        tree.write(
            "exercises/01_threads/tests/e1/real.rs",
            "grading::graders![adds, adds_nothing];\n",
        );
        tree.write(
            "exercises/01_threads/tests/e2/real.rs",
            "grading::graders![meets];\n",
        );
        tree
    }

    /// Writes a file, and the folders that it needs.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root.join(path)).unwrap()
    }

    /// Puts the solution of exercise `file` in the reader's place.
    pub fn solve(&self, file: &str) {
        let solution = self.read(&format!("solutions/01_threads/src/{file}.rs"));
        self.write(&format!("exercises/01_threads/src/{file}.rs"), &solution);
    }

    /// The companion, about to run at the top of the tree.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_course"));
        command.args(arguments).current_dir(&self.root);
        for name in [
            "CARGO_MANIFEST_DIR",
            "CARGO_TARGET_DIR",
            "CLICOLOR",
            "CLICOLOR_FORCE",
            "COLUMNS",
            "NO_COLOR",
            "THREADBARE_HANG_MS",
            "THREADBARE_ONLY",
        ] {
            command.env_remove(name);
        }
        command.env(
            "CARGO",
            concat!(env!("CARGO_MANIFEST_DIR"), "/tests/common/cargo.sh"),
        );
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Said {
        Said::from(self.command(arguments).output().unwrap())
    }

    /// Puts a shell script in the place of cargo. `$REPORT` in it is the file for verdicts.
    pub fn fake_cargo(&self, script: &str) {
        self.write("cargo.script", script);
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}

/// What the companion said, and its exit status.
#[derive(Debug)]
pub struct Said {
    pub out: String,
    pub err: String,
    pub code: Option<i32>,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self {
            out: text(output.stdout),
            err: text(output.stderr),
            code: output.status.code(),
        }
    }
}

impl Said {
    /// Fails, and shows everything, unless standard output has each of `parts`.
    #[track_caller]
    pub fn has(&self, parts: &[&str]) -> &Self {
        for part in parts {
            assert!(self.out.contains(part), "{part:?} is missing in\n{self:#?}");
        }
        self
    }

    #[track_caller]
    pub fn lacks(&self, part: &str) -> &Self {
        assert!(!self.out.contains(part), "{part:?} is in\n{self:#?}");
        self
    }

    #[track_caller]
    pub fn ends_with(&self, code: i32) -> &Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }
}

const CATALOG: &str = r#"
chapter = "01_threads"
title = "Threads"

[[exercise]]
number = 1
file = "e1_sum"
title = "Sum two numbers"
kind = "implement"
minutes = 5
lines = 1
section = "01_threads.md#sums"
model = "none"
hints = ["look at plus", "add them", "one line"]

[[exercise]]
number = 2
file = "e2_meet"
title = "Meet at a barrier"
kind = "repair"
minutes = 10
lines = 2
section = "01_threads.md#meeting"
model = "none"
hints = ["look at Barrier", "wait there", "one call"]
"#;
