//! Tells the pages in the browser that the book has been built again.
//!
//! Each page knows its edition, and is told which one is the newest: when it begins to listen,
//! and whenever there is another. That they differ is all that it needs to know: also when the
//! server was started anew in between, or when the book was built while the page was on its
//! way.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use threadbare::http::{EventSender, Request, Response, Router, ServerEvent};
use threadbare::sync::{Mutex, MutexGuard};

/// Where the script is; no page of a book has such a name.
const SCRIPT: &str = "/_course/reload.js";
/// Where it listens.
const EVENTS: &str = "/_course/events";

/// After this a page listens again, if the server was stopped and started.
const RETRY: Duration = Duration::from_secs(1);

/// The editions of the book, and the pages that want to hear of them.
#[derive(Debug)]
pub(super) struct Reload {
    /// Tells the editions of this process from those of another.
    start: u128,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// How many names were given.
    number: u64,
    /// What is shown.
    edition: String,
    pages: Vec<EventSender>,
}

impl Reload {
    pub(super) fn new() -> Self {
        let since = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        let start = since.as_millis();
        let state = Mutex::new(State {
            number: 0,
            edition: format!("{start}.0"),
            pages: Vec::new(),
        });
        Self { start, state }
    }

    /// The edition that is shown.
    pub(super) fn edition(&self) -> String {
        self.state().edition.clone()
    }

    /// A name for the next one.
    pub(super) fn next(&self) -> String {
        let mut state = self.state();
        state.number += 1;
        format!("{}.{}", self.start, state.number)
    }

    /// Tells the pages that `edition` is shown now.
    pub(super) fn announce(&self, edition: String) {
        let mut state = self.state();
        state.edition = edition;
        let State { edition, pages, .. } = &mut *state;
        // Nobody is waited for. A page that has left gets no more; one that does not read for
        // so long that there is no room for a line will listen anew.
        pages.retain(|page| page.try_send(&ServerEvent::new(edition)).is_ok());
    }

    /// Takes in a page, and tells it what is shown.
    fn enter(&self, page: EventSender) {
        let mut state = self.state();
        let edition = ServerEvent::new(&state.edition).retry(RETRY);
        let told = page.try_send(&edition).is_ok();
        // Readers turn pages far more often than the book is built.
        state.pages.retain(|page| !page.is_closed());
        if told {
            state.pages.push(page);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// Adds the script, and the stream to which it listens. Neither waits for anything, so they
/// are answered on the loop.
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
            EVENTS,
            move |_: &Request<'_>, response: &mut Response<'_>| {
                reload.enter(response.events());
            },
        )
        .inline();
}

/// What stands at the end of each page of `edition`.
pub(super) fn tag(edition: &str) -> String {
    format!("<script src=\"{SCRIPT}\" data-edition=\"{edition}\"></script>\n")
}
