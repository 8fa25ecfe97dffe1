//! What chapter 01 measures. Run: `cargo bench --bench 01_threads`
fn main() {}
