//! Property: where two programs could find different requests in the same bytes, ours finds
//! none. What it takes, every program cuts at the same place, whatever its habits.
//!
//! The habits are those that published bugs were made of: which of two lengths counts, what
//! ends a line, what is a number, what is `chunked`.

use std::time::Duration;

use threadbare::http::{Error, Limits, Parser, Status, v0_split};
use threadbare::testkit::{self, Random};

use crate::checks::ours::{self, Which};
use crate::checks::reference::Framing;

const LIMIT: Duration = Duration::from_secs(60);
/// What hides in the body of the first request.
const HIDDEN: &str = "GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n";

/// Lines that say where the body ends, in a way that somebody understands.
const FRAMING: [&str; 33] = [
    "Content-Length: 5\r\n",
    "Content-Length: 0\r\n",
    "Content-Length: 05\r\n",
    "Content-Length: +5\r\n",
    "Content-Length: 5, 0\r\n",
    "Content-Length: 5;a\r\n",
    "Content-Length: 0x5\r\n",
    "Content-Length: 5 0\r\n",
    "Content-Length: \t5 \r\n",
    "Content-Length:\r\n 5\r\n",
    "Content-Length : 5\r\n",
    "Content-Length\0: 5\r\n",
    "content-LENGTH: 5\r\n",
    " Content-Length: 5\r\n",
    "X: y\nContent-Length: 5\r\n",
    "X: y\rContent-Length: 5\r\n",
    "Content-Length: 5\n",
    "Content-Length: 5\0\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding: CHUNKED\r\n",
    "Transfer-Encoding: xchunked\r\n",
    "Transfer-Encoding: chunked, identity\r\n",
    "Transfer-Encoding: identity, chunked\r\n",
    "Transfer-Encoding: \"chunked\"\r\n",
    "Transfer-Encoding: chunked;a=b\r\n",
    "Transfer-Encoding:\r\n chunked\r\n",
    "Transfer-Encoding\t: chunked\r\n",
    "Transfer-Encoding: \x0bchunked\r\n",
    "X: y\nTransfer-Encoding: chunked\r\n",
    "X: y\rTransfer-Encoding: chunked\r\n",
    "Transfer_Encoding: chunked\r\n",
    "Host: b\r\n",
    "",
];

/// Bodies that are several things at once.
const BODIES: [&str; 9] = [
    "",
    "0\r\n\r\n",
    "5\r\nhello\r\n0\r\n\r\n",
    "0;a=\"\r\n\r\n\"\r\n\r\n",
    "0\n\r\n",
    "0 \r\n\r\n",
    "0x0\r\n\r\n",
    "10000000000000000\r\n\r\n",
    "00000000000000000\r\n\r\n",
];

#[test]
fn what_ours_takes_everybody_cuts_alike() {
    let mut random = Random::new(testkit::seed("smuggling_habits"));
    let (mut taken, mut disputed) = (0, 0);
    testkit::within(LIMIT, || {
        for stream in streams() {
            let all: Vec<_> = (0..8).map(|_| Habits::new(&mut random)).collect();
            let ends = all.iter().map(|habits| habits.end(stream.as_bytes()));
            let mut ends: Vec<_> = ends.collect();
            if let Some(end) = ours_end(stream.as_bytes()) {
                taken += 1;
                let other = ends.iter().position(|theirs| *theirs != Some(end));
                if let Some(other) = other {
                    let (theirs, habits) = (ends[other], all[other]);
                    panic!(
                        "{stream:?}: ours ends at {end}, at {theirs:?} {habits:?}"
                    );
                }
            }
            ends.sort();
            ends.dedup();
            disputed += u32::from(ends.len() > 1);
        }
    });
    assert!(
        taken > 30 && disputed > 1_000,
        "{taken} taken, {disputed} disputed"
    );
}

#[test]
fn what_the_first_attempts_dispute_is_refused() {
    let mut disputed = 0;
    for stream in streams() {
        let front = v0_split::requests(&stream, v0_split::parse);
        let back = v0_split::requests(&stream, v0_split::parse_chunked);
        let len =
            |requests: &[v0_split::Request<'_>]| requests.first().map(|one| one.len);
        // One of the two knows nothing of chunks. Without a length that is no dispute.
        if len(&front) != len(&back) && stream.contains("Content-Length") {
            disputed += 1;
            assert_eq!(ours_end(stream.as_bytes()), None, "{stream:?}");
        }
    }
    assert!(disputed > 200, "{disputed}");
}

/// Where ours takes the first request to end, unless it refuses it.
fn ours_end(stream: &[u8]) -> Option<usize> {
    let (limits, whole) = (Limits::default(), [stream.len()]);
    let (head, _) = ours::head(Which::V2, limits, stream, whole.into_iter());
    let Ok(Status::Complete(head)) = head else {
        return None;
    };
    let body = &stream[head.len..];
    match head.framing {
        Framing::None => Some(head.len),
        Framing::Length(length) => Some(head.len + length as usize),
        Framing::Chunked => {
            match ours::chunked(limits, body, [body.len()].into_iter()).0 {
                Ok(Status::Complete(body)) => Some(head.len + body.len),
                _ => None,
            }
        }
    }
}

/// All pairs of framing lines, with all bodies, and the hidden request behind.
fn streams() -> impl Iterator<Item = String> {
    let pairs = FRAMING.into_iter().flat_map(|a| FRAMING.map(|b| (a, b)));
    pairs.flat_map(|(a, b)| {
        BODIES.map(|body| {
            let (a, b) = (a.to_owned(), b.to_owned());
            format!("POST /1 HTTP/1.1\r\nHost: a\r\n{a}{b}\r\n{body}{HIDDEN}")
        })
    })
}

#[test]
fn bug_8_a_second_content_length_is_refused() {
    for second in ["5", "0", "6", "+5", ""] {
        let head = format!(
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\
             Content-Length: {second}\r\n\r\nhello"
        );
        let error = refused(&head);
        assert!(
            matches!(error, Error::ContentLengthRepeated { .. }),
            "{error:?}"
        );
        assert_eq!(error.status(), 400);
    }
}

#[test]
fn bug_8_a_second_host_is_refused() {
    for second in ["a", "b", ""] {
        let head =
            format!("GET / HTTP/1.1\r\nHost: a\r\nX: y\r\nhost: {second}\r\n\r\n");
        let error = refused(&head);
        assert!(matches!(error, Error::HostRepeated { .. }), "{error:?}");
        assert_eq!(error.status(), 400);
    }
}

fn refused(head: &str) -> Error {
    let mut parser = Parser::new(Limits::default());
    match parser.parse(head.as_bytes()) {
        Err(error) => error,
        Ok(Status::Partial) => panic!("{head:?} is partial"),
        Ok(Status::Complete(request)) => panic!("{:?}", ours::owned(&request)),
    }
}

/// How some program reads. Whatever it does not understand it leaves alone.
#[derive(Debug, Clone, Copy)]
struct Habits {
    /// LF alone ends a line; CR alone does.
    lf_ends: bool,
    cr_ends: bool,
    /// A line that begins with a blank goes on with the one before it.
    unfolds: bool,
    /// A name is cut at its first blank or NUL.
    cuts_names: bool,
    /// Of two lengths the last counts.
    last_length: bool,
    /// A number is as many digits as there are, and may have a sign.
    reads_prefix: bool,
    /// `chunked` anywhere in the value.
    finds_chunked: bool,
    /// With both, the length counts.
    prefers_length: bool,
}

impl Habits {
    fn new(random: &mut Random) -> Self {
        let bits = random.next_u64();
        let bit = |place: u32| bits >> place & 1 == 1;
        Self {
            lf_ends: bit(0),
            cr_ends: bit(1),
            unfolds: bit(2),
            cuts_names: bit(3),
            last_length: bit(4),
            reads_prefix: bit(5),
            finds_chunked: bit(6),
            prefers_length: bit(7),
        }
    }

    /// Where it takes the first request to end.
    fn end(&self, stream: &[u8]) -> Option<usize> {
        let mut at = 0;
        let mut fields: Vec<(String, String)> = Vec::new();
        while let line @ [_, ..] = &*self.line(stream, &mut at)? {
            let text = String::from_utf8_lossy(line).to_ascii_lowercase();
            if let (true, Some((_, value))) =
                (self.unfolds && text.starts_with(' '), fields.last_mut())
            {
                value.push_str(&text);
            } else if let Some((name, value)) = text.split_once(':') {
                let end = name.find(['\0', ' ', '\t']).filter(|_| self.cuts_names);
                let name = &name[..end.unwrap_or(name.len())];
                fields.push((name.to_owned(), value.to_owned()));
            }
        }
        let values = |name: &str| {
            let of_name = fields.iter().filter(|field| field.0 == name);
            of_name.map(|field| field.1.trim()).collect::<Vec<_>>()
        };
        let mut lengths = values("content-length");
        if self.last_length {
            lengths.reverse();
        }
        let length = lengths.into_iter().find_map(|text| self.number(text));
        let is_chunked = values("transfer-encoding").into_iter().any(|coding| {
            coding == "chunked" || self.finds_chunked && coding.contains("chunked")
        });
        match length {
            Some(length) if self.prefers_length || !is_chunked => Some(at + length),
            _ if is_chunked => self.chunks(stream, at),
            _ => Some(at),
        }
    }

    /// The line at `at`, which moves behind it.
    fn line(&self, stream: &[u8], at: &mut usize) -> Option<Vec<u8>> {
        let rest = &stream[*at..];
        let ends = |place: usize| match rest[place..] {
            [b'\r', b'\n', ..] => Some(2),
            [b'\n', ..] if self.lf_ends => Some(1),
            [b'\r', ..] if self.cr_ends => Some(1),
            _ => None,
        };
        let (place, len) =
            (0..rest.len()).find_map(|at| ends(at).map(|len| (at, len)))?;
        *at += place + len;
        Some(rest[..place].to_vec())
    }

    fn number(&self, text: &str) -> Option<usize> {
        if !self.reads_prefix {
            let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
            return text.parse().ok().filter(|_| is_digits);
        }
        let text = text.strip_prefix('+').unwrap_or(text);
        let end = text
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len());
        text[..end].parse().ok()
    }

    /// Where the chunks end, if they do.
    fn chunks(&self, stream: &[u8], mut at: usize) -> Option<usize> {
        loop {
            let line = self.line(stream, &mut at)?;
            let text = String::from_utf8_lossy(&line);
            let text = match self.reads_prefix {
                true => text.trim_start_matches("0x"),
                false => text.split([';', ' ', '\t']).next()?,
            };
            let digits = text.chars().map_while(|digit| digit.to_digit(16));
            // Too large a number wraps around.
            let size = digits.fold(0u64, |size, digit| size << 4 | u64::from(digit));
            if size == 0 {
                break;
            }
            at = at
                .checked_add(usize::try_from(size).ok()?)?
                .checked_add(2)?;
            stream.get(at..)?;
        }
        while !self.line(stream, &mut at)?.is_empty() {}
        Some(at)
    }
}
