//! What `Set-Cookie` says.

use std::fmt;
use std::time::Duration;

use super::scratch::is_token;

/// A cookie that an answer sets.
///
/// Nothing is said that you don't say, so by default a script can read it, and it goes over
/// connections that anybody can read. For one that stands for a person, say more:
///
/// ```
/// use std::time::Duration;
/// use threadbare::http::{Cookie, SameSite};
///
/// let session = Cookie::new("session", "4f1c")
///     .path("/")
///     .max_age(Duration::from_secs(3600))
///     .http_only()
///     .secure()
///     .same_site(SameSite::Lax);
/// assert_eq!(
///     session.to_string(),
///     "session=4f1c; Path=/; Max-Age=3600; HttpOnly; Secure; SameSite=Lax"
/// );
/// ```
///
/// To make the client forget one, set it again with `max_age(Duration::ZERO)`.
///
/// A name is a token; a value has visible ASCII characters except `"`, `,`, `;` and `\`.
/// Source: RFC 6265, 4.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "give it to `Response::cookie`"]
pub struct Cookie<'a> {
    name: &'a str,
    value: &'a str,
    path: Option<&'a str>,
    domain: Option<&'a str>,
    max_age: Option<Duration>,
    http_only: bool,
    secure: bool,
    same_site: Option<SameSite>,
}

/// With which requests from other sites a cookie is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SameSite {
    /// With none.
    Strict,
    /// When a person follows a link.
    Lax,
    /// With all; browsers want [`Cookie::secure`] then.
    None,
}

impl<'a> Cookie<'a> {
    /// Makes a cookie that lasts until the browser is closed.
    pub fn new(name: &'a str, value: &'a str) -> Self {
        Self {
            name,
            value,
            path: None,
            domain: None,
            max_age: None,
            http_only: false,
            secure: false,
            same_site: None,
        }
    }

    /// Sends it only for this path and those below.
    pub fn path(mut self, path: &'a str) -> Self {
        self.path = Some(path);
        self
    }

    /// Sends it to this domain and those below, not just to the host that has set it.
    pub fn domain(mut self, domain: &'a str) -> Self {
        self.domain = Some(domain);
        self
    }

    /// Keeps it for so long, in whole seconds, rounded down.
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = Some(age);
        self
    }

    /// Hides it from scripts.
    pub fn http_only(mut self) -> Self {
        self.http_only = true;
        self
    }

    /// Sends it over TLS only.
    pub fn secure(mut self) -> Self {
        self.secure = true;
        self
    }

    /// Says with which requests from other sites it is sent.
    pub fn same_site(mut self, same_site: SameSite) -> Self {
        self.same_site = Some(same_site);
        self
    }

    #[track_caller]
    pub(super) fn check(&self) {
        let (name, value) = (self.name, self.value);
        assert!(
            !name.is_empty() && name.bytes().all(is_token),
            "a cookie's name has letters, digits and hyphens, not {name:?}"
        );
        assert!(
            value.bytes().all(is_cookie_octet),
            "a cookie's value has no blanks, quotes, commas or semicolons: {value:?}"
        );
        let mut more = [self.path, self.domain].into_iter().flatten();
        assert!(
            more.all(|text| text.bytes().all(|byte| byte != b';')),
            "a semicolon ends a part of a cookie: {self}"
        );
    }
}

fn is_cookie_octet(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"\",;\\".contains(&byte)
}

impl fmt::Display for Cookie<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.name, self.value)?;
        if let Some(path) = self.path {
            write!(f, "; Path={path}")?;
        }
        if let Some(domain) = self.domain {
            write!(f, "; Domain={domain}")?;
        }
        if let Some(age) = self.max_age {
            write!(f, "; Max-Age={}", age.as_secs())?;
        }
        if self.http_only {
            f.write_str("; HttpOnly")?;
        }
        if self.secure {
            f.write_str("; Secure")?;
        }
        match self.same_site {
            Some(same_site) => write!(f, "; SameSite={same_site:?}"),
            None => Ok(()),
        }
    }
}
