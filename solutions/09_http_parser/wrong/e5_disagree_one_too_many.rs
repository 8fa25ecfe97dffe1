//! must say: LENGTH_OR_CHUNKS: the proxy waits for 1 more byte
//!
//! Counts one byte more than there are.

#[path = "../../../exercises/09_http_parser/given/habits.rs"]
pub mod given;

// --- edit from here ---

/// The proxy goes by the length, the server by the chunks.
pub const LENGTH_OR_CHUNKS: &str = "POST / HTTP/1.1\r\n\
    Content-Length: 29\r\n\
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
