//! The trace that exercise 03.8 asks about is the one that the explorer prints.
//! `THREADBARE_WRITE=1` writes it.

use std::path::Path;
use std::{env, fs};

use explorer::{Kind, Model};

use explorer::ground;

#[allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    reason = "an answer stands below its graders, and there it is looked at"
)]
#[path = "../src/e8_read_a_trace.rs"]
mod answer;

use answer::given::{Change, three_hands};

#[test]
fn the_trace_of_the_parcel() {
    let failure = Model::new("a parcel goes through three hands")
        .replay("1 2*2 0", || three_hands(Change::None))
        .expect_err("this schedule ends in a data race");
    assert_eq!(failure.kind, Kind::DataRace);
    let report = failure.report(85, false);
    // The path as a reader writes it, and not as this test has come to the file.
    let path = |line: &str| match line.split_once("../exercises/") {
        Some((_, path)) => format!("  at exercises/{path}"),
        None => line.to_owned(),
    };
    let line =
        |line: &str| format!("{}\n", format!("//! {}", path(line)).trim_end());
    let trace: String = report.lines().map(line).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let writes = env::var_os("THREADBARE_WRITE").is_some();
    // The first is the reader's, who may do with it whatever they like. That it equals the
    // stub as committed is checked elsewhere.
    let copies = [
        "exercises/03_atomics/src",
        "solutions/03_atomics/src",
        "solutions/03_atomics/stub",
    ];
    for folder in copies.iter().skip(usize::from(!writes)) {
        let path = root.join(folder).join("e8_read_a_trace.rs");
        let text = fs::read_to_string(&path).unwrap();
        let (before, rest) = text.split_once("//! ```text trace\n").unwrap();
        let (shown, after) = rest.split_once("//! ```\n").unwrap();
        if writes {
            let text = format!("{before}//! ```text trace\n{trace}//! ```\n{after}");
            fs::write(path, text).unwrap();
        } else {
            assert_eq!(shown, trace, "{folder} shows an old trace");
        }
    }
}
