//! Looks for control characters first; then lines may be split at CRLF.

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
    for (at, byte) in fields.iter().enumerate() {
        let is_good = match byte {
            b'\r' => fields.get(at + 1) == Some(&b'\n'),
            b'\n' => at > 0 && fields[at - 1] == b'\r',
            b'\t' => true,
            byte => !byte.is_ascii_control(),
        };
        if !is_good {
            return Err(Refused);
        }
    }
    let mut found = Body::None;
    for line in fields.split(|byte| *byte == b'\n') {
        let Some(line) = line.strip_suffix(b"\r").filter(|line| !line.is_empty())
        else {
            continue;
        };
        let mut parts = line.splitn(2, |byte| *byte == b':');
        let (Some(name), Some(value)) = (parts.next(), parts.next()) else {
            return Err(Refused);
        };
        let odd =
            |b: &u8| !b.is_ascii_alphanumeric() && !b"!#$%&'*+-.^_`|~".contains(b);
        if name.is_empty() || name.iter().any(odd) {
            return Err(Refused);
        }
        let value = value.trim_ascii();
        let next = match name.to_ascii_lowercase().as_slice() {
            b"content-length" => {
                if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
                    return Err(Refused);
                }
                let number = String::from_utf8_lossy(value).parse();
                Body::Length(number.map_err(|_| Refused)?)
            }
            b"transfer-encoding"
                if minor == 1 && value.eq_ignore_ascii_case(b"chunked") =>
            {
                Body::Chunked
            }
            b"transfer-encoding" => return Err(Refused),
            _ => continue,
        };
        if found != Body::None {
            return Err(Refused);
        }
        found = next;
    }
    Ok(found)
}

// --- to here ---
