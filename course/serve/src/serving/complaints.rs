//! What mdbook warns of: an include that leads nowhere, a tag that is never closed.
//!
//! mdbook says it through `tracing`, and goes on. Here is a subscriber that keeps what matters
//! as one line each, until somebody takes it.

use std::fmt::{self, Write as _};
use std::mem;

use threadbare::sync::Mutex;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// What was said since it was last taken.
static SAID: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Listens from now on, in the whole process.
pub(super) fn listen() {
    // A second time is an error, and changes nothing.
    let _ = tracing::subscriber::set_global_default(Listener);
}

/// What was said since the last call.
pub(super) fn take() -> Vec<String> {
    mem::take(&mut *said())
}

fn said() -> threadbare::sync::MutexGuard<'static, Vec<String>> {
    SAID.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

struct Listener;

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        // Levels are ordered by how much is said.
        *metadata.level() <= Level::WARN
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(String::new());
        event.record(&mut line);
        said().push(super::press::one_line(&line.0));
    }

    // Nobody here asks in which span it was said.
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// The sentence of an event; what else is recorded with it is left out.
struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            let _ = write!(self.0, "{value:?}");
        }
    }
}
