//! What does each pitfall look like when it strikes, and what does its cure look like?
//!
//! Run: `cargo run --example pitfalls`, or one alone: `cargo run --example pitfalls -- lock_order`
//!
//! You will see (a test compares this with what the program prints):
//!
//! ```text
//! == unjoined: a thread saves 3 lines while main returns
//! ASSERTION: main has returned, and 0 of 3 lines are saved
//!   at examples/pitfalls/unjoined.rs:57
//!   unjoined.rs
//!   step  line  main                     thread 1
//!      1  56    disk.load(Relaxed) -> 0
//! fixed: main joins the thread before it returns
//!        every order of its steps has been tried, and nothing found
//!
//! == data_race: two threads count visits in a plain number
//! DATA RACE: thread 2 writes count at data_race.rs:36, thread 1 wrote it at
//! data_race.rs:36, and nothing orders the two
//!   at examples/pitfalls/data_race.rs:36
//!   data_race.rs
//!   step  line  main                         thread 1      thread 2
//!         56    joins thread 1
//!      1  36                                 writes count
//!      2  56    goes on: thread 1 has ended
//!         56    joins thread 2
//!      3  36                                               writes count
//! fixed: a mutex around the number
//!        every order of its steps has been tried, and nothing found
//!
//! == lock_order: two transfers between two accounts, in opposite directions
//! DEADLOCK: thread 1 waits at lock_order.rs:28 for bob, which thread 2 holds; main
//! waits at lock_order.rs:78 for the end of thread 1; thread 2 waits at
//! lock_order.rs:28 for ada, which thread 1 holds; each waits for another
//!   at examples/pitfalls/lock_order.rs:28
//!   lock_order.rs
//!   step  line  main            thread 1                  thread 2
//!         78    joins thread 1
//!      1  27                    locks ada
//!      2  27                                              locks bob
//!      3  28                                              waits for ada, held by
//!                                                         thread 1
//!      4  28                    waits for bob, held by
//!                               thread 2
//! fixed: the account with the smaller number is locked first
//!        every order of its steps has been tried, and nothing found
//! told:  lock order: `ada` is wanted at examples/pitfalls/lock_order.rs:60:22,
//!        while `bob` is held since examples/pitfalls/lock_order.rs:59:24
//!        earlier, `bob` was taken at examples/pitfalls/lock_order.rs:56:26,
//!        while `ada` was held since examples/pitfalls/lock_order.rs:55:28 (by
//!        thread main)
//!
//! == missed_unlock: two payments are read from text; one of them is no number
//! LIVELOCK: thread 2 goes round a loop at missed_unlock.rs:35, and nobody will
//! change what it waits for; main waits at missed_unlock.rs:121 for the end of
//! thread 2
//!   at examples/pitfalls/missed_unlock.rs:35
//!   missed_unlock.rs
//!   threads: main, thread 1, thread 2
//!   step  thread    line
//!         main      120   joins thread 1
//!      1  thread 1  34    locked.swap(true, Acquire): false -> true
//!      2  main      120   goes on: thread 1 has ended
//!         main      121   joins thread 2
//!      3  thread 2  34    locked.swap(true, Acquire): true -> true
//!         thread 2  35    spins: nothing has changed (and so on)
//! fixed: a guard unlocks when it goes out of scope, by whichever way
//!        every order of its steps has been tried, and nothing found
//! told:  deadlock: the lock that is wanted at
//!        examples/pitfalls/missed_unlock.rs:100:11 was taken at
//!        examples/pitfalls/missed_unlock.rs:99:22 by this same thread
//!
//! == wrong_ordering: one thread posts the letter 42 and raises a flag, one looks
//! ASSERTION: the flag is up, and the letter is 0
//!   at examples/pitfalls/wrong_ordering.rs:77
//!   wrong_ordering.rs
//!   step  line  main                            thread 1
//!      1  31                                    letter.store(42, Relaxed)
//!      2  32                                    flag.store(true, Relaxed)
//!      3  37    flag.load(Relaxed) -> true
//!      4  39    letter.load(Relaxed) -> 0  OLD
//! fixed: Release where the flag is raised, Acquire where it is seen
//!        every order of its steps has been tried, and nothing found
//!
//! == blocking_the_loop: one of eight clients asks for something slow
//! 0 of the 7 others were answered while it ran
//! fixed: a pool has the handler, and wakes the loop when it is done
//!        7 of the 7 others were answered while it ran
//!
//! == wrong_tool: a loop waits until a file has something to be read
//! at its end it was readable 3 times, with 0 bytes
//! fixed: a thread reads it, and wakes the loop when it is done
//!        the loop was woken when all of it had been read
//! ```
//!
//! Change first: in `lock_order.rs`, call `transfer` in `fixed` as well. What does the
//! program say about that?
//!
//! Needs: `03_atomics`, `05_futex_locks` for what follows `told`, and `07_event_loop` for the
//! last two. The book's page is *Seven pitfalls*.

#[cfg(any(target_os = "linux", target_os = "macos", target_os = "freebsd"))]
mod blocking_the_loop;
mod data_race;
mod lock_order;
mod missed_unlock;
mod unjoined;
mod wrong_ordering;
#[cfg(any(target_os = "linux", target_os = "macos", target_os = "freebsd"))]
mod wrong_tool;

use std::env;
use std::error::Error;
use std::panic;
use std::process::ExitCode;

use explorer::{Failure, Kind, Model};

/// How wide the reports are.
const WIDTH: usize = 81;

/// In the order in which the chapters come to them.
const ALL: &[Entry] = &[
    Entry::Explored(unjoined::PITFALL),
    Entry::Explored(data_race::PITFALL),
    Entry::Explored(lock_order::PITFALL),
    Entry::Explored(missed_unlock::PITFALL),
    Entry::Explored(wrong_ordering::PITFALL),
    // They need the loop of chapter 07, which not every system has.
    #[cfg(any(target_os = "linux", target_os = "macos", target_os = "freebsd"))]
    Entry::OnTheLoop(blocking_the_loop::PITFALL),
    #[cfg(any(target_os = "linux", target_os = "macos", target_os = "freebsd"))]
    Entry::OnTheLoop(wrong_tool::PITFALL),
];

enum Entry {
    Explored(Pitfall),
    #[cfg_attr(not(unix), allow(dead_code, reason = "there is no loop"))]
    OnTheLoop(OnTheLoop),
}

impl Entry {
    fn name(&self) -> &'static str {
        match self {
            Self::Explored(pitfall) => pitfall.name,
            Self::OnTheLoop(pitfall) => pitfall.name,
        }
    }
}

/// A program in which no order of steps is at fault, and the same without the mistake. Each
/// is simply run, and says what came of it.
#[cfg_attr(not(unix), allow(dead_code, reason = "there is no loop"))]
struct OnTheLoop {
    name: &'static str,
    /// What the program does.
    story: &'static str,
    wrong: fn() -> Result<String, Box<dyn Error>>,
    fixed: fn() -> Result<String, Box<dyn Error>>,
    /// What has been changed.
    cure: &'static str,
}

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
    /// The mistake with a lock of chapter 05, which says so itself: in debug builds, and in
    /// the run that makes it, also where nobody waits.
    told: Option<fn()>,
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let shown = match arguments.as_slice() {
        [] => ALL,
        [help] if help == "--help" || help == "-h" => {
            println!("{}", usage());
            return Ok(ExitCode::SUCCESS);
        }
        [name] => match ALL.iter().position(|pitfall| pitfall.name() == name) {
            Some(at) => &ALL[at..=at],
            None => return Ok(refuse(&format!("there is no pitfall `{name}`"))),
        },
        _ => return Ok(refuse("one name at most")),
    };
    for (at, pitfall) in shown.iter().enumerate() {
        if at > 0 {
            println!();
        }
        match pitfall {
            Entry::Explored(pitfall) => show(pitfall)?,
            Entry::OnTheLoop(pitfall) => run(pitfall)?,
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Makes the mistake, and then does without it.
fn run(pitfall: &OnTheLoop) -> Result<(), Box<dyn Error>> {
    println!("== {}: {}", pitfall.name, pitfall.story);
    println!("{}", (pitfall.wrong)()?);
    println!("fixed: {}", pitfall.cure);
    println!("       {}", (pitfall.fixed)()?);
    Ok(())
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
    if let Some(mistake) = pitfall.told {
        let said = if cfg!(debug_assertions) {
            said(mistake)
        } else {
            "nothing, in a release build".to_owned()
        };
        println!("told:  {}", folded(&said));
    }
    Ok(())
}

/// The message of the panic in which `mistake` ends.
fn said(mistake: fn()) -> String {
    let hook = panic::take_hook(); // the explorer's
    panic::set_hook(Box::new(|_| {})); // the message is printed here
    let panic = panic::catch_unwind(mistake).expect_err("its lock looks");
    panic::set_hook(hook);
    let said = panic.downcast::<String>();
    *said.expect("a message that names lines")
}

/// The text in lines of `WIDTH`, those after the first indented.
fn folded(text: &str) -> String {
    let indent = "       ";
    let mut lines = vec![String::new()];
    for line in text.lines() {
        for word in line.split_whitespace() {
            let last = lines.last_mut().expect("there is one");
            if last.is_empty() {
                last.push_str(word);
            } else if indent.len() + last.len() + 1 + word.len() <= WIDTH {
                last.push(' ');
                last.push_str(word);
            } else {
                lines.push(word.to_owned());
            }
        }
        lines.push(String::new());
    }
    lines.retain(|line| !line.is_empty());
    lines.join(&format!("\n{indent}"))
}

/// The sentence of a failure and the steps that led there, without how to replay them.
fn short(failure: &Failure) -> String {
    let report = failure.report(WIDTH, false);
    let (_model, report) = report.split_once('\n').unwrap_or_default();
    let parts: Vec<&str> = report.split("\n\n").take(2).collect();
    parts.join("\n").trim_end().to_owned()
}

fn usage() -> String {
    let names: Vec<&str> = ALL.iter().map(Entry::name).collect();
    format!("usage: pitfalls [NAME]\n       names: {}", names.join(", "))
}

fn refuse(why: &str) -> ExitCode {
    eprintln!("{why}\n{}", usage());
    ExitCode::from(2)
}
