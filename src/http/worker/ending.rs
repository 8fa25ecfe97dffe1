//! The stop: who says so, who goes at once, and who at last.

use std::io;
use std::os::fd::AsFd as _;
use std::time::Duration;

use super::{SIGNALS, Worker};
use crate::event::{Key, Signals};
use crate::http::deadlines::Class;
use crate::http::job::Message;
use crate::http::state::{Event, State};

/// The most that a connection lingers while the server stops: all who wait for the end of the
/// process should not wait for one client that keeps its socket. Most close within a round
/// trip, and who has sent nothing more has lost nothing by it.
const LINGER_MAX: Duration = Duration::from_millis(500);

impl Worker {
    /// Catches `SIGTERM` and `SIGINT`, if it does not do so already.
    ///
    /// # Errors
    /// As [`Signals::new`], and what the kernel says to one more registration.
    pub(crate) fn catch_signals(&mut self) -> io::Result<()> {
        if self.signals.is_none() {
            let signals = Signals::new(&[libc::SIGTERM, libc::SIGINT])?;
            self.event_loop.add_read(signals.as_fd(), SIGNALS)?;
            self.signals = Some(signals);
        }
        Ok(())
    }

    #[cold]
    pub(super) fn signalled(&mut self) {
        while let Some(_number) = self.signals.as_mut().and_then(Signals::take) {
            self.shared.handle.shutdown();
        }
    }

    // ANCHOR: stop
    /// Shuts the door for good, and closes who has begun nothing. All others have their
    /// deadlines, and from now on what moves them is only that a step has been done: an
    /// answer without end must not be waited for without end.
    #[cold]
    pub(super) fn stop(&mut self) {
        self.kit.stopping = true;
        // Who waits outside is connected already, and may have asked. As nobody leaves, it ends
        // when there is no room.
        let mut before = usize::MAX;
        while before != self.connections.len() {
            before = self.connections.len();
            self.accept();
        }
        self.stop.begin(self.now);
        self.deadlines.shorten(Class::Linger, LINGER_MAX, self.now);
        self.door.close(&mut self.event_loop);
        if self.stop.hands_out() {
            for home in 1..self.shared.inboxes.len() {
                self.shared.tell(home, Message::DoorClosed);
            }
        }
        let keys: Vec<Key> = self.connections.iter().map(|(key, _)| key).collect();
        for key in keys {
            let state = self.connections.get(key).map(|found| found.state);
            // Who looks idle may have sent a request that was not read yet.
            let event = match state {
                Some(State::Idle) => Event::Readable,
                _ => Event::Stop,
            };
            self.drive(key, event);
        }
    }
    // ANCHOR_END: stop

    // ANCHOR: drain
    /// What a loop that stops does behind each tick: looks whether it has lasted too long, and
    /// if it is the first, whether the handler threads can go home.
    #[cold]
    pub(super) fn drain(&mut self) {
        if self.stop.is_over(self.now) || self.shared.handle.is_ending() {
            let keys: Vec<Key> =
                self.connections.iter().map(|(key, _)| key).collect();
            for key in keys {
                self.close(key);
            }
            self.stop.give_up(self.now);
        }
        if self.connections.is_empty() && self.stop.are_loops_home() {
            self.shared.dispatch.close();
        }
    }
    // ANCHOR_END: drain
}
