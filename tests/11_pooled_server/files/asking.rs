//! What a client may say about the file that it asks for: RFC 9110, sections 8.8, 13 and 14.

use super::*;
use std::time::SystemTime;
use threadbare::http::{Method, Router};

/// When `a.txt` of these tests was changed: the date of RFC 9110.
const CHANGED: u64 = 784_111_777;
const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
const BEFORE: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
const AFTER: &str = "Sun, 06 Nov 1994 08:49:38 GMT";

/// Puts cases to both servers, with the tag of `a.txt`.
fn each_tag(cases: impl Fn(&dyn Serve, &str) + Send + 'static) {
    each(move |server, dir| {
        set_changed(&dir.path("a.txt"), CHANGED);
        let answer = ask(server, "GET /a.txt", &[]);
        cases(server, answer.field("etag").unwrap());
    });
}

/// The status of a GET, and that a HEAD has the same and the same fields.
fn status(server: &dyn Serve, fields: &[(&str, &str)]) -> u16 {
    let got = ask(server, "GET /a.txt", fields);
    let head = ask(server, "HEAD /a.txt", fields);
    assert_eq!(head.status, got.status, "{fields:?}");
    let rest = |answer: &Answer| {
        let mut rest = answer.fields.clone();
        rest.retain(|(name, _)| name != "date");
        rest
    };
    assert_eq!(rest(&head), rest(&got), "{fields:?}");
    got.status
}

#[test]
fn a_file_says_what_it_is() {
    each(|server, dir| {
        set_changed(&dir.path("a.txt"), CHANGED);
        let answer = ask(server, "GET /a.txt", &[]);
        assert_eq!((answer.status, &answer.body[..]), (200, &b"0123456789"[..]));
        let field = |name| answer.field(name);
        assert_eq!(field("content-type"), Some("text/plain; charset=utf-8"));
        assert_eq!(field("content-length"), Some("10"));
        assert_eq!(field("last-modified"), Some(DATE));
        assert_eq!(field("accept-ranges"), Some("bytes"));
        let tag = field("etag").unwrap();
        assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() > 6);
        for (target, media_type) in [
            ("/", "text/html; charset=utf-8"),
            ("/sub/", "text/html; charset=utf-8"),
            ("/sub/b.css", "text/css; charset=utf-8"),
            ("/.well-known/a.json", "application/json"),
        ] {
            let answer = ask(server, &format!("GET {target}"), &[]);
            assert_eq!(answer.field("content-type"), Some(media_type), "{target}");
        }
        dir.put("README", "x");
        let answer = ask(server, "GET /README", &[]);
        let bytes = Some("application/octet-stream");
        assert_eq!(answer.field("content-type"), bytes);
        let empty = ask(server, "GET /empty.txt", &[]);
        assert_eq!(
            (empty.status, empty.field("content-length")),
            (200, Some("0"))
        );
    });
}

/// Another size, another time, or another file of the same: another tag.
#[test]
fn another_file_has_another_tag() {
    each(|server, dir| {
        let tag = || {
            let answer = ask(server, "GET /a.txt", &[]);
            answer.field("etag").unwrap().to_owned()
        };
        let path = dir.path("a.txt");
        let mut tags = vec![tag()];
        assert_eq!(tag(), tags[0]);
        set_changed(&path, CHANGED);
        tags.push(tag());
        set_changed(&path, CHANGED + 1);
        tags.push(tag());
        fs::write(&path, "01234567890").unwrap();
        set_changed(&path, CHANGED + 1);
        tags.push(tag());
        dir.put("new", "01234567890");
        set_changed(&dir.path("new"), CHANGED + 1);
        fs::rename(dir.path("new"), &path).unwrap();
        tags.push(tag());
        tags.sort();
        tags.dedup();
        assert_eq!(tags.len(), 5);
    });
}

#[test]
fn tags_decide_before_dates() {
    each_tag(|server, tag| {
        let (weak, list) = (format!("W/{tag}"), format!("\"x\", W/\"y\" ,{tag}"));
        let (weak, list) = (&*weak, &*list);
        let unquoted = tag.trim_matches('"');
        for (fields, expected) in [
            (&[("If-None-Match", tag)][..], 304),
            (&[("If-None-Match", weak)], 304),
            (&[("If-None-Match", list)], 304),
            (&[("If-None-Match", "\"x\""), ("If-None-Match", tag)], 304),
            (&[("If-None-Match", "*")], 304),
            (&[("If-None-Match", "\"x\"")], 200),
            (&[("If-None-Match", unquoted)], 200),
            (&[("If-None-Match", "")], 200),
            (
                &[("If-None-Match", "\"x\""), ("If-Modified-Since", DATE)],
                200,
            ),
            (
                &[("If-None-Match", tag), ("If-Modified-Since", BEFORE)],
                304,
            ),
            (&[("If-Modified-Since", BEFORE)], 200),
            (&[("If-Modified-Since", DATE)], 304),
            (&[("If-Modified-Since", AFTER)], 304),
            (
                &[("If-Modified-Since", "Sunday, 06-Nov-94 08:49:37 GMT")],
                304,
            ),
            (&[("If-Modified-Since", "Sun Nov  6 08:49:37 1994")], 304),
            (&[("If-Modified-Since", "Sun, 06 Nov 1994 08:49:37")], 200),
            (&[("If-Modified-Since", "yesterday")], 200),
            (&[("If-Match", tag)], 200),
            (&[("If-Match", list)], 200),
            (&[("If-Match", "*")], 200),
            (&[("If-Match", weak)], 412),
            (&[("If-Match", "\"x\"")], 412),
            (&[("If-Match", "\"x\""), ("If-None-Match", tag)], 412),
            (&[("If-Match", tag), ("If-None-Match", tag)], 304),
            (&[("If-Match", tag), ("If-Unmodified-Since", BEFORE)], 200),
            (&[("If-Unmodified-Since", BEFORE)], 412),
            (&[("If-Unmodified-Since", DATE)], 200),
            (&[("If-Unmodified-Since", "tomorrow")], 200),
        ] {
            assert_eq!(status(server, fields), expected, "{fields:?}");
        }
        let answer = ask(server, "GET /a.txt", &[("If-None-Match", tag)]);
        assert_eq!(answer.field("etag"), Some(tag));
        assert_eq!(answer.field("content-length"), None);
        // What is not there, is not, whatever the condition.
        for condition in ["If-Match", "If-None-Match"] {
            let answer = ask(server, "GET /none", &[(condition, "*")]);
            assert_eq!(answer.status, 404, "{condition}");
        }
    });
}

#[test]
fn one_range_is_a_part_and_several_are_everything() {
    each(|server, _| {
        for (range, status, body, content_range) in [
            ("bytes=0-4", 206, "01234", Some("bytes 0-4/10")),
            ("bytes=5-", 206, "56789", Some("bytes 5-9/10")),
            ("bytes=-3", 206, "789", Some("bytes 7-9/10")),
            ("bytes=-99", 206, "0123456789", Some("bytes 0-9/10")),
            ("bytes=9-9", 206, "9", Some("bytes 9-9/10")),
            (
                "bytes=3-99999999999999999999",
                206,
                "3456789",
                Some("bytes 3-9/10"),
            ),
            ("Bytes=0-0", 206, "0", Some("bytes 0-0/10")),
            (
                "bytes=10-",
                416,
                "Range Not Satisfiable",
                Some("bytes */10"),
            ),
            ("bytes=-0", 416, "Range Not Satisfiable", Some("bytes */10")),
            // 2 to the power of 64, and 4.
            (
                "bytes=18446744073709551620-",
                416,
                "Range Not Satisfiable",
                Some("bytes */10"),
            ),
            (
                "bytes=18446744073709551615-18446744073709551616",
                416,
                "Range Not Satisfiable",
                Some("bytes */10"),
            ),
            ("bytes=0-0,2-2", 200, "0123456789", None),
            ("bytes=4-3", 200, "0123456789", None),
            ("bytes=x-y", 200, "0123456789", None),
            ("bytes=-", 200, "0123456789", None),
            ("lines=0-4", 200, "0123456789", None),
            ("", 200, "0123456789", None),
        ] {
            let answer = ask(server, "GET /a.txt", &[("Range", range)]);
            assert_eq!(answer.status, status, "{range}");
            assert_eq!(String::from_utf8_lossy(&answer.body), body, "{range}");
            assert_eq!(answer.field("content-range"), content_range, "{range}");
            let is_file = status != 416;
            assert_eq!(answer.field("etag").is_some(), is_file, "{range}");
            // A range is for GET: RFC 9110, 14.2.
            let head = ask(server, "HEAD /a.txt", &[("Range", range)]);
            assert_eq!(head.status, 200, "{range}");
            assert_eq!(head.field("content-length"), Some("10"), "{range}");
        }
        let two = [("Range", "bytes=0-0"), ("Range", "bytes=1-1")];
        assert_eq!(ask(server, "GET /a.txt", &two).status, 200);
        let empty = |range| ask(server, "GET /empty.txt", &[("Range", range)]);
        let answer = empty("bytes=0-");
        assert_eq!(answer.status, 416);
        assert_eq!(answer.field("content-range"), Some("bytes */0"));
        assert_eq!(empty("bytes=-1").status, 200);
    });
}

#[test]
fn a_part_is_sent_if_the_rest_is_the_same() {
    each_tag(|server, tag| {
        let weak = format!("W/{tag}");
        let range = ("Range", "bytes=2-3");
        for (if_range, status) in [
            (tag, 206),
            (&*weak, 200),
            ("\"x\"", 200),
            (DATE, 206),
            ("Sunday, 06-Nov-94 08:49:37 GMT", 206),
            (BEFORE, 200),
            (AFTER, 200),
            ("*", 200),
            ("nonsense", 200),
        ] {
            let answer = ask(server, "GET /a.txt", &[range, ("If-Range", if_range)]);
            assert_eq!(answer.status, status, "{if_range}");
            let body: &[u8] = if status == 206 { b"23" } else { b"0123456789" };
            assert_eq!(answer.body, body, "{if_range}");
            // Who has a part knows what it is: RFC 9110, 15.3.7.
            let has = |name| answer.field(name).is_some();
            let is_all = status == 200;
            assert!(has("etag"), "{if_range}");
            assert_eq!(has("content-type"), is_all, "{if_range}");
            assert_eq!(has("last-modified"), is_all, "{if_range}");
            let alone = ask(server, "GET /a.txt", &[("If-Range", if_range)]);
            assert_eq!(alone.status, 200, "{if_range}");
        }
        // Part or not is asked last.
        let fields = [range, ("If-Range", tag), ("If-None-Match", tag)];
        assert_eq!(ask(server, "GET /a.txt", &fields).status, 304);
        // A part that there is not, of a file that is another one: all of it.
        let fields = [("Range", "bytes=99-"), ("If-Range", "\"x\"")];
        assert_eq!(ask(server, "GET /a.txt", &fields).status, 200);
        let fields = [("Range", "bytes=99-"), ("If-Range", tag)];
        assert_eq!(ask(server, "GET /a.txt", &fields).status, 416);
    });
}

/// What is said to have changed tomorrow has not: RFC 9110, 8.8.2.1.
#[test]
fn nothing_has_changed_in_the_future() {
    each(|server, dir| {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        set_changed(&dir.path("a.txt"), now.unwrap().as_secs() + 86_400);
        let answer = ask(server, "GET /a.txt", &[]);
        let says = |name| answer.field(name).unwrap().to_owned();
        // The same second, or the next if it was over in between.
        assert_eq!(says("last-modified")[..16], says("date")[..16]);
        let fields = [
            ("Range", "bytes=0-1"),
            ("If-Range", &*says("last-modified")),
        ];
        assert_eq!(ask(server, "GET /a.txt", &fields).status, 200);
        let fields = [("Range", "bytes=0-1"), ("If-Range", &*says("etag"))];
        assert_eq!(ask(server, "GET /a.txt", &fields).status, 206);
    });
}

#[test]
fn a_directory_is_its_index_behind_a_slash() {
    each(|server, dir| {
        let answer = ask(server, "GET /sub", &[]);
        assert_eq!(answer.status, 308);
        assert_eq!(answer.field("location"), Some("/sub/"));
        let answer = ask(server, "GET /%73ub?a=b&c=//d", &[]);
        assert_eq!(answer.field("location"), Some("/%73ub/?a=b&c=//d"));
        assert_eq!(ask(server, "GET /sub/", &[]).body, b"<p>sub");
        assert_eq!(ask(server, "GET /?x", &[]).body, b"<p>index");
        fs::create_dir(dir.path("bare")).unwrap();
        let answer = ask(server, "GET /bare/", &[]);
        assert_eq!((answer.status, &answer.body[..]), (404, &b"Not Found"[..]));
    });
    each_with(
        |dir| dir.files().index("b.css"),
        |server, _| {
            assert_eq!(ask(server, "GET /sub/", &[]).body, b"b {}");
            assert_eq!(ask(server, "GET /", &[]).status, 404);
        },
    );
}

#[test]
fn a_page_says_that_nothing_is_there() {
    each_with(
        |dir| {
            dir.put("404.html", "<p>nothing");
            dir.files().not_found("404.html")
        },
        |server, dir| {
            for target in ["/none", "/.hidden", "/sub//", "/none/"] {
                let line = format!("GET {target}");
                let fields = [("If-None-Match", "*"), ("Range", "bytes=0-1")];
                let answer = ask(server, &line, &fields);
                assert_eq!(answer.status, 404, "{target}");
                assert_eq!(answer.body, b"<p>nothing");
                let html = Some("text/html; charset=utf-8");
                assert_eq!(answer.field("content-type"), html);
                assert_eq!(answer.field("etag"), None);
                let head = ask(server, &format!("HEAD {target}"), &[]);
                assert_eq!(head.field("content-length"), Some("10"));
            }
            assert_eq!(ask(server, "GET /404.html", &[]).status, 200);
            assert_eq!(ask(server, "GET /..", &[]).status, 400);
            fs::remove_file(dir.path("404.html")).unwrap();
            assert_eq!(ask(server, "GET /none", &[]).body, b"Not Found");
        },
    );
}

#[test]
fn other_methods_are_not_for_files() {
    each(|server, dir| {
        for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"] {
            let answer = ask(server, &format!("{method} /a.txt"), &[]);
            assert_eq!(answer.status, 405, "{method}");
            assert_eq!(answer.field("allow"), Some("GET, HEAD"), "{method}");
        }
        assert_eq!(fs::read(dir.path("a.txt")).unwrap(), b"0123456789");
    });
}

/// Below a route, what its `*path` matches is the path; a parameter's decoded value is not
/// decoded again.
#[test]
fn below_a_route_the_rest_is_the_path() {
    within(LIMIT, || {
        let dir = Dir::new();
        let mut router = Router::new();
        router.route(Method::Get, "/files/*path", dir.files());
        router.get("/", |_, response| response.text("home"));
        let server = POOLED(Config::default(), Arc::new(router));
        for (target, status) in [
            ("/", 200),
            ("/files/a.txt", 200),
            ("/files/", 200),
            ("/files/sub/", 200),
            ("/files/../secret", 400),
            ("/files/%2e%2e/secret", 400),
            ("/files/%252e%252e/secret", 404),
            ("/files//a.txt", 404),
            ("/files//evil.example/..", 404),
            ("/a.txt", 404),
        ] {
            let answer = ask(&*server, &format!("GET {target}"), &[]);
            assert_eq!(answer.status, status, "{target}");
        }
        let answer = ask(&*server, "GET /files/sub", &[]);
        assert_eq!(answer.field("location"), Some("/files/sub/"));
        let answer = ask(&*server, "POST /files/a.txt", &[]);
        assert_eq!(answer.status, 405);
        let mut router = Router::new();
        router.route(Method::Get, "/*path", dir.files());
        let server = POOLED(Config::default(), Arc::new(router));
        for (target, status) in [
            ("/", 200),
            ("/a.txt", 200),
            ("/sub", 308),
            ("//sub", 404),
            ("//a.txt", 404),
            ("//evil.example/..", 404),
        ] {
            let answer = ask(&*server, &format!("GET {target}"), &[]);
            assert_eq!(answer.status, status, "{target}");
        }
    });
}
