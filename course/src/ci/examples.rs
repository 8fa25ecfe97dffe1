//! Every example ends by itself within its time, and prints what its first comment promises.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::tools::{cargo, show};
use super::{Ci, Done, files, short, verdict};

/// The contract of `cargo run --example`: it ends by itself within this time.
const LIMIT: Duration = Duration::from_secs(10);
/// How often an example may be run until it shows all that it promises.
const ATTEMPTS: usize = 3;

pub(super) fn run(ci: &Ci) -> Result<Done, String> {
    show(cargo(ci).args(["build", "--quiet", "-p", "threadbare", "--examples"]))?;
    let mut problems = Vec::new();
    let mut count = 0;
    for path in &files(&ci.root, &["examples"], ".rs") {
        let Some(stem) = name(path) else { continue };
        count += 1;
        let source = fs::read_to_string(path).unwrap_or_default();
        let promised = promised(&source);
        let mut started = Instant::now();
        let mut output = output_of(ci, &stem);
        // Some show what a processor does now and then: beside a busy neighbour not at once.
        for _ in 1..ATTEMPTS {
            if output
                .as_ref()
                .is_ok_and(|it| !lacking(&promised, it).is_empty())
            {
                started = Instant::now();
                output = output_of(ci, &stem);
            }
        }
        match output {
            Ok(output) => {
                let seconds = started.elapsed().as_secs_f32();
                let lacking = lacking(&promised, &output);
                anstream::println!(
                    "{stem}: {seconds:.1} s, {} lines promised",
                    promised.len()
                );
                if promised.is_empty() {
                    let what = "its first comment shows no output (a ```text fence)";
                    problems.push(format!("{}: {what}", short(&ci.root, path)));
                }
                for line in lacking {
                    let file = short(&ci.root, path);
                    problems
                        .push(format!("{file}: promised but not printed: {line}"));
                }
            }
            Err(problem) => problems.push(format!("{stem}: {problem}")),
        }
    }
    verdict(&problems, format!("{count} examples"))
}

/// The name of the example that a file is, `examples/NAME.rs` or `examples/NAME/main.rs`;
/// other files are parts of one.
fn name(path: &Path) -> Option<String> {
    let folder = path.parent()?;
    let named = if folder.ends_with("examples") {
        path
    } else if path.ends_with("main.rs") {
        folder
    } else {
        return None;
    };
    Some(named.file_stem()?.to_string_lossy().into_owned())
}

/// Runs a built example without an argument and returns what it printed.
fn output_of(ci: &Ci, name: &str) -> Result<String, String> {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| ci.root.join("target"), Into::into);
    let program = target.join("debug").join("examples").join(name);
    let mut child =
        Command::new(program.with_extension(std::env::consts::EXE_EXTENSION))
            .current_dir(&ci.root)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("it did not start: {error}"))?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    thread::scope(|scope| {
        let out = scope.spawn(move || all_of(out));
        let err = scope.spawn(move || all_of(err));
        let started = Instant::now();
        let status = loop {
            match child.try_wait() {
                Ok(Some(status)) => break status,
                Ok(None) if started.elapsed() < LIMIT => {
                    thread::sleep(Duration::from_millis(20));
                }
                _ => {
                    let _ = child.kill();
                    let _ = child.wait();
                    return Err(format!(
                        "still running after {} s",
                        LIMIT.as_secs()
                    ));
                }
            }
        };
        let (out, err) = (
            out.join().unwrap_or_default(),
            err.join().unwrap_or_default(),
        );
        if status.success() {
            Ok(out)
        } else {
            Err(format!("it ended with {status}\n{out}{err}"))
        }
    })
}

fn all_of(stream: Option<impl Read>) -> String {
    let mut bytes = Vec::new();
    if let Some(mut stream) = stream {
        let _ = stream.read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The lines of the first ```text fence in the `//!` comment at the top.
fn promised(source: &str) -> Vec<String> {
    source
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .skip_while(|line| !line.trim().starts_with("```text"))
        .skip(1)
        .take_while(|line| !line.trim().starts_with("```"))
        .map(|line| line.trim().to_owned())
        .filter(|line| !line.is_empty() && !line.starts_with("..."))
        .collect()
}

/// The promised lines whose words do not occur in the output. Figures, units and marks are
/// left out of the comparison: they differ from machine to machine.
fn lacking<'a>(promised: &'a [String], output: &str) -> Vec<&'a str> {
    let printed: Vec<_> = output.lines().map(words).collect();
    promised
        .iter()
        .filter(|line| !printed.contains(&words(line)))
        .map(String::as_str)
        .collect()
}

fn words(line: &str) -> Vec<String> {
    const UNITS: &[&str] =
        &["ns", "us", "ms", "s", "x", "kb", "mb", "kib", "mib", "gib"];
    line.split(|c: char| !c.is_alphabetic() && c != '_')
        .map(str::to_lowercase)
        .filter(|word| !word.is_empty() && !UNITS.contains(&word.as_str()))
        .filter(|word| !["µs", "μs", "debug", "release"].contains(&word.as_str()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_is_a_file_or_a_folder_with_a_main() {
        let name = |path| name(Path::new(path));
        assert_eq!(name("/c/examples/00_first.rs").as_deref(), Some("00_first"));
        assert_eq!(name("/c/examples/many/main.rs").as_deref(), Some("many"));
        assert_eq!(name("/c/examples/many/part.rs"), None);
    }

    #[test]
    fn a_promise_is_kept_whatever_the_figures_are() {
        let source = "//! Why?\n//!\n//! ```text\n//! read in 31 ns, sum = 12\n//! lost 3\n//! ```\nfn main() {}";
        let promised = promised(source);
        assert_eq!(promised, ["read in 31 ns, sum = 12", "lost 3"]);
        let output = "hello\nread in 1.2 µs, sum = 7\n";
        assert_eq!(lacking(&promised, output), ["lost 3"]);
    }
}
