//! Graders of 01.5 under the model checker: every order in which the owner and the
//! senders can take their steps is tried, and `park` also returns for no reason.

use explorer::ground::sync::Arc;
use explorer::ground::thread;
use explorer::{Kind, Model};

use super::on_model::answer::Mailbox;

grading::graders![
    a_letter_comes_whenever_it_likes,
    two_senders_put_at_the_same_time,
    somebody_else_unparks_the_owner,
    letter_after_letter,
];

fn model(name: &str) -> Model {
    Model::new(name)
        .hint(
            Kind::LostWakeUp,
            "put the steps of `take` and of `put` side by side: whoever puts must \
             see that the owner is about to sleep, or the owner must see the letter",
        )
        .hint(
            Kind::Deadlock,
            "put the steps of `take` and of `put` side by side: whoever puts must \
             see that the owner is about to sleep, or the owner must see the letter",
        )
        .hint(
            Kind::Assertion,
            "`park` also returns for no reason: look again each time it does",
        )
}

/// One letter, every order.
fn a_letter_comes_whenever_it_likes() {
    model("a letter is put while the owner takes").check(|| {
        let mailbox = Arc::new(Mailbox::new(thread::current()));
        let sender = thread::spawn({
            let mailbox = Arc::clone(&mailbox);
            move || mailbox.put(|| 'a')
        });
        let letter = mailbox.take(|| ());
        assert!(letter == 'a', "'a' was put, but take gave {letter:?}");
        sender.join().unwrap();
    });
}

/// Two letters, and perhaps one token for both.
fn two_senders_put_at_the_same_time() {
    model("two senders put a letter each while the owner takes").check(|| {
        let mailbox = Arc::new(Mailbox::new(thread::current()));
        let senders = ['a', 'b'].map(|letter| {
            let mailbox = Arc::clone(&mailbox);
            thread::spawn(move || mailbox.put(|| letter))
        });
        let mut letters = [mailbox.take(|| ()), mailbox.take(|| ())];
        letters.sort_unstable();
        assert!(
            letters == ['a', 'b'],
            "'a' and 'b' were put, but take gave {letters:?}"
        );
        for sender in senders {
            sender.join().unwrap();
        }
    });
}

/// A token from somebody who put no letter.
fn somebody_else_unparks_the_owner() {
    model("somebody unparks the owner, and somebody else puts a letter").check(
        || {
            let owner = thread::current();
            let mailbox = Arc::new(Mailbox::new(owner.clone()));
            let somebody = thread::spawn(move || owner.unpark());
            let sender = thread::spawn({
                let mailbox = Arc::clone(&mailbox);
                move || mailbox.put(|| 'a')
            });
            let letter = mailbox.take(|| ());
            assert!(letter == 'a', "'a' was put, but take gave {letter:?}");
            somebody.join().unwrap();
            sender.join().unwrap();
        },
    );
}

/// What is left of the first letter, a token or a flag, must not harm the second.
fn letter_after_letter() {
    model("one sender puts two letters while the owner takes").check(|| {
        let mailbox = Arc::new(Mailbox::new(thread::current()));
        let sender = thread::spawn({
            let mailbox = Arc::clone(&mailbox);
            move || {
                mailbox.put(|| 'a');
                mailbox.put(|| 'b');
            }
        });
        let letters = [mailbox.take(|| ()), mailbox.take(|| ())];
        assert!(
            letters == ['a', 'b'],
            "'a' and then 'b' were put, but take gave {letters:?}"
        );
        sender.join().unwrap();
    });
}
