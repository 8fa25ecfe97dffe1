//! Where things are: the top of the course, what the companion keeps, and how a path is
//! shown to a reader who may stand in a sub-directory.

use std::env;
use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::sentence::{Result, Sentence};

/// The top of the course: the nearest folder upwards that has the exercises, else the one
/// that this program was built from.
pub(crate) fn root() -> Result<PathBuf> {
    let here = env::current_dir().map_err(|error| {
        Sentence::new(format!("cannot tell the current folder: {error}"))
    })?;
    // cargo sets this for what it runs: the folder of the package `course`.
    let package = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    here.ancestors()
        .chain(package.as_deref().and_then(Path::parent))
        .find(|dir| is_root(dir))
        .map(resolved)
        .ok_or_else(|| {
            Sentence::new(format!(
                "{} is not inside the course: change to the folder that you cloned it into",
                here.display()
            ))
        })
}

/// The path without symbolic links, so that two ways to a folder compare as equal. Not on
/// Windows, where such paths begin with `\\?\` and few programs understand them.
fn resolved(path: &Path) -> PathBuf {
    let resolved = if cfg!(windows) {
        None
    } else {
        fs::canonicalize(path).ok()
    };
    resolved.unwrap_or_else(|| path.to_path_buf())
}

fn is_root(dir: &Path) -> bool {
    dir.join("Cargo.toml").is_file() && dir.join("exercises").is_dir()
}

/// What can be made again: verdicts, and how many hints were read. `cargo clean` may take it.
pub(crate) fn cache(root: &Path) -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    // Relative means: from where the reader stands.
    let target = target.unwrap_or_else(|| root.join("target"));
    target.join("threadbare")
}

/// What can't be made again: answers that a reset took away. Outside `target/`, so that
/// `cargo clean` spares it, and with a `.gitignore` of its own.
pub(crate) fn backups(root: &Path) -> Result<PathBuf> {
    let top = root.join(".threadbare");
    let backups = top.join("backups");
    fs::create_dir_all(&backups)
        .map_err(|error| Sentence::file("make", &backups, &error))?;
    let ignore = top.join(".gitignore");
    if !ignore.exists() {
        fs::write(&ignore, "*\n")
            .map_err(|error| Sentence::file("write", &ignore, &error))?;
    }
    Ok(backups)
}

/// A path from the top of the course, as the reader can open it from where they stand.
pub(crate) fn shown(root: &Path, path: &str) -> String {
    let here = env::current_dir().map(|here| resolved(&here));
    let Some(below) = here
        .as_deref()
        .ok()
        .and_then(|here| here.strip_prefix(root).ok())
    else {
        return root.join(path).display().to_string();
    };
    from(below, path)
}

/// `path` seen from `below`; both start at the top.
fn from(below: &Path, path: &str) -> String {
    let mut below = below.components().peekable();
    let mut rest = Path::new(path).components().peekable();
    while below.peek().is_some() && below.peek() == rest.peek() {
        below.next();
        rest.next();
    }
    below
        .map(|_| Component::ParentDir)
        .chain(rest)
        .collect::<PathBuf>()
        .display()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_shown_from_where_the_reader_stands() {
        let path = "exercises/01_threads/src/e1.rs:33";
        assert_eq!(from(Path::new(""), path), path);
        assert_eq!(
            from(Path::new("exercises/01_threads"), path),
            "src/e1.rs:33"
        );
        assert_eq!(
            from(Path::new("book/src"), path),
            "../../exercises/01_threads/src/e1.rs:33"
        );
    }
}
