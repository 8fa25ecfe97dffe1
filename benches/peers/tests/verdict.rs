//! What the program `peers` prints is read as it was meant.

use peers::verdict::{Outcome, Verdict};
use std::time::Duration;

#[test]
fn the_first_failure_counts() {
    let text = "noise\nfailed 3 0 1500 it broke\nended failed 9 0 9999\n";
    let verdict = Verdict::read(text).unwrap();
    assert_eq!(verdict.outcome, Outcome::Failed);
    assert_eq!((verdict.executions, verdict.states), (3, 0));
    assert_eq!(verdict.time, Duration::from_nanos(1500));
    assert_eq!(verdict.reported, Some(Duration::from_nanos(9999)));
    assert_eq!(verdict.says, "it broke");
    let aborted = Verdict::read("failed 3 0 1500 it broke\n").unwrap();
    assert_eq!(aborted.reported, None);
}

#[test]
fn without_a_failure_the_end_counts() {
    let verdict = Verdict::read("ended unfinished 7 0 10\n").unwrap();
    assert_eq!(
        (verdict.outcome, verdict.executions),
        (Outcome::Unfinished, 7)
    );
    assert_eq!(Verdict::read("thread 'main' overflowed its stack\n"), None);
}
