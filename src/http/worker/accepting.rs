//! Who comes in: from outside, or from the loop that accepts for all.

use std::io;
use std::net::TcpStream;
use std::os::fd::AsFd as _;

use super::Worker;
use crate::event::Key;
use crate::event::net::Accepted;
use crate::http::connection::Connection;
use crate::http::deadlines::Class;
use crate::http::job::Message;
use crate::http::state::Event;

/// How many connections are accepted before the others have their turn again.
const ACCEPTS_MAX: usize = 64;

impl Worker {
    // ANCHOR: accept
    /// Lets in who waits outside, as far as there is room.
    #[cold]
    pub(super) fn accept(&mut self) {
        for _ in 0..ACCEPTS_MAX {
            if !self.take_place() {
                self.kit.counters.accept_pauses.add(1);
                return self.door.shut(&mut self.event_loop);
            }
            let accepted = self.door.next();
            if let Accepted::Stream(stream, _) = accepted {
                // It may have gone already, and can't be set; then the first read says so.
                let _ = stream.set_nodelay(true);
                match self.stop.next_home(self.home) {
                    home if home == self.home || self.kit.stopping => {
                        if self.enter(stream).is_ok() {
                            continue;
                        }
                    }
                    home => {
                        self.shared.tell(home, Message::Connected(stream));
                        continue;
                    }
                }
            } else {
                self.shared.places.leave();
                match accepted {
                    Accepted::Nothing => return,
                    Accepted::Again => continue,
                    _ => {}
                }
            }
            self.kit.counters.accept_pauses.add(1);
            return self.door.breathe(self.now, &mut self.event_loop);
        }
        // There may be more of them: the listener is still readable, and says so.
    }

    /// Takes a place for one more connection, if there is one.
    pub(crate) fn take_place(&self) -> bool {
        self.shared.places.enter(self.home)
    }

    /// Gives a connected socket, for which there is a place, a slot.
    ///
    /// # Errors
    /// What the kernel says to one more registration. Then it is closed, and the place free.
    pub(crate) fn enter(&mut self, stream: TcpStream) -> io::Result<Key> {
        let key = self.connections.insert(Connection::new(stream));
        let added = match self.connections.get(key) {
            Some(connection) => {
                let fd = connection.stream.as_fd();
                self.event_loop.add_read(fd, key.to_user())
            }
            None => Ok(()),
        };
        if let Err(error) = added {
            self.connections.remove(key);
            self.shared.places.leave();
            return Err(error);
        }
        self.deadlines.begin(key, Class::Keepalive, self.now);
        self.kit.counters.accepted.add(1);
        self.kit.counters.open.add(1);
        Ok(key)
    }
    // ANCHOR_END: accept

    /// Another loop has accepted a client, and hands it over.
    pub(super) fn connected(&mut self, stream: TcpStream) {
        match self.enter(stream) {
            // It may have asked already, and nobody is asked to wait for who is silent.
            Ok(key) if self.kit.stopping => self.drive(key, Event::Readable),
            Ok(_) => {}
            Err(_) => self.kit.counters.accept_pauses.add(1),
        }
    }
}
