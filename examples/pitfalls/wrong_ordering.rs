//! A flag says that a letter is there, with an ordering that says nothing of the kind.

use explorer::Kind;
use explorer::ground::atomic::{
    AtomicBool, AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};
use explorer::ground::thread;

use crate::Pitfall;

pub(crate) const PITFALL: Pitfall = Pitfall {
    name: "wrong_ordering",
    story: "one thread posts the letter 42 and raises a flag, one looks",
    wrong,
    kind: Kind::Assertion,
    fixed,
    cure: "Release where the flag is raised, Acquire where it is seen",
    told: None,
};

struct Mailbox {
    letter: AtomicU32,
    flag: AtomicBool,
}

// ANCHOR: wrong
impl Mailbox {
    fn post(&self, letter: u32) {
        // ORDERING: Relaxed, as `take` is in no hurry. And that is the mistake.
        self.letter.store(letter, Relaxed);
        self.flag.store(true, Relaxed); // ORDERING: as above, for `take`.
    }

    fn take(&self) -> Option<u32> {
        // ORDERING: Relaxed; sees the flag of `post`, and not what came before it.
        let there = self.flag.load(Relaxed);
        // ORDERING: Relaxed. So this may read what was there before `post`.
        there.then(|| self.letter.load(Relaxed))
    }
}
// ANCHOR_END: wrong

// ANCHOR: fixed
impl Mailbox {
    fn post_and_release(&self, letter: u32) {
        // ORDERING: Relaxed. The next line carries it to `take_and_acquire`.
        self.letter.store(letter, Relaxed);
        // ORDERING: Release; pairs with the Acquire load in `take_and_acquire`.
        self.flag.store(true, Release);
    }

    fn take_and_acquire(&self) -> Option<u32> {
        // ORDERING: Acquire; pairs with the Release store in `post_and_release`.
        let there = self.flag.load(Acquire);
        // ORDERING: Relaxed. The line before has brought it from `post_and_release`.
        there.then(|| self.letter.load(Relaxed))
    }
}
// ANCHOR_END: fixed

fn wrong() {
    one_letter(Mailbox::post, Mailbox::take);
}

fn fixed() {
    one_letter(Mailbox::post_and_release, Mailbox::take_and_acquire);
}

fn one_letter(post: fn(&Mailbox, u32), take: fn(&Mailbox) -> Option<u32>) {
    let letter = AtomicU32::new(0);
    let flag = AtomicBool::new(false);
    let mailbox = Mailbox { letter, flag };
    thread::scope(|threads| {
        threads.spawn(|| post(&mailbox, 42));
        if let Some(letter) = take(&mailbox) {
            assert!(letter == 42, "the flag is up, and the letter is {letter}");
        }
    });
}
