//! the model must say: b had version 0, and nobody else edits it, but an edit that had seen version 0 gave Ok(3)
//!
//! One number for all documents.

// --- edit from here ---

use std::collections::BTreeMap;

use super::ground::atomic::{AtomicU64, Ordering::Relaxed};
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
    edits: AtomicU64,
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
        let documents = self.documents.read().unwrap();
        documents
            .iter()
            .filter(|(_, document)| matches(&document.text))
            .map(|(name, _)| name.clone())
            .collect()
    }

    /// Saves a text, if the document has still the version `seen`; returns the next one.
    pub fn edit(&self, name: &str, seen: u64, text: &str) -> Result<u64, Stale> {
        let mut documents = self.documents.write().unwrap();
        let now = documents.get(name).map_or(0, |document| document.version);
        if seen != now {
            return Err(Stale { now });
        }
        // ORDERING: Relaxed. Only a number.
        let version = self.edits.fetch_add(1, Relaxed) + 1;
        let text = Arc::new(text.to_owned());
        documents.insert(name.to_owned(), Document { version, text });
        Ok(version)
    }
}

// --- to here ---
