//! The program when nobody hears what it says, and when the system has nothing more to give.

#[cfg(target_os = "linux")]
use std::process::Command;

use crate::example::EXAMPLE;

#[test]
fn who_does_not_listen_makes_nobody_panic() {
    EXAMPLE.minds_no_listener("--port=0");
}

/// Each has two megabytes of stack, if only of addresses.
#[test]
#[cfg(target_os = "linux")]
fn a_thread_that_can_not_be_started_is_one_line() {
    let limited = |flags: &[&str]| {
        let mut command = Command::new("sh");
        command.args(["-c", "ulimit -v 300000 && exec \"$0\" \"$@\""]);
        command.arg(EXAMPLE.command().get_program()).args(flags);
        command.output().unwrap()
    };
    let output = limited(&["--port=0", "--handler-threads=1024"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.starts_with("11_pooled_server: thread `handler "),
        "{said}"
    );
    assert_eq!((output.status.code(), said.lines().count()), (Some(1), 1));
}
