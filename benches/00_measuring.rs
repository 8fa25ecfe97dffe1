//! What chapter 00 measures. Run: `cargo bench --bench 00_measuring`
fn main() {}
