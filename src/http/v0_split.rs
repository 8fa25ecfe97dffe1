//! The first attempt: take what one read gave, and cut it at the line ends.
//!
//! It is what most of us write first, it fits on a screen, and it answers every request that
//! a person types into a terminal. Two things are wrong with it, and neither can be mended
//! by one more `if`:
//!
//! - **It cannot say "not yet".** What a read returns is where the network happened to cut,
//!   not where the client did. Given half a request, this parser finds a whole other one.
//! - **It guesses.** Of two lengths it takes the last, a field that it does not know it
//!   leaves alone, a space too many it cuts off. Each guess is harmless until another
//!   program in front of this one guesses otherwise; then the two see different requests
//!   in the same bytes.
//!
//! [`parse`] believes `Content-Length`. [`parse_chunked`] is the same parser by somebody who
//! had read about `Transfer-Encoding`. Put one in front of the other and you have a hole:
//! chapter 09 sends a request through it.
//!
//! Keep both away from a socket. They are here to be measured and to be fooled.

use std::collections::HashMap;

/// What the first attempt makes of some bytes.
///
/// # Cost
/// Allocates: a table, and each field's name in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request<'a> {
    /// The first word of the first line, whatever it is.
    pub method: &'a str,
    /// The second word of the first line.
    pub target: &'a str,
    /// The fields by their names in lower case. Of two with one name, the last.
    pub headers: HashMap<String, &'a str>,
    /// What it takes for the body: as many bytes as were said, or as there are.
    pub body: String,
    /// How many bytes of the input it takes for this request; the next one begins there.
    pub len: usize,
}

/// Takes `read` apart, as if one read were one request. `None` if a line makes no sense.
///
/// # Example
/// A whole request comes out well:
/// ```
/// use threadbare::http::v0_split;
///
/// let read = "POST /pay HTTP/1.1\r\nHost: bank\r\nContent-Length: 12\r\n\r\nto=ann&sum=9";
/// let request = v0_split::parse(read).unwrap();
/// assert_eq!((request.method, request.target), ("POST", "/pay"));
/// assert_eq!(request.body, "to=ann&sum=9");
/// ```
/// Half of it is a request as well, and another one:
/// ```
/// use threadbare::http::v0_split;
///
/// let read = "POST /pay HTTP/1.1\r\nHost: bank\r\nContent-Length: 1";
/// let request = v0_split::parse(read).unwrap();
/// assert_eq!(request.headers["content-length"], "1");
/// assert_eq!(request.body, "");
/// ```
/// And of two lengths it takes one:
/// ```
/// use threadbare::http::v0_split;
///
/// let read = "POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 0\r\n\r\nhello";
/// assert_eq!(v0_split::parse(read).unwrap().body, "");
/// ```
// ANCHOR: parse
pub fn parse(read: &str) -> Option<Request<'_>> {
    let (mut request, rest) = head(read)?;
    let length = request.headers.get("content-length");
    let length = length.and_then(|length| length.parse().ok()).unwrap_or(0);
    request.body = rest.get(..length).unwrap_or(rest).to_owned();
    request.len = read.len() - rest.len() + request.body.len();
    Some(request)
}

/// The head, and what comes after it.
fn head(read: &str) -> Option<(Request<'_>, &str)> {
    let (head, rest) = read.split_once("\r\n\r\n").unwrap_or((read, ""));
    let mut lines = head.split("\r\n");
    let mut words = lines.next()?.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    let mut headers = HashMap::new();
    for line in lines {
        let (name, value) = line.split_once(':')?;
        headers.insert(name.trim().to_lowercase(), value.trim());
    }
    let request = Request {
        method,
        target,
        headers,
        body: String::new(),
        len: 0,
    };
    Some((request, rest))
}
// ANCHOR_END: parse

/// Does what [`parse`] does, but looks at `Transfer-Encoding` first, and at
/// `Content-Length` only if the body is not chunked.
///
/// # Example
/// One input, two bodies:
/// ```
/// use threadbare::http::v0_split;
///
/// let read = "POST / HTTP/1.1\r\nContent-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n\
///             0\r\n\r\nhi";
/// assert_eq!(v0_split::parse(read).unwrap().body, "0\r\n\r\nhi");
/// assert_eq!(v0_split::parse_chunked(read).unwrap().body, "");
/// ```
// ANCHOR: parse_chunked
pub fn parse_chunked(read: &str) -> Option<Request<'_>> {
    let (mut request, mut rest) = head(read)?;
    let coding = request.headers.get("transfer-encoding");
    if !coding.is_some_and(|coding| coding.contains("chunked")) {
        return parse(read);
    }
    while let Some((size, after)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).ok()?;
        request.body += after.get(..size)?;
        rest = after.get(size + 2..)?;
        if size == 0 {
            break;
        }
    }
    request.len = read.len() - rest.len();
    Some(request)
}
// ANCHOR_END: parse_chunked

/// Cuts a whole stream into requests with `parser`: what a server would answer, one after
/// the other. It ends where the parser finds nothing more.
///
/// # Example
/// ```
/// use threadbare::http::v0_split;
///
/// let stream = "GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n";
/// let found = v0_split::requests(stream, v0_split::parse);
/// assert_eq!((found[0].target, found[1].target), ("/a", "/b"));
/// ```
pub fn requests<'a>(
    mut stream: &'a str,
    parser: impl Fn(&'a str) -> Option<Request<'a>>,
) -> Vec<Request<'a>> {
    let mut found = Vec::new();
    while !stream.is_empty() {
        let Some(request) = parser(stream) else {
            break;
        };
        stream = stream.get(request.len..).unwrap_or_default();
        found.push(request);
    }
    found
}
