//! Graders of 02.4 on real threads: readers that meet, and a crowd.

use std::cell::Cell;
use std::sync::{Arc, Barrier, mpsc};
use std::thread::{self, JoinHandle};

use grading::until_asleep;

use super::on_real::answer::Store;

grading::graders![
    names_come_sorted,
    readers_meet,
    an_edit_comes_while_a_search_reads,
    everybody_at_once,
];

fn spawn<T: Send + 'static>(
    name: String,
    run: impl FnOnce() -> T + Send + 'static,
) -> JoinHandle<T> {
    let thread = thread::Builder::new().name(name);
    thread.spawn(run).expect("a grader may start a thread")
}

fn join<T>(thread: JoinHandle<T>) -> T {
    thread.join().expect("a panic would have ended the grader")
}

#[track_caller]
fn save_first(store: &Store, name: &str) {
    grading::step(format!("saving {name} for the first time"));
    let saved = store.edit(name, 0, "text");
    assert!(saved == Ok(1), "the first edit of {name} gave {saved:?}");
}

/// As many as do not come sorted by chance.
fn names_come_sorted() {
    let store = Store::new();
    for name in ["c", "h", "a", "f", "e", "g", "b", "d"] {
        save_first(&store, name);
    }
    grading::step("searching eight documents, all of which match");
    let found = store.search(|_| true);
    let mut sorted = found.clone();
    sorted.sort_unstable();
    assert!(
        sorted == ["a", "b", "c", "d", "e", "f", "g", "h"],
        "the documents are called a to h, and everything matches, but the search gave \
         {found:?}"
    );
    assert!(
        found == sorted,
        "a search gave {found:?}, and the names are not sorted"
    );
}

/// Three that search and one that looks up: nobody goes on before all are there.
fn readers_meet() {
    let store = Arc::new(Store::new());
    for name in ["a", "b"] {
        save_first(&store, name);
    }
    let all = Arc::new(Barrier::new(4));
    let mut readers: Vec<_> = (1..=3)
        .map(|number| {
            let (store, all) = (Arc::clone(&store), Arc::clone(&all));
            spawn(format!("search {number}"), move || {
                grading::step("beginning a search: do readers wait for each other?");
                let is_first = Cell::new(true);
                store.search(|_| {
                    if is_first.replace(false) {
                        grading::step(
                            "waiting in the middle of a search for the others who read",
                        );
                        all.wait();
                    }
                    true
                });
            })
        })
        .collect();
    readers.push(spawn("look-up".to_owned(), move || {
        grading::step("looking up a document: does get wait for searches?");
        assert!(store.get("a").is_some(), "a was saved, but get gave None");
        grading::step("waiting for three searches to be in the middle");
        all.wait();
    }));
    grading::step("waiting for three searches and a look-up that meet");
    readers.into_iter().for_each(join);
}

/// Who asks for a lock to read has to wait behind one that waits to write. So whoever holds
/// it to read must not ask for it once more.
fn an_edit_comes_while_a_search_reads() {
    const EDITOR: &str = "editor";
    let store = Arc::new(Store::new());
    for name in ["a", "b"] {
        save_first(&store, name);
    }
    let (end, ended) = mpsc::channel();
    let waits = Cell::new(Some(ended));
    let editor = Cell::new(None);
    grading::step(
        "searching, and an edit waits for the search to end: does it lock again while it \
         holds the lock?",
    );
    let found = store.search(|_| {
        if let Some(ended) = waits.take() {
            let store = Arc::clone(&store);
            editor.set(Some(spawn(EDITOR.to_owned(), move || {
                grading::step("editing a document that is being searched");
                let saved = store.edit("b", 1, "new text");
                assert!(saved == Ok(2), "the second edit of b gave {saved:?}");
                // An edit that need not wait for a search is as good: then it sleeps here.
                grading::step("waiting for the end of the search");
                ended.recv().expect("the grader says when");
            })));
            until_asleep(&[EDITOR]);
        }
        true
    });
    end.send(()).expect("the editor listens");
    grading::step("waiting for an edit, when the search has ended");
    join(editor.take().expect("two texts were asked for"));
    assert!(
        found == ["a", "b"],
        "the documents are called a and b, and everything matches, but the search gave \
         {found:?}"
    );
}

/// Two that edit one document in turn, and two that look.
fn everybody_at_once() {
    const EDITS: u64 = 500;
    let store = Arc::new(Store::new());
    let editors: Vec<_> = (1..=2)
        .map(|number| {
            let store = Arc::clone(&store);
            spawn(format!("editor {number}"), move || {
                grading::step("editing, and editing again when somebody was faster");
                for _ in 0..EDITS {
                    let mut seen = store.get("a").map_or(0, |it| it.version());
                    // The text says what its version must be.
                    while let Err(stale) =
                        store.edit("a", seen, &(seen + 1).to_string())
                    {
                        assert!(
                            stale.now > seen,
                            "an edit that had seen version {seen} was refused, since \
                             the version is {} now",
                            stale.now
                        );
                        seen = stale.now;
                    }
                }
            })
        })
        .collect();
    let readers: Vec<_> = (1..=2)
        .map(|number| {
            let store = Arc::clone(&store);
            spawn(format!("reader {number}"), move || {
                grading::step("looking up a document that two threads edit");
                let mut last = 0;
                while last < 2 * EDITS {
                    let Some(document) = store.get("a") else {
                        thread::yield_now();
                        continue;
                    };
                    let (version, text) = (document.version(), document.text());
                    assert!(
                        text == version.to_string(),
                        "version {version} was saved with the text \"{version}\", but \
                         get gave {text:?} with it"
                    );
                    assert!(
                        version >= last,
                        "version {last} was there, and then version {version}"
                    );
                    last = version;
                }
            })
        })
        .collect();
    grading::step("waiting for two threads that edit");
    editors.into_iter().for_each(join);
    let last = store.get("a").map_or(0, |document| document.version());
    assert!(
        last == 2 * EDITS,
        "{} edits were saved, and the version is {last}",
        2 * EDITS
    );
    grading::step("waiting for two threads that look");
    readers.into_iter().for_each(join);
}
