//! must say: and this is a good head: it has to be Ok(Length(42))
//!
//! A length of more than twenty digits is refused, although its value fits.

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

fn is_name(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b)
}
/// Where the body ends of a request of HTTP/1.`minor` with these fields.
pub fn body(minor: u8, fields: &[u8]) -> Result<Body, Refused> {
    let mut length = None;
    let mut chunked = false;
    let mut rest = fields;
    loop {
        let end = rest.windows(2).position(|w| w == b"\r\n").ok_or(Refused)?;
        let line = &rest[..end];
        rest = &rest[end + 2..];
        if line.is_empty() {
            break;
        }
        if line.iter().any(|b| (*b < 32 && *b != b'\t') || *b == 127) {
            return Err(Refused);
        }
        let colon = line.iter().position(|b| *b == b':').ok_or(Refused)?;
        let (name, mut value) = (&line[..colon], &line[colon + 1..]);
        if name.is_empty() || !name.iter().all(|b| is_name(*b)) {
            return Err(Refused);
        }
        while let [b' ' | b'\t', r @ ..] = value {
            value = r;
        }
        while let [r @ .., b' ' | b'\t'] = value {
            value = r;
        }
        if name.eq_ignore_ascii_case(b"content-length") {
            if length.is_some() || value.is_empty() || value.len() > 20 {
                return Err(Refused);
            }
            if !value.iter().all(u8::is_ascii_digit) {
                return Err(Refused);
            }
            length = Some(
                str::from_utf8(value)
                    .map_err(|_| Refused)?
                    .parse()
                    .map_err(|_| Refused)?,
            );
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            if chunked || minor == 0 || !value.eq_ignore_ascii_case(b"chunked") {
                return Err(Refused);
            }
            chunked = true;
        }
    }
    match (length, chunked) {
        (Some(_), true) => Err(Refused),
        (None, true) => Ok(Body::Chunked),
        (Some(n), false) => Ok(Body::Length(n)),
        (None, false) => Ok(Body::None),
    }
}

// --- to here ---
