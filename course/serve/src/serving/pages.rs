//! The files of the last book that could be built.

use std::path::Path;
use std::sync::Arc;

use threadbare::http::{Handler, Method, Request, Response, Router, StaticFiles};
use threadbare::sync::RwLock;

/// What is shown to those who ask for a page that is not there; mdbook builds it.
const NOT_FOUND: &str = "404.html";

/// The folder that is shown. It is empty until the first book is there.
#[derive(Debug, Default)]
pub(super) struct Pages(RwLock<Option<Arc<StaticFiles>>>);

impl Pages {
    /// Shows the files of `folder` from now on. Whoever is reading one of another folder at
    /// this moment goes on with that.
    ///
    /// # Errors
    /// One sentence, if it can't be opened.
    pub(super) fn show(&self, folder: &Path) -> Result<(), String> {
        let files = StaticFiles::new(folder).map_err(|error| error.to_string())?;
        let files = Arc::new(files.not_found(NOT_FOUND));
        *self
            .0
            .write()
            .unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(files);
        Ok(())
    }

    fn shown(&self) -> Option<Arc<StaticFiles>> {
        let shown = self.0.read();
        shown
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .clone()
    }
}

/// Adds all pages.
pub(super) fn add(router: &mut Router, pages: &Arc<Pages>) {
    router.route(Method::Get, "/*path", Shown(Arc::clone(pages)));
}

struct Shown(Arc<Pages>);

impl Handler for Shown {
    fn handle(&self, request: &Request<'_>, response: &mut Response<'_>) {
        match self.0.shown() {
            Some(files) => files.handle(request, response),
            None => response.status(503).text("the book is being built"),
        }
        // A browser may keep a page, but has to ask whether it is still the same: else it
        // goes on with one that it has seen before the book was built again.
        response.header("Cache-Control", "no-cache");
    }
}
