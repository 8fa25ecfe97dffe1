//! The solutions of chapter 06_work_stealing under the very graders of `exercises/06_work_stealing`.

include!(concat!(env!("OUT_DIR"), "/graders.rs"));

fn main() -> std::process::ExitCode {
    grading::grade(CHAPTER, exercises())
}
