//! Property: what `examples/09_http_parser.rs` promises in its first lines is what it prints,
//! and the chapter shows it.
//!
//! After a change, this writes both anew, in two runs; look at the difference:
//! `THREADBARE_WRITE=1 cargo test --test 09_http_parser example`

#[path = "../common/example.rs"]
mod common;

use common::{Example, is_shown};

static EXAMPLE: Example =
    Example::new("09_http_parser", &["examples/09_http_parser.rs"]);
const SHOWN: &str = "book/src/09_http_parser/example.txt";

#[test]
fn the_promise_is_kept() {
    EXAMPLE.has_promised(&EXAMPLE.output_of(&[]), str::to_owned);
}

#[test]
fn the_chapter_shows_what_is_promised() {
    is_shown(SHOWN, &with_anchors(&EXAMPLE.promise()));
}

/// All of it is `story`, and each numbered step is an anchor of its own: `step_1` ...
fn with_anchors(promise: &str) -> String {
    let mut text = String::from("ANCHOR: story\n");
    let mut number = 0;
    for line in promise.lines() {
        if line.starts_with(&format!("{}. ", number + 1)) {
            if number > 0 {
                text += &format!("ANCHOR_END: step_{number}\n");
            }
            number += 1;
            text += &format!("ANCHOR: step_{number}\n");
        }
        text += line;
        text += "\n";
    }
    text + &format!("ANCHOR_END: step_{number}\nANCHOR_END: story\n")
}
