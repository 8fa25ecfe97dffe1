//! Grades your answers: `cargo test -p ex10`, or one of them with `cargo test -p ex10 e1`.
//!
//! What is checked is in `e1/real.rs`, `e2/real.rs` ... beside this file.

include!(concat!(env!("OUT_DIR"), "/graders.rs"));

fn main() -> std::process::ExitCode {
    grading::grade(CHAPTER, exercises())
}
