//! Runs one version of a primitive under one checker and prints the verdict, in the form
//! that `peers::verdict` reads.

use peers::judge::{self, Limits};
use peers::{agreement, subjects};
use std::process::ExitCode;
use std::time::Duration;
use std::{env, fs, io};

const USAGE: &str = "\
usage: peers list
       peers agreement
       peers CHECKER PRIMITIVE VERSION [--model=NAME] [--limit-ms=N] [--preemptions=N]
                                       [--seed=N] [--executions=N]
`agreement` writes explorer/tests/loom_agreement.txt. CHECKER is explorer, loom, shuttle-random or shuttle-pct.
A VERSION's models run in order up to the first failure, or only the one that is named.";

/// What is asked for.
struct Asked {
    checker: String,
    primitive: String,
    version: String,
    model: Option<String>,
    limits: Limits,
}

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    if args == ["list"] {
        list();
        return ExitCode::SUCCESS;
    }
    if args == ["agreement"] {
        return match write_agreement() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("{error}");
                ExitCode::FAILURE
            }
        };
    }
    match asked(&args).is_some_and(|asked| judged(&asked)) {
        true => ExitCode::SUCCESS,
        false => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

/// Lets loom and the explorer judge everything, and writes down what they say.
fn write_agreement() -> io::Result<()> {
    let report = agreement::compare(&env::current_exe()?)?;
    let text = report.to_file();
    fs::write(agreement::file(), &text)?;
    print!("{text}");
    for problem in report.problems() {
        eprintln!("{problem}");
    }
    Ok(())
}

/// Prints each checker with what it can run, fields parted by tabs.
fn list() {
    for checker in ["explorer", "loom", "shuttle"] {
        for primitive in subjects::over(checker).unwrap_or_default() {
            for version in primitive.versions {
                let models: Vec<_> = version.models.iter().map(|m| m.name).collect();
                let (primitive, version, verdict) =
                    (primitive.name, version.name, version.verdict);
                let models = models.join("; ");
                println!("{checker}\t{primitive}\t{version}\t{verdict:?}\t{models}");
            }
        }
    }
}

fn asked(args: &[String]) -> Option<Asked> {
    let (flags, names): (Vec<_>, Vec<_>) =
        args.iter().partition(|arg| arg.starts_with("--"));
    let [checker, primitive, version] = names[..] else {
        return None;
    };
    let mut asked = Asked {
        checker: checker.clone(),
        primitive: primitive.clone(),
        version: version.clone(),
        model: None,
        limits: Limits {
            time: Duration::from_secs(60),
            preemptions: None,
            seed: 1,
            executions: usize::MAX,
        },
    };
    for flag in flags {
        let (name, value) = flag.split_once('=')?;
        let limits = &mut asked.limits;
        match name {
            "--model" => asked.model = Some(value.to_owned()),
            "--limit-ms" => {
                limits.time = Duration::from_millis(value.parse().ok()?);
            }
            "--preemptions" => limits.preemptions = Some(value.parse().ok()?),
            "--seed" => limits.seed = value.parse().ok()?,
            "--executions" => limits.executions = value.parse().ok()?,
            _ => return None,
        }
    }
    Some(asked)
}

/// Runs what is asked for; false if there is no such thing.
fn judged(asked: &Asked) -> bool {
    let primitives = subjects::over(&asked.checker).unwrap_or_default();
    let primitive = primitives.into_iter().find(|p| p.name == asked.primitive);
    let version = primitive
        .and_then(|p| p.versions.into_iter().find(|v| v.name == asked.version));
    let Some(mut version) = version else {
        return false;
    };
    if let Some(model) = &asked.model {
        version.models.retain(|m| m.name == model);
    }
    !version.models.is_empty() && judge::run(&asked.checker, &version, asked.limits)
}
