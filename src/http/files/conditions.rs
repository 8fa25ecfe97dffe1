//! Whether a client has already what it asks for, or wants to be told if it has not.
//!
//! A file has two *validators*: a tag, which is another one whenever the file is another one,
//! and the second in which it was changed. A client sends back what it has got, and says what
//! shall depend on it:
//!
//! | field | the answer is sent if | else |
//! |---|---|---|
//! | `If-Match` | the tag is one of these | 412 |
//! | `If-Unmodified-Since`, without `If-Match` | it is not newer | 412 |
//! | `If-None-Match` | the tag is none of these | 304 |
//! | `If-Modified-Since`, without `If-None-Match` | it is newer | 304 |
//! | `If-Range`, with `Range` | the part is sent, if it has not changed | all of it |
//!
//! They are looked at in this order. Source: RFC 9110, sections 8.8 and 13.

use std::fs::Metadata;
use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::time::SystemTime;

use super::dates;
use crate::http::Headers;
use crate::http::date::http_date;

/// Three numbers with sixteen hexadecimal digits each, two hyphens and two quotes.
const TAG_MAX: usize = 3 * 16 + 4;

/// By what a client knows a file again.
#[derive(Clone, Copy)]
pub(super) struct Validators {
    tag: [u8; TAG_MAX],
    tag_len: usize,
    /// When it was changed, in seconds since 1970.
    modified: i64,
    now: i64,
}

/// What the conditions come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Answer.
    Goes,
    /// The client has it: 304.
    NotModified,
    /// It is not what the client thinks: 412.
    Failed,
}

impl Validators {
    // ANCHOR: validators
    /// Those of a file. Its tag is made of its size, the nanosecond in which it was changed,
    /// and its number in the file system, so that one that is put in its place has another
    /// one, even if it is as old and as long.
    ///
    /// A file system counts its nanoseconds in steps, of some milliseconds often. Whoever
    /// writes twice within a step, and as much, is not seen; so replace files, by renaming a
    /// new one, and don't write into them.
    pub(super) fn of(metadata: &Metadata, now: SystemTime) -> Self {
        let now = now.duration_since(SystemTime::UNIX_EPOCH);
        let now = now.map_or(0, |since| since.as_secs() as i64);
        let nanos = metadata.mtime().wrapping_mul(1_000_000_000);
        let nanos = nanos.wrapping_add(metadata.mtime_nsec());
        Self::new(
            [metadata.size(), nanos as u64, metadata.ino()],
            metadata.mtime(),
            now,
        )
    }

    fn new(parts: [u64; 3], mtime: i64, now: i64) -> Self {
        let mut tag = [0; TAG_MAX];
        let [size, nanos, number] = parts;
        let mut rest = &mut tag[..];
        // It has room for the longest.
        let _ = write!(rest, "\"{size:x}-{nanos:x}-{number:x}\"");
        let tag_len = TAG_MAX - rest.len();
        Self {
            tag,
            tag_len,
            // What is said to be changed tomorrow was changed by now.
            // Source: RFC 9110, section 8.8.2.1.
            modified: mtime.clamp(0, now),
            now,
        }
    }
    // ANCHOR_END: validators

    /// For `ETag`, with its quotes.
    pub(super) fn tag(&self) -> &str {
        str::from_utf8(self.tag_bytes()).unwrap_or_default()
    }

    fn tag_bytes(&self) -> &[u8] {
        &self.tag[..self.tag_len]
    }

    /// For `Last-Modified`.
    pub(super) fn last_modified(&self) -> [u8; 29] {
        http_date(self.modified as u64)
    }

    // ANCHOR: check
    /// Looks at the conditions of a GET or a HEAD.
    ///
    /// Source: RFC 9110, section 13.2.2.
    pub(super) fn check(&self, headers: &Headers<'_>) -> Verdict {
        if headers.get("If-Match").is_some() {
            if !self.is_one_of(headers, "If-Match", Compare::Strong) {
                return Verdict::Failed;
            }
        } else if let Some(date) = self.date(headers, "If-Unmodified-Since")
            && self.modified > date
        {
            return Verdict::Failed;
        }
        let has_it = match headers.get("If-None-Match") {
            Some(_) => self.is_one_of(headers, "If-None-Match", Compare::Weak),
            None => {
                let date = self.date(headers, "If-Modified-Since");
                date.is_some_and(|date| self.modified <= date)
            }
        };
        match has_it {
            true => Verdict::NotModified,
            false => Verdict::Goes,
        }
    }
    // ANCHOR_END: check

    // ANCHOR: if_range
    /// Whether a part may be sent to a client that has another part.
    ///
    /// A tag must be the same, and strong. A date must be the same, and its second must be
    /// over: within it the file may have changed twice.
    ///
    /// Source: RFC 9110, sections 13.1.5 and 8.8.2.2.
    pub(super) fn allows_part(&self, if_range: &[u8]) -> bool {
        match if_range {
            [b'"', ..] => if_range == self.tag_bytes(),
            date => {
                self.modified < self.now
                    && dates::parse(date, self.now) == Some(self.modified)
            }
        }
    }
    // ANCHOR_END: if_range

    /// The date of a field of which there is one, if it is a date.
    fn date(&self, headers: &Headers<'_>, name: &str) -> Option<i64> {
        let mut lines = headers.all(name);
        match (lines.next(), lines.next()) {
            (Some(line), None) => dates::parse(line, self.now),
            _ => None,
        }
    }

    /// Whether the tag is in the list that the fields of that name are.
    fn is_one_of(
        &self,
        headers: &Headers<'_>,
        name: &str,
        compare: Compare,
    ) -> bool {
        let mut lines = headers.all(name).peekable();
        if let (Some(b"*"), None) = (lines.next(), lines.peek()) {
            return true;
        }
        let mut found = false;
        for line in headers.all(name) {
            for member in Tags(line) {
                let Some(member) = member else {
                    // It is no list of tags, so our tag is not in it.
                    return false;
                };
                let is_same = member.opaque == self.tag_bytes();
                let counts = !member.is_weak || compare == Compare::Weak;
                found |= is_same && counts;
            }
        }
        found
    }
}

/// How tags are compared. Source: RFC 9110, section 8.8.3.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Compare {
    /// Both must be strong: the files are the same, byte for byte.
    Strong,
    /// One may stand for another that is as good. Ours is strong, the client's need not be.
    Weak,
}

/// A tag from a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Member<'a> {
    is_weak: bool,
    /// With its quotes.
    opaque: &'a [u8],
}

/// The tags of a list; nothing, and no more, where there is none.
struct Tags<'a>(&'a [u8]);

impl<'a> Iterator for Tags<'a> {
    type Item = Option<Member<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        // Members may be empty.
        while let [b' ' | b'\t' | b',', rest @ ..] = self.0 {
            self.0 = rest;
        }
        if self.0.is_empty() {
            return None;
        }
        let member = self.member();
        if member.is_none() {
            self.0 = &[];
        }
        Some(member)
    }
}

impl<'a> Tags<'a> {
    fn member(&mut self) -> Option<Member<'a>> {
        let weak = self.0.strip_prefix(b"W/");
        let text = weak.unwrap_or(self.0);
        let inner = text.strip_prefix(b"\"")?;
        let end = inner.iter().position(|&byte| byte == b'"')?;
        let is_tag = |&byte: &u8| byte > b' ' && byte != 0x7f;
        if !inner[..end].iter().all(is_tag) {
            return None;
        }
        let (opaque, rest) = text.split_at(end + 2);
        let behind = rest.trim_ascii_start();
        if !matches!(behind, [] | [b',', ..]) {
            return None;
        }
        self.0 = behind;
        Some(Member {
            is_weak: weak.is_some(),
            opaque,
        })
    }
}

#[cfg(test)]
mod tests;
