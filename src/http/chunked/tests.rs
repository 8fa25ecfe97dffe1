use super::{ChunkDecoder, Progress};
use crate::http::{Error, Limits};

const LIMITS: Limits = Limits {
    request_line: 8 << 10,
    head: 64 << 10,
    headers: 3,
    body: 100,
    extensions: 40,
    trailers: 64,
};

/// The body and how many raw bytes it took; `None` while it is not whole.
type Answer = Result<Option<(Vec<u8>, usize)>, Error>;

/// In pieces of `step` bytes.
fn decode(raw: &[u8], step: usize) -> Answer {
    let mut decoder = ChunkDecoder::new(LIMITS);
    let (mut body, mut used) = (Vec::new(), 0);
    for piece in raw.chunks(step) {
        let mut piece = piece.to_vec();
        let Progress {
            written,
            consumed,
            done,
        } = decoder.decode(&mut piece)?;
        body.extend_from_slice(&piece[..written]);
        used += consumed;
        if done {
            return Ok(Some((body, used)));
        }
        assert_eq!(consumed, piece.len(), "all is used until it ends");
    }
    Ok(None)
}

/// The same answer, however it is cut.
fn any_way(raw: &[u8]) -> Answer {
    let whole = decode(raw, raw.len().max(1));
    for step in 1..raw.len() {
        assert_eq!(decode(raw, step), whole, "in pieces of {step}");
    }
    whole
}

#[test]
fn bodies() {
    for (raw, body) in [
        ("0\r\n\r\n", ""),
        ("000\r\n\r\n", ""),
        ("5\r\nhello\r\n0\r\n\r\n", "hello"),
        ("0000000000000005\r\nhello\r\n0\r\n\r\n", "hello"),
        ("3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", "hello"),
        (
            "a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n",
            "01234567890123456789",
        ),
        ("2\r\n\r\n\r\n0\r\n\r\n", "\r\n"),
        ("1;a\r\nx\r\n0;b=c\r\n\r\n", "x"),
        ("1 ; a = b ;c=\"d;\\\"\te\" \t;f\r\nx\r\n0\r\n\r\n", "x"),
        ("1\r\nx\r\n0\r\nA: b\r\nContent-Lengthy: c\r\n\r\n", "x"),
        ("1\r\nx\r\n0\r\na:\r\n\r\n", "x"),
    ] {
        let behind = format!("{raw}GET /");
        let answer = any_way(behind.as_bytes());
        assert_eq!(answer, Ok(Some((body.into(), raw.len()))), "{raw:?}");
        // And it is not whole before its last byte.
        for end in 0..raw.len() {
            assert_eq!(
                decode(&raw.as_bytes()[..end], 1_000),
                Ok(None),
                "{raw:?} {end}"
            );
        }
    }
}

#[test]
fn refusals() {
    let long = format!("1;{}\r\n", "a".repeat(40));
    let trailer = format!("0\r\na: {}", "b".repeat(64));
    for (raw, error) in [
        ("\r\n", Error::ChunkSize { at: 0 }),
        (" 5\r\n", Error::ChunkSize { at: 0 }),
        ("+5\r\n", Error::ChunkSize { at: 0 }),
        ("-1\r\n", Error::ChunkSize { at: 0 }),
        ("0x5\r\n", Error::ChunkSize { at: 1 }),
        ("5g\r\n", Error::ChunkSize { at: 1 }),
        ("5_0\r\n", Error::ChunkSize { at: 1 }),
        (";a\r\n", Error::ChunkSize { at: 0 }),
        ("00000000000000005\r\n", Error::ChunkSize { at: 16 }),
        ("10000000000000000\r\n", Error::ChunkSize { at: 16 }),
        ("FFFFFFFFFFFFFFFF\r", Error::BodyTooLarge { limit: 100 }),
        ("65\r", Error::BodyTooLarge { limit: 100 }),
        ("5\n", Error::ChunkSize { at: 1 }),
        ("5\rh", Error::LineEnd { at: 2 }),
        ("5 \r\n", Error::ChunkExtension { at: 2 }),
        ("5;\r\n", Error::ChunkExtension { at: 2 }),
        ("5;a=\r\n", Error::ChunkExtension { at: 4 }),
        ("5;a b\r\n", Error::ChunkExtension { at: 4 }),
        ("5;a=\"b\r\n", Error::ChunkExtension { at: 6 }),
        ("5;a=\"b\\\r\n", Error::ChunkExtension { at: 7 }),
        ("5;a=\"\0\"\r\n", Error::ChunkExtension { at: 5 }),
        ("5;a\n", Error::LineEnd { at: 3 }),
        ("1\r\nxy", Error::ChunkEnd { at: 4 }),
        ("1\r\nx\n", Error::ChunkEnd { at: 4 }),
        ("1\r\nx\ry", Error::ChunkEnd { at: 5 }),
        ("0\r\n\n", Error::LineEnd { at: 3 }),
        ("0\r\n\rx", Error::LineEnd { at: 4 }),
        ("0\r\n a", Error::FoldedLine { at: 3 }),
        ("0\r\na\r\n", Error::FieldName { at: 4 }),
        ("0\r\na : b", Error::FieldName { at: 4 }),
        ("0\r\n: b", Error::FieldName { at: 3 }),
        ("0\r\na: \0", Error::FieldValue { at: 6 }),
        ("0\r\na: b\n", Error::LineEnd { at: 7 }),
        ("0\r\nhost:", Error::Trailer { at: 7 }),
        ("0\r\nContent-Length:", Error::Trailer { at: 17 }),
        ("0\r\na: b\r\nTransfer-ENCODING:", Error::Trailer { at: 26 }),
        (
            "0\r\na:\r\nb:\r\nc:\r\nd",
            Error::TooManyHeaders { limit: 3 },
        ),
        (&long, Error::ExtensionsTooLong { limit: 40 }),
        (&trailer, Error::TrailersTooLarge { limit: 64 }),
    ] {
        assert_eq!(any_way(raw.as_bytes()), Err(error), "{raw:?}");
    }
}

#[test]
fn the_limit_is_allowed_and_one_more_is_not() {
    let data = "x".repeat(60);
    let whole = format!("3c\r\n{data}\r\n28\r\n{}\r\n0\r\n\r\n", &data[..40]);
    let answer =
        any_way(whole.as_bytes()).map(|body| body.map(|(body, _)| body.len()));
    assert_eq!(answer, Ok(Some(100)));
    let more = format!("3c\r\n{data}\r\n29\r");
    assert_eq!(
        any_way(more.as_bytes()),
        Err(Error::BodyTooLarge { limit: 100 })
    );
}

#[test]
fn a_refusal_stays() {
    let mut decoder = ChunkDecoder::new(LIMITS);
    let refused = decoder.decode(&mut b"x".to_owned()).unwrap_err();
    assert_eq!(decoder.decode(&mut b"0\r\n\r\n".to_owned()), Err(refused));
    assert_eq!(decoder.decode(&mut []), Err(refused));
}
