//! What each chapter costs.
//!
//! One criterion file for each chapter lies beside this folder (`00_measuring.rs` ...);
//! here is what they share:
//!
//! - [`criterion()`] sets a bench up, [`raw`] keeps what criterion does not measure;
//! - [`rungs`] are the servers of the ladder, [`acceptance`] is what each must answer, and
//!   `load` (Unix) drives them;
//! - [`race`] lets rows take turns, `child` and `worker` (Unix) give each a process of its
//!   own, one that serves or one that measures, and `contest` (Unix) is for HTTP servers;
//! - the programs are `report`, which turns results into pages of the book, and `ladder`.
//!
//! How to bench, record, read and extend: `benches/README.md`.

pub mod acceptance;
#[cfg(unix)]
pub mod child;
#[cfg(unix)]
pub mod completions;
#[cfg(unix)]
pub mod contest;
pub mod flags;
#[cfg(unix)]
pub mod load;
#[cfg(unix)]
pub mod machine;
#[cfg(unix)]
pub mod mixed;
pub mod place;
pub mod race;
pub mod raw;
pub mod rungs;
#[cfg(unix)]
pub mod syscalls;
#[cfg(unix)]
pub mod worker;

use criterion::Criterion;

/// Sets criterion up for the bench of one chapter, for instance `"00_measuring"`.
///
/// The results go to `target/criterion/CHAPTER/`, a folder for each chapter, which is how
/// the report tool knows what belongs together. Flags and filters after `--` work as in
/// any criterion bench.
///
/// # Example
/// ```no_run
/// use criterion::{criterion_group, criterion_main, Criterion};
///
/// fn hashes(c: &mut Criterion) {
///     let mut group = c.benchmark_group("hash_1mib");
///     group.bench_function("naive", |b| b.iter(|| 1 + 1));
///     group.finish();
/// }
/// criterion_group! {
///     name = benches;
///     config = benches::criterion("00_measuring");
///     targets = hashes
/// }
/// criterion_main!(benches);
/// ```
pub fn criterion(chapter: &str) -> Criterion {
    Criterion::default()
        .output_directory(&place::criterion_dir(chapter))
        .without_plots()
}
