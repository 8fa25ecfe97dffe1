//! The line before a chunk: its size, and extensions.
//!
//! ```text
//! line      = 1*HEXDIG *( BWS ";" BWS token [ BWS "=" BWS value ] ) CR LF
//! value     = token / quoted-string
//! ```
//! Blanks are allowed around `;` and `=`, and nowhere else: `5 CR LF` is refused.
//! Source: RFC 9112, section 7.1.1.

use crate::http::error::Error;
use crate::http::head::{is_text, is_token};

/// More digits than a `u64` has are refused, be they zeros: a size has to end.
const DIGITS_MAX: u8 = 16;

/// How far the line has come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    part: Part,
    digits: u8,
    size: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Size,
    /// Behind the size, or behind a value: blanks, and then there must be a semicolon.
    Blank,
    NameStart,
    Name,
    /// Behind a name: blanks, and then a semicolon or an equals sign.
    NameBlank,
    ValueStart,
    Value,
    Quoted,
    /// Behind a backslash.
    Escaped,
    QuotedEnd,
    Lf,
}

impl Line {
    pub(super) fn new() -> Self {
        Self {
            part: Part::Size,
            digits: 0,
            size: 0,
        }
    }

    /// What the digits say. All of them, if it [`has_size`](Self::has_size).
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    pub(super) fn has_size(&self) -> bool {
        self.part != Part::Size
    }

    /// Whether the last byte belonged to an extension.
    pub(super) fn in_extension(&self) -> bool {
        !matches!(self.part, Part::Size | Part::Lf)
    }

    /// Takes the next byte; true if it was the line's last.
    pub(super) fn step(&mut self, byte: u8, at: usize) -> Result<bool, Error> {
        if self.part == Part::Lf {
            return if byte == b'\n' {
                Ok(true)
            } else {
                Err(Error::LineEnd { at })
            };
        }
        self.part = match (self.part, byte) {
            (Part::Size, _) if byte.is_ascii_hexdigit() => {
                self.digit(byte).ok_or(Error::ChunkSize { at })?;
                Part::Size
            }
            (Part::Size, _) if self.digits == 0 => {
                return Err(Error::ChunkSize { at });
            }

            // What may follow a size, a name or a value.
            (Part::Size | Part::Name | Part::Value | Part::QuotedEnd, b'\r') => {
                Part::Lf
            }
            (
                Part::Size
                | Part::Blank
                | Part::Name
                | Part::NameBlank
                | Part::Value
                | Part::QuotedEnd,
                b';',
            ) => Part::NameStart,
            (
                Part::Size | Part::Value | Part::QuotedEnd | Part::Blank,
                b' ' | b'\t',
            ) => Part::Blank,
            (Part::Name | Part::NameBlank, b' ' | b'\t') => Part::NameBlank,
            (Part::Name | Part::NameBlank, b'=') => Part::ValueStart,

            (Part::NameStart | Part::ValueStart, b' ' | b'\t') => self.part,
            (Part::NameStart | Part::Name, _) if is_token(byte) => Part::Name,
            (Part::ValueStart | Part::Value, _) if is_token(byte) => Part::Value,
            (Part::ValueStart, b'"') => Part::Quoted,
            (Part::Quoted, b'"') => Part::QuotedEnd,
            (Part::Quoted, b'\\') => Part::Escaped,
            (Part::Quoted | Part::Escaped, _) if is_text(byte) => Part::Quoted,
            (Part::Size, _) => return Err(Error::ChunkSize { at }),
            (_, b'\n') => return Err(Error::LineEnd { at }),
            _ => return Err(Error::ChunkExtension { at }),
        };
        Ok(false)
    }

    fn digit(&mut self, byte: u8) -> Option<()> {
        self.digits += 1;
        if self.digits > DIGITS_MAX {
            return None;
        }
        let digit = char::from(byte).to_digit(16)?;
        self.size = self.size << 4 | u64::from(digit);
        Some(())
    }
}
