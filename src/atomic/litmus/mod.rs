//! Litmus tests: what this machine's memory really does, beside what it is allowed to do.
//!
//! A litmus test is a program of two to four threads with one or two operations each, and
//! a question: can it end like this? Its answer is a fact about a memory model. There are
//! three answers to each, and they need not agree:
//!
//! | who answers | how | says |
//! |---|---|---|
//! | the language | [`Test::allowed`] | what a compiler and a processor may do |
//! | the explorer | the same functions in a model | the same, but for load buffering |
//! | this processor | [`run`] | what it did, in so many rounds |
//!
//! A processor that never does what the language allows is no proof of anything: another
//! one does, or the next compiler. One that does what the language forbids would be broken.
//!
//! [`TESTS`] are written once, over a ground, and compiled twice: `programs.rs` is a module
//! here, and `examples/03_atomics.rs` includes it again over the explorer's ground.
//!
//! ```
//! use threadbare::atomic::litmus::{TESTS, run};
//!
//! let test = &TESTS[0];
//! assert_eq!(test.name(), "adding, load, store");
//! let counts = run(test, 1_000, 42);
//! for (outcome, count) in counts.iter() {
//!     println!("{}: {count} times", test.show(outcome)); // r0=0 r1=1: 480 times
//! }
//! ```

mod programs;
mod run;
#[cfg(test)]
mod tests;

use crate::ground;
pub use programs::{Program, TESTS, Test, Thread};
pub use run::{Counts, run};
