//! What other threads have of a completion loop: a stand-in.

use std::io;
use std::sync::{Arc, Mutex};

use super::driver::Waker;

/// Makes a callback run in a loop of another thread.
#[derive(Clone, Debug)]
pub struct Async {
    number: u32,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    told: Mutex<Vec<u32>>,
    waker: Waker,
}

impl Async {
    /// Makes the callback of [`Loop::wait_for`](super::Loop::wait_for) run soon.
    ///
    /// # Errors
    /// What the system call says.
    pub fn notify(&self) -> io::Result<()> {
        self.shared.told.lock().unwrap().push(self.number);
        self.shared.waker.wake()
    }
}

#[derive(Debug)]
pub(super) struct Notices {
    shared: Arc<Shared>,
    count: u32,
}

impl Notices {
    pub(super) fn new(waker: Waker) -> Self {
        let told = Mutex::new(Vec::new());
        let shared = Arc::new(Shared { told, waker });
        Self { shared, count: 0 }
    }

    pub(super) fn create(&mut self, _unused: impl FnMut(u32) -> bool) -> Async {
        self.count += 1;
        Async {
            number: self.count - 1,
            shared: Arc::clone(&self.shared),
        }
    }

    pub(super) fn number(&self, other: &Async) -> Option<u32> {
        Arc::ptr_eq(&self.shared, &other.shared).then_some(other.number)
    }

    pub(super) fn take(&mut self, into: &mut Vec<u32>) {
        into.append(&mut self.shared.told.lock().unwrap());
    }
}
