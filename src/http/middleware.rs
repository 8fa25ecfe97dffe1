//! What stands around handlers: plain functions that are given the rest of the way.
//!
//! ```text
//! request ──► log ──► only_members ──► handler
//! answer  ◄── log ◄── only_members ◄──────┘
//! ```
//!
//! A middleware gets what a handler gets, and [`Next`]. What it does before [`Next::run`]
//! happens on the way in, what it does afterwards on the way out; and if it does not call it,
//! nobody behind it is asked. The answer lies in the [`Response`] the whole time and has not
//! been sent, so on the way out it can still be changed.
#![cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]

use std::fmt;
use std::sync::Arc;

use super::{Handler, Request, Response};

/// A function around handlers, as a router keeps it.
pub(super) type Middleware =
    dyn Fn(&Request<'_>, &mut Response<'_>, Next<'_>) + Send + Sync;

// ANCHOR: next
/// The rest of the way to the handler: the next middleware, or the handler itself.
///
/// ```
/// use threadbare::http::{Config, Next, Request, Response, Router, TestClient};
///
/// fn only_members(request: &Request<'_>, response: &mut Response<'_>, next: Next<'_>) {
///     match request.cookie("member") {
///         Some(_) => next.run(request, response),
///         None => response.status(401).text("who are you?"),
///     }
///     response.header("Cache-Control", "no-store");
/// }
///
/// let mut router = Router::new();
/// router.get("/", |_, response| response.text("come in"));
/// router.group("/club", |club| {
///     club.middleware(only_members);
///     club.get("/news", |_, response| response.text("nothing new"));
/// });
/// let mut client = TestClient::new(Config::default(), router);
/// assert_eq!(client.get("/").send().text(), "come in");
/// assert_eq!(client.get("/club/news").send().status, 401);
/// let news = client.get("/club/news").header("Cookie", "member=1").send();
/// assert_eq!(news.text(), "nothing new");
/// assert_eq!(news.header("Cache-Control"), Some("no-store"));
/// ```
///
/// It can be run once:
///
/// ```compile_fail,E0382
/// use threadbare::http::{Next, Request, Response};
///
/// fn twice(request: &Request<'_>, response: &mut Response<'_>, next: Next<'_>) {
///     next.run(request, response);
///     next.run(request, response); // error[E0382]: use of moved value
/// }
/// ```
#[must_use = "if it is not run, the handler is not asked"]
pub struct Next<'a> {
    pub(super) chain: &'a [Arc<Middleware>],
    pub(super) handler: &'a dyn Handler,
}

impl Next<'_> {
    /// Goes on, and returns when the answer is there.
    pub fn run(self, request: &Request<'_>, response: &mut Response<'_>) {
        match self.chain {
            [] => self.handler.handle(request, response),
            [first, chain @ ..] => {
                let handler = self.handler;
                first(request, response, Next { chain, handler });
            }
        }
    }
}
// ANCHOR_END: next

impl fmt::Debug for Next<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Next")
            .field("middleware", &self.chain.len())
            .finish_non_exhaustive()
    }
}
