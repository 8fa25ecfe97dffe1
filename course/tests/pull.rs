//! What happens to a reader's answers when the course changes, tried with the real git.
//!
//! The policy: readers commit their answers on a branch of their own. Text outside the edit
//! markers belongs to the course, text between them to the reader; so git merges the two by
//! itself, unless an exercise was rewritten. Then it names the one file, and `reset` keeps a
//! copy and restores.

mod common;

use std::path::Path;
use std::process::Command;

use common::{FROM, HEADER, TO, Tree};

const E1: &str = "exercises/01_threads/src/e1_sum.rs";
const E2: &str = "exercises/01_threads/src/e2_meet.rs";
const STUB1: &str = "solutions/01_threads/stub/e1_sum.rs";
const MINE: &str = "let sum = a + b;\nsum\n";

/// Runs git, and returns whether it succeeded and what it printed.
fn git(dir: &Path, arguments: &[&str]) -> (bool, String) {
    let output = Command::new("git")
        .current_dir(dir)
        .args([
            "-c",
            "user.name=Reader",
            "-c",
            "user.email=reader@example.org",
        ])
        .args(["-c", "commit.gpgsign=false", "-c", "pull.rebase=false"])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_MERGE_AUTOEDIT", "no")
        .env_remove("GIT_DIR")
        .env_remove("GIT_INDEX_FILE")
        .env_remove("GIT_WORK_TREE")
        .output()
        .expect("git is installed: the course was cloned with it");
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

#[track_caller]
fn git_ok(dir: &Path, arguments: &[&str]) {
    let (ok, said) = git(dir, arguments);
    assert!(ok, "git {arguments:?} failed:\n{said}");
}

/// The course upstream, and a reader's clone with 01.1 solved and committed on `mine`.
fn upstream_and_reader() -> (Tree, Tree) {
    let upstream = Tree::new();
    git_ok(&upstream.root, &["init", "-q", "-b", "main"]);
    git_ok(&upstream.root, &["add", "."]);
    git_ok(&upstream.root, &["commit", "-q", "-m", "the course"]);
    let reader = Tree::new();
    std::fs::remove_dir_all(&reader.root).unwrap();
    let from = upstream.root.to_str().unwrap();
    let to = reader.root.to_str().unwrap();
    git_ok(&upstream.root, &["clone", "-q", from, to]);
    git_ok(&reader.root, &["switch", "-q", "-c", "mine"]);
    reader.write(E1, &format!("{HEADER}{FROM}{MINE}{TO}"));
    git_ok(&reader.root, &["commit", "-q", "-a", "-m", "01.1 solved"]);
    (upstream, reader)
}

#[test]
fn a_new_header_and_another_exercise_merge_by_themselves() {
    let (upstream, reader) = upstream_and_reader();
    // The last line of the header is right above the marker, and the reader's first line
    // is right below it.
    let header =
        HEADER.replace("the header", "a better header") + "//! One more line.\n";
    let stub = format!("{header}{FROM}todo!(\"add\")\n{TO}");
    upstream.write(E1, &stub);
    upstream.write(STUB1, &stub);
    upstream.write(
        E2,
        &format!("{HEADER}{FROM}todo!(\"meet, but better\")\n{TO}"),
    );
    git_ok(
        &upstream.root,
        &["commit", "-q", "-a", "-m", "better headers"],
    );

    git_ok(&reader.root, &["pull", "-q", "origin", "main"]);
    assert_eq!(reader.read(E1), format!("{header}{FROM}{MINE}{TO}"));
    assert!(reader.read(E2).contains("but better"));
}

#[test]
fn of_a_rewritten_exercise_git_names_the_file_and_reset_restores_it() {
    let (upstream, reader) = upstream_and_reader();
    let stub = format!("{HEADER}{FROM}todo!(\"add three numbers now\")\n{TO}");
    upstream.write(E1, &stub);
    upstream.write(STUB1, &stub);
    git_ok(
        &upstream.root,
        &["commit", "-q", "-a", "-m", "01.1 rewritten"],
    );

    let (ok, said) = git(&reader.root, &["pull", "origin", "main"]);
    assert!(!ok, "{said}");
    assert!(said.contains(E1) && !said.contains(E2), "{said}");
    // The copy has both versions, with git's marks around them.
    reader
        .run(&["reset", "01.1", "--yes"])
        .ends_with(0)
        .has(&[".threadbare/backups"]);
    assert_eq!(reader.read(E1), stub);
    let kept = reader.read(".threadbare/backups/01_threads_e1_sum.1.rs");
    assert!(kept.contains(MINE), "{kept}");
    git_ok(&reader.root, &["add", E1]);
    git_ok(
        &reader.root,
        &["commit", "-q", "-m", "the course's new version"],
    );
}

#[test]
fn what_the_companion_writes_is_never_offered_to_git() {
    let (_upstream, reader) = upstream_and_reader();
    reader.write(".git/info/exclude", "/target\n");
    reader.run(&["hint", "01.2"]).ends_with(0);
    reader.write(E2, "mine\n");
    reader.run(&["reset", "01.2", "--yes"]).ends_with(0);
    let (_, said) = git(&reader.root, &["status", "--porcelain"]);
    assert_eq!(said, "");
}
