//! The solutions of chapter 09_http_parser under the very graders of `exercises/09_http_parser`.

include!(concat!(env!("OUT_DIR"), "/graders.rs"));

fn main() -> std::process::ExitCode {
    grading::grade(CHAPTER, exercises())
}
