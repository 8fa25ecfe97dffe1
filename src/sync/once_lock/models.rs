//! The once lock under the model checker. It has no ordering of its own: those are in
//! `Once`.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use super::OnceLock;
use crate::ground::sync::Arc;
use crate::modelled::{holds, holds_for_reasons, start};

/// Two make the value: both get the same one.
fn two_make_it() {
    let cell = Arc::new(OnceLock::new());
    let other = start(&cell, |cell| *cell.get_or_init(|| 1));
    let mine = *cell.get_or_init(|| 2);
    assert_eq!(other.join().unwrap(), mine, "there are two values");
    assert_eq!(cell.get(), Some(&mine));
}

/// One sets it while one makes it: one of the two is in it.
fn one_sets_it() {
    let cell = Arc::new(OnceLock::new());
    let other = start(&cell, |cell| cell.set(1));
    let value = *cell.get_or_init(|| 2);
    let expected = if value == 1 { Ok(()) } else { Err(1) };
    assert_eq!(other.join().unwrap(), expected);
}

/// One looks, and sees nothing or all of it. What it holds is dropped, or the explorer says
/// that it leaks.
fn one_looks() {
    let cell = Arc::new(OnceLock::new());
    let other = start(&cell, |cell| cell.set(Arc::new(7)).is_ok());
    if let Some(value) = cell.get() {
        assert_eq!(**value, 7);
    }
    assert!(other.join().unwrap());
}

/// One waits for a value that another makes at its second attempt.
fn one_waits() {
    let cell = Arc::new(OnceLock::new());
    let other = start(&cell, |cell| {
        let fails = || *cell.get_or_init(|| resume_unwind(Box::new("planned")));
        catch_unwind(AssertUnwindSafe(fails)).unwrap_err();
        assert_eq!(cell.get(), None);
        *cell.get_or_init(|| 1)
    });
    assert_eq!(*cell.wait(), 1);
    other.join().unwrap();
}

const MODELS: [(&str, fn()); 4] = [
    ("two make it", two_make_it),
    ("one sets it", one_sets_it),
    ("one looks", one_looks),
    ("one waits", one_waits),
];

#[test]
fn there_is_one_value() {
    for (name, program) in MODELS {
        holds(name, program);
    }
    holds_for_reasons("three make it", || {
        let cell = Arc::new(OnceLock::new());
        let others = [1, 2]
            .map(|value| start(&cell, move |cell| *cell.get_or_init(|| value)));
        let mine = *cell.get_or_init(|| 3);
        for other in others {
            assert_eq!(other.join().unwrap(), mine, "there are two values");
        }
    });
}
