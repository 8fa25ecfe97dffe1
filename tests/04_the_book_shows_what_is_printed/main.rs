//! Property: what chapter 04 shows as output is what its programs print.
//!
//! After a change of the explorer, this writes the files anew; look at the difference:
//! `THREADBARE_WRITE=1 cargo test --test 04_the_book_shows_what_is_printed`

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

pub(crate) use explorer::ground;
use explorer::{Kind, Model};

mod answer;
mod spin_lock;

/// How wide a report in the book is.
const WIDTH: usize = 85;
const BOOK: &str = "book/src/04_explorer/";
const STUBS: &str = "solutions/04_explorer/stub";

#[test]
fn the_report_of_a_data_race() {
    let failure = Model::new("two threads count")
        .explore(spin_lock::model)
        .expect_err("the unlock is Relaxed");
    assert_eq!(failure.kind, Kind::DataRace);
    compare("data_race.txt", &failure.report(WIDTH, false));
}

/// Two threads that have nothing to do with each other: schedules against states.
#[test]
fn the_table_of_what_pruning_saves() {
    let mut table = "\
        | steps of each thread | schedules | executions | states |\n\
        |--:|--:|--:|--:|\n"
        .to_owned();
    for steps in [1, 2, 3, 5, 8] {
        let schedules = by_version_2(steps);
        let model = Model::new("two threads that share nothing");
        let stats = model.explore(move || by_version_3(steps)).unwrap();
        let (executions, states) = (stats.executions, stats.states);
        let _ = writeln!(
            table,
            "| {steps} | {} | {executions} | {states} |",
            thousands(schedules)
        );
    }
    compare("pruning.md", &table);
}

fn by_version_2(steps: u32) -> u64 {
    use explorer::v2_interleavings::{Atomic, Thread, explore};
    let explored = explore(|| {
        let thread = |_| -> Thread {
            Box::new(move |me| {
                let own = Atomic::default();
                for step in 0..steps {
                    // ORDERING: Relaxed. Nobody else has it.
                    own.store(me, step, explorer::ground::atomic::Ordering::Relaxed);
                }
            })
        };
        ([(); 2].map(thread).into(), Box::new(|| {}))
    });
    explored.expect("nothing can go wrong")
}

fn by_version_3(steps: u32) {
    use explorer::ground::atomic::{AtomicU32, Ordering::Relaxed};
    use explorer::ground::thread;
    let thread = |()| {
        thread::spawn(move || {
            let own = AtomicU32::new(0);
            for step in 0..steps {
                // ORDERING: Relaxed. Nobody else has it.
                own.store(step, Relaxed);
            }
        })
    };
    for thread in [(); 2].map(thread) {
        thread.join().unwrap();
    }
}

fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The example's output, in the pieces that the chapter shows.
#[test]
fn the_pieces_of_the_example() {
    let source = fs::read_to_string(at_root("examples/04_explorer.rs")).unwrap();
    // `04_the_example_prints_what_it_says` holds these lines against the program.
    let promised: Vec<&str> = source
        .lines()
        .skip_while(|line| *line != "//! ```text")
        .skip(1)
        .take_while(|line| *line != "//! ```")
        .map(|line| line.strip_prefix("//! ").unwrap_or_default())
        .collect();
    let mut text = String::new();
    for (anchor, number) in
        [("stress", "1. "), ("relaxed", "2. "), ("wake_up", "3. ")]
    {
        let part = promised.iter().skip_while(|line| !line.starts_with(number));
        let _ = writeln!(text, "ANCHOR: {anchor}");
        for (index, line) in part.enumerate() {
            if index > 0
                && line.starts_with(|c: char| c.is_ascii_digit())
                && line.contains(". ")
            {
                break;
            }
            let _ = writeln!(text, "{line}");
        }
        let _ = writeln!(text, "ANCHOR_END: {anchor}");
    }
    let schedule = promised.iter().find_map(|line| {
        let (_, rest) = line.split_once("replay")?;
        rest.split('"').nth(1)
    });
    let schedule = schedule.expect("a report ends with its schedule");
    let _ = writeln!(text, "ANCHOR: schedule\n{schedule}\nANCHOR_END: schedule");
    compare("example.txt", &text);
}

/// The trace that exercise 04.3 asks about.
#[test]
fn the_trace_of_the_newspaper() {
    let failure = Model::new("one issue of a newspaper")
        .replay("1*2 0 0.1", answer::given::one_issue)
        .expect_err("this schedule ends in a data race");
    assert_eq!(failure.kind, Kind::DataRace);
    let report = failure.report(80, false);
    // The path as a reader writes it, and not as this test has come to the file.
    let path = |line: &str| match line.split_once("../exercises/") {
        Some((_, path)) => format!("  at exercises/{path}"),
        None => line.to_owned(),
    };
    let line =
        |line: &str| format!("{}\n", format!("//! {}", path(line)).trim_end());
    let trace: String = report.lines().map(line).collect();
    // The first is the reader's, who may do with it whatever they like. That it equals the
    // stub as committed is checked elsewhere.
    let copies = [
        "exercises/04_explorer/src",
        "solutions/04_explorer/src",
        STUBS,
    ];
    for folder in copies.iter().skip(usize::from(!writes())) {
        let file = format!("{folder}/e3_trace.rs");
        let path = at_root(&file);
        let text = fs::read_to_string(&path).unwrap();
        let (before, rest) = text.split_once("//! ```text trace\n").unwrap();
        let (shown, after) = rest.split_once("//! ```\n").unwrap();
        if writes() {
            let text = format!("{before}//! ```text trace\n{trace}//! ```\n{after}");
            fs::write(path, text).unwrap();
        } else {
            assert_eq!(shown, trace, "{file} shows an old trace");
        }
    }
}

fn compare(file: &str, text: &str) {
    let path = at_root(BOOK).join(file);
    if writes() {
        fs::write(path, text).unwrap();
        return;
    }
    let shown = fs::read_to_string(path).unwrap_or_default();
    assert_eq!(shown, text, "{BOOK}{file} shows what was printed once");
}

fn writes() -> bool {
    env::var_os("THREADBARE_WRITE").is_some()
}

fn at_root(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}
