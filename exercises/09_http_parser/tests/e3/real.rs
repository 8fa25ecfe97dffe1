//! Graders of 09.3: heads that are good, and heads in which somebody hides a request.

use super::on_real::answer::{Body, Refused, body};

grading::graders![
    good_heads,
    two_lengths,
    lengths_that_are_none,
    a_length_and_chunks,
    other_codings,
    line_ends,
    names,
    folded_lines,
    control_characters,
    a_thousand_heads_with_a_fault,
];

/// Whether a good head would say so; by somebody who trusts nobody.
fn truth(minor: u8, fields: &[u8]) -> Result<Body, Refused> {
    let text: String = fields.iter().map(|byte| char::from(*byte)).collect();
    let is_bad = |c: char| (c < ' ' || c == '\u{7f}') && c != '\t';
    let (mut lengths, mut codings) = (Vec::new(), Vec::new());
    let lines = text.strip_suffix("\r\n").ok_or(Refused)?;
    for line in lines.split_terminator("\r\n") {
        let (name, value) = line.split_once(':').ok_or(Refused)?;
        let value = value.trim_matches([' ', '\t']);
        let is_odd =
            |c: char| !c.is_ascii_alphanumeric() && !"!#$%&'*+-.^_`|~".contains(c);
        if line.contains(is_bad) || name.is_empty() || name.contains(is_odd) {
            return Err(Refused);
        }
        match name.to_ascii_lowercase().as_str() {
            "content-length" => lengths.push(value),
            "transfer-encoding" => codings.push(value),
            _ => {}
        }
    }
    match (lengths.as_slice(), codings.as_slice()) {
        ([], []) => Ok(Body::None),
        ([length], []) if !length.contains(|c: char| !c.is_ascii_digit()) => {
            length.parse().map(Body::Length).map_err(|_| Refused)
        }
        ([], [coding]) if minor > 0 && coding.eq_ignore_ascii_case("chunked") => {
            Ok(Body::Chunked)
        }
        _ => Err(Refused),
    }
}

#[track_caller]
fn check(minor: u8, fields: &[u8], why: &str) {
    let what = format!("HTTP/1.{minor}, \"{}\": body()", fields.escape_ascii());
    grading::step(format!("in {what}"));
    let got = body(minor, fields);
    match truth(minor, fields) {
        must if got == must => {}
        Err(Refused) => panic!("{what} is {got:?}. {why}: refuse it"),
        must => {
            panic!(
                "{what} is {got:?}, and this is a good head: it has to be {must:?}"
            )
        }
    }
}

/// Each alone, and between other fields.
#[track_caller]
fn refused(lines: &str, why: &str) {
    for head in [
        format!("{lines}\r\n"),
        format!("Host: x\r\n{lines}\r\n"),
        format!("{lines}Accept: */*\r\n\r\n"),
        format!("Host: x\r\n{lines}X-Length: 7\r\n\r\n"),
    ] {
        assert!(
            truth(1, head.as_bytes()).is_err(),
            "the course's own mistake: \"{}\" is a good head",
            head.escape_default()
        );
        check(1, head.as_bytes(), why);
    }
}

fn good_heads() {
    for head in [
        &b"\r\n"[..],
        b"Host: x\r\n\r\n",
        b"Host: x\r\nAccept: */*\r\nAccept: text/html\r\n\r\n",
        b"Content-Length: 0\r\n\r\n",
        b"Content-Length: 5\r\n\r\n",
        b"content-length:5\r\n\r\n",
        b"CONTENT-LENGTH:\t 5 \t\r\n\r\n",
        b"Content-Length: 0042\r\nHost: x\r\n\r\n",
        b"Content-Length: 0000000000000000000000000000042\r\n\r\n",
        b"Content-Length: 18446744073709551615\r\n\r\n",
        b"Host: x\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"transfer-encoding:chunked\r\n\r\n",
        b"Transfer-Encoding: \tChunked \r\n\r\n",
        b"Transfer-Encoding: CHUNKED\r\n\r\n",
        b"X-Content-Length: 7\r\nContent-Length-X: x\r\nContent_Length: -1\r\n\r\n",
        b"X-Transfer-Encoding: x\r\nTransfer_Encoding: chunked\r\n\r\n",
        b"Content-Length: 5\r\nTransfer-Encodings: chunked\r\nTE: chunked\r\n\r\n",
        b"Transfer-Encoding: chunked\r\nX: Content-Length: 5\r\n\r\n",
        b"X-Empty:\r\nX-Blank: \r\nContent-Length: 1\r\n\r\n",
        b"X: a:b : c\r\nX:: \r\nContent-Length: 2\r\n\r\n",
        b"X: caf\xe9 \xff\x80\r\nContent-Length: 3\r\n\r\n",
        b"X: a\tb\t\r\nContent-Length: 4\r\n\r\n",
        b"!#$%&'*+-.^_`|~09azAZ: 1\r\nContent-Length: 5\r\n\r\n",
        b"X: \"(){}[]<>@,;:\\/?=\r\nContent-Length: 6\r\n\r\n",
    ] {
        assert!(
            truth(1, head).is_ok(),
            "the course's own mistake: \"{}\" is no good head",
            head.escape_ascii()
        );
        check(1, head, "");
        check(
            0,
            head,
            "HTTP/1.0 knows no chunks, and not everybody ignores them",
        );
    }
}

fn two_lengths() {
    let why = "There are two lengths, and the proxy may have taken the other one";
    for [one, two] in [["5", "6"], ["5", "5"], ["5", "05"], ["0", "44"]] {
        for name in ["Content-Length", "content-length", "CONTENT-LENGTH"] {
            refused(&format!("Content-Length: {one}\r\n{name}: {two}\r\n"), why);
            let between = "A: 1\r\nB: 2\r\n";
            refused(
                &format!("{name}: {one}\r\n{between}Content-Length: {two}\r\n"),
                why,
            );
        }
    }
    for (one, two) in [("x", "5"), ("5", "x"), ("", "5"), ("5", "")] {
        refused(
            &format!("Content-Length: {one}\r\nContent-Length: {two}\r\n"),
            "One of the two is no length, and somebody takes the other one",
        );
    }
}

fn lengths_that_are_none() {
    for length in [
        "",
        " ",
        "+5",
        "-5",
        "-0",
        "+0",
        "5,5",
        "5, 5",
        "5,",
        ",5",
        "5 5",
        "0x5",
        "5a",
        "a5",
        "5.0",
        "5e1",
        "1_0",
        "\"5\"",
        "\u{665}",
        "5;",
        "5\u{a0}",
        "\u{a0}5",
        "\u{2003}5",
        "5:",
        "18446744073709551616",
        "18446744073709551621",
        "99999999999999999999999",
    ] {
        refused(
            &format!("Content-Length: {length}\r\n"),
            "A length has digits only, and fits into an u64; what this is, each says in its \
             own way",
        );
    }
}

fn a_length_and_chunks() {
    let why = "The proxy may go by the length where you go by the chunks, or the other way";
    for length in ["5", "0", "6"] {
        let (length, coding) = (
            format!("Content-Length: {length}\r\n"),
            "Transfer-Encoding: chunked\r\n",
        );
        refused(&format!("{length}{coding}"), why);
        refused(&format!("{coding}{length}"), why);
        refused(&format!("{coding}A: 1\r\n{length}"), why);
    }
}

fn other_codings() {
    for coding in [
        "",
        "identity",
        "gzip",
        "gzip, chunked",
        "chunked, gzip",
        "chunked, chunked",
        "chunked, identity",
        "identity, chunked",
        "xchunked",
        "chunkedx",
        "x-chunked",
        "chunked;q=1",
        "\"chunked\"",
        "chun ked",
        "chunked,",
        ",chunked",
        "chunked chunked",
        "chunke",
        "hunked",
        "chunked\u{a0}",
        "\u{a0}chunked",
        "\u{2003}chunked",
        "'chunked'",
        "chunked;",
        "chun\u{212a}ed",
        "Chunked, ",
    ] {
        refused(
            &format!("Transfer-Encoding: {coding}\r\n"),
            "It is not just `chunked`, and whether it ends in chunks each says in its own way",
        );
    }
    for (one, two) in [
        ("chunked", "chunked"),
        ("chunked", "identity"),
        ("", "chunked"),
    ] {
        refused(
            &format!("Transfer-Encoding: {one}\r\ntransfer-encoding: {two}\r\n"),
            "There are two codings, and the proxy may have taken the other one",
        );
    }
}

fn line_ends() {
    let why =
        "There is a CR or LF by itself, and only some take it for the end of a line";
    for lines in [
        "A: 1\nContent-Length: 5\r\n",
        "Content-Length: 5\nA: 1\r\n",
        "A: 1\rContent-Length: 5\r\n",
        "Content-Length: 5\rA: 1\r\n",
        "A: 1\n\nGET /admin HTTP/1.1\r\n",
        "A: 1\r\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\r\n",
        "Content-Length: \n5\r\n",
        "Content-Length: \r5\r\n",
        "Transfer-Encoding:\nchunked\r\n",
        "Transfer-Encoding: chunked\r\r\n",
        "\nContent-Length: 5\r\n",
        "\rContent-Length: 5\r\n",
        "A: 1\r\n\n",
        "A: 1\n\r\n",
        "Content\nLength: 5\r\n",
        "\n",
    ] {
        refused(lines, why);
    }
}

fn names() {
    for name in [
        "Content-Length ",
        "Content-Length\t",
        "Transfer-Encoding ",
        "Transfer-Encoding\t",
        "Transfer Encoding",
        "Content Length",
        "Content-Length\u{a0}",
        "Host ",
        "A B",
        "A\"",
        "A/",
        "(A)",
        "[Content-Length]",
        "Content-Length,",
        "{",
        "A;",
        "A=",
        "@",
        "\\",
        "<",
        "?",
        "\u{e9}",
        "",
    ] {
        for value in ["chunked", "5", "x"] {
            refused(
                &format!("{name}: {value}\r\n"),
                "That is no name, and somebody takes it for the name that it resembles",
            );
        }
    }
    let why = "A line has no colon, and somebody takes it for a field, or for the next request";
    for line in [
        "Content-Length 5",
        "A",
        "GET /admin HTTP/1.1",
        "chunked",
        "A=1;",
    ] {
        refused(&format!("{line}\r\n"), why);
        refused(&format!("A: 1\r\n{line}\r\nContent-Length: 5\r\n"), why);
    }
}

fn folded_lines() {
    let why = "A line begins with a blank: for some it goes on the line before, for some it is \
               one of its own";
    for lines in [
        "A: 1\r\n Content-Length: 5\r\n",
        "A: 1\r\n\tTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding:\r\n chunked\r\n",
        "Content-Length:\r\n\t5\r\n",
        "Content-Length: 5\r\n 6\r\n",
        " Content-Length: 5\r\n",
        "\tTransfer-Encoding: chunked\r\n",
        "A: 1\r\n \r\n",
        "A: 1\r\n \r\nContent-Length: 5\r\n",
        "A: 1\r\n : 5\r\n",
    ] {
        refused(lines, why);
    }
}

fn control_characters() {
    let why =
        "There is a control character, at which some stop, and which some skip";
    for code in (0..32).chain([127_u8]).map(char::from) {
        if ['\t', '\r', '\n'].contains(&code) {
            continue;
        }
        for lines in [
            format!("A: 1{code}2\r\n"),
            format!("A: 1{code}\r\n"),
            format!("A: {code}\r\n"),
            format!("A{code}: 1\r\n"),
            format!("{code}Content-Length: 5\r\n"),
            format!("Content-Length{code}: 5\r\n"),
            format!("Content-Length:{code}5\r\n"),
            format!("Content-Length: 5{code}\r\n"),
            format!("Content-Length: {code} 5\r\n"),
            format!("Transfer-Encoding:{code}chunked\r\n"),
            format!("Transfer-Encoding: chunked{code}\r\n"),
            format!("Transfer-Encoding: chunked {code}\r\n"),
            format!("{code}\r\n"),
        ] {
            refused(&lines, why);
        }
    }
}

/// Good heads in which a byte or two are wrong.
fn a_thousand_heads_with_a_fault() {
    let good = [
        "Host: x\r\nContent-Length: 5\r\nAccept: */*\r\n\r\n",
        "Transfer-Encoding: chunked\r\nX: \t1 \r\n\r\n",
        "A:\r\nB: 2\r\ncontent-length:44\r\n\r\n",
        "Content-Length: 12\r\n\r\n",
    ];
    let other = b"\r\n;:015+- \t\0\x7f\xe9,a_Cx";
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    let mut below = |limit: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random >> 33) as usize % limit
    };
    for number in 0..6_000 {
        let mut head = good[number % good.len()].as_bytes().to_vec();
        for _ in 0..=below(2) {
            // The last four bytes, and what they end, have been seen to.
            let (at, byte) = (below(head.len() - 4), other[below(other.len())]);
            match below(4) {
                0 => drop(head.remove(at)),
                1 => head.insert(at, byte),
                _ => head[at] = byte,
            }
        }
        let ends = head.windows(4).position(|four| four == b"\r\n\r\n");
        if ends == Some(head.len() - 4) && !head.starts_with(b"\r\n") {
            check(
                (below(5) > 0).into(),
                &head,
                "A byte or two are wrong in it",
            );
        }
    }
}
