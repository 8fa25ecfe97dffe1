//! The solutions of chapter 00_measuring under the very graders of `exercises/00_measuring`.

include!(concat!(env!("OUT_DIR"), "/graders.rs"));

fn main() -> std::process::ExitCode {
    grading::grade(CHAPTER, exercises())
}
