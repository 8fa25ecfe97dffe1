//! must say: nobody has got to /admin
//!
//! As it was.

#[path = "../../../exercises/09_http_parser/given/habits.rs"]
pub mod given;

// --- edit from here ---

/// The proxy goes by the length, the server by the chunks.
pub const LENGTH_OR_CHUNKS: &str = "POST / HTTP/1.1\r\n\
    Content-Length: 5\r\n\
    \r\n\
    hello";

/// The proxy goes by the first length, the server by the last.
pub const FIRST_OR_LAST: &str = "POST / HTTP/1.1\r\n\
    Content-Length: 5\r\n\
    Content-Length: 2\r\n\
    \r\n\
    hello";

/// The server knows a field that the proxy does not know.
pub const A_BLANK: &str = "POST / HTTP/1.1\r\n\
    Content-Length : 5\r\n\
    \r\n";

// --- to here ---
