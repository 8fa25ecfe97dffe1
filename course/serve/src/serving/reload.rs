//! Tells the pages in the browser that the book has been built again.
//!
//! Each page knows its edition, and asks which one is the newest. That they differ is all that
//! it needs to know: also when the server was started anew in between, or when the book was
//! built while the page was on its way.

use std::sync::Arc;
use std::time::SystemTime;

use threadbare::http::{Request, Response, Router};
use threadbare::sync::Mutex;

/// Where the script is; no page of a book has such a name.
const SCRIPT: &str = "/_course/reload.js";
/// Where it asks.
const EDITION: &str = "/_course/edition";

/// The editions of the book.
#[derive(Debug)]
pub(super) struct Reload {
    /// Tells the editions of this process from those of another.
    start: u128,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    number: u64,
    shown: String,
}

impl Reload {
    pub(super) fn new() -> Self {
        let since = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        let start = since.as_millis();
        let state = Mutex::new(State {
            number: 0,
            shown: format!("{start}.0"),
        });
        Self { start, state }
    }

    /// The edition that is shown.
    pub(super) fn edition(&self) -> String {
        self.state().shown.clone()
    }

    /// A name for the next one.
    pub(super) fn next(&self) -> String {
        let mut state = self.state();
        state.number += 1;
        format!("{}.{}", self.start, state.number)
    }

    /// Tells the pages that `edition` is shown now.
    pub(super) fn announce(&self, edition: String) {
        self.state().shown = edition;
    }

    fn state(&self) -> threadbare::sync::MutexGuard<'_, State> {
        self.state
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// Adds the script, and what it asks.
pub(super) fn add(router: &mut Router, reload: &Arc<Reload>) {
    router
        .get(SCRIPT, |_: &Request<'_>, response: &mut Response<'_>| {
            response.content_type("text/javascript; charset=utf-8");
            response.header("Cache-Control", "no-cache");
            response.static_bytes(include_bytes!("reload.js"));
        })
        .inline();
    let reload = Arc::clone(reload);
    router
        .get(
            EDITION,
            move |_: &Request<'_>, response: &mut Response<'_>| {
                response.header("Cache-Control", "no-store");
                response.text(reload.edition().as_str());
            },
        )
        .inline();
}

/// What stands at the end of each page of `edition`.
pub(super) fn tag(edition: &str) -> String {
    format!("<script src=\"{SCRIPT}\" data-edition=\"{edition}\"></script>\n")
}
