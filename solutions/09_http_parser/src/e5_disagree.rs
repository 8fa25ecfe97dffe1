//! 09.5 (break it): two parsers, one stream.
//!
//! A proxy stands in front of a server, and lets nobody to `/admin`. It takes a stream apart
//! into requests, looks at each, and passes all of it on: as it came, on one connection. The
//! server takes it apart once more.
//!
//! There are three such pairs. In each the two have the same parser, but for one habit; all of
//! them are in `exercises/09_http_parser/given/habits.rs`:
//!
//! | | the proxy in front | the server behind it |
//! |---|---|---|
//! | `LENGTH_OR_CHUNKS` | does not know `Transfer-Encoding` | knows it, and then ignores the length |
//! | `FIRST_OR_LAST` | of several lengths takes the first | takes the last |
//! | `A_BLANK` | `Name : value` is a field that it does not know | is the field `Name` |
//!
//! (The first two take a blank before the colon for a part of the name; the last takes the
//! last of several lengths, and knows `Transfer-Encoding`.)
//!
//! Goal: give a stream for each. The proxy finds nothing but whole requests in it, at least one
//! and none of them to `/admin`. The server finds one to `/admin`.
//!
//! - Lines end with `\r\n`, a head ends with an empty line, and a request line is
//!   `METHOD TARGET HTTP/1.1`. No field is needed.
//! - A chunk has its size in a line of its own, in hexadecimal, and `\r\n` behind it. One of
//!   size 0, and `\r\n`, is the end of a body. There are no extensions and no trailers here.
//!
//! Edit between the markers only. 3 values, 15 minutes.
//! Stuck? `cargo hint 09.5`, three levels.
//!
//! A failing run prints how the two have cut it, for instance:
//! ```text
//! FIRST_OR_LAST: the proxy waits for 3 more bytes of a body, and passes nothing on. (It has
//! found: nothing)
//! ```

#[path = "../../../exercises/09_http_parser/given/habits.rs"]
pub mod given;

// --- edit from here ---

/// The proxy goes by the length, the server by the chunks.
pub const LENGTH_OR_CHUNKS: &str = "POST / HTTP/1.1\r\n\
    Content-Length: 28\r\n\
    Transfer-Encoding: chunked\r\n\
    \r\n\
    0\r\n\
    \r\n\
    GET /admin HTTP/1.1\r\n\
    \r\n";

/// The proxy goes by the first length, the server by the last.
pub const FIRST_OR_LAST: &str = "POST / HTTP/1.1\r\n\
    Content-Length: 23\r\n\
    Content-Length: 0\r\n\
    \r\n\
    GET /admin HTTP/1.1\r\n\
    \r\n";

/// The server knows a field that the proxy does not know. (Rejected: `Content-Length : 0` in
/// front of `Content-Length: 23`. Both then take the last, which is 23.)
pub const A_BLANK: &str = "POST / HTTP/1.1\r\n\
    Content-Length: 23\r\n\
    Content-Length : 0\r\n\
    \r\n\
    GET /admin HTTP/1.1\r\n\
    \r\n";

// --- to here ---
