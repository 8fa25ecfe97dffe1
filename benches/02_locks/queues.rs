//! The queues that are compared: ours, std's and those of crates, behind one trait.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, mpsc};
use std::thread;

use threadbare::locks::bounded_queue::v1_on_std::BoundedQueue;

/// How many items there is room for.
const CAPACITY: usize = 128;

/// Makes one of the queues.
type Make = fn() -> Box<dyn Queue>;

/// The rows of the table.
pub(crate) const ALL: [(&str, Make); 6] = [
    ("naive", || Box::new(Naive(Mutex::default()))),
    ("std", || {
        let (send, receive) = mpsc::sync_channel(CAPACITY);
        Box::new(Channel(send, Mutex::new(receive)))
    }),
    ("notifies_always", || {
        Box::new(NotifiesAlways {
            items: Mutex::default(),
            not_full: Condvar::new(),
            not_empty: Condvar::new(),
        })
    }),
    ("v1_on_std", || Box::new(BoundedQueue::new(CAPACITY))),
    ("crossbeam-channel", || {
        let (send, receive) = crossbeam_channel::bounded(CAPACITY);
        Box::new(Crossbeam(send, receive))
    }),
    ("crossbeam-queue", || {
        Box::new(crossbeam_queue::ArrayQueue::new(CAPACITY))
    }),
];

/// Somebody's queue of numbers, for any number of producers and consumers.
pub(crate) trait Queue: Sync {
    fn push(&self, item: u64);
    fn pop(&self) -> u64;
}

/// A list behind a lock, and threads that look again and again.
struct Naive(Mutex<VecDeque<u64>>);

impl Queue for Naive {
    fn push(&self, item: u64) {
        loop {
            let mut items = self.0.lock().unwrap();
            if items.len() < CAPACITY {
                return items.push_back(item);
            }
            drop(items);
            thread::yield_now();
        }
    }

    fn pop(&self) -> u64 {
        loop {
            if let Some(item) = self.0.lock().unwrap().pop_front() {
                return item;
            }
            thread::yield_now();
        }
    }
}

/// The receiver serves one thread at a time, so several share it behind a lock.
struct Channel(mpsc::SyncSender<u64>, Mutex<mpsc::Receiver<u64>>);

impl Queue for Channel {
    fn push(&self, item: u64) {
        self.0.send(item).unwrap();
    }

    fn pop(&self) -> u64 {
        self.1.lock().unwrap().recv().unwrap()
    }
}

impl Queue for BoundedQueue<u64> {
    fn push(&self, item: u64) {
        self.push(item).unwrap();
    }

    fn pop(&self) -> u64 {
        self.pop().expect("it is never closed")
    }
}

/// [`BoundedQueue`] without its count of sleepers: notifies each time.
struct NotifiesAlways {
    items: Mutex<VecDeque<u64>>,
    not_full: Condvar,
    not_empty: Condvar,
}

impl Queue for NotifiesAlways {
    fn push(&self, item: u64) {
        let items = self.items.lock().unwrap();
        let is_full = |items: &mut VecDeque<u64>| items.len() == CAPACITY;
        let mut items = self.not_full.wait_while(items, is_full).unwrap();
        items.push_back(item);
        drop(items);
        self.not_empty.notify_one();
    }

    fn pop(&self) -> u64 {
        let items = self.items.lock().unwrap();
        let is_empty = |items: &mut VecDeque<u64>| items.is_empty();
        let mut items = self.not_empty.wait_while(items, is_empty).unwrap();
        let item = items.pop_front().expect("it is not empty");
        drop(items);
        self.not_full.notify_one();
        item
    }
}

struct Crossbeam(
    crossbeam_channel::Sender<u64>,
    crossbeam_channel::Receiver<u64>,
);

impl Queue for Crossbeam {
    fn push(&self, item: u64) {
        self.0.send(item).unwrap();
    }

    fn pop(&self) -> u64 {
        self.1.recv().unwrap()
    }
}

/// Has no waiting of its own.
impl Queue for crossbeam_queue::ArrayQueue<u64> {
    fn push(&self, item: u64) {
        while self.push(item).is_err() {
            thread::yield_now();
        }
    }

    fn pop(&self) -> u64 {
        loop {
            if let Some(item) = self.pop() {
                return item;
            }
            thread::yield_now();
        }
    }
}
