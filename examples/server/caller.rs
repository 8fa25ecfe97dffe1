//! A client that waits for its answers, of a server that runs in a thread of its own.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsRawFd as _;
use std::time::Duration;

use super::say::say;

/// How long somebody waits before it is said that nothing has come.
const PATIENCE_MS: u64 = 100;

/// A connection, and what has come on it. What it does is printed if it has a name.
pub(crate) struct Caller {
    pub(crate) name: &'static str,
    stream: TcpStream,
    input: String,
}

impl Caller {
    /// Connects, and asks for `target`.
    pub(crate) fn call(
        name: &'static str,
        address: SocketAddr,
        target: &str,
    ) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        let mut caller = Self {
            name,
            stream,
            input: String::new(),
        };
        caller.ask(target)?;
        Ok(caller)
    }

    /// Asks for something else on the same connection.
    pub(crate) fn ask(&mut self, target: &str) -> io::Result<()> {
        let request = format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n");
        self.stream.write_all(request.as_bytes())
    }

    /// Waits for a moment, in which nothing comes.
    pub(crate) fn must_wait(&mut self) -> io::Result<()> {
        let came = self.has_answer_in(PATIENCE_MS)?;
        assert!(!came, "{}: {}", self.name, self.input);
        self.show(format_args!("nothing in {PATIENCE_MS} ms"))
    }

    /// Whether an answer has come, or comes in so many milliseconds.
    pub(crate) fn has_answer_in(&mut self, ms: u64) -> io::Result<bool> {
        self.stream
            .set_read_timeout(Some(Duration::from_millis(ms)))?;
        let came = loop {
            if self.answer_len().is_some() {
                break true;
            }
            match self.read() {
                // Which of the two it is depends on the system.
                Err(error)
                    if matches!(
                        error.kind(),
                        ErrorKind::WouldBlock | ErrorKind::TimedOut
                    ) =>
                {
                    break false;
                }
                result => result?,
            }
        };
        self.stream.set_read_timeout(None)?;
        Ok(came)
    }

    /// Waits for the next answer, which has that status.
    pub(crate) fn must_get(&mut self, status: &str) -> io::Result<()> {
        let len = loop {
            if let Some(len) = self.answer_len() {
                break len;
            }
            self.read()?;
        };
        let answer: String = self.input.drain(..len).collect();
        let starts = format!("HTTP/1.1 {status}\r\n");
        assert!(answer.starts_with(&starts), "not {status}: {answer}");
        let told = |line: &&str| ["Connection", "Retry-After"].contains(line);
        let fields = answer.lines().filter(|line| {
            line.split_once(':').is_some_and(|(name, _)| told(&name))
        });
        let fields: String = fields.map(|line| format!(", {line}")).collect();
        self.show(format_args!("{status}{fields}"))
    }

    /// Leaves at once, as a client does that crashes: with a reset.
    #[allow(unsafe_code, reason = "std can't set it yet")]
    pub(crate) fn leave(self) -> io::Result<()> {
        let linger = libc::linger {
            l_onoff: 1,
            l_linger: 0,
        };
        // SAFETY: the kernel reads one `linger`, which outlives the call.
        let result = unsafe {
            libc::setsockopt(
                self.stream.as_raw_fd(),
                libc::SOL_SOCKET,
                libc::SO_LINGER,
                (&raw const linger).cast(),
                size_of_val(&linger) as libc::socklen_t,
            )
        };
        match result {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    }

    fn read(&mut self) -> io::Result<()> {
        let mut bytes = [0; 4096];
        match self.stream.read(&mut bytes)? {
            0 => Err(ErrorKind::UnexpectedEof.into()),
            n => {
                self.input += &String::from_utf8_lossy(&bytes[..n]);
                Ok(())
            }
        }
    }

    /// How long the first answer in the input is, if it is whole.
    fn answer_len(&self) -> Option<usize> {
        let head = self.input.find("\r\n\r\n")? + 4;
        let (_, behind) = self.input.split_once("Content-Length: ")?;
        let body: usize = behind.split_once('\r')?.0.parse().ok()?;
        Some(head + body).filter(|len| *len <= self.input.len())
    }

    fn show(&self, what: impl std::fmt::Display) -> io::Result<()> {
        match self.name {
            "" => Ok(()),
            name => say!("   {name:8} {what}"),
        }
    }
}
