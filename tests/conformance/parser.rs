//! Property: the parser alone says of each case what the server has to say, however many
//! bytes come at a time.

use super::cases::{self, Case, Verdict};
use threadbare::http::{ChunkDecoder, Framing, Limits, Parser, Status};

/// What the parser makes of some bytes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// Target and body of each request.
    requests: Vec<(String, Vec<u8>)>,
    end: End,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The last byte was the last of a request.
    Between,
    /// The last request said that it is the last.
    Closed,
    /// A request has begun.
    Within,
    Refused(u16),
}

/// What becomes of these bytes if so many come at a time.
pub(crate) fn judge(bytes: &[u8], at_a_time: usize) -> Outcome {
    let limits = Limits::default();
    let mut requests = Vec::new();
    let mut parser = Parser::new(limits);
    let mut rest = bytes;
    let end = loop {
        if rest.is_empty() {
            break End::Between;
        }
        let mut come = 0;
        let head = loop {
            come = rest.len().min(come + at_a_time);
            match parser.parse(&rest[..come]) {
                Err(error) => break Err(End::Refused(error.status())),
                Ok(Status::Partial) if come == rest.len() => break Err(End::Within),
                Ok(Status::Partial) => {}
                Ok(Status::Complete(request)) => {
                    let target = request.target().to_owned();
                    let keeps = request.keep_alive();
                    break Ok((
                        target,
                        request.framing(),
                        request.head_len(),
                        keeps,
                    ));
                }
            }
        };
        let (target, framing, head_len, keeps) = match head {
            Ok(head) => head,
            Err(end) => break end,
        };
        parser.reset();
        rest = &rest[head_len..];
        let body = match framing {
            Framing::None => Ok(Vec::new()),
            Framing::Length(length) => {
                match rest.split_at_checked(length as usize) {
                    Some((body, behind)) => {
                        rest = behind;
                        Ok(body.to_vec())
                    }
                    None => Err(End::Within),
                }
            }
            Framing::Chunked => dechunk(&mut rest, at_a_time, limits),
        };
        match body {
            Ok(body) => requests.push((target, body)),
            Err(end) => break end,
        }
        if !keeps {
            break End::Closed;
        }
    };
    Outcome { requests, end }
}

fn dechunk(
    rest: &mut &[u8],
    at_a_time: usize,
    limits: Limits,
) -> Result<Vec<u8>, End> {
    let mut decoder = ChunkDecoder::new(limits);
    let mut body = Vec::new();
    while !rest.is_empty() {
        let mut part = rest[..rest.len().min(at_a_time)].to_vec();
        match decoder.decode(&mut part) {
            Err(error) => return Err(End::Refused(error.status())),
            Ok(progress) => {
                body.extend(&part[..progress.written]);
                assert!(progress.done || progress.consumed == part.len());
                *rest = &rest[progress.consumed..];
                if progress.done {
                    return Ok(body);
                }
            }
        }
    }
    Err(End::Within)
}

/// What is wrong with an outcome, if anything is.
fn complaint(case: &Case, outcome: &Outcome) -> Option<String> {
    let is_as_told = match (&case.verdict, &outcome.end) {
        (Verdict::Serve { keeps, body, .. }, end) => {
            let should = match keeps {
                true => End::Between,
                false => End::Closed,
            };
            let one = outcome.requests.len() == 1;
            let is_echo = one && outcome.requests[0].0 == "/echo";
            let of_echo = |body: &Vec<u8>| outcome.requests[0].1 == *body;
            let is_body = !is_echo || body.as_ref().is_none_or(of_echo);
            one && is_body && *end == should
        }
        (Verdict::Refuse(statuses), End::Refused(status)) => {
            statuses.contains(status) && outcome.requests.is_empty()
        }
        (Verdict::Cut(statuses), End::Refused(status)) => {
            statuses.contains(status) && outcome.requests.len() == 1
        }
        _ => false,
    };
    (!is_as_told).then(|| {
        let title = case.title();
        format!("{title} -> {:?}, not {outcome:?}\n", case.verdict)
    })
}

/// Runs all cases, so many bytes at a time.
pub(crate) fn each_case_ends_as_told() {
    let cases = [cases::requests(), cases::smuggling()].concat();
    assert!(cases.len() > 600, "where are they?");
    let mut complaints = String::new();
    for at_a_time in [usize::MAX / 2, 1, 2, 3, 7, 16, 17] {
        for case in &cases {
            if let Some(complaint) = complaint(case, &judge(&case.bytes, at_a_time))
            {
                complaints.push_str(&format!("{at_a_time} at a time: {complaint}"));
            }
        }
    }
    assert!(complaints.is_empty(), "{complaints}");
}
