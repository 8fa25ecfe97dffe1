//! The solutions of chapter 01_threads under the very graders of `exercises/01_threads`.

include!(concat!(env!("OUT_DIR"), "/graders.rs"));

fn main() -> std::process::ExitCode {
    grading::grade(CHAPTER, exercises())
}
