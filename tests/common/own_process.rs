//! A test in a process of its own, where no other one opens, allocates, wakes or computes
//! anything.

#![allow(dead_code, reason = "no test needs all of it")]

use std::env;
use std::process::Command;

const MARK: &str = "THREADBARE_ALONE";

/// Runs the test of this name once more, in a process of its own. `true` in that process:
/// then the caller does the test.
pub(crate) fn alone(name: &str) -> bool {
    if is_alone() {
        return true;
    }
    let child = once_more(name).output().unwrap();
    let [out, err] =
        [child.stdout, child.stderr].map(|it| String::from_utf8(it).unwrap());
    print!("{out}");
    assert!(child.status.success(), "{out}{err}");
    assert!(out.contains("1 passed"), "there is no test {name}: {out}");
    false
}

/// Whether this is such a process.
pub(crate) fn is_alone() -> bool {
    env::var_os(MARK).is_some()
}

/// How to start it.
pub(crate) fn once_more(name: &str) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args([name, "--exact", "--nocapture"])
        .env(MARK, "1");
    command
}
