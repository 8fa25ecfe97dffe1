//! the model must say: a was edited, and then b, but a search found the edit of b without that of a
//!
//! Each document by itself: an edit comes in between.

// --- edit from here ---

use std::collections::BTreeMap;

use super::ground::sync::{Arc, RwLock};

/// One version of a document.
#[derive(Debug, Clone)]
pub struct Document {
    version: u64,
    text: Arc<String>,
}

impl Document {
    /// Which version it is: 1 for the first.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Its text.
    pub fn text(&self) -> String {
        String::clone(&self.text)
    }
}

/// An edit was refused: somebody else has saved one meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stale {
    /// The version that the document has now.
    pub now: u64,
}

/// Documents by name.
#[derive(Debug, Default)]
pub struct Store {
    documents: RwLock<BTreeMap<String, Document>>,
}

impl Store {
    /// A store without documents.
    pub fn new() -> Self {
        Self::default()
    }

    /// The document as it is now.
    pub fn get(&self, name: &str) -> Option<Document> {
        self.documents.read().unwrap().get(name).cloned()
    }

    /// The names of all documents whose text matches, sorted.
    pub fn search(&self, matches: impl Fn(&str) -> bool) -> Vec<String> {
        let names: Vec<String> =
            self.documents.read().unwrap().keys().cloned().collect();
        let found =
            |name: &String| self.get(name).is_some_and(|it| matches(&it.text));
        names.into_iter().filter(found).collect()
    }

    /// Saves a text, if the document has still the version `seen`; returns the next one.
    pub fn edit(&self, name: &str, seen: u64, text: &str) -> Result<u64, Stale> {
        let mut documents = self.documents.write().unwrap();
        let now = documents.get(name).map_or(0, |document| document.version);
        if seen != now {
            return Err(Stale { now });
        }
        let version = now + 1;
        let text = Arc::new(text.to_owned());
        documents.insert(name.to_owned(), Document { version, text });
        Ok(version)
    }
}

// --- to here ---
