//! The solutions of chapter 10_http_server under the very graders of `exercises/10_http_server`.

include!(concat!(env!("OUT_DIR"), "/graders.rs"));

fn main() -> std::process::ExitCode {
    grading::grade(CHAPTER, exercises())
}
