//! The steps that are little more than one command.

use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::process::{self, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use super::{Ci, Done, files, short};

/// How much `cargo fetch` may download, compressed.
const FETCH_BYTES_MAX: u64 = 60_000_000;

/// Other platforms on which the library must at least compile.
const TARGETS: &[&str] = &[
    "aarch64-apple-darwin",
    "x86_64-pc-windows-msvc",
    "x86_64-unknown-freebsd",
    "aarch64-unknown-linux-gnu",
    "i686-unknown-linux-gnu",
];

/// The cargo that started this program, in the root of the course.
pub(super) fn cargo(ci: &Ci) -> Command {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    command.current_dir(&ci.root);
    command
}

/// Prints the command, runs it in this terminal, and fails unless it succeeds.
pub(super) fn show(command: &mut Command) -> Result<(), String> {
    let line = line(command);
    anstream::println!("$ {line}");
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{line}` ended with {status}")),
        Err(error) => Err(format!("`{line}` did not start: {error}")),
    }
}

/// Runs the command and returns whether it succeeded, and what it wrote.
///
/// It writes into a file, not into a pipe: a process that it leaves behind would keep a pipe
/// open, and this one would wait for its end for ever.
pub(super) fn quiet(command: &mut Command) -> Result<(bool, String), String> {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    // ORDERING: Relaxed. Only that each number is given once matters.
    let run = RUNS.fetch_add(1, Relaxed);
    let name = format!("threadbare-ci-{}-{run}.txt", process::id());
    let path = env::temp_dir().join(name);
    let line = line(command);
    let failed = |error: io::Error| format!("`{line}` did not start: {error}");
    let file = File::create(&path).map_err(failed)?;
    command.stdin(Stdio::null());
    command
        .stdout(file.try_clone().map_err(failed)?)
        .stderr(file);
    let status = command.status().map_err(failed);
    let text = fs::read(&path).unwrap_or_default();
    let _ = fs::remove_file(&path);
    Ok((
        status?.success(),
        String::from_utf8_lossy(&text).into_owned(),
    ))
}

fn line(command: &Command) -> String {
    let program = command.get_program().to_string_lossy();
    let program = program.rsplit(['/', '\\']).next().unwrap_or(&program);
    let mut line = program.trim_end_matches(".exe").to_owned();
    for arg in command.get_args() {
        line.push(' ');
        line.push_str(&arg.to_string_lossy());
    }
    line
}

/// `rustfmt` on every file, also on those that no `mod` line leads to.
pub(super) fn fmt(ci: &Ci) -> Result<Done, String> {
    let files = files(&ci.root, &["."], ".rs");
    // Some systems allow no more than 32 KB of arguments.
    for some in files.chunks(100) {
        let mut rustfmt = Command::new("rustfmt");
        rustfmt.current_dir(&ci.root);
        rustfmt.args(["--check", "--edition", "2024"]).args(some);
        let (ok, text) = quiet(&mut rustfmt)?;
        if !ok {
            return Err(format!("{text}\n`rustfmt --edition 2024 FILE` mends it"));
        }
    }
    Ok(Done::Passed(format!("{} files", files.len())))
}

pub(super) fn clippy(ci: &Ci) -> Result<Done, String> {
    let args = ["clippy", "--workspace", "--all-targets", "--quiet"];
    show(cargo(ci).args(args).args(["--", "-D", "warnings"]))?;
    Ok(Done::Passed("whole workspace, all targets".into()))
}

/// The test command that the README tells its readers, so that the two can't drift.
pub(super) fn test_command(ci: &Ci) -> Result<String, String> {
    let readme = fs::read_to_string(ci.root.join("README.md"))
        .map_err(|error| format!("README.md: {error}"))?;
    readme
        .lines()
        .map(|line| line.split('#').next().unwrap_or_default().trim())
        .find(|line| *line == "cargo test" || line.starts_with("cargo test "))
        .map(str::to_owned)
        .ok_or("README.md shows no line that starts with `cargo test`".into())
}

pub(super) fn test(ci: &Ci) -> Result<Done, String> {
    let line = test_command(ci)?;
    show(cargo(ci).args(line.split_whitespace().skip(1)))?;
    Ok(Done::Passed(format!("`{line}`")))
}

pub(super) fn doc(ci: &Ci) -> Result<Done, String> {
    let mut command = cargo(ci);
    command.env("RUSTDOCFLAGS", "-D warnings");
    command.args(["doc", "--workspace", "--no-deps", "--quiet"]);
    show(&mut command)?;
    Ok(Done::Passed("whole workspace".into()))
}

/// A compile check for each platform whose standard library rustup has installed.
pub(super) fn cross(ci: &Ci) -> Result<Done, String> {
    let mut rustup = Command::new("rustup");
    rustup.current_dir(&ci.root);
    let Ok((true, installed)) =
        quiet(rustup.args(["target", "list", "--installed"]))
    else {
        return Ok(Done::Skipped(
            "rustup cannot say which targets it has".into(),
        ));
    };
    let (have, lack): (Vec<&str>, Vec<&str>) = TARGETS
        .iter()
        .partition(|target| installed.lines().any(|line| line.trim() == **target));
    for target in &have {
        let args = [
            "check",
            "--quiet",
            "-p",
            "threadbare",
            "--lib",
            "--examples",
        ];
        show(cargo(ci).args(args).args(["--target", target]))?;
    }
    if have.is_empty() {
        let why = "no other target is installed; try `rustup target add";
        return Ok(Done::Skipped(format!("{why} {}`", TARGETS[0])));
    }
    let mut what = format!("checked {}", have.join(", "));
    if !lack.is_empty() {
        what.push_str(&format!("; NOT installed: {}", lack.join(", ")));
    }
    Ok(Done::Passed(what))
}

/// Builds the book. mdbook exits with 0 also when an include is missing, so its words
/// decide.
pub(super) fn book(ci: &Ci) -> Result<Done, String> {
    let mut mdbook = Command::new("mdbook");
    mdbook.current_dir(&ci.root);
    if mdbook.arg("--version").output().is_err() {
        let how = "`cargo install mdbook --version 0.5.4 --locked`";
        return Ok(Done::Skipped(format!("there is no mdbook here: {how}")));
    }
    let mut mdbook = Command::new("mdbook");
    mdbook.current_dir(&ci.root).args(["build", "book"]);
    // What a reader's own settings hide must still be seen here.
    mdbook.env_remove("RUST_LOG").env_remove("MDBOOK_LOG");
    let (ok, text) = quiet(&mut mdbook)?;
    let bad = text
        .lines()
        .any(|line| line.contains("WARN") || line.contains("ERROR"));
    if !ok || bad {
        return Err(format!("{text}`mdbook build book` must be silent"));
    }
    let pages = files(&ci.root.join("book"), &["book"], ".html").len();
    Ok(Done::Passed(format!("{pages} pages")))
}

/// Starts a step of the package `course-check`, which knows Markdown, HTML and browsers.
pub(super) fn check(ci: &Ci, step: &str) -> Result<Done, String> {
    /// The exit status by which that package says that a tool is missing.
    const SKIPPED: i32 = 77;
    let mut command = cargo(ci);
    command.args(["run", "--quiet", "-p", "course-check", "--", step]);
    let line = line(&command);
    let status = command
        .status()
        .map_err(|error| format!("`{line}` did not start: {error}"))?;
    match status.code() {
        Some(0) => Ok(Done::Passed("see above".into())),
        Some(SKIPPED) => Ok(Done::Skipped("see above".into())),
        _ => Err(format!("`{line}` ended with {status}")),
    }
}

/// Runs the tests of the book's server, and looks at what it serves.
pub(super) fn served(ci: &Ci) -> Result<Done, String> {
    show(cargo(ci).args(["test", "--quiet", "-p", "course-serve"]))?;
    check(ci, "served")
}

/// Compiles the benchmarks, without the optimisation that measuring needs; and once more
/// with the reader's answers in the race.
pub(super) fn benches(ci: &Ci) -> Result<Done, String> {
    let check = ["check", "--quiet", "-p", "benches", "--all-targets"];
    show(cargo(ci).args(check))?;
    show(cargo(ci).args(check).args(["--features", "mine"]))?;
    Ok(Done::Passed("checked, not run".into()))
}

/// Searches the library's models to their end. A plain `cargo test` leaves the few largest
/// after some thousand states.
pub(super) fn models(ci: &Ci) -> Result<Done, String> {
    let test = ["test", "--quiet", "--lib", "models"];
    show(cargo(ci).args(test).env("THREADBARE_MODELS", "all"))?;
    Ok(Done::Passed("every order of each".into()))
}

/// Puts the pooled server to every case with 0, 1 and 4 handler threads and 1 and 2 loops. A
/// plain `cargo test` has the combinations that differ most.
pub(super) fn servers(ci: &Ci) -> Result<Done, String> {
    let test = ["test", "--quiet", "--test", "11_pooled_server"];
    show(cargo(ci).args(test).env("THREADBARE_SERVERS", "all"))?;
    Ok(Done::Passed(
        "0, 1, 4 handler threads and 1, 2 loops".into(),
    ))
}

/// Runs the tests of the packages that no default build has.
pub(super) fn peers(ci: &Ci) -> Result<Done, String> {
    show(cargo(ci).args(["test", "--quiet", "-p", "peers"]))?;
    Ok(Done::Passed("the same closures under loom".into()))
}

/// Adds up the archives that the lock file names, as they lie in cargo's cache.
pub(super) fn size(ci: &Ci) -> Result<Done, String> {
    let (ok, text) = quiet(cargo(ci).args(["fetch", "--locked"]))?;
    if !ok {
        return Err(format!("{text}`cargo fetch --locked` failed"));
    }
    let lock = fs::read_to_string(ci.root.join("Cargo.lock"))
        .map_err(|error| format!("Cargo.lock: {error}"))?;
    let home = env::home_dir().unwrap_or_default().join(".cargo");
    let home = env::var_os("CARGO_HOME").map_or(home, Into::into);
    let cached = files(&home.join("registry"), &["cache"], ".crate");
    let mut sizes = Vec::new();
    for package in lock.split("[[package]]").filter(|p| p.contains("checksum")) {
        let field = |name: &str| {
            let line = package.lines().find(|line| line.starts_with(name))?;
            line.split('"').nth(1).map(str::to_owned)
        };
        let (Some(name), Some(version)) = (field("name ="), field("version ="))
        else {
            continue;
        };
        let file = format!("{name}-{version}.crate");
        let path = cached.iter().find(|path| path.ends_with(&file));
        let bytes = path.and_then(|path| path.metadata().ok()).map(|m| m.len());
        sizes.push((bytes.unwrap_or_default(), short(&home, file.as_ref())));
    }
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    let total: u64 = sizes.iter().map(|(bytes, _)| bytes).sum();
    for (bytes, name) in sizes.iter().take(5) {
        anstream::println!("{:>8.2} MB  {name}", *bytes as f64 / 1e6);
    }
    let what = format!("{} packages, {:.1} MB", sizes.len(), total as f64 / 1e6);
    if total > FETCH_BYTES_MAX {
        return Err(format!(
            "{what}: more than {} MB",
            FETCH_BYTES_MAX / 1_000_000
        ));
    }
    Ok(Done::Passed(what))
}
