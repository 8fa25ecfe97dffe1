//! What is known of a head, and what its lines mean: the same for every parser.
//!
//! A parser finds where a name, a value, a line ends. What follows from it is decided here,
//! so that two parsers cannot disagree about it.

use super::error::Error;
use super::headers::Field;
use super::limits::Limits;
use super::request::{Framing, Method, Version};

mod coding;
mod host;

/// What the lines of a head have said so far, with room for a fixed number of fields.
#[derive(Debug)]
pub(super) struct Head {
    fields: Box<[Field]>,
    count: usize,
    target_start: u32,
    target_end: u32,
    len: u32,
    pub(super) method: Method,
    pub(super) version: Version,
    length: Option<u64>,
    chunked: bool,
    host: bool,
    expects_continue: bool,
    close: bool,
    keep_alive: bool,
}

/// By the length of a name: how those begin that mean something.
const FIRST_LETTERS: [u8; 32] = {
    let mut letters = [0; 32];
    (letters[4], letters[6], letters[10]) = (b'h', b'e', b'c');
    (letters[14], letters[17]) = (b'c', b't');
    letters
};

impl Head {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            fields: vec![Field::default(); limits.headers].into(),
            count: 0,
            target_start: 0,
            target_end: 0,
            len: 0,
            method: Method::Get,
            version: Version::Http11,
            length: None,
            chunked: false,
            host: false,
            expects_continue: false,
            close: false,
            keep_alive: false,
        }
    }

    /// Forgets the request. The table stays as it is: what is behind `count` is never read.
    #[inline]
    pub(super) fn reset(&mut self) {
        self.count = 0;
        self.length = None;
        self.chunked = false;
        self.host = false;
        self.expects_continue = false;
        self.close = false;
        self.keep_alive = false;
    }

    /// The method ends at `end`, with a space.
    #[inline]
    pub(super) fn method(
        &mut self,
        input: &[u8],
        start: usize,
        end: usize,
    ) -> Result<(), Error> {
        self.method = Method::from_token(&input[start..end])
            .ok_or(Error::Method { at: start })?;
        Ok(())
    }

    /// The target begins at `at`, with this byte.
    #[inline]
    pub(super) fn target_begins(
        &mut self,
        byte: u8,
        at: usize,
    ) -> Result<(), Error> {
        let path = byte == b'/' && self.method != Method::Connect;
        if path || self.may_have_odd_target(byte) {
            self.target_start = at as u32;
            return Ok(());
        }
        Err(Error::Target { at })
    }

    #[cold]
    fn may_have_odd_target(&self, byte: u8) -> bool {
        match self.method {
            Method::Connect => byte != b'/' && is_visible(byte),
            Method::Options => byte == b'*',
            _ => false,
        }
    }

    /// It ends at `end`, with a space.
    #[inline]
    pub(super) fn target_ends(
        &mut self,
        input: &[u8],
        end: usize,
    ) -> Result<(), Error> {
        self.target_end = end as u32;
        if input[self.target_start as usize] == b'/' {
            return Ok(());
        }
        Err(self.odd_target(input))
    }

    #[cold]
    fn odd_target(&self, input: &[u8]) -> Error {
        let (at, target) = (self.target_start as usize, self.target(input));
        let well_formed = match self.method {
            Method::Connect => host::is_authority(target),
            _ => target == b"*",
        };
        if well_formed {
            Error::TargetForm { at }
        } else {
            Error::Target { at }
        }
    }

    /// The version's digits, the first of them at `at`.
    #[inline]
    pub(super) fn version(
        &mut self,
        major: u8,
        minor: u8,
        at: usize,
    ) -> Result<(), Error> {
        self.version = match (major, minor) {
            (b'1', b'0') => Version::Http10,
            (b'1', _) => Version::Http11,
            _ => return Err(Error::VersionUnsupported { at }),
        };
        Ok(())
    }

    // ANCHOR: field
    /// One more field line, which is whole: it begins at `start`, has its colon at `colon`,
    /// and its line end at `end`.
    #[inline(always)]
    pub(super) fn field(
        &mut self,
        input: &[u8],
        start: usize,
        colon: usize,
        end: usize,
    ) -> Result<(), Error> {
        let limit = self.fields.len();
        let Some(place) = self.fields.get_mut(self.count) else {
            return Err(Error::TooManyHeaders { limit });
        };
        let field = Field::new(input, start, colon, end);
        *place = field;
        self.count += 1;
        // Five names mean something here, and no two of them have the same length. So one
        // look at the length and the first letter is enough to pass by nearly all others.
        if input[start] | 0x20
            == FIRST_LETTERS[(colon - start) % FIRST_LETTERS.len()]
        {
            self.meaning(input, field)
        } else {
            Ok(())
        }
    }

    fn meaning(&mut self, input: &[u8], field: Field) -> Result<(), Error> {
        let name = field.name(input);
        let (value, at) = (field.value(input), field.value_start as usize);
        match name.len() {
            4 if same(name, b"host") => self.host(input, field),
            6 if same(name, b"expect") => self.expect(value, at),
            10 if same(name, b"connection") => {
                self.connection(value);
                Ok(())
            }
            14 if same(name, b"content-length") => self.content_length(value, at),
            17 if same(name, b"transfer-encoding") => {
                self.transfer_encoding(value, at)
            }
            _ => Ok(()),
        }
    }
    // ANCHOR_END: field

    /// The head ends: `len` bytes.
    #[inline]
    pub(super) fn finish(
        &mut self,
        len: usize,
        limits: &Limits,
    ) -> Result<(), Error> {
        if !self.host && self.version == Version::Http11 {
            return Err(Error::HostMissing);
        }
        if self.length > Some(limits.body) {
            return Err(Error::BodyTooLarge { limit: limits.body });
        }
        self.len = len as u32;
        Ok(())
    }

    #[inline]
    fn host(&mut self, input: &[u8], field: Field) -> Result<(), Error> {
        let at = field.value_start as usize;
        if self.host {
            return Err(Error::HostRepeated { at });
        }
        self.host = true;
        if host::is_host(input, at, field.value_end as usize) {
            Ok(())
        } else {
            Err(Error::Host { at })
        }
    }

    // ANCHOR: content_length
    fn content_length(&mut self, value: &[u8], at: usize) -> Result<(), Error> {
        if self.length.is_some() {
            return Err(Error::ContentLengthRepeated { at });
        }
        if self.chunked {
            return Err(Error::TwoFramings { at });
        }
        self.length = Some(number(value).ok_or(Error::ContentLength { at })?);
        Ok(())
    }
    // ANCHOR_END: content_length

    // ANCHOR: transfer_encoding
    fn transfer_encoding(&mut self, value: &[u8], at: usize) -> Result<(), Error> {
        if self.length.is_some() {
            return Err(Error::TwoFramings { at });
        }
        if self.version == Version::Http10 || self.chunked {
            return Err(Error::TransferEncoding { at });
        }
        self.chunked = true;
        coding::check(value, at)
    }
    // ANCHOR_END: transfer_encoding

    fn expect(&mut self, value: &[u8], at: usize) -> Result<(), Error> {
        // A 1.0 client cannot know of it: RFC 9110, section 10.1.1.
        if self.version == Version::Http10 {
            return Ok(());
        }
        if !value.eq_ignore_ascii_case(b"100-continue") {
            return Err(Error::Expectation { at });
        }
        self.expects_continue = true;
        Ok(())
    }

    fn connection(&mut self, value: &[u8]) {
        if same(value, b"keep-alive") {
            self.keep_alive = true;
        } else {
            self.connection_slow(value);
        }
    }

    fn connection_slow(&mut self, value: &[u8]) {
        for option in value.split(|&byte| byte == b',') {
            let option = option.trim_ascii();
            self.close |= option.eq_ignore_ascii_case(b"close");
            self.keep_alive |= option.eq_ignore_ascii_case(b"keep-alive");
        }
    }

    #[inline]
    pub(super) fn fields(&self) -> &[Field] {
        &self.fields[..self.count]
    }

    #[inline]
    pub(super) fn target<'a>(&self, input: &'a [u8]) -> &'a [u8] {
        &input[self.target_start as usize..self.target_end as usize]
    }

    #[inline]
    pub(super) fn framing(&self) -> Framing {
        match self.length {
            Some(length) => Framing::Length(length),
            None if self.chunked => Framing::Chunked,
            None => Framing::None,
        }
    }

    #[inline]
    pub(super) fn keep_alive(&self) -> bool {
        !self.close && (self.keep_alive || self.version == Version::Http11)
    }

    #[inline]
    pub(super) fn expects_continue(&self) -> bool {
        self.expects_continue
    }

    /// How many bytes it has.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.len as usize
    }
}

/// A byte of a name or a method. Source: RFC 9110, section 5.6.2.
#[inline]
pub(super) fn is_token(byte: u8) -> bool {
    TOKEN[usize::from(byte)]
}

const TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        table[byte] = (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    let (signs, mut place) = (b"!#$%&'*+-.^_`|~", 0);
    while place < signs.len() {
        table[signs[place] as usize] = true;
        place += 1;
    }
    table
};

/// A byte of a target.
#[inline]
pub(super) fn is_visible(byte: u8) -> bool {
    matches!(byte, 0x21..=0x7e) && byte != b'#'
}

/// A byte of a value that ends nothing: no control character, except the tab.
#[inline]
pub(super) fn is_text(byte: u8) -> bool {
    byte >= b' ' && byte != 0x7f || byte == b'\t'
}

// ANCHOR: number
/// Decimal digits alone, at least one. `parse::<u64>` would take a plus sign as well.
fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0u64, |sum, &digit| {
        let digit = digit.wrapping_sub(b'0');
        (digit < 10).then_some(())?;
        sum.checked_mul(10)?.checked_add(digit.into())
    })
}
// ANCHOR_END: number

/// Whether the name is that one, which is in small letters. All at once: a byte of a name
/// that becomes a small letter, or `-`, by having that bit set, was one before.
#[inline]
fn same<const N: usize>(name: &[u8], small: &[u8; N]) -> bool {
    let Ok(name) = <&[u8; N]>::try_from(name) else {
        return false;
    };
    let differs = |sum, (byte, small)| sum | ((byte | 0x20) ^ small);
    name.iter().zip(small).fold(0, differs) == 0
}
