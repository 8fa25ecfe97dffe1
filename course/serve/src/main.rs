//! Builds the book, and serves it with the server of chapter 11.
//!
//! `cargo run` starts this program once it is compiled. mdbook is its library, the server is
//! the course's own: one loop, four handler threads, files, and server-sent events, which
//! tell the pages when the book has been built again. See `serving`.
//!
//! It is a package apart, so that nobody waits for mdbook to be compiled who only wants to
//! have an answer graded.

#[cfg(any(target_os = "linux", target_os = "macos", target_os = "freebsd"))]
mod serving;

/// Elsewhere there is no event loop yet, so no server.
#[cfg(not(any(target_os = "linux", target_os = "macos", target_os = "freebsd")))]
mod serving {
    pub(crate) fn run(_: &crate::Flags) -> Result<(), String> {
        let way = "use WSL, or `mdbook serve book`";
        Err(format!(
            "the course's server needs Linux, macOS or FreeBSD: {way}"
        ))
    }
}

use std::process::{self, ExitCode};

use clap::{CommandFactory, Parser};

/// Builds the book and serves it on this machine.
#[derive(Debug, Parser)]
#[command(name = "course-serve", version)]
struct Flags {
    /// The port to listen on; 0 is any that is free
    #[arg(long, value_name = "N", default_value_t = 3000)]
    port: u16,
    /// Open the book in a browser
    #[arg(long)]
    open: bool,
    /// Look at the files twice a second instead of waiting to be told
    #[arg(long)]
    poll: bool,
}

fn main() -> ExitCode {
    let flags = Flags::try_parse().unwrap_or_else(|error| refuse(&error));
    match serving::run(&flags) {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("error: {sentence}");
            ExitCode::FAILURE
        }
    }
}

/// Ends with what is wrong with the flags, status 2; or with the help, which is no error.
fn refuse(error: &clap::Error) -> ! {
    let _ = error.print();
    // Of a value that is none clap names the flag, and does not show how it is used.
    if error.use_stderr() && !error.to_string().contains("Usage") {
        eprintln!("{}", Flags::command().render_usage());
    }
    process::exit(error.exit_code())
}
