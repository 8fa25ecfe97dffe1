//! the model must say: it is version 1 with the text "two"
//!
//! Versions under one lock, and texts under another.

// --- edit from here ---

use std::collections::BTreeMap;

use super::ground::sync::RwLock;

/// One version of a document.
#[derive(Debug, Clone)]
pub struct Document {
    version: u64,
    text: String,
}

impl Document {
    /// Which version it is: 1 for the first.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Its text.
    pub fn text(&self) -> String {
        self.text.clone()
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
    versions: RwLock<BTreeMap<String, u64>>,
    texts: RwLock<BTreeMap<String, String>>,
}

impl Store {
    /// A store without documents.
    pub fn new() -> Self {
        Self::default()
    }

    /// The document as it is now.
    pub fn get(&self, name: &str) -> Option<Document> {
        let version = *self.versions.read().unwrap().get(name)?;
        let text = self.texts.read().unwrap().get(name)?.clone();
        Some(Document { version, text })
    }

    /// The names of all documents whose text matches, sorted.
    pub fn search(&self, matches: impl Fn(&str) -> bool) -> Vec<String> {
        let texts = self.texts.read().unwrap();
        let found = texts.iter().filter(|(_, text)| matches(text));
        found.map(|(name, _)| name.clone()).collect()
    }

    /// Saves a text, if the document has still the version `seen`; returns the next one.
    pub fn edit(&self, name: &str, seen: u64, text: &str) -> Result<u64, Stale> {
        let mut versions = self.versions.write().unwrap();
        let now = versions.get(name).copied().unwrap_or(0);
        if seen != now {
            return Err(Stale { now });
        }
        versions.insert(name.to_owned(), now + 1);
        self.texts
            .write()
            .unwrap()
            .insert(name.to_owned(), text.to_owned());
        Ok(now + 1)
    }
}

// --- to here ---
