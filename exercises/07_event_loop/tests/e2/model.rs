//! Graders of 07.2 under the model checker: who sleeps, who is woken, and who calls.

#[path = "../common/called.rs"]
mod called;
#[path = "../../../06_work_stealing/tests/common/sleeps.rs"]
mod sleeps;

use super::on_model::answer::Channel;
use super::on_model::ground::sync::Arc;
use super::on_model::ground::thread;
use super::on_model::ground::time::Duration;
use ::explorer::{Kind, Model};

grading::graders![
    what_is_there_is_taken,
    who_waits_sleeps,
    who_has_slept_sleeps,
    a_letter_comes,
    two_letters_come,
    three_letters_come,
    two_send,
    two_send_and_one_sends_twice,
    who_is_awake_is_not_called,
    who_was_asleep_is_not_called,
    who_sleeps_is_called_once,
];

/// The right ones take a second at most.
const SEARCH_LIMIT: Duration = Duration::from_secs(8);

fn model(name: &str) -> Model {
    let sleeps = "what did the last sender find in the word, and what did the loop see of \
                  the letters after that? Who tells the other?";
    Model::new(name)
        .time(SEARCH_LIMIT)
        .hint(Kind::LostWakeUp, sleeps)
        .hint(Kind::Deadlock, sleeps)
        .hint(
            Kind::Livelock,
            "a loop that finds nothing should sleep until it is woken",
        )
}

#[track_caller]
fn check(model: &Model, root: fn()) {
    grading::step("exploring a model");
    model.check(root);
}

/// Calls `recv` until all of `letters` have come, each once.
fn take_all(channel: &Channel, letters: u32) {
    let mut missing = letters;
    while missing != 0 {
        let came = channel.recv();
        assert!(came != 0, "recv returned without a letter");
        let others = came & !missing;
        assert!(
            others == 0,
            "recv returned {}, and {} are on their way",
            shown(came),
            shown(missing)
        );
        missing &= !came;
    }
}

fn shown(letters: u32) -> String {
    let numbers = (0..32).filter(|letter| letters & 1 << letter != 0);
    let numbers: Vec<_> = numbers.map(|number: u32| number.to_string()).collect();
    match numbers.as_slice() {
        [] => "no letters".to_owned(),
        [number] => format!("letter {number}"),
        _ => format!("letters {}", numbers.join(", ")),
    }
}

/// For each list a thread sends its letters, and this one waits until all have come.
fn all_come<const N: usize>(senders: [&'static [u32]; N]) {
    let channel = Arc::new(Channel::new());
    let threads = senders.map(|letters| {
        let channel = Arc::clone(&channel);
        thread::spawn(move || {
            for letter in letters {
                channel.send(*letter);
            }
        })
    });
    let all = senders.iter().flat_map(|letters| letters.iter());
    take_all(&channel, all.fold(0, |all, letter| all | 1 << letter));
    for thread in threads {
        thread.join().unwrap();
    }
}

/// There is one thread, so whoever sleeps sleeps for ever.
fn what_is_there_is_taken() {
    let model = model("one thread sends, and takes what is there");
    check(&model, || {
        let channel = Channel::new();
        channel.send(0);
        take_all(&channel, 1);
        channel.send(31);
        channel.send(7);
        channel.send(0);
        let (came, sent) = (channel.recv(), 1 << 31 | 1 << 7 | 1);
        assert!(
            came == sent,
            "{} are there, nobody else sends, and recv returned {}",
            shown(sent),
            shown(came)
        );
    });
}

fn who_waits_sleeps() {
    sleeps::must_sleep("a loop in recv without a letter", || {
        Channel::new().recv();
    });
}

fn who_has_slept_sleeps() {
    sleeps::must_sleep("a loop in recv that has all letters", || {
        let channel = Arc::new(Channel::new());
        let sender = {
            let channel = Arc::clone(&channel);
            thread::spawn(move || channel.send(1))
        };
        channel.recv();
        sender.join().unwrap();
        channel.send(2);
        channel.recv();
        channel.recv();
    });
}

fn a_letter_comes() {
    check(&model("a letter comes"), || all_come([&[1]]));
}

fn two_letters_come() {
    let model = model("two letters come, one after the other");
    check(&model, || all_come([&[1, 2]]));
}

fn three_letters_come() {
    let model = model("three letters come, one after the other").spurious(false);
    check(&model, || all_come([&[1, 2, 3]]));
}

fn two_send() {
    let model = model("two threads send a letter each").spurious(false);
    check(&model, || all_come([&[1], &[2]]));
}

fn two_send_and_one_sends_twice() {
    let model = model("one thread sends a letter, another one two")
        .preemptions(1)
        .spurious(false);
    check(&model, || all_come([&[1], &[2, 3]]));
}

fn who_is_awake_is_not_called() {
    let what = "the loop has never slept";
    called::at_most(0, what, || {
        let channel = Channel::new();
        called::from_here_on();
        channel.send(1);
        channel.send(2);
        take_all(&channel, 6);
        channel.send(3);
        take_all(&channel, 8);
        called::the_end();
    });
}

fn who_was_asleep_is_not_called() {
    let what = "the loop does not sleep any more";
    let program = || {
        let channel = Arc::new(Channel::new());
        let sender = {
            let channel = Arc::clone(&channel);
            thread::spawn(move || {
                channel.send(1);
                thread::sleep(Duration::from_millis(1));
                channel.send(2);
            })
        };
        take_all(&channel, 6);
        sender.join().unwrap();
        // The last call may have left a mark that this takes away.
        channel.send(3);
        take_all(&channel, 8);
        called::from_here_on();
        channel.send(4);
        take_all(&channel, 16);
        channel.send(5);
        channel.send(6);
        called::the_end();
    };
    called::at_most(0, what, program);
}

fn who_sleeps_is_called_once() {
    let what = "three letters are sent while the loop sleeps";
    called::at_most(1, what, || {
        let channel = Arc::new(Channel::new());
        let looping = {
            let channel = Arc::clone(&channel);
            thread::spawn(move || take_all(&channel, 14))
        };
        // Time passes when nobody has anything else to do.
        thread::sleep(Duration::from_millis(1));
        called::from_here_on();
        for letter in 1..=3 {
            channel.send(letter);
        }
        looping.join().unwrap();
        called::the_end();
    });
}
