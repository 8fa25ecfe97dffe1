//! Where things lie: the folder cargo builds into, and the book.

use std::env;
use std::path::{Path, PathBuf};

/// Returns the folder that cargo builds into, usually `target`.
///
/// The running program lies in it, below a file that cargo leaves at its top
/// (`CACHEDIR.TAG`). So `CARGO_TARGET_DIR`, `--target-dir` and `build.target-dir` are all
/// honoured, also relative ones, and whatever the working directory is.
pub fn target_dir() -> PathBuf {
    let beside_us = env::current_exe().ok().and_then(|exe| {
        let above = exe.ancestors().skip(1);
        above
            .map(Path::to_path_buf)
            .find(|dir| dir.join("CACHEDIR.TAG").is_file())
    });
    beside_us
        .or_else(|| env::var_os("CARGO_TARGET_DIR").map(PathBuf::from))
        .unwrap_or_else(|| root_dir().join("target"))
}

/// Returns the root of the workspace.
pub fn root_dir() -> PathBuf {
    // `cargo run` says where the package is now; the compiler said where it was then.
    let package = env::var_os("CARGO_MANIFEST_DIR")
        .unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let package = PathBuf::from(package);
    package
        .parent()
        .map_or_else(|| package.clone(), Path::to_path_buf)
}

/// Returns where criterion keeps the results of `chapter`.
pub fn criterion_dir(chapter: &str) -> PathBuf {
    target_dir().join("criterion").join(chapter)
}

/// Returns where [`crate::raw`] keeps the samples of `chapter`.
pub fn raw_dir(chapter: &str) -> PathBuf {
    target_dir().join("raw").join(chapter)
}

/// Returns where the book includes results from.
pub fn measured_dir() -> PathBuf {
    root_dir().join("book").join("src").join("measured")
}
