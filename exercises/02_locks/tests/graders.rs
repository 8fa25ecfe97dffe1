//! Grades your answers: `cargo test -p ex02`, or one of them with `cargo test -p ex02 e1`.
//!
//! What is checked is beside this file: on real threads in `e1/real.rs`, `e3/real.rs` ...,
//! and by the model checker, in every order, in `e1/model.rs`, `e2/model.rs` ....

include!(concat!(env!("OUT_DIR"), "/graders.rs"));

fn main() -> std::process::ExitCode {
    grading::grade(CHAPTER, exercises())
}
