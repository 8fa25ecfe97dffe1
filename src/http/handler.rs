//! What answers a request: a function of the request and the answer.
//!
//! A handler borrows both. It neither waits for the body, which has come when it is called,
//! nor returns an answer, which would have to be built somewhere: it says what the answer is,
//! and the server has it ready when the function returns.
//!
//! ```
//! use threadbare::http::{Request, Response};
//!
//! fn hello(_request: &Request<'_>, response: &mut Response<'_>) {
//!     response.text("Hello, World!");
//! }
//! # let mut client = threadbare::http::TestClient::new(Default::default(), hello);
//! # assert_eq!(client.get("/").send().text(), "Hello, World!");
//! ```
#![cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]

use std::borrow::Cow;
use std::fmt;

use super::{Request, Response};

// ANCHOR: handler
/// Answers requests. Functions and closures do, and so does a [`Router`](super::Router).
///
/// One handler serves all connections, from several threads at once if the server has
/// several, so what it changes is behind a lock or an atomic.
///
/// It is called with the whole request, its body included. If it panics, this request is
/// answered with 500, and nothing else happens: the connection goes on.
///
/// # Blocking
/// As long as an inline handler runs, its loop serves nobody else.
/// # Example
/// A closure says the types of its arguments, or the compiler guesses the wrong lifetimes:
///
/// ```
/// use threadbare::http::{Config, Request, Response, TestClient};
///
/// let handler = |request: &Request<'_>, response: &mut Response<'_>| {
///     response.text(request.path());
/// };
/// let mut client = TestClient::new(Config::default(), handler);
/// assert_eq!(client.get("/anything").send().text(), "/anything");
/// ```
///
/// What is borrowed from the request does not outlive the call:
///
/// ```compile_fail,E0521
/// use std::sync::Mutex;
/// use threadbare::http::{Handler, Request, Response};
///
/// struct Last(Mutex<&'static str>);
///
/// impl Handler for Last {
///     fn handle(&self, request: &Request<'_>, _: &mut Response<'_>) {
///         *self.0.lock().unwrap() = request.path();
///     }
/// }
/// ```
pub trait Handler: Send + Sync + 'static {
    /// Answers one request. If nothing is said about the answer it is 200 and empty.
    fn handle(&self, request: &Request<'_>, response: &mut Response<'_>);

    /// Says where this request is to be handled, if the server has threads for handlers. It is
    /// asked on the loop, and should take no time.
    fn place(&self, request: &Request<'_>) -> Place {
        let _ = request;
        Place::Pooled
    }
}
// ANCHOR_END: handler

/// Where a handler runs, if the server has [`handler_threads`](super::Config::handler_threads).
/// If it has none, all run inline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// On the loop's own thread: no hand-over, for what takes microseconds.
    Inline,
    /// On a thread of the pool, for what waits or computes.
    #[default]
    Pooled,
}

impl<F, R> Handler for F
where
    F: Fn(&Request<'_>, &mut Response<'_>) -> R + Send + Sync + 'static,
    R: Outcome,
{
    #[inline]
    fn handle(&self, request: &Request<'_>, response: &mut Response<'_>) {
        self(request, response).conclude(response);
    }
}

/// What a handler function may return: nothing, or a `Result` whose error is the answer.
///
/// ```
/// use threadbare::http::{Refusal, Request, Response, TestClient};
///
/// fn double(request: &Request<'_>, response: &mut Response<'_>) -> Result<(), Refusal> {
///     let n: u32 = request.query_as("n")?.unwrap_or(1);
///     response.text(2 * n);
///     Ok(())
/// }
/// let mut client = TestClient::new(Default::default(), double);
/// assert_eq!(client.get("/?n=21").send().text(), "42");
/// assert_eq!(client.get("/?n=many").send().status, 400);
/// ```
#[diagnostic::on_unimplemented(
    message = "a handler returns nothing, or a `Result<(), Refusal>`, but not `{Self}`",
    note = "one that only panics needs a name: `fn panics(_: &Request<'_>, _: &mut \
            Response<'_>)`"
)]
pub trait Outcome {
    /// Turns what was returned into the answer, if it is about the answer.
    fn conclude(self, response: &mut Response<'_>);
}

impl Outcome for () {
    #[inline]
    fn conclude(self, _: &mut Response<'_>) {}
}

impl Outcome for Result<(), Refusal> {
    #[inline]
    fn conclude(self, response: &mut Response<'_>) {
        if let Err(refusal) = self {
            refusal.answer(response);
        }
    }
}

/// A request that a handler does not serve: a status, and a sentence for the client.
///
/// It replaces what the handler has said about the answer so far. The connection stays open,
/// for the request was well-formed.
///
/// ```
/// use threadbare::http::Refusal;
///
/// let refusal = Refusal::new(400, "give a number: ?n=3");
/// assert_eq!(refusal.to_string(), "400: give a number: ?n=3");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    status: u16,
    sentence: Cow<'static, str>,
}

impl Refusal {
    /// Makes a refusal. Mind what the sentence says: the client reads it.
    ///
    /// # Panics
    /// If `status` is not from 200 to 599.
    #[must_use]
    #[track_caller]
    pub fn new(status: u16, sentence: impl Into<Cow<'static, str>>) -> Self {
        super::response::check_status(status);
        Self {
            status,
            sentence: sentence.into(),
        }
    }

    /// Returns the status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Returns the sentence.
    #[must_use]
    pub fn sentence(&self) -> &str {
        &self.sentence
    }

    #[cold]
    fn answer(&self, response: &mut Response<'_>) {
        response.reset();
        response.status(self.status).text(&self.sentence);
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.status, self.sentence)
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::super::response::Scratch;
    use super::*;

    fn takes(_: impl Handler) {}

    #[test]
    fn functions_and_closures_are_handlers() {
        fn nothing(_: &Request<'_>, _: &mut Response<'_>) {}
        fn refuses(_: &Request<'_>, _: &mut Response<'_>) -> Result<(), Refusal> {
            Err(Refusal::new(404, "no"))
        }
        takes(nothing);
        takes(refuses);
        takes(|_: &Request<'_>, response: &mut Response<'_>| response.text("x"));
    }

    #[test]
    fn a_refusal_replaces_what_was_said() {
        let mut scratch = Scratch::new();
        let mut response = scratch.response();
        response.status(201).header("X-Made", "by hand");
        Err(Refusal::new(404, "no")).conclude(&mut response);
        assert_eq!(response.status_code(), 404);
        assert!(!response.has_header("X-Made"));
    }
}
