//! What can be the text of an answer.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use super::scratch::Utf8;
use crate::http::{Error, Totals};

/// What can be written as text where the answer is collected: strings, numbers, and for
/// everything else `format_args!`, none of which is a string that has to be made first.
///
/// ```
/// use std::net::Ipv4Addr;
/// use threadbare::http::{Request, Response, TestClient};
///
/// let handler = |_: &Request<'_>, response: &mut Response<'_>| {
///     let host = Ipv4Addr::LOCALHOST;
///     response.append("at ").append(format_args!("{host}:")).append(8080);
/// };
/// let answer = TestClient::new(Default::default(), handler).get("/").send();
/// assert_eq!(answer.text(), "at 127.0.0.1:8080");
/// ```
///
/// Why not [`Display`](fmt::Display)? Every string has it, but is copied through a formatter
/// then. Callgrind counts 120 instructions for that, of about 2,100 for a whole request.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no text",
    label = "write `format_args!(\"{{value}}\")` around it"
)]
pub trait Text {
    /// Appends the text to `out`.
    fn write_to(&self, out: &mut Vec<u8>);
}

impl Text for str {
    #[inline]
    fn write_to(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.as_bytes());
    }
}

impl Text for String {
    #[inline]
    fn write_to(&self, out: &mut Vec<u8>) {
        self.as_str().write_to(out);
    }
}

impl Text for Cow<'_, str> {
    #[inline]
    fn write_to(&self, out: &mut Vec<u8>) {
        (**self).write_to(out);
    }
}

impl Text for fmt::Arguments<'_> {
    fn write_to(&self, out: &mut Vec<u8>) {
        let shown = Utf8(out).write_fmt(*self);
        shown.expect("what is shown in an answer can be shown");
    }
}

impl<T: Text + ?Sized> Text for &T {
    #[inline]
    fn write_to(&self, out: &mut Vec<u8>) {
        (**self).write_to(out);
    }
}

macro_rules! shown {
    ($($shown:ty)*) => {
        $(impl Text for $shown {
            fn write_to(&self, out: &mut Vec<u8>) {
                format_args!("{self}").write_to(out);
            }
        })*
    };
}

shown! {
    char bool u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64 Error Totals
}
