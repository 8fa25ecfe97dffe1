//! Property: the assembly that chapter 05 shows is what this compiler makes of
//! `book/src/05_futex_locks/listings/locks.rs`, and of the library's locks with it, for
//! x86-64 and for AArch64.
//!
//! `THREADBARE_WRITE=1 cargo test --test 05_the_listings_are_what_the_compiler_makes` writes
//! the listings anew, and in a second run the tables that are made of them.
//!
//! It needs the compiler for which they were written, and of each target the standard
//! library: `rustup target add aarch64-unknown-linux-gnu`. Where one is missing it says
//! SKIPPED.

mod listings;

use std::fmt::Write as _;
use std::fs;

use listings::{Functions, laid_out};

const FOLDER: &str = "book/src/05_futex_locks/listings";

/// A listing: its file, the target, and what else the compiler is told.
const LISTINGS: [(&str, &str, &str); 2] = [
    (
        "x86_64",
        "x86_64-unknown-linux-gnu",
        "-Cllvm-args=-x86-asm-syntax=intel",
    ),
    // With the atomic instructions of version 8.1, which all but the oldest have.
    (
        "aarch64",
        "aarch64-unknown-linux-gnu",
        "-Ctarget-feature=+lse",
    ),
];

/// What the listings show; much more is compiled. `add_ordered` is `add`, compiled once
/// more with `OrderedMutex` in the place of `Mutex`. (Were both in one file, the compiler
/// would make one function of the two, as it does of `get` and `get_std`.)
const SHOWN: [&str; 8] = [
    "add",
    "add_ordered",
    "add_std",
    "add_v1",
    "add_v2",
    "add_v3",
    "get",
    "get_std",
];

/// A column of a table: its title, a listing, and one of its functions.
type Column = (&'static str, &'static str, &'static str);

/// The tables, each with its anchor.
const TABLES: [(&str, [Column; 2]); 7] = [
    ("v1", both("add_v1")),
    ("v2", both("add_v2")),
    ("v3", both("add_v3")),
    ("v4", both("add")),
    ("ordered", ordered("x86_64")),
    ("ordered_aarch64", ordered("aarch64")),
    ("get", both("get")),
];

const fn both(function: &'static str) -> [Column; 2] {
    [
        ("x86-64", "x86_64", function),
        ("AArch64", "aarch64", function),
    ]
}

const fn ordered(listing: &'static str) -> [Column; 2] {
    [
        ("Mutex", listing, "add"),
        ("OrderedMutex", listing, "add_ordered"),
    ]
}

#[test]
fn the_listings_are_what_the_compiler_makes() {
    if !listings::is_their_compiler() {
        return;
    }
    for (name, target, flag) in LISTINGS {
        let Some(functions) = compiled(target, &[flag]) else {
            continue;
        };
        let listing = listings::listing(&functions);
        listings::keep(&format!("{FOLDER}/{name}.txt"), &listing);
    }
}

#[test]
fn the_tables_are_made_of_the_listings() {
    let mut tables = String::new();
    for (anchor, columns) in TABLES {
        let titles = columns.map(|(title, ..)| vec![title.to_owned()]);
        let cells = columns.map(|(_, listing, name)| written(listing)[name].clone());
        let _ = writeln!(tables, "ANCHOR: {anchor}");
        tables += &laid_out(&[titles.to_vec(), cells.to_vec()]);
        let _ = writeln!(tables, "ANCHOR_END: {anchor}");
    }
    listings::keep(&format!("{FOLDER}/side_by_side.txt"), &tables);
}

#[test]
fn an_order_costs_a_release_build_nothing() {
    for (name, ..) in LISTINGS {
        let functions = written(name);
        assert_eq!(functions["add_ordered"], functions["add"], "{name}");
    }
}

#[test]
fn ours_is_stds_instruction_for_instruction() {
    for (name, ..) in LISTINGS {
        let functions = written(name);
        // What wakes a sleeper has another name there.
        let ours = functions["add"].join("\n");
        let ours = ours.replace("futex::wake_one", "wake");
        assert_eq!(ours, functions["add_std"].join("\n"), "{name}");
        assert_eq!(functions["get_std"], ["is get"], "{name}");
    }
}

/// What is in the file.
fn written(name: &str) -> Functions {
    let path = listings::at(&format!("{FOLDER}/{name}.txt"));
    listings::functions(&fs::read_to_string(path).unwrap())
}

/// What is shown of the functions. A panic ends the program here: what would give the lock
/// back while it unwinds takes half of each listing, and is no part of the story.
fn compiled(target: &str, flags: &[&str]) -> Option<Functions> {
    let more = ["-Cpanic=abort", "-Ccodegen-units=1", "--cap-lints=allow"];
    let flags = [flags, &more].concat();
    let source = format!("{FOLDER}/locks.rs");
    let mut functions = listings::compiled(&source, target, &flags)?;
    let flags = [&*flags, &["--cfg=ordered"]].concat();
    let mut ordered = listings::compiled(&source, target, &flags)?;
    functions.insert("add_ordered".to_owned(), ordered.remove("add")?);
    functions.retain(|name, _| SHOWN.contains(&name.as_str()));
    assert_eq!(
        functions.len(),
        SHOWN.len(),
        "{target}: {:?}",
        functions.keys()
    );
    Some(functions)
}
