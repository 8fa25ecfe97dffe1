//! Where an answer is put down until it is whole.

use std::fmt::{self, Write as _};
use std::fs::File;
use std::mem;
use std::ops::Range;

use super::stream::Owned;
use super::{BadField, Response};
use crate::http::channel::Receiver;

/// What is kept for the next large body; above it, memory is given back.
const SPARE_MAX: usize = 1024 * 1024;
/// The same for fields.
const FIELDS_MAX: usize = 64 * 1024;

/// The parts of one answer, one behind the other for all the answers of a thread.
pub(crate) struct Scratch {
    pub(super) status: u16,
    /// Close the connection behind it.
    pub(super) close: bool,
    /// Whether a `Content-Type` is among the fields.
    pub(super) has_type: bool,
    /// The line that is written if it is not.
    pub(super) type_line: &'static str,
    /// Lines as they go out.
    pub(super) fields: Vec<u8>,
    pub(super) body: Body,
    /// The bytes of [`Body::Copied`].
    pub(super) copied: Vec<u8>,
}

/// What the body is.
pub(super) enum Body {
    /// It is in `Scratch::copied`, which is empty at first.
    Copied,
    Vec(Vec<u8>),
    Static(&'static [u8]),
    File(File, Range<u64>),
    /// Who has the other end brings it.
    Channel(Receiver),
    /// With its length, if that is known.
    Stream(Owned, Option<u64>),
}

impl Scratch {
    pub(crate) fn new() -> Self {
        Self {
            status: 200,
            close: false,
            has_type: false,
            type_line: "",
            fields: Vec::new(),
            body: Body::Copied,
            copied: Vec::new(),
        }
    }

    /// Begins an answer.
    #[inline]
    pub(crate) fn response(&mut self) -> Response<'_> {
        self.reset();
        Response::over(self)
    }

    /// The server's own answer, in the place of what a handler has said so far: a status, and
    /// its reason as text.
    #[cold]
    pub(crate) fn say(&mut self, status: u16) {
        let mut response = self.response();
        response.status(status).text(crate::http::reason(status));
    }

    /// The same, and the end of the connection.
    #[cold]
    pub(crate) fn refuse(&mut self, status: u16) {
        self.say(status);
        self.close = true;
    }

    /// Between two answers: takes `spare` for the next large body, if it is larger than what
    /// there is for it, and puts that there.
    #[cold]
    pub(crate) fn exchange_spare(&mut self, spare: &mut Vec<u8>) {
        if spare.capacity() > self.copied.capacity() {
            self.copied.clear();
            mem::swap(spare, &mut self.copied);
        }
    }

    /// Takes back a body that has been written, so that the next large one needs no
    /// allocation.
    pub(crate) fn recycle(&mut self, mut body: Vec<u8>) {
        if body.capacity() > self.copied.capacity() && body.capacity() <= SPARE_MAX {
            body.clear();
            // Between two answers there is nothing in it.
            if self.copied.is_empty() {
                self.copied = body;
            }
        }
    }

    #[inline]
    pub(super) fn reset(&mut self) {
        self.status = 200;
        self.close = false;
        self.has_type = false;
        self.type_line = "";
        self.fields.clear();
        self.copied.clear();
        if !matches!(self.body, Body::Copied) {
            self.body = Body::Copied;
        }
        if self.fields.capacity() > FIELDS_MAX || self.copied.capacity() > SPARE_MAX
        {
            self.fields.shrink_to(FIELDS_MAX);
            self.copied.shrink_to(SPARE_MAX);
        }
    }

    #[inline]
    pub(super) fn set(&mut self, type_line: &'static str, body: Body) {
        self.begin_copy(type_line);
        self.body = body;
    }

    /// Begins a body that is copied, and returns where to.
    #[inline]
    pub(super) fn begin_copy(&mut self, type_line: &'static str) -> &mut Vec<u8> {
        self.type_line = type_line;
        self.copied.clear();
        if !matches!(self.body, Body::Copied) {
            self.body = Body::Copied;
        }
        &mut self.copied
    }

    /// Makes the body one that is copied, with what it is so far, and returns where to.
    pub(super) fn go_on_copying(&mut self, type_line: &'static str) -> &mut Vec<u8> {
        match mem::replace(&mut self.body, Body::Copied) {
            Body::Copied | Body::Stream(..) | Body::File(..) | Body::Channel(_) => {}
            Body::Vec(bytes) => self.copied = bytes,
            Body::Static(bytes) => self.copied.extend_from_slice(bytes),
        }
        if self.type_line.is_empty() {
            self.type_line = type_line;
        }
        &mut self.copied
    }

    /// Adds a line, or leaves everything as it was.
    pub(super) fn add(
        &mut self,
        name: &str,
        value: fmt::Arguments<'_>,
    ) -> Result<(), BadField> {
        if name.is_empty() || !name.bytes().all(is_token) {
            return Err(BadField::Name);
        }
        if OURS.iter().any(|ours| ours.eq_ignore_ascii_case(name)) {
            return Err(BadField::Ours);
        }
        let is_type = name.eq_ignore_ascii_case("Content-Type");
        if is_type && self.has_type {
            self.remove(name);
        }
        let begin = self.fields.len();
        self.fields.extend_from_slice(name.as_bytes());
        self.fields.extend_from_slice(b": ");
        let value_at = self.fields.len();
        let shown = Utf8(&mut self.fields).write_fmt(value);
        shown.expect("what is shown in an answer can be shown");
        if !self.fields[value_at..].iter().copied().all(is_value) {
            self.fields.truncate(begin);
            return Err(BadField::Value);
        }
        self.fields.extend_from_slice(b"\r\n");
        self.has_type |= is_type;
        Ok(())
    }

    pub(super) fn remove(&mut self, name: &str) {
        let (mut kept, mut at) = (0, 0);
        while at < self.fields.len() {
            let rest = &self.fields[at..];
            let end = rest.iter().position(|&byte| byte == b'\n');
            let len = end.map_or(rest.len(), |end| end + 1);
            if !is_named(rest, name) {
                self.fields.copy_within(at..at + len, kept);
                kept += len;
            }
            at += len;
        }
        self.fields.truncate(kept);
        if name.eq_ignore_ascii_case("Content-Type") {
            self.has_type = false;
        }
    }
}

impl fmt::Debug for Scratch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scratch")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// What the server says of each answer, and nobody else.
const OURS: [&str; 4] =
    ["Content-Length", "Transfer-Encoding", "Connection", "Date"];

/// The lines of a list of fields, each with its end.
pub(super) fn lines(fields: &[u8]) -> impl Iterator<Item = &[u8]> {
    fields.split_inclusive(|&byte| byte == b'\n')
}

pub(super) fn is_named(line: &[u8], name: &str) -> bool {
    line.get(name.len()) == Some(&b':')
        && line[..name.len()].eq_ignore_ascii_case(name.as_bytes())
}

/// RFC 9110, 5.6.2.
pub(super) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// RFC 9110, 5.5.
fn is_value(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != 0x7f)
}

/// Lets text be formatted into bytes.
pub(super) struct Utf8<'a>(pub(super) &'a mut Vec<u8>);

impl fmt::Write for Utf8<'_> {
    #[inline]
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}
