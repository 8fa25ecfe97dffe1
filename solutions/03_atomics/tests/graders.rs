//! The solutions of chapter 03_atomics under the very graders of `exercises/03_atomics`.

include!(concat!(env!("OUT_DIR"), "/graders.rs"));

fn main() -> std::process::ExitCode {
    grading::grade(CHAPTER, exercises())
}
