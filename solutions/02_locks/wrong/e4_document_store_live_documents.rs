//! the model must say: in the copy that was taken before an edit
//!
//! A lock for each document, and what is given out is the document itself.

// --- edit from here ---

use std::collections::BTreeMap;

use super::ground::sync::{Arc, RwLock};

/// One version of a document.
#[derive(Debug, Clone)]
pub struct Document {
    now: Arc<RwLock<(u64, String)>>,
}

impl Document {
    /// Which version it is: 1 for the first.
    pub fn version(&self) -> u64 {
        self.now.read().unwrap().0
    }

    /// Its text.
    pub fn text(&self) -> String {
        self.now.read().unwrap().1.clone()
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
        let documents = self.documents.read().unwrap();
        documents
            .iter()
            .filter(|(_, document)| matches(&document.text()))
            .map(|(name, _)| name.clone())
            .collect()
    }

    /// Saves a text, if the document has still the version `seen`; returns the next one.
    pub fn edit(&self, name: &str, seen: u64, text: &str) -> Result<u64, Stale> {
        let mut documents = self.documents.write().unwrap();
        if seen > 0 && !documents.contains_key(name) {
            return Err(Stale { now: 0 });
        }
        let document =
            documents
                .entry(name.to_owned())
                .or_insert_with(|| Document {
                    now: Arc::new(RwLock::new((0, String::new()))),
                });
        let mut now = document.now.write().unwrap();
        if now.0 != seen {
            return Err(Stale { now: now.0 });
        }
        *now = (seen + 1, text.to_owned());
        Ok(now.0)
    }
}

// --- to here ---
