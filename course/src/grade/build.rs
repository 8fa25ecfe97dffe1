//! What the compiler said, and whose answer it is about.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::catalog::Exercise;

/// What came out of a build.
#[derive(Debug, Default)]
pub(crate) struct Build {
    /// By exercise number: errors that stand in its answer or its graders.
    pub(crate) errors: BTreeMap<u32, Vec<String>>,
    /// By exercise number: warnings about its answer.
    pub(crate) warnings: BTreeMap<u32, Vec<String>>,
    /// Errors that are nobody's.
    pub(crate) strange: Vec<String>,
    /// What cargo said last of success.
    pub(crate) success: Option<bool>,
}

impl Build {
    /// Takes in one line of cargo's JSON.
    pub(crate) fn hear(&mut self, line: &str, root: &Path, exercises: &[Exercise]) {
        let Ok(message) = serde_json::from_str::<Value>(line) else {
            return;
        };
        match message["reason"].as_str() {
            Some("build-finished") => self.success = message["success"].as_bool(),
            Some("compiler-message") => {
                self.diagnostic(&message["message"], root, exercises)
            }
            _ => {}
        }
    }

    fn diagnostic(&mut self, message: &Value, root: &Path, exercises: &[Exercise]) {
        let Some(rendered) = message["rendered"].as_str() else {
            return;
        };
        // The library and the graders compile the same file, the graders by its full path:
        // told twice, shown once.
        let rendered = rendered.replace(&format!("{}/", root.display()), "");
        let mut files = Vec::new();
        files_of(&message["spans"], &mut files);
        let about = exercises
            .iter()
            .find(|one| files.iter().any(|file| is_of(file, one)));
        let level = message["level"].as_str().unwrap_or_default();
        let list = match (level, about) {
            ("warning", Some(exercise)) => {
                self.warnings.entry(exercise.number).or_default()
            }
            (level, Some(exercise)) if level.starts_with("error") => {
                self.errors.entry(exercise.number).or_default()
            }
            // "aborting due to 2 previous errors" points nowhere.
            (level, None) if level.starts_with("error") && !files.is_empty() => {
                &mut self.strange
            }
            _ => return,
        };
        if !list.contains(&rendered) {
            list.push(rendered);
        }
    }
}

/// Whether a path, absolute or from the top, is the exercise's answer or a grader of it.
fn is_of(file: &str, exercise: &Exercise) -> bool {
    let file = file.replace('\\', "/");
    file.ends_with(&exercise.answer())
        || file.contains(&format!("{}/", exercise.graders()))
}

/// The files that spans point into, through macros to where they were called.
fn files_of<'a>(spans: &'a Value, files: &mut Vec<&'a str>) {
    for span in spans.as_array().into_iter().flatten() {
        let mut span = span;
        while let Some(file) = span["file_name"].as_str() {
            files.push(file);
            span = &span["expansion"]["span"];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::tests::exercise;

    fn message(level: &str, file: &str) -> String {
        format!(
            r#"{{"reason":"compiler-message","message":{{"level":"{level}","rendered":"{level} in {file}","spans":[{{"file_name":"<macro>","expansion":{{"span":{{"file_name":"{file}","expansion":null}}}}}}]}}}}"#
        )
    }

    #[test]
    fn an_error_is_filed_under_the_exercise_that_it_stands_in() {
        let exercises = [exercise(1), exercise(2), exercise(12)];
        let mut build = Build::default();
        for line in [
            message("error", "exercises/01_threads/src/e2_x.rs"),
            message("error", "/home/r/exercises/01_threads/src/e2_x.rs"),
            message("error", "exercises/01_threads/src/e2_x.rs"),
            message("error", "exercises/01_threads/tests/e1/real.rs"),
            message("warning", "exercises/01_threads/src/e12_x.rs"),
            message("error", "src/ground/mod.rs"),
            r#"{"reason":"build-finished","success":false}"#.to_owned(),
            "not JSON".to_owned(),
        ] {
            build.hear(&line, Path::new("/home/r"), &exercises);
        }
        assert_eq!(build.errors.keys().copied().collect::<Vec<_>>(), [1, 2]);
        assert_eq!(build.errors[&2].len(), 1, "told three times");
        assert_eq!(build.warnings.keys().copied().collect::<Vec<_>>(), [12]);
        assert_eq!(build.strange.len(), 1);
        assert_eq!(build.success, Some(false));
    }
}
