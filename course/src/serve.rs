//! `cargo run`: the map, and then the book from the course's own server.
//!
//! The server is a program of its own, `course-serve`, because mdbook is in it: to compile
//! that takes most of a minute once, and nobody should wait for it who only wants to have an
//! answer graded. Here it is built, with a line that shows how far it is, and then started in
//! the place of this program.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::thread;
use std::time::Duration;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;

use crate::sentence::{Result, Sentence};
use crate::tool;

/// The package, and its program.
const PACKAGE: &str = "course-serve";

/// How often the line with the spinner moves.
const SPINNER: Duration = Duration::from_millis(120);

/// Whether there is a server for this system: where chapter 07 has a loop.
pub(crate) const HERE: bool = cfg!(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "freebsd"
));

/// What the server is to do.
#[derive(Debug, Args)]
pub(crate) struct Flags {
    /// The port to listen on; 0 is any that is free [default: 3000]
    #[arg(long, value_name = "N")]
    port: Option<u16>,
    /// Open the book in a browser
    #[arg(long)]
    open: bool,
    /// Look at the files twice a second instead of waiting to be told
    #[arg(long)]
    poll: bool,
}

impl Flags {
    /// As the server understands them.
    fn arguments(&self) -> Vec<String> {
        let mut arguments = Vec::new();
        if let Some(port) = self.port {
            arguments.extend(["--port".to_owned(), port.to_string()]);
        }
        for (wanted, flag) in [(self.open, "--open"), (self.poll, "--poll")] {
            if wanted {
                arguments.push(flag.to_owned());
            }
        }
        arguments
    }
}

/// Builds the server and becomes it.
///
/// # Errors
/// If it can't be built or started; and where there is none.
pub(crate) fn run(root: &Path, flags: &Flags) -> Result<ExitCode> {
    if !HERE {
        return Err(Sentence::new(
            "the course's server needs Linux, macOS or FreeBSD: use WSL, or `mdbook serve book`",
        ));
    }
    let program = build(root)?;
    let mut command = Command::new(&program);
    command.args(flags.arguments()).current_dir(root);
    tool::forget_cargo(&mut command);
    become_it(&mut command).map_err(|error| {
        Sentence::new(format!("cannot start {}: {error}", program.display()))
    })
}

/// The other program takes over this process: its signals and its exit status are its own.
#[cfg(unix)]
fn become_it(command: &mut Command) -> std::io::Result<ExitCode> {
    use std::os::unix::process::CommandExt;
    Err(command.exec())
}

#[cfg(not(unix))]
fn become_it(command: &mut Command) -> std::io::Result<ExitCode> {
    let status = command.status()?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Builds the server, and tells where its program is.
fn build(root: &Path) -> Result<PathBuf> {
    let mut command = tool::cargo();
    command
        .args(["build", "-p", PACKAGE])
        .arg("--message-format=json-render-diagnostics")
        .current_dir(root)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let spawned = command.spawn();
    let mut child = spawned.map_err(|error| tool::cannot_start(&command, &error))?;
    let bar = bar();
    let said = child
        .stderr
        .take()
        .map(|stream| follow(stream, bar.clone()));
    let program = child.stdout.take().and_then(|stream| program(stream, &bar));
    let ended = child.wait();
    let said = said
        .and_then(|thread| thread.join().ok())
        .unwrap_or_default();
    bar.finish_and_clear();
    let failed = |why: String| {
        anstream::eprintln!("{}", said.trim_end());
        Sentence::new(format!("cannot build the server of the book: {why}"))
    };
    let status = ended.map_err(|error| failed(error.to_string()))?;
    if !status.success() {
        return Err(failed(format!(
            "`cargo build -p {PACKAGE}` ended with {status}"
        )));
    }
    program.ok_or_else(|| failed("cargo names no program".into()))
}

/// A line that moves, on standard error, if that is a terminal; else a line that does not.
fn bar() -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed:.dim}")
    {
        bar.set_style(style);
    }
    bar.set_message(HEAD);
    bar.enable_steady_tick(SPINNER);
    bar
}

const HEAD: &str = "building the server of the book";

/// Shows what cargo is doing, and returns all that it said: it is wanted if the build fails.
fn follow(
    stream: impl Read + Send + 'static,
    bar: ProgressBar,
) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut said = String::new();
        for line in BufReader::new(stream)
            .lines()
            .map_while(std::io::Result::ok)
        {
            if bar.is_hidden() && said.is_empty() && is_work(&line) {
                anstream::eprintln!("{HEAD}: once, about a minute");
            }
            said.push_str(&line);
            said.push('\n');
        }
        said
    })
}

fn is_work(line: &str) -> bool {
    matches!(
        line.trim_start().split(' ').next(),
        Some("Compiling" | "Downloading")
    )
}

/// Counts what is built, and returns the path of the program.
fn program(stream: impl Read, bar: &ProgressBar) -> Option<PathBuf> {
    let mut found = None;
    let mut built = 0;
    for line in BufReader::new(stream)
        .lines()
        .map_while(std::io::Result::ok)
    {
        let Ok(message) = serde_json::from_str::<Value>(&line) else {
            continue;
        };
        if message["reason"] != "compiler-artifact" {
            continue;
        }
        let name = message["target"]["name"].as_str().unwrap_or_default();
        if message["fresh"] != true {
            built += 1;
            bar.set_message(format!("{HEAD}: {built} compiled, {name}"));
        }
        if name == PACKAGE {
            found = message["executable"].as_str().map(PathBuf::from);
        }
    }
    found
}
