//! 11.5 (repair): a loop that goes round and round.
//!
//! A request goes to a handler, and with it the only buffer of its connection. Meanwhile the
//! client sends the next one, or says that it has no more to send. Now the connection is
//! readable, and nobody can read it. Nothing is lost: it will be read when the handler is done.
//! But this poller is level-triggered, so the loop is told of it at once, and again, and again. No
//! client sees that. The bill for the processor does.
//!
//! (It was in a server that many use, and this course has measured it: up to 0.8 of a processor,
//! as long as a handler ran and there was something to read.)
//!
//! Goal:
//!
//! - While a handler runs, what comes for its connection wakes the loop once, and not again. The
//!   requests that came are answered in their order, one after the other.
//! - If nothing comes, nothing is changed: `set_read` is a system call, and that is two for each
//!   request, where almost nobody sends while they wait. So at most two for each handler during
//!   whose run something has come.
//! - Who says that they send no more still reads: they get their answers, and are closed then.
//! - Who is gone is told with read interest or without it. Their connection is closed at once,
//!   also while their handler runs; and its answer has nobody to go to.
//! - As long as a handler has the buffer, nothing is read.
//!
//! The kernel, the clients and the handlers are given, in
//! `exercises/11_pooled_server/given/level.rs`. Numbers of connections are not used again here.
//!
//! Edit between the markers only. About 12 lines change, 15 minutes.
//! Stuck? `cargo hint 11.5`, three levels.
//!
//! A failing run prints what has happened, and for instance
//! ```text
//! at 10 ms wait() has returned 11 times in a row, nothing has come of it, and 1 is readable
//! while its handler runs until 30 ms
//! ```

#[path = "../../../exercises/11_pooled_server/given/level.rs"]
pub mod given;

use given::{Event, Kernel, Recv};

// --- edit from here ---

use std::collections::HashMap;

/// A loop and its connections.
#[derive(Debug, Default)]
pub struct Server {
    connections: HashMap<u32, Connection>,
}

#[derive(Debug, Default)]
struct Connection {
    /// Its request is with a handler, and so is its buffer.
    is_running: bool,
    /// Something has come meanwhile, and read interest is dropped.
    is_paused: bool,
}

impl Server {
    /// One turn of the loop.
    pub fn turn(&mut self, kernel: &mut Kernel) {
        for event in kernel.wait() {
            match event {
                Event::Connected(id) => {
                    self.connections.insert(id, Connection::default());
                }
                Event::Readable(id) => self.readable(kernel, id),
                Event::Broken(id) => self.close(kernel, id),
                Event::Answered(id) => self.answered(kernel, id),
            }
        }
    }

    fn readable(&mut self, kernel: &mut Kernel, id: u32) {
        let Some(connection) = self.connections.get_mut(&id) else {
            return;
        };
        if connection.is_running {
            // Now, when something has come.
            //
            // Rejected: when the request is handed over. Then nothing can come, and each
            // request costs two system calls more, for a client that waits as all do.
            connection.is_paused = true;
            kernel.set_read(id, false);
            return;
        }
        match kernel.recv(id) {
            Recv::Request(ms) => {
                connection.is_running = true;
                kernel.hand_over(id, ms);
            }
            Recv::Nothing => {}
            Recv::End | Recv::Broken => self.close(kernel, id),
        }
    }

    fn answered(&mut self, kernel: &mut Kernel, id: u32) {
        // Who has been closed is not there, and the answer is dropped.
        if let Some(connection) = self.connections.get_mut(&id) {
            connection.is_running = false;
            kernel.send(id);
            // What has come is still there, and level-triggered is now of use: it is told.
            if std::mem::take(&mut connection.is_paused) {
                kernel.set_read(id, true);
            }
        }
    }

    fn close(&mut self, kernel: &mut Kernel, id: u32) {
        if self.connections.remove(&id).is_some() {
            kernel.close(id);
        }
    }
}

// --- to here ---
