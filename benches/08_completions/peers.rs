//! The program with the heavy peers, and this one, in which the others are.

use std::env;
use std::io;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use benches::child::Server;
use benches::place;
use benches::worker::Worker;

/// The row of the crate `io-uring`.
pub(crate) const URING: &str = "io_uring_crate";
/// The rows of that program.
const NAMES: [&str; 3] = ["tokio", "tokio_tasks", URING];

/// Where the work of a row is done, or nowhere: then it has been said why.
fn program_of(name: &str) -> Option<PathBuf> {
    if let Some(why) = super::missing(name) {
        eprintln!("{name}: not measured, {why}");
        return None;
    }
    if !NAMES.contains(&name) {
        return Some(env::current_exe().expect("this program has a name"));
    }
    static BUILT: OnceLock<Option<PathBuf>> = OnceLock::new();
    let built = BUILT.get_or_init(|| match built() {
        Ok(program) => Some(program),
        Err(why) => {
            eprintln!("{}: not measured, {why}", NAMES.join(", "));
            None
        }
    });
    // The crate knows one system.
    let here = cfg!(target_os = "linux") || name != URING;
    built.clone().filter(|_| here)
}

fn built() -> Result<PathBuf, String> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let target = place::target_dir();
    let status = Command::new(cargo)
        .args(["build", "--quiet", "-p", "peers", "--profile", "bench"])
        .args(["--features", "completions", "--bin", "completions"])
        .arg("--target-dir")
        .arg(&target)
        .current_dir(place::root_dir())
        .status()
        .map_err(|error| format!("cargo: {error}"))?;
    match status.success() {
        true => Ok(target.join("release").join("completions")),
        false => Err("the package `peers` could not be built".into()),
    }
}

/// Starts a process that measures a row.
pub(crate) fn worker(name: &str) -> Option<io::Result<Worker>> {
    Some(Worker::start(&program_of(name)?, name))
}

/// Starts a process that serves a row.
pub(crate) fn server(name: &str) -> Option<io::Result<Server>> {
    Some(Server::start_in(&program_of(name)?, name))
}
