//! What every file in this folder is made of: a primitive whose orderings and slips are
//! data, so that one text serves as the right version and as all of its wrong ones.
//!
//! # How to include these files
//!
//! A primitive imports from two modules beside it, `super::ground` (where atomics, cells,
//! threads and the futex come from) and `super::spec` (this file). So a parent module
//! chooses the ground, and the same file can stand below several parents:
//!
//! ```ignore
//! #[path = "../../explorer/tests/primitives"]
//! mod over_another_checker {
//!     pub use crate::my_facade as ground; // atomic, cell, futex, hint, thread, sync::Arc
//!     pub mod spec;
//!     pub mod spin_lock;
//! }
//! over_another_checker::spin_lock::primitive()
//! ```
//!
//! From the ground they take only `atomic`, `cell::UnsafeCell` (`with`, `with_mut`),
//! `hint::spin_loop`, `thread::{spawn, JoinHandle}` and `sync::Arc`. These need no more than
//! that: `spin_lock`, `ticket_lock`, `peterson`, `arc`, `spsc_ring`, `seqlock`,
//! `treiber_stack`, `barrier`, `deque`. The others sleep in `futex::{wait, wake_one, wake_all}`
//! and cannot be built over a checker that has no futex.
//!
//! `primitive()` returns a [`Primitive`]: a name and its [`Version`]s, each with a verdict and
//! with models, which are plain closures (`Fn() + Send + Sync + 'static`) to be run under
//! whichever checker the ground belongs to.

use std::fmt;
use std::sync::Arc;

/// What a checker must say about a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Passes every model.
    Right,
    /// Fails in at least one model, and in one of these ways.
    Wrong(&'static [Fails]),
    /// Looks weaker than the right version, and is not: the sentence says why. Passes.
    Equivalent(&'static str),
}

/// How a wrong version shows itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fails {
    /// Two accesses of a cell, one of them a write, that nothing orders.
    Race,
    /// An `assert!` of the model, or a panic in the primitive.
    Assertion,
    /// Somebody sleeps, and nobody is left to wake them.
    LostWakeUp,
    /// Somebody spins for a value that nobody will write.
    Livelock,
}

/// One closure to be explored.
#[derive(Clone)]
pub struct Model {
    pub name: &'static str,
    pub run: Arc<dyn Fn() + Send + Sync>,
}

/// One version of a primitive: its models, with its orderings and slips filled in.
#[derive(Clone)]
pub struct Version {
    pub name: &'static str,
    pub verdict: Verdict,
    pub models: Vec<Model>,
}

/// A primitive in all its versions: the right one first, then the right one with every
/// ordering raised to `SeqCst`, then the wrong ones.
#[derive(Clone)]
pub struct Primitive {
    pub name: &'static str,
    pub versions: Vec<Version>,
}

/// A version as its file lists it.
pub type Listed<S> = (&'static str, S, Verdict);

/// A model as its file lists it.
pub type ListedModel<S> = (&'static str, fn(S));

/// A value of a file's `Spec`, as the `spec!` macro makes it.
pub trait Orderings: Copy + Send + Sync + 'static {
    /// The same with `SeqCst` for every ordering.
    fn all_seq_cst(self) -> Self;
}

impl Primitive {
    /// Puts `right`, the same in `SeqCst`, and the `others` under each of the `models`.
    pub fn new<S: Orderings>(
        name: &'static str,
        right: S,
        models: &[ListedModel<S>],
        others: &[Listed<S>],
    ) -> Self {
        let always = [
            ("right", right, Verdict::Right),
            ("all SeqCst", right.all_seq_cst(), Verdict::Right),
        ];
        let version = |&(name, spec, verdict): &Listed<S>| Version {
            name,
            verdict,
            models: models
                .iter()
                .map(|&(name, model)| Model {
                    name,
                    run: Arc::new(move || model(spec)),
                })
                .collect(),
        };
        Primitive {
            name,
            versions: always.iter().chain(others).map(version).collect(),
        }
    }
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Model").field(&self.name).finish()
    }
}

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Version").field(&self.name).finish()
    }
}

impl fmt::Debug for Primitive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Primitive").field(&self.name).finish()
    }
}

/// Declares a file's `Spec`, with one field for each ordering and one for each slip, and
/// its `RIGHT` value, in which each ordering is as stated and no slip is made.
macro_rules! spec {
    (
        orderings { $($(#[doc = $why:literal])* $ordering:ident: $right:ident,)* }
        slips { $($(#[doc = $what:literal])* $slip:ident,)* }
    ) => {
        /// The orderings of a version, and the slips that it makes.
        #[derive(Clone, Copy, Debug)]
        pub struct Spec {
            $($(#[doc = $why])* pub $ordering: super::ground::atomic::Ordering,)*
            $($(#[doc = $what])* pub $slip: bool,)*
        }

        /// The version that is right, with no ordering stronger than it needs.
        pub const RIGHT: Spec = Spec {
            $($ordering: super::ground::atomic::Ordering::$right,)*
            $($slip: false,)*
        };

        impl super::spec::Orderings for Spec {
            fn all_seq_cst(self) -> Self {
                Spec {
                    $($ordering: super::ground::atomic::Ordering::SeqCst,)*
                    ..self
                }
            }
        }
    };
}
pub(crate) use spec;

/// The versions of a file beside the right one, a line or two for each.
macro_rules! versions {
    (@right) => {
        super::spec::Verdict::Right
    };
    (@wrong $kinds:tt) => {
        super::spec::Verdict::Wrong({
            use super::spec::Fails::*;
            &$kinds
        })
    };
    (@equivalent $why:tt) => {
        super::spec::Verdict::Equivalent($why)
    };
    ($(
        $name:literal { $($field:ident: $value:expr),* }
        $verdict:ident $($why:literal)? $([$($kind:ident),*])?;
    )*) => {
        &[$((
            $name,
            Spec { $($field: $value,)* ..RIGHT },
            versions!(@$verdict $($why)? $([$($kind),*])?),
        )),*]
    };
}
pub(crate) use versions;
