//! 02.4 (implement): documents that many read and few edit.
//!
//! An editor keeps its documents under their names, each with a version. Most threads
//! look something up, or search through all the texts, which takes long. Now and then
//! one of them saves an edit.
//!
//! Goal: a store that does not make readers wait for each other.
//!
//! - `get` gives a copy of the document. It stays what it was, whatever is saved later.
//! - `search` calls `matches` once for each text, and gives the names of those that
//!   match, sorted. What it sees is the store as it was at one moment. Searches on
//!   several threads go on at the same time, and `get` does not wait for them either.
//! - `edit` saves a text, if `seen` is the version that the document has now: nobody
//!   overwrites what it has not seen. It returns the next version. A document that is
//!   not there has version 0, and its first text makes it version 1.
//! - `edit` may wait for those that read, and they for an edit.
//!
//! `matches` does not call the store. The fields below are a suggestion: change them,
//! and build on whatever `super::ground` has.
//!
//! Edit between the markers only. About 20 lines, 15 minutes.
//! Stuck? `cargo hint 02.4`, three levels.
//!
//! A failing run prints the interleaving in columns, and for instance:
//! ```text
//! two threads have edited version 1, and both were told that theirs is saved, as
//! version 2 and version 2: one of them has overwritten what it had not seen
//! ```

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
        // Rejected: the names first, and then a `get` for each. Between two of them an
        // edit can come, and what is found was never there at one moment.
        let documents = self.documents.read().unwrap();
        documents
            .iter()
            .filter(|(_, document)| matches(&document.text))
            .map(|(name, _)| name.clone())
            .collect()
    }

    /// Saves a text, if the document has still the version `seen`; returns the next one.
    pub fn edit(&self, name: &str, seen: u64, text: &str) -> Result<u64, Stale> {
        // Look and save under one lock. Rejected: to look under `read`. Between its end
        // and `write` another edit can come; and whoever keeps it, and asks for `write`,
        // waits for itself.
        let mut documents = self.documents.write().unwrap();
        let now = documents.get(name).map_or(0, |document| document.version);
        if seen != now {
            return Err(Stale { now });
        }
        let version = now + 1;
        // A new text in a new place: copies of the old one stay what they are.
        let text = Arc::new(text.to_owned());
        documents.insert(name.to_owned(), Document { version, text });
        Ok(version)
    }
}

// --- to here ---
