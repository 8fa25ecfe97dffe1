//! Property: the assembly that chapter 03 shows is what this compiler makes of
//! `book/src/03_atomics/listings/orderings.rs`, for x86-64 and for AArch64.
//!
//! `THREADBARE_WRITE=1 cargo test --test 03_the_listings_are_what_the_compiler_makes` writes
//! the listings anew, and in a second run the tables that are made of them.
//!
//! It needs the compiler for which they were written, and of each target the core library:
//! `rustup target add aarch64-unknown-linux-gnu`. Where one is missing it says SKIPPED.

mod listings;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use listings::{Functions, laid_out};

const FOLDER: &str = "book/src/03_atomics/listings";
/// A listing: its file, the target, and what else the compiler is told.
const LISTINGS: [(&str, &str, &str); 3] = [
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
    // Without them, and without the function that finds out at run time.
    (
        "aarch64_8_0",
        "aarch64-unknown-linux-gnu",
        "-Ctarget-feature=-outline-atomics",
    ),
];

/// The tables: their anchor, the functions, and of which listings.
const TABLES: [(&str, &[&str], &[&str]); 7] = [
    (
        "loads",
        &["load_relaxed", "load_acquire", "load_seqcst"],
        &["x86_64", "aarch64"],
    ),
    (
        "stores",
        &["store_relaxed", "store_release", "store_seqcst"],
        &["x86_64", "aarch64"],
    ),
    (
        "updates",
        &["fetch_add_relaxed", "fetch_add_seqcst", "exchange_acquire"],
        &["x86_64", "aarch64"],
    ),
    (
        "updates_before_8_1",
        &["fetch_add_relaxed", "fetch_add_seqcst"],
        &["aarch64", "aarch64_8_0"],
    ),
    (
        "fences",
        &["fence_acquire", "fence_release", "fence_seqcst"],
        &["x86_64", "aarch64"],
    ),
    (
        "waiting",
        &["wait_plain", "wait_atomic"],
        &["x86_64", "aarch64"],
    ),
    (
        "merging",
        &["progress_plain", "progress_atomic"],
        &["x86_64", "aarch64"],
    ),
];

#[test]
fn the_listings_are_what_the_compiler_makes() {
    if !listings::is_their_compiler() {
        return;
    }
    for (name, target, flag) in LISTINGS {
        let source = format!("{FOLDER}/orderings.rs");
        let Some(functions) = listings::compiled(&source, target, &[flag]) else {
            continue;
        };
        listings::keep(
            &format!("{FOLDER}/{name}.txt"),
            &listings::listing(&functions),
        );
    }
}

#[test]
fn the_tables_are_made_of_the_listings() {
    let written: BTreeMap<&str, Functions> = LISTINGS
        .iter()
        .map(|&(name, ..)| {
            let path = listings::at(&format!("{FOLDER}/{name}.txt"));
            let text = fs::read_to_string(path).unwrap();
            (name, listings::functions(&text))
        })
        .collect();
    let mut tables = String::new();
    for (anchor, names, columns) in TABLES {
        let mut rows = vec![vec![vec![String::new()]]];
        rows[0].extend(columns.iter().map(|column| vec![title(column).into()]));
        for name in names {
            let mut row = vec![vec![(*name).to_owned()]];
            row.extend(columns.iter().map(|listing| cell(&written[listing][*name])));
            rows.push(row);
        }
        let _ = writeln!(tables, "ANCHOR: {anchor}");
        tables += &laid_out(&rows);
        let _ = writeln!(tables, "ANCHOR_END: {anchor}");
    }
    listings::keep(&format!("{FOLDER}/side_by_side.txt"), &tables);
}

fn title(listing: &str) -> &str {
    match listing {
        "x86_64" => "x86-64",
        "aarch64" => "AArch64",
        _ => "AArch64 before version 8.1",
    }
}

/// A function's instructions, without the `ret` at the end if there is no other way out.
fn cell(lines: &[String]) -> Vec<String> {
    let mut lines = lines.to_vec();
    if !lines.iter().any(|line| line.ends_with(':')) {
        assert_eq!(lines.pop().as_deref(), Some("ret"));
    }
    if lines.is_empty() {
        lines.push("no instruction".to_owned());
    }
    lines
}
