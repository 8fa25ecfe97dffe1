//! What the server is asked for: the routes of the server programs, and some of which only
//! tests have need.

use threadbare::http::{Request, Response, Router};

#[path = "../../examples/server/routes.rs"]
mod server;

/// All of them.
pub(crate) fn router() -> Router {
    let mut router = server::routes(&[]).unwrap();
    router.get(
        "/body",
        |request: &Request<'_>, response: &mut Response<'_>| {
            response.body(vec![b'b'; number(request)]);
        },
    );
    router.get(
        "/lines",
        |request: &Request<'_>, response: &mut Response<'_>| {
            let lines = 0..number(request);
            response.stream(lines.map(|line| format!("line {line}\n")));
        },
    );
    router
}

fn number(request: &Request<'_>) -> usize {
    request.query_as("n").unwrap().unwrap_or(0)
}
