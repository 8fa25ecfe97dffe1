//! Texts that many threads read and few change: the heart of an editor's language server.
//!
//! A read-write lock around a map. What makes it pleasant is what does *not* happen under
//! the lock. A text never changes; an edit puts a new one in its place, made before the lock
//! is taken. A reader gets an `Arc` of the text as it was, and lets the lock go at once. So
//! nobody holds the lock for longer than it takes to look up a name, and no guard leaves
//! this file: a caller can't hold it across a slow call, nor deadlock by asking for it twice.
//!
//! # No lost edits
//!
//! Two people open version 1, and both save. An `edit` says on which version it is based,
//! and is refused if that is not the current one. The comparison and the change happen under
//! one write lock; compared under a read lock and changed under a write lock taken later,
//! both would pass. Versions are numbers of the whole store and are never used twice: a
//! document that is closed and opened again has another version than before, so that an
//! edit based on the old one does not fit by accident.

use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::mem;
// Not the ground's: a text is data that nobody changes, there is no step in it to explore,
// and the ground of models has no `Arc<str>`.
use std::sync::Arc;

use crate::ground::on_std::sync::{
    PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
};

/// Named texts, with versions.
///
/// # Poisoning
/// Ignored. Nothing of the caller's runs under the lock: names and texts are copied before
/// it is taken, and dropped after it has been let go.
///
/// # Blocking
/// Each call takes the lock once, for a look-up in a hash map; readers do so at the same
/// time. [`names`](Self::names) and [`snapshot`](Self::snapshot) are the only ones whose time
/// under the lock grows with the number of documents.
///
/// # Example
/// ```
/// use threadbare::locks::DocumentStore;
///
/// let store = DocumentStore::new();
/// let opened = store.open("main.rs", "fn main() {}");
/// let before = store.get("main.rs").expect("it is open");
///
/// let edited = store.edit("main.rs", opened, "fn main() { run() }");
/// assert!(edited.is_ok());
/// assert_eq!(before.text(), "fn main() {}"); // who reads, reads on
///
/// let late = store.edit("main.rs", opened, "// mine");
/// assert_eq!(late.unwrap_err().current, edited.ok()); // based on what is gone
/// ```
#[derive(Default)]
pub struct DocumentStore {
    state: RwLock<State>,
}

#[derive(Default)]
struct State {
    documents: HashMap<Arc<str>, Document>,
    /// The version that was given last, to any document.
    last: Version,
}

/// A text as it was at one moment. Cloning it counts a reference and copies nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    text: Arc<str>,
    version: Version,
}

/// Which text of a [`DocumentStore`] it is. A later one is greater, and none comes twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(u64);

impl DocumentStore {
    /// A store without documents.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a document into the store, and returns its version. If the name is there
    /// already, the text takes the place of the other, whatever its version was.
    pub fn open(&self, name: &str, text: &str) -> Version {
        let (name, text) = (Arc::from(name), Arc::from(text));
        let mut state = self.write();
        let document = state.next(text);
        let version = document.version;
        // If the name is there, the map drops this one: a count, and no memory.
        let old = state.documents.insert(Arc::clone(&name), document);
        // To free a large text takes time, so not under the lock; nor the name.
        drop(state);
        drop((name, old));
        version
    }

    /// Puts `text` in the place of the version that it is based on, and returns the new one.
    ///
    /// # Errors
    /// [`Conflict`] if the document's version is not `based_on`, or it is not open. Nothing
    /// has changed; get the current text, make the change again, and try again.
    // ANCHOR: edit
    pub fn edit(
        &self,
        name: &str,
        based_on: Version,
        text: &str,
    ) -> Result<Version, Conflict> {
        let text = Arc::from(text); // the copy is made before the lock is taken
        let mut state = self.write();
        let current = state.documents.get(name).map(Document::version);
        if current != Some(based_on) {
            return Err(Conflict { based_on, current });
        }
        let document = state.next(text);
        let version = document.version;
        let place = state.documents.get_mut(name);
        let old = place.map(|place| mem::replace(place, document));
        drop(state);
        drop(old); // and the old text is freed after it has been let go
        Ok(version)
    }
    // ANCHOR_END: edit

    /// The document as it is now.
    ///
    /// # Cost
    /// One read lock, one look-up, one reference counted. No text is copied.
    // ANCHOR: get
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Document> {
        self.read().documents.get(name).cloned()
    }
    // ANCHOR_END: get

    /// Takes a document out of the store, and returns its last text. Whoever has a clone of
    /// it reads on.
    pub fn close(&self, name: &str) -> Option<Document> {
        let mut state = self.write();
        let entry = state.documents.remove_entry(name);
        drop(state);
        entry.map(|(_name, document)| document) // the name is freed after the unlock
    }

    /// All documents with their names, sorted by these, as they were at one moment: no edit
    /// is in it of which an earlier one, to whatever document, is not.
    ///
    /// # Cost
    /// One read lock; under it two references are counted for each document. No text is
    /// copied.
    ///
    /// ```
    /// use threadbare::locks::DocumentStore;
    ///
    /// let store = DocumentStore::new();
    /// store.open("lib.rs", "mod a;");
    /// store.open("a.rs", "");
    /// let before = store.snapshot();
    /// store.open("a.rs", "fn a() {}");
    /// let texts: Vec<_> = before.iter().map(|(name, it)| (&**name, it.text())).collect();
    /// assert_eq!(texts, [("a.rs", ""), ("lib.rs", "mod a;")]);
    /// ```
    #[must_use]
    pub fn snapshot(&self) -> Vec<(Arc<str>, Document)> {
        let copy = |(name, document): (&Arc<str>, &Document)| {
            (Arc::clone(name), document.clone())
        };
        let mut all: Vec<_> = self.read().documents.iter().map(copy).collect();
        all.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        all
    }

    /// The names of all documents, sorted.
    #[must_use]
    pub fn names(&self) -> Vec<Arc<str>> {
        let mut names: Vec<_> = self.read().documents.keys().cloned().collect();
        names.sort_unstable();
        names
    }

    /// How many documents are open. Already out of date when you read it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.read().documents.len()
    }

    /// Whether no document is open; as far out of date as [`len`](Self::len).
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    // See "Poisoning" above.
    #[track_caller]
    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    #[track_caller]
    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// `text` under a version that nobody has had.
    fn next(&mut self, text: Arc<str>) -> Document {
        // One a nanosecond would last for 584 years.
        self.last.0 += 1;
        Document {
            text,
            version: self.last,
        }
    }
}

impl Document {
    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The version: what an edit of this text is based on.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for DocumentStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DocumentStore")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

/// An edit was based on a version that is not the current one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// What the edit was based on.
    pub based_on: Version,
    /// What is there; `None` if the document is not open.
    pub current: Option<Version>,
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { based_on, current } = self;
        match current {
            Some(current) => {
                write!(f, "based on version {based_on}, but {current} is current")
            }
            None => {
                write!(f, "based on version {based_on}, but it is not open")
            }
        }
    }
}

impl Error for Conflict {}

#[cfg(test)]
mod models;
