//! From the path of a request to a way down from the root: decoded once, and checked.
//!
//! A [`Way`] is the proof that the check was made: there is no other means to get one, and
//! whoever opens files takes nothing else. It goes down only: no part of it is empty, `.` or
//! `..`, and none has a slash, a backslash or a NUL in it, whichever way that was written.
//! Decoding happens once. `%252e` is a name with a percent sign, and whoever decodes it a
//! second time has a hole.

use std::ffi::CStr;
use std::fmt;

use super::Refused;

/// The most bytes of a way. Some systems can't open longer ones, so nothing that all of them
/// can serve is lost.
const WAY_MAX: usize = 1_023;
/// The one name with a dot in front that is meant to be asked for.
///
/// Source: RFC 8615, section 3.
const WELL_KNOWN: &[u8] = b".well-known";

// ANCHOR: way
/// A way down from the root, without a slash in front or at the end. Empty: the root itself.
pub(super) struct Way {
    /// The bytes of the names, slashes between them, and zeros behind them.
    bytes: [u8; WAY_MAX + 1],
    len: usize,
    /// Whether a slash stood at the end: then what is there has to be a directory.
    is_dir: bool,
}
// ANCHOR_END: way

impl Way {
    // ANCHOR: path
    /// Decodes and checks a path as it came, from behind the slash at its beginning.
    ///
    /// # Errors
    /// [`Refused::Malformed`] for what no client that means well sends, and
    /// [`Refused::Missing`] for what there can't be, or what is hidden.
    pub(super) fn parse(raw: &[u8]) -> Result<Self, Refused> {
        let mut way = Self {
            bytes: [0; WAY_MAX + 1],
            len: 0,
            is_dir: false,
        };
        let mut parts = raw.split(|&byte| byte == b'/').peekable();
        while let Some(part) = parts.next() {
            let is_last = parts.peek().is_none();
            if part.is_empty() && is_last {
                way.is_dir = true;
                break;
            }
            way.push(part)?;
        }
        Ok(way)
    }

    /// Adds one part, decoded.
    fn push(&mut self, raw: &[u8]) -> Result<(), Refused> {
        if self.len > 0 {
            self.push_byte(b'/')?;
        }
        let begin = self.len;
        let mut rest = raw;
        while let [first, behind @ ..] = rest {
            rest = behind;
            let byte = match first {
                b'%' => {
                    let [high, low, behind @ ..] = rest else {
                        return Err(Refused::Malformed);
                    };
                    rest = behind;
                    digit(*high)? << 4 | digit(*low)?
                }
                &byte => byte,
            };
            if matches!(byte, b'/' | b'\\' | 0) {
                return Err(Refused::Malformed);
            }
            self.push_byte(byte)?;
        }
        match &self.bytes[begin..self.len] {
            b"." | b".." => Err(Refused::Malformed),
            // Two names of one thing: `a//b` is not `a/b`. And `//b` is the name of a host,
            // once it stands in a redirect.
            b"" => Err(Refused::Missing),
            [b'.', ..] if &self.bytes[begin..self.len] != WELL_KNOWN => {
                Err(Refused::Missing)
            }
            _ => Ok(()),
        }
    }
    // ANCHOR_END: path

    fn push_byte(&mut self, byte: u8) -> Result<(), Refused> {
        if self.len == WAY_MAX {
            return Err(Refused::Missing);
        }
        self.bytes[self.len] = byte;
        self.len += 1;
        Ok(())
    }

    /// Goes on with another way.
    pub(super) fn join(&mut self, other: &Self) -> Result<(), Refused> {
        if self.len > 0 {
            self.push_byte(b'/')?;
        }
        for &byte in other.as_bytes() {
            self.push_byte(byte)?;
        }
        Ok(())
    }

    /// Whether a directory was asked for.
    pub(super) fn is_dir(&self) -> bool {
        self.is_dir
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// For the kernel; the root is `.`.
    pub(super) fn as_c_str(&self) -> &CStr {
        if self.len == 0 {
            return c".";
        }
        // There is always a zero behind the last byte, and none before it.
        CStr::from_bytes_until_nul(&self.bytes).unwrap_or(c".")
    }

    /// The names, one behind the other, each with a zero behind it.
    pub(super) fn names(&self) -> Names {
        let mut bytes = self.bytes;
        for byte in &mut bytes[..self.len] {
            if *byte == b'/' {
                *byte = 0;
            }
        }
        Names {
            bytes,
            at: 0,
            end: self.len,
        }
    }
}

impl fmt::Debug for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let slash = if self.is_dir { "/" } else { "" };
        write!(f, "Way({}{slash})", self.as_bytes().escape_ascii())
    }
}

/// The names of a [`Way`].
pub(super) struct Names {
    bytes: [u8; WAY_MAX + 1],
    at: usize,
    end: usize,
}

impl Names {
    /// The next one, and whether it is the last.
    pub(super) fn next(&mut self) -> Option<(&CStr, bool)> {
        if self.at >= self.end {
            return None;
        }
        let name = CStr::from_bytes_until_nul(&self.bytes[self.at..]).ok()?;
        self.at += name.count_bytes() + 1;
        Some((name, self.at >= self.end))
    }
}

fn digit(byte: u8) -> Result<u8, Refused> {
    let digit = char::from(byte).to_digit(16).ok_or(Refused::Malformed)?;
    Ok(digit as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(raw: &str) -> Result<String, Refused> {
        let raw = raw.strip_prefix("/").unwrap_or(raw);
        let way = Way::parse(raw.as_bytes())?;
        let shown = format!("{way:?}");
        Ok(shown["Way(".len()..shown.len() - 1].to_owned())
    }

    #[test]
    fn a_path_is_decoded_once() {
        for (raw, expected) in [
            ("", "/"),
            ("/", "/"),
            ("/a", "a"),
            ("a", "a"),
            ("/a/b.html", "a/b.html"),
            ("/a/b/", "a/b/"),
            ("/a%20b/%41", "a b/A"),
            ("/%e2%82%ac", "\\xe2\\x82\\xac"),
            ("/%FF%fe", "\\xff\\xfe"),
            ("/a+b", "a+b"),
            ("/%252e%252e/x", "%2e%2e/x"),
            ("/..a", "/"),
            ("/...", "/"),
            ("/a..", "a.."),
            ("/.well-known/x", ".well-known/x"),
            ("/%2ewell-known/x", ".well-known/x"),
        ] {
            match expected {
                "/" if raw.len() > 1 => {
                    assert_eq!(way(raw), Err(Refused::Missing), "{raw}");
                }
                _ => assert_eq!(way(raw).as_deref(), Ok(expected), "{raw}"),
            }
        }
    }

    #[test]
    fn what_leads_elsewhere_is_refused() {
        for raw in [
            "/..",
            "/../",
            "/a/..",
            "/a/../b",
            "/.",
            "/./a",
            "/%2e",
            "/%2e%2e",
            "/%2E./a",
            "/.%2e/a",
            "/a%2fb",
            "/%2F",
            "/..%2fetc",
            "/a\\b",
            "/a%5cb",
            "/..%5c..",
            "/a%00",
            "/%00",
            "/%",
            "/%4",
            "/%4g",
            "/%+1",
            "/%%41",
            "/a%",
        ] {
            assert_eq!(way(raw), Err(Refused::Malformed), "{raw}");
        }
        for raw in [
            "//",
            "//a",
            "/a//b",
            "/a//",
            "/.git/config",
            "/a/.b",
            "/%2egit",
        ] {
            assert_eq!(way(raw), Err(Refused::Missing), "{raw}");
        }
    }

    #[test]
    fn a_long_way_is_no_way() {
        let fits = "a".repeat(WAY_MAX);
        assert_eq!(way(&fits).as_deref(), Ok(&*fits));
        assert_eq!(way(&format!("{fits}b")), Err(Refused::Missing));
        assert_eq!(way(&"a/".repeat(WAY_MAX)), Err(Refused::Missing));
        let mut way = Way::parse(fits.as_bytes()).unwrap();
        assert_eq!(way.as_c_str().count_bytes(), WAY_MAX);
        let index = Way::parse(b"index.html").unwrap();
        assert_eq!(way.join(&index), Err(Refused::Missing));
    }

    #[test]
    fn names_come_one_by_one() {
        let way = Way::parse(b"a/%20/c.html").unwrap();
        let mut names = way.names();
        assert_eq!(names.next(), Some((c"a", false)));
        assert_eq!(names.next(), Some((c" ", false)));
        assert_eq!(names.next(), Some((c"c.html", true)));
        assert_eq!(names.next(), None);
        let root = Way::parse(b"").unwrap();
        assert_eq!(root.names().next(), None);
        assert_eq!(root.as_c_str(), c".");
    }
}
