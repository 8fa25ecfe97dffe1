//! Graders of 02.4 under the model checker: readers that meet, and edits that come in
//! between, in every order.

use std::cell::Cell;

use explorer::ground::Named as _;
use explorer::ground::sync::{Arc, Barrier};
use explorer::ground::thread::{self, JoinHandle};
use explorer::{Kind, Model};

use super::on_model::answer::{Document, Stale, Store};

grading::graders![
    an_edit_is_saved,
    a_copy_stays_what_it_was,
    a_stale_edit_is_refused,
    a_search_finds_what_matches,
    two_searches_meet,
    a_look_up_does_not_wait_for_a_search,
    one_of_two_edits_is_refused,
    one_of_two_first_texts_is_refused,
    edits_of_two_documents_are_both_saved,
    a_look_up_finds_one_version_or_the_other,
    a_search_sees_one_moment,
    a_search_sees_one_moment_from_behind,
];

fn model(name: &str) -> Model {
    let twice = "who holds the lock and asks for it again may wait for itself: a lock that \
                 is held to read can't be turned into one to write, and a second one to \
                 read may have to wait behind an edit, which waits for the first";
    Model::new(name)
        .hint(Kind::Deadlock, twice)
        .hint(Kind::LostWakeUp, twice)
}

/// Of readers that keep each other out.
fn of_readers(name: &str) -> Model {
    let meet = "two threads that only look must both get in: which lock does each of them \
                hold or wait for, and does it need it to itself?";
    Model::new(name)
        .hint(Kind::Deadlock, meet)
        .hint(Kind::LostWakeUp, meet)
}

/// Of what another thread changes in between.
fn with_edits(name: &str) -> Model {
    model(name).hint(
        Kind::Assertion,
        "between two locks, also two of one and the same thread, another thread can \
         change everything: what was true under the first need not be under the second",
    )
}

fn start<T: Send + 'static>(
    store: &Arc<Store>,
    what: impl FnOnce(&Store) -> T + Send + 'static,
) -> JoinHandle<T> {
    let store = Arc::clone(store);
    thread::spawn(move || what(&store))
}

/// Saves an edit that nobody else gets in the way of.
#[track_caller]
fn save(store: &Store, name: &str, seen: u64, text: &str) {
    let saved = store.edit(name, seen, text);
    let next = seen + 1;
    assert!(
        saved == Ok(next),
        "{name} had version {seen}, and nobody else edits it, but an edit that had seen \
         version {seen} gave {saved:?}"
    );
}

#[track_caller]
fn get(store: &Store, name: &str) -> Document {
    let document = store.get(name);
    document.unwrap_or_else(|| panic!("{name} was saved, but get gave None"))
}

#[track_caller]
fn check(document: &Document, version: u64, text: &str, when: &str) {
    let found = (document.version(), document.text());
    assert!(
        found == (version, text.to_owned()),
        "{when}, version {version} with the text {text:?} was due, but it is version {} \
         with the text {:?}",
        found.0,
        found.1
    );
}

fn an_edit_is_saved() {
    model("one thread edits and looks").check(|| {
        let store = Store::new();
        assert!(
            store.get("a").is_none(),
            "a new store has a document called a"
        );
        save(&store, "a", 0, "one");
        check(&get(&store, "a"), 1, "one", "after the first edit");
        save(&store, "a", 1, "two");
        check(&get(&store, "a"), 2, "two", "after the second edit");
        save(&store, "b", 0, "other");
        check(
            &get(&store, "b"),
            1,
            "other",
            "after the first edit of another one",
        );
        check(
            &get(&store, "a"),
            2,
            "two",
            "after an edit of another document",
        );
    });
}

fn a_copy_stays_what_it_was() {
    model("a document is edited after it was looked up").check(|| {
        let store = Store::new();
        save(&store, "a", 0, "one");
        let copy = get(&store, "a");
        save(&store, "a", 1, "two");
        check(&copy, 1, "one", "in the copy that was taken before an edit");
    });
}

fn a_stale_edit_is_refused() {
    model("edits that have seen another version").check(|| {
        let store = Store::new();
        let refused = store.edit("a", 1, "none");
        assert!(
            refused == Err(Stale { now: 0 }),
            "there is no document yet, and an edit that had seen version 1 gave \
             {refused:?} instead of Err(Stale {{ now: 0 }})"
        );
        save(&store, "a", 0, "one");
        save(&store, "a", 1, "two");
        for seen in [0, 1, 3] {
            let refused = store.edit("a", seen, "wrong");
            assert!(
                refused == Err(Stale { now: 2 }),
                "the document has version 2, and an edit that had seen version {seen} \
                 gave {refused:?} instead of Err(Stale {{ now: 2 }})"
            );
        }
        check(&get(&store, "a"), 2, "two", "after edits that were refused");
    });
}

fn a_search_finds_what_matches() {
    model("one thread searches three documents").check(|| {
        let store = Store::new();
        for (name, text) in [("c", "old"), ("a", "new"), ("b", "old")] {
            save(&store, name, 0, text);
        }
        let asked = Cell::new(0);
        let mut found = store.search(|text| {
            asked.set(asked.get() + 1);
            text == "old"
        });
        // Whether they come sorted, the grader on real threads looks: a hash map has another
        // order each time, and a model wants to be the same each time.
        found.sort_unstable();
        assert!(
            found == ["b", "c"],
            "b and c are old and a is new, but a search for old gave {found:?}"
        );
        let asked = asked.get();
        assert!(
            asked == 3,
            "a search of 3 documents called matches {asked} times, and not once for each"
        );
    });
}

/// Each waits inside for the other one.
fn two_searches_meet() {
    of_readers("two searches wait for each other in the middle").check(|| {
        let store = Arc::new(Store::new());
        save(&store, "a", 0, "one");
        let both = Arc::new(Barrier::new(2).named("both are reading"));
        let other = start(&store, {
            let both = Arc::clone(&both);
            move |store| {
                store.search(|_| {
                    both.wait();
                    true
                })
            }
        });
        let found = store.search(|_| {
            both.wait();
            true
        });
        assert!(
            found == ["a"],
            "there is a document called a, and everything matches, but the search gave \
             {found:?}"
        );
        other.join().unwrap();
    });
}

fn a_look_up_does_not_wait_for_a_search() {
    of_readers("a search waits in the middle until another thread has looked up")
        .check(|| {
            let store = Arc::new(Store::new());
            save(&store, "a", 0, "one");
            let looked_up = Arc::new(Barrier::new(2).named("looked up"));
            let other = start(&store, {
                let looked_up = Arc::clone(&looked_up);
                move |store| {
                    check(
                        &get(store, "a"),
                        1,
                        "one",
                        "while another thread searches",
                    );
                    looked_up.wait();
                }
            });
            store.search(|_| {
                looked_up.wait();
                true
            });
            other.join().unwrap();
        });
}

/// Both have seen the version, and one is first.
#[track_caller]
fn one_wins(seen: u64, saved: [Result<u64, Stale>; 2], document: &Document) {
    let next = seen + 1;
    let stale = Err(Stale { now: next });
    let right = match saved {
        [Ok(one), Ok(two)] => panic!(
            "two threads have edited version {seen}, and both were told that theirs is \
             saved, as version {one} and version {two}: one of them has overwritten what \
             it had not seen"
        ),
        [Ok(version), refused] if version == next && refused == stale => "mine",
        [refused, Ok(version)] if version == next && refused == stale => "theirs",
        _ => panic!(
            "of two edits of version {seen} one gives Ok({next}) and the other {stale:?}, \
             but these gave {saved:?}"
        ),
    };
    check(
        document,
        next,
        right,
        "after two edits of which one was refused",
    );
}

fn one_of_two_edits_is_refused() {
    with_edits("two threads edit the same version").check(|| {
        let store = Arc::new(Store::new());
        save(&store, "a", 0, "one");
        let other = start(&store, |store| store.edit("a", 1, "theirs"));
        let mine = store.edit("a", 1, "mine");
        let theirs = other.join().unwrap();
        one_wins(1, [mine, theirs], &get(&store, "a"));
    });
}

fn one_of_two_first_texts_is_refused() {
    with_edits("two threads save the first text").check(|| {
        let store = Arc::new(Store::new());
        let other = start(&store, |store| store.edit("a", 0, "theirs"));
        let mine = store.edit("a", 0, "mine");
        let theirs = other.join().unwrap();
        one_wins(0, [mine, theirs], &get(&store, "a"));
    });
}

/// Neither is in the way of the other one.
fn edits_of_two_documents_are_both_saved() {
    with_edits("two threads edit a document each").check(|| {
        let store = Arc::new(Store::new());
        let other = start(&store, |store| save(store, "b", 0, "theirs"));
        save(&store, "a", 0, "mine");
        other.join().unwrap();
        for (name, text) in [("a", "mine"), ("b", "theirs")] {
            let when = format!("after {name} was edited, and so was another one");
            check(&get(&store, name), 1, text, &when);
        }
    });
}

fn a_look_up_finds_one_version_or_the_other() {
    with_edits("a document is looked up while it is edited").check(|| {
        let store = Arc::new(Store::new());
        save(&store, "a", 0, "one");
        let editor = start(&store, |store| save(store, "a", 1, "two"));
        let document = get(&store, "a");
        let text = if document.version() == 1 {
            "one"
        } else {
            "two"
        };
        let version = if text == "one" { 1 } else { 2 };
        check(
            &document,
            version,
            text,
            "while it is edited for the first time",
        );
        editor.join().unwrap();
    });
}

/// One thread edits `first` and then `second`; who finds the edit of the second without
/// that of the first has seen what never was.
fn search_while_two_are_edited(first: &'static str, second: &'static str) {
    let name = format!("a search, while {first} and then {second} is edited");
    with_edits(&name).check(move || {
        let store = Arc::new(Store::new());
        save(&store, "a", 0, "old");
        save(&store, "b", 0, "old");
        let editor = start(&store, move |store| {
            save(store, first, 1, "new");
            save(store, second, 1, "new");
        });
        let found = store.search(|text| text == "new");
        assert!(
            found != [second],
            "{first} was edited, and then {second}, but a search found the edit of \
             {second} without that of {first}: that was so at no moment"
        );
        editor.join().unwrap();
    });
}

fn a_search_sees_one_moment() {
    search_while_two_are_edited("a", "b");
}

fn a_search_sees_one_moment_from_behind() {
    search_while_two_are_edited("b", "a");
}
