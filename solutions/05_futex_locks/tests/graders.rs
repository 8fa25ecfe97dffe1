//! The solutions of chapter 05_futex_locks under the very graders of `exercises/05_futex_locks`.

include!(concat!(env!("OUT_DIR"), "/graders.rs"));

fn main() -> std::process::ExitCode {
    grading::grade(CHAPTER, exercises())
}
