//! What does each pitfall look like when it strikes, and what does its cure look like?
//!
//! Run: `cargo run --example pitfalls`, or one alone: `cargo run --example pitfalls -- lock_order`
//!
//! You will see (a test compares this with what the program prints):
//!
//! ```text
//! == unjoined: a thread saves 3 lines while main returns
//! ASSERTION: main has returned, and 0 of 3 lines are saved
//!   at examples/pitfalls/unjoined.rs:56
//!   unjoined.rs
//!   step  line  main                     thread 1
//!      1  55    disk.load(Relaxed) -> 0
//! fixed: main joins the thread before it returns
//!        every order of its steps has been tried, and nothing found
//!
//! == data_race: two threads count visits in a plain number
//! DATA RACE: thread 2 writes count at data_race.rs:35, thread 1 wrote it at
//! data_race.rs:35, and nothing orders the two
//!   at examples/pitfalls/data_race.rs:35
//!   data_race.rs
//!   step  line  main                         thread 1      thread 2
//!         55    joins thread 1
//!      1  35                                 writes count
//!      2  55    goes on: thread 1 has ended
//!         55    joins thread 2
//!      3  35                                               writes count
//! fixed: a mutex around the number
//!        every order of its steps has been tried, and nothing found
//!
//! == lock_order: two transfers between two accounts, in opposite directions
//! DEADLOCK: thread 1 waits at lock_order.rs:26 for bob, which thread 2 holds; main
//! waits at lock_order.rs:61 for the end of thread 1; thread 2 waits at
//! lock_order.rs:26 for ada, which thread 1 holds; each waits for another
//!   at examples/pitfalls/lock_order.rs:26
//!   lock_order.rs
//!   step  line  main            thread 1                  thread 2
//!         61    joins thread 1
//!      1  25                    locks ada
//!      2  25                                              locks bob
//!      3  26                                              waits for ada, held by
//!                                                         thread 1
//!      4  26                    waits for bob, held by
//!                               thread 2
//! fixed: the account with the smaller number is locked first
//!        every order of its steps has been tried, and nothing found
//!
//! == missed_unlock: two payments are read from text; one of them is no number
//! LIVELOCK: thread 2 goes round a loop at missed_unlock.rs:33, and nobody will
//! change what it waits for; main waits at missed_unlock.rs:110 for the end of
//! thread 2
//!   at examples/pitfalls/missed_unlock.rs:33
//!   missed_unlock.rs
//!   threads: main, thread 1, thread 2
//!   step  thread    line
//!         main      109   joins thread 1
//!      1  thread 1  32    locked.swap(true, Acquire): false -> true
//!      2  main      109   goes on: thread 1 has ended
//!         main      110   joins thread 2
//!      3  thread 2  32    locked.swap(true, Acquire): true -> true
//!         thread 2  33    spins: nothing has changed (and so on)
//! fixed: a guard unlocks when it goes out of scope, by whichever way
//!        every order of its steps has been tried, and nothing found
//!
//! == wrong_ordering: one thread posts the letter 42 and raises a flag, one looks
//! ASSERTION: the flag is up, and the letter is 0
//!   at examples/pitfalls/wrong_ordering.rs:76
//!   wrong_ordering.rs
//!   step  line  main                            thread 1
//!      1  30                                    letter.store(42, Relaxed)
//!      2  31                                    flag.store(true, Relaxed)
//!      3  36    flag.load(Relaxed) -> true
//!      4  38    letter.load(Relaxed) -> 0  OLD
//! fixed: Release where the flag is raised, Acquire where it is seen
//!        every order of its steps has been tried, and nothing found
//! ```
//!
//! Change first: in `lock_order.rs`, call `transfer` in `fixed` as well. What does the
//! program say about that?
//!
//! Needs: `03_atomics`. The book's page is *Seven pitfalls*.

mod data_race;
mod lock_order;
mod missed_unlock;
mod unjoined;
mod wrong_ordering;

use std::env;
use std::error::Error;
use std::process::ExitCode;

use explorer::{Failure, Kind, Model};

/// How wide the reports are.
const WIDTH: usize = 81;

/// In the order in which the chapters come to them.
const ALL: &[Pitfall] = &[
    unjoined::PITFALL,
    data_race::PITFALL,
    lock_order::PITFALL,
    missed_unlock::PITFALL,
    wrong_ordering::PITFALL,
];

/// A program that goes wrong in some order of its steps, and the same without the mistake.
struct Pitfall {
    name: &'static str,
    /// What the program does.
    story: &'static str,
    wrong: fn(),
    /// What the explorer says of `wrong`.
    kind: Kind,
    fixed: fn(),
    /// What has been changed.
    cure: &'static str,
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let shown = match arguments.as_slice() {
        [] => ALL,
        [help] if help == "--help" || help == "-h" => {
            println!("{}", usage());
            return Ok(ExitCode::SUCCESS);
        }
        [name] => match ALL.iter().position(|pitfall| pitfall.name == name) {
            Some(at) => &ALL[at..=at],
            None => return Ok(refuse(&format!("there is no pitfall `{name}`"))),
        },
        _ => return Ok(refuse("one name at most")),
    };
    for (at, pitfall) in shown.iter().enumerate() {
        if at > 0 {
            println!();
        }
        show(pitfall)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Finds the mistake, prints how, and explores the program without it to its end.
fn show(pitfall: &Pitfall) -> Result<(), Box<dyn Error>> {
    println!("== {}: {}", pitfall.name, pitfall.story);
    let found = Model::new(pitfall.name).explore(pitfall.wrong);
    let failure = found
        .err()
        .ok_or("no mistake was found, and there is one")?;
    assert_eq!(failure.kind, pitfall.kind);
    println!("{}", short(&failure));

    let stats = Model::new(pitfall.name).explore(pitfall.fixed)?;
    assert!(stats.complete, "so small a model is explored to its end");
    println!("fixed: {}", pitfall.cure);
    println!("       every order of its steps has been tried, and nothing found");
    Ok(())
}

/// The sentence of a failure and the steps that led there, without how to replay them.
fn short(failure: &Failure) -> String {
    let report = failure.report(WIDTH, false);
    let (_model, report) = report.split_once('\n').unwrap_or_default();
    let parts: Vec<&str> = report.split("\n\n").take(2).collect();
    parts.join("\n").trim_end().to_owned()
}

fn usage() -> String {
    let names: Vec<&str> = ALL.iter().map(|pitfall| pitfall.name).collect();
    format!("usage: pitfalls [NAME]\n       names: {}", names.join(", "))
}

fn refuse(why: &str) -> ExitCode {
    eprintln!("{why}\n{}", usage());
    ExitCode::from(2)
}
