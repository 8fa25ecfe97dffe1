//! must say: wait() in vain, 200 times
//!
//! Until there are events, whatever the deadlines say.

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
        let events = loop {
            let events = kernel.wait(wait_ms_max.min(KEEP_MS));
            if !events.is_empty() {
                break events;
            }
        };

        for event in events {
            self.dispatch(kernel, event);
        }

        // Deadlines, and not before: who has sent something has another one by now.
        let now = kernel.now();
        let over = self.slots.iter().filter(|(_, one)| one.until <= now);
        let over = Vec::from_iter(over.map(|(slot, _)| slot));
        for slot in over {
            self.close(kernel, slot);
        }

        // Rejected: in `close`. Of a connection that is hung up there are two events, and
        // the second would find whoever has the slot by then.
        self.slots.retire();
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
            kernel.deregister(one.fd);
            kernel.close(one.fd);
        }
    }
}

// --- to here ---
