//! An answer as a test reads it. It is read with code of its own, not with the server's.

use crate::http::Method;

/// What a server has answered.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer {
    /// The status: 200, 404, ...
    pub status: u16,
    /// What the status line says behind it.
    pub reason: String,
    /// All fields, in their order.
    pub headers: Vec<(String, String)>,
    /// The body. If it came in chunks, they have been put together.
    pub body: Vec<u8>,
}

impl Answer {
    /// Returns the value of the first field of that name, whatever the case of its letters.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let (_, value) = headers.find(|(it, _)| it.eq_ignore_ascii_case(name))?;
        Some(value)
    }

    /// Returns the body as text.
    ///
    /// # Panics
    /// If it is not UTF-8.
    #[must_use]
    #[track_caller]
    pub fn text(&self) -> &str {
        match str::from_utf8(&self.body) {
            Ok(text) => text,
            Err(error) => panic!("the body is no text: {error}"),
        }
    }

    /// Reads an answer from the start of `input`, and says how long it is; nothing if it is
    /// not whole. `ended`: nothing more will come.
    pub(super) fn parse(
        input: &[u8],
        method: Method,
        ended: bool,
    ) -> Option<(Self, usize)> {
        let head_len = find(input, b"\r\n\r\n")? + 4;
        let head = str::from_utf8(&input[..head_len]);
        let mut answer = head
            .ok()
            .and_then(Self::parse_head)
            .unwrap_or_else(|| panic!("no answer: \"{}\"", input.escape_ascii()));
        let rest = &input[head_len..];
        let has_none = answer.status < 200
            || matches!(answer.status, 204 | 304)
            || method == Method::Head;
        let len = if has_none {
            0
        } else if answer.header("Transfer-Encoding") == Some("chunked") {
            let (body, len) = put_together(rest)?;
            answer.body = body;
            return Some((answer, head_len + len));
        } else {
            match answer.header("Content-Length").map(str::parse) {
                Some(Ok(len)) => len,
                Some(Err(_)) => panic!("Content-Length is no number: {answer:?}"),
                None if ended => rest.len(),
                None => return None,
            }
        };
        answer.body = rest.get(..len)?.to_vec();
        Some((answer, head_len + len))
    }

    fn parse_head(head: &str) -> Option<Self> {
        let mut lines = head.strip_suffix("\r\n\r\n")?.split("\r\n");
        let status_line = lines.next()?.strip_prefix("HTTP/1.1 ")?;
        let (status, reason) = status_line.split_once(' ')?;
        let mut headers = Vec::new();
        for line in lines {
            let (name, value) = line.split_once(": ")?;
            headers.push((name.to_owned(), value.to_owned()));
        }
        Some(Self {
            status: status.parse().ok()?,
            reason: reason.to_owned(),
            headers,
            body: Vec::new(),
        })
    }
}

/// Puts chunks together, and says how long they are with all that frames them.
fn put_together(input: &[u8]) -> Option<(Vec<u8>, usize)> {
    let (mut body, mut at) = (Vec::new(), 0);
    loop {
        let line = find(&input[at..], b"\r\n")?;
        let digits = str::from_utf8(&input[at..at + line]).ok();
        let size = digits.and_then(|digits| usize::from_str_radix(digits, 16).ok());
        let size = size.unwrap_or_else(|| {
            panic!("no size of a chunk: \"{}\"", input[at..].escape_ascii())
        });
        at += line + 2;
        body.extend_from_slice(input.get(at..at + size)?);
        at += size;
        let end = input.get(at..at + 2)?;
        assert_eq!(end, b"\r\n", "a chunk ends with CR and LF");
        at += 2;
        if size == 0 {
            return Some((body, at));
        }
    }
}

fn find(input: &[u8], wanted: &[u8]) -> Option<usize> {
    input.windows(wanted.len()).position(|part| part == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read from each beginning of `input`, and how much.
    fn whole_at(input: &str, method: Method) -> (Answer, usize) {
        let input = input.as_bytes();
        let parse = |len: usize| Answer::parse(&input[..len], method, false);
        let first = (0..=input.len()).find_map(|len| Some((parse(len)?, len)));
        let ((answer, len), seen) = first.unwrap();
        assert_eq!(len, seen, "not before it is whole, and not more");
        (answer, len)
    }

    #[test]
    fn an_answer_is_taken_when_it_is_whole() {
        let text =
            "HTTP/1.1 404 Not Found\r\nX-A: b\r\nContent-Length: 2\r\n\r\nnoHTTP";
        let (answer, len) = whole_at(text, Method::Get);
        assert_eq!(
            (answer.status, answer.text(), len),
            (404, "no", text.len() - 4)
        );
        assert_eq!(answer.reason, "Not Found");
        assert_eq!(answer.header("x-a"), Some("b"));
        assert_eq!(whole_at(text, Method::Head).0.text(), "");

        let text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
                    2\r\nab\r\nA\r\n0123456789\r\n0\r\n\r\n";
        let (answer, len) = whole_at(text, Method::Get);
        assert_eq!((answer.text(), len), ("ab0123456789", text.len()));

        let text = b"HTTP/1.1 200 OK\r\n\r\nall";
        assert_eq!(Answer::parse(text, Method::Get, false), None);
        let (answer, _) = Answer::parse(text, Method::Get, true).unwrap();
        assert_eq!(answer.text(), "all");
    }
}
