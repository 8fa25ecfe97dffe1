//! What is behind the last chunk: field lines, as in a head, and an empty line.
//!
//! Nothing is kept of them. A field that arrives when all has been decided can only mislead:
//! three of them are refused, and the others are dropped. Source: RFC 9110, section 6.5.

use crate::http::error::Error;
use crate::http::head::{is_text, is_token};
use crate::http::limits::Limits;

/// What cannot come last: it would have said where the body ends, or whom it is for.
const REFUSED: [&[u8]; 3] = [b"content-length", b"transfer-encoding", b"host"];
const NAME_MAX: usize = 17;

/// How far the trailer section has come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trailer {
    part: Part,
    bytes: usize,
    lines: usize,
    /// The name in small letters, as far as there is room, and how long it really is.
    name: [u8; NAME_MAX],
    len: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    LineStart,
    Name,
    Value,
    /// The LF of a field line.
    Lf,
    /// The LF of the empty line.
    LastLf,
}

impl Trailer {
    pub(super) fn new() -> Self {
        Self {
            part: Part::LineStart,
            bytes: 0,
            lines: 0,
            name: [0; NAME_MAX],
            len: 0,
        }
    }

    /// Takes the next byte; true if it was the last one.
    pub(super) fn step(
        &mut self,
        byte: u8,
        at: usize,
        limits: &Limits,
    ) -> Result<bool, Error> {
        self.part = match (self.part, byte) {
            (Part::LineStart, b'\r') => Part::LastLf,
            (Part::LineStart, b' ' | b'\t') => return Err(Error::FoldedLine { at }),
            (Part::LineStart, _) if is_token(byte) => {
                self.lines += 1;
                if self.lines > limits.headers {
                    return Err(Error::TooManyHeaders {
                        limit: limits.headers,
                    });
                }
                self.len = 0;
                self.name_byte(byte)
            }
            (Part::Name, _) if is_token(byte) => self.name_byte(byte),
            (Part::Name, b':') => {
                let name = self.name.get(..self.len);
                if name.is_some_and(|name| REFUSED.contains(&name)) {
                    return Err(Error::Trailer { at });
                }
                Part::Value
            }
            (Part::LineStart | Part::Name, b'\n') => {
                return Err(Error::LineEnd { at });
            }
            (Part::LineStart | Part::Name, _) => {
                return Err(Error::FieldName { at });
            }
            (Part::Value, b'\r') => Part::Lf,
            (Part::Value, _) if is_text(byte) => Part::Value,
            (Part::Value, b'\n') => return Err(Error::LineEnd { at }),
            (Part::Value, _) => return Err(Error::FieldValue { at }),
            (Part::Lf, b'\n') => Part::LineStart,
            (Part::LastLf, b'\n') => return Ok(true),
            (Part::Lf | Part::LastLf, _) => return Err(Error::LineEnd { at }),
        };
        self.bytes += 1;
        if self.bytes >= limits.trailers {
            return Err(Error::TrailersTooLarge {
                limit: limits.trailers,
            });
        }
        Ok(false)
    }

    fn name_byte(&mut self, byte: u8) -> Part {
        if let Some(place) = self.name.get_mut(self.len) {
            *place = byte.to_ascii_lowercase();
        }
        self.len += 1;
        Part::Name
    }
}
