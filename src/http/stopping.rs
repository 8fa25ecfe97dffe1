//! How a stop goes on: what a loop still waits for, and until when.
//!
//! | who | goes when |
//! |---|---|
//! | a loop | its connections are closed, and nobody hands over more |
//! | the first loop | the same, all other loops have gone, and so have the handler threads |
//! | a handler thread | all loops have gone, and the queue is empty |
//! | everybody | `timeout_drain` is over |
//!
//! A handler that does not return can't be ended. The first loop then goes without it: what
//! that handler uses belongs to it, and to nobody who goes.
#![cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]

use std::time::Duration;

use super::config::{Config, Listeners};
use super::deadlines::Moment;

/// How much longer than the others the first loop waits for them to have closed everything.
const GRACE: Duration = Duration::from_secs(1);

// ANCHOR: stopping
/// What a loop has to know of the others, to end.
#[derive(Debug)]
pub(crate) struct Stopping {
    /// How many other loops run. Only the first loop is told.
    pub(crate) loops: usize,
    /// How many handler threads do. Only the first loop is told.
    pub(crate) handlers: usize,
    /// Whether another loop may still hand over clients.
    pub(crate) expects_clients: bool,
    is_first: bool,
    /// Among how many loops the clients are shared that this one accepts, and whose turn it is.
    shares_with: usize,
    next_home: usize,
    drain: Duration,
    until: Moment,
    gave_up: bool,
}
// ANCHOR_END: stopping

impl Stopping {
    pub(crate) fn new(config: &Config, home: usize, accepts: bool) -> Self {
        let is_first = home == 0;
        let shares = accepts && config.listeners == Listeners::One;
        Self {
            loops: 0,
            handlers: 0,
            expects_clients: !accepts,
            is_first,
            shares_with: if shares { config.loops } else { 1 },
            next_home: 0,
            drain: config.timeout_drain,
            until: Moment::NEVER,
            gave_up: false,
        }
    }

    /// To which loop the next client goes that `home` has accepted.
    pub(crate) fn next_home(&mut self, home: usize) -> usize {
        if self.shares_with == 1 {
            return home;
        }
        let next = self.next_home;
        self.next_home = (next + 1) % self.shares_with;
        next
    }

    /// Whether other loops get their clients from this one.
    pub(crate) fn hands_out(&self) -> bool {
        self.shares_with > 1
    }

    /// The stop begins.
    pub(crate) fn begin(&mut self, now: Moment) {
        self.until = now.after(self.drain);
    }

    /// When it has lasted too long.
    #[inline]
    pub(crate) fn until(&self) -> Moment {
        self.until
    }

    pub(crate) fn is_over(&self, now: Moment) -> bool {
        self.until <= now
    }

    /// Its connections are closed, whatever they were doing.
    pub(crate) fn give_up(&mut self, now: Moment) {
        self.expects_clients = false;
        self.handlers = 0;
        if self.gave_up {
            self.loops = 0;
        }
        self.gave_up = true;
        self.until = now.after(GRACE);
    }

    /// Whether it is for this loop to end the handler threads, and it is time.
    pub(crate) fn are_loops_home(&self) -> bool {
        self.is_first && self.loops == 0
    }

    /// Whether nobody was given up.
    pub(crate) fn is_everybody_home(&self) -> bool {
        !self.gave_up
    }

    /// Whether there is nothing that it has to wait for.
    pub(crate) fn is_done(&self) -> bool {
        !self.expects_clients && self.loops == 0 && self.handlers == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> Moment {
        Moment::default().after(Duration::from_secs(seconds))
    }

    /// Of three loops.
    fn stopping(home: usize, listeners: Listeners) -> Stopping {
        let config = Config {
            loops: 3,
            listeners,
            timeout_drain: Duration::from_secs(30),
            ..Config::default()
        };
        let accepts = home == 0 || listeners == Listeners::PerLoop;
        Stopping::new(&config, home, accepts)
    }

    #[test]
    fn the_first_loop_goes_last() {
        let mut first = stopping(0, Listeners::PerLoop);
        assert!(first.is_done(), "it is alone");
        (first.loops, first.handlers) = (1, 1);
        assert!(!first.is_done() && !first.are_loops_home());
        first.loops = 0;
        assert!(!first.is_done() && first.are_loops_home());
        first.handlers = 0;
        assert!(first.is_done() && first.is_everybody_home());
        let other = stopping(1, Listeners::PerLoop);
        assert!(other.is_done() && !other.are_loops_home(), "it ends nobody");
    }

    #[test]
    fn who_gets_clients_from_another_loop_waits_until_there_are_no_more() {
        let mut other = stopping(1, Listeners::One);
        assert!(!other.is_done() && !other.hands_out());
        other.expects_clients = false;
        assert!(other.is_done());
        let mut first = stopping(0, Listeners::One);
        assert!(first.hands_out());
        let homes: Vec<_> = (0..7).map(|_| first.next_home(0)).collect();
        assert_eq!(homes, [0, 1, 2, 0, 1, 2, 0]);
        let mut alone = stopping(2, Listeners::PerLoop);
        assert_eq!((alone.next_home(2), alone.hands_out()), (2, false));
    }

    #[test]
    fn it_gives_up_the_handlers_first_and_a_little_later_the_loops() {
        let mut first = stopping(0, Listeners::PerLoop);
        (first.loops, first.handlers) = (2, 4);
        assert!(!first.is_over(seconds(1_000)), "it has not begun");
        first.begin(seconds(10));
        assert_eq!(first.until(), seconds(40));
        assert!(!first.is_over(seconds(39)) && first.is_over(seconds(40)));
        first.give_up(seconds(40));
        assert!(!first.is_done() && !first.is_everybody_home());
        assert_eq!((first.loops, first.handlers), (2, 0));
        assert!(first.is_over(seconds(41)));
        first.give_up(seconds(41));
        assert!(first.is_done());
    }
}
