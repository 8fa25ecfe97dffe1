//! A request as a test writes it.

use std::fmt::{self, Display};
use std::io::Write as _;

use super::{Answer, TestClient};
use crate::http::Method;

/// A request that is being written: see [`TestClient`].
#[derive(Debug)]
#[must_use = "it is sent by `send`, or by `write`"]
pub struct Call<'a> {
    client: &'a mut TestClient,
    method: Method,
    head: Vec<u8>,
    has_host: bool,
    body: Vec<u8>,
}

impl<'a> Call<'a> {
    pub(super) fn new(
        client: &'a mut TestClient,
        method: Method,
        target: &str,
    ) -> Self {
        Self {
            client,
            method,
            head: format!("{method} {target} HTTP/1.1\r\n").into_bytes(),
            has_host: false,
            body: Vec::new(),
        }
    }

    /// Adds a field, as it is: nothing is checked. `Host` is added by itself if it is not
    /// given.
    pub fn header(mut self, name: &str, value: impl Display) -> Self {
        self.has_host |= name.eq_ignore_ascii_case("host");
        self.line(format_args!("{name}: {value}"));
        self
    }

    /// Ends with a body, and its length.
    pub fn body(mut self, body: impl AsRef<[u8]>) -> Self {
        self.body = body.as_ref().to_vec();
        let len = self.body.len();
        self.header("Content-Length", len)
    }

    /// Ends with a body in these chunks.
    pub fn chunks<T: AsRef<[u8]>>(
        mut self,
        chunks: impl IntoIterator<Item = T>,
    ) -> Self {
        for chunk in chunks {
            let chunk = chunk.as_ref();
            // An empty one would be the end.
            if !chunk.is_empty() {
                self.body
                    .extend(format!("{:x}\r\n", chunk.len()).as_bytes());
                self.body.extend(chunk);
                self.body.extend(b"\r\n");
            }
        }
        self.body.extend(b"0\r\n\r\n");
        self.header("Transfer-Encoding", "chunked")
    }

    /// Sends it, and waits for the answer.
    ///
    /// # Panics
    /// As [`TestClient`] says.
    pub fn send(mut self) -> Answer {
        self.write_now();
        loop {
            let answer = self.client.receive_to(self.method);
            // `100 Continue` and the like are not the answer yet.
            if answer.status >= 200 {
                return answer;
            }
        }
    }

    /// Sends it, and does not wait: for requests one behind the other. The answers come from
    /// [`TestClient::receive`].
    pub fn write(mut self) {
        self.write_now();
    }

    fn write_now(&mut self) {
        if !self.has_host {
            self.line(format_args!("Host: test"));
        }
        self.head.extend(b"\r\n");
        self.head.append(&mut self.body);
        self.client.send_bytes(&self.head);
    }

    fn line(&mut self, line: fmt::Arguments<'_>) {
        // Writing into memory does not fail.
        let _ = write!(self.head, "{line}\r\n");
    }
}
