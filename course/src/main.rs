//! The companion of the course: the map, grading, hints, solutions.
//!
//! One file per subcommand. `main` finds the root of the course, hands it to the
//! subcommand, and turns an error into one sentence on standard error and exit status 1.

mod ci;

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The companion of the course threadbare. Alone it shows the map.
#[derive(Debug, Parser)]
#[command(name = "course", bin_name = "cargo course", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run what CI runs: one step, or `all`
    Ci {
        /// The step; without it, they are listed
        step: Option<String>,
        /// Let the step write what it would otherwise only check (`lists`)
        #[arg(long)]
        write: bool,
    },
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let root = root().unwrap_or_default();
    match cli.command {
        None => ExitCode::SUCCESS,
        Some(Command::Ci { step, write }) => ci::run(step.as_deref(), write, &root),
    }
}

/// The nearest folder upwards that holds the course.
fn root() -> Option<PathBuf> {
    let here = env::current_dir().ok()?;
    here.ancestors()
        .find(|dir| {
            dir.join("exercises").is_dir() && dir.join("Cargo.toml").is_file()
        })
        .map(PathBuf::from)
}
