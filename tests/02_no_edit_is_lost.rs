//! Property: an edit of a `DocumentStore` is taken or refused, never lost; and a reader
//! always has a whole text with its own version.

use std::thread;
use std::time::Duration;
use threadbare::locks::DocumentStore;
use threadbare::testkit::{step, within};

const WRITERS: usize = 3;
const EDITS: usize = 200;

#[test]
fn writers_that_try_again_lose_nothing() {
    within(Duration::from_secs(60), || {
        let store = DocumentStore::new();
        store.open("log", "");
        thread::scope(|scope| {
            for writer in 0..WRITERS {
                let store = &store;
                scope.spawn(move || {
                    for edit in 0..EDITS {
                        step(format!("writer {writer} makes edit {edit}"));
                        let line = format!("{writer}:{edit}\n");
                        loop {
                            let old = store.get("log").expect("it is open");
                            let new = format!("{}{line}", old.text());
                            if store.edit("log", old.version(), &new).is_ok() {
                                break;
                            }
                        }
                    }
                });
            }
            scope.spawn(|| {
                let mut last = store.get("log").expect("it is open");
                while last.text().lines().count() < WRITERS * EDITS {
                    let next = store.get("log").expect("it is open");
                    // Later versions are longer texts that begin with the earlier ones.
                    assert!(next.version() >= last.version());
                    assert!(next.text().starts_with(last.text()));
                    last = next;
                }
            });
        });
        let log = store.get("log").expect("it is open");
        for writer in 0..WRITERS {
            let mine = format!("{writer}:");
            let edits = log.text().lines().filter_map(|it| it.strip_prefix(&mine));
            let edits: Vec<usize> =
                edits.map(|edit| edit.parse().unwrap()).collect();
            assert!(edits.into_iter().eq(0..EDITS), "writer {writer}");
        }
    });
}

/// A reader that holds on to a text neither blocks a writer nor sees it change.
#[test]
fn who_reads_reads_on() {
    let store = DocumentStore::new();
    let first = store.open("a", "one");
    let held = store.get("a").expect("it is open");
    let second = store.edit("a", first, "two").unwrap();
    assert_eq!((held.text(), held.version()), ("one", first));
    assert!(second > first);
    let last = store.close("a").expect("it is open");
    assert_eq!(last.text(), "two");
    assert!(store.open("a", "three") > second, "a version came twice");
    assert_eq!(store.edit("a", second, "x").unwrap_err().based_on, second);
}
