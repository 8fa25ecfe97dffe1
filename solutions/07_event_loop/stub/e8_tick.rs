//! 07.8 (repair): a tick in the wrong order.
//!
//! A server answers requests, and closes connections that have sent none for 100 ms. All it
//! does is done by `tick`, again and again. The kernel, its clients and the slots are in
//! `exercises/07_event_loop/given/clients.rs`, and are right. The slots have no generations:
//! an event finds whoever is in its slot now, so that all depends on the order.
//!
//! Goal:
//!
//! - Whoever has sent a request by the time that `tick` waits gets an answer, also if its
//!   deadline is over by then: the program may have been busy elsewhere, and that is not the
//!   client's fault. Its next deadline is 100 ms after the answer. Who asks several times and
//!   hangs up then gets all its answers, and is closed after them.
//! - Whoever has sent nothing until its deadline is closed in the tick in which that is over,
//!   however much else there is to do in it, and however many are closed. A tick waits until
//!   there is an event, until the first deadline or for the time that it was given, whichever
//!   comes first, and not less.
//! - Nobody gets an event that was for somebody else, neither in a slot nor by the number of a
//!   descriptor.
//! - All slots can be used again in the next tick, and every descriptor is closed in the end.
//!   Who comes when no slot is free, or only one that rests, is closed without having been
//!   registered. (An answer may also accept behind all other events, when none has to rest.)
//!
//! Edit between the markers only. About 8 lines move, 15 minutes.
//! Stuck? `cargo hint 07.8`, three levels.
//!
//! A failing run prints all that was done, and for instance
//! ```text
//! bob has done nothing but connect, and was thrown out: by the event of ann, whose slot it
//! has
//! ```

#[path = "../../../exercises/07_event_loop/given/clients.rs"]
pub mod given;

// --- edit from here ---

use given::{Event, Fd, KEEP_MS, Kernel, LISTENER, Served, Slots, What};

/// The connections, each in a slot whose number is the user word of its events.
#[derive(Debug)]
pub struct Server {
    slots: Slots<Connection>,
}

#[derive(Debug)]
struct Connection {
    fd: Fd,
    /// When it is closed, if there is no request before.
    until: u64,
}

impl Server {
    /// For so many connections at once.
    pub fn new(slots: usize) -> Self {
        Self {
            slots: Slots::new(slots),
        }
    }

    /// Does what there is to do, after a wait of at most so many milliseconds.
    pub fn tick(&mut self, kernel: &mut Kernel, wait_ms_max: u64) {
        let first = self.slots.iter().map(|(_, one)| one.until).min();
        let left = first.map_or(u64::MAX, |at| at.saturating_sub(kernel.now()));
        let events = kernel.wait(left.min(wait_ms_max));

        // Deadlines.
        let now = kernel.now();
        let over = self.slots.iter().filter(|(_, one)| one.until <= now);
        let over = Vec::from_iter(over.map(|(slot, _)| slot));
        for slot in over {
            self.close(kernel, slot);
        }
        self.slots.retire();

        for event in events {
            self.dispatch(kernel, event);
        }
    }

    fn dispatch(&mut self, kernel: &mut Kernel, event: Event) {
        if event.user == LISTENER {
            while let Some(fd) = kernel.accept() {
                self.open(kernel, fd);
            }
        } else if let Some(one) = self.slots.get_mut(event.user) {
            if event.what == What::HungUp {
                // It sends nothing more, and waits for the answers to what it has sent.
                while kernel.serve(one.fd) == Served::Answered {}
                return self.close(kernel, event.user);
            }
            match kernel.serve(one.fd) {
                Served::Answered => one.until = kernel.now() + KEEP_MS,
                Served::Nothing => {}
                Served::End => self.close(kernel, event.user),
            }
        }
    }

    /// Finds a slot for a new connection; if there is none, it is closed.
    fn open(&mut self, kernel: &mut Kernel, fd: Fd) {
        let until = kernel.now() + KEEP_MS;
        match self.slots.insert(Connection { fd, until }) {
            Some(slot) => kernel.register(fd, slot),
            None => kernel.close(fd),
        }
    }

    fn close(&mut self, kernel: &mut Kernel, slot: usize) {
        if let Some(one) = self.slots.remove(slot) {
            kernel.close(one.fd);
            kernel.deregister(one.fd);
        }
    }
}

// --- to here ---
