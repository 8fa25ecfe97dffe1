//! The answers of chapter 03_atomics, one module each. `cargo test -p ex03` grades
//! yours.

#![allow(
    clippy::new_without_default,
    reason = "an answer has what its graders use, and no more"
)]

// Chapters up to 05 stand on the locks of std; 05 builds the others.
pub use threadbare::ground::on_std as ground;

pub mod e1_stop_and_progress;
pub mod e2_bounded_id;
pub mod e3_spin_lock;
pub mod e4_one_shot;
pub mod e5_spsc_ring;
pub mod e6_seqlock;
pub mod e7_aba;
pub mod e8_read_a_trace;
