//! the model must say: was saved, but get gave None
//!
//! Makes a new map from an older one, and looks only whether its own document is still the
//! same: what others have saved meanwhile is gone.

// --- edit from here ---

use std::collections::BTreeMap;

use super::ground::sync::{Arc, Mutex};

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
    documents: Mutex<Arc<BTreeMap<String, Document>>>,
}

impl Store {
    /// A store without documents.
    pub fn new() -> Self {
        Self::default()
    }

    fn snapshot(&self) -> Arc<BTreeMap<String, Document>> {
        Arc::clone(&self.documents.lock().unwrap())
    }

    /// The document as it is now.
    pub fn get(&self, name: &str) -> Option<Document> {
        self.snapshot().get(name).cloned()
    }

    /// The names of all documents whose text matches, sorted.
    pub fn search(&self, matches: impl Fn(&str) -> bool) -> Vec<String> {
        let documents = self.snapshot();
        documents
            .iter()
            .filter(|(_, document)| matches(&document.text))
            .map(|(name, _)| name.clone())
            .collect()
    }

    /// Saves a text, if the document has still the version `seen`; returns the next one.
    pub fn edit(&self, name: &str, seen: u64, text: &str) -> Result<u64, Stale> {
        let mut documents = BTreeMap::clone(&self.snapshot());
        let now = documents.get(name).map_or(0, |document| document.version);
        if seen != now {
            return Err(Stale { now });
        }
        let version = now + 1;
        let text = Arc::new(text.to_owned());
        documents.insert(name.to_owned(), Document { version, text });
        let mut current = self.documents.lock().unwrap();
        let now = current.get(name).map_or(0, |document| document.version);
        if seen != now {
            return Err(Stale { now });
        }
        *current = Arc::new(documents);
        Ok(version)
    }
}

// --- to here ---
