//! The solutions of chapter 04_explorer under the very graders of `exercises/04_explorer`.

include!(concat!(env!("OUT_DIR"), "/graders.rs"));

fn main() -> std::process::ExitCode {
    grading::grade(CHAPTER, exercises())
}
