//! The cases as data, and how their lines are read.
//!
//! A line of `cases/*.txt` is `verdict | name | bytes`, below the rule that it tests:
//!
//! ```text
//! [RFC 9112, 3: request line]
//! serve 200 keep  | the plainest request | GET / HTTP/1.1\r\nHost: a\r\n\r\n
//! refuse 400      | no version           | GET /\r\nHost: a\r\n\r\n
//! ```
//!
//! | verdict | what has to come |
//! |---|---|
//! | `serve 200 keep` | an answer with this status; the connection stays, and the next byte belongs to the next request |
//! | `serve 200 close` | an answer with this status that says `Connection: close`; then the end |
//! | `serve 200 keep hello` | the same, with this body (for `POST /echo` without one: an empty one) |
//! | `refuse 400` | one answer with this status that says `Connection: close`; then the end, whatever else was sent |
//! | `refuse 400,501` | the same, where the standard leaves it open |
//! | `cut 400` | an answer with 200, then what comes behind is refused |
//!
//! In the bytes there are `\r`, `\n`, `\t`, `\0`, `\\` and `\xNN`, then `{x*9}`, which is `x` nine
//! times, and the words of [`WORDS`] in braces.

/// What stands for what, in braces.
const WORDS: &[(&str, &str)] = &[
    ("GET", "GET / HTTP/1.1\r\nHost: a\r\n"),
    ("POST", "POST /echo HTTP/1.1\r\nHost: a\r\n"),
    (
        "CHUNKED",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
    ),
    ("HIDDEN", HIDDEN),
];

/// A request that must never run. Its 33 bytes are known to the payloads.
pub(crate) const HIDDEN: &str = "GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n";

/// What has to come of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// An answer from a handler.
    Serve {
        status: u16,
        keeps: bool,
        body: Option<Vec<u8>>,
    },
    /// One of these, and the end.
    Refuse(Vec<u16>),
    /// 200, then this, and the end.
    Cut(Vec<u16>),
}

/// Bytes, and what has to come of them.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    /// Where the standard says so.
    pub(crate) rule: &'static str,
    pub(crate) name: &'static str,
    pub(crate) bytes: Vec<u8>,
    pub(crate) verdict: Verdict,
}

impl Case {
    /// Whether the answer has no body, whatever its fields say.
    pub(crate) fn is_head(&self) -> bool {
        self.bytes.starts_with(b"HEAD ")
    }

    /// The case in one line, for a failure.
    pub(crate) fn title(&self) -> String {
        let mut start = self.bytes.escape_ascii().to_string();
        if start.len() > 400 {
            start.truncate(400);
            start.push_str("...");
        }
        format!("{}: {}: {start}", self.rule, self.name)
    }
}

/// The requests, good and bad, of which each is a whole one.
pub(crate) fn requests() -> Vec<Case> {
    let files = [
        include_str!("cases/request_line.txt"),
        include_str!("cases/fields.txt"),
        include_str!("cases/bodies.txt"),
    ];
    files.into_iter().flat_map(read).collect()
}

/// Requests with another one inside.
pub(crate) fn smuggling() -> Vec<Case> {
    let mut cases = read(include_str!("cases/smuggling.txt"));
    for disguise in read(include_str!("cases/disguises.txt")) {
        let with = |length: usize, body: &str| {
            let mut bytes = b"POST /echo HTTP/1.1\r\nHost: a\r\n".to_vec();
            bytes.extend(format!("Content-Length: {length}\r\n").bytes());
            bytes.extend(&disguise.bytes);
            bytes.extend(format!("\r\n{body}").bytes());
            Case {
                bytes,
                ..disguise.clone()
            }
        };
        // Whoever goes by chunks sees an end, and then the hidden one.
        let chunks_end = format!("0\r\n\r\n{HIDDEN}");
        // Whoever goes by the length sees four bytes, and then the hidden one.
        let in_a_chunk = format!("21\r\n{HIDDEN}\r\n0\r\n\r\n");
        cases.push(with(chunks_end.len(), &chunks_end));
        cases.push(with(4, &in_a_chunk));
    }
    cases
}

fn read(file: &'static str) -> Vec<Case> {
    let mut rule = "";
    let mut cases = Vec::new();
    for line in file.lines() {
        if let Some(title) = line.strip_prefix('[') {
            rule = title.trim_end_matches(']');
        } else if !line.is_empty() && !line.starts_with('#') {
            let columns: Vec<&str> = line.splitn(3, '|').collect();
            let [verdict, name, bytes] = columns[..] else {
                panic!("three columns, please: {line}");
            };
            let bytes = bytes.strip_prefix(' ').expect("a blank behind the bar");
            let bytes = unescape(bytes);
            cases.push(Case {
                rule,
                name: name.trim(),
                verdict: verdict_of(verdict.trim(), &bytes),
                bytes,
            });
        }
    }
    cases
}

fn verdict_of(text: &str, bytes: &[u8]) -> Verdict {
    let (kind, rest) = text.split_once(' ').expect("a verdict has two words");
    let (statuses, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let statuses: Vec<u16> = statuses
        .split(',')
        .map(|status| status.parse().expect("a status"))
        .collect();
    match kind {
        "refuse" => Verdict::Refuse(statuses),
        "cut" => Verdict::Cut(statuses),
        "serve" => {
            let (keeps, body) = rest.split_once(' ').unwrap_or((rest, ""));
            let is_echo = bytes.starts_with(b"POST /echo ") && bytes.len() < 4_096;
            let is_hidden = bytes.windows(33).any(|it| it == HIDDEN.as_bytes());
            let body = match body.trim() {
                "" if is_echo && !is_hidden => Some(Vec::new()),
                "" => None,
                body => Some(unescape(body)),
            };
            Verdict::Serve {
                status: statuses[0],
                keeps: match keeps {
                    "keep" => true,
                    "close" => false,
                    other => panic!("keep or close, not {other}"),
                },
                body,
            }
        }
        other => panic!("no such verdict: {other}"),
    }
}

/// The bytes that a column stands for.
pub(crate) fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        rest = &rest[first.len_utf8()..];
        match first {
            '\\' => {
                let kind = rest.chars().next().expect("something behind `\\`");
                rest = &rest[1..];
                bytes.push(match kind {
                    'r' => b'\r',
                    'n' => b'\n',
                    't' => b'\t',
                    '0' => 0,
                    '\\' => b'\\',
                    'x' => {
                        let (digits, behind) = rest.split_at(2);
                        rest = behind;
                        u8::from_str_radix(digits, 16).expect("two digits")
                    }
                    other => panic!("no such escape: {other}"),
                });
            }
            '{' => {
                let (word, behind) =
                    rest.split_once('}').expect("a brace that ends");
                rest = behind;
                match word.rsplit_once('*') {
                    Some((what, count)) => {
                        let count = count.parse().expect("a count");
                        bytes.extend(unescape(what).repeat(count));
                    }
                    None => {
                        let known = WORDS.iter().find(|(name, _)| *name == word);
                        let (_, text) = known.expect("a word that is known");
                        bytes.extend(text.bytes());
                    }
                }
            }
            other => bytes.extend(other.encode_utf8(&mut [0; 4]).bytes()),
        }
    }
    bytes
}
