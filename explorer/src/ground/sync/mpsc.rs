//! Channels, as in [`std::sync::mpsc`].
//!
//! A channel is a list of messages under a lock. Sending is one step; so is receiving, and
//! one more if it has to sleep.

use std::cell::Cell;
use std::collections::VecDeque;
use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

pub use std::sync::mpsc::{
    RecvError, RecvTimeoutError, SendError, TryRecvError, TrySendError,
};

use super::Monitor;
use crate::execution::{self, Site};

/// What both ends share.
#[derive(Debug)]
struct Channel<T> {
    messages: VecDeque<T>,
    /// How many messages may wait; `None`: any number.
    bound: Option<usize>,
    /// How many messages were taken out, and how many put in: for a channel without room,
    /// where a sender waits until its message is taken.
    taken: u64,
    put: u64,
    /// A receiver is there, waiting.
    receiving: bool,
    senders: usize,
    receiver: bool,
}

type Shared<T> = Arc<Monitor<Channel<T>>>;

#[track_caller]
fn make<T>(bound: Option<usize>) -> (Shared<T>, Receiver<T>) {
    let channel = Arc::new(Monitor::new(Channel {
        messages: VecDeque::new(),
        bound,
        taken: 0,
        put: 0,
        receiving: false,
        senders: 1,
        receiver: true,
    }));
    let receiver = Receiver {
        channel: Arc::clone(&channel),
        _not_sync: PhantomData,
    };
    (channel, receiver)
}

/// As [`std::sync::mpsc::channel`].
#[track_caller]
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let (channel, receiver) = make(None);
    (Sender { channel }, receiver)
}

/// As [`std::sync::mpsc::sync_channel`].
#[track_caller]
pub fn sync_channel<T>(bound: usize) -> (SyncSender<T>, Receiver<T>) {
    let (channel, receiver) = make(Some(bound));
    (SyncSender { channel }, receiver)
}

/// [`std::sync::mpsc::Sender`].
pub struct Sender<T> {
    channel: Shared<T>,
}

/// [`std::sync::mpsc::SyncSender`].
pub struct SyncSender<T> {
    channel: Shared<T>,
}

/// [`std::sync::mpsc::Receiver`].
pub struct Receiver<T> {
    channel: Shared<T>,
    /// As std's, it belongs to one thread at a time.
    _not_sync: PhantomData<Cell<()>>,
}

impl<T> Sender<T> {
    /// As [`std::sync::mpsc::Sender::send`].
    ///
    /// # Errors
    /// With the message, if the receiver is gone.
    #[track_caller]
    pub fn send(&self, message: T) -> Result<(), SendError<T>> {
        let site = Location::caller();
        self.channel.change("send", site, |channel| {
            if !channel.receiver {
                return Err(SendError(message));
            }
            channel.messages.push_back(message);
            Ok(())
        })
    }
}

impl<T> SyncSender<T> {
    /// As [`std::sync::mpsc::SyncSender::send`].
    ///
    /// # Errors
    /// With the message, if the receiver is gone.
    #[track_caller]
    pub fn send(&self, message: T) -> Result<(), SendError<T>> {
        let site = Location::caller();
        let mut message = Some(message);
        let put = self.channel.wait("send", site, None, |channel| {
            if !channel.receiver {
                return Some(None);
            }
            // Without room for any, a message stands in the door until it is taken.
            let room = channel.bound.unwrap_or(usize::MAX).max(1);
            if channel.messages.len() >= room {
                return None;
            }
            channel.messages.extend(message.take());
            channel.put += 1;
            Some(Some((channel.bound == Some(0)).then_some(channel.put)))
        });
        let (Some(Some(put)), None) = (put, &message) else {
            return Err(SendError(message.expect("it was not put in")));
        };
        let Some(put) = put else {
            return Ok(());
        };
        // Until it is taken, or nobody is left to take it: then it is ours again.
        let back = self.channel.wait("send", site, None, |channel| {
            if channel.taken >= put {
                return Some(None);
            }
            (!channel.receiver).then(|| channel.messages.pop_back())
        });
        back.flatten()
            .map_or(Ok(()), |message| Err(SendError(message)))
    }

    /// As [`std::sync::mpsc::SyncSender::try_send`].
    ///
    /// # Errors
    /// With the message, if there is no room or the receiver is gone.
    #[track_caller]
    pub fn try_send(&self, message: T) -> Result<(), TrySendError<T>> {
        let site = Location::caller();
        self.channel.look("try_send", site, |channel| {
            let put = |result: Result<(), _>| {
                let changed = result.is_ok();
                (result, changed)
            };
            if !channel.receiver {
                return put(Err(TrySendError::Disconnected(message)));
            }
            let room = match channel.bound {
                // Only straight into the hands of a receiver.
                Some(0) => usize::from(channel.receiving),
                bound => bound.unwrap_or(usize::MAX),
            };
            if channel.messages.len() >= room {
                return put(Err(TrySendError::Full(message)));
            }
            channel.messages.push_back(message);
            channel.put += 1;
            put(Ok(()))
        })
    }
}

impl<T> Receiver<T> {
    /// As [`std::sync::mpsc::Receiver::recv`].
    ///
    /// # Errors
    /// If there is no message and no sender is left.
    #[track_caller]
    pub fn recv(&self) -> Result<T, RecvError> {
        let got = self.take(None, Location::caller());
        got.expect("without a limit it waits").ok_or(RecvError)
    }

    /// As [`std::sync::mpsc::Receiver::recv_timeout`].
    ///
    /// # Errors
    /// If there is no message in time, or no sender is left.
    #[track_caller]
    pub fn recv_timeout(&self, limit: Duration) -> Result<T, RecvTimeoutError> {
        match self.take(Some(limit), Location::caller()) {
            Some(Some(message)) => Ok(message),
            Some(None) => Err(RecvTimeoutError::Disconnected),
            None => Err(RecvTimeoutError::Timeout),
        }
    }

    /// As [`std::sync::mpsc::Receiver::try_recv`].
    ///
    /// # Errors
    /// If there is no message now.
    #[track_caller]
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        self.try_take(Location::caller())
    }

    fn try_take(&self, site: Site) -> Result<T, TryRecvError> {
        self.channel.look("try_recv", site, |channel| {
            let message = channel.messages.pop_front();
            channel.taken += u64::from(message.is_some());
            let changed = message.is_some();
            let message = message.ok_or(if channel.senders == 0 {
                TryRecvError::Disconnected
            } else {
                TryRecvError::Empty
            });
            (message, changed)
        })
    }

    /// As [`std::sync::mpsc::Receiver::iter`].
    #[track_caller]
    pub fn iter(&self) -> Iter<'_, T> {
        let site = Location::caller();
        Iter {
            receiver: self,
            site,
        }
    }

    /// As [`std::sync::mpsc::Receiver::try_iter`].
    #[track_caller]
    pub fn try_iter(&self) -> TryIter<'_, T> {
        let site = Location::caller();
        TryIter {
            receiver: self,
            site,
        }
    }

    /// A message; `Some(None)` if no sender is left, `None` if time is up.
    fn take(&self, limit: Option<Duration>, site: Site) -> Option<Option<T>> {
        let got = self.channel.wait("recv", site, limit, |channel| {
            let message = channel.messages.pop_front();
            channel.taken += u64::from(message.is_some());
            let done = message.is_some() || channel.senders == 0;
            channel.receiving = !done;
            done.then_some(message)
        });
        if got.is_none() {
            let leave = |channel: &mut Channel<T>| channel.receiving = false;
            self.channel.change("recv ends", site, leave);
        }
        got
    }
}

/// [`std::sync::mpsc::Iter`].
#[derive(Debug)]
pub struct Iter<'a, T> {
    receiver: &'a Receiver<T>,
    /// Where it was made: `next` may be called from within std.
    site: Site,
}

/// [`std::sync::mpsc::TryIter`].
#[derive(Debug)]
pub struct TryIter<'a, T> {
    receiver: &'a Receiver<T>,
    /// Where it was made: `next` may be called from within std.
    site: Site,
}

/// [`std::sync::mpsc::IntoIter`].
#[derive(Debug)]
pub struct IntoIter<T> {
    receiver: Receiver<T>,
    site: Site,
}

impl<T> Iterator for Iter<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.receiver.take(None, self.site).flatten()
    }
}

impl<T> Iterator for TryIter<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.receiver.try_take(self.site).ok()
    }
}

impl<T> Iterator for IntoIter<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.receiver.take(None, self.site).flatten()
    }
}

impl<'a, T> IntoIterator for &'a Receiver<T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    #[track_caller]
    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

impl<T> IntoIterator for Receiver<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    #[track_caller]
    fn into_iter(self) -> IntoIter<T> {
        let site = Location::caller();
        IntoIter {
            receiver: self,
            site,
        }
    }
}

macro_rules! sender {
    ($name:ident) => {
        impl<T> Clone for $name<T> {
            #[track_caller]
            fn clone(&self) -> Self {
                let site = Location::caller();
                let add = |channel: &mut Channel<T>| channel.senders += 1;
                self.channel.change("clone", site, add);
                Self {
                    channel: Arc::clone(&self.channel),
                }
            }
        }

        impl<T> Drop for $name<T> {
            fn drop(&mut self) {
                let site = execution::last_site();
                let leave = |channel: &mut Channel<T>| channel.senders -= 1;
                self.channel.change("drop sender", site, leave);
            }
        }

        impl<T> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    };
}

sender!(Sender);
sender!(SyncSender);

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        let site = execution::last_site();
        let left = self.channel.change("drop receiver", site, |channel| {
            channel.receiver = false;
            if channel.bound == Some(0) {
                // A message that stands in the door goes back to its sender.
                return VecDeque::new();
            }
            std::mem::take(&mut channel.messages)
        });
        // Not above: dropping a message may be a step of its own.
        drop(left);
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").finish_non_exhaustive()
    }
}
