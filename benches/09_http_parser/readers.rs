//! The requests that are read, and who reads them: all assert the same before they are timed.

use std::hint::black_box;
use std::mem::MaybeUninit;

use threadbare::http::{Limits, Parser, Status, v0_split, v1_bytes};

/// What a program sends that says no more than it must.
pub(crate) const SHORT: &str = "GET / HTTP/1.1\r\nHost: example.com\r\n\r\n";

/// The request of picohttpparser's bench (`bench.c`), which everyone measures who writes a
/// parser: what a browser sent in 2010. 703 bytes.
pub(crate) const COMMON: &str = "\
    GET /wp-content/uploads/2010/03/hello-kitty-darth-vader-pink.jpg HTTP/1.1\r\n\
    Host: www.kittyhell.com\r\n\
    User-Agent: Mozilla/5.0 (Macintosh; U; Intel Mac OS X 10.6; ja-JP-mac; \
    rv:1.9.2.3) Gecko/20100401 Firefox/3.6.3 Pathtraq/0.9\r\n\
    Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n\
    Accept-Language: ja,en-us;q=0.7,en;q=0.3\r\n\
    Accept-Encoding: gzip,deflate\r\n\
    Accept-Charset: Shift_JIS,utf-8;q=0.7,*;q=0.7\r\n\
    Keep-Alive: 115\r\n\
    Connection: keep-alive\r\n\
    Cookie: wp_ozh_wsa_visits=2; wp_ozh_wsa_visit_lasttime=xxxxxxxxxx; \
    __utma=xxxxxxxxx.xxxxxxxxxx.xxxxxxxxxx.xxxxxxxxxx.xxxxxxxxxx.x; \
    __utmz=xxxxxxxxx.xxxxxxxxxx.x.x.utmccn=(referral)|utmcsr=reader.livedoor.com|\
    utmcct=/reader/|utmcmd=referral\r\n\
    \r\n";

/// What reaches a server today behind a proxy, for somebody who is signed in: many fields,
/// a long token, a long cookie. About 4 KB.
pub(crate) fn long() -> String {
    let mut text = String::from(
        "GET /account/orders/2026/11?page=3&sort=date&order=descending HTTP/1.1\r\n\
         Host: shop.example.com\r\n\
         X-Forwarded-For: 203.0.113.195, 2001:db8:85a3:8d3:1319:8a2e:370:7348\r\n\
         X-Forwarded-Proto: https\r\n\
         X-Request-Id: 7b1c9f0e-52a4-4a8e-9a0e-c3f1d5a7e211\r\n\
         Sec-Fetch-Dest: document\r\n\
         Sec-Fetch-Mode: navigate\r\n\
         Sec-Fetch-Site: same-origin\r\n\
         Accept-Encoding: gzip, deflate, br, zstd\r\n",
    );
    text += &format!(
        "Authorization: Bearer {}\r\n",
        "eyJhbGciOiJSUzI1NiJ9".repeat(70)
    );
    text += &format!("Cookie: session={}", "0123456789abcdef".repeat(8));
    for number in 0..40 {
        text +=
            &format!("; preference_{number:02}=a-value-of-some-length-{number:04}");
    }
    text + "\r\n\r\n"
}

/// What was found: how long the head is, and how many fields it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    len: usize,
    fields: usize,
}

/// Reads the beginnings of a request that end at `ends`, one after the other, until the head
/// is whole: what a server does as the bytes arrive.
pub(crate) trait Reader: 'static {
    /// The row.
    const NAME: &'static str;

    fn new() -> Self;
    fn read(&mut self, input: &str, ends: &[usize]) -> Option<Found>;
}

/// Cannot tell a part from the whole, so it looks for the empty line first, each time in all
/// that is there.
pub(crate) struct Naive;

impl Reader for Naive {
    const NAME: &'static str = "naive";

    fn new() -> Self {
        Self
    }

    #[inline]
    fn read(&mut self, input: &str, ends: &[usize]) -> Option<Found> {
        let whole = |input: &&str| input.contains("\r\n\r\n");
        let mut parts = ends.iter().map(|end| black_box(&input[..*end]));
        let request = v0_split::parse(parts.find(whole)?)?;
        Some(Found {
            len: request.len,
            fields: black_box(&request).headers.len(),
        })
    }
}

pub(crate) struct V1(v1_bytes::Parser);

impl Reader for V1 {
    const NAME: &'static str = "v1_bytes";

    fn new() -> Self {
        Self(v1_bytes::Parser::new(Limits::default()))
    }

    #[inline]
    fn read(&mut self, input: &str, ends: &[usize]) -> Option<Found> {
        self.0.reset();
        for end in ends {
            let part = black_box(&input.as_bytes()[..*end]);
            let status = self.0.parse(part).expect("it is right");
            if let Status::Complete(request) = status {
                black_box(&request);
                return Some(Found {
                    len: request.head_len(),
                    fields: request.headers().len(),
                });
            }
        }
        None
    }
}

/// The parser of the chapter.
pub(crate) struct V2(Parser);

impl Reader for V2 {
    const NAME: &'static str = "parser";

    fn new() -> Self {
        Self(Parser::new(Limits::default()))
    }

    #[inline]
    fn read(&mut self, input: &str, ends: &[usize]) -> Option<Found> {
        self.0.reset();
        for end in ends {
            let part = black_box(&input.as_bytes()[..*end]);
            let status = self.0.parse(part).expect("it is right");
            if let Status::Complete(request) = status {
                black_box(&request);
                return Some(Found {
                    len: request.head_len(),
                    fields: request.headers().len(),
                });
            }
        }
        None
    }
}

/// As hyper calls it: room for 100 fields, not initialised. It begins again with each part.
pub(crate) struct Httparse;

impl Reader for Httparse {
    const NAME: &'static str = "httparse";

    fn new() -> Self {
        Self
    }

    #[inline]
    fn read(&mut self, input: &str, ends: &[usize]) -> Option<Found> {
        for end in ends {
            let part = black_box(&input.as_bytes()[..*end]);
            let mut room = [const { MaybeUninit::uninit() }; 100];
            let mut request = httparse::Request::new(&mut []);
            let status = request.parse_with_uninit_headers(part, &mut room);
            if let httparse::Status::Complete(len) = status.expect("it is right") {
                let fields = black_box(&request).headers.len();
                return Some(Found { len, fields });
            }
        }
        None
    }
}

/// What all of them must find.
pub(crate) fn expected(input: &str) -> Found {
    Found {
        len: input.len(),
        fields: input.matches("\r\n").count() - 2,
    }
}
