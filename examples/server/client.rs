//! A client that shares its thread with a server: when it would have to wait, the server has
//! a turn.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use threadbare::http::Server;

use super::say::say;

/// How long a turn of the server may be.
const TURN: Duration = Duration::from_millis(20);

/// A connection, and what has come on it. What it does is printed if it has a name.
pub(crate) struct Client {
    name: &'static str,
    stream: TcpStream,
    input: String,
}

impl Client {
    /// The kernel connects them; the server accepts when it has its next turn.
    pub(crate) fn connect(name: &'static str, server: &Server) -> io::Result<Self> {
        let stream = TcpStream::connect(server.address())?;
        stream.set_nonblocking(true)?;
        let input = String::new();
        Ok(Self {
            name,
            stream,
            input,
        })
    }

    pub(crate) fn send(
        &mut self,
        server: &mut Server,
        request: &str,
    ) -> io::Result<()> {
        let mut rest = request.as_bytes();
        while !rest.is_empty() {
            match self.stream.write(rest) {
                Ok(sent) => rest = &rest[sent..],
                Err(error) => turn(error, server)?,
            }
        }
        Ok(())
    }

    // ANCHOR: read
    /// Reads once, if there is something. Returns `false` at the end of the stream.
    pub(crate) fn read(&mut self, server: &mut Server) -> io::Result<bool> {
        let mut bytes = [0; 64 * 1024];
        match self.stream.read(&mut bytes) {
            Ok(0) => return Ok(false),
            Ok(n) => self.input += &String::from_utf8_lossy(&bytes[..n]),
            Err(error) => turn(error, server)?,
        }
        Ok(true)
    }
    // ANCHOR_END: read

    pub(crate) fn has_answer(&self) -> bool {
        self.answer_len().is_some()
    }

    /// How long the first answer in the input is, if it is whole.
    fn answer_len(&self) -> Option<usize> {
        let head = self.input.find("\r\n\r\n")? + 4;
        let (_, behind) = self.input.split_once("Content-Length: ")?;
        let body: usize = behind.split_once('\r')?.0.parse().ok()?;
        Some(head + body).filter(|len| *len <= self.input.len())
    }

    /// Waits for the next answer, which has that status, and returns its body.
    pub(crate) fn must_get(
        &mut self,
        server: &mut Server,
        status: &str,
    ) -> io::Result<String> {
        let len = loop {
            if let Some(len) = self.answer_len() {
                break len;
            }
            assert!(self.read(server)?, "{}: no answer", self.name);
        };
        let answer: String = self.input.drain(..len).collect();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
        let starts = format!("HTTP/1.1 {status}\r\n");
        assert!(head.starts_with(&starts), "not {status}: {head}");
        let last = match head.contains("\r\nConnection: close") {
            true => ", Connection: close",
            false => "",
        };
        self.show(&format!("{status}, {} bytes{last}", body.len()))?;
        Ok(body.to_owned())
    }

    /// Waits for the end, before which no answer comes; then it closes, too.
    pub(crate) fn must_be_closed(mut self, server: &mut Server) -> io::Result<()> {
        while self.read(server)? {}
        assert_eq!(self.input, "", "{}: one answer too many", self.name);
        self.show("closed")
    }

    fn show(&self, what: &str) -> io::Result<()> {
        match self.name {
            "" => Ok(()),
            name => say!("   {name:8} {what}"),
        }
    }
}

/// The server's turn, if the error says no more than that this client would have to wait.
fn turn(error: io::Error, server: &mut Server) -> io::Result<()> {
    if error.kind() != ErrorKind::WouldBlock {
        return Err(error);
    }
    server.tick(Some(TURN)).map(|_| ())
}
