use super::{Parser, Status};
use crate::http::{Error, Framing, Limits, Method, Request, Version, v1_bytes};

mod rules;

/// What a request says, without borrowing it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Said {
    method: Method,
    target: String,
    version: Version,
    fields: Vec<(String, Vec<u8>)>,
    framing: Framing,
    keep_alive: bool,
    expects_continue: bool,
    head_len: usize,
}

impl From<Request<'_>> for Said {
    fn from(request: Request<'_>) -> Self {
        let owned = |(name, value): (&str, &[u8])| (name.into(), value.into());
        Self {
            method: request.method(),
            target: request.target().into(),
            version: request.version(),
            fields: request.headers().iter().map(owned).collect(),
            framing: request.framing(),
            keep_alive: request.keep_alive(),
            expects_continue: request.expects_continue(),
            head_len: request.head_len(),
        }
    }
}

/// `None` while something is missing.
type Answer = Result<Option<Said>, Error>;

/// The two versions, behind one face.
trait Parse {
    fn fresh(limits: Limits) -> Self;
    fn feed(&mut self, input: &[u8]) -> Answer;
    fn forget(&mut self);
}

macro_rules! parse {
    ($parser:ty) => {
        impl Parse for $parser {
            fn fresh(limits: Limits) -> Self {
                Self::new(limits)
            }
            fn feed(&mut self, input: &[u8]) -> Answer {
                Ok(match self.parse(input)? {
                    Status::Partial => None,
                    Status::Complete(request) => Some(request.into()),
                })
            }
            fn forget(&mut self) {
                self.reset();
            }
        }
    };
}
parse!(Parser);
parse!(v1_bytes::Parser);

/// What a parser says of each beginning of the input, from the empty one to the whole.
fn answers<P: Parse>(input: &[u8], limits: Limits) -> Vec<Answer> {
    let whole = |end| P::fresh(limits).feed(&input[..end]);
    let each: Vec<_> = (0..=input.len()).map(whole).collect();

    // The same if it comes a byte at a time, and to a parser that has been used before.
    let mut parser = P::fresh(limits);
    for before in [
        "PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\nExpect: 100-continue\r\n\r\n",
        "PUT /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
        "PUT /x HTTP/1.0\r\nHost: a\r\nConnection: keep-alive, close\r\n\r\n",
        "PUT /x HTTP/1.1\r\nHost: a\r\nHost: b\r\n",
        "\r\nPUT /x HTTP/1.1\r\nHost: a\r\nConn",
    ] {
        let _ = parser.feed(before.as_bytes());
        parser.forget();
    }
    for (end, whole) in each.iter().enumerate() {
        assert_eq!(&parser.feed(&input[..end]), whole, "to {end}, byte by byte");
    }
    // What is decided stays decided.
    let mut decided = None;
    for answer in &each {
        if let Some(decided) = decided {
            assert_eq!(answer, decided);
        } else if *answer != Ok(None) {
            decided = Some(answer);
        }
    }
    each
}

/// The answer that both versions agree on, for each beginning of the input.
fn both(input: &[u8], limits: Limits) -> Answer {
    let mut one = answers::<v1_bytes::Parser>(input, limits);
    let two = answers::<Parser>(input, limits);
    for (end, (one, two)) in one.iter().zip(&two).enumerate() {
        let text = String::from_utf8_lossy(&input[..end]);
        assert_eq!(two, one, "v2 and v1 disagree about {text:?}");
    }
    one.pop().unwrap()
}

fn of(input: &str) -> Answer {
    both(input.as_bytes(), Limits::default())
}

fn whole(input: &str) -> Said {
    match of(input) {
        Ok(Some(said)) => said,
        other => panic!("{input:?}: {other:?}"),
    }
}

#[test]
fn a_request() {
    let said = whole(
        "POST /a/b?c=%20 HTTP/1.1\r\nHost: a:80\r\nX-Empty:\r\nx-blanks: \t b c\t \r\n\
         Content-Length: 12\r\n\r\nbody and the next",
    );
    let field = |name: &str, value: &str| (name.into(), value.into());
    let want = Said {
        method: Method::Post,
        target: "/a/b?c=%20".into(),
        version: Version::Http11,
        fields: vec![
            field("Host", "a:80"),
            field("X-Empty", ""),
            field("x-blanks", "b c"),
            field("Content-Length", "12"),
        ],
        framing: Framing::Length(12),
        keep_alive: true,
        expects_continue: false,
        head_len: 89,
    };
    assert_eq!(said, want);
}

#[test]
fn any_single_byte_anywhere() {
    // Each byte of a request replaced by each byte, and by two: what the versions say of it
    // is the same, whatever it is.
    let good = b"\r\nPUT /a HTTP/1.0\r\nHost: b\r\nAb:\tc\r\nConnection: keep-alive\r\n\r\n";
    for place in 0..good.len() {
        for byte in 0..=255 {
            let mut input = good.to_vec();
            input[place] = byte;
            let one = v1_bytes::Parser::fresh(Limits::default()).feed(&input);
            let two = Parser::fresh(Limits::default()).feed(&input);
            assert_eq!(two, one, "{byte:#x} at {place}");
            if byte % 16 == 10 {
                assert_eq!(both(&input, Limits::default()), one);
            }
        }
    }
}

#[test]
fn limits_hold_to_the_byte() {
    let head = "GET /abc HTTP/1.1\r\nHost: a\r\nB: c\r\n\r\n";
    let exact = Limits {
        request_line: 19,
        head: 36,
        headers: 2,
        ..Limits::default()
    };
    assert_eq!(head.len(), 36);
    assert!(matches!(both(head.as_bytes(), exact), Ok(Some(_))));

    for (limits, error) in [
        (
            Limits {
                request_line: 18,
                ..exact
            },
            Error::RequestLineTooLong { limit: 18 },
        ),
        (
            Limits { head: 35, ..exact },
            Error::HeadTooLarge { limit: 35 },
        ),
        (
            Limits {
                headers: 1,
                ..exact
            },
            Error::TooManyHeaders { limit: 1 },
        ),
        // A request line that does not fit into the head is a long request line.
        (
            Limits { head: 10, ..exact },
            Error::RequestLineTooLong { limit: 10 },
        ),
        (
            Limits { head: 19, ..exact },
            Error::HeadTooLarge { limit: 19 },
        ),
    ] {
        assert_eq!(both(head.as_bytes(), limits), Err(error), "{limits:?}");
    }
    // And not a byte later than necessary.
    for end in 0..19 {
        let limits = Limits {
            request_line: 18,
            ..exact
        };
        let refused = both(&head.as_bytes()[..end], limits).is_err();
        assert_eq!(refused, end >= 18, "{end}");
    }
    // An error before the limit comes first.
    let answer = both(
        b"GET /\0 HTTP/1.1",
        Limits {
            request_line: 9,
            ..exact
        },
    );
    assert_eq!(answer, Err(Error::Target { at: 5 }));
}

#[test]
fn long_parts_are_not_looked_at_twice() {
    // Would take 2^34 steps if each call began again.
    let mut input = b"GET /".to_vec();
    input.resize(100_000, b'x');
    input.extend(b" HTTP/1.1\r\nHost: a\r\n");
    input.resize(200_000, b'n');
    input.extend(b": \t");
    input.resize(300_000, b'v');
    input.extend(b"\r\n\r\n");
    let limits = Limits {
        request_line: 1 << 20,
        head: 1 << 20,
        ..Limits::default()
    };
    let mut parser = Parser::new(limits);
    for end in 0..input.len() {
        assert!(matches!(parser.parse(&input[..end]), Ok(Status::Partial)));
    }
    let Ok(Status::Complete(request)) = parser.parse(&input) else {
        panic!("it is whole");
    };
    assert_eq!(request.target().len(), 99_996);
    let (name, value) = request.headers().iter().last().unwrap();
    assert_eq!((name.len(), value.len()), (99_980, 99_997));
}
