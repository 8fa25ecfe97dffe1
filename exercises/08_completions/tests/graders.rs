//! Grades your answers: `cargo test -p ex08`, or one of them with `cargo test -p ex08 e1`.
//!
//! What is checked is beside this file: by the model checker, in every order, in
//! `e1/model.rs`, `e2/model.rs` ..., and on real threads in `e1/real.rs`, `e2/real.rs` ....

include!(concat!(env!("OUT_DIR"), "/graders.rs"));

fn main() -> std::process::ExitCode {
    grading::grade(CHAPTER, exercises())
}
