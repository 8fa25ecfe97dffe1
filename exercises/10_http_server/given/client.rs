//! Given for 10.5: a socket, the kernel behind it, and a client that reads its answer when it
//! likes. The kernel does what kernels do: a connection that is closed while bytes of the client
//! are unread, or to which further ones come, is reset; and with that the client loses what it has
//! not read yet.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

/// How long the answer is that was written before.
pub const ANSWER: usize = 74;

/// Why a call has brought nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SocketError {
    /// `EWOULDBLOCK`: there is nothing to read.
    WouldBlock,
    /// `EINTR`: a signal came first.
    Interrupted,
    /// `ECONNRESET`, `ENOTCONN`: the client has gone, and is not coming back.
    Broken,
}

/// What a socket was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// To shut down the sending half.
    ShutdownWrite,
    /// To read so many bytes, and what came of it.
    Recv(usize, Result<usize, SocketError>),
    /// To close.
    Close,
}

/// A socket. Clones are the same one.
#[derive(Clone, Default)]
pub struct Socket(Rc<RefCell<State>>);

#[derive(Default)]
struct State {
    /// Bytes of the client that nobody has read.
    unread: usize,
    /// The client has sent its last.
    is_at_end: bool,
    is_broken: bool,
    interrupts: u32,
    is_shut_down: bool,
    is_closed: bool,
    /// The client has lost its answer, or would if it had not read it.
    is_reset: bool,
    has_read: bool,
    in_vain: u32,
    calls: Vec<Call>,
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the socket")
    }
}

impl Socket {
    /// Sends no more: behind the answer the client sees an end.
    #[track_caller]
    pub fn shutdown_write(&self) -> Result<(), SocketError> {
        let mut state = self.0.borrow_mut();
        state.call("shutdown_write", Call::ShutdownWrite);
        assert!(
            !state.is_shut_down,
            "shutdown_write is called twice: the first time was enough"
        );
        if state.is_broken {
            return Err(SocketError::Broken);
        }
        state.is_shut_down = true;
        Ok(())
    }

    /// Reads what there is, as far as it fits; 0 at the end of what the client sends.
    #[track_caller]
    pub fn recv(&self, buffer: &mut [u8]) -> Result<usize, SocketError> {
        let mut state = self.0.borrow_mut();
        let count = buffer.len().min(state.unread);
        let result = if state.interrupts > 0 {
            state.interrupts -= 1;
            Err(SocketError::Interrupted)
        } else if state.is_broken {
            Err(SocketError::Broken)
        } else if count > 0 || state.is_at_end && state.unread == 0 {
            Ok(count)
        } else if buffer.is_empty() {
            // As kernels do it; it looks like the end.
            Ok(0)
        } else {
            Err(SocketError::WouldBlock)
        };
        state.call("recv", Call::Recv(buffer.len(), result));
        state.unread -= result.unwrap_or(0);
        buffer[..result.unwrap_or(0)].fill(b'x');
        let is_nothing = matches!(result, Ok(0) | Err(SocketError::WouldBlock));
        state.in_vain = if is_nothing { state.in_vain + 1 } else { 0 };
        assert!(
            state.in_vain < 100,
            "recv was called 100 times in a row, the last time for {result:?}: whoever waits \
             for the client here keeps the loop from everybody else"
        );
        result
    }

    /// Gives the number back.
    #[track_caller]
    pub fn close(&self) {
        let mut state = self.0.borrow_mut();
        state.call("close", Call::Close);
        state.is_closed = true;
        state.is_reset |= state.unread > 0;
    }

    /// For graders: the client sends so many bytes.
    pub fn client_sends(&self, bytes: usize) {
        let mut state = self.0.borrow_mut();
        state.is_reset |= state.is_closed;
        if !state.is_closed {
            state.unread += bytes;
            state.in_vain = 0;
        }
    }

    /// For graders: the client reads its answer, if it has not lost it.
    pub fn client_reads(&self) -> bool {
        let mut state = self.0.borrow_mut();
        state.has_read |= !state.is_reset;
        state.has_read
    }

    /// For graders: whether the client sees that nothing follows on the answer.
    pub fn client_sees_the_end(&self) -> bool {
        let state = self.0.borrow();
        state.is_shut_down || state.is_closed
    }

    /// For graders: the client sends no more.
    pub fn client_ends(&self) {
        self.0.borrow_mut().is_at_end = true;
    }

    /// For graders: the client is gone.
    pub fn break_it(&self) {
        self.0.borrow_mut().is_broken = true;
    }

    /// For graders: the next so many reads are interrupted.
    pub fn interrupt(&self, times: u32) {
        self.0.borrow_mut().interrupts = times;
    }

    /// For graders: whether a loop would say that there is something to read.
    pub fn is_readable(&self) -> bool {
        let state = self.0.borrow();
        !state.is_closed && (state.unread > 0 || state.is_at_end || state.is_broken)
    }

    /// For graders: the calls since the last time this was asked.
    pub fn calls(&self) -> Vec<Call> {
        std::mem::take(&mut self.0.borrow_mut().calls)
    }

    /// For graders: whether it is closed.
    pub fn is_closed(&self) -> bool {
        self.0.borrow().is_closed
    }

    /// For graders: how many bytes of the client nobody has read.
    pub fn unread(&self) -> usize {
        self.0.borrow().unread
    }
}

impl State {
    #[track_caller]
    fn call(&mut self, name: &str, call: Call) {
        assert!(
            !self.is_closed,
            "{name} is called, and the socket is closed: by now its number may be \
             somebody else's"
        );
        self.calls.push(call);
    }
}
