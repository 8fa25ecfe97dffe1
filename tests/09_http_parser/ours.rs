//! The library's parsers, asked in the words of the reference.

use threadbare::http::{
    ChunkDecoder, Error, Framing, Limits, Parser, Request, Status, Version, v1_bytes,
};

use super::reference::{self, Body, Caps, Head, Read, Stop};

pub(crate) fn caps(limits: &Limits) -> Caps {
    Caps {
        request_line: limits.request_line,
        head: limits.head,
        headers: limits.headers,
        extensions: limits.extensions,
        trailers: limits.trailers,
        body: limits.body,
    }
}

/// A request with nothing borrowed.
pub(crate) fn owned(request: &Request<'_>) -> Head {
    let headers = request.headers();
    Head {
        method: request.method().as_str().to_owned(),
        target: request.target().to_owned(),
        minor: u8::from(request.version() == Version::Http11),
        headers: headers
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_vec()))
            .collect(),
        framing: match request.framing() {
            Framing::None => reference::Framing::None,
            Framing::Length(length) => reference::Framing::Length(length),
            Framing::Chunked => reference::Framing::Chunked,
        },
        keep_alive: request.keep_alive(),
        expects_continue: request.expects_continue(),
        len: request.head_len(),
    }
}

/// A result in the reference's words: of an error, the status.
pub(crate) fn told<T>(result: &Result<Status<T>, Error>) -> Read<T>
where
    T: Clone,
{
    match result {
        Ok(Status::Complete(found)) => Ok(found.clone()),
        Ok(Status::Partial) => Err(Stop::More),
        Err(error) => Err(Stop::Refused(error.status())),
    }
}

/// What one parser said of a beginning.
pub(crate) type Said<T> = Result<Status<T>, Error>;

/// Which of the two parsers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    V1,
    V2,
}

/// Gives a parser the beginnings of `input` that end at `ends`, one after the other, until it
/// has decided: what it said, and after how many bytes.
///
/// # Panics
/// If it does not stand by what it said.
pub(crate) fn head(
    which: Which,
    limits: Limits,
    input: &[u8],
    ends: impl Iterator<Item = usize>,
) -> (Said<Head>, usize) {
    // Both have the same interface, and no trait.
    macro_rules! run {
        ($parser:expr) => {{
            let mut parser = $parser;
            let mut said = Ok(Status::Partial);
            let mut at = 0;
            for end in ends {
                at = end;
                said = parser.parse(&input[..end]).map(|status| match status {
                    Status::Partial => Status::Partial,
                    Status::Complete(request) => Status::Complete(owned(&request)),
                });
                let again = parser.request(&input[..end]);
                let complete = match &said {
                    Ok(Status::Complete(head)) => Some(head),
                    _ => None,
                };
                assert_eq!(again.map(|again| owned(&again)).as_ref(), complete);
                if said != Ok(Status::Partial) {
                    break;
                }
            }
            if said != Ok(Status::Partial) {
                // More input changes nothing.
                let again = parser.parse(input).map(|status| match status {
                    Status::Partial => Status::Partial,
                    Status::Complete(request) => Status::Complete(owned(&request)),
                });
                assert_eq!(again, said, "it changed its mind");
            }
            (said, at)
        }};
    }
    match which {
        Which::V1 => run!(v1_bytes::Parser::new(limits)),
        Which::V2 => run!(Parser::new(limits)),
    }
}

/// Gives a decoder `input` in the pieces that end at `ends`, until it has decided.
pub(crate) fn chunked(
    limits: Limits,
    input: &[u8],
    ends: impl Iterator<Item = usize>,
) -> (Said<Body>, usize) {
    let mut decoder = ChunkDecoder::new(limits);
    let (mut bytes, mut at) = (Vec::new(), 0);
    for end in ends {
        let mut piece = input[at..end].to_vec();
        let before = at;
        at = end;
        match decoder.decode(&mut piece) {
            Err(error) => return (Err(error), end),
            Ok(progress) => {
                assert!(progress.written <= progress.consumed);
                bytes.extend(&piece[..progress.written]);
                assert!(bytes.len() as u64 <= limits.body, "a limit is crossed");
                let len = before + progress.consumed;
                if progress.done {
                    return (Ok(Status::Complete(Body { bytes, len })), end);
                }
                assert_eq!(len, end, "it left something, and is not done");
            }
        }
    }
    (Ok(Status::Partial), at)
}
