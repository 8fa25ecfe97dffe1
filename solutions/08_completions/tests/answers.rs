//! Judges the graders of chapter 08_completions: every file in `wrong` must be rejected with its
//! sentence, every one in `right` accepted, and every stub must say what to do.

include!(concat!(env!("OUT_DIR"), "/answers.rs"));

fn main() -> std::process::ExitCode {
    grading::judge(CHAPTER, answers(), twins())
}
