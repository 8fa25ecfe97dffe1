//! What must hold for any bytes at all. The tests beside this file ask it of samples, of
//! random requests and of the corpus; the fuzz targets (`fuzz/`) ask it of what a fuzzer
//! thinks of.
//!
//! - Neither parser panics.
//! - Any way to cut the input gives the same result as the whole, and it comes with the
//!   same byte.
//! - v1 and v2 agree, errors and their places included; and both with a second parser that
//!   was written from the RFC ([`reference`]).

#[path = "ours.rs"]
pub(crate) mod ours;
#[path = "reference.rs"]
pub(crate) mod reference;

use std::fmt::Debug;

use threadbare::http::{Error, Limits, Status};
use threadbare::testkit::Random;

use ours::{Said, Which, told};
use reference::{Body, Framing, Head, Read, Stop};

/// Limits that small inputs reach.
pub(crate) const SMALL: Limits = Limits {
    request_line: 40,
    head: 100,
    headers: 5,
    body: 40,
    extensions: 12,
    trailers: 40,
};

/// Some ways to cut `len` bytes: where the pieces end. Always the same for the same bytes,
/// so that what was found once is found again.
pub(crate) fn cuts(input: &[u8]) -> Vec<Vec<usize>> {
    let len = input.len();
    let seed = input.iter().fold(len as u64, |seed, byte| {
        seed.wrapping_mul(0x0100_0000_01B3) ^ u64::from(*byte)
    });
    let mut random = Random::new(seed);
    let mut ways = vec![vec![len], vec![0, len]];
    for longest in [4, 16, 64] {
        let (mut ends, mut at) = (Vec::new(), 0);
        while at < len {
            at = (at + 1 + random.below(longest) as usize).min(len);
            ends.push(at);
        }
        ways.push(ends);
    }
    ways
}

/// All about a head.
///
/// # Panics
/// If something does not hold.
pub(crate) fn head(input: &[u8]) {
    for limits in [Limits::default(), SMALL] {
        let caps = ours::caps(&limits);
        let run = |which, ends: &[usize]| {
            ours::head(which, limits, input, ends.iter().copied())
        };
        let v1 = same(input, "head, v1", |ends| run(Which::V1, ends));
        let v2 = same(input, "head", |ends| run(Which::V2, ends));
        assert_eq!(v1, v2, "v1 and v2 differ: {}", input.escape_ascii());
        let whole = |end| run(Which::V2, &[end]);
        agree(input, whole, |end| reference::head(&input[..end], &caps));
    }
}

/// All about a chunked body.
///
/// # Panics
/// If something does not hold.
pub(crate) fn chunks(input: &[u8]) {
    for limits in [Limits::default(), SMALL] {
        let caps = ours::caps(&limits);
        let run =
            |ends: &[usize]| ours::chunked(limits, input, ends.iter().copied());
        let _ = same(input, "chunked body", run);
        agree(
            input,
            |end| run(&[end]),
            |end| reference::chunked(&input[..end], &caps),
        );
    }
}

/// Whether all cuts give one result, with the first piece that has the byte that decides:
/// that result, and how many bytes it takes.
fn same<T: PartialEq + Debug>(
    input: &[u8],
    what: &str,
    run: impl Fn(&[usize]) -> (Said<T>, usize),
) -> (Said<T>, usize) {
    let bytes: Vec<usize> = (1..=input.len()).collect();
    let (result, decided) = run(&bytes);
    for ends in cuts(input) {
        let (found, at) = run(&ends);
        let wanted = ends.iter().copied().find(|end| *end >= decided);
        assert!(
            found == result && (found == Ok(Status::Partial) || Some(at) == wanted),
            "{what}: {}\nbyte by byte: {result:?}, decided at {decided}\n\
             cut at {ends:?}: {found:?}, decided at {at}",
            input.escape_ascii(),
        );
    }
    (result, decided)
}

/// Whether the reference says the same, and decides with the same byte.
fn agree<T: Clone + PartialEq + Debug>(
    input: &[u8],
    ours: impl Fn(usize) -> (Said<T>, usize),
    theirs: impl Fn(usize) -> Read<T>,
) {
    let (said, expected) = (ours(input.len()).0, theirs(input.len()));
    assert!(
        told(&said) == expected,
        "{}\nours:      {said:?}\nreference: {expected:?}",
        input.escape_ascii(),
    );
    // Ends at the first beginning of the input for which there is a result.
    let first = |decided: &dyn Fn(usize) -> bool| {
        let ends: Vec<usize> = (0..=input.len()).collect();
        ends.partition_point(|end| !decided(*end))
    };
    let ours_at = first(&|end| told(&ours(end).0) != Err(Stop::More));
    let theirs_at = first(&|end| theirs(end) != Err(Stop::More));
    assert!(
        ours_at == theirs_at,
        "{}\nours decides at {ours_at}: {said:?}\n\
         reference at {theirs_at}: {expected:?}",
        input.escape_ascii(),
    );
}

/// What a connection was asked, one request after the other, and how that ended.
#[derive(Debug, PartialEq)]
pub(crate) struct Conversation {
    pub(crate) requests: Vec<(Head, Vec<u8>)>,
    pub(crate) end: Result<(), u16>,
}

/// All about a connection: requests with their bodies, one behind the other.
///
/// # Panics
/// If something does not hold.
pub(crate) fn connection(input: &[u8]) {
    let limits = Limits {
        body: 300,
        ..Limits::default()
    };
    let expected = conversation(input, |rest| {
        let caps = ours::caps(&limits);
        let head = reference::head(rest, &caps)?;
        let behind = &rest[head.len..];
        let body = match head.framing {
            Framing::None => Body {
                bytes: Vec::new(),
                len: 0,
            },
            Framing::Length(length) => match behind.get(..length as usize) {
                Some(bytes) => Body {
                    bytes: bytes.to_vec(),
                    len: bytes.len(),
                },
                None => return Err(Stop::More),
            },
            Framing::Chunked => reference::chunked(behind, &caps)?,
        };
        Ok((head, body))
    });
    for ends in cuts(input) {
        let found = serve(limits, input, &ends);
        assert!(
            found == expected,
            "{}\ncut at {ends:?}: {found:?}\nreference: {expected:?}",
            input.escape_ascii(),
        );
    }
}

fn conversation(
    mut input: &[u8],
    next: impl Fn(&[u8]) -> Read<(Head, Body)>,
) -> Conversation {
    let mut requests = Vec::new();
    loop {
        match next(input) {
            Ok((head, body)) => {
                input = &input[head.len + body.len..];
                let is_last = !head.keep_alive;
                requests.push((head, body.bytes));
                if is_last {
                    return Conversation {
                        requests,
                        end: Ok(()),
                    };
                }
            }
            Err(Stop::More) => {
                return Conversation {
                    requests,
                    end: Ok(()),
                };
            }
            Err(Stop::Refused(status)) => {
                return Conversation {
                    requests,
                    end: Err(status),
                };
            }
        }
    }
}

/// Reads as a server does: into one buffer, from which it takes request after request.
fn serve(limits: Limits, input: &[u8], ends: &[usize]) -> Conversation {
    let mut server = Server::new(limits);
    let mut at = 0;
    for end in ends {
        server.buffer.extend(&input[at..*end]);
        at = *end;
        loop {
            match server.step() {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    let end = Err(error.status());
                    return Conversation {
                        requests: server.requests,
                        end,
                    };
                }
            }
            if server
                .requests
                .last()
                .is_some_and(|(head, _)| !head.keep_alive)
            {
                return Conversation {
                    requests: server.requests,
                    end: Ok(()),
                };
            }
        }
    }
    Conversation {
        requests: server.requests,
        end: Ok(()),
    }
}

struct Server {
    limits: Limits,
    parser: threadbare::http::Parser,
    decoder: threadbare::http::ChunkDecoder,
    /// From the current request's first byte on; a chunked body is decoded in place.
    buffer: Vec<u8>,
    head: Option<Head>,
    /// Where the decoded body ends, and where the bytes begin that are not decoded.
    decoded: usize,
    raw: usize,
    requests: Vec<(Head, Vec<u8>)>,
}

impl Server {
    fn new(limits: Limits) -> Self {
        Self {
            limits,
            parser: threadbare::http::Parser::new(limits),
            decoder: threadbare::http::ChunkDecoder::new(limits),
            buffer: Vec::new(),
            head: None,
            decoded: 0,
            raw: 0,
            requests: Vec::new(),
        }
    }

    /// Whether one more request is whole.
    fn step(&mut self) -> Result<bool, Error> {
        let head = match self.head.take() {
            Some(head) => head,
            None => match self.parser.parse(&self.buffer)? {
                Status::Partial => return Ok(false),
                Status::Complete(request) => ours::owned(&request),
            },
        };
        let start = head.len;
        let (from, to) = match head.framing {
            Framing::None => (start, start),
            Framing::Length(length) => {
                (start + length as usize, start + length as usize)
            }
            Framing::Chunked => {
                self.raw = self.raw.max(start);
                self.decoded = self.decoded.max(start);
                let progress = self.decoder.decode(&mut self.buffer[self.raw..])?;
                let written = self.raw..self.raw + progress.written;
                self.buffer.copy_within(written, self.decoded);
                self.decoded += progress.written;
                self.raw += progress.consumed;
                if !progress.done {
                    assert_eq!(self.raw, self.buffer.len());
                    self.head = Some(head);
                    return Ok(false);
                }
                (self.decoded, self.raw)
            }
        };
        if self.buffer.len() < to {
            self.head = Some(head);
            return Ok(false);
        }
        let body = self.buffer[start..from].to_vec();
        self.buffer.drain(..to);
        self.requests.push((head, body));
        self.parser.reset();
        self.decoder = threadbare::http::ChunkDecoder::new(self.limits);
        (self.decoded, self.raw) = (0, 0);
        Ok(true)
    }
}
