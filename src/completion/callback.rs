//! What a callback is given, and what it answers.

use std::fmt;
use std::io;

use super::Loop;
use crate::event::Key;

/// An operation that was submitted: a key, not a pointer.
///
/// Once the operation is over, nothing is found under it, also if its slot has been used
/// again. See [`Life`](super::Life).
///
/// ```
/// use std::time::Duration;
/// use threadbare::completion::{Life, Loop, Next, Run};
///
/// let mut completions = Loop::new()?;
/// let timer = completions.timer(Duration::ZERO, 0, |_, _, _| Next::Disarm);
/// assert_eq!(completions.life(timer), Life::Queued);
/// completions.run(&mut (), Run::UntilDone)?;
/// assert_eq!(completions.life(timer), Life::Dead);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Completion(pub(super) Key);

/// A descriptor that a loop owns: a key, as [`Completion`] is one.
///
/// After [`close`](Loop::close) or [`release`](Loop::release) nothing is found under it, also
/// if the system has given the number out again.
///
/// ```
/// use threadbare::completion::Loop;
///
/// let mut completions: Loop<()> = Loop::new()?;
/// let listener = completions.adopt(std::net::TcpListener::bind("127.0.0.1:0")?)?;
/// completions.close(listener)?;
/// assert!(completions.close(listener).is_err(), "there is none any more");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Descriptor(pub(super) Key);

impl Completion {
    /// The key as a word, for a user word. No key is 0.
    ///
    /// ```
    /// use std::time::Duration;
    /// use threadbare::completion::{Completion, Loop, Next};
    ///
    /// let mut completions: Loop<()> = Loop::new()?;
    /// let timer = completions.timer(Duration::ZERO, 0, |_, _, _| Next::Disarm);
    /// assert_eq!(Completion::from_word(timer.to_word()), timer);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub const fn to_word(self) -> u64 {
        self.0.to_user()
    }

    /// The completion of a word that [`to_word`](Self::to_word) gave.
    #[must_use]
    pub const fn from_word(word: u64) -> Self {
        Self(Key::from_user(word))
    }
}

impl Descriptor {
    /// The key as a word, for a user word. No key is 0.
    ///
    /// ```
    /// use threadbare::completion::{Descriptor, Loop};
    ///
    /// let mut completions: Loop<()> = Loop::new()?;
    /// let (reader, writer) = std::io::pipe()?;
    /// let both = (completions.adopt(reader)?, completions.adopt(writer)?);
    /// assert_eq!(Descriptor::from_word(both.0.to_word()), both.0);
    /// assert_eq!((both.0.index(), both.1.index()), (0, 1));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub const fn to_word(self) -> u64 {
        self.0.to_user()
    }

    /// The descriptor of a word that [`to_word`](Self::to_word) gave.
    #[must_use]
    pub const fn from_word(word: u64) -> Self {
        Self(Key::from_user(word))
    }

    /// Which place it has in the loop, from 0, as dense as the descriptors of a process: for
    /// a list of your own. The place is given out again after this one is closed.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0.index()
    }
}

/// Whether an operation goes on after its callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Next {
    /// The same once more. A read goes into what room the buffer has left, a write writes all
    /// of the buffer again, a timer comes a period after it was due. After a cancel, or a
    /// close, there is one call more, which says that it is over; there it is `Disarm`.
    Rearm,
    /// It is over: nothing is found under its [`Completion`] any more.
    Disarm,
}

/// How a cancel ended: [`Loop::cancel`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// The operation's last result was that it was cancelled.
    Cancelled,
    /// It had its result, or nobody could stop it. Its last result was what it would have
    /// been.
    TooLate,
    /// There was nothing to cancel: it had ended, or there was never one.
    Dead,
}

/// How long [`Loop::run`] stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Run {
    /// Calls whoever is done, and does not wait.
    NoWait,
    /// Waits until somebody is done, and calls all who are.
    Once,
    /// Until there is no operation left.
    UntilDone,
}

/// How an operation ended: what its callback is given.
///
/// The buffer is in the callback's hands again, and it may take it out, or leave another one
/// in its place. What it leaves there goes with the operation if it is re-armed, and is freed
/// if it is not.
#[derive(Debug)]
pub struct Finished<T, B = ()> {
    /// Which operation.
    pub completion: Completion,
    /// The word that it was submitted with.
    pub user: u64,
    /// What came of it.
    pub result: io::Result<T>,
    /// What it was given to work on.
    pub buffer: B,
}

/// What a [`receive`](Loop::receive) brought: bytes that are lent for as long as the callback
/// runs.
///
/// Nobody keeps them for later:
///
/// ```compile_fail,E0521
/// use threadbare::completion::{Loop, Next, Received};
///
/// fn keep(_: &mut Loop<Vec<&'static [u8]>>, kept: &mut Vec<&'static [u8]>,
///     received: &mut Received<'_>) -> Next {
///     kept.push(received.result.as_ref().unwrap());
///     Next::Rearm
/// }
/// ```
#[derive(Debug)]
pub struct Received<'a> {
    /// Which operation.
    pub completion: Completion,
    /// The word that it was submitted with.
    pub user: u64,
    /// The bytes; none is the end of the stream.
    pub result: io::Result<&'a [u8]>,
}

/// What is called when an operation is done. A function, and not a closure that holds
/// something: what it needs it finds in the state, by its user word. So nothing is allocated.
pub type Call<S, T, B = ()> = fn(&mut Loop<S>, &mut S, &mut Finished<T, B>) -> Next;

/// As [`Call`], for a [`receive`](Loop::receive).
pub type CallReceived<S> =
    for<'a> fn(&mut Loop<S>, &mut S, &mut Received<'a>) -> Next;

/// Whom to call. It stands beside the operation, which does not know what `S` is.
pub(super) enum Callback<S> {
    Nobody,
    Event(Call<S, ()>),
    Descriptor(Call<S, Descriptor>),
    Bytes(Call<S, usize, Vec<u8>>),
    Received(CallReceived<S>),
    Answer(Call<S, Answer>),
}

impl<S> Clone for Callback<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for Callback<S> {}

/// Whether an operation's error says that it was cancelled, or its descriptor closed.
///
/// ```
/// use threadbare::completion::is_cancelled;
///
/// assert!(!is_cancelled(&std::io::Error::from(std::io::ErrorKind::BrokenPipe)));
/// ```
#[must_use]
pub fn is_cancelled(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::ECANCELED)
}

impl fmt::Debug for Completion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Completion({:?})", self.0)
    }
}

impl fmt::Debug for Descriptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Descriptor({:?})", self.0)
    }
}
