//! Cookies that a client sends back.
#![cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]

use std::str;

use super::Request;

impl<'a> Request<'a> {
    /// The value of a cookie, as it came, without the quotes that may be around it.
    ///
    /// ```
    /// use threadbare::http::{Config, Cookie, Request, Response, TestClient};
    ///
    /// let handler = |request: &Request<'_>, response: &mut Response<'_>| {
    ///     match request.cookie("visits") {
    ///         None => response.cookie(&Cookie::new("visits", "1")).text("hello"),
    ///         Some(visits) => response.text(format_args!("{visits} before")),
    ///     }
    /// };
    /// let mut client = TestClient::new(Config::default(), handler);
    /// assert_eq!(client.get("/").send().header("Set-Cookie"), Some("visits=1"));
    /// let again = client.get("/").header("Cookie", "a=b; visits=1").send();
    /// assert_eq!(again.text(), "1 before");
    /// ```
    ///
    /// Source: RFC 6265, 5.4: a client sends those with the longest path first, so of two
    /// with one name the first is the nearest.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&'a str> {
        let mut pairs = self.cookies().filter(|(known, _)| *known == name);
        pairs.next().map(|(_, value)| value)
    }

    /// All cookies, as names and values, in their order. What is not `name=value` in UTF-8 is
    /// left out.
    pub fn cookies(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let lines = self.headers().iter();
        let lines = lines.filter(|(name, _)| name.eq_ignore_ascii_case("cookie"));
        lines.flat_map(|(_, line)| line.split(|&byte| byte == b';').filter_map(pair))
    }
}

fn pair(bytes: &[u8]) -> Option<(&str, &str)> {
    let (name, value) = str::from_utf8(bytes).ok()?.split_once('=')?;
    let value = value.trim();
    let bare = value.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    Some((name.trim(), bare.unwrap_or(value)))
}

#[cfg(test)]
mod tests {
    use super::pair;

    #[test]
    fn a_pair_is_trimmed() {
        assert_eq!(pair(b"a=1"), Some(("a", "1")));
        assert_eq!(pair(b" a = \"1=2\" "), Some(("a", "1=2")));
        assert_eq!(pair(b"a=\""), Some(("a", "\"")));
        assert_eq!(pair(b"a="), Some(("a", "")));
        assert_eq!(pair(b"a"), None);
        assert_eq!(pair(b"\xff=1"), None);
    }
}
