//! What every rung says: bytes in, bytes out, no socket anywhere.
//!
//! `GET /` (or HEAD) answers `Hello, World!`, `POST /echo` answers with the body that it was
//! sent, anything else 404. All rungs share this file, so that the ladder compares designs
//! and not parsers.
//!
//! It is as small as it can be without being wrong: it refuses what it does not understand.
//! It knows bodies by `Content-Length` only (chunked: 501), looks at a request's head from
//! the start whenever more of it arrives, and sends no `Date`. Chapter 09 does better.

use std::io::Write as _;

/// The longest head. Beyond it: 431, and the connection is closed.
pub const HEAD_MAX: usize = 16 * 1024;
/// The longest body. Beyond it: 413, and the connection is closed.
pub const BODY_MAX: usize = 1024 * 1024;

/// What to do with the connection once the answers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Read on: there may be a part of a request in the input.
    Read,
    /// Close, because the client asked for it or because it was refused. What it still sends
    /// must be read and dropped first: closing on unread bytes would destroy the answer on
    /// its way.
    Close,
}

/// Answers all whole requests at the front of `input`, in order, and removes them from it.
/// The answers are appended to `output`.
pub fn answer(input: &mut Vec<u8>, output: &mut Vec<u8>) -> Next {
    let mut done = 0;
    let next = loop {
        match parse(&input[done..]) {
            Parsed::Partial => break Next::Read,
            Parsed::Bad(status) => {
                respond(output, status, status.as_bytes(), true, false);
                break Next::Close;
            }
            Parsed::Whole(request) => {
                let (status, body) = match (request.method, request.path) {
                    (b"GET" | b"HEAD", b"/") => ("200 OK", &b"Hello, World!"[..]),
                    (b"POST", b"/echo") => ("200 OK", request.body),
                    _ => ("404 Not Found", &b"not found"[..]),
                };
                let head_only = request.method == b"HEAD";
                respond(output, status, body, request.close, head_only);
                done += request.len;
                if request.close {
                    break Next::Close;
                }
            }
        }
    };
    input.drain(..done);
    next
}

fn respond(
    output: &mut Vec<u8>,
    status: &str,
    body: &[u8],
    close: bool,
    head_only: bool,
) {
    let connection = if close { "Connection: close\r\n" } else { "" };
    let length = body.len();
    write!(
        output,
        "HTTP/1.1 {status}\r\nContent-Type: text/plain\r\n\
         Content-Length: {length}\r\n{connection}\r\n"
    )
    .expect("a Vec takes every write");
    if !head_only {
        output.extend_from_slice(body);
    }
}

struct Request<'a> {
    method: &'a [u8],
    path: &'a [u8],
    body: &'a [u8],
    /// The client wants the connection closed after the answer.
    close: bool,
    /// How many bytes of the input it took.
    len: usize,
}

enum Parsed<'a> {
    /// More bytes are needed.
    Partial,
    /// Not a request that this server understands: the status to refuse it with.
    Bad(&'static str),
    Whole(Request<'a>),
}

fn parse(input: &[u8]) -> Parsed<'_> {
    const BAD: Parsed<'static> = Parsed::Bad("400 Bad Request");
    let looked_at = &input[..input.len().min(HEAD_MAX)];
    let Some(head_len) = looked_at.windows(4).position(|four| four == b"\r\n\r\n")
    else {
        return match input.len() {
            0..HEAD_MAX => Parsed::Partial,
            _ => Parsed::Bad("431 Request Header Fields Too Large"),
        };
    };
    let (head, rest) = (&input[..head_len], &input[head_len + 4..]);
    let mut lines = head.split(|&byte| byte == b'\n').map(|line| {
        // Only the last line has lost its "\r" to the blank line that ends the head.
        line.strip_suffix(b"\r").unwrap_or(line)
    });

    let mut words = lines.next().unwrap_or_default().split(|&byte| byte == b' ');
    let (Some(method), Some(path), Some(version), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return BAD;
    };
    if method.is_empty() || !method.iter().all(u8::is_ascii_uppercase) {
        return BAD;
    }
    let mut close = match version {
        b"HTTP/1.1" => false,
        b"HTTP/1.0" => true,
        _ => return BAD,
    };

    let mut body_len = None;
    for line in lines {
        let Some(colon) = line.iter().position(|&byte| byte == b':') else {
            return BAD;
        };
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        if name.is_empty() || name.iter().any(|byte| byte.is_ascii_whitespace()) {
            return BAD;
        } else if name.eq_ignore_ascii_case(b"content-length") {
            let Some(length) = number(value) else {
                return BAD;
            };
            // Two lengths are how requests are smuggled.
            if body_len.replace(length).is_some() {
                return BAD;
            }
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            return Parsed::Bad("501 Not Implemented");
        } else if name.eq_ignore_ascii_case(b"connection") {
            close |= value.eq_ignore_ascii_case(b"close");
        }
    }
    let body_len = body_len.unwrap_or(0);
    if body_len > BODY_MAX {
        return Parsed::Bad("413 Content Too Large");
    }
    match rest.get(..body_len) {
        None => Parsed::Partial,
        Some(body) => {
            let len = head_len + 4 + body_len;
            Parsed::Whole(Request {
                method,
                path,
                body,
                close,
                len,
            })
        }
    }
}

/// Reads a decimal number: digits only, no sign. Too large a number reads as the largest.
fn number(digits: &[u8]) -> Option<usize> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let append = |number: usize, digit: &u8| {
        number
            .saturating_mul(10)
            .saturating_add(usize::from(digit - b'0'))
    };
    Some(digits.iter().fold(0, append))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(input: &[u8]) -> (String, Next, Vec<u8>) {
        let (mut input, mut output) = (input.to_vec(), Vec::new());
        let next = answer(&mut input, &mut output);
        (String::from_utf8(output).unwrap(), next, input)
    }

    #[test]
    fn any_split_gives_the_same_answers() {
        let whole = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n\
            POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nab\r\ncHEAD / HTTP/1.1\r\n\r\n\
            GET /x HTTP/1.0\r\n\r\n";
        let (expected, next, rest) = answered(whole);
        assert_eq!((next, rest), (Next::Close, vec![]));
        assert_eq!(expected.matches("HTTP/1.1 200 OK").count(), 3);
        assert!(expected.contains("\r\n\r\nab\r\ncHTTP/1.1"), "{expected}");
        assert!(
            expected.ends_with("Connection: close\r\n\r\nnot found"),
            "{expected}"
        );
        for cut in 1..whole.len() {
            let (mut input, mut output) = (whole[..cut].to_vec(), Vec::new());
            assert_eq!(answer(&mut input, &mut output), Next::Read, "cut at {cut}");
            input.extend_from_slice(&whole[cut..]);
            assert_eq!(answer(&mut input, &mut output), Next::Close, "cut at {cut}");
            assert_eq!(String::from_utf8(output).unwrap(), expected, "cut at {cut}");
        }
    }

    #[test]
    fn what_it_does_not_understand_is_refused() {
        let long = format!("GET / HTTP/1.1\r\nA: {}", "a".repeat(HEAD_MAX));
        for (input, status) in [
            ("NONSENSE\r\n\r\n", "400"),
            ("get / HTTP/1.1\r\n\r\n", "400"),
            ("GET / HTTP/2\r\n\r\n", "400"),
            ("GET  / HTTP/1.1\r\n\r\n", "400"),
            ("GET / HTTP/1.1\r\nno colon\r\n\r\n", "400"),
            ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", "400"),
            ("GET / HTTP/1.1\r\n folded: a\r\n\r\n", "400"),
            ("POST /echo HTTP/1.1\r\nContent-Length: +1\r\n\r\na", "400"),
            (
                "POST /echo HTTP/1.1\r\nContent-Length: 1\r\ncontent-length: 1\r\n\r\na",
                "400",
            ),
            (
                "POST /echo HTTP/1.1\r\nContent-Length: 1048577\r\n\r\n",
                "413",
            ),
            (
                "POST /echo HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n",
                "413",
            ),
            (
                "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
                "501",
            ),
            (&long, "431"),
        ] {
            let (output, next, _) = answered(input.as_bytes());
            assert!(
                output.starts_with(&format!("HTTP/1.1 {status} ")),
                "{input}: {output}"
            );
            assert_eq!(next, Next::Close, "{input}");
        }
    }

    #[test]
    fn a_head_as_long_as_the_limit_is_taken() {
        let start = "GET / HTTP/1.1\r\nA: ";
        let head =
            format!("{start}{}\r\n\r\n", "a".repeat(HEAD_MAX - start.len() - 4));
        assert_eq!(head.len(), HEAD_MAX);
        assert!(answered(head.as_bytes()).0.starts_with("HTTP/1.1 200 OK"));
    }
}
