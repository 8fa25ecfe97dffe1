//! Threads, as in [`std::thread`]. (First version.)

use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe, Location};
use std::sync::{Arc, Mutex};

use crate::execution;

pub use std::thread::Result;

/// Gives the others a chance to go first: see [`spin_loop`](super::hint::spin_loop).
#[track_caller]
pub fn yield_now() {
    if execution::is_active() {
        execution::spin(Location::caller());
    } else {
        std::thread::yield_now();
    }
}

type Packet<T> = Arc<Mutex<Option<Result<T>>>>;

/// Waits for a thread's end.
#[derive(Debug)]
pub struct JoinHandle<T> {
    thread: usize,
    packet: Packet<T>,
}

/// Starts a thread.
#[track_caller]
pub fn spawn<T: Send + 'static>(
    body: impl FnOnce() -> T + Send + 'static,
) -> JoinHandle<T> {
    let packet: Packet<T> = Arc::default();
    let theirs = Arc::clone(&packet);
    let body = RefCell::new(Some(body));
    let thread = execution::spawn(
        Box::new(move || {
            let body = body.take().expect("run once");
            match panic::catch_unwind(AssertUnwindSafe(body)) {
                Ok(value) => *theirs.lock().unwrap() = Some(Ok(value)),
                Err(payload) => {
                    *theirs.lock().unwrap() = Some(Err(payload));
                    execution::set_panicked();
                }
            }
        }),
        None,
    );
    JoinHandle { thread, packet }
}

impl<T> JoinHandle<T> {
    /// Waits until the thread has ended.
    ///
    /// # Errors
    /// With the payload of its panic.
    #[track_caller]
    pub fn join(self) -> Result<T> {
        execution::join(self.thread, Location::caller());
        self.packet
            .lock()
            .unwrap()
            .take()
            .expect("the thread has ended")
    }
}
