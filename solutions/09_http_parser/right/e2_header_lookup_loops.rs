//! Loops, and a number by hand.

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
        for field in self.fields {
            if same(field.name, name) {
                return Some(field.value);
            }
        }
        None
    }

    /// Whether a list has this token.
    pub fn has_token(&self, name: &str, token: &str) -> bool {
        for field in self.fields {
            if !same(field.name, name) {
                continue;
            }
            for mut element in field.value.split(|b| *b == b',') {
                while let [b' ' | b'\t', rest @ ..] = element {
                    element = rest;
                }
                while let [rest @ .., b' ' | b'\t'] = element {
                    element = rest;
                }
                if same(element, token) {
                    return true;
                }
            }
        }
        false
    }

    /// How long the body is, if that is said.
    pub fn length(&self) -> Result<Option<u64>, BadLength> {
        let mut found = None;
        for field in self.fields {
            if !same(field.name, "Content-Length") {
                continue;
            }
            if found.is_some() || field.value.is_empty() {
                return Err(BadLength);
            }
            let mut number = 0_u64;
            for byte in field.value {
                let digit = byte.wrapping_sub(b'0');
                if digit > 9 {
                    return Err(BadLength);
                }
                let tens = number.checked_mul(10).ok_or(BadLength)?;
                number = tens.checked_add(u64::from(digit)).ok_or(BadLength)?;
            }
            found = Some(number);
        }
        Ok(found)
    }
}

fn same(one: &[u8], other: &str) -> bool {
    one.len() == other.len()
        && one
            .iter()
            .zip(other.bytes())
            .all(|(a, b)| a.to_ascii_lowercase() == b.to_ascii_lowercase())
}

// --- to here ---
