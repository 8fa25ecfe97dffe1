//! From what a handler has said to the bytes that go out.

use std::mem;

use super::scratch::Body;
use super::stream::Pull;
use super::{Scratch, Text as _};
use crate::http::channel::Receiver;
use crate::http::files::FilePart;
use crate::http::{Framing, Version, status};

/// Up to here a body is copied behind its head: that is cheaper than a second piece for
/// `writev`, and lets answers to pipelined requests leave together.
const COPIED_MAX: usize = 8 * 1024;

/// What the server knows about an answer, and the handler does not.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts<'a> {
    /// What the client speaks.
    pub(crate) version: Version,
    /// Whether it has asked for the head only.
    pub(crate) head: bool,
    /// Whether the connection may go on: if the client wants it, and the server.
    pub(crate) keep_alive: bool,
    /// The line `Date: ...`, with its end.
    pub(crate) date: &'a [u8],
}

/// What came of it.
#[derive(Debug)]
#[must_use]
pub(crate) struct Encoded {
    pub(crate) status: u16,
    /// Whether the connection goes on behind this answer.
    pub(crate) keep_alive: bool,
    /// What has to be sent behind the bytes.
    pub(crate) tail: Tail,
}

/// The part of an answer that is not copied.
#[derive(Debug)]
pub(crate) enum Tail {
    None,
    /// Give it back when it has been written: [`Scratch::recycle`].
    Vec(Vec<u8>),
    Static(&'static [u8]),
    File(FilePart),
    Channel(Receiver),
    Stream(Pull),
}

// ANCHOR: encode
/// Appends an answer to `out`: all of it, or all but a large body.
///
/// # Cost
/// Copies, and no allocation once `out` is large enough.
pub(crate) fn encode(
    scratch: &mut Scratch,
    facts: &Facts<'_>,
    out: &mut Vec<u8>,
) -> Encoded {
    let bodiless = status::is_bodiless(scratch.status);
    let length = match &scratch.body {
        Body::Copied => Some(scratch.copied.len() as u64),
        Body::Vec(bytes) => Some(bytes.len() as u64),
        Body::Static(bytes) => Some(bytes.len() as u64),
        Body::File(_, range) => Some(range.end.saturating_sub(range.start)),
        Body::Stream(_, length) => *length,
        Body::Channel(_) => None,
    };
    let speaks_chunks = facts.version != Version::Http10;
    // Without length and chunks, the end of the connection is the end of the body.
    let has_end = length.is_some() || speaks_chunks || bodiless || facts.head;
    let keep_alive = facts.keep_alive && !scratch.close && has_end;

    match status::line(scratch.status) {
        Some(line) => out.extend_from_slice(line),
        None => {
            let line = format_args!("HTTP/1.1 {} \r\n", scratch.status);
            line.write_to(out);
        }
    }
    out.extend_from_slice(facts.date);
    if bodiless {
        // The others never say how long it would be. Source: RFC 9110, section 15.3.6.
        if scratch.status == 205 {
            put_length(out, 0);
        }
    } else {
        if !scratch.has_type {
            out.extend_from_slice(scratch.type_line.as_bytes());
        }
        match length {
            Some(length) => put_length(out, length),
            None if speaks_chunks => {
                out.extend_from_slice(b"Transfer-Encoding: chunked\r\n");
            }
            None => {}
        }
    }
    if !keep_alive {
        out.extend_from_slice(b"Connection: close\r\n");
    } else if facts.version == Version::Http10 {
        out.extend_from_slice(b"Connection: keep-alive\r\n");
    }
    out.extend_from_slice(&scratch.fields);
    out.extend_from_slice(b"\r\n");

    let tail = match bodiless || facts.head {
        true => {
            // It may own a file or a lock, and nobody knows when the next answer is.
            scratch.body = Body::Copied;
            Tail::None
        }
        false => put_body(scratch, speaks_chunks, out),
    };
    Encoded {
        status: scratch.status,
        keep_alive,
        tail,
    }
}
// ANCHOR_END: encode

#[inline]
fn put_body(scratch: &mut Scratch, speaks_chunks: bool, out: &mut Vec<u8>) -> Tail {
    if matches!(scratch.body, Body::Copied) {
        if scratch.copied.len() > COPIED_MAX {
            return Tail::Vec(mem::take(&mut scratch.copied));
        }
        out.extend_from_slice(&scratch.copied);
        return Tail::None;
    }
    match mem::replace(&mut scratch.body, Body::Copied) {
        Body::Vec(bytes) if bytes.len() > COPIED_MAX => return Tail::Vec(bytes),
        Body::Vec(bytes) => out.extend_from_slice(&bytes),
        Body::Static(bytes) if bytes.len() > COPIED_MAX => {
            return Tail::Static(bytes);
        }
        Body::Static(bytes) => out.extend_from_slice(bytes),
        Body::File(file, range) => return Tail::File(FilePart::new(file, range)),
        Body::Channel(mut receiver) => {
            receiver.begin(match speaks_chunks {
                true => Framing::Chunked,
                false => Framing::None,
            });
            return Tail::Channel(receiver);
        }
        Body::Stream(stream, length) => {
            let framing = match length {
                Some(length) => Framing::Length(length),
                None if speaks_chunks => Framing::Chunked,
                None => Framing::None,
            };
            return Tail::Stream(Pull::new(stream, framing));
        }
        Body::Copied => {}
    }
    Tail::None
}

/// Appends the line that says how long the body is: in one piece, for each piece is a check
/// whether there is room for it.
#[inline]
fn put_length(out: &mut Vec<u8>, mut length: u64) {
    const NAME: &[u8] = b"Content-Length: ";
    /// 2 to the power of 64 has twenty digits.
    const DIGITS: usize = 20;

    let mut line = [0; NAME.len() + DIGITS + 2];
    let mut at = line.len() - 2;
    line[at..].copy_from_slice(b"\r\n");
    loop {
        at -= 1;
        line[at] = b'0' + (length % 10) as u8;
        length /= 10;
        if length == 0 {
            break;
        }
    }
    at -= NAME.len();
    line[at..][..NAME.len()].copy_from_slice(NAME);
    out.extend_from_slice(&line[at..]);
}
