//! What a target says besides the path, and what a route has found in the path.
#![cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]

use std::borrow::Cow;
use std::str::FromStr;

use super::Request;
use crate::http::Refusal;

impl<'a> Request<'a> {
    /// The value of the first `name=value` behind the question mark, decoded: `+` is a blank,
    /// `%41` is `A`. What is not UTF-8 then becomes U+FFFD.
    ///
    /// A name without `=` has an empty value.
    ///
    /// ```
    /// use threadbare::http::{Config, Request, Response, TestClient};
    ///
    /// let handler = |request: &Request<'_>, response: &mut Response<'_>| {
    ///     response.text(format_args!("{:?}", request.query("name")));
    /// };
    /// let mut client = TestClient::new(Config::default(), handler);
    /// assert_eq!(client.get("/?age=36&name=Ada+L%2E").send().text(), r#"Some("Ada L.")"#);
    /// assert_eq!(client.get("/?name").send().text(), r#"Some("")"#);
    /// assert_eq!(client.get("/").send().text(), "None");
    /// ```
    ///
    /// # Cost
    /// Allocates only if there was something to decode.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<Cow<'a, str>> {
        self.queries().find(name)
    }

    /// The same, as a number or whatever can be parsed.
    ///
    /// # Errors
    /// A [`Refusal`] with 400 that names it, if it is there and can't be parsed.
    ///
    /// ```
    /// use threadbare::http::{Refusal, Request, Response, TestClient};
    ///
    /// fn square(request: &Request<'_>, response: &mut Response<'_>) -> Result<(), Refusal> {
    ///     let n: u64 = request.query_as("n")?.unwrap_or(0);
    ///     response.text(n * n);
    ///     Ok(())
    /// }
    /// let mut client = TestClient::new(Default::default(), square);
    /// assert_eq!(client.get("/?n=12").send().text(), "144");
    /// let refused = client.get("/?n=twelve").send();
    /// assert_eq!((refused.status, refused.text()), (400, "`n` can't be \"twelve\""));
    /// ```
    pub fn query_as<T: FromStr>(&self, name: &str) -> Result<Option<T>, Refusal> {
        self.query(name).map(|text| parsed(name, &text)).transpose()
    }

    /// All pairs behind the question mark, decoded, in their order.
    pub fn queries(&self) -> Pairs<'a> {
        let (_, query) = self.split_target();
        Pairs::of(query.unwrap_or_default())
    }

    /// What stood in the path where the route has `:name` or `*name`, decoded: `%2F` is a
    /// slash, and `+` is `+`.
    ///
    /// ```
    /// use threadbare::http::{Config, Router, TestClient};
    ///
    /// let mut router = Router::new();
    /// router.get("/users/:id/files/*path", |request, response| {
    ///     let (id, path) = (request.param("id"), request.param("path"));
    ///     response.text(format_args!("{}: {}", id.unwrap(), path.unwrap()));
    /// });
    /// let mut client = TestClient::new(Config::default(), router);
    /// let answer = client.get("/users/7/files/a/b%20c.txt").send();
    /// assert_eq!(answer.text(), "7: a/b c.txt");
    /// ```
    #[must_use]
    pub fn param(&self, name: &str) -> Option<Cow<'a, str>> {
        let (_, value) = self.params.iter().find(|(known, _)| *known == name)?;
        Some(decoded(value.as_bytes(), false))
    }

    /// The same, as a number or whatever can be parsed.
    ///
    /// # Errors
    /// A [`Refusal`] with 404 if it can't be parsed, or the route has none of that name:
    /// nothing has that address.
    pub fn param_as<T: FromStr>(&self, name: &str) -> Result<T, Refusal> {
        let text = self.param(name).unwrap_or_default();
        parsed(name, &text)
            .map_err(|refusal| Refusal::new(404, refusal.sentence().to_owned()))
    }

    /// The same with what a route's pattern has matched.
    #[inline]
    #[must_use]
    pub(crate) fn with_params(self, params: &'a [(&'a str, &'a str)]) -> Self {
        Self { params, ..self }
    }
}

fn parsed<T: FromStr>(name: &str, text: &str) -> Result<T, Refusal> {
    text.parse()
        .map_err(|_| Refusal::new(400, format!("`{name}` can't be {text:?}")))
}

/// The pairs of a query or a form, decoded.
#[derive(Clone, Debug)]
pub struct Pairs<'a> {
    rest: &'a [u8],
}

impl<'a> Pairs<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn find(mut self, name: &str) -> Option<Cow<'a, str>> {
        while let Some((found, value)) = self.next_raw() {
            if decoded(found, true) == name {
                return Some(decoded(value, true));
            }
        }
        None
    }

    /// Name and value as they came.
    fn next_raw(&mut self) -> Option<(&'a [u8], &'a [u8])> {
        while !self.rest.is_empty() {
            let (pair, rest) = split_at(self.rest, b'&');
            self.rest = rest;
            if !pair.is_empty() {
                return Some(split_at(pair, b'='));
            }
        }
        None
    }
}

impl<'a> Iterator for Pairs<'a> {
    type Item = (Cow<'a, str>, Cow<'a, str>);

    fn next(&mut self) -> Option<Self::Item> {
        let (name, value) = self.next_raw()?;
        Some((decoded(name, true), decoded(value, true)))
    }
}

/// What is before a byte and what is behind it; without one, everything is before it.
fn split_at(bytes: &[u8], byte: u8) -> (&[u8], &[u8]) {
    match bytes.iter().position(|&b| b == byte) {
        Some(at) => (&bytes[..at], &bytes[at + 1..]),
        None => (bytes, &[]),
    }
}

/// Takes percent-encoding away. A `%` without two hexadecimal digits stands for itself.
fn decoded(bytes: &[u8], plus_is_blank: bool) -> Cow<'_, str> {
    let is_plain = |&byte: &u8| byte != b'%' && (byte != b'+' || !plus_is_blank);
    if bytes.iter().all(is_plain) {
        return String::from_utf8_lossy(bytes);
    }
    let mut plain = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let [first, behind @ ..] = rest {
        rest = behind;
        plain.push(match first {
            b'+' if plus_is_blank => b' ',
            b'%' => match digits(behind) {
                Some(byte) => {
                    rest = &behind[2..];
                    byte
                }
                None => b'%',
            },
            &byte => byte,
        });
    }
    Cow::Owned(match String::from_utf8(plain) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    })
}

fn digits(bytes: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*bytes.get(at)?).to_digit(16);
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_decoded() {
        for (encoded, plus, expected) in [
            ("plain", true, "plain"),
            ("a+b", true, "a b"),
            ("a+b", false, "a+b"),
            ("%41%6a%4A", true, "AjJ"),
            ("%2B+%2b", true, "+ +"),
            ("%", true, "%"),
            ("%4", true, "%4"),
            ("%4g%zz%%41", true, "%4g%zz%A"),
            ("%E2%82%AC", true, "€"),
            ("%FF%41", true, "\u{fffd}A"),
            ("%+1%-1", false, "%+1%-1"),
            ("%00", true, "\0"),
        ] {
            assert_eq!(decoded(encoded.as_bytes(), plus), expected, "{encoded}");
        }
        assert!(matches!(decoded(b"plain", true), Cow::Borrowed(_)));
    }

    #[test]
    fn pairs_come_in_their_order_and_the_first_is_found() {
        let pairs = |text: &'static str| -> Vec<String> {
            let pairs = Pairs::of(text.as_bytes());
            pairs
                .map(|(name, value)| format!("{name}:{value}"))
                .collect()
        };
        assert_eq!(pairs("a=1&b=2"), ["a:1", "b:2"]);
        assert_eq!(pairs("&&a&=x&a=b=c&"), ["a:", ":x", "a:b=c"]);
        assert_eq!(pairs("%61+b=%3D%26"), ["a b:=&"]);
        assert!(pairs("").is_empty());
        let find = |name| Pairs::of(b"a=1&%62=2&a=3&A=4").find(name);
        assert_eq!(find("a").as_deref(), Some("1"));
        assert_eq!(find("b").as_deref(), Some("2"));
        assert_eq!(find("c"), None);
    }
}
