//! Each byte as a character, and then the methods of text.

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
        if [&b"content-length"[..], b"transfer-encoding"].contains(&line) {
            return Err(Refused);
        }
        let colon = line.iter().position(|byte| *byte == b':').ok_or(Refused)?;
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        if name.is_empty() || !name.iter().all(is_token) {
            return Err(Refused);
        }
        if name.eq_ignore_ascii_case(b"content-length") {
            let digits = value.iter().all(u8::is_ascii_digit);
            let text: String = value.iter().map(|byte| char::from(*byte)).collect();
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
