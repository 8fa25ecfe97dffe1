//! Which handler answers which request: by path and method.
//!
//! Paths are cut at their slashes and kept as a tree, so what a request costs depends on how
//! long its path is, not on how many routes there are. At each step the literal comes first,
//! then `:param`, then `*rest`; a way that leads nowhere is given up for the next.
//!
//! ```text
//! /users/me      /users/:id      /users/:id/posts      /files/*path
//!
//!        ┌─ "users" ─┬─ "me"  GET
//!   root ┤           └─ :     GET ── "posts"  GET POST
//!        └─ "files" ── *      GET
//! ```
#![cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]

mod tree;

use std::fmt;
use std::mem;
use std::sync::Arc;

use super::middleware::{Middleware, Next};
use super::{Handler, Method, Outcome, Place, Request, Response};

use tree::{Methods, Tree};

/// The most `:param`s and `*rest`s in one route.
const PARAMS_MAX: usize = 8;

// ANCHOR: router
/// Picks a handler by path and method.
///
/// ```
/// use threadbare::http::{Config, Router, TestClient};
///
/// let mut router = Router::new();
/// router.get("/", |_, response| response.text("Hello, World!"));
/// router.get("/users/:id", |request, response| {
///     let id: u32 = request.param_as("id")?;
///     response.text(format_args!("user {id}"));
///     Ok(())
/// });
/// router.group("/files", |files| {
///     files.get("/*path", |request, response| {
///         response.text(request.param("path").unwrap_or_default());
///     });
///     files.delete("/*path", |_, response| response.status(403).text("no"));
/// });
///
/// let mut client = TestClient::new(Config::default(), router);
/// assert_eq!(client.get("/").send().text(), "Hello, World!");
/// assert_eq!(client.get("/users/7").send().text(), "user 7");
/// assert_eq!(client.get("/users/seven").send().status, 404);
/// assert_eq!(client.get("/files/a/b.txt").send().text(), "a/b.txt");
/// let refused = client.post("/files/a").send();
/// assert_eq!(refused.status, 405);
/// assert_eq!(refused.header("Allow"), Some("GET, HEAD, DELETE"));
/// ```
///
/// | in a path | matches |
/// |---|---|
/// | `name` | itself, byte for byte, as it comes: `%41` is not `A` |
/// | `:name` | one part, up to the next slash, that is not empty |
/// | `*name`, at the end | all that is left, slashes included; may be empty |
///
/// Where GET is answered, HEAD is, too. A path that is known with other methods gets 405, any
/// other 404, or what [`fallback`](Self::fallback) says. `/a` and `/a/` are two paths.
#[derive(Default)]
pub struct Router {
    tree: Tree,
    routes: Vec<Entry>,
    /// The first is the router itself.
    groups: Vec<Group>,
    fallback: Option<Box<dyn Handler>>,
    /// What routes are added to.
    prefix: String,
    group: usize,
}
// ANCHOR_END: router

struct Entry {
    handler: Box<dyn Handler>,
    /// What its `:` and `*` are called, in the order of the path.
    params: Vec<Box<str>>,
    group: usize,
    /// Where it is handled, if the route says so; else the handler does.
    place: Option<Place>,
}

#[derive(Default)]
struct Group {
    parent: usize,
    own: Vec<Arc<Middleware>>,
    /// Those of all groups around it, then its own.
    chain: Vec<Arc<Middleware>>,
}

macro_rules! methods {
    ($($(#[$doc:meta])* $name:ident $method:ident)*) => {
        $(
            $(#[$doc])*
            #[track_caller]
            pub fn $name<F, R>(&mut self, path: &str, handler: F) -> Route<'_>
            where
                F: Fn(&Request<'_>, &mut Response<'_>) -> R + Send + Sync + 'static,
                R: Outcome,
            {
                self.route(Method::$method, path, handler)
            }
        )*
    };
}

impl Router {
    /// Makes a router that answers 404.
    #[must_use]
    pub fn new() -> Self {
        Self {
            groups: vec![Group::default()],
            ..Self::default()
        }
    }

    methods! {
        /// Answers GET and HEAD.
        ///
        /// # Panics
        /// As [`route`](Self::route); and so do the others.
        get Get
        /// Answers POST.
        post Post
        /// Answers PUT.
        put Put
        /// Answers PATCH.
        patch Patch
        /// Answers DELETE.
        delete Delete
        /// Answers OPTIONS.
        options Options
    }

    /// Answers any method, with any handler: for those that are no functions.
    ///
    /// # Panics
    /// If the path does not begin with a slash, has characters that no path has, has an empty
    /// or repeated name or more than 8 of them, or something behind `*rest`; or if this
    /// method already has a handler there.
    #[track_caller]
    pub fn route(
        &mut self,
        method: Method,
        path: &str,
        handler: impl Handler,
    ) -> Route<'_> {
        let path = format!("{}{path}", self.prefix);
        let index = self.routes.len();
        let params = self.tree.add(&path, method, index);
        self.routes.push(Entry {
            handler: Box::new(handler),
            params,
            group: self.group,
            place: None,
        });
        Route {
            entry: &mut self.routes[index],
        }
    }

    /// Adds routes that have the beginning of their path in common, and their middleware.
    /// Groups can be in groups.
    ///
    /// Within it, `"/"` is the prefix with a slash behind it, and `""` the prefix itself.
    #[track_caller]
    pub fn group(&mut self, prefix: &str, add: impl FnOnce(&mut Self)) -> &mut Self {
        assert!(
            prefix.starts_with('/') && !prefix.ends_with('/'),
            "a prefix begins with a slash and does not end with one, unlike {prefix:?}"
        );
        let length = self.prefix.len();
        self.prefix.push_str(prefix);
        let group = self.groups.len();
        self.groups.push(Group {
            parent: self.group,
            own: Vec::new(),
            chain: self.groups[self.group].chain.clone(),
        });
        let outer = mem::replace(&mut self.group, group);
        add(self);
        self.group = outer;
        self.prefix.truncate(length);
        self
    }

    /// Puts a function around all handlers of this group, whether they come before or behind
    /// this line. The first that is put is the outermost. Those of the router itself see every
    /// request, also those that have no route: see [`Next`].
    pub fn middleware(
        &mut self,
        middleware: impl Fn(&Request<'_>, &mut Response<'_>, Next<'_>)
        + Send
        + Sync
        + 'static,
    ) -> &mut Self {
        self.groups[self.group].own.push(Arc::new(middleware));
        for index in 0..self.groups.len() {
            // A parent comes before its children.
            let group = &self.groups[index];
            let mut chain = match index {
                0 => Vec::new(),
                _ => self.groups[group.parent].chain.clone(),
            };
            chain.extend(group.own.iter().cloned());
            self.groups[index].chain = chain;
        }
        self
    }

    /// Answers what has no route, in the place of a plain 404.
    pub fn fallback(&mut self, handler: impl Handler) -> &mut Self {
        self.fallback = Some(Box::new(handler));
        self
    }
}

impl Handler for Router {
    // ANCHOR: handle
    fn handle(&self, request: &Request<'_>, response: &mut Response<'_>) {
        let (path, _) = request.split_target();
        match self.tree.find_literal(path, request.method()) {
            Some(index) => self.run(&self.routes[index], request, response),
            None => self.walk(request, response),
        }
    }
    // ANCHOR_END: handle

    fn place(&self, request: &Request<'_>) -> Place {
        let (path, _) = request.split_target();
        let entry = match self.tree.find_literal(path, request.method()) {
            Some(index) => &self.routes[index],
            None => {
                let mut values = [""; PARAMS_MAX];
                let path = request.path();
                let found = self.tree.find(path, request.method(), &mut values);
                match (found, &self.fallback) {
                    (Ok(index), _) => &self.routes[index],
                    (Err(methods), Some(fallback)) if methods.is_empty() => {
                        return fallback.place(request);
                    }
                    // To say that there is nothing takes no time.
                    (Err(_), _) => return Place::Inline,
                }
            }
        };
        entry.place.unwrap_or_else(|| entry.handler.place(request))
    }
}

impl Router {
    #[inline]
    fn run(
        &self,
        entry: &Entry,
        request: &Request<'_>,
        response: &mut Response<'_>,
    ) {
        let chain = &self.groups[entry.group].chain;
        let handler = &*entry.handler;
        Next { chain, handler }.run(request, response);
    }

    // ANCHOR: walk
    /// Looks for a route with names, and puts what they stand for into the request.
    #[inline(never)]
    fn walk(&self, request: &Request<'_>, response: &mut Response<'_>) {
        let mut values = [""; PARAMS_MAX];
        let path = request.path();
        let entry = match self.tree.find(path, request.method(), &mut values) {
            Ok(index) => &self.routes[index],
            Err(methods) => return self.no_route(methods, request, response),
        };
        let mut params = [("", ""); PARAMS_MAX];
        for (at, name) in entry.params.iter().enumerate() {
            params[at] = (name, values[at]);
        }
        let request = request.with_params(&params[..entry.params.len()]);
        self.run(entry, &request, response);
    }
    // ANCHOR_END: walk

    #[cold]
    fn no_route(
        &self,
        methods: Methods,
        request: &Request<'_>,
        response: &mut Response<'_>,
    ) {
        let chain = &self.groups[0].chain;
        let no_route = NoRoute(methods);
        let handler = match &self.fallback {
            Some(fallback) if methods.is_empty() => &**fallback,
            _ => &no_route,
        };
        Next { chain, handler }.run(request, response);
    }
}

/// Says that nothing is there, or not for this method.
struct NoRoute(Methods);

impl Handler for NoRoute {
    fn handle(&self, _: &Request<'_>, response: &mut Response<'_>) {
        let status = match self.0.is_empty() {
            true => 404,
            false => 405,
        };
        if status == 405 {
            response.header("Allow", self.0);
        }
        response.status(status).text(super::reason(status));
    }
}

/// A route that was just added, to say more about it.
///
/// ```
/// use threadbare::http::Router;
///
/// let mut router = Router::new();
/// router.get("/", |_, response| response.text("at once")).inline();
/// ```
#[derive(Debug)]
pub struct Route<'a> {
    entry: &'a mut Entry,
}

impl Route<'_> {
    /// Handles it on the loop's thread, also if there are threads for handlers.
    pub fn inline(self) {
        self.entry.place = Some(Place::Inline);
    }

    /// Handles it on a handler's thread, if there are any.
    pub fn pooled(self) {
        self.entry.place = Some(Place::Pooled);
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("params", &self.params)
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Router {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Router")
            .field("routes", &self.routes.len())
            .field("groups", &self.groups.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
