//! 09.2 (implement): what a request says of itself.
//!
//! The parser has cut a head into fields and copied nothing: a field is two slices of the
//! bytes that came in, a name and a value without the blanks around it. Now a server asks:
//! which host? does the connection stay? how long is the body? Three questions, and each of
//! them has let an attacker in somewhere.
//!
//! Goal:
//!
//! - `get` returns the value of the first field that has this name, or `None`. In names 'a'
//!   and 'A' are the same, and so on to 'Z'; any other byte is only itself. What is returned
//!   is a part of the request, so it outlives the `Headers`, and nothing is copied.
//! - `has_token` is for lists such as `Connection: keep-alive, Upgrade`: whether one of the
//!   elements, in any of the fields that have this name, is that token, in any case.
//!   Elements stand between commas, and blanks and tabs around them do not count, but any
//!   other byte does; they may be empty.
//! - `length` is the value of `Content-Length`: `Ok(None)` if there is no such field. The
//!   value has digits only, at least one. Anything else is `Err(BadLength)`: a value that
//!   does not fit into an `u64`, and a second such field, even if it says the same.
//! - Names and values are bytes, and need not be UTF-8. Nothing panics.
//!
//! Edit between the markers only. About 25 lines, 15 minutes.
//! Stuck? `cargo hint 09.2`, three levels.
//!
//! A failing run prints a sentence, for instance
//! ```text
//! Content-Length: "+5": length() is Ok(Some(5)), and a length has digits only: it has to be
//! Err(BadLength)
//! ```

/// A line of a head.
#[derive(Clone, Copy, Debug)]
pub struct Field<'a> {
    /// What stands before the colon.
    pub name: &'a [u8],
    /// What stands behind it, without blanks and tabs around it.
    pub value: &'a [u8],
}

/// The length of a body can't be known: 400.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadLength;

/// The fields of a head. `'a` is the request, `'t` the table of its fields.
#[derive(Clone, Copy, Debug)]
pub struct Headers<'a, 't> {
    /// In the order in which they came.
    pub fields: &'t [Field<'a>],
}

// --- edit from here ---

impl<'a> Headers<'a, '_> {
    /// The value of the first field of this name.
    pub fn get(&self, name: &str) -> Option<&'a [u8]> {
        self.all(name).next()
    }

    /// Whether a list has this token.
    pub fn has_token(&self, name: &str, token: &str) -> bool {
        // Rejected: to look for the token anywhere in the value, which finds `close` in
        // `not-closed`.
        let elements = self.all(name).flat_map(|value| value.split(|b| *b == b','));
        let mut trimmed = elements.map(trim);
        trimmed.any(|element| element.eq_ignore_ascii_case(token.as_bytes()))
    }

    /// How long the body is, if that is said.
    pub fn length(&self) -> Result<Option<u64>, BadLength> {
        let mut values = self.all("content-length");
        let Some(value) = values.next() else {
            return Ok(None);
        };
        // `parse` takes a plus sign, and stops at what does not fit.
        let has_digits_only = value.iter().all(u8::is_ascii_digit);
        let text = str::from_utf8(value).map_err(|_| BadLength)?;
        let length = text.parse().map_err(|_| BadLength)?;
        if !has_digits_only || values.next().is_some() {
            return Err(BadLength);
        }
        Ok(Some(length))
    }

    /// The values of all fields of this name.
    fn all(&self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        let fields = self.fields.iter();
        let named =
            fields.filter(move |f| f.name.eq_ignore_ascii_case(name.as_bytes()));
        named.map(|field| field.value)
    }
}

/// Without blanks and tabs around it.
fn trim(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

// --- to here ---
