//! What each chapter costs.
//!
//! One criterion file for each chapter lies beside this folder (`00_measuring.rs` ...);
//! here is what they share: [`criterion`] sets a bench up, [`raw`] keeps what criterion
//! does not measure. How to bench, record, read and extend: `benches/README.md`.

pub mod acceptance;
pub mod place;
pub mod raw;
pub mod rungs;

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
