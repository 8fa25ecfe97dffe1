//! Which part of a file a client wants.
//!
//! One range is served. A client that asks for several at once gets the whole file, which it
//! may always get: a body of several parts is a format of its own, and a way to make a server
//! send the same bytes a thousand times.

use std::ops::Range;

use crate::http::Headers;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Everything: nothing else was said, or nothing that is served.
    All,
    /// These bytes, of which there are some.
    Part(Range<u64>),
    /// A part that there is not: 416.
    Nothing,
}

// ANCHOR: wanted
/// What the fields of a GET ask for of a file of `size` bytes.
///
/// Source: RFC 9110, sections 14.1.2 and 14.2.
pub(super) fn wanted(headers: &Headers<'_>, size: u64) -> Wanted {
    let mut lines = headers.all("Range");
    match (lines.next(), lines.next()) {
        (Some(line), None) => part(line, size).unwrap_or(Wanted::All),
        _ => Wanted::All,
    }
}

/// What one line asks for; nothing if it is another unit, several ranges, or no range.
fn part(line: &[u8], size: u64) -> Option<Wanted> {
    let unit = line.get(..6)?;
    if !unit.eq_ignore_ascii_case(b"bytes=") {
        return None;
    }
    let specs = line[6..].split(|&byte| byte == b',');
    let mut specs = specs.map(<[u8]>::trim_ascii).filter(|it| !it.is_empty());
    let (Some(spec), None) = (specs.next(), specs.next()) else {
        return None;
    };
    let dash = spec.iter().position(|&byte| byte == b'-')?;
    let (first, last) = (&spec[..dash], &spec[dash + 1..]);
    let range = if first.is_empty() {
        // So many from the end.
        let count = number(last)?;
        if count > 0 && size == 0 {
            // There is such a part, it is empty, and no `Content-Range` can say so.
            return None;
        }
        size.saturating_sub(count)..size
    } else {
        let first = number(first)?;
        let end = match last {
            [] => size,
            last => {
                let last = number(last)?;
                if last < first {
                    return None;
                }
                last.saturating_add(1).min(size)
            }
        };
        first..end
    };
    Some(match range.is_empty() {
        true => Wanted::Nothing,
        false => Wanted::Part(range),
    })
}

/// Digits alone. A number beyond all files is as good as the largest.
fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |number, byte| {
        let digit = byte.checked_sub(b'0').filter(|&it| it <= 9)?;
        Some(number.saturating_mul(10).saturating_add(digit.into()))
    })
}
// ANCHOR_END: wanted

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str, size: u64) -> Wanted {
        part(line.as_bytes(), size).unwrap_or(Wanted::All)
    }

    #[test]
    fn one_range_is_taken_as_it_is_meant() {
        for (line, expected) in [
            ("bytes=0-499", 0..500),
            ("bytes=500-999", 500..1000),
            ("bytes=0-0", 0..1),
            ("bytes=999-999", 999..1000),
            ("bytes=999-", 999..1000),
            ("bytes=0-", 0..1000),
            ("bytes=0-1000", 0..1000),
            ("bytes=5-18446744073709551615", 5..1000),
            ("bytes=5-99999999999999999999999", 5..1000),
            ("bytes=-1", 999..1000),
            ("bytes=-1000", 0..1000),
            ("bytes=-1001", 0..1000),
            ("bytes=-99999999999999999999999", 0..1000),
            ("BYTES=1-2", 1..3),
            ("bytes=,1-2 ,", 1..3),
            ("bytes=\t1-2", 1..3),
            ("bytes=0001-0002", 1..3),
        ] {
            assert_eq!(of(line, 1000), Wanted::Part(expected), "{line}");
        }
    }

    #[test]
    fn what_there_is_not_is_told() {
        for line in [
            "bytes=1000-",
            "bytes=1000-1000",
            "bytes=18446744073709551615-18446744073709551615",
            "bytes=99999999999999999999999-99999999999999999999999",
            "bytes=-0",
        ] {
            assert_eq!(of(line, 1000), Wanted::Nothing, "{line}");
        }
        assert_eq!(of("bytes=0-", 0), Wanted::Nothing);
        assert_eq!(of("bytes=0-0", 0), Wanted::Nothing);
        assert_eq!(of("bytes=-0", 0), Wanted::Nothing);
        assert_eq!(of("bytes=-5", 0), Wanted::All);
    }

    #[test]
    fn what_is_no_range_asks_for_everything() {
        for line in [
            "",
            "bytes",
            "bytes=",
            "bytes=,",
            "bytes=-",
            "bytes=--1",
            "bytes=1",
            "bytes=a-b",
            "bytes=1-b",
            "bytes=+1-2",
            "bytes=1--2",
            "bytes=2-1",
            "bytes=1 - 2",
            "bytes=0x1-2",
            "bytes=0-1,3-4",
            "bytes=0-1,-1",
            "bytes = 0-1",
            "items=0-1",
            "bytes:0-1",
        ] {
            assert_eq!(of(line, 1000), Wanted::All, "{line}");
        }
    }
}
