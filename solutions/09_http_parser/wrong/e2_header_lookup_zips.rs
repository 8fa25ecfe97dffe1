//! must say: get("Hos") is Some("5"), and it has to be None
//!
//! Compares as many bytes as both have.

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
        let named = fields.filter(move |f| {
            f.name
                .iter()
                .zip(name.bytes())
                .all(|(a, b)| a.eq_ignore_ascii_case(&b))
                && !f.name.is_empty()
                && !name.is_empty()
        });
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
