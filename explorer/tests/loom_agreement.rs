//! Do loom and the explorer agree? Prints what the package `peers` found out, and checks that
//! it was about these primitives.
//!
//! Loom is no dependency of this package. `cargo test -p peers` lets loom judge the very same
//! closures, and keeps `loom_agreement.txt` fresh; that the explorer's verdict is the one
//! written there is proved by the table of primitives.

use std::collections::BTreeMap;
use std::io::{self, Write};

#[path = "primitives"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "only names and verdicts are needed here"
)]
mod primitives {
    pub use explorer::ground;
    pub mod arc;
    pub mod barrier;
    pub mod deque;
    pub mod peterson;
    pub mod seqlock;
    pub mod spec;
    pub mod spin_lock;
    pub mod spsc_ring;
    pub mod ticket_lock;
    pub mod treiber_stack;
}

use primitives::spec::{Primitive, Verdict};

const AGREEMENT: &str = include_str!("loom_agreement.txt");

/// Those that need no futex.
fn for_loom() -> Vec<Primitive> {
    vec![
        primitives::spin_lock::primitive(),
        primitives::ticket_lock::primitive(),
        primitives::peterson::primitive(),
        primitives::arc::primitive(),
        primitives::spsc_ring::primitive(),
        primitives::seqlock::primitive(),
        primitives::treiber_stack::primitive(),
        primitives::barrier::primitive(),
        primitives::deque::primitive(),
    ]
}

#[test]
fn loom_was_asked_about_every_version() {
    let lines = AGREEMENT.lines().filter(|line| !line.starts_with('#'));
    let (summaries, rows): (Vec<_>, Vec<_>) =
        lines.partition(|line| !line.contains(" | "));
    let rows: Vec<Vec<&str>> = rows
        .iter()
        .map(|row| row.split(" | ").map(str::trim).collect())
        .collect();

    let mut said = format!("the agreement with {}\n", summaries.join("\n"));
    for row in &rows {
        if let [primitive, version, explorer, loom, why] = row[..]
            && !loom.starts_with(explorer)
        {
            said += &format!(
                "  {primitive}, {version}: {explorer}; with loom it {loom}: {why}\n"
            );
        }
    }
    // Not by `println!`, which is only seen if the test fails.
    io::stderr()
        .write_all(said.as_bytes())
        .expect("stderr is open");

    let mut by_explorer: BTreeMap<_, _> =
        rows.iter().map(|row| ((row[0], row[1]), row[2])).collect();
    for primitive in for_loom() {
        for version in primitive.versions {
            let deserved = match version.verdict {
                Verdict::Wrong(_) => "fails",
                Verdict::Right | Verdict::Equivalent(_) => "passes",
            };
            let written = by_explorer.remove(&(primitive.name, version.name));
            assert_eq!(
                written,
                Some(deserved),
                "{}, {}: not what loom was asked about: cargo run -p peers -- agreement",
                primitive.name,
                version.name
            );
        }
    }
    assert!(by_explorer.is_empty(), "gone since: {by_explorer:?}");
}
