//! Graders of 09.1: streams of chunks, cut in all ways, beside a decoder that knows.

use super::on_real::answer::{Decoder, Error, Fed};

grading::graders![
    one_chunk,
    several_chunks,
    what_follows_is_not_looked_at,
    sizes,
    sizes_that_are_none,
    line_ends,
    behind_a_chunk,
    extensions_and_trailers,
    too_many_of_them,
    a_size_that_is_a_lie,
    a_body_that_is_too_large,
    a_bad_line_that_never_ends,
    a_thousand_bodies_with_a_fault,
];

const EITHER: &[Error] = &[Error::Malformed, Error::TooLarge];

/// What must come of a stream.
#[derive(Default)]
struct Truth {
    /// From so many bytes on the errors may be reported.
    may: Option<usize>,
    /// From so many bytes on one must be.
    must: Option<usize>,
    errors: &'static [Error],
    why: &'static str,
    /// The byte that is to blame.
    culprit: Option<usize>,
    /// The body ends behind so many bytes.
    done: Option<usize>,
    body: Vec<u8>,
}

/// Goes through a stream line by line.
fn truth(input: &[u8], limit: u64) -> Truth {
    let mut truth = Truth::default();
    let (mut at, mut left) = (0, limit);
    // Bytes of extensions and trailers: without and with all around them.
    let (mut extra, mut all) = (0, 0);
    let bad = |truth: &mut Truth, at: usize, why| {
        let errors: &[Error] = match truth.may {
            Some(_) => EITHER,
            None => &[Error::Malformed],
        };
        (truth.must, truth.errors, truth.why) = (Some(at + 1), errors, why);
        truth.culprit = Some(at);
        truth.may = truth.may.or(Some(at + 1));
    };
    loop {
        // A size line.
        let (mut size, start) = (0, at);
        let why = "a size has 1 to 16 hexadecimal digits, and then comes CRLF or ;";
        loop {
            let Some(byte) = input.get(at) else {
                return truth;
            };
            match (byte, at - start) {
                (b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F', ..16) => {
                    let digit = (*byte as char).to_digit(16).unwrap_or_default();
                    size = size << 4 | u64::from(digit);
                }
                (b'\r' | b';', 1..) => break,
                _ => {
                    bad(&mut truth, at, why);
                    return truth;
                }
            }
            at += 1;
            if size > left {
                (truth.may, truth.errors) = (truth.may.or(Some(at)), EITHER);
            }
        }
        let mut is_trailer = false;
        loop {
            // The rest of a line, whatever is in it.
            let start = at;
            while let Some(byte) = input.get(at).filter(|byte| **byte != b'\r') {
                all += 1;
                extra += usize::from(is_trailer || at > start);
                if *byte == 127 || *byte < b' ' && *byte != b'\t' {
                    let why = "what is skipped has no control characters but tabs";
                    bad(&mut truth, at, why);
                    return truth;
                }
                at += 1;
                if all > 1_000 {
                    (truth.may, truth.errors) = (truth.may.or(Some(at)), EITHER);
                }
                if extra >= 1_100 {
                    truth.must = Some(at);
                    truth.why = "extensions and trailers have 1000 bytes at most";
                    return truth;
                }
            }
            let is_empty = at == start;
            // The line of a size costs nothing by itself.
            if is_trailer || !is_empty {
                all += 2;
            }
            let end = at + 1;
            match input.get(end) {
                _ if end >= input.len() => return truth,
                Some(b'\n') => {}
                _ => {
                    bad(&mut truth, end, "behind a CR there has to be LF");
                    return truth;
                }
            }
            at += 2;
            if is_trailer && is_empty {
                truth.done = Some(at);
                return truth;
            }
            is_trailer |= size == 0;
            if !is_trailer {
                break;
            }
        }
        if size > left {
            (truth.must, truth.errors) = (Some(at), &[Error::TooLarge]);
            if all > 1_000 {
                truth.errors = EITHER;
            }
            truth.why = "this size and all before it come to more than the limit";
            return truth;
        }
        left -= size;
        let there =
            (input.len() - at).min(usize::try_from(size).unwrap_or(usize::MAX));
        truth.body.extend_from_slice(&input[at..at + there]);
        at += there;
        for expected in *b"\r\n" {
            match input.get(at) {
                None => return truth,
                Some(byte) if *byte == expected => at += 1,
                Some(_) => {
                    let why = "behind the bytes of a chunk there has to be CRLF";
                    bad(&mut truth, at, why);
                    return truth;
                }
            }
        }
    }
}

impl Truth {
    /// What is wrong with `input`, and where, and what has to be said.
    fn sentence(&self, input: &[u8]) -> String {
        let place = match self.culprit {
            Some(at) => {
                let byte = input[at].escape_ascii();
                format!(", and byte {at} is '{byte}'")
            }
            None => String::new(),
        };
        format!(
            "{}{place}. It has to be Err({:?})",
            self.why, self.errors[0]
        )
    }
}

/// Bytes as a reader would write them, and the middle left out if there are too many.
fn shown(bytes: &[u8]) -> String {
    match bytes.len() {
        ..=100 => format!("\"{}\"", bytes.escape_ascii()),
        count => {
            let (head, tail) = (&bytes[..40], &bytes[count - 40..]);
            let (head, tail) = (head.escape_ascii(), tail.escape_ascii());
            format!("\"{head} ... {tail}\" ({count} bytes)")
        }
    }
}

/// Feeds the stream in pieces that end at `cuts`, and looks at what comes of each.
fn feed(input: &[u8], limit: u64, cuts: impl Iterator<Item = usize>) {
    let truth = truth(input, limit);
    let mut decoder = Decoder::new(limit);
    let (mut body, mut from) = (Vec::new(), 0);
    for to in cuts.chain([input.len()]) {
        let got = decoder.feed(&input[from..to], &mut body);
        let whole = shown(input);
        let piece = match (from, to) {
            (0, to) if to == input.len() => "feed".to_owned(),
            (0, _) => format!("after {}, feed", shown(&input[..to])),
            _ => format!(
                "after {}, of which the last {} came by themselves, feed",
                shown(&input[..to]),
                to - from
            ),
        };
        let what = format!("{whole}, limit {limit}: {piece}");
        let may = truth.may.is_some_and(|may| may <= to);
        let must = truth.must.is_some_and(|must| must <= to);
        match (got, truth.done) {
            (Err(error), _) if may => {
                assert!(
                    truth.errors.contains(&error),
                    "{what} has said Err({error:?}): {}",
                    truth.sentence(input)
                );
                assert!(
                    truth.body.starts_with(&body),
                    "{what} has said {error:?}, as it should, but has taken {} before",
                    shown(&body)
                );
                return;
            }
            (Err(error), _) => panic!(
                "{what} has said {error:?}, and nothing is wrong so far: a good body may \
                 begin so"
            ),
            (Ok(fed), _) if must => {
                panic!("{what} has said {fed:?}: {}", truth.sentence(input))
            }
            (Ok(Fed::Done(used)), Some(end)) if end <= to => {
                assert!(
                    from + used == end,
                    "{what} has said Done({used}), and it has to be Done({}): so many of the \
                     bytes of this call belong to the body",
                    end - from
                );
                assert!(
                    body == truth.body,
                    "{what} has made {} of it: the body is {}",
                    shown(&body),
                    shown(&truth.body)
                );
                return;
            }
            (Ok(Fed::Done(used)), _) => {
                panic!("{what} has said Done({used}), and the body goes on")
            }
            (Ok(Fed::More), Some(end)) if end <= to => panic!(
                "{what} has said More: the body has ended, behind {}",
                shown(&input[..end])
            ),
            (Ok(Fed::More), _) => assert!(
                truth.body.starts_with(&body),
                "{what} has made {} of it: the body begins with {}",
                shown(&body),
                shown(&truth.body[..truth.body.len().min(body.len())])
            ),
        }
        from = to;
    }
}

/// As a whole, byte by byte, and in two pieces, cut anywhere.
fn check(input: &[u8], limit: u64) {
    grading::step(format!("with {}, limit {limit}", shown(input)));
    feed(input, limit, [].into_iter());
    feed(input, limit, 0..input.len());
    if input.len() < 200 {
        for cut in 1..input.len() {
            feed(input, limit, [cut].into_iter());
        }
    }
}

fn check_all(limit: u64, inputs: &[&str]) {
    for input in inputs {
        check(input.as_bytes(), limit);
    }
}

fn one_chunk() {
    check_all(
        100,
        &[
            "5\r\nhello\r\n0\r\n\r\n",
            "0\r\n\r\n",
            "1\r\n\n\r\n0\r\n\r\n",
        ],
    );
}

fn several_chunks() {
    check_all(
        100,
        &[
            "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n",
            "1\r\na\r\n1\r\nb\r\n1\r\nc\r\n1\r\nd\r\n0\r\n\r\n",
            "4\r\n\r\n\r\n\r\n7\r\n0\r\n\r\n\r\n\r\n0\r\n\r\n",
        ],
    );
    let many = "1\r\na\r\n".repeat(1_000);
    check(format!("{many}0\r\n\r\n").as_bytes(), 5_000);
}

fn what_follows_is_not_looked_at() {
    check_all(
        100,
        &[
            "5\r\nhello\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n",
            "0\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            "0\r\nA: 1\r\n\r\n\r\n\r\n",
            "0\r\n\r\n\0",
        ],
    );
}

fn sizes() {
    for digits in ["a", "A", "0a", "00000000000000a", "000000000000000A"] {
        check(
            format!("{digits}\r\n0123456789\r\n0\r\n\r\n").as_bytes(),
            10,
        );
    }
    check(
        format!("1F\r\n{0}\r\n1f;x\r\n{0}\r\n00\r\n\r\n", "y".repeat(31)).as_bytes(),
        62,
    );
    check(
        format!("10\r\n{}\r\n0000000000000000\r\n\r\n", "z".repeat(16)).as_bytes(),
        90,
    );
}

fn sizes_that_are_none() {
    for size in [
        "",
        "+5",
        "-5",
        "0x5",
        "0X5",
        " 5",
        "5 ",
        "\t5",
        "5\t",
        "5h",
        "g",
        "5_",
        "5.0",
        "5,5",
        ";x",
        " ",
        "00000000000000005",
        "00000000000000000",
        "10000000000000005",
        "\n5",
        "5 ;x",
        "\u{665}",
        "x5",
        "5x",
        "#5",
        "@",
        "G",
        "`",
        "/",
        ":",
    ] {
        for before in ["", "1\r\na\r\n"] {
            check(
                format!("{before}{size}\r\nhello\r\n0\r\n\r\n").as_bytes(),
                100,
            );
        }
    }
}

fn line_ends() {
    check_all(
        100,
        &[
            "5\nhello\r\n0\r\n\r\n",
            "5\rhello\r\n0\r\n\r\n",
            "5\r\rhello\r\n0\r\n\r\n",
            "5\r\r\nhello\r\n0\r\n\r\n",
            "5;x\nhello\r\n0\r\n\r\n",
            "5;x\ry\r\nhello\r\n0\r\n\r\n",
            "5\r\nhello\r\n0\n\r\n",
            "5\r\nhello\r\n0\r\n\n",
            "5\r\nhello\r\n0\r\n\r\r\n",
            "0\r\nA: 1\n\r\n",
            "0\r\nA: 1\rB: 2\r\n\r\n",
            "0\r\nA: 1\r\n\rB",
        ],
    );
}

fn behind_a_chunk() {
    check_all(
        100,
        &[
            "5\r\nhelloXX0\r\n\r\n",
            "5\r\nhello\n0\r\n\r\n",
            "5\r\nhello\rX0\r\n\r\n",
            "5\r\nhello0\r\n\r\n",
            "5\r\nhello\r0\r\n\r\n",
            "5\r\nhello!\r\n0\r\n\r\n",
            "5\r\nhell\r\n0\r\n\r\n",
            "5\r\nhello\r\n\r\n0\r\n\r\n",
        ],
    );
}

fn extensions_and_trailers() {
    check_all(
        100,
        &[
            "5;a=b\r\nhello\r\n0\r\n\r\n",
            "5;\r\nhello\r\n0;\r\n\r\n",
            "5;a=\"x;y\";c\t d\r\nhello\r\n0;last\r\n\r\n",
            "5;0\r\nhello\r\n0\r\nChecksum: 7\r\n\r\n",
            "0\r\nA: 1\r\nB: \u{e9}\t2\r\n0\r\n5\r\n\r\nGET",
            "5;a\0\r\nhello\r\n0\r\n\r\n",
            "5;a\u{7f}b\r\nhello\r\n0\r\n\r\n",
            "0;\u{1f}\r\n\r\n",
            "0\r\nA: \0\r\n\r\n",
            "0\r\nA: 1\r\nB\u{b}: \r\n\r\n",
            "0\r\n\u{7f}\r\n\r\n",
        ],
    );
}

fn too_many_of_them() {
    let few = "x".repeat(450);
    check(
        format!("1;{few}\r\na\r\n0\r\nA: {few}\r\n\r\n").as_bytes(),
        9,
    );
    check(format!("0;{few}{few}\r\n\r\n").as_bytes(), 9);
    let one = "1;xxxxxxxxx\r\na\r\n".repeat(200);
    check(format!("{one}0\r\n\r\n").as_bytes(), 900);
    check(format!("0;{}\r\n\r\n", "x".repeat(1_200)).as_bytes(), 9);
    check(
        format!("0\r\nA: {}\r\n\r\n", "x".repeat(1_200)).as_bytes(),
        9,
    );
    check(
        format!("0\r\n{}\r\n", "A: xxxxxx\r\n".repeat(200)).as_bytes(),
        9,
    );
    check(format!("0;{few}\r\nA: {few}{few}\r\n\r\n").as_bytes(), 9);
    // The bytes of a body are none of these.
    let long = "x".repeat(5_000);
    check(format!("1388\r\n{long}\r\n0\r\n\r\n").as_bytes(), 5_000);
}

fn a_body_that_is_too_large() {
    for limit in [0, 4, 5, 9, 10, 11] {
        check_all(
            limit,
            &[
                "5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n",
                "5;x\r\nhello\r\n6;x\r\n world\r\n0\r\n\r\n",
                "a\r\n0123456789\r\n0\r\n\r\n",
            ],
        );
    }
    check_all(
        9,
        &[
            "fffffffffffffff\r\nhello",
            "5\r\nhello\r\nFFFFFFFFFFFFFFFF\r\nx",
        ],
    );
    // Five bytes and these would come to four.
    check_all(u64::MAX - 1, &["5\r\nhello\r\nffffffffffffffff\r\nx"]);
    check_all(u64::MAX, &["5\r\nhello\r\nffffffffffffffff\r\nx"]);
}

fn a_size_that_is_a_lie() {
    let mut body = Vec::new();
    grading::step("with a chunk of 64 MiB, of which 5 bytes come");
    let got = Decoder::new(u64::MAX).feed(b"4000000\r\nhello", &mut body);
    let room = body.capacity();
    assert!(
        room < 1_000_000,
        "\"4000000\\r\\nhello\": feed has said {got:?}, and 5 bytes have come, but {room} are \
         reserved: the other end may just have said so"
    );
    check_all(
        u64::MAX,
        &[
            "ffffffffffffffff\r\nhello",
            "7fffffffffffffff\r\nhello\r\n0\r\n\r\n",
            "ffffffffff\r\nhello",
            "5\r\nhello\r\nfffffffffffffffa\r\nworld",
        ],
    );
}

fn a_bad_line_that_never_ends() {
    for line in ["0", "x", "5 ", "5\t", "5;x", " "] {
        check(line.repeat(1_500).as_bytes(), 100);
    }
    check(format!("0\r\n{}", "A: 1\r\n".repeat(1_000)).as_bytes(), 100);
}

/// Good streams in which a byte or two are wrong.
fn a_thousand_bodies_with_a_fault() {
    let good = [
        "5\r\nhello\r\n6;note=x\r\n world\r\n0\r\nChecksum: 7\r\n\r\nGET /",
        "0a\r\n0123456789\r\n1\r\n!\r\n0\r\n\r\n",
        "3;a;b=\"c\"\r\n\r\n0\r\n0;e\r\nA: 1\r\nB: 2\r\n\r\n",
    ];
    let other = b"\r\n;05aFgx+- \t\0\x7f\xe9:\"";
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    let mut below = |limit: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random >> 33) as usize % limit
    };
    for number in 0..1_200 {
        let mut input = good[number % 3].as_bytes().to_vec();
        for _ in 0..=below(2) {
            let (at, byte) = (below(input.len()), other[below(other.len())]);
            match below(4) {
                0 => drop(input.remove(at)),
                1 => input.insert(at, byte),
                _ => input[at] = byte,
            }
        }
        let limit = [11, 12, 100, 8][below(4)];
        grading::step(format!("with {}, limit {limit}", shown(&input)));
        feed(&input, limit, [].into_iter());
        feed(&input, limit, 0..input.len());
        let (one, two) = (below(input.len()), below(input.len()));
        feed(&input, limit, [one.min(two), one.max(two)].into_iter());
    }
}
