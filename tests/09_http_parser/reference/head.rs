//! The head: request line, fields, and what they say about the message.

use std::fmt;

use super::host::is_host;
use super::{Caps, Cursor, Read, Stop, is_in_value, is_tchar, refuse};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    None,
    Length(u64),
    Chunked,
}

/// A request's head.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) method: String,
    pub(crate) target: String,
    /// 0 for HTTP/1.0, 1 for 1.1 and what comes after it.
    pub(crate) minor: u8,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) framing: Framing,
    pub(crate) keep_alive: bool,
    pub(crate) expects_continue: bool,
    /// How many bytes it is, the empty line included.
    pub(crate) len: usize,
}

impl fmt::Debug for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} 1.{}", self.method, self.target, self.minor)?;
        for (name, value) in &self.headers {
            write!(f, " | {name}: {}", value.escape_ascii())?;
        }
        write!(
            f,
            " => {:?}, keep {}, expects {}, {} bytes",
            self.framing, self.keep_alive, self.expects_continue, self.len
        )
    }
}

const METHODS: [&str; 9] = [
    "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH",
];

/// Reads the head that `input` begins with.
// HTTP-message = start-line CRLF *( field-line CRLF ) CRLF [ message-body ]
pub(crate) fn head(input: &[u8], caps: &Caps) -> Read<Head> {
    let within = &input[..input.len().min(caps.head)];
    match whole_head(within, caps) {
        // Nothing is wrong, and nothing more may come.
        Err(Stop::More) if within.len() == caps.head => refuse(431),
        result => result,
    }
}

fn whole_head(input: &[u8], caps: &Caps) -> Read<Head> {
    let mut cursor = Cursor { input, at: 0 };
    // RFC 9112, 2.2: at least one empty line before the request line SHOULD be ignored.
    // Decided: one, and no second.
    if cursor.look()? == b'\r' {
        cursor.expect(b"\r\n")?;
    }
    let (method, target, minor) = request_line(&mut cursor, caps)?;
    let mut facts = Facts::new(minor);
    let mut headers = Vec::new();
    while cursor.look()? != b'\r' {
        let (name, value) = field_line(&mut cursor, |_| Ok(()))?;
        if headers.len() == caps.headers {
            return refuse(431);
        }
        facts.learn(&name.to_ascii_lowercase(), &value)?;
        headers.push((name, value));
    }
    cursor.expect(b"\r\n")?;
    let head = Head {
        method,
        target,
        minor,
        headers,
        framing: Framing::None,
        keep_alive: minor > 0,
        expects_continue: false,
        len: cursor.at,
    };
    facts.conclude(head, caps)
}

// request-line = method SP request-target SP HTTP-version
fn request_line(cursor: &mut Cursor<'_>, caps: &Caps) -> Read<(String, String, u8)> {
    // Decided: the limit counts from the first byte on, the line end included.
    let cap = caps.request_line.min(caps.head);
    let mut line = Cursor {
        input: &cursor.input[..cursor.input.len().min(cap)],
        at: cursor.at,
    };
    let parts = request_line_parts(&mut line);
    if parts == Err(Stop::More) && line.input.len() == cap {
        return refuse(414);
    }
    cursor.at = line.at;
    parts
}

fn request_line_parts(line: &mut Cursor<'_>) -> Read<(String, String, u8)> {
    // method = token
    let mut method = String::new();
    loop {
        match line.next()? {
            b' ' if !method.is_empty() => break,
            byte if is_tchar(byte) => method.push(char::from(byte)),
            _ => return refuse(400),
        }
    }
    if !METHODS.contains(&&*method) {
        return refuse(501);
    }
    // request-target = origin-form / absolute-form / authority-form / asterisk-form
    let mut target = String::new();
    loop {
        match line.next()? {
            b' ' if !target.is_empty() => break,
            b'#' => return refuse(400),
            byte @ b'!'..=b'~' => target.push(char::from(byte)),
            _ => return refuse(400),
        }
        // Decided: the origin-form only. What no other form begins with is refused here ...
        let is_other = match &*method {
            "CONNECT" => target != "/",
            "OPTIONS" => target == "*",
            _ => false,
        };
        if target.len() == 1 && !is_other && (target != "/" || method == "CONNECT") {
            return refuse(400);
        }
    }
    // ... and here what is known and not implemented: OPTIONS for the whole server, tunnels.
    // asterisk-form = "*", authority-form = uri-host ":" port
    if !target.starts_with('/') {
        let is_form = match &*method {
            "CONNECT" => is_host(&target, true),
            _ => target == "*",
        };
        return refuse(if is_form { 501 } else { 400 });
    }
    // HTTP-version = %s"HTTP" "/" DIGIT "." DIGIT
    line.expect(b"HTTP/")?;
    let major = digit(line)?;
    line.expect(b".")?;
    let minor = digit(line)?;
    if major != 1 {
        return refuse(505);
    }
    line.expect(b"\r\n")?;
    Ok((method, target, minor.min(1)))
}

fn digit(cursor: &mut Cursor<'_>) -> Read<u8> {
    match cursor.next()? {
        byte @ b'0'..=b'9' => Ok(byte - b'0'),
        _ => refuse(400),
    }
}

// field-line = field-name ":" OWS field-value OWS
pub(crate) fn field_line(
    cursor: &mut Cursor<'_>,
    check: impl Fn(&str) -> Read<()>,
) -> Read<(String, Vec<u8>)> {
    // field-name = token
    let mut name = String::new();
    loop {
        match cursor.next()? {
            b':' if !name.is_empty() => break,
            byte if is_tchar(byte) => name.push(char::from(byte)),
            _ => return refuse(400),
        }
    }
    check(&name)?;
    let mut value = Vec::new();
    loop {
        match cursor.next()? {
            b'\r' => break,
            byte if is_in_value(byte) => value.push(byte),
            _ => return refuse(400),
        }
    }
    cursor.expect(b"\n")?;
    Ok((name, trim(&value).to_vec()))
}

// OWS = *( SP / HTAB )
fn trim(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

/// What the fields say about the message itself.
struct Facts {
    minor: u8,
    hosts: usize,
    lengths: Vec<u64>,
    codings: Vec<String>,
    options: Vec<String>,
    expects: bool,
}

impl Facts {
    fn new(minor: u8) -> Self {
        Self {
            minor,
            hosts: 0,
            lengths: Vec::new(),
            codings: Vec::new(),
            options: Vec::new(),
            expects: false,
        }
    }

    fn learn(&mut self, name: &str, value: &[u8]) -> Read<()> {
        let text = String::from_utf8_lossy(value).to_ascii_lowercase();
        match name {
            // Host = uri-host [ ":" port ]
            "host" => {
                self.hosts += 1;
                if self.hosts > 1 || !is_host(&text, false) {
                    return refuse(400);
                }
            }
            // Content-Length = 1*DIGIT
            "content-length" => {
                let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
                match text.parse() {
                    Ok(length) if is_digits => self.lengths.push(length),
                    _ => return refuse(400),
                }
                if self.lengths.len() > 1 || !self.codings.is_empty() {
                    return refuse(400);
                }
            }
            // Transfer-Encoding = #transfer-coding
            "transfer-encoding" => {
                if self.minor == 0 || !self.lengths.is_empty() {
                    return refuse(400);
                }
                let mut is_known = true;
                for coding in text.split(',') {
                    let (name, parameters) = match coding.split_once(';') {
                        Some((name, _)) => (name, true),
                        None => (coding, false),
                    };
                    let name = name.trim_matches([' ', '\t']);
                    let is_token = !name.is_empty() && name.bytes().all(is_tchar);
                    // Decided: after `chunked` nothing, and it has no parameters.
                    let is_over = self.codings.iter().any(|c| c == "chunked");
                    if !is_token || is_over || (name == "chunked" && parameters) {
                        return refuse(400);
                    }
                    is_known &= name == "chunked";
                    self.codings.push(name.to_owned());
                }
                // RFC 9112, 6.3: where `chunked` is not the last, nobody knows the end. Decided:
                // where it is, and another one stands before it, that is not implemented.
                if self.codings.last().is_none_or(|last| last != "chunked") {
                    return refuse(400);
                }
                if !is_known {
                    return refuse(501);
                }
            }
            // Connection = #connection-option
            "connection" => {
                let options = text.split(',').map(|o| o.trim_matches([' ', '\t']));
                self.options.extend(options.map(str::to_owned));
            }
            // Expect = #expectation; of HTTP/1.0 it is ignored (RFC 9110, 10.1.1)
            "expect" if self.minor > 0 => match &*text {
                "100-continue" => self.expects = true,
                _ => return refuse(417),
            },
            _ => {}
        }
        Ok(())
    }

    fn conclude(self, mut head: Head, caps: &Caps) -> Read<Head> {
        if self.minor > 0 && self.hosts == 0 {
            return refuse(400);
        }
        if self.lengths.iter().any(|length| *length > caps.body) {
            return refuse(413);
        }
        head.framing = match (self.lengths.first(), self.codings.is_empty()) {
            (Some(length), _) => Framing::Length(*length),
            (None, false) => Framing::Chunked,
            (None, true) => Framing::None,
        };
        let says = |option: &str| self.options.iter().any(|said| said == option);
        // RFC 9112, 9.3, in its order.
        head.keep_alive = !says("close") && (self.minor > 0 || says("keep-alive"));
        head.expects_continue = self.expects;
        Ok(head)
    }
}
