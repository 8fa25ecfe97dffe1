//! Graders of 01.5: what happens at the worst moment happens inside the closures
//! that the answer is given, so it happens on every run.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use grading::until_asleep;

use super::on_real::answer::Mailbox;

grading::graders![
    takes_what_is_there,
    a_sleeping_owner_is_woken,
    no_letter_slips_in_before_the_sleep,
    the_letter_is_there_before_the_wake_up,
    a_woken_owner_finds_the_letter,
    a_letter_is_put_while_another_is_written,
    an_old_token_is_no_letter,
    an_unpark_by_somebody_else_is_no_letter,
    one_token_for_many_letters,
    the_owner_sleeps_until_it_is_woken,
    every_letter_of_many_senders_arrives,
];

/// As the name of the thread that runs a grader.
const OWNER: &str = "grader";

/// So many looks without a sleep are no accident: one token lets one `park` through.
const LOOKS_MAX: usize = 100;

fn mailbox<T>() -> Arc<Mailbox<T>> {
    Arc::new(Mailbox::new(thread::current()))
}

/// Takes a letter on the calling thread, which owns the mailbox; `idle` is told how
/// often it has been called before.
fn take<T>(mailbox: &Mailbox<T>, idle: impl Fn(usize)) -> T {
    let looks = Cell::new(0);
    mailbox.take(|| {
        let number = looks.get();
        looks.set(number + 1);
        assert!(
            number < LOOKS_MAX,
            "take has found the mailbox empty {LOOKS_MAX} times in a row, and \
             nobody had put a letter or called unpark: it asks again and again, and \
             should sleep"
        );
        idle(number);
    })
}

/// Nobody has to sleep.
fn takes_what_is_there() {
    let mailbox = mailbox();
    for letter in 1..=3 {
        grading::step("putting a letter into the mailbox while nobody takes");
        mailbox.put(|| letter);
    }
    for right in 1..=3 {
        grading::step(format!(
            "taking letter {right} of 3, which all are in the mailbox"
        ));
        let got = take(&mailbox, |_| {
            panic!("letter {right} of 3 is in the mailbox, but take found it empty")
        });
        assert!(
            got == right,
            "the letters 1, 2 and 3 were put in that order, but take {right} gave \
             letter {got}"
        );
    }
}

/// Starts a thread that puts letters. Neither a scope nor a channel's `recv` may be
/// used on the owner's thread: both park, and leave tokens that would hide what is
/// missing.
fn sender(run: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
    let sender = thread::Builder::new().name("sender".to_owned());
    sender.spawn(run).expect("a grader may start a thread")
}

fn join(sender: JoinHandle<()>) {
    sender.join().expect("a panic would have ended the grader");
}

/// Another thread puts a letter in, and is done with it when this returns.
fn put_by_another<T: Send + 'static>(mailbox: &Arc<Mailbox<T>>, letter: T) {
    let mailbox = Arc::clone(mailbox);
    join(sender(move || {
        grading::step(
            "putting a letter into the mailbox while the owner is in idle",
        );
        mailbox.put(|| letter);
    }));
}

/// Another thread puts a letter in as soon as the owner sleeps.
fn put_to_sleeper<T: Send + 'static>(
    mailbox: &Arc<Mailbox<T>>,
    letter: T,
) -> JoinHandle<()> {
    let mailbox = Arc::clone(mailbox);
    sender(move || {
        grading::step("waiting until the owner sleeps: does take spin?");
        until_asleep(&[OWNER]);
        grading::step("putting a letter into the mailbox of an owner who sleeps");
        mailbox.put(|| letter);
        grading::step("done with the letter");
    })
}

/// The plain case: the owner sleeps in the kernel, and a letter comes.
fn a_sleeping_owner_is_woken() {
    let mailbox = mailbox();
    let (looked, wait_for_look) = mpsc::channel();
    let sender = sender({
        let mailbox = Arc::clone(&mailbox);
        move || {
            for number in 1..=3 {
                grading::step(
                    "waiting until take finds the mailbox empty and calls idle",
                );
                if wait_for_look.recv().is_err() {
                    return;
                }
                grading::step("waiting until the owner sleeps: does take spin?");
                until_asleep(&[OWNER]);
                grading::step(
                    "putting a letter into the mailbox of an owner who sleeps",
                );
                mailbox.put(|| number);
                grading::step("done with this letter");
            }
        }
    });
    for number in 1..=3 {
        grading::step(format!(
            "taking letter {number}, which another thread puts while take sleeps: \
            does put wake the owner, or does it wait for a lock that take holds?"
        ));
        let told = Cell::new(false);
        let got = take(&mailbox, |_| {
            if !told.replace(true) {
                looked.send(()).expect("the sender listens");
            }
        });
        assert!(
            got == number,
            "letter {number} was put, but take gave letter {got}"
        );
    }
    drop(looked);
    join(sender);
}

/// Look, letter, sleep: nobody will wake the owner again.
fn no_letter_slips_in_before_the_sleep() {
    let mailbox = mailbox();
    for number in 1..=3 {
        grading::step(
            "taking a letter that is put after take has looked and before it \
             sleeps: does put wake an owner who is about to sleep?",
        );
        let put = Cell::new(false);
        let got = take(&mailbox, |_| {
            if !put.replace(true) {
                put_by_another(&mailbox, number);
            }
        });
        assert!(
            got == number,
            "letter {number} was put between look and sleep, but take gave letter \
             {got}"
        );
    }
}

/// Woken before there is a letter, the owner looks in vain and goes back to sleep.
fn the_letter_is_there_before_the_wake_up() {
    let mailbox = mailbox();
    grading::step(
        "taking a letter that takes long to write: an owner who is woken before it \
         is in the mailbox looks in vain and sleeps again. Does put wake it when \
         the letter is in?",
    );
    let put = Cell::new(false);
    let got = take(&mailbox, |_| {
        if put.replace(true) {
            return;
        }
        mailbox.put(|| {
            // Uses up the token of an unpark that came too soon, as the owner would
            // by waking up meanwhile. If there is none, this returns at once too.
            thread::park_timeout(Duration::ZERO);
            "long letter"
        });
    });
    assert!(
        got == "long letter",
        "the letter says \"long letter\", but take gave {got:?}"
    );
}

/// The same with an owner who sleeps: while the letter is written, an owner who was
/// woken has the time to look in vain and to sleep again.
fn a_woken_owner_finds_the_letter() {
    let mailbox = mailbox();
    grading::step(
        "taking a letter that takes long to write, which another thread began while \
         take slept: does put wake the owner before the letter is in, and not again \
         when it is?",
    );
    let writer = Cell::new(None);
    let got = take(&mailbox, |looks| {
        if looks > 0 {
            return;
        }
        let mailbox = Arc::clone(&mailbox);
        writer.set(Some(sender(move || {
            grading::step("waiting until the owner sleeps: does take spin?");
            until_asleep(&[OWNER]);
            grading::step("calling put");
            mailbox.put(|| {
                grading::step("writing a letter until the owner sleeps again");
                until_asleep(&[OWNER]);
                "long letter"
            });
            grading::step("done with the letter");
        })));
    });
    assert!(
        got == "long letter",
        "the letter says \"long letter\", but take gave {got:?}"
    );
    join(
        writer
            .take()
            .expect("take returned, so somebody put a letter"),
    );
}

/// Who writes a letter may put another one meanwhile.
fn a_letter_is_put_while_another_is_written() {
    let mailbox = mailbox();
    grading::step(
        "putting letter 1 into the mailbox from within the write of letter 2: does \
         put hold a lock while it calls write?",
    );
    mailbox.put(|| {
        mailbox.put(|| 1);
        2
    });
    for right in 1..=2 {
        grading::step(format!(
            "taking letter {right} of 2; letter 1 was put while letter 2 was written"
        ));
        let got = take(&mailbox, |_| {
            panic!("letter {right} of 2 is in the mailbox, but take found it empty")
        });
        assert!(
            got == right,
            "letter 1 was put while letter 2 was still being written, so it comes \
             first, but take {right} gave letter {got}"
        );
    }
}

/// The token of an `unpark` from before lets the first `park` through.
fn an_old_token_is_no_letter() {
    let mailbox = mailbox();
    thread::current().unpark();
    grading::step(
        "taking a letter while a token from an old unpark is left: the first park \
         returns at once, with the mailbox still empty",
    );
    let sender = Cell::new(None);
    let got = take(&mailbox, |looks| {
        if looks == 0 {
            sender.set(Some(put_to_sleeper(&mailbox, "hello")));
        }
    });
    assert!(
        got == "hello",
        "the letter says \"hello\", but take gave {got:?}"
    );
    join(
        sender
            .take()
            .expect("take returned, so somebody put a letter"),
    );
}

/// The same, with tokens that come while the owner sleeps, again and again.
fn an_unpark_by_somebody_else_is_no_letter() {
    let mailbox = mailbox();
    grading::step(
        "taking a letter while somebody else calls unpark on the owner, with the \
         mailbox still empty",
    );
    let owner = thread::current();
    let somebody = Cell::new(None);
    let got = take(&mailbox, |looks| {
        if looks > 0 {
            return;
        }
        let (owner, mailbox) = (owner.clone(), Arc::clone(&mailbox));
        somebody.set(Some(sender(move || {
            for _ in 0..5 {
                grading::step("waiting until the owner sleeps: does take spin?");
                until_asleep(&[OWNER]);
                grading::step("calling unpark on the owner, without a letter");
                owner.unpark();
            }
            grading::step("waiting until the owner sleeps: does take spin?");
            until_asleep(&[OWNER]);
            mailbox.put(|| "hello");
        })));
    });
    assert!(
        got == "hello",
        "the letter says \"hello\", but take gave {got:?}"
    );
    join(
        somebody
            .take()
            .expect("take returned, so somebody put a letter"),
    );
}

/// Two unparks leave one token, and there are two letters all the same.
fn one_token_for_many_letters() {
    let mailbox = mailbox();
    let put = Cell::new(false);
    for right in 1..=4 {
        grading::step(format!(
            "taking letter {right} of 4, which were all put while the owner was \
             awake: does take look before it sleeps?"
        ));
        let got = take(&mailbox, |_| {
            if !put.replace(true) {
                for letter in 1..=4 {
                    put_by_another(&mailbox, letter);
                }
            }
        });
        assert!(
            got == right,
            "the letters 1 to 4 were put in that order, but take {right} gave \
             letter {got}"
        );
    }
    grading::step(
        "taking a fifth letter, with the token of an earlier one left or not",
    );
    let sender = Cell::new(None);
    let got = take(&mailbox, |looks| {
        if looks == 0 {
            sender.set(Some(put_to_sleeper(&mailbox, 5)));
        }
    });
    assert!(
        got == 5,
        "the fifth letter is 5, but take gave letter {got}"
    );
    join(
        sender
            .take()
            .expect("take returned, so somebody put a letter"),
    );
}

/// While nobody calls unpark, there is no reason to look again.
fn the_owner_sleeps_until_it_is_woken() {
    let mailbox = mailbox();
    let looks = Arc::new(AtomicUsize::new(0));
    let looks_before_put = Arc::new(AtomicUsize::new(0));
    let sender = sender({
        let (looks, looks_before_put) =
            (Arc::clone(&looks), Arc::clone(&looks_before_put));
        let mailbox = Arc::clone(&mailbox);
        move || {
            while looks.load(SeqCst) == 0 {
                thread::sleep(Duration::from_millis(1));
            }
            // Where the system tells, this also rejects a sleep with a time limit.
            until_asleep(&[OWNER]);
            // Time for a look that is one too many. A right answer does not need it.
            thread::sleep(Duration::from_millis(100));
            looks_before_put.store(looks.load(SeqCst), SeqCst);
            grading::step("putting a letter into the mailbox after a while");
            mailbox.put(|| "hello");
        }
    });
    grading::step(
        "taking a letter that is put after a while: does put wake the owner?",
    );
    let got = take(&mailbox, |_| {
        looks.fetch_add(1, SeqCst);
    });
    join(sender);
    assert!(
        got == "hello",
        "the letter says \"hello\", but take gave {got:?}"
    );
    let looks = looks_before_put.load(SeqCst);
    // One, and a few for the times that `park` returns for no reason.
    assert!(
        looks <= 4,
        "nobody put a letter or called unpark for 100 ms, but take looked into the \
         mailbox {looks} times: it asks again and again, and should sleep until it \
         is woken"
    );
}

/// Four at once, as fast as they can.
fn every_letter_of_many_senders_arrives() {
    const SENDERS: usize = 4;
    const LETTERS: usize = 2_000;
    let mailbox = mailbox();
    let senders: Vec<_> = (0..SENDERS)
        .map(|number| {
            let mailbox = Arc::clone(&mailbox);
            sender(move || {
                for letter in 0..LETTERS {
                    mailbox.put(|| (number, letter));
                    if letter % 16 == 0 {
                        thread::yield_now();
                    }
                }
            })
        })
        .collect();
    let mut next = [0; SENDERS];
    for count in 0..SENDERS * LETTERS {
        grading::step(format!(
            "taking letter {count} of {} that {SENDERS} threads put in at the same \
             time: was a wake-up lost?",
            SENDERS * LETTERS
        ));
        let (sender, letter) = take(&mailbox, |_| ());
        assert!(
            letter == next[sender],
            "letter {} of sender {sender} was due, but take gave its letter \
             {letter}: letters were lost, doubled or mixed up",
            next[sender]
        );
        next[sender] += 1;
    }
    senders.into_iter().for_each(join);
}
