//! The verdict on one grader: for a reader as text, for the companion as a JSON line.

use std::fmt::{self, Write as _};
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};

/// How a grader ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The property holds.
    Passed,
    /// It does not, and the sentence says why.
    Failed,
    /// No end in sight when time was up.
    Hung,
    /// Not run, because another grader of the same answer hung before it began.
    Skipped,
}

/// One thread of a grader that hung.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StuckThread {
    /// The thread's name.
    pub name: String,
    /// What it announced last through [`step`](crate::step).
    pub step: Option<String>,
    /// What the kernel said of it.
    pub kernel: String,
}

/// What became of one grader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The exercise's number, as in `cargo grade 01.2`.
    pub exercise: String,
    /// The grader's name: `real::sums_every_element`.
    pub grader: String,
    /// How it ended.
    pub outcome: Outcome,
    /// What went wrong, as a sentence. Empty if nothing did.
    pub sentence: String,
    /// The line of the panic, from the top of the repository: `exercises/.../e1.rs:33`.
    pub at: Option<String>,
    /// The threads of a grader that hung.
    #[serde(default)]
    pub threads: Vec<StuckThread>,
    /// What a model checker reports beside its sentence: the interleaving in columns, a
    /// hint, the place in the book. Set out already, so it is shown as it is.
    #[serde(default)]
    pub report: String,
    /// What a model checker can repeat the failure from.
    #[serde(default)]
    pub schedule: Option<String>,
    /// What to know of a grader that passed all the same: its model was too large to be
    /// searched to the end.
    #[serde(default)]
    pub note: Option<String>,
    /// What the program printed, its end cut off past 16 KiB.
    pub output: String,
    /// How long the child process lived.
    pub ms: u64,
}

impl Verdict {
    /// Whether the property holds.
    pub fn passed(&self) -> bool {
        self.outcome == Outcome::Passed
    }

    /// Appends this verdict to `file` as one line of JSON.
    ///
    /// # Errors
    /// If the file can't be opened or written.
    pub fn append_to(&self, file: &Path) -> io::Result<()> {
        let mut line = serde_json::to_string(self)?;
        line.push('\n');
        // One write in append mode: graders run side by side.
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(file)?
            .write_all(line.as_bytes())
    }

    /// Reads back what [`append_to`](Self::append_to) wrote; a line that is no verdict, or
    /// only half of one, is left out.
    pub fn read_all(text: &str) -> Vec<Self> {
        text.lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect()
    }
}

/// The sentence, where it happened, the threads if it hung, a model checker's report, and
/// the program's own output.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.passed() {
            return match &self.note {
                Some(note) => write!(f, "passed; {note}"),
                None => f.write_str("passed"),
            };
        }
        f.write_str(&self.sentence)?;
        if let Some(at) = &self.at {
            let verb = if at.contains("/tests/") {
                "checked at"
            } else {
                "at"
            };
            write!(f, "\n  {verb} {at}")?;
        }
        for thread in &self.threads {
            write!(f, "\n  thread {}: {}", thread.name, thread.kernel)?;
            if let Some(step) = &thread.step {
                write!(f, "; last step: {step}")?;
            }
        }
        if !self.report.is_empty() {
            write!(f, "\n\n{}", self.report.trim_end())?;
        }
        if !self.output.is_empty() {
            f.write_str("\n  it printed:")?;
            for line in self.output.lines() {
                f.write_char('\n')?;
                write!(f, "  | {line}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hung() -> Verdict {
        Verdict {
            exercise: "01.1".to_owned(),
            grader: "real::threads_meet".to_owned(),
            outcome: Outcome::Hung,
            sentence: "not finished after 15 s".to_owned(),
            at: None,
            threads: vec![StuckThread {
                name: "w0".to_owned(),
                step: Some("waiting for 2 others".to_owned()),
                kernel: "asleep in futex".to_owned(),
            }],
            report: String::new(),
            schedule: None,
            note: None,
            output: "a\nb".to_owned(),
            ms: 15_000,
        }
    }

    #[test]
    fn a_verdict_survives_its_json_line() {
        let line = serde_json::to_string(&hung()).unwrap();
        assert_eq!(
            Verdict::read_all(&format!("{line}\n{{\"half\": \n")),
            [hung()]
        );
    }

    #[test]
    fn a_line_of_an_older_frame_is_still_read() {
        let line = serde_json::to_string(&hung()).unwrap();
        let line = line.replace(r#""report":"","schedule":null,"note":null,"#, "");
        assert!(!line.contains("schedule"));
        assert_eq!(Verdict::read_all(&line), [hung()]);
    }

    #[test]
    fn a_report_is_shown_as_it_is() {
        let verdict = Verdict {
            sentence: "DEADLOCK: nobody runs".to_owned(),
            report: "  main   t1\n  1 lock\n".to_owned(),
            threads: Vec::new(),
            output: String::new(),
            ..hung()
        };
        assert_eq!(
            verdict.to_string(),
            "DEADLOCK: nobody runs\n\n  main   t1\n  1 lock"
        );
    }

    #[test]
    fn the_text_has_the_sentence_the_threads_and_the_output() {
        assert_eq!(
            hung().to_string(),
            "not finished after 15 s\n  \
             thread w0: asleep in futex; last step: waiting for 2 others\n  \
             it printed:\n  | a\n  | b"
        );
    }
}
