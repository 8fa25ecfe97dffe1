//! The fields of a request: spans in a table, which become names and values when asked.

use std::fmt;
use std::str;

/// Where one field line has its name and its value, counted from the request's first byte.
/// The value is without the blanks around it.
// ANCHOR: field
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) name_start: u32,
    pub(super) name_end: u32,
    pub(super) value_start: u32,
    pub(super) value_end: u32,
}
// ANCHOR_END: field

impl Field {
    /// The line from `start` on, with a colon at `colon` and its line end at `end`.
    #[inline]
    pub(super) fn new(input: &[u8], start: usize, colon: usize, end: usize) -> Self {
        let blank = |byte| matches!(byte, b' ' | b'\t');
        let (value_start, value_end) = match input[colon + 1..end] {
            // Nearly all: one space before it, and none behind.
            [b' ', first, .., last] if !blank(first) && !blank(last) => {
                (colon + 2, end)
            }
            ref value => trim(value, colon + 1),
        };
        Self {
            name_start: start as u32,
            name_end: colon as u32,
            value_start: value_start as u32,
            value_end: value_end as u32,
        }
    }

    #[inline]
    pub(super) fn name<'a>(&self, input: &'a [u8]) -> &'a [u8] {
        &input[self.name_start as usize..self.name_end as usize]
    }

    #[inline]
    pub(super) fn value<'a>(&self, input: &'a [u8]) -> &'a [u8] {
        &input[self.value_start as usize..self.value_end as usize]
    }
}

/// Where the value, which begins at `start`, has no blanks around it.
fn trim(value: &[u8], mut start: usize) -> (usize, usize) {
    let mut value = value;
    while let [b' ' | b'\t', rest @ ..] = value {
        value = rest;
        start += 1;
    }
    while let [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    (start, start + value.len())
}

/// The fields of a request, in the order in which they came.
///
/// Names are compared without regard to case. Values are bytes, without the blanks around
/// them: RFC 9110 allows more in them than ASCII, and does not say what it means.
///
/// ```
/// use threadbare::http::{Limits, Parser, Status};
///
/// let mut parser = Parser::new(Limits::default());
/// let Status::Complete(request) =
///     parser.parse(b"GET / HTTP/1.1\r\nHost: a\r\nAccept: */*\r\naccept:  x \r\n\r\n")?
/// else {
///     panic!("the head is whole");
/// };
/// let headers = request.headers();
/// assert_eq!(headers.len(), 3);
/// assert_eq!(headers.get("ACCEPT"), Some(&b"*/*"[..]));
/// assert_eq!(headers.all("accept").last(), Some(&b"x"[..]));
/// assert_eq!(headers.iter().next(), Some(("Host", &b"a"[..])));
/// # Ok::<(), threadbare::http::Error>(())
/// ```
/// Source: RFC 9110, section 5.
#[derive(Clone, Copy)]
pub struct Headers<'a> {
    input: &'a [u8],
    fields: &'a [Field],
}

impl<'a> Headers<'a> {
    #[inline]
    pub(super) fn new(input: &'a [u8], fields: &'a [Field]) -> Self {
        Self { input, fields }
    }

    /// How many field lines there are.
    #[must_use]
    #[inline]
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether there are none.
    #[must_use]
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    // ANCHOR: get
    /// The value of the first field of that name.
    ///
    /// # Cost
    /// Looks at the length of each name, and compares those that agree.
    #[must_use]
    #[inline]
    pub fn get(&self, name: &str) -> Option<&'a [u8]> {
        self.all(name).next()
    }
    // ANCHOR_END: get

    /// The same as text, if it is UTF-8.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&'a str> {
        str::from_utf8(self.get(name)?).ok()
    }

    /// The values of all fields of that name, in order.
    #[inline]
    pub fn all<'n>(
        &self,
        name: &'n str,
    ) -> impl Iterator<Item = &'a [u8]> + use<'a, 'n> {
        let (input, wanted) = (self.input, name.as_bytes());
        self.fields
            .iter()
            .filter(move |field| field.name(input).eq_ignore_ascii_case(wanted))
            .map(move |field| field.value(input))
    }

    /// All names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, &'a [u8])> + use<'a> {
        let input = self.input;
        self.fields.iter().map(move |field| {
            let name = str::from_utf8(field.name(input));
            (name.expect("a name is ASCII"), field.value(input))
        })
    }
}

impl fmt::Debug for Headers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |(name, value)| (name, String::from_utf8_lossy(value));
        f.debug_map().entries(self.iter().map(text)).finish()
    }
}
