//! The door: who comes in, and when it is shut for a while.
//!
//! A listener is readable as long as somebody waits in its backlog. If there is no slot for
//! them, or no descriptor, a loop that goes on asking is told so again at once, and again:
//! it spins, and those who are connected get nothing. So the door is shut: the listener is
//! taken from the loop until a connection leaves. If descriptors have run out, it may be
//! somebody else in the process who gives one back, of which nobody tells us; then it is
//! also opened after a moment, to try.
#![cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]

use std::io;
use std::net::TcpListener;
use std::os::fd::AsFd as _;
use std::time::Duration;

use super::deadlines::Moment;
use crate::event::Loop;
use crate::event::net::{self, Accepted};

/// The user word of the listener, which is no key.
pub(crate) const LISTENER: u64 = u64::MAX;
/// How long the door is shut at most when descriptors or memory have run out.
const BREATHER: Duration = Duration::from_millis(100);

// ANCHOR: door
/// A listener, and whether the loop is asked about it.
#[derive(Debug)]
pub(crate) struct Door {
    /// There is none once the server stops.
    listener: Option<TcpListener>,
    state: DoorState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DoorState {
    /// It is registered.
    Open,
    /// It is not, until a connection leaves, or until then.
    Shut(Moment),
}
// ANCHOR_END: door

impl Door {
    /// Opens it. Without a listener there is nothing behind it: another loop accepts.
    ///
    /// # Errors
    /// What the kernel says to one more registration.
    pub(crate) fn open(
        listener: Option<TcpListener>,
        event_loop: &mut Loop,
    ) -> io::Result<Self> {
        if let Some(listener) = &listener {
            event_loop.add_read(listener.as_fd(), LISTENER)?;
        }
        Ok(Self {
            listener,
            state: DoorState::Open,
        })
    }

    /// The next who waits outside, if there is one.
    pub(crate) fn next(&self) -> Accepted {
        let Some(listener) = &self.listener else {
            return Accepted::Nothing;
        };
        // An error that is not known must not end those who are connected.
        net::accept(listener).unwrap_or_else(Accepted::Exhausted)
    }

    /// Whether it was shut because there was no place.
    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        self.state == DoorState::Shut(Moment::NEVER) && self.listener.is_some()
    }

    /// Shuts it until a connection leaves.
    pub(crate) fn shut(&mut self, event_loop: &mut Loop) {
        self.shut_until(Moment::NEVER, event_loop);
    }

    /// Shuts it until a connection leaves, or a moment has passed.
    pub(crate) fn breathe(&mut self, now: Moment, event_loop: &mut Loop) {
        self.shut_until(now.after(BREATHER), event_loop);
    }

    fn shut_until(&mut self, until: Moment, event_loop: &mut Loop) {
        if let (DoorState::Open, Some(listener)) = (self.state, &self.listener) {
            // It can fail only if it was not registered.
            let _ = event_loop.del_read(listener.as_fd());
        }
        self.state = DoorState::Shut(until);
    }

    /// Opens it again, if a connection has left or the moment has passed.
    #[inline]
    pub(crate) fn look(&mut self, left: bool, now: Moment, event_loop: &mut Loop) {
        if let DoorState::Shut(until) = self.state
            && (left || until <= now)
        {
            self.reopen(now, event_loop);
        }
    }

    #[cold]
    fn reopen(&mut self, now: Moment, event_loop: &mut Loop) {
        let Some(listener) = &self.listener else {
            return;
        };
        self.state = match event_loop.add_read(listener.as_fd(), LISTENER) {
            Ok(()) => DoorState::Open,
            Err(_) => DoorState::Shut(now.after(BREATHER)),
        };
    }

    /// When it is to be looked at again.
    #[inline]
    pub(crate) fn until(&self) -> Moment {
        match self.state {
            DoorState::Open => Moment::NEVER,
            DoorState::Shut(until) => until,
        }
    }

    /// Closes it for good. Who waits outside is told that nobody is here.
    pub(crate) fn close(&mut self, event_loop: &mut Loop) {
        self.shut(event_loop);
        self.listener = None;
    }
}
