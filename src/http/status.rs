//! Status codes and their reason phrases.
//!
//! A status line is written for every answer, so the known ones lie here as they go out:
//! `HTTP/1.1 200 OK` and the line's end, ready to be copied. The phrase is for people; a
//! program looks at the number. RFC 9110, 15.
#![cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]

/// Makes both functions from one table.
macro_rules! phrases {
    ($($code:literal $phrase:literal)*) => {
        /// Returns the reason phrase of a status code; an empty one if it has none.
        ///
        /// # Example
        /// ```
        /// assert_eq!(threadbare::http::reason(404), "Not Found");
        /// assert_eq!(threadbare::http::reason(599), "");
        /// ```
        /// Source: RFC 9110, 15, and the register of status codes that it began.
        #[must_use]
        pub fn reason(status: u16) -> &'static str {
            match status {
                $($code => $phrase,)*
                _ => "",
            }
        }

        /// Returns the whole status line of a known code.
        #[inline]
        pub(super) fn line(status: u16) -> Option<&'static [u8]> {
            match status {
                $($code => Some(
                    concat!("HTTP/1.1 ", $code, " ", $phrase, "\r\n").as_bytes()
                ),)*
                _ => None,
            }
        }
    };
}

phrases! {
    100 "Continue"
    200 "OK"
    201 "Created"
    202 "Accepted"
    203 "Non-Authoritative Information"
    204 "No Content"
    205 "Reset Content"
    206 "Partial Content"
    207 "Multi-Status"
    208 "Already Reported"
    226 "IM Used"
    300 "Multiple Choices"
    301 "Moved Permanently"
    302 "Found"
    303 "See Other"
    304 "Not Modified"
    305 "Use Proxy"
    307 "Temporary Redirect"
    308 "Permanent Redirect"
    400 "Bad Request"
    401 "Unauthorized"
    402 "Payment Required"
    403 "Forbidden"
    404 "Not Found"
    405 "Method Not Allowed"
    406 "Not Acceptable"
    407 "Proxy Authentication Required"
    408 "Request Timeout"
    409 "Conflict"
    410 "Gone"
    411 "Length Required"
    412 "Precondition Failed"
    413 "Content Too Large"
    414 "URI Too Long"
    415 "Unsupported Media Type"
    416 "Range Not Satisfiable"
    417 "Expectation Failed"
    421 "Misdirected Request"
    422 "Unprocessable Content"
    423 "Locked"
    424 "Failed Dependency"
    425 "Too Early"
    426 "Upgrade Required"
    428 "Precondition Required"
    429 "Too Many Requests"
    431 "Request Header Fields Too Large"
    451 "Unavailable For Legal Reasons"
    500 "Internal Server Error"
    501 "Not Implemented"
    502 "Bad Gateway"
    503 "Service Unavailable"
    504 "Gateway Timeout"
    505 "HTTP Version Not Supported"
    506 "Variant Also Negotiates"
    507 "Insufficient Storage"
    508 "Loop Detected"
    511 "Network Authentication Required"
}

/// Whether an answer with this status never has a body.
#[inline]
pub(super) const fn is_bodiless(status: u16) -> bool {
    matches!(status, 204 | 205 | 304)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_the_number_and_the_phrase() {
        for status in 100..600 {
            let Some(line) = line(status) else {
                assert_eq!(reason(status), "");
                continue;
            };
            let expected = format!("HTTP/1.1 {status} {}\r\n", reason(status));
            assert_eq!(line, expected.as_bytes());
        }
    }
}
