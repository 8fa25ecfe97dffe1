//! A client for tests: it and its server take turns in one thread.
//!
//! There is no port, no second thread and nothing to wait for: the client has one end of a
//! pair of connected sockets, the server the other, and whenever the client would have to
//! wait, it lets the server take a turn ([`Server::tick`]). What is tested is the whole server
//! none the less, from the bytes that arrive to the bytes that leave.
#![cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]

mod answer;
mod call;

use std::cell::RefCell;
use std::fmt;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::time::Duration;

pub use answer::Answer;
pub use call::Call;

use super::{Config, Handle, Handler, Method, Metrics, Server};
use crate::event::Deadline;

/// How long an answer may take. It is there at once, unless the server waits for a deadline
/// of its own; and a test that waits for ever tells nobody why.
const PATIENCE: Duration = Duration::from_secs(10);

// ANCHOR: client
/// A connection to a server that runs in the same thread.
///
/// ```
/// use threadbare::http::{Config, Router, TestClient};
///
/// let mut router = Router::new();
/// router.post("/double", |request, response| {
///     let n: u32 = request.text()?.parse().unwrap_or(0);
///     response.header("X-Was", n).text(2 * n);
///     Ok(())
/// });
///
/// let mut client = TestClient::new(Config::default(), router);
/// let answer = client.post("/double").body("21").send();
/// assert_eq!(answer.status, 200);
/// assert_eq!(answer.header("x-was"), Some("21"));
/// assert_eq!(answer.text(), "42");
/// ```
///
/// Several connections, and bytes that no well-behaved client sends:
///
/// ```
/// # use threadbare::http::{Config, Request, Response, TestClient};
/// let hello = |_: &Request<'_>, response: &mut Response<'_>| response.text("hello");
/// let mut slow = TestClient::new(Config::default(), hello);
/// let mut other = slow.another();
///
/// slow.send_bytes("GET / HTTP/1.1\r\nHo");
/// assert!(slow.try_receive().is_none());
/// assert_eq!(other.get("/").send().text(), "hello");
/// slow.send_bytes("st: test\r\n\r\n");
/// assert_eq!(slow.receive().text(), "hello");
///
/// other.send_bytes("GET / HTTP/1.1\r\nHost : test\r\n\r\n");
/// assert_eq!(other.receive().status, 400);
/// assert!(other.is_closed());
/// ```
///
/// # Panics
/// All its methods do, with a sentence, if the server does not answer within ten seconds, or
/// with what is no answer.
pub struct TestClient {
    server: Rc<RefCell<Server>>,
    stream: UnixStream,
    /// What has come and was not asked for yet.
    input: Vec<u8>,
    /// The server has closed.
    ended: bool,
    /// It has said that it will, or a call after this one needs a new connection.
    last: bool,
}
// ANCHOR_END: client

impl TestClient {
    /// Makes a server, and connects to it.
    ///
    /// # Panics
    /// If the configuration is wrong, or the system has no sockets left.
    #[must_use]
    pub fn new(config: Config, handler: impl Handler) -> Self {
        let config = Config { port: 0, ..config };
        let server = Server::bind(config, handler);
        let server = server.unwrap_or_else(|error| panic!("no server: {error}"));
        Self::connected(Rc::new(RefCell::new(server)))
    }

    /// Opens a second connection to the same server.
    #[must_use]
    pub fn another(&self) -> Self {
        Self::connected(Rc::clone(&self.server))
    }

    fn connected(server: Rc<RefCell<Server>>) -> Self {
        let connect = || {
            let (ours, theirs) = UnixStream::pair()?;
            ours.set_nonblocking(true)?;
            server.borrow_mut().adopt(theirs)?;
            io::Result::Ok(ours)
        };
        let stream =
            connect().unwrap_or_else(|error| panic!("no connection: {error}"));
        Self {
            server,
            stream,
            input: Vec::new(),
            ended: false,
            last: false,
        }
    }

    /// Begins a GET.
    pub fn get(&mut self, target: &str) -> Call<'_> {
        self.call(Method::Get, target)
    }

    /// Begins a HEAD.
    pub fn head(&mut self, target: &str) -> Call<'_> {
        self.call(Method::Head, target)
    }

    /// Begins a POST.
    pub fn post(&mut self, target: &str) -> Call<'_> {
        self.call(Method::Post, target)
    }

    /// Begins a PUT.
    pub fn put(&mut self, target: &str) -> Call<'_> {
        self.call(Method::Put, target)
    }

    /// Begins a DELETE.
    pub fn delete(&mut self, target: &str) -> Call<'_> {
        self.call(Method::Delete, target)
    }

    /// Begins any request. If the server has closed this connection, it takes a new one.
    pub fn call(&mut self, method: Method, target: &str) -> Call<'_> {
        if self.last || self.ended {
            *self = self.another();
        }
        Call::new(self, method, target)
    }

    /// Sends these bytes as they are, while the server takes turns.
    pub fn send_bytes(&mut self, bytes: impl AsRef<[u8]>) {
        let mut rest = bytes.as_ref();
        let deadline = Deadline::after(PATIENCE);
        while !rest.is_empty() && !self.ended {
            match self.stream.write(rest) {
                Ok(sent) => rest = &rest[sent..],
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    // It may be waiting for us to read.
                    if !self.take() {
                        self.turn(deadline, "take what was sent");
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // It has closed; what it said before can still be read.
                Err(_) => break,
            }
        }
        self.tick();
    }

    /// Sends nothing more, and still listens.
    pub fn half_close(&mut self) {
        // It fails if the other side has gone already; then there is nothing to close.
        let _ = self.stream.shutdown(Shutdown::Write);
        self.tick();
    }

    /// Waits for the next answer, also for an interim one like `100 Continue`.
    pub fn receive(&mut self) -> Answer {
        self.receive_to(Method::Get)
    }

    /// The same, for the answer to a request with that method: to HEAD none has a body.
    pub fn receive_to(&mut self, method: Method) -> Answer {
        let deadline = Deadline::after(PATIENCE);
        loop {
            if let Some(answer) = self.parse(method) {
                return answer;
            }
            let shown = self.input.escape_ascii();
            assert!(!self.ended, "closed, and no answer before: \"{shown}\"");
            if !self.take() {
                self.turn(deadline, "answer");
            }
        }
    }

    /// Lets the server take a turn without waiting, and returns an answer if there is one.
    pub fn try_receive(&mut self) -> Option<Answer> {
        self.tick();
        while self.take() {}
        self.parse(Method::Get)
    }

    /// Whether the server has closed the connection, after a turn without waiting.
    pub fn is_closed(&mut self) -> bool {
        self.tick();
        while self.take() {}
        self.ended
    }

    /// Waits until the server has closed the connection, and returns what it sent before.
    pub fn receive_to_end(&mut self) -> Vec<u8> {
        let deadline = Deadline::after(PATIENCE);
        while !self.ended {
            if !self.take() {
                self.turn(deadline, "close the connection");
            }
        }
        std::mem::take(&mut self.input)
    }

    /// Lets the server do what it can without waiting.
    pub fn tick(&mut self) {
        self.tick_for(Duration::ZERO);
    }

    /// Lets the server take one turn, which ends after `max_wait` if there is nothing to do.
    pub fn tick_for(&mut self, max_wait: Duration) {
        let turn = self.server.borrow_mut().tick(Some(max_wait));
        turn.unwrap_or_else(|error| panic!("the server's loop failed: {error}"));
    }

    /// What the server counts.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        self.server.borrow().metrics()
    }

    /// What stops the server.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.server.borrow().handle()
    }

    fn turn(&mut self, deadline: Deadline, wanted: &str) {
        let shown = self.input.escape_ascii();
        assert!(
            !deadline.expired(),
            "the server does not {wanted}; so far it has sent: \"{shown}\""
        );
        self.tick_for(deadline.remaining().unwrap_or(PATIENCE));
    }

    /// Reads once, if there is something, be it the end. Returns whether there was.
    fn take(&mut self) -> bool {
        if self.ended {
            return false;
        }
        let mut bytes = [0; 64 * 1024];
        match self.stream.read(&mut bytes) {
            Ok(0) => self.ended = true,
            Ok(read) => self.input.extend_from_slice(&bytes[..read]),
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock => return false,
                ErrorKind::Interrupted => {}
                _ => self.ended = true,
            },
        }
        true
    }

    fn parse(&mut self, method: Method) -> Option<Answer> {
        let (answer, len) = Answer::parse(&self.input, method, self.ended)?;
        self.input.drain(..len);
        self.last |= answer.header("Connection") == Some("close");
        Some(answer)
    }
}

impl fmt::Debug for TestClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestClient")
            .field("input", &self.input.escape_ascii().to_string())
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}
