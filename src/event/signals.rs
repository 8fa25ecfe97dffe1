//! Signals that a loop can wait for: the *self-pipe*.
//!
//! A signal interrupts a thread wherever it is, be it in the middle of an allocation with
//! the allocator's lock in its hand. So a handler may do next to nothing: take no lock,
//! allocate nothing, print nothing. It may write to a descriptor. Ours writes one byte to a
//! pipe, and the loop is told that the pipe can be read, like any socket; what has to be done
//! is done there, where nothing is interrupted.
//!
//! ```text
//! kill ── kernel ── handler: one byte ──► pipe ──► loop: readable ── take() ── stop
//! ```
//!
//! Linux has `signalfd` for this, kqueue `EVFILT_SIGNAL`. Both need the signal blocked or
//! ignored, which processes that are started later inherit; the pipe needs nothing, and is the
//! same everywhere. Source: signal-safety(7), pipe(7).
#![allow(unsafe_code, reason = "sigaction, and what a handler may do")]

use std::io::{self, ErrorKind, PipeReader, PipeWriter, Read as _};
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd};
use std::{fmt, mem, ptr};

use libc::c_int;

use self::gate::Gate;
use super::sys::check;
use crate::ground::Static;

mod gate;

/// Numbers of signals are below this, on every system that has a loop.
const SIGNALS_MAX: usize = 129;

/// Where the handler of each signal finds its pipe. INVARIANT: made before the first handler
/// is installed, so that no handler makes it.
static GATES: Static<[Gate; SIGNALS_MAX]> =
    Static::new(|| [(); SIGNALS_MAX].map(|()| Gate::new()));

// ANCHOR: signals
/// Catches signals, and can be waited for with a [`Loop`](super::Loop).
///
/// Each signal is caught once. After that it does again what it does by itself, which for
/// `SIGINT` and `SIGTERM` is to end the process: whoever asks a second time does not want to
/// wait any longer. Dropped, everything is as it was before.
///
/// # Example
/// ```
/// use std::os::fd::AsFd as _;
/// use threadbare::event::{Events, Loop, Signals};
///
/// let mut signals = Signals::new(&[libc::SIGTERM, libc::SIGINT])?;
/// let (mut event_loop, mut events) = (Loop::new()?, Events::with_capacity(8));
/// event_loop.add_read(signals.as_fd(), 7)?;
/// assert_eq!(signals.take(), None);
///
/// // SAFETY: it takes a number. The handler is ours, and may run anywhere.
/// unsafe { libc::raise(libc::SIGTERM) };
///
/// event_loop.wait(&mut events, None)?;
/// assert!(events.iter().all(|event| event.user == 7 && event.readable));
/// assert_eq!(signals.take(), Some(libc::SIGTERM));
/// assert_eq!(signals.take(), None);
/// event_loop.del_read(signals.as_fd())?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Signals {
    /// What is caught, and what was done about it before.
    caught: Vec<(c_int, libc::sigaction)>,
    reader: PipeReader,
    /// The handlers write to it. INVARIANT: it is open as long as a gate leads to it.
    writer: PipeWriter,
}
// ANCHOR_END: signals

impl Signals {
    /// Catches these signals from now on, in the whole process.
    ///
    /// That a signal was ignored before makes no difference: a shell has its background
    /// commands ignore `SIGINT`, and who is told to catch it means it.
    ///
    /// # Errors
    /// `AlreadyExists` if one of them is caught already, by another `Signals`.
    /// `InvalidInput` for what is no signal, or can't be caught, such as `SIGKILL`. What the
    /// kernel says to a new pipe. Nothing has changed then.
    /// # Cost
    /// A pipe, and a system call for each signal.
    pub fn new(signals: &[c_int]) -> io::Result<Self> {
        let (reader, writer) = io::pipe()?;
        never_wait(reader.as_fd())?;
        never_wait(writer.as_fd())?;
        let mut all = Self {
            caught: Vec::with_capacity(signals.len()),
            reader,
            writer,
        };
        for &signal in signals {
            all.catch(signal)?; // if not, `drop` takes back the others
        }
        Ok(all)
    }

    /// Returns the next signal that has been caught, if there is one.
    ///
    /// # Cost
    /// One system call.
    pub fn take(&mut self) -> Option<c_int> {
        let mut number = [0];
        loop {
            match self.reader.read(&mut number) {
                Ok(1) => return Some(number[0].into()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // It is empty. It has no end: this end has the writer.
                _ => return None,
            }
        }
    }

    fn catch(&mut self, signal: c_int) -> io::Result<()> {
        let gate = gate(signal).ok_or(ErrorKind::InvalidInput)?;
        if !gate.open(self.writer.as_raw_fd()) {
            let sentence = format!("signal {signal} is caught already");
            return Err(io::Error::new(ErrorKind::AlreadyExists, sentence));
        }
        match install(signal) {
            Ok(before) => {
                self.caught.push((signal, before));
                Ok(())
            }
            Err(error) => {
                gate.close();
                Err(error)
            }
        }
    }
}

impl AsFd for Signals {
    /// What is to be registered for reading.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.reader.as_fd()
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        for (signal, before) in self.caught.drain(..) {
            // SAFETY: `before` is what `sigaction` has filled for this signal. EINTR:
            // impossible, and no error is: the same call has succeeded in `install`.
            unsafe { libc::sigaction(signal, &raw const before, ptr::null_mut()) };
            // A handler may still run, on whichever thread it has interrupted. The pipe is
            // closed behind this, and its number is somebody else's then.
            if let Some(gate) = gate(signal) {
                gate.close();
            }
        }
    }
}

impl fmt::Debug for Signals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers = self.caught.iter().map(|(number, _)| number);
        f.debug_list().entries(numbers).finish()
    }
}

// ANCHOR: handler
/// What the kernel calls, on a thread that may be in the middle of anything.
extern "C" fn note(signal: c_int) {
    // SAFETY: each thread has its own `errno`, and the pointer to it is always good. What is
    // interrupted may be about to read it, so it is left as it was.
    let errno = unsafe { *errno() };
    if let Some(gate) = gate(signal) {
        gate.pass(|fd| {
            let number = signal as u8;
            // SAFETY: one live byte, and `fd` is open: `drop` closes it after the gate, and
            // that waits for us. `write` is one of the few calls that a handler may make. If
            // the pipe is full there are 64 KiB of signals in it, and one more says nothing
            // new. EINTR: impossible, for it does not wait.
            unsafe { libc::write(fd, (&raw const number).cast(), 1) };
        });
    }
    // SAFETY: as above.
    unsafe { *self::errno() = errno };
}

/// Has `note` called for the next `signal`, and returns what was done before.
fn install(signal: c_int) -> io::Result<libc::sigaction> {
    // SAFETY: all fields are integers or a pointer, for which zero is a value: no handler, no
    // flags, an empty mask.
    let mut action: libc::sigaction = unsafe { mem::zeroed() };
    let handler: extern "C" fn(c_int) = note;
    action.sa_sigaction = handler as *const () as usize;
    // Once; and calls that the signal cuts short go on, where they can.
    action.sa_flags = libc::SA_RESETHAND | libc::SA_RESTART;
    let mut before = action;
    // SAFETY: both are live locals. `note` does only what a handler may do. EINTR: impossible,
    // for it does not wait.
    let result =
        unsafe { libc::sigaction(signal, &raw const action, &raw mut before) };
    check("sigaction", result).map(|_| before)
}
// ANCHOR_END: handler

fn gate(signal: c_int) -> Option<&'static Gate> {
    GATES.get(usize::try_from(signal).ok()?)
}

/// Makes a pipe's end one that never blocks.
fn never_wait(fd: BorrowedFd<'_>) -> io::Result<()> {
    // SAFETY: it takes three numbers, and a new pipe has no other flag that could be lost.
    // EINTR: impossible, for it does not wait.
    let result =
        unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK) };
    check("fcntl", result).map(drop)
}

#[cfg(target_os = "linux")]
use libc::__errno_location as errno;
#[cfg(not(target_os = "linux"))]
use libc::__error as errno;
