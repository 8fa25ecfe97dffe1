//! The solutions of chapter 07_event_loop under the very graders of `exercises/07_event_loop`.

include!(concat!(env!("OUT_DIR"), "/graders.rs"));

fn main() -> std::process::ExitCode {
    grading::grade(CHAPTER, exercises())
}
