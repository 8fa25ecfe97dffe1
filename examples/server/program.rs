//! What the server programs have in common: with no flag they tell their story, with any they
//! serve, and whoever misuses them hears how it is done.

use std::io::{self, ErrorKind};
use std::process::ExitCode;

use super::flags::{self, Flags};
use super::say::complain;

/// Runs the program of that name, and says how it ended: 2 if it was misused.
pub(crate) fn run(
    name: &str,
    story: fn() -> io::Result<()>,
    serve: fn(Flags) -> io::Result<()>,
) -> ExitCode {
    let done = match flags::parse(std::env::args_os().skip(1)) {
        Ok(None) => story(),
        Ok(Some(flags)) => serve(flags),
        Err(sentence) => Err(misused(sentence)),
    };
    let Err(error) = done else {
        return ExitCode::SUCCESS;
    };
    complain!("{name}: {error}");
    if error.kind() != ErrorKind::InvalidInput {
        return ExitCode::FAILURE;
    }
    complain!("usage: {name} {}", flags::USAGE);
    ExitCode::from(2)
}

/// The error of a program that was called wrongly.
pub(crate) fn misused(sentence: String) -> io::Error {
    io::Error::new(ErrorKind::InvalidInput, sentence)
}
