//! Given for 07.7: a loop, a worker, and a connection whose events are one-shot.
//!
//! Everything is `SeqCst`, so that no load returns an old value: what happens here is a
//! matter of who comes when.

use std::sync::{Mutex as Hidden, PoisonError};

use super::super::ground::atomic::{AtomicU32, Ordering::SeqCst};
use super::super::ground::os::WakeCell;
use super::super::ground::sync::Arc;
use super::super::ground::{Named as _, thread};

/// The loop may have the connection.
const LOOP: u32 = 0;
/// A worker has it.
const WORKER: u32 = 1;

/// What the kernel knows of descriptor 5.
#[derive(Debug, Default)]
struct Five {
    /// Requests that nobody has read.
    requests: u32,
    armed: bool,
    /// How often it was closed and opened again.
    opened_again: u32,
}

/// The kernel, as far as descriptor 5 goes. Each call is one step, and shows as an addition
/// to what the call is named after; the lock behind it is nobody's matter. If an event comes
/// of it, that is another step: `epoll.wake()`.
#[derive(Debug)]
struct Kernel {
    five: Hidden<Five>,
    /// Where the loop waits.
    epoll: WakeCell,
    sent: AtomicU32,
    read: AtomicU32,
    armed: AtomicU32,
    opened: AtomicU32,
}

impl Kernel {
    fn new(five: Five) -> Self {
        Self {
            five: Hidden::new(five),
            epoll: WakeCell::new().named("epoll"),
            sent: AtomicU32::new(0).named("sent"),
            read: AtomicU32::new(0).named("read"),
            armed: AtomicU32::new(0).named("armed"),
            opened: AtomicU32::new(0).named("opened"),
        }
    }

    #[track_caller]
    fn step<R>(&self, call: &AtomicU32, change: impl FnOnce(&mut Five) -> R) -> R {
        // ORDERING: SeqCst, here and below; pairs with the others in this file.
        call.fetch_add(1, SeqCst);
        let mut five = self.five.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut five)
    }

    /// Reports an event, if there is one. That uses the shot up.
    #[track_caller]
    fn report(&self) {
        let mut five = self.five.lock().unwrap_or_else(PoisonError::into_inner);
        let event = five.armed && five.requests > 0;
        if event {
            five.armed = false;
            drop(five);
            self.epoll.wake();
        }
    }

    /// A request comes.
    #[track_caller]
    fn send(&self) {
        self.step(&self.sent, |five| five.requests += 1);
        self.report();
    }

    /// Reads one request; the answer is sent in the same step.
    #[track_caller]
    fn read_and_answer(&self) {
        self.step(&self.read, |five| {
            assert!(five.requests > 0, "there is a request to read");
            five.requests -= 1;
        });
    }

    /// Arms descriptor 5 for one event, for a connection that came when 5 had been opened
    /// again so often.
    #[track_caller]
    fn arm(&self, connection: u32) {
        self.step(&self.armed, |five| {
            assert!(
                five.opened_again == connection,
                "descriptor 5 is armed for a connection that is gone: 5 is another one now"
            );
            five.armed = true;
        });
        self.report();
    }

    /// Closes descriptor 5, and accepts a client, who gets the lowest number that is free.
    #[track_caller]
    fn close_and_accept(&self) {
        self.step(&self.opened, |five| {
            *five = Five {
                opened_again: five.opened_again + 1,
                ..Five::default()
            };
        });
    }
}

/// How many requests the client sends.
const REQUESTS: u32 = 2;

#[derive(Debug)]
struct Server {
    kernel: Kernel,
    /// Who has the connection.
    owner: AtomicU32,
    /// The worker's: one more for each time that it gets the connection.
    jobs: WakeCell,
}

impl Server {
    fn new(owner: u32, five: Five) -> Arc<Self> {
        Arc::new(Self {
            kernel: Kernel::new(five),
            owner: AtomicU32::new(owner).named("owner"),
            jobs: WakeCell::new().named("jobs"),
        })
    }
}

/// Thread 1 is the loop, thread 2 the worker, thread 3 the client, who sends two requests.
/// The worker arms the connection again, and then lets go of it.
pub fn arms_then_lets_go() {
    let server = Server::new(
        LOOP,
        Five {
            armed: true,
            ..Five::default()
        },
    );
    let event_loop = {
        let server = Arc::clone(&server);
        thread::spawn(move || {
            for _ in 0..REQUESTS {
                server.kernel.epoll.wait();
                while server.owner.load(SeqCst) == WORKER {
                    // Whoever has it will see to it.
                    server.kernel.epoll.wait();
                }
                server.owner.store(WORKER, SeqCst);
                server.jobs.wake();
            }
        })
    };
    let worker = {
        let server = Arc::clone(&server);
        thread::spawn(move || {
            for _ in 0..REQUESTS {
                server.jobs.wait();
                server.kernel.read_and_answer();
                server.kernel.arm(0);
                server.owner.store(LOOP, SeqCst);
            }
        })
    };
    let client = {
        let server = Arc::clone(&server);
        thread::spawn(move || {
            for _ in 0..REQUESTS {
                server.kernel.send();
            }
        })
    };
    for thread in [event_loop, worker, client] {
        thread.join().unwrap();
    }
}

/// Thread 1 is the loop, thread 2 the worker, which has a connection with a request. It lets
/// go of it, and then arms it. In the meantime its deadline is over, and a new client waits.
pub fn lets_go_then_arms() {
    let server = Server::new(
        WORKER,
        Five {
            requests: 1,
            ..Five::default()
        },
    );
    let event_loop = {
        let server = Arc::clone(&server);
        thread::spawn(move || {
            // The deadline: close it, unless a worker has it.
            if server.owner.load(SeqCst) == LOOP {
                server.kernel.close_and_accept();
            }
        })
    };
    let worker = {
        let server = Arc::clone(&server);
        thread::spawn(move || {
            server.kernel.read_and_answer();
            server.owner.store(LOOP, SeqCst);
            server.kernel.arm(0);
        })
    };
    for thread in [event_loop, worker] {
        thread.join().unwrap();
    }
}
