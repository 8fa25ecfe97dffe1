//! Graders of 07.4: connections that come and go, and keys that stay behind.

use std::collections::{HashMap, HashSet};

use super::on_real::answer::Slab;

grading::graders![
    a_key_leads_to_its_connection,
    the_batch_in_the_header,
    a_slot_rests_until_the_batch_is_over,
    many_rest_at_once,
    slots_are_used_again,
    slots_that_nobody_needs_for_a_while,
    an_answer_that_comes_late,
    nobody_is_removed_twice,
    words_that_are_no_keys,
    no_key_comes_twice,
    a_slab_that_is_full,
];

type Clients = Slab<&'static str>;

/// The number of the slot that a key leads to.
fn slot(key: u32) -> u32 {
    key & 0xffff
}

#[track_caller]
fn insert<T>(slab: &mut Slab<T>, value: T) -> u32 {
    grading::step("in insert()");
    let key = slab.insert(value);
    key.expect("insert() returned None, and there are slots that nobody has")
}

#[track_caller]
fn remove(slab: &mut Clients, key: u32, who: &str) {
    grading::step("in remove()");
    let got = slab.remove(key);
    assert!(
        got == Some(who),
        "remove() of the key of {who:?} returned {got:?}: {who:?} was there"
    );
}

fn a_key_leads_to_its_connection() {
    let mut slab = Clients::new();
    let names = ["ann", "bob", "cid", "dan"];
    let keys = names.map(|name| insert(&mut slab, name));
    let look = |slab: &mut Clients, gone: &[&str]| {
        for (key, name) in keys.iter().zip(names) {
            grading::step("in get_mut()");
            let got = slab.get_mut(*key).copied();
            let must = (!gone.contains(&name)).then_some(name);
            assert!(
                got == must,
                "{gone:?} are gone, and the key of {name:?} leads to {got:?}"
            );
        }
    };
    look(&mut slab, &[]);
    remove(&mut slab, keys[1], "bob");
    look(&mut slab, &["bob"]);
    remove(&mut slab, keys[3], "dan");
    look(&mut slab, &["bob", "dan"]);
    slab.retire();
    look(&mut slab, &["bob", "dan"]);
    *slab.get_mut(keys[0]).expect("ann is there") = "eva";
    let got = slab.remove(keys[0]);
    assert!(
        got == Some("eva"),
        "\"ann\" was changed to \"eva\" by get_mut(), and remove() returned {got:?}"
    );
}

/// Goes, comes, and an event for the one who has gone.
fn the_batch_in_the_header() {
    let mut slab = Clients::new();
    let ann = insert(&mut slab, "ann");
    println!("event 1: \"ann\" says that she goes");
    remove(&mut slab, ann, "ann");
    println!("event 2: \"bob\" connects");
    insert(&mut slab, "bob");
    println!("event 3: the connection of \"ann\" is closed");
    grading::step("in get_mut(), with the key of a connection that is gone");
    let got = slab.get_mut(ann).copied();
    if let Some(who) = got {
        panic!(
            "event 3 was for \"ann\", who has gone with event 1: it has reached {who:?}, who \
             came with event 2"
        );
    }
}

fn a_slot_rests_until_the_batch_is_over() {
    let mut slab = Clients::new();
    let keys = ["ann", "bob", "cid"].map(|name| insert(&mut slab, name));
    remove(&mut slab, keys[1], "bob");
    remove(&mut slab, keys[0], "ann");
    for name in ["dan", "eva", "fay"] {
        let key = insert(&mut slab, name);
        let rests = keys.iter().any(|old| slot(*old) == slot(key));
        assert!(
            !rests,
            "{name:?} got slot {}, from which somebody was removed in the same batch: until \
             retire() it has to rest",
            slot(key)
        );
    }
}

/// Whichever slot it is, and however many rest already.
fn many_rest_at_once() {
    const MANY: usize = 40;
    let mut slab = Clients::new();
    let keys = Vec::from_iter((0..MANY).map(|_| insert(&mut slab, "ann")));
    let old = HashSet::<u32>::from_iter(keys.iter().map(|key| slot(*key)));
    // Neither in their order nor against it; the last one comes first.
    for number in 0..MANY {
        remove(&mut slab, keys[(number * 7 + MANY - 1) % MANY], "ann");
        let key = insert(&mut slab, "bob");
        assert!(
            !old.contains(&slot(key)),
            "{} of {MANY} have gone in this batch, and \"bob\" got slot {}, which was \
             one of theirs: until retire() each of them has to rest",
            number + 1,
            slot(key)
        );
    }
}

fn slots_are_used_again() {
    let mut slab = Clients::new();
    let keep = insert(&mut slab, "ann");
    let mut used = HashSet::from([slot(keep)]);
    for batch in 1..=1_000 {
        let one = insert(&mut slab, "bob");
        let two = insert(&mut slab, "cid");
        used.extend([slot(one), slot(two)]);
        remove(&mut slab, one, "bob");
        remove(&mut slab, two, "cid");
        slab.retire();
        assert!(
            used.len() <= 3,
            "after {batch} batches, with 3 connections at once, {} slots are in use: who \
             was retired has to be used again",
            used.len()
        );
    }
    let got = slab.get_mut(keep).copied();
    assert!(
        got == Some("ann"),
        "2000 others have come and gone, and the key of \"ann\" leads to {got:?}"
    );
}

/// A full house, a quiet hour, and a full house again.
fn slots_that_nobody_needs_for_a_while() {
    for many in [10, 1_000] {
        let mut slab = Clients::new();
        let mut used = HashSet::new();
        for there in [many, 1, 2, many] {
            let keys = Vec::from_iter((0..there).map(|_| insert(&mut slab, "ann")));
            used.extend(keys.iter().map(|key| slot(*key)));
            for key in keys {
                remove(&mut slab, key, "ann");
            }
            slab.retire();
        }
        assert!(
            used.len() == many,
            "{many} connections were there at once, then 1, then 2, then {many} again, and \
             by now {} slots are in use: slots that were free all the time are lost",
            used.len()
        );
    }
}

/// Many batches later.
fn an_answer_that_comes_late() {
    let mut slab = Clients::new();
    let ann = insert(&mut slab, "ann");
    remove(&mut slab, ann, "ann");
    for after in 1..=400 {
        slab.retire();
        grading::step("in get_mut(), with the key of a connection that is gone");
        let got = slab.get_mut(ann).copied();
        assert!(
            got.is_none(),
            "the key of \"ann\", who is gone, leads to {got:?} {after} batches later, when \
             nobody is there"
        );
        let bob = insert(&mut slab, "bob");
        let got = slab.get_mut(ann).copied();
        assert!(
            got.is_none(),
            "a worker has an answer for \"ann\", who is gone. {after} batches later it \
             reached {got:?}, who has the slot now"
        );
        remove(&mut slab, bob, "bob");
    }
}

/// By a key of which somebody has made use before.
fn nobody_is_removed_twice() {
    let mut slab = Clients::new();
    let ann = insert(&mut slab, "ann");
    remove(&mut slab, ann, "ann");
    for when in ["the same batch", "the next batch"] {
        grading::step("in remove(), for the second time");
        let got = slab.remove(ann);
        assert!(
            got.is_none(),
            "\"ann\" was removed, and once more in {when}: remove() returned {got:?}"
        );
        slab.retire();
    }
    let bob = insert(&mut slab, "bob");
    let got = slab.remove(ann);
    assert!(
        got.is_none(),
        "\"ann\" was removed before \"bob\" came, and once more: that has removed {got:?}"
    );
    slab.retire();
    let cid = insert(&mut slab, "cid");
    assert!(
        slot(bob) != slot(cid),
        "\"bob\" is in slot {}, and \"cid\" got it, too: somebody was removed from it \
         twice, and then it was free twice",
        slot(bob)
    );
    for (key, name) in [(bob, "bob"), (cid, "cid")] {
        let got = slab.get_mut(key).copied();
        assert!(
            got == Some(name),
            "\"ann\" was removed twice, and the key of {name:?} leads to {got:?}"
        );
    }
}

fn words_that_are_no_keys() {
    let mut slab = Clients::new();
    let ann = insert(&mut slab, "ann");
    let words = [0, 1, 7, 0xffff, 0x1_0000, 0x7fff_ffff, u32::MAX, !ann];
    for word in words.into_iter().filter(|word| *word != ann) {
        grading::step(format!("in get_mut({word:#x}), which is no key"));
        let got = slab.get_mut(word).copied();
        assert!(
            got.is_none(),
            "{word:#x} is no key, and get_mut() has found {got:?}"
        );
        grading::step(format!("in remove({word:#x}), which is no key"));
        let got = slab.remove(word);
        assert!(
            got.is_none(),
            "{word:#x} is no key, and remove() has removed {got:?}"
        );
    }
    let got = slab.get_mut(ann).copied();
    assert!(
        got == Some("ann"),
        "words that are no keys were looked up, and the key of \"ann\" leads to {got:?}"
    );
}

/// More connections, one after the other, than there are generations.
fn no_key_comes_twice() {
    const MANY: u32 = 66_000;
    grading::step(format!("{MANY} connections, one after the other"));
    let mut slab = Slab::new();
    let mut keys = Vec::new();
    for number in 0..MANY {
        let key = slab.insert(number);
        let key = key.expect("insert() returned None, and most slots are free");
        keys.push((key, number));
        let got = slab.remove(key);
        assert!(
            got == Some(number),
            "connection {number} was removed by its key {key:#x}, and remove() returned \
             {got:?}"
        );
        slab.retire();
    }
    let mut given = HashMap::new();
    for &(key, number) in &keys {
        if let Some(before) = given.insert(key, number) {
            panic!(
                "connection {number} got the key {key:#x}, which connection {before} had \
                 before it"
            );
        }
    }
    let found = keys.iter().find(|(key, _)| slab.get_mut(*key).is_some());
    if let Some((key, _)) = found {
        panic!("all connections are gone, and the key {key:#x} leads to one");
    }
}

fn a_slab_that_is_full() {
    let mut slab = Slab::new();
    grading::step("in insert(), although all slots have somebody in them");
    let keys = Vec::from_iter((0..70_000).map_while(|number| slab.insert(number)));
    let there = keys.len();
    // Some may have a use for one number that is no slot.
    assert!(
        there > 65_000,
        "{there} connections are there, and insert() returned None: there are 65536 slots"
    );
    let mut taken = vec![false; 65_536];
    for key in &keys {
        let before = std::mem::replace(&mut taken[slot(*key) as usize], true);
        assert!(
            !before,
            "{there} connections are there, and two of them have slot {}",
            slot(*key)
        );
    }
    for _ in 0..2 {
        grading::step("in insert(), although all slots have somebody in them");
        let got = slab.insert(0);
        assert!(
            got.is_none(),
            "all {there} slots have somebody in them, and insert() returned {got:?}"
        );
    }
    slab.remove(keys[4_711]);
    grading::step("in insert(), although the only slot that is free rests");
    let got = slab.insert(0);
    assert!(
        got.is_none(),
        "the only slot that is free rests, and insert() returned {got:?}"
    );
    slab.retire();
    let key = insert(&mut slab, 0);
    assert!(
        slot(key) == slot(keys[4_711]),
        "only slot {} is free, and insert() returned a key of slot {}",
        slot(keys[4_711]),
        slot(key)
    );
}
