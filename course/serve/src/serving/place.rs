//! Where the book is, and where it is built.

use std::env;
use std::path::{Path, PathBuf};

/// The folder of the book: below the nearest folder upwards that has one, else in the course
/// that this program was compiled from.
///
/// # Errors
/// One sentence, if there is none.
pub(super) fn book() -> Result<PathBuf, String> {
    let here = env::current_dir()
        .map_err(|error| format!("cannot tell the current folder: {error}"))?;
    // cargo sets this for what it runs: the folder of this package, course/serve.
    let package = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let course = package
        .as_deref()
        .and_then(|package| package.ancestors().nth(2));
    here.ancestors()
        .chain(course)
        .map(|dir| dir.join("book"))
        .find(|book| book.join("book.toml").is_file())
        .ok_or_else(|| {
            format!(
                "there is no book: neither {} nor a folder above it has book/book.toml",
                here.display()
            )
        })
}

/// Where the book for this port is built: within `target`, so that `cargo clean` takes it and
/// git does not see it; and no two servers share it, for no two share a port.
pub(super) fn built(book: &Path, port: u16) -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let target = target.unwrap_or_else(|| book.with_file_name("target"));
    target.join("threadbare").join(format!("book-{port}"))
}
