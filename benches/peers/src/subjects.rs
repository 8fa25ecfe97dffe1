//! The primitives of the explorer's own proof, compiled over each ground.

#![allow(
    clippy::duplicate_mod,
    reason = "the same lines over another ground: that is the point"
)]

pub use crate::spec::{Fails, Model, Primitive, Verdict, Version};

/// Compiles the primitives' files below a parent whose `ground` is the given one.
macro_rules! over {
    ($parent:ident, $ground:path, $($file:ident)*) => {
        #[path = "../../../explorer/tests/primitives"]
        #[allow(
            dead_code,
            missing_docs,
            unreachable_pub,
            reason = "written for the explorer's tests"
        )]
        mod $parent {
            use crate::spec;
            use $ground as ground;
            $(mod $file;)*

            pub(super) fn all() -> Vec<spec::Primitive> {
                vec![$($file::primitive()),*]
            }
        }
    };
}

/// The same, with the primitives that need no futex, and then with those that do if the ground
/// `has_a_futex`.
macro_rules! all_over {
    ($parent:ident, $ground:path, has_a_futex) => {
        over!($parent, $ground,
            spin_lock ticket_lock peterson arc spsc_ring seqlock treiber_stack barrier deque
            futex_mutex condvar rwlock semaphore event once one_shot pool_sleep signal);
    };
    ($parent:ident, $ground:path) => {
        over!($parent, $ground,
            spin_lock ticket_lock peterson arc spsc_ring seqlock treiber_stack barrier deque);
    };
}

all_over!(over_explorer, explorer::ground, has_a_futex);
all_over!(over_loom, crate::ground::loom);
all_over!(over_shuttle, crate::ground::shuttle, has_a_futex);

/// All primitives that `checker` can run: those without a futex, if it is loom. Nothing if
/// there is no such checker.
#[must_use]
pub fn over(checker: &str) -> Option<Vec<Primitive>> {
    match checker {
        "explorer" => Some(over_explorer::all()),
        "loom" => Some(over_loom::all()),
        "shuttle" | "shuttle-random" | "shuttle-pct" => Some(over_shuttle::all()),
        _ => None,
    }
}

/// What the explorer runs before the clock starts: two threads and nothing wrong.
pub(crate) fn two_threads_over_explorer() {
    let thread = explorer::ground::thread::spawn(|| ());
    thread.join().expect("it does nothing");
}

/// The same for loom.
pub(crate) fn two_threads_over_loom() {
    loom::thread::spawn(|| ()).join().expect("it does nothing");
}

/// The same for shuttle.
pub(crate) fn two_threads_over_shuttle() {
    shuttle::thread::spawn(|| ())
        .join()
        .expect("it does nothing");
}
