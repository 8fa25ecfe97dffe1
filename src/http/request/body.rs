//! The body of a request, which has come before its handler is called.
#![cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]

use std::borrow::Cow;
use std::str;

use super::Request;
use super::query::Pairs;
use crate::http::Refusal;

impl<'a> Request<'a> {
    /// The same with its body.
    #[inline]
    #[must_use]
    pub(crate) fn with_body(self, body: &'a [u8]) -> Self {
        Self { body, ..self }
    }

    /// The body, as bytes. Whether it came in chunks makes no difference.
    ///
    /// ```
    /// use threadbare::http::{Config, Request, Response, TestClient};
    ///
    /// let echo = |request: &Request<'_>, response: &mut Response<'_>| {
    ///     response.bytes(request.body());
    /// };
    /// let mut client = TestClient::new(Config::default(), echo);
    /// assert_eq!(client.post("/").body("as one").send().text(), "as one");
    /// assert_eq!(client.post("/").chunks(["in ", "parts"]).send().text(), "in parts");
    /// ```
    #[must_use]
    #[inline]
    pub fn body(&self) -> &'a [u8] {
        self.body
    }

    /// The body, as text.
    ///
    /// # Errors
    /// A [`Refusal`] with 400 if it is not UTF-8, whatever `Content-Type` says.
    ///
    /// ```
    /// use threadbare::http::{Refusal, Request, Response, TestClient};
    ///
    /// fn shout(request: &Request<'_>, response: &mut Response<'_>) -> Result<(), Refusal> {
    ///     response.text(request.text()?.to_uppercase());
    ///     Ok(())
    /// }
    /// let mut client = TestClient::new(Default::default(), shout);
    /// assert_eq!(client.post("/").body("hey").send().text(), "HEY");
    /// assert_eq!(client.post("/").body([0xff]).send().status, 400);
    /// ```
    pub fn text(&self) -> Result<&'a str, Refusal> {
        str::from_utf8(self.body).map_err(|error| {
            let at = error.valid_up_to();
            Refusal::new(400, format!("byte {at} of the body is not UTF-8"))
        })
    }

    /// The first field of that name in a body that a form has sent
    /// (`application/x-www-form-urlencoded`), decoded as in [`query`](Self::query).
    ///
    /// ```
    /// # use threadbare::http::{Request, Response, TestClient};
    /// let handler = |request: &Request<'_>, response: &mut Response<'_>| {
    ///     response.text(request.form("name").unwrap_or_default());
    /// };
    /// let mut client = TestClient::new(Default::default(), handler);
    /// assert_eq!(client.post("/").body("name=Ada+L.&age=36").send().text(), "Ada L.");
    /// ```
    #[must_use]
    pub fn form(&self, name: &str) -> Option<Cow<'a, str>> {
        Pairs::of(self.body).find(name)
    }
}
