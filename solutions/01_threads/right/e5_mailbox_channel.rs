//! Right: leaves the sleeping to a channel.

// --- edit from here ---

use super::ground::sync::{Mutex, mpsc};
use super::ground::thread::Thread;

/// Letters for one thread.
#[derive(Debug)]
pub struct Mailbox<T> {
    slit: mpsc::Sender<T>,
    letters: Mutex<mpsc::Receiver<T>>,
}

impl<T> Mailbox<T> {
    /// An empty mailbox, from which only `owner` will take.
    pub fn new(_owner: Thread) -> Self {
        let (slit, letters) = mpsc::channel();
        Self {
            slit,
            letters: Mutex::new(letters),
        }
    }

    /// Puts in the letter that `write` makes, and wakes the owner if it sleeps.
    pub fn put(&self, write: impl FnOnce() -> T) {
        self.slit
            .send(write())
            .unwrap_or_else(|_| unreachable!("the receiver is here"));
    }

    /// Takes the oldest letter out, and sleeps until there is one. Calls `idle`
    /// before it goes to sleep.
    pub fn take(&self, mut idle: impl FnMut()) -> T {
        if let Ok(letter) = self.letters.lock().unwrap().try_recv() {
            return letter;
        }
        idle();
        self.letters.lock().unwrap().recv().unwrap()
    }
}

// --- to here ---
