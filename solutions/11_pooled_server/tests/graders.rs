//! The solutions of chapter 11_pooled_server under the very graders of `exercises/11_pooled_server`.

include!(concat!(env!("OUT_DIR"), "/graders.rs"));

fn main() -> std::process::ExitCode {
    grading::grade(CHAPTER, exercises())
}
