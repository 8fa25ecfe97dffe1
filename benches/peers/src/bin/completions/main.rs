//! Tokio, on one thread, and the crate `io-uring`, for the bench of chapter 08, which builds
//! this program, starts a copy of it for each row, and tells it what to measure.
//!
//! Run: `cargo bench --bench 08_completions`

#[cfg(target_os = "linux")]
mod ring;
mod tokio_current_thread;
mod tokio_timers;

use benches::{child, worker};

fn main() {
    let start = |name: &str| match name {
        "tokio" => Some(tokio_current_thread::echo_server()),
        #[cfg(target_os = "linux")]
        "io_uring_crate" => Some(ring::echo_server()),
        _ => None,
    };
    let work = |name: &str| -> Option<worker::Work> {
        match name {
            "tokio" => Some(tokio_current_thread::work),
            "tokio_tasks" => Some(tokio_timers::tasks),
            #[cfg(target_os = "linux")]
            "io_uring_crate" => Some(ring::work),
            _ => None,
        }
    };
    if !child::serving_copy(start) && !worker::working_copy(work) {
        eprintln!(
            "completions: it is started by `cargo bench --bench 08_completions`"
        );
        std::process::exit(2);
    }
}
