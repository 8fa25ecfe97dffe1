//! A state for each byte, and nothing split.

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

enum At {
    Line,
    Name,
    Value,
    End,
}

/// Where the body ends of a request of HTTP/1.`minor` with these fields.
pub fn body(minor: u8, fields: &[u8]) -> Result<Body, Refused> {
    let mut at = At::Line;
    let (mut name, mut value) = (Vec::new(), Vec::new());
    let (mut lengths, mut codings) = (Vec::new(), 0);
    for &byte in fields {
        at = match (at, byte) {
            (At::Line, b'\r') if name.is_empty() => At::End,
            (At::Line | At::Name, b':') if !name.is_empty() => At::Value,
            (At::Line | At::Name, byte) => {
                if !byte.is_ascii_alphanumeric()
                    && !b"!#$%&'*+-.^_`|~".contains(&byte)
                {
                    return Err(Refused);
                }
                name.push(byte.to_ascii_lowercase());
                At::Name
            }
            (At::Value, b'\r') => At::End,
            (At::Value, b'\t' | b' '..=b'~' | 128..) => {
                value.push(byte);
                At::Value
            }
            (At::End, b'\n') => {
                let trimmed = value.trim_ascii().to_ascii_lowercase();
                if name == b"content-length" {
                    lengths.push(trimmed);
                } else if name == b"transfer-encoding" {
                    if trimmed != b"chunked" || minor == 0 {
                        return Err(Refused);
                    }
                    codings += 1;
                }
                name.clear();
                value.clear();
                At::Line
            }
            _ => return Err(Refused),
        };
    }
    match (lengths.as_slice(), codings) {
        ([], 0) => Ok(Body::None),
        ([], 1) => Ok(Body::Chunked),
        ([digits], 0) if !digits.is_empty() => {
            let add = |sum: u64, digit: &u8| {
                let digit = char::from(*digit).to_digit(10)?;
                sum.checked_mul(10)?.checked_add(digit.into())
            };
            let number = digits.iter().try_fold(0, add);
            Ok(Body::Length(number.ok_or(Refused)?))
        }
        _ => Err(Refused),
    }
}

// --- to here ---
