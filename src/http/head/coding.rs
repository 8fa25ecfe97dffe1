//! What a `Transfer-Encoding` may say: RFC 9112, sections 6.1 and 7.

use crate::http::error::Error;
use crate::http::head::is_token;

/// `chunked`, once and alone.
///
/// If another coding stands before it, we could find the end of the body and not read it:
/// 501. All the rest means that nobody knows where it ends: 400.
#[inline]
pub(super) fn check(value: &[u8], at: usize) -> Result<(), Error> {
    if value.eq_ignore_ascii_case(b"chunked") {
        return Ok(());
    }
    Err(refusal(value, at))
}

#[cold]
fn refusal(value: &[u8], at: usize) -> Error {
    let malformed = Error::TransferEncoding { at };
    let mut chunked = false;
    for element in value.split(|&byte| byte == b',') {
        let element = element.trim_ascii();
        let end = element.iter().position(|&byte| !is_token(byte));
        let (name, rest) = element.split_at(end.unwrap_or(element.len()));
        let is_chunked = name.eq_ignore_ascii_case(b"chunked");
        // Nothing follows `chunked`, it has no parameters, and each element has a name.
        let parameters = rest.trim_ascii_start();
        if name.is_empty()
            || chunked
            || (is_chunked && !rest.is_empty())
            || !(parameters.is_empty() || parameters[0] == b';')
        {
            return malformed;
        }
        chunked = is_chunked;
    }
    if chunked {
        Error::Coding { at }
    } else {
        malformed
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn only_chunked_and_only_once() {
        for (value, status) in [
            ("chunked", 200),
            ("ChUnKeD", 200),
            ("gzip", 400),
            ("gzip, chunked", 501),
            ("gzip;level=9 , chunked", 501),
            ("identity", 400),
            ("xchunked", 400),
            ("", 400),
            (",", 400),
            ("chunked,", 400),
            (",chunked", 400),
            ("chunked, chunked", 400),
            ("chunked, gzip", 400),
            ("gzip, chunked, gzip", 400),
            ("chunked;a=b", 400),
            ("chunked gzip", 400),
            ("\"chunked\"", 400),
            ("gzip chunked", 400),
        ] {
            let got =
                check(value.as_bytes(), 0).map_or_else(|e| e.status(), |()| 200);
            assert_eq!(got, status, "{value:?}");
        }
    }
}
