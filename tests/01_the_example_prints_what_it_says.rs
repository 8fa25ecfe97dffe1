//! Property: the output that `examples/01_threads.rs` promises in its first lines is what it
//! prints, and with `--forget` the thread that nobody waits for is cut off.
//!
//! After a change, this writes the promise anew; look at the difference:
//! `THREADBARE_WRITE=1 cargo test --test 01_the_example_prints_what_it_says`

#[path = "common/example.rs"]
mod example;

use example::Example;

static EXAMPLE: Example = Example::new("01_threads", &["examples/01_threads.rs"]);

#[test]
fn the_promise_is_kept() {
    EXAMPLE.has_promised(&EXAMPLE.output_of(&[]), str::to_owned);
}

#[test]
fn a_forgotten_thread_is_cut_off() {
    let printed = EXAMPLE.output_of(&["--forget"]);
    assert_eq!(
        printed,
        "saving part 1 of 3\nmain: all is on its way, goodbye\n"
    );
}
