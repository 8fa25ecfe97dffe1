//! Property: what the fuzzer once found interesting still holds. Each file of the corpus is
//! run, and each sample is a file of it.
//!
//! After a change of the samples: `THREADBARE_WRITE=1 cargo test --test 09_http_parser corpus`

use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, fs};

use threadbare::testkit;

use crate::checks;
use crate::samples::{BODIES, CONNECTIONS, HEADS};

const LIMIT: Duration = Duration::from_secs(120);
/// What is checked in stays small: a reader downloads it with the course.
const FILES_MAX: usize = 400;
const BYTES_MAX: u64 = 100_000;

#[test]
fn heads() {
    replay("head", HEADS, checks::head);
}

#[test]
fn chunks() {
    replay("chunks", BODIES, checks::chunks);
}

#[test]
fn connections() {
    replay("connection", CONNECTIONS, checks::connection);
}

fn replay(target: &str, samples: &[(&str, &str)], check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let folder = folder.join(target);
    for (name, text) in samples {
        let file = folder.join(name);
        if env::var_os("THREADBARE_WRITE").is_some() {
            fs::write(&file, text).unwrap();
        }
        let kept = fs::read(&file).unwrap_or_default();
        assert!(kept == text.as_bytes(), "{} is another one", file.display());
    }
    let files = files(&folder);
    let bytes: u64 = files.iter().map(|(_, bytes)| bytes).sum();
    assert!(
        files.len() <= FILES_MAX,
        "{} files in the corpus",
        files.len()
    );
    assert!(bytes <= BYTES_MAX, "{bytes} bytes in the corpus");
    testkit::within(LIMIT, || {
        for (file, _) in files {
            testkit::step(file.display().to_string());
            check(&fs::read(file).unwrap());
        }
    });
}

fn files(folder: &Path) -> Vec<(PathBuf, u64)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.path(), entry.metadata().unwrap().len()))
        .collect();
    files.sort();
    files
}
