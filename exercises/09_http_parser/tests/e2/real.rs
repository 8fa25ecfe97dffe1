//! Graders of 09.2: names, lists and lengths, those of attackers among them.

use super::on_real::answer::{BadLength, Field, Headers};

grading::graders![
    a_name_in_any_case,
    names_that_only_look_alike,
    names_that_are_no_text,
    the_first_of_several,
    a_value_of_any_bytes,
    it_outlives_the_table,
    tokens,
    no_tokens,
    lists_in_several_fields,
    lengths,
    no_lengths,
    two_lengths,
];

/// A table of fields as they were written.
fn table<'a>(lines: &[(&'a str, &'a [u8])]) -> Vec<Field<'a>> {
    let field = |&(name, value): &(&'a str, &'a [u8])| Field {
        name: name.as_bytes(),
        value,
    };
    lines.iter().map(field).collect()
}

/// As they would stand in a head.
fn shown(lines: &[(&str, &[u8])]) -> String {
    let line = |(name, value): &(&str, &[u8])| {
        let name = name.escape_debug();
        format!("{name}: \"{}\"", value.escape_ascii())
    };
    match lines {
        [] => "no fields".to_owned(),
        lines => lines.iter().map(line).collect::<Vec<_>>().join(", "),
    }
}

fn value(found: Option<&[u8]>) -> String {
    match found {
        Some(value) => format!("Some(\"{}\")", value.escape_ascii()),
        None => "None".to_owned(),
    }
}

#[track_caller]
fn get(lines: &[(&str, &[u8])], name: &str, must: Option<&[u8]>) {
    let fields = table(lines);
    let what = format!("{}: get({name:?})", shown(lines));
    grading::step(format!("in {what}"));
    let got = Headers { fields: &fields }.get(name);
    assert!(
        got == must,
        "{what} is {}, and it has to be {}",
        value(got),
        value(must)
    );
    if let Some(got) = got {
        let theirs = lines.iter().find(|line| line.1.as_ptr() == got.as_ptr());
        assert!(
            theirs.is_some() || got.is_empty(),
            "{what} is a copy: it has to be the bytes of the request"
        );
    }
}

fn a_name_in_any_case() {
    let lines: [(&str, &[u8]); 3] = [
        ("Host", b"a.example"),
        ("ACCEPT", b"*/*"),
        ("x-Trace_1", b"7"),
    ];
    for name in ["Host", "host", "HOST", "hOsT"] {
        get(&lines, name, Some(b"a.example"));
    }
    get(&lines, "accept", Some(b"*/*"));
    get(&lines, "X-TRACE_1", Some(b"7"));
    get(&lines, "Cookie", None);
    get(&[], "host", None);
    for upper in 'A'..='Z' {
        let name = format!("x{}", upper.to_ascii_lowercase());
        get(&[(&format!("X{upper}"), b"1")], &name, Some(b"1"));
    }
}

/// Bytes that differ in the bit in which letters differ, and names that begin alike.
fn names_that_only_look_alike() {
    for (there, asked) in [
        ("x^y", "x~y"),
        ("x~y", "x^y"),
        ("x-y", "x\ry"),
        ("x`y", "x@y"),
        ("x|y", "x\\y"),
        ("x!", "x\u{1}"),
        ("x0", "x\u{10}"),
        ("Host", "Hos"),
        ("Host", "Hosts"),
        ("Hos", "Host"),
        ("Hosts", "Host"),
        ("", "Host"),
        ("Host", ""),
        ("Host", " Host"),
        ("Host", "Host:"),
        ("X-Host", "Host"),
        ("\u{212a}eep", "keep"),
        ("keep", "\u{212a}eep"),
        ("\u{c4}", "\u{e4}"),
        ("accept", "aceept"),
    ] {
        get(&[(there, b"5")], asked, None);
    }
    for there in 0..128_u8 {
        for asked in 0..128_u8 {
            if !there.eq_ignore_ascii_case(&asked) {
                let (there, asked) = (char::from(there), char::from(asked));
                get(&[(&format!("a{there}"), b"5")], &format!("a{asked}"), None);
            }
        }
    }
}

fn names_that_are_no_text() {
    let fields = [&b"caf\xe9"[..], b"host"].map(|name| Field { name, value: b"5" });
    grading::step("in get(\"host\"), behind a field whose name is \"caf\\xe9\"");
    let got = Headers { fields: &fields }.get("host");
    assert!(
        got == Some(b"5"),
        "behind a field whose name is \"caf\\xe9\", get(\"host\") is {}",
        value(got)
    );
}

fn the_first_of_several() {
    let lines: [(&str, &[u8]); 4] =
        [("A", b"1"), ("Accept", b"2"), ("ACCEPT", b"3"), ("a", b"")];
    get(&lines, "accept", Some(b"2"));
    get(&lines, "a", Some(b"1"));
    get(&[("A", b""), ("A", b"1")], "a", Some(b""));
}

fn a_value_of_any_bytes() {
    for bytes in [&b""[..], b"\xff\xfe", b"caf\xe9", b"a: b", b"\t", b"HoSt"] {
        get(&[("X", bytes), ("Y", b"1")], "x", Some(bytes));
    }
}

fn it_outlives_the_table() {
    let bytes = b"a.example".to_vec();
    let got = {
        let fields = table(&[("Host", &bytes)]);
        Headers { fields: &fields }.get("host")
    };
    assert!(
        got == Some(&bytes[..]),
        "the table of fields is gone, and what get() has returned is {}",
        value(got)
    );
}

#[track_caller]
fn token(lines: &[(&str, &[u8])], name: &str, token: &str, must: bool) {
    let fields = table(lines);
    let what = format!("{}: has_token({name:?}, {token:?})", shown(lines));
    grading::step(format!("in {what}"));
    let got = Headers { fields: &fields }.has_token(name, token);
    let why = match must {
        true => "one element of the list is that token",
        false => "no element of the list is that token",
    };
    assert!(got == must, "{what} is {got}, and {why}");
}

fn tokens() {
    for list in [
        &b"close"[..],
        b"CLOSE",
        b"Close",
        b"close,",
        b",close",
        b"keep-alive, close",
        b"keep-alive,close",
        b"close, keep-alive",
        b"a,\tclose\t,b",
        b"a ,  close  , b",
        b", ,close, ,",
        b"\xff, close",
        b"closed, close",
        b"not close, close",
    ] {
        token(&[("Connection", list)], "connection", "close", true);
        token(&[("connection", list)], "Connection", "CLOSE", true);
    }
}

fn no_tokens() {
    for list in [
        &b""[..],
        b"closed",
        b"not-close",
        b"clos",
        b"close-",
        b"close;q=1",
        b"close keep-alive",
        b"keep-alive close",
        b"close\xff",
        b"clo se",
        b"clo,se",
        b"\"close\"",
        b"close=1",
        b"close\x0b",
        b"close\x0c",
        b"\rclose",
        b"close \n",
        b"cl\xc5\xbfe",
        b"c\x4c\x4f\x13e",
    ] {
        token(&[("Connection", list)], "connection", "close", false);
    }
    token(&[("Upgrade", b"close")], "connection", "close", false);
    token(&[("close", b"x")], "connection", "close", false);
    token(&[("Connection-X", b"close")], "connection", "close", false);
    token(&[], "connection", "close", false);
}

fn lists_in_several_fields() {
    let lines: [(&str, &[u8]); 4] = [
        ("Connection", b"Upgrade, x-a"),
        ("Other", b"x-b"),
        ("connection", b""),
        ("CONNECTION", b"x-c, close"),
    ];
    for (name, must) in [
        ("upgrade", true),
        ("x-a", true),
        ("x-b", false),
        ("x-c", true),
        ("close", true),
        ("x-ax-c", false),
        ("x-a,", false),
        ("x-", false),
    ] {
        token(&lines, "connection", name, must);
    }
}

#[track_caller]
fn length(lines: &[(&str, &[u8])], must: Result<Option<u64>, BadLength>, why: &str) {
    let fields = table(lines);
    let what = format!("{}: length()", shown(lines));
    grading::step(format!("in {what}"));
    let got = Headers { fields: &fields }.length();
    assert!(
        got == must,
        "{what} is {got:?}, and {why}: it has to be {must:?}"
    );
}

fn lengths() {
    let why = "that is a good length";
    for number in [0, 5, 10, 1_234_567_890, u64::MAX - 1, u64::MAX] {
        let text = number.to_string();
        for name in ["Content-Length", "content-length", "CONTENT-LENGTH"] {
            let lines: [(&str, &[u8]); 3] =
                [("Host", b"x"), (name, text.as_bytes()), ("X", b"9")];
            length(&lines, Ok(Some(number)), why);
        }
    }
    length(&[("Content-Length", b"0005")], Ok(Some(5)), why);
    let zeros = format!("{}5", "0".repeat(30));
    length(&[("Content-Length", zeros.as_bytes())], Ok(Some(5)), why);
    let why = "nothing says how long the body is";
    length(&[], Ok(None), why);
    length(&[("Content-Lengths", b"5")], Ok(None), why);
    length(
        &[("X-Content-Length", b"x"), ("Length", b"x")],
        Ok(None),
        why,
    );
}

fn no_lengths() {
    for text in [
        &b""[..],
        b"+5",
        b"-5",
        b"-0",
        b"+0",
        b"5 ",
        b" 5",
        b"1 2",
        b"5,5",
        b"5, 5",
        b"5;",
        b"0x5",
        b"5a",
        b"a",
        b"5.0",
        b"1e3",
        b"1_000",
        b"\"5\"",
        b"\xd9\xa5",
        b"5\xff",
        b"5\0",
        b"+",
        b"-",
        b",",
        b"/",
        b":",
        b"5:",
    ] {
        length(
            &[("Content-Length", text)],
            Err(BadLength),
            "a length has digits only",
        );
    }
    for text in [
        "18446744073709551616",
        "18446744073709551620",
        "18446744073709551621",
        "28446744073709551615",
        "36893488147419103237",
        "99999999999999999999999999",
        "184467440737095516150",
    ] {
        length(
            &[("Content-Length", text.as_bytes())],
            Err(BadLength),
            "that does not fit into an u64",
        );
    }
}

fn two_lengths() {
    let why = "there are two of them, and somebody else takes the other one";
    let pairs: [[&[u8]; 2]; 7] = [
        [b"5", b"6"],
        [b"5", b"5"],
        [b"5", b"05"],
        [b"5", b""],
        [b"", b"5"],
        [b"5", b"x"],
        [b"x", b"5"],
    ];
    for [one, two] in pairs {
        let names = ["Content-Length", "content-length"];
        length(&[(names[0], one), (names[1], two)], Err(BadLength), why);
        length(
            &[(names[1], one), ("Host", b"x"), (names[0], two), ("A", b"")],
            Err(BadLength),
            why,
        );
    }
}
