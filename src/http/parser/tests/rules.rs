//! A table for each rule. What stands in them is a head without `\r\n` at its line ends, for
//! these are put in; what is about line ends has them written out.

use super::{Answer, of, whole};
use crate::http::{Error, Framing, Method, Version};

/// A request line and nothing wrong behind it.
fn line(line: &str) -> Answer {
    of(&format!("{line}\r\nHost: a\r\n\r\n"))
}

/// These fields in an HTTP/1.1 request with a host.
fn fields(fields: &str) -> Answer {
    of(&format!("GET / HTTP/1.1\r\nHost: a\r\n{fields}\r\n\r\n"))
}

fn refused(answer: Answer) -> u16 {
    match answer {
        Err(error) => error.status(),
        Ok(Some(_)) => 200,
        Ok(None) => 100,
    }
}

#[test]
fn request_lines() {
    for (text, status) in [
        ("GET / HTTP/1.1", 200),
        ("GET /?# HTTP/1.1", 400),
        ("GET /a?b=c&d[]=e|f\"{} HTTP/1.1", 200),
        ("PATCH / HTTP/1.1", 200),
        // One space, and nothing else, between the parts.
        ("GET  / HTTP/1.1", 400),
        ("GET /  HTTP/1.1", 400),
        ("GET / HTTP/1.1 ", 400),
        ("GET\t/ HTTP/1.1", 400),
        ("GET /\tHTTP/1.1", 400),
        (" GET / HTTP/1.1", 400),
        ("GET / a HTTP/1.1", 400),
        ("GET /\x0bHTTP/1.1", 400),
        // Methods.
        ("get / HTTP/1.1", 501),
        ("GETS / HTTP/1.1", 501),
        ("GE / HTTP/1.1", 501),
        ("PRI * HTTP/2.0", 501),
        ("!#$%&'*+-.^_`|~09 / HTTP/1.1", 501),
        ("G@T / HTTP/1.1", 400),
        ("G\u{e9}T / HTTP/1.1", 400),
        ("\x16\x03\x01", 400),
        // Targets.
        ("GET /a\u{e9} HTTP/1.1", 400),
        ("GET /a\x7f HTTP/1.1", 400),
        ("GET http://a/ HTTP/1.1", 400),
        ("GET a:80 HTTP/1.1", 400),
        ("GET * HTTP/1.1", 400),
        ("GET ?a HTTP/1.1", 400),
        ("OPTIONS * HTTP/1.1", 501),
        ("OPTIONS *a HTTP/1.1", 400),
        ("OPTIONS /a HTTP/1.1", 200),
        ("CONNECT a:80 HTTP/1.1", 501),
        ("CONNECT [::1]:80 HTTP/1.1", 501),
        ("CONNECT a HTTP/1.1", 400),
        ("CONNECT :80 HTTP/1.1", 400),
        ("CONNECT a: HTTP/1.1", 400),
        ("CONNECT a:b HTTP/1.1", 400),
        ("CONNECT / HTTP/1.1", 400),
        // Versions.
        ("GET / HTTP/1.0", 200),
        ("GET / HTTP/1.2", 200),
        ("GET / HTTP/1.9", 200),
        ("GET / HTTP/2.0", 505),
        ("GET / HTTP/0.9", 505),
        ("GET / HTTP/3.0", 505),
        ("GET / http/1.1", 400),
        ("GET / HTTP/1.10", 400),
        ("GET / HTTP/11.1", 400),
        ("GET / HTTP/1,1", 400),
        ("GET / HTTP/1.", 400),
        ("GET / HTTP/1.x", 400),
        ("GET / HTTPS/1.1", 400),
        ("GET / XTTP/1.1", 400),
        ("GET / ", 400),
        ("GET /", 400),
        ("GET", 400),
        ("", 400),
    ] {
        assert_eq!(refused(line(text)), status, "{text:?}");
    }
    assert_eq!(
        line("HEAD / HTTP/1.0").unwrap().unwrap().version,
        Version::Http10
    );
    assert_eq!(
        line("HEAD / HTTP/1.7").unwrap().unwrap().version,
        Version::Http11
    );
    for method in [
        Method::Get,
        Method::Head,
        Method::Post,
        Method::Put,
        Method::Delete,
    ]
    .into_iter()
    .chain([Method::Options, Method::Trace, Method::Patch])
    {
        let said = whole(&format!("{method} / HTTP/1.1\r\nHost: a\r\n\r\n"));
        assert_eq!(said.method, method);
    }
}

#[test]
fn line_ends() {
    let at = |at| Err(Error::LineEnd { at });
    for (text, answer) in [
        ("GET / HTTP/1.1\nHost: a\n\n", at(14)),
        ("GET / HTTP/1.1\rHost: a\r\r", at(15)),
        ("GET / HTTP/1.1\r\r\n", at(15)),
        ("GET / HTTP/1.1\r\nHost: a\n\r\n", at(23)),
        ("GET / HTTP/1.1\r\nHost: a\rb: c\r\n\r\n", at(24)),
        ("GET / HTTP/1.1\r\nHost: a\r\n\n", at(25)),
        ("GET / HTTP/1.1\r\nHost: a\r\n\ra", at(26)),
        ("GET /\r\nHost: a", at(5)),
        ("GET / HTTP\n", at(10)),
        ("\n\nGET / HTTP/1.1", at(0)),
        ("\r\rGET / HTTP/1.1", at(1)),
        ("\r\n\r\nGET / HTTP/1.1", at(2)),
        ("\r\n\nGET / HTTP/1.1", at(2)),
    ] {
        assert_eq!(of(text), answer, "{text:?}");
    }
    let said = whole("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!((said.head_len, said.target.as_str()), (29, "/"));
}

#[test]
fn field_lines() {
    for (text, status) in [
        ("a: b", 200),
        ("a:b", 200),
        ("a:", 200),
        ("a: \t ", 200),
        ("a: b\tc", 200),
        ("a: \u{e9}", 200),
        ("!#$%&'*+-.^_`|~09Az: b", 200),
        ("a-name-longer-than-sixteen-bytes_and_of_two_kinds: b", 200),
        ("a : b", 400),
        ("a\t: b", 400),
        (": b", 400),
        ("a", 400),
        ("a b: c", 400),
        ("a(b): c", 400),
        ("a/b: c", 400),
        ("a\0: b", 400),
        ("\u{e9}: b", 400),
        ("\"a\": b", 400),
        ("a: b\0", 400),
        ("a: b\x01c", 400),
        ("a: \x0b", 400),
        ("a: \x1b[0m", 400),
        ("a: \x7f", 400),
        ("a: b\r\n c", 400),
        ("a: b\r\n\tc: d", 400),
        (" a: b", 400),
    ] {
        assert_eq!(refused(fields(text)), status, "{text:?}");
    }
    for (before, behind) in
        [("", ""), (" ", ""), ("", " "), (" ", "\t"), ("\t ", "  ")]
    {
        for word in ["b", "bc", "bcd", "b c", "b \t c", ""] {
            let said = fields(&format!("a:{before}{word}{behind}"));
            let fields = said.unwrap().unwrap().fields;
            assert_eq!(fields[1].1, word.as_bytes(), "{before:?} {behind:?}");
        }
    }
    let folded = of("GET / HTTP/1.1\r\n Host: a\r\n");
    assert_eq!(folded, Err(Error::FoldedLine { at: 16 }));
}

#[test]
fn hosts() {
    let host = |value: &str| of(&format!("GET / HTTP/1.1\r\nHost: {value}\r\n\r\n"));
    for (text, status) in [
        ("a", 200),
        ("", 400),
        (":80", 400),
        ("www.example.com:8080", 200),
        ("127.0.0.1:8080", 200),
        ("a_b~c!d", 200),
        ("a%20b", 200),
        ("a:", 200),
        ("[::1]", 200),
        ("[::ffff:1.2.3.4]:80", 200),
        ("[v1.a:b]", 200),
        ("a b", 400),
        ("a,b", 200),
        ("a/b", 400),
        ("a@b", 400),
        ("a?b", 400),
        ("a#b", 400),
        ("http://a", 400),
        ("a:80:80", 400),
        ("a:8x", 400),
        ("a:+80", 400),
        ("a%2", 400),
        ("a%zz", 400),
        ("[::1", 400),
        ("[]", 400),
        ("[a]", 400),
        ("[::1]a", 400),
        ("[::1]a:80", 400),
        ("[v.a]", 400),
        ("[v1.]", 400),
        ("::1", 400),
        ("a[::1]", 400),
        ("\u{e9}", 400),
    ] {
        assert_eq!(refused(host(text)), status, "{text:?}");
    }
    assert_eq!(
        of("GET / HTTP/1.1\r\nA: b\r\n\r\n"),
        Err(Error::HostMissing)
    );
    assert_eq!(refused(of("GET / HTTP/1.0\r\nA: b\r\n\r\n")), 200);
    let twice = Err(Error::HostRepeated { at: 31 });
    assert_eq!(fields("hOST: a"), twice);
    let twice = of("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n");
    assert_eq!(twice, Err(Error::HostRepeated { at: 31 }));
}

#[test]
fn where_the_body_ends() {
    let length = |value: &str| fields(&format!("Content-Length: {value}"));
    for (text, status) in [
        ("0", 200),
        ("1048576", 200),
        ("007", 200),
        ("1048577", 413),
        ("18446744073709551615", 413),
        ("18446744073709551616", 400),
        ("99999999999999999999999", 400),
        ("", 400),
        ("+5", 400),
        ("-5", 400),
        ("5 5", 400),
        ("5, 5", 400),
        ("5,", 400),
        ("0x5", 400),
        ("5.0", 400),
        ("5;a", 400),
        ("\"5\"", 400),
        ("\u{665}", 400),
    ] {
        assert_eq!(refused(length(text)), status, "{text:?}");
    }
    assert_eq!(length("42").unwrap().unwrap().framing, Framing::Length(42));
    assert_eq!(fields("a: b").unwrap().unwrap().framing, Framing::None);
    let chunked = fields("transfer-ENCODING: Chunked").unwrap().unwrap();
    assert_eq!(chunked.framing, Framing::Chunked);

    for (text, status) in [
        ("Content-Length: 5\r\nContent-Length: 5", 400),
        ("Content-Length: 5\r\nContent-length: 6", 400),
        ("Content-Length: 5\r\nTransfer-Encoding: chunked", 400),
        ("Transfer-Encoding: chunked\r\nContent-Length: 5", 400),
        (
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
            400,
        ),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip", 400),
        ("Transfer-Encoding: chunked, chunked", 400),
        ("Transfer-Encoding: gzip, chunked", 501),
        ("Transfer-Encoding: gzip", 400),
        ("Transfer-Encoding:", 400),
        // Other names, which mean nothing here.
        ("Content_Length: 5\r\nTransfer_Encoding: chunked", 200),
        ("X-Content-Length: a\r\nContent-Lengths: b", 200),
    ] {
        assert_eq!(refused(fields(text)), status, "{text:?}");
    }
    let old = of("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n");
    assert_eq!(refused(old), 400);
    let old = of("POST / HTTP/1.0\r\nTransfer-Encoding: gzip\r\n\r\n");
    assert_eq!(refused(old), 400);
}

#[test]
fn what_the_connection_is_for() {
    for (version, value, keeps) in [
        ("1.1", "", true),
        ("1.1", "Connection: close", false),
        ("1.1", "Connection: CLOSE", false),
        ("1.1", "Connection: keep-alive", true),
        ("1.1", "Connection: keep-alive, close", false),
        ("1.1", "Connection: a,Close\t,b", false),
        ("1.1", "Connection: closed", true),
        ("1.1", "Connection: keep-alive\r\nConnection: close", false),
        ("1.1", "Connection: close\r\nConnection: keep-alive", false),
        ("1.0", "", false),
        ("1.0", "Connection: keep-alive", true),
        ("1.0", "connection: a, Keep-Alive", true),
        ("1.0", "Connection: close, keep-alive", false),
    ] {
        let end = if value.is_empty() { "" } else { "\r\n" };
        let said = whole(&format!(
            "GET / HTTP/{version}\r\nHost: a\r\n{value}{end}\r\n"
        ));
        assert_eq!(said.keep_alive, keeps, "{version} {value:?}");
    }
}

#[test]
fn expectations() {
    let said = fields("Expect: 100-Continue").unwrap().unwrap();
    assert!(said.expects_continue);
    assert!(!fields("a: b").unwrap().unwrap().expects_continue);
    for value in ["", "200-ok", "100-continue, a", "100"] {
        assert_eq!(
            refused(fields(&format!("Expect: {value}"))),
            417,
            "{value:?}"
        );
    }
    let old = whole("GET / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n");
    assert!(!old.expects_continue);
    whole("GET / HTTP/1.0\r\nExpect: anything\r\n\r\n");
}
