//! must say: There are two lengths, and the proxy may have taken the other one
//!
//! As it was: it makes the best of whatever comes.

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
