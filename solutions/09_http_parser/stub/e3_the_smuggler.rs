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
    for line in fields.split(|byte| *byte == b'\n') {
        let line = line.trim_ascii();
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            continue;
        };
        let name = line[..colon].trim_ascii().to_ascii_lowercase();
        let value = String::from_utf8_lossy(&line[colon + 1..]);
        match name.as_slice() {
            b"content-length" => length = value.trim().parse().ok(),
            b"transfer-encoding" => chunked |= value.contains("chunked"),
            _ => {}
        }
    }
    Ok(match length {
        _ if chunked && minor > 0 => Body::Chunked,
        Some(length) => Body::Length(length),
        None => Body::None,
    })
}

// --- to here ---
