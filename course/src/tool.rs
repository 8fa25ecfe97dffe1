//! The cargo that this program starts.

use std::env;
use std::process::Command;

use crate::sentence::Sentence;

/// The cargo that has started this program, else the one on the path. What it says is for a
/// program: without colours, and without a line that moves.
pub(crate) fn cargo() -> Command {
    // cargo sets this for what it runs.
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .env("CARGO_TERM_COLOR", "never")
        .env("CARGO_TERM_PROGRESS_WHEN", "never");
    forget_cargo(&mut command);
    command
}

/// What cargo set for this program is not meant for the next cargo's build scripts, nor for
/// another program of another package.
pub(crate) fn forget_cargo(command: &mut Command) {
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&*name);
        }
    }
}

/// That `cargo` can't be started.
pub(crate) fn cannot_start(cargo: &Command, error: &std::io::Error) -> Sentence {
    Sentence::new(format!(
        "cannot start {}: {error}; is Rust installed (https://rustup.rs)?",
        cargo.get_program().display()
    ))
}
