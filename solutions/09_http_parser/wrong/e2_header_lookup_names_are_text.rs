//! must say: called `Result::unwrap()` on an `Err` value: Utf8Error
//!
//! A name that is no text: panic.

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
    fn all(&self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.fields
            .iter()
            .filter(move |f| {
                str::from_utf8(f.name).unwrap().eq_ignore_ascii_case(name)
            })
            .map(|f| f.value)
    }
    /// The value of the first field of this name.
    pub fn get(&self, name: &str) -> Option<&'a [u8]> {
        self.all(name).next()
    }
    /// Whether a list has this token.
    pub fn has_token(&self, name: &str, token: &str) -> bool {
        self.all(name).any(|v| {
            v.split(|b| *b == b',').any(|mut e| {
                while let [b' ' | b'\t', rest @ ..] = e {
                    e = rest;
                }
                while let [rest @ .., b' ' | b'\t'] = e {
                    e = rest;
                }
                e.eq_ignore_ascii_case(token.as_bytes())
            })
        })
    }
    /// How long the body is, if that is said.
    pub fn length(&self) -> Result<Option<u64>, BadLength> {
        let mut all = self.all("content-length");
        let Some(v) = all.next() else { return Ok(None) };
        if all.next().is_some() || v.is_empty() {
            return Err(BadLength);
        }
        v.iter()
            .try_fold(0u64, |n, b| match b {
                b'0'..=b'9' => n.checked_mul(10)?.checked_add(u64::from(b - b'0')),
                _ => None,
            })
            .map(Some)
            .ok_or(BadLength)
    }
}

// --- to here ---
