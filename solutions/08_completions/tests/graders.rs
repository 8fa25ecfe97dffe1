//! The solutions of chapter 08_completions under the very graders of `exercises/08_completions`.

include!(concat!(env!("OUT_DIR"), "/graders.rs"));

fn main() -> std::process::ExitCode {
    grading::grade(CHAPTER, exercises())
}
