//! The solutions of chapter 02_locks under the very graders of `exercises/02_locks`.

include!(concat!(env!("OUT_DIR"), "/graders.rs"));

fn main() -> std::process::ExitCode {
    grading::grade(CHAPTER, exercises())
}
