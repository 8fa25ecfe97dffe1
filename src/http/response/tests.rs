use super::stream::Pull;
use super::*;
use crate::http::{Framing, Version, reason};
use std::sync::Arc;

const DATE: &[u8] = b"Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
const FACTS: Facts<'_> = Facts {
    version: Version::Http11,
    head: false,
    keep_alive: true,
    date: DATE,
};

/// What goes out, streams and large bodies included, with `Date` taken out; and whether the
/// connection goes on.
fn sent(facts: Facts<'_>, handler: impl Fn(&mut Response<'_>)) -> (String, bool) {
    let mut scratch = Scratch::new();
    let mut out = Vec::new();
    // Twice with one scratch: nothing of the first answer is in the second.
    scratch.response().status(500).header("X-Old", 1).close();
    handler(&mut scratch.response());
    let encoded = encode(&mut scratch, &facts, &mut out);
    match encoded.tail {
        Tail::None => {}
        Tail::Vec(bytes) => out.extend(bytes),
        Tail::Static(bytes) => out.extend(bytes),
        Tail::File(mut part) => while part.fill(&mut out).unwrap() {},
        Tail::Stream(mut pull) => while pull.fill(&mut out).unwrap() {},
        Tail::Channel(receiver) => _ = receiver.fill(&mut out),
    }
    let text = String::from_utf8(out).unwrap();
    let date = str::from_utf8(DATE).unwrap();
    assert_eq!(text.matches(date).count(), 1);
    (text.replace(date, ""), encoded.keep_alive)
}

#[test]
fn an_answer_is_framed_by_its_length() {
    assert_eq!(
        sent(FACTS, |response| response.text("Hello, World!")),
        (
            "HTTP/1.1 200 OK\r\n\
             Content-Type: text/plain; charset=utf-8\r\n\
             Content-Length: 13\r\n\r\n\
             Hello, World!"
                .into(),
            true
        )
    );
    let nothing = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(sent(FACTS, |_| {}), (nothing.into(), true));
}

#[test]
fn connection_is_said_where_it_is_needed() {
    let says = |version, keep_alive, close: bool| {
        let facts = Facts {
            version,
            keep_alive,
            ..FACTS
        };
        let (text, goes_on) = sent(facts, |response| {
            if close {
                response.close();
            }
        });
        let line = text.lines().find(|line| line.starts_with("Connection"));
        (line.unwrap_or("").to_owned(), goes_on)
    };
    let (old, new) = (Version::Http10, Version::Http11);
    let closes = || ("Connection: close".to_owned(), false);
    assert_eq!(says(new, true, false), (String::new(), true));
    assert_eq!(
        says(old, true, false),
        ("Connection: keep-alive".into(), true)
    );
    for (version, keep_alive, close) in [
        (new, true, true),
        (new, false, false),
        (new, false, true),
        (old, true, true),
        (old, false, false),
    ] {
        assert_eq!(says(version, keep_alive, close), closes());
    }
}

#[test]
fn the_head_of_get_is_the_answer_to_head() {
    let bodies: [fn(&mut Response<'_>); 4] = [
        |response| response.text("text"),
        |response| response.body(vec![b'x'; 100_000]),
        |response| response.static_bytes(b"bytes"),
        |response| response.stream(["a", "b"].into_iter()),
    ];
    for body in bodies {
        let (get, _) = sent(FACTS, body);
        let (head, goes_on) = sent(
            Facts {
                head: true,
                ..FACTS
            },
            body,
        );
        let (expected, _) = get.split_once("\r\n\r\n").unwrap();
        assert_eq!((head, goes_on), (format!("{expected}\r\n\r\n"), true));
    }
}

#[test]
fn some_answers_have_no_body_whatever_was_said() {
    for status in [204, 304] {
        let (text, goes_on) = sent(FACTS, |response| {
            response.status(status).text("nobody reads this");
        });
        let line = format!("HTTP/1.1 {status} {}\r\n\r\n", reason(status));
        assert_eq!((text, goes_on), (line, true));
    }
    let (text, goes_on) = sent(FACTS, |response| {
        response.status(205).text("nobody reads this");
    });
    let empty = "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n";
    assert_eq!((&*text, goes_on), (empty, true));
}

/// It may own a file or a lock, and when the next answer is nobody knows.
#[test]
fn a_body_that_is_not_sent_is_dropped_at_once() {
    for (status, head) in [(200, true), (204, false), (205, false)] {
        let ours = Arc::new("part");
        let theirs = Arc::clone(&ours);
        let mut scratch = Scratch::new();
        let parts = std::iter::repeat_with(move || *theirs);
        scratch.response().status(status).stream(parts);
        assert_eq!(Arc::strong_count(&ours), 2);
        let facts = Facts { head, ..FACTS };
        let _ = encode(&mut scratch, &facts, &mut Vec::new());
        assert_eq!(Arc::strong_count(&ours), 1, "{status}");
    }
}

#[test]
fn a_stream_goes_out_in_chunks_or_until_the_end() {
    let parts = |response: &mut Response<'_>| {
        response.stream(["Hello, ", "", "World!"].into_iter());
    };
    let (new, goes_on) = sent(FACTS, parts);
    assert!(new.ends_with("chunked\r\n\r\nd\r\nHello, World!\r\n0\r\n\r\n"));
    assert!(goes_on);
    let (old, goes_on) = sent(
        Facts {
            version: Version::Http10,
            ..FACTS
        },
        parts,
    );
    assert!(
        old.ends_with("\r\nConnection: close\r\n\r\nHello, World!"),
        "{old}"
    );
    assert!(!goes_on);
}

#[test]
fn a_large_stream_comes_in_parts() {
    let bytes: Vec<u8> = (0..100_000_u32).map(|n| (n % 251) as u8).collect();
    let mut scratch = Scratch::new();
    scratch
        .response()
        .reader(std::io::Cursor::new(bytes.clone()));
    let mut out = Vec::new();
    let Tail::Stream(mut pull) = encode(&mut scratch, &FACTS, &mut out).tail else {
        panic!("a stream is a tail");
    };
    let (mut fills, mut read) = (0, Vec::new());
    loop {
        out.clear();
        let more = pull.fill(&mut out).unwrap();
        fills += 1;
        assert!(out.len() < 40_000, "one part at a time");
        let mut rest = &out[..];
        while !rest.is_empty() {
            let line = rest.iter().position(|&byte| byte == b'\r').unwrap();
            let digits = str::from_utf8(&rest[..line]).unwrap();
            let size = usize::from_str_radix(digits, 16).unwrap();
            assert!(digits == "0" || !digits.starts_with('0'), "{digits}");
            read.extend_from_slice(&rest[line + 2..][..size]);
            assert_eq!(&rest[line + 2 + size..][..2], b"\r\n");
            rest = &rest[line + 4 + size..];
        }
        if !more {
            break;
        }
    }
    assert!(fills > 5);
    assert_eq!(read, bytes);
}

#[test]
fn a_stream_that_fails_leaves_no_end() {
    struct Fails;
    impl Stream for Fails {
        fn pull(&mut self, into: &mut Vec<u8>) -> std::io::Result<()> {
            into.extend_from_slice(b"half of");
            Err(std::io::Error::other("no"))
        }
    }
    let mut out = b"before".to_vec();
    Pull::new(Owned::new(Fails), Framing::Chunked)
        .fill(&mut out)
        .unwrap_err();
    assert_eq!(out, b"before");
}

#[test]
fn large_bodies_are_not_copied() {
    static LARGE: [u8; 100_000] = [b'x'; 100_000];
    let mut scratch = Scratch::new();
    let mut out = Vec::new();
    let body = LARGE.to_vec();
    let place = body.as_ptr();
    scratch.response().body(body);
    let Tail::Vec(body) = encode(&mut scratch, &FACTS, &mut out).tail else {
        panic!("moved");
    };
    assert_eq!(body.as_ptr(), place);
    scratch.response().static_bytes(&LARGE);
    let encoded = encode(&mut scratch, &FACTS, &mut out);
    assert!(
        matches!(encoded.tail, Tail::Static(bytes) if bytes.as_ptr() == LARGE.as_ptr())
    );
    // What has been written serves for the next large text.
    scratch.recycle(body);
    scratch.response().bytes(&LARGE);
    let Tail::Vec(again) = encode(&mut scratch, &FACTS, &mut out).tail else {
        panic!("too large to be copied twice");
    };
    assert_eq!(again.as_ptr(), place);
    assert!(out.len() < 1000);
}

#[test]
fn fields_cannot_forge_an_answer() {
    let mut scratch = Scratch::new();
    let mut response = scratch.response();
    for value in ["a\r\nb", "a\nb", "a\rb", "a\0b", "\x7f", "\x1b[0m"] {
        let added = response.try_header("X-A", value).err();
        assert_eq!(added, Some(BadField::Value), "{value:?}");
    }
    for name in ["", "a b", "a:", "a\r\n", "\u{e4}", "(a)"] {
        assert_eq!(response.try_header(name, 1).err(), Some(BadField::Name));
    }
    for name in ["content-length", "TRANSFER-ENCODING", "Connection", "date"] {
        assert_eq!(response.try_header(name, 1).err(), Some(BadField::Ours));
    }
    assert!(scratch.fields.is_empty());
    let (text, _) = sent(FACTS, |response| {
        response.redirect(303, "/a b\r\nX-Forged: 1\u{e4}");
    });
    assert!(
        text.contains("\r\nLocation: /a%20b%0D%0AX-Forged:%201%C3%A4\r\n"),
        "{text}"
    );
    assert!(!text.contains("Content-Type"));
}

#[test]
#[should_panic = "no CR, no LF"]
fn a_line_end_in_a_value_is_a_panic() {
    Scratch::new().response().header("X-A", "a\r\nb");
}

#[test]
fn lines_are_added_replaced_and_removed() {
    let (text, _) = sent(FACTS, |response| {
        response
            .header("Set-Cookie", "a=1")
            .header("content-type", "text/csv")
            .header("Set-Cookie", "b=2")
            .header("X-Gone", "1")
            .header("Set", "kept")
            .content_type("image/png")
            .remove_header("x-gone")
            .cookie(&Cookie::new("c", "3").path("/"))
            .bytes(b"");
    });
    let fields: Vec<&str> = text
        .lines()
        .skip(2)
        .take_while(|line| !line.is_empty())
        .collect();
    assert_eq!(
        fields,
        [
            "Set-Cookie: a=1",
            "Set-Cookie: b=2",
            "Set: kept",
            "Content-Type: image/png",
            "Set-Cookie: c=3; Path=/"
        ]
    );
}

#[test]
fn the_last_body_counts() {
    let body = |handler: fn(&mut Response<'_>)| {
        let (text, _) = sent(FACTS, handler);
        text.split_once("\r\n\r\n").unwrap().1.to_owned()
    };
    assert_eq!(
        body(|response| {
            response.body("a");
            response.text("b")
        }),
        "b"
    );
    assert_eq!(
        body(|response| {
            response.text("a");
            response.static_bytes(b"b")
        }),
        "b"
    );
    assert_eq!(
        body(|response| {
            response.text("a");
            response.append("b");
        }),
        "ab"
    );
    assert_eq!(
        body(|response| {
            response.body("a");
            response.append("b");
        }),
        "ab"
    );
    assert_eq!(
        body(|response| {
            response.static_bytes(b"a");
            response.append('b');
        }),
        "ab"
    );
}

#[test]
fn a_refusal_of_the_server_says_why_and_closes() {
    let mut scratch = Scratch::new();
    let mut out = Vec::new();
    scratch
        .response()
        .status(201)
        .header("X-A", 1)
        .text("half an answer");
    scratch.refuse(431);
    let encoded = encode(&mut scratch, &FACTS, &mut out);
    let text = String::from_utf8(out).unwrap();
    assert!(!encoded.keep_alive);
    assert!(text.starts_with("HTTP/1.1 431 Request Header Fields Too Large\r\n"));
    assert!(text.ends_with("\r\n\r\nRequest Header Fields Too Large"));
    assert!(text.contains("Connection: close\r\n") && !text.contains("X-A"));
}

#[test]
fn a_stream_of_known_length_is_that_long_or_cut_off() {
    let parts = || std::iter::repeat_n("12345", 20_000);
    for version in [Version::Http10, Version::Http11] {
        let (text, goes_on) = sent(Facts { version, ..FACTS }, |response| {
            response.stream_exact(100_000, parts());
        });
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains("\r\nContent-Length: 100000"), "{head}");
        assert!(!head.contains("chunked"));
        assert_eq!((body.len(), goes_on), (100_000, true));
    }
    for length in [0, 99_999, 100_001] {
        let stream = Owned::new(parts());
        let mut pull = Pull::new(stream, Framing::Length(length));
        let (mut out, mut read) = (Vec::new(), 0);
        // Far more often than there are parts: a stream that never ends fails, too.
        let error = (0..100).find_map(|_| {
            out.clear();
            match pull.fill(&mut out) {
                Ok(true) => read += out.len() as u64,
                Ok(false) => panic!("{length} is not its length"),
                Err(error) => return Some(error),
            }
            None
        });
        let error = error.expect("it is cut off");
        assert!(read < length || read == 0, "{error}");
        assert!(out.is_empty(), "not more than was promised");
    }
}
