//! The frame that grades the exercises of the course.
//!
//! Each chapter has one grader binary, a test target without libtest's harness. It knows
//! the chapter's [`Exercise`]s, and runs every grader in a child process of its own: the
//! same binary again, with one grader's name. So an answer may hang, abort, overflow its
//! stack or panic on any thread, and the other exercises are graded all the same.
//!
//! | module | what it does |
//! |---|---|
//! | [`catalog`] | reads `exercises.toml`: titles, kinds, hints, places in the book |
//! | [`report`] | the verdict on one grader, as text and as a JSON line |
//! | [`imports`] | scans an answer for `std::sync` and the like, and for locks |
//! | `parent`, `child` | the two ends of a grader's run |
//! | `look` | how wide, and in which colours, a model checker's report is |
//! | `told` | of several failures with one cause, tells the first |
//! | `asleep` | waits until threads sleep, so that a grader acts when nobody looks |
//! | `follow` | follows a reader's schedule to the end, also when nothing goes wrong |
//! | `harness` | the `main` of grader binaries, with libtest's usual flags |
//!
//! A file of graders is plain functions and one list:
//!
//! ```
//! grading::graders![counts_to_three];
//!
//! fn counts_to_three() {
//!     grading::step("counting");
//!     let got = 1 + 2;
//!     assert!(got == 3, "1 + 2 is 3, but the answer returned {got}");
//! }
//! # assert_eq!(graders().len(), 1);
//! ```

mod asleep;
pub mod catalog;
mod child;
mod follow;
mod harness;
pub mod imports;
mod look;
mod parent;
pub mod report;
mod told;

pub use asleep::until_asleep;
pub use child::{planned_panic, reject};
pub use follow::follow;
pub use harness::{grade, judge};
pub use threadbare::testkit::step;

/// One property of an answer, as a function that panics with a sentence if it fails.
#[derive(Debug, Clone, Copy)]
pub struct Grader {
    /// The function's name.
    pub name: &'static str,
    /// Runs once in a child process.
    pub run: fn(),
}

/// Lists the graders of a file, in the order in which they run.
#[macro_export]
macro_rules! graders {
    [$($name:ident),+ $(,)?] => {
        /// The graders of this file, in the order in which they run.
        pub fn graders() -> Vec<$crate::Grader> {
            vec![$($crate::Grader { name: stringify!($name), run: $name }),+]
        }
    };
}

/// An answer under its graders.
#[derive(Debug, Clone)]
pub struct Exercise {
    /// The module that holds both: `e2`, or `wrong_e2_serial`.
    pub module: &'static str,
    /// The exercise within its chapter: `e2`.
    pub key: &'static str,
    /// The answer's file, from the top of the repository.
    pub path: &'static str,
    /// The answer's text.
    pub source: &'static str,
    /// By kind, in the order in which they run: `model` before `real`, because it is
    /// faster and says more.
    pub graders: Vec<(&'static str, Vec<Grader>)>,
}

/// Where a grader binary was built, and the chapter's `exercises.toml`.
#[derive(Debug, Clone, Copy)]
pub struct ChapterSource {
    /// The top of the repository.
    pub root: &'static str,
    /// The text of `exercises.toml`.
    pub catalog: &'static str,
    /// Whether a model that is too large to be searched to its end fails. For a reader it
    /// passes with a note; in the course's own answers it is a fault.
    pub strict: bool,
}

/// What the graders must say of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Rejected, with the sentence in its first line.
    Wrong,
    /// Accepted by all.
    Right,
    /// Rejected with a sentence that tells a reader what to do.
    Stub,
}

/// An answer from `solutions/NN_name/{wrong,right,stub}`.
#[derive(Debug, Clone)]
pub struct Answer {
    /// What the graders must say.
    pub role: Role,
    /// The answer under its graders.
    pub exercise: Exercise,
}

/// A stub and its solution, equal outside the edit markers.
#[derive(Debug, Clone, Copy)]
pub struct Twins {
    /// The exercise within its chapter: `e2`.
    pub key: &'static str,
    /// The text of `stub/eK_....rs`.
    pub stub: &'static str,
    /// The text of `src/eK_....rs`.
    pub solution: &'static str,
}
