//! The store under the model checker, and versions that are wrong by a line.
//!
//! A text is a number here, and there is one document.

use explorer::Kind;

use super::{DocumentStore, Version};
use crate::ground::on_std::sync::{Arc, RwLock};
use crate::modelled::{caught, holds, start};

/// A store of one text, or what somebody took for one.
trait Store: Send + Sync + 'static {
    fn new() -> Self;
    fn open(&self, text: u64) -> u64;
    fn close(&self);
    /// The new version, if the edit was taken.
    fn edit(&self, based_on: u64, text: u64) -> Option<u64>;
    /// Version and text.
    fn get(&self) -> Option<(u64, u64)>;
    /// An edit by somebody who keeps in hand what `get` has returned.
    fn edit_while_reading(&self, text: u64) -> Option<u64>;
}

impl Store for DocumentStore {
    fn new() -> Self {
        Self::new()
    }

    fn open(&self, text: u64) -> u64 {
        self.open("a", &text.to_string()).0
    }

    fn close(&self) {
        self.close("a");
    }

    fn edit(&self, based_on: u64, text: u64) -> Option<u64> {
        let edited = self.edit("a", Version(based_on), &text.to_string());
        edited.ok().map(|version| version.0)
    }

    fn get(&self) -> Option<(u64, u64)> {
        let document = self.get("a")?;
        Some((document.version().0, document.text().parse().unwrap()))
    }

    fn edit_while_reading(&self, text: u64) -> Option<u64> {
        let document = self.get("a")?;
        Store::edit(self, document.version().0, text)
    }
}

/// What the wrong versions are made of: a version and a text.
#[derive(Default)]
struct Parts {
    document: RwLock<Option<(u64, u64)>>,
    last: RwLock<u64>,
}

impl Parts {
    fn next_version(&self) -> u64 {
        let mut last = self.last.write().unwrap();
        *last += 1;
        *last
    }

    /// What a right version does.
    fn opens(&self, text: u64) -> u64 {
        let version = self.next_version();
        *self.document.write().unwrap() = Some((version, text));
        version
    }

    /// What a right version does.
    fn edits(&self, based_on: u64, text: u64) -> Option<u64> {
        let mut document = self.document.write().unwrap();
        document.filter(|(current, _)| *current == based_on)?;
        let version = self.next_version();
        *document = Some((version, text));
        Some(version)
    }

    /// What a right version does.
    fn gets(&self) -> Option<(u64, u64)> {
        *self.document.read().unwrap()
    }
}

macro_rules! wrong {
    ($Name:ident, $story:literal $(, open: $open:expr)? $(, edit: $edit:expr)? $(, get: $get:expr)? $(, edit_while_reading: $edit_while_reading:expr)?) => {
        #[doc = $story]
        struct $Name(Parts);

        #[allow(unused_assignments, unused_mut, reason = "one of them is replaced")]
        impl Store for $Name {
            fn new() -> Self {
                Self(Parts::default())
            }

            fn open(&self, text: u64) -> u64 {
                let mut open: fn(&Parts, u64) -> u64 = Parts::opens;
                $(open = $open;)?
                open(&self.0, text)
            }

            fn close(&self) {
                *self.0.document.write().unwrap() = None;
            }

            fn edit(&self, based_on: u64, text: u64) -> Option<u64> {
                let mut edit: fn(&Parts, u64, u64) -> Option<u64> = Parts::edits;
                $(edit = $edit;)?
                edit(&self.0, based_on, text)
            }

            fn get(&self) -> Option<(u64, u64)> {
                let mut get: fn(&Parts) -> Option<(u64, u64)> = Parts::gets;
                $(get = $get;)?
                get(&self.0)
            }

            fn edit_while_reading(&self, text: u64) -> Option<u64> {
                let mut edit: fn(&Parts, u64) -> Option<u64> = |parts, text| {
                    let (version, _) = parts.gets()?;
                    parts.edits(version, text)
                };
                $(edit = $edit_while_reading;)?
                edit(&self.0, text)
            }
        }
    };
}

wrong!(
    WritesWithoutCheck,
    "Puts the new text in the place of whatever is there.",
    edit: |parts, _, text| Some(parts.opens(text))
);

wrong!(
    ChecksAndLetsGo,
    "Compares under a read lock, and changes under a write lock taken later.",
    edit: |parts, based_on, text| {
        parts.gets().filter(|(current, _)| *current == based_on)?;
        Some(parts.opens(text))
    }
);

wrong!(
    WantsToUpgrade,
    "Takes the write lock while it holds the read lock: two of these wait for each other.",
    edit: |parts, based_on, text| {
        let document = parts.document.read().unwrap();
        document.filter(|(current, _)| *current == based_on)?;
        Some(parts.opens(text))
    }
);

wrong!(
    BeginsAgain,
    "Numbers the versions of a document from 1, each time that it is opened.",
    open: |parts, text| {
        *parts.last.write().unwrap() = 0;
        parts.opens(text)
    }
);

wrong!(
    InTwoSteps,
    "Changes the version and then the text, each under its own lock.",
    edit: |parts, based_on, text| {
        let mut document = parts.document.write().unwrap();
        let (_, old) = document.filter(|(current, _)| *current == based_on)?;
        let version = parts.next_version();
        *document = Some((version, old));
        drop(document);
        *parts.document.write().unwrap() = Some((version, text));
        Some(version)
    }
);

wrong!(
    AGuardLeaves,
    "Hands the reader a guard: an edit with that in hand waits for itself.",
    edit_while_reading: |parts, text| {
        let guard = parts.document.read().unwrap();
        let (version, _) = (*guard)?;
        parts.edits(version, text)
    }
);

/// Two threads change what each has read. One edit is refused, or both are there.
fn no_edit_is_lost<S: Store>() {
    let store = Arc::new(S::new());
    store.open(0);
    let add_one = |store: &S| loop {
        let (version, text) = store.get().expect("it is open");
        if store.edit(version, text + 1).is_some() {
            return;
        }
    };
    let other = start(&store, add_one);
    add_one(&store);
    other.join().unwrap();
    let (_, text) = store.get().expect("it is open");
    assert_eq!(text, 2, "an edit is lost");
}

/// A reader never sees the text of one version under the number of another.
fn version_and_text_belong_together<S: Store>() {
    let store = Arc::new(S::new());
    let first = store.open(10);
    let writer = start(&store, move |store| store.edit(first, 20));
    let (version, text) = store.get().expect("it is open");
    let expected = if version == first { 10 } else { 20 };
    assert_eq!(text, expected, "the text is not of version {version}");
    let second = writer.join().unwrap().expect("nobody else edits");
    assert_eq!(store.get(), Some((second, 20)));
}

/// While somebody edits, the document is closed and opened again with another text.
fn a_new_document_is_not_edited_as_the_old_one<S: Store>() {
    let store = Arc::new(S::new());
    let first = store.open(10);
    let editor = start(&store, move |store| store.edit(first, 11).is_some());
    store.close();
    store.open(20);
    editor.join().unwrap();
    let (_, text) = store.get().expect("it is open");
    assert_eq!(text, 20, "an edit of the old document changed the new one");
}

/// A reader changes what it has in hand, and another thread reads.
fn who_reads_may_edit<S: Store>() {
    let store = Arc::new(S::new());
    store.open(10);
    let reader = start(&store, S::get);
    store.edit_while_reading(20).expect("nobody else edits");
    reader.join().unwrap().expect("it is open");
}

/// The first document is always as new as the second, or newer.
fn a_snapshot_is_of_one_moment(snapshot: fn(&DocumentStore) -> Vec<String>) {
    let store = Arc::new(DocumentStore::new());
    let [a, b] = ["a", "b"].map(|name| store.open(name, "0"));
    let editor = start(&store, move |store| {
        store.edit("a", a, "1").unwrap();
        store.edit("b", b, "1").unwrap();
    });
    let seen = snapshot(&store);
    assert!(
        seen[0] >= seen[1],
        "a later edit is in it, and an earlier one is not"
    );
    editor.join().unwrap();
}

fn all_at_once(store: &DocumentStore) -> Vec<String> {
    let all = store.snapshot().into_iter();
    all.map(|(_, document)| document.text().to_owned())
        .collect()
}

/// What one would write without a snapshot.
fn one_by_one(store: &DocumentStore) -> Vec<String> {
    let text = |name| store.get(name).expect("it is open").text().to_owned();
    store.names().iter().map(|name| text(name)).collect()
}

#[test]
fn the_store_keeps_its_promises_in_every_order() {
    holds("a snapshot", || a_snapshot_is_of_one_moment(all_at_once));
    holds("no edit is lost", no_edit_is_lost::<DocumentStore>);
    holds(
        "version and text",
        version_and_text_belong_together::<DocumentStore>,
    );
    holds(
        "close and open",
        a_new_document_is_not_edited_as_the_old_one::<DocumentStore>,
    );
    holds("read and edit", who_reads_may_edit::<DocumentStore>);
}

#[test]
fn versions_that_are_wrong_by_one_line_are_caught() {
    caught(
        "document store",
        &[
            (
                "WritesWithoutCheck",
                no_edit_is_lost::<WritesWithoutCheck>,
                Kind::Assertion,
            ),
            (
                "ChecksAndLetsGo",
                no_edit_is_lost::<ChecksAndLetsGo>,
                Kind::Assertion,
            ),
            (
                "WantsToUpgrade",
                no_edit_is_lost::<WantsToUpgrade>,
                Kind::Deadlock,
            ),
            (
                "BeginsAgain",
                a_new_document_is_not_edited_as_the_old_one::<BeginsAgain>,
                Kind::Assertion,
            ),
            (
                "InTwoSteps",
                version_and_text_belong_together::<InTwoSteps>,
                Kind::Assertion,
            ),
            (
                "AGuardLeaves",
                who_reads_may_edit::<AGuardLeaves>,
                Kind::Deadlock,
            ),
            (
                "OneByOne",
                || a_snapshot_is_of_one_moment(one_by_one),
                Kind::Assertion,
            ),
        ],
    );
}

#[test]
fn conflicts_say_what_is_there() {
    let store = DocumentStore::new();
    let never = Version::default();
    let conflict = store.edit("a", never, "x").unwrap_err();
    assert_eq!(
        conflict.to_string(),
        "based on version 0, but it is not open"
    );
    let first = store.open("a", "x");
    let conflict = store.edit("a", never, "y").unwrap_err();
    assert_eq!(conflict.current, Some(first));
    assert_eq!(conflict.to_string(), "based on version 0, but 1 is current");
    let closed = store.close("a").expect("it was open");
    assert_eq!((closed.text(), closed.version()), ("x", first));
    assert!(store.is_empty() && store.get("a").is_none());
}

#[test]
fn names_are_sorted() {
    let store = DocumentStore::new();
    for name in ["b", "c", "a", "b"] {
        store.open(name, "");
    }
    assert_eq!(store.names().join(" "), "a b c");
    assert_eq!(format!("{store:?}"), "DocumentStore { len: 3, .. }");
}
