//! A client that sends any bytes and takes no answer that is not well formed.

use crate::conformance::serve::Serve;
use crate::conformance::sockets::reset_at_the_end;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsRawFd;
use std::time::Duration;

/// How long to wait before looking again: a server in the same thread has its turn, another
/// one is waited for.
const A_WHILE: Duration = Duration::from_millis(2);

/// One connection.
pub(crate) struct Client<'s> {
    server: &'s dyn Serve,
    stream: TcpStream,
    /// What has come, of which the first `used` bytes were looked at.
    input: Vec<u8>,
    used: usize,
    has_ended: bool,
    was_reset: bool,
}

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// How many answers `100 Continue` came before it.
    pub(crate) continues: usize,
}

impl Answer {
    /// A field's value, if there is exactly one.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let mut found = self.fields.iter().filter(|(it, _)| it == name);
        let first = found.next().map(|(_, value)| value.as_str());
        assert!(found.next().is_none(), "two of {name}: {self:?}");
        first
    }

    /// Whether it says that the connection ends.
    pub(crate) fn says_close(&self) -> bool {
        self.field("connection") == Some("close")
    }
}

impl<'s> Client<'s> {
    pub(crate) fn connect(server: &'s dyn Serve) -> Self {
        Self::try_connect(server).unwrap()
    }

    pub(crate) fn try_connect(server: &'s dyn Serve) -> io::Result<Self> {
        let stream = TcpStream::connect(server.address())?;
        stream.set_nonblocking(true)?;
        stream.set_nodelay(true)?;
        Ok(Self {
            server,
            stream,
            input: Vec::new(),
            used: 0,
            has_ended: false,
            was_reset: false,
        })
    }

    /// Sends what goes without waiting: so many bytes.
    pub(crate) fn send_some(&mut self, bytes: &[u8]) -> usize {
        match self.stream.write(bytes) {
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
            Err(error) => panic!("{error}"),
        }
    }

    pub(crate) fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Sends all of it, however often the server must have its turn. What comes back
    /// meanwhile is kept. `false` if the server takes no more.
    pub(crate) fn send(&mut self, mut bytes: &[u8]) -> bool {
        while !bytes.is_empty() {
            match self.stream.write(bytes) {
                Ok(count) => bytes = &bytes[count..],
                Err(error) => match error.kind() {
                    ErrorKind::WouldBlock => {
                        if !self.receive() {
                            self.wait(libc::POLLIN | libc::POLLOUT);
                        }
                    }
                    ErrorKind::BrokenPipe | ErrorKind::ConnectionReset => {
                        return false;
                    }
                    _ => panic!("{error}"),
                },
            }
        }
        true
    }

    /// Sends byte by byte; the server sees each one before the next.
    pub(crate) fn trickle(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if !self.send(std::slice::from_ref(byte)) {
                break;
            }
            self.server.turn(Duration::ZERO);
        }
    }

    /// Says that nothing more comes.
    pub(crate) fn half_close(&self) {
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// Waits for an answer. `to_head`: to a request with HEAD.
    pub(crate) fn answer(&mut self, to_head: bool) -> Answer {
        let mut continues = 0;
        loop {
            let head = self.until(b"\r\n\r\n");
            let (status, fields) = read_head(&head);
            let mut answer = Answer {
                status,
                fields,
                body: Vec::new(),
                continues,
            };
            if status == 100 {
                assert!(answer.fields.is_empty(), "{answer:?}");
                continues += 1;
                continue;
            }
            assert!((200..600).contains(&status), "{answer:?}");
            is_date(answer.field("date").unwrap_or("none"));
            self.body(&mut answer, to_head);
            return answer;
        }
    }

    /// Waits for an answer with 200 and this body. Looks at nothing else, for there are tests
    /// with very many of them.
    pub(crate) fn answer_is(&mut self, body: &[u8]) {
        let head = self.until(b"\r\n\r\n");
        assert!(
            head.starts_with(b"HTTP/1.1 200 OK\r\n"),
            "{}",
            head.escape_ascii()
        );
        let came = self.exactly(body.len());
        assert_eq!(
            came.escape_ascii().to_string(),
            body.escape_ascii().to_string()
        );
    }

    fn body(&mut self, answer: &mut Answer, to_head: bool) {
        let length = answer.field("content-length").map(|it| it.parse().unwrap());
        let is_chunked = answer.field("transfer-encoding").is_some();
        assert!(!is_chunked || length.is_none(), "{answer:?}");
        if to_head || matches!(answer.status, 204 | 304) {
            let none = answer.status == 204 && (is_chunked || length.is_some());
            assert!(!none, "RFC 9110, 8.6: {answer:?}");
        } else if is_chunked {
            assert_eq!(answer.field("transfer-encoding"), Some("chunked"));
            loop {
                let line = self.until(b"\r\n");
                let size = std::str::from_utf8(&line[..line.len() - 2]).unwrap();
                let size = usize::from_str_radix(size, 16).expect("a chunk's size");
                let chunk = self.exactly(size + 2);
                assert!(chunk.ends_with(b"\r\n"), "a chunk's end");
                answer.body.extend(&chunk[..size]);
                if size == 0 {
                    break;
                }
            }
        } else if let Some(length) = length {
            answer.body = self.exactly(length);
        } else {
            assert!(answer.says_close(), "a body without an end: {answer:?}");
            while !self.has_ended {
                self.receive_or_wait();
            }
            answer.body = self.use_up(self.rest().len());
        }
    }

    /// The next so many bytes, as they come.
    pub(crate) fn exactly(&mut self, count: usize) -> Vec<u8> {
        while self.rest().len() < count {
            self.more("the rest of a body");
        }
        self.use_up(count)
    }

    fn until(&mut self, end: &[u8]) -> Vec<u8> {
        loop {
            match self.rest().windows(end.len()).position(|it| it == end) {
                Some(at) => return self.use_up(at + end.len()),
                None => self.more("an answer"),
            }
        }
    }

    /// Waits for the end, which is no reset, and before which nothing comes.
    pub(crate) fn ends(&mut self) {
        while !self.has_ended {
            self.receive_or_wait();
        }
        let rest = self.rest().escape_ascii().to_string();
        assert!(rest.is_empty(), "more than was asked for: {rest}");
        assert!(!self.was_reset, "reset: what was sent before may be lost");
    }

    /// The same, and it may be a reset: when the server no longer reads what comes in.
    pub(crate) fn ends_somehow(&mut self) {
        while !self.has_ended {
            self.receive_or_wait();
        }
        let rest = self.rest().escape_ascii().to_string();
        assert!(rest.is_empty(), "more than was asked for: {rest}");
    }

    /// What has come and was not looked at. Waits if that is nothing; empty at the end.
    pub(crate) fn some(&mut self) -> Vec<u8> {
        while self.rest().is_empty() && !self.has_ended {
            self.receive_or_wait();
        }
        self.use_up(self.rest().len())
    }

    /// The head of an answer. Its body is for the caller to read.
    pub(crate) fn head(&mut self) -> Answer {
        let head = self.until(b"\r\n\r\n");
        let (status, fields) = read_head(&head);
        Answer {
            status,
            fields,
            body: Vec::new(),
            continues: 0,
        }
    }

    /// Ends the connection with a reset: what was not sent or read is thrown away.
    pub(crate) fn reset(self) {
        reset_at_the_end(&self.stream);
    }

    /// All that comes until the end, however that comes.
    pub(crate) fn all_the_rest(&mut self) -> Vec<u8> {
        while !self.has_ended {
            self.receive_or_wait();
        }
        self.use_up(self.rest().len())
    }

    /// Whether something has come, or the end, that was not looked at. Does not wait.
    pub(crate) fn has_something(&mut self) -> bool {
        self.receive();
        self.has_ended || !self.rest().is_empty()
    }

    /// Whether so many answers have come already. Does not wait.
    pub(crate) fn has_answers(&mut self, count: usize) -> bool {
        self.receive();
        let starts = self.rest().windows(9).filter(|it| it == b"HTTP/1.1 ");
        starts.count() >= count
    }

    /// What was not looked at.
    fn rest(&self) -> &[u8] {
        &self.input[self.used..]
    }

    fn use_up(&mut self, count: usize) -> Vec<u8> {
        let bytes = self.rest()[..count].to_vec();
        self.used += count;
        if self.used == self.input.len() || self.used > 1 << 20 {
            self.input.drain(..self.used);
            self.used = 0;
        }
        bytes
    }

    fn more(&mut self, what: &str) {
        let so_far = &self.rest()[..self.rest().len().min(400)];
        let so_far = so_far.escape_ascii();
        assert!(!self.was_reset, "reset before {what}; so far: {so_far}");
        assert!(!self.has_ended, "the end before {what}; so far: {so_far}");
        self.receive_or_wait();
    }

    fn receive_or_wait(&mut self) {
        if !self.receive() {
            self.wait(libc::POLLIN);
        }
    }

    /// Takes what is there. `false` if that is nothing.
    fn receive(&mut self) -> bool {
        if self.has_ended {
            return false;
        }
        let mut buffer = [0; 65_536];
        match self.stream.read(&mut buffer) {
            Ok(0) => self.has_ended = true,
            Ok(count) => self.input.extend(&buffer[..count]),
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock => return false,
                ErrorKind::ConnectionReset => {
                    self.has_ended = true;
                    self.was_reset = true;
                }
                _ => panic!("{error}"),
            },
        }
        true
    }

    fn wait(&self, events: libc::c_short) {
        if !self.server.turn(A_WHILE) {
            poll(&self.stream, events, A_WHILE);
        }
    }
}

/// Waits until something can be done with a socket.
#[allow(unsafe_code, reason = "std has no name for it")]
fn poll(stream: &TcpStream, events: libc::c_short, wait: Duration) {
    let mut entry = libc::pollfd {
        fd: stream.as_raw_fd(),
        events,
        revents: 0,
    };
    // SAFETY: the kernel reads and writes one entry, which outlives the call.
    unsafe { libc::poll(&raw mut entry, 1, wait.as_millis() as libc::c_int) };
}

/// Reads a head as strictly as the server reads ours. Names in small letters.
fn read_head(head: &[u8]) -> (u16, Vec<(String, String)>) {
    let shown = head.escape_ascii();
    let text = std::str::from_utf8(head).expect("a head is ASCII here");
    let lines = text.strip_suffix("\r\n\r\n").unwrap();
    let mut lines = lines.split("\r\n");
    let status_line = lines.next().unwrap();
    let words: Vec<&str> = status_line.splitn(3, ' ').collect();
    let [version, status, reason] = words[..] else {
        panic!("no status line: {shown}");
    };
    assert_eq!(version, "HTTP/1.1", "{shown}");
    assert!(!reason.is_empty(), "no reason: {shown}");
    assert_eq!(status.len(), 3, "{shown}");
    let fields: Vec<(String, String)> = lines
        .map(|line| {
            let (name, value) = line.split_once(": ").expect("a colon and a blank");
            assert!(!line.contains(['\r', '\n', '\0']), "{shown}");
            assert!(!name.contains(' ') && value == value.trim(), "{shown}");
            (name.to_ascii_lowercase(), value.to_owned())
        })
        .collect();
    (status.parse().expect("three digits"), fields)
}

/// RFC 9110, 5.6.7: `Sun, 06 Nov 1994 08:49:37 GMT`.
fn is_date(text: &str) {
    let shape: String = text
        .chars()
        .map(|it| match it {
            '0'..='9' => '9',
            'A'..='Z' => 'A',
            'a'..='z' => 'a',
            other => other,
        })
        .collect();
    assert_eq!(shape, "Aaa, 99 Aaa 9999 99:99:99 AAA", "not a date: {text}");
}
