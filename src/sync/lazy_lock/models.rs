//! The lazy lock under the model checker.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use super::LazyLock;
use crate::ground::sync::Arc;
use crate::modelled::{holds, start};

/// A value made by a function that can be called once.
fn lazy(value: u32) -> LazyLock<u32, impl FnOnce() -> u32> {
    let once = Box::new(value);
    LazyLock::new(move || *once)
}

#[test]
fn it_is_made_once_and_everybody_sees_it() {
    holds("two use it", || {
        let shared = Arc::new(lazy(7));
        let other = start(&shared, |lazy| **lazy);
        assert_eq!(**shared, 7);
        assert_eq!(other.join().unwrap(), 7);
    });
    holds("one looks", || {
        let shared = Arc::new(lazy(7));
        let other = start(&shared, |lazy| **lazy);
        assert!(matches!(LazyLock::get(&*shared), None | Some(7)));
        other.join().unwrap();
    });
    holds("nobody uses it", || drop(lazy(7)));
    holds("alone", || {
        let mut lazy = lazy(7);
        assert_eq!(LazyLock::get_mut(&mut lazy), None);
        *lazy += 1;
        assert_eq!(LazyLock::get_mut(&mut lazy), Some(&mut 8));
        assert_eq!(*lazy, 8);
    });
}

/// The function is gone, so there is nothing to try again with.
#[test]
fn a_panic_is_told_to_all_who_come_later() {
    holds("it panics", || {
        let shared = Arc::new(LazyLock::<u32, _>::new(|| {
            resume_unwind(Box::new("planned"))
        }));
        let fails = |lazy: &LazyLock<u32, _>| {
            catch_unwind(AssertUnwindSafe(|| **lazy)).is_err()
        };
        let other = start(&shared, fails);
        assert!(fails(&shared) && other.join().unwrap() && fails(&shared));
        assert_eq!(LazyLock::get(&*shared), None);
    });
}
