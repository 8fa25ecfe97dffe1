//! Opens a browser, with whatever the system has for that.

use std::process::{Command, Stdio};
use std::thread;

/// Opens `url` in the reader's browser, and says whether there was a program to ask.
pub(super) fn open(url: &str) -> bool {
    let program = if cfg!(target_os = "macos") {
        "open"
    } else {
        "xdg-open"
    };
    let child = Command::new(program)
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    match child {
        Ok(mut child) => {
            // Some of them stay as long as the browser does.
            thread::spawn(move || child.wait());
            true
        }
        Err(_) => false,
    }
}
