//! Build script of every exercise and solution package: finds the answers and writes the
//! module tree that puts each of them under its graders.
//!
//! An answer says `use super::ground::...`, so the module above it decides on which ground
//! it stands. For exercise 2 of a chapter the tree is
//!
//! ```text
//! mod e2 {
//!     mod on_model { pub use explorer::ground;   mod answer; }   src/e2_....rs
//!     mod model;                                                 tests/e2/model.rs
//!     mod on_real { pub use threadbare::ground;  mod answer; }   src/e2_....rs
//!     mod real;                                                  tests/e2/real.rs
//! }
//! ```
//!
//! without the first half where there is no `model.rs`, since a model checker has nothing to
//! say, and without the second where there is no `real.rs`. A wrong answer gets the same
//! tree, with its own file in the place of `answer`; and one that begins with "the model must
//! say" gets the first half only: it takes a third less time to compile, and there are
//! hundreds. Up to chapter 05 the real ground is the
//! one with std's locks, `threadbare::ground::on_std`.
//!
//! Included by `#[path]` from each build script, so that it needs no crate.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// For `exercises/NN_name`: the reader's answers in `src`.
///
/// With `THREADBARE_ONLY=e1,e3` only these: then an answer that does not compile blocks no
/// other.
#[allow(dead_code, reason = "each build script calls one of the two")]
pub(crate) fn exercises() {
    let package = Package::here();
    println!("cargo::rerun-if-env-changed=THREADBARE_ONLY");
    println!("cargo::rustc-check-cfg=cfg(threadbare_only)");
    let only = env::var("THREADBARE_ONLY").unwrap_or_default();
    if !only.is_empty() {
        println!("cargo::rustc-cfg=threadbare_only");
    }
    let wanted =
        |key: &str| only.is_empty() || only.split(',').any(|one| one == key);
    package.write_graders(wanted);
}

/// For `solutions/NN_name`: the solutions in `src` under the exercises' graders, and every
/// answer in `wrong`, `right` and `stub` under the same.
#[allow(dead_code, reason = "each build script calls one of the two")]
pub(crate) fn solutions() {
    let package = Package::here();
    package.write_graders(|_| true);
    package.write_answers();
}

struct Package {
    /// The top of the repository.
    root: PathBuf,
    /// This package.
    folder: PathBuf,
    /// `exercises/NN_name`, where the graders are.
    exercises: PathBuf,
    /// `e1`, `e2` ... in order: the folders in the exercises' `tests`.
    keys: Vec<String>,
    out: PathBuf,
}

impl Package {
    fn here() -> Self {
        let folder =
            PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("run by cargo"));
        let out = PathBuf::from(env::var_os("OUT_DIR").expect("run by cargo"));
        let root = folder
            .ancestors()
            .nth(2)
            .expect("two levels down")
            .to_path_buf();
        let chapter = folder.file_name().expect("a folder has a name");
        let exercises = root.join("exercises").join(chapter);
        let tests = exercises.join("tests");
        let mut keys: Vec<String> = names(&tests)
            .into_iter()
            .filter(|name| tests.join(name).is_dir() && number(name).is_some())
            .collect();
        keys.sort_by_key(|key| number(key));
        for folder in [&tests, &exercises.join("exercises.toml")] {
            rerun_if_changed(folder);
        }
        println!("cargo::rerun-if-changed=build.rs");
        rerun_if_changed(&root.join("grading/generate.rs"));
        Self {
            root,
            folder,
            exercises,
            keys,
            out,
        }
    }

    fn write_graders(&self, wanted: impl Fn(&str) -> bool) {
        let source = self.folder.join("src");
        rerun_if_changed(&source);
        let mut tree = String::new();
        let mut list = String::new();
        for key in self.keys.iter().filter(|key| wanted(key)) {
            let found = answers_of(&source, key);
            let [answer] = found.as_slice() else {
                let _ = writeln!(
                    tree,
                    "compile_error!({:?});",
                    format!(
                        "exercise {key} needs exactly one file {key}_....rs in {}, and there \
                         are {}: take the others out, or bring it back with \
                         `cargo course reset`",
                        self.shown(&source),
                        found.len()
                    )
                );
                continue;
            };
            self.write_module(&mut tree, key, key, answer, false);
            let _ = writeln!(list, "    {},", self.exercise(key, key, answer));
        }
        let text = format!(
            "{}{tree}\nfn exercises() -> Vec<grading::Exercise> {{\n  vec![\n{list}  ]\n}}\n",
            self.constants(),
        );
        fs::write(self.out.join("graders.rs"), text)
            .expect("cargo's OUT_DIR is writable");
    }

    fn write_answers(&self) {
        let mut tree = String::new();
        let mut list = String::new();
        for role in ["Wrong", "Right", "Stub"] {
            let folder = self.folder.join(role.to_lowercase());
            rerun_if_changed(&folder);
            for key in &self.keys {
                for answer in answers_of(&folder, key) {
                    let stem = answer.file_stem().expect("a file").to_string_lossy();
                    let module = format!("{}_{stem}", role.to_lowercase());
                    self.write_module(&mut tree, &module, key, &answer, true);
                    let _ = writeln!(
                        list,
                        "    grading::Answer {{ role: grading::Role::{role}, exercise: {} }},",
                        self.exercise(&module, key, &answer)
                    );
                }
            }
        }
        let mut twins = String::new();
        for key in &self.keys {
            let one = |role: &str| {
                answers_of(&self.folder.join(role), key).into_iter().next()
            };
            let (Some(stub), Some(solution)) = (one("stub"), one("src")) else {
                let text =
                    format!("{key} needs a file in solutions/*/stub and one in src");
                let _ = writeln!(tree, "compile_error!({text:?});");
                continue;
            };
            let _ = writeln!(
                twins,
                "    grading::Twins {{ key: {key:?}, stub: include_str!({stub:?}), \
                 solution: include_str!({solution:?}) }},"
            );
        }
        let text = format!(
            "{}{tree}\nfn answers() -> Vec<grading::Answer> {{\n  vec![\n{list}  ]\n}}\n\n\
             fn twins() -> Vec<grading::Twins> {{\n  vec![\n{twins}  ]\n}}\n",
            self.constants(),
        );
        fs::write(self.out.join("answers.rs"), text)
            .expect("cargo's OUT_DIR is writable");
    }

    fn constants(&self) -> String {
        let catalog = self.exercises.join("exercises.toml");
        // What the course itself answers must be searched to the end.
        let strict = self.folder != self.exercises;
        format!(
            "const CHAPTER: grading::ChapterSource = grading::ChapterSource {{\n    \
             root: {:?},\n    catalog: include_str!({catalog:?}),\n    \
             strict: {strict},\n}};\n\n",
            self.root
        )
    }

    /// The kinds of graders that an answer gets, in the order in which they run, and the
    /// ground below each.
    fn kinds(&self, key: &str, answer: &Path) -> Vec<(&'static str, &'static str)> {
        let mut kinds =
            vec![("model", "explorer::ground"), ("real", self.real_ground())];
        kinds.retain(|(kind, _)| self.grader(key, kind).exists());
        if is_for_the_model(answer) {
            kinds.retain(|(kind, _)| *kind == "model");
        }
        kinds
    }

    /// Chapter 05 builds the locks of the ground; until then they are std's.
    fn real_ground(&self) -> &'static str {
        let chapter = self.folder.file_name().expect("a folder has a name");
        if chapter.to_string_lossy().as_ref() < "06" {
            "threadbare::ground::on_std as ground"
        } else {
            "threadbare::ground"
        }
    }

    fn grader(&self, key: &str, kind: &str) -> PathBuf {
        self.exercises
            .join("tests")
            .join(key)
            .join(format!("{kind}.rs"))
    }

    fn write_module(
        &self,
        tree: &mut String,
        module: &str,
        key: &str,
        answer: &Path,
        quiet: bool,
    ) {
        // What a reader writes is linted as part of the package's library, once.
        let lints = if quiet {
            "warnings, clippy::all"
        } else {
            "dead_code, unused_imports, clippy::duplicate_mod"
        };
        let _ = write!(
            tree,
            "#[allow(unreachable_pub, missing_docs, missing_debug_implementations, {lints})]\n\
             mod {module} {{\n"
        );
        let kinds = self.kinds(key, answer);
        if kinds.is_empty() {
            let text = format!("tests/{key} needs a model.rs or a real.rs");
            let _ = writeln!(tree, "compile_error!({text:?});");
        }
        for (kind, ground) in kinds {
            let graders = self.grader(key, kind);
            let _ = write!(
                tree,
                "    pub mod on_{kind} {{\n        \
                     pub use ::{ground};\n        \
                     #[path = {answer:?}]\n        \
                     pub mod answer;\n    \
                 }}\n    \
                 #[path = {graders:?}]\n    \
                 pub mod {kind};\n"
            );
        }
        tree.push_str("}\n\n");
    }

    fn exercise(&self, module: &str, key: &str, answer: &Path) -> String {
        let kinds = self.kinds(key, answer);
        let graders: Vec<String> = kinds
            .iter()
            .map(|(kind, _)| format!("({kind:?}, {module}::{kind}::graders())"))
            .collect();
        format!(
            "grading::Exercise {{ module: {module:?}, key: {key:?}, path: {:?}, \
             source: include_str!({answer:?}), \
             graders: vec![{}] }}",
            self.shown(answer),
            graders.join(", ")
        )
    }

    /// A path as a reader writes it: from the top of the repository, with `/`.
    fn shown(&self, path: &Path) -> String {
        let path = path.strip_prefix(&self.root).unwrap_or(path);
        path.to_string_lossy().replace('\\', "/")
    }
}

/// The files `KEY_....rs` in `folder`, sorted.
fn answers_of(folder: &Path, key: &str) -> Vec<PathBuf> {
    let prefix = format!("{key}_");
    let mut found: Vec<PathBuf> = names(folder)
        .into_iter()
        .filter(|name| name.starts_with(&prefix) && name.ends_with(".rs"))
        .map(|name| folder.join(name))
        .collect();
    found.sort();
    found
}

/// Whether a wrong answer says that the model checker rejects it.
fn is_for_the_model(answer: &Path) -> bool {
    fs::read_to_string(answer)
        .is_ok_and(|text| text.starts_with("//! the model must say: "))
}

/// 12 for `e12`.
fn number(key: &str) -> Option<u32> {
    key.strip_prefix('e')?.parse().ok()
}

fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| !name.starts_with('.'))
        .collect()
}

fn rerun_if_changed(path: &Path) {
    println!("cargo::rerun-if-changed={}", path.display());
}
