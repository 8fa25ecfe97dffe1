//! 09.3 (repair): the smuggler.
//!
//! This function decides where the body of a request ends, and so where the next request
//! begins. In front of it stands a proxy, by somebody else, which decides it too. Where the
//! two disagree, one client can put a request of its own into the stream of another.
//!
//! The function is lenient: it makes the best of whatever comes, and each such line is a
//! way in. Repair it, so that it refuses what could be read in two ways.
//!
//! Goal:
//!
//! - `body` is given what follows the request line, up to and with the empty line, and the
//!   version: HTTP/1.0 or 1.1. (That the four bytes CRLF CRLF are at its end, and nowhere
//!   before, has been seen to. A head without fields is just CRLF.)
//! - Lines end with CRLF. A CR or LF by itself, and any other control character except the tab
//!   (below 32, and 127), is refused, wherever it stands.
//! - A line is a name, a colon and a value. The name has at least one byte, and only letters,
//!   digits and ``!#$%&'*+-.^_`|~``: no blank, not even before the colon or in front. Upper
//!   and lower case are the same. Blanks and tabs around the value do not count. Else the
//!   value may hold anything, and be empty: a good request is not refused.
//! - `Content-Length` has digits only, at least one, and fits into an `u64`. It is there
//!   once at most.
//! - `Transfer-Encoding` is there once at most, and its value is `chunked`, in any case, and
//!   nothing else: this server knows no other coding. It does not go with `Content-Length`, nor
//!   with HTTP/1.0.
//! - Whatever is not so is `Err(Refused)`. Other fields do not matter here, and may be
//!   repeated.
//!
//! Edit between the markers only. About 20 lines, 20 minutes.
//! Stuck? `cargo hint 09.3`, three levels.
//!
//! A failing run prints a sentence, for instance
//! ```text
//! HTTP/1.1, "Content-Length: 5\r\nContent-Length: 6\r\n\r\n": body() is Ok(Length(6)). There are
//! two lengths, and the proxy may have taken the other one: refuse it
//! ```

/// How the end of a body is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// There is none: the next request follows.
    None,
    /// After so many bytes.
    Length(u64),
    /// It comes in chunks, and the last one is empty.
    Chunked,
}

/// Nobody can tell, or not everybody would say the same: 400, and the connection is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused;

// --- edit from here ---

/// Where the body ends of a request of HTTP/1.`minor` with these fields.
pub fn body(minor: u8, fields: &[u8]) -> Result<Body, Refused> {
    let mut length = None;
    let mut chunked = false;
    let mut rest = fields;
    while rest != b"\r\n" {
        // A line ends at the first CR, and behind that comes LF. Rejected: to split at LF and
        // take away a CR if there is one, which is how two parsers come to see different lines.
        let end = rest.iter().position(|byte| *byte == b'\r').ok_or(Refused)?;
        let line = &rest[..end];
        rest = rest[end..].strip_prefix(b"\r\n").ok_or(Refused)?;
        if line
            .iter()
            .any(|byte| byte.is_ascii_control() && *byte != b'\t')
        {
            return Err(Refused);
        }
        let colon = line.iter().position(|byte| *byte == b':').ok_or(Refused)?;
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        if name.is_empty() || !name.iter().all(is_token) {
            return Err(Refused);
        }
        if name.eq_ignore_ascii_case(b"content-length") {
            let digits = value.iter().all(u8::is_ascii_digit);
            let text = str::from_utf8(value).map_err(|_| Refused)?;
            let number: u64 = text.parse().map_err(|_| Refused)?;
            if !digits || length.replace(number).is_some() {
                return Err(Refused);
            }
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            if chunked || minor == 0 || !value.eq_ignore_ascii_case(b"chunked") {
                return Err(Refused);
            }
            chunked = true;
        }
    }
    match (length, chunked) {
        (Some(_), true) => Err(Refused),
        (Some(length), false) => Ok(Body::Length(length)),
        (None, true) => Ok(Body::Chunked),
        (None, false) => Ok(Body::None),
    }
}

/// What a name is made of.
fn is_token(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte)
}

// --- to here ---
