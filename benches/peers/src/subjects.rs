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

over!(over_loom, crate::ground::loom, spin_lock spsc_ring);
over!(over_shuttle, crate::ground::shuttle, spin_lock spsc_ring);

/// All primitives that `checker` can run: those without a futex, if it is loom. Nothing if
/// there is no such checker.
#[must_use]
pub fn over(checker: &str) -> Option<Vec<Primitive>> {
    match checker {
        "loom" => Some(over_loom::all()),
        "shuttle" | "shuttle-random" | "shuttle-pct" => Some(over_shuttle::all()),
        _ => None,
    }
}

/// What loom runs before the clock starts: two threads and nothing wrong.
pub(crate) fn two_threads_over_loom() {
    loom::thread::spawn(|| ()).join().expect("it does nothing");
}

/// The same for shuttle.
pub(crate) fn two_threads_over_shuttle() {
    shuttle::thread::spawn(|| ())
        .join()
        .expect("it does nothing");
}
