use super::*;
use crate::http::{Limits, Parser, Status};

/// A file of three bytes, changed on Sun, 06 Nov 1994 08:49:37 GMT, seen a day later.
const MODIFIED: i64 = 784_111_777;
const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
const BEFORE: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
const AFTER: &str = "Sun, 06 Nov 1994 08:49:38 GMT";

fn file() -> Validators {
    Validators::new([3, 10, 255], MODIFIED, MODIFIED + 86_400)
}

fn check(fields: &[(&str, &str)]) -> Verdict {
    let mut head = "GET / HTTP/1.1\r\nHost: a\r\n".to_owned();
    for (name, value) in fields {
        head += &format!("{name}: {value}\r\n");
    }
    head += "\r\n";
    let mut parser = Parser::new(Limits::default());
    let Ok(Status::Complete(request)) = parser.parse(head.as_bytes()) else {
        panic!("{head}");
    };
    file().check(&request.headers())
}

#[test]
fn a_tag_is_three_numbers() {
    assert_eq!(file().tag(), "\"3-a-ff\"");
    let longest = Validators::new([u64::MAX; 3], 0, 0);
    assert_eq!(longest.tag().len(), TAG_MAX);
    assert_eq!(&file().last_modified(), DATE.as_bytes());
    let tomorrow = Validators::new([0; 3], MODIFIED + 1, MODIFIED);
    assert_eq!(&tomorrow.last_modified(), DATE.as_bytes());
    let long_ago = Validators::new([0; 3], -1, MODIFIED);
    assert_eq!(&long_ago.last_modified(), b"Thu, 01 Jan 1970 00:00:00 GMT");
}

#[test]
fn lists_of_tags_are_read() {
    for (value, has_it) in [
        ("\"3-a-ff\"", true),
        ("W/\"3-a-ff\"", true),
        ("\"x\", \"3-a-ff\"", true),
        ("\"3-a-ff\",\"x\"", true),
        ("\"a,b\" , W/\"3-a-ff\" ,", true),
        (",, \"3-a-ff\"", true),
        ("*", true),
        ("", false),
        (",", false),
        ("\"\"", false),
        ("3-a-ff", false),
        ("\"3-a-ff", false),
        ("\"3-a-f\"", false),
        ("\"3-A-FF\"", false),
        ("w/\"3-a-ff\"", false),
        ("W/ \"3-a-ff\"", false),
        ("\"x\" \"3-a-ff\"", false),
        ("\"3-a-ff\" x", false),
        ("\"3-a-ff\", *", false),
        ("*, \"3-a-ff\"", false),
        ("\"a b\", \"3-a-ff\"", false),
        ("\"x\\\", \"3-a-ff\"", true),
    ] {
        let expected = match has_it {
            true => Verdict::NotModified,
            false => Verdict::Goes,
        };
        assert_eq!(check(&[("If-None-Match", value)]), expected, "{value}");
    }
    let two = [("If-None-Match", "\"x\""), ("if-none-match", "\"3-a-ff\"")];
    assert_eq!(check(&two), Verdict::NotModified);
}

#[test]
fn if_match_wants_a_strong_tag() {
    for (value, verdict) in [
        ("\"3-a-ff\"", Verdict::Goes),
        ("\"x\", \"3-a-ff\"", Verdict::Goes),
        ("*", Verdict::Goes),
        ("W/\"3-a-ff\"", Verdict::Failed),
        ("\"x\"", Verdict::Failed),
        ("", Verdict::Failed),
        ("nonsense", Verdict::Failed),
    ] {
        assert_eq!(check(&[("If-Match", value)]), verdict, "{value}");
    }
}

#[test]
fn dates_are_compared_by_the_second() {
    for (value, since, unmodified) in [
        (BEFORE, Verdict::Goes, Verdict::Failed),
        (DATE, Verdict::NotModified, Verdict::Goes),
        (AFTER, Verdict::NotModified, Verdict::Goes),
        (
            "Sunday, 06-Nov-94 08:49:37 GMT",
            Verdict::NotModified,
            Verdict::Goes,
        ),
        (
            "Sun Nov  6 08:49:37 1994",
            Verdict::NotModified,
            Verdict::Goes,
        ),
        ("yesterday", Verdict::Goes, Verdict::Goes),
    ] {
        assert_eq!(check(&[("If-Modified-Since", value)]), since, "{value}");
        let verdict = check(&[("If-Unmodified-Since", value)]);
        assert_eq!(verdict, unmodified, "{value}");
    }
    // Of two nobody knows which is meant.
    let two = [("If-Modified-Since", DATE), ("If-Modified-Since", DATE)];
    assert_eq!(check(&two), Verdict::Goes);
}

#[test]
fn the_first_of_two_conditions_counts() {
    use Verdict::{Failed, Goes, NotModified};
    for (fields, verdict) in [
        (
            [("If-None-Match", "\"x\""), ("If-Modified-Since", DATE)],
            Goes,
        ),
        (
            [
                ("If-None-Match", "\"3-a-ff\""),
                ("If-Modified-Since", BEFORE),
            ],
            NotModified,
        ),
        (
            [("If-Match", "\"3-a-ff\""), ("If-Unmodified-Since", BEFORE)],
            Goes,
        ),
        (
            [("If-Match", "\"x\""), ("If-Unmodified-Since", DATE)],
            Failed,
        ),
        (
            [("If-Match", "\"x\""), ("If-None-Match", "\"3-a-ff\"")],
            Failed,
        ),
        ([("If-Match", "*"), ("If-None-Match", "*")], NotModified),
        (
            [("If-Unmodified-Since", DATE), ("If-Modified-Since", DATE)],
            NotModified,
        ),
    ] {
        assert_eq!(check(&fields), verdict, "{fields:?}");
    }
}

#[test]
fn a_part_goes_with_the_part_before() {
    let file = file();
    for (value, allows) in [
        ("\"3-a-ff\"", true),
        ("\"x\"", false),
        ("W/\"3-a-ff\"", false),
        ("\"3-a-ff\", \"3-a-ff\"", false),
        ("*", false),
        (DATE, true),
        ("Sunday, 06-Nov-94 08:49:37 GMT", true),
        (BEFORE, false),
        (AFTER, false),
        ("", false),
    ] {
        assert_eq!(file.allows_part(value.as_bytes()), allows, "{value}");
    }
    // In the second of the change the date is not enough, and the tag is.
    let fresh = Validators::new([3, 10, 255], MODIFIED, MODIFIED);
    assert!(!fresh.allows_part(DATE.as_bytes()));
    assert!(fresh.allows_part(b"\"3-a-ff\""));
}
