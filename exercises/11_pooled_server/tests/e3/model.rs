//! Graders of 11.3 under the model checker: which messages lie there, and who sleeps.

#[path = "../../../06_work_stealing/tests/common/sleeps.rs"]
mod sleeps;

use std::panic;

use super::on_model::answer::{Bell, Inbox};
use super::on_model::ground::Named as _;
use super::on_model::ground::atomic::{AtomicU32, Ordering::Relaxed};
use super::on_model::ground::sync::Arc;
use super::on_model::ground::thread;
use super::on_model::ground::time::Duration;
use ::explorer::{Kind, Model};

grading::graders![
    all_in_their_order,
    one_rings,
    who_looks_for_nothing_takes_no_lock,
    who_waits_sleeps,
    a_message_comes,
    two_messages_come,
    two_threads_push,
    while_the_loop_looks,
    when_all_have_returned,
    three_messages_come,
    one_is_there_and_two_come,
];

/// The right ones take a second at most.
const SEARCH_LIMIT: Duration = Duration::from_secs(8);

fn model(name: &str) -> Model {
    let asleep = "a message lies there, and the loop sleeps beside it. Who has pushed that \
                  message, what did that thread see when it asked whether to ring, and when did \
                  the loop silence the bell?";
    Model::new(name)
        .time(SEARCH_LIMIT)
        .spurious(false)
        .hint(Kind::LostWakeUp, asleep)
        .hint(Kind::Deadlock, asleep)
        .hint(
            Kind::Livelock,
            "a bell that stays rung, and nothing in the inbox: the loop goes round and round",
        )
}

#[track_caller]
fn check(model: &Model, root: fn()) {
    grading::step("exploring a model");
    model.check(root);
}

struct Pair {
    inbox: Arc<Inbox<u32>>,
    bell: Arc<Bell>,
}

impl Pair {
    fn new() -> Self {
        let bell = Arc::new(Bell::new());
        Self {
            inbox: Arc::new(Inbox::new(Arc::clone(&bell))),
            bell,
        }
    }

    /// A thread that pushes these, one after the other.
    fn pushes(&self, messages: &'static [u32]) -> thread::JoinHandle<()> {
        let inbox = Arc::clone(&self.inbox);
        thread::spawn(move || {
            for message in messages {
                inbox.push(*message);
            }
        })
    }

    /// Takes until so many have come.
    fn take(&self, count: usize, got: &mut Vec<u32>) {
        while got.len() < count {
            let before = got.clone();
            self.inbox.take(got);
            assert!(
                got.len() > before.len() && got.starts_with(&before),
                "take() into {before:?} has returned with {got:?}: it waits for messages, and \
                 appends them"
            );
        }
    }
}

/// Each has come once, and those of one thread in their order.
#[track_caller]
fn complete(got: &[u32], lists: &[&[u32]]) {
    let all = Vec::from_iter(lists.iter().flat_map(|list| list.iter().copied()));
    for message in &all {
        let times = got.iter().filter(|it| *it == message).count();
        assert!(
            times == 1,
            "messages {all:?} were pushed, and got were {got:?}: message {message} came \
             {times} times"
        );
    }
    assert!(
        got.len() == all.len(),
        "messages {all:?} were pushed, and got were {got:?}"
    );
    for list in lists {
        let of_it = Vec::from_iter(got.iter().filter(|it| list.contains(it)));
        assert!(
            of_it.iter().copied().eq(list.iter()),
            "one thread has pushed {list:?}, and they came as {of_it:?}"
        );
    }
}

/// One thread, so whoever sleeps sleeps for ever.
fn all_in_their_order() {
    check(&model("one thread pushes, and takes what is there"), || {
        let Pair { inbox, .. } = Pair::new();
        let mut got = vec![7];
        inbox.look(&mut got);
        assert!(
            got == [7],
            "nothing was pushed, and look() into [7] has made it {got:?}"
        );
        for message in [1, 2, 3] {
            inbox.push(message);
        }
        inbox.take(&mut got);
        assert!(
            got == [7, 1, 2, 3],
            "1, 2 and 3 were pushed, and take() into [7] has made it {got:?}"
        );
        inbox.look(&mut got);
        assert!(
            got == [7, 1, 2, 3],
            "all were taken, and look() into [7, 1, 2, 3] has made it {got:?}"
        );
        inbox.push(4);
        inbox.push(5);
        inbox.look(&mut got);
        assert!(
            got == [7, 1, 2, 3, 4, 5],
            "4 and 5 were pushed, and look() into [7, 1, 2, 3] has made it {got:?}"
        );
        inbox.push(6);
        inbox.take(&mut got);
        assert!(
            got == [7, 1, 2, 3, 4, 5, 6],
            "6 was pushed, and take() into [7, 1, 2, 3, 4, 5] has made it {got:?}"
        );
    });
}

fn one_rings() {
    check(&model("three messages, and nobody comes for them"), || {
        let Pair { inbox, bell } = Pair::new();
        let mut got = Vec::new();
        for round in 1..=3 {
            for message in 1..=3 {
                inbox.push(message);
            }
            let rings = bell.rings();
            let so_far = match round {
                1 => "3 messages were pushed, and nobody has come for them",
                2 => "3 messages were pushed and taken, and 3 were pushed again",
                _ => {
                    "3 messages were pushed and taken, twice, and 3 were pushed again"
                }
            };
            assert!(
                rings == round,
                "{so_far}: the bell has rung {rings} times, and it has to be {round}"
            );
            match round {
                2 => inbox.look(&mut got),
                _ => inbox.take(&mut got),
            }
        }
    });
}

/// The text of the panic that ends a program which has gone well.
const END: &str = "this is the end, and all went well";
const MARK: &str = "from here on";
/// What it says behind that, if the loop has left it so.
const LEFT_RUNG: &str = ", and the bell is rung";

/// Runs a program once. It ends with a panic, since that brings a record of its steps: from
/// the mark on, it takes no lock.
fn who_looks_for_nothing_takes_no_lock() {
    let what = "nobody has rung since the loop has looked";
    let ended = Model::new(what).spurious(false).replay("", || {
        let Pair { inbox, bell } = Pair::new();
        let mut got = Vec::new();
        inbox.push(1);
        inbox.look(&mut got);
        inbox.push(2);
        inbox.take(&mut got);
        // One more, that may take away what the last one has left.
        inbox.look(&mut got);
        let left = if bell.is_rung() { LEFT_RUNG } else { "" };
        AtomicU32::new(0).named(MARK).store(1, Relaxed);
        inbox.look(&mut got);
        panic!("{END}{left}");
    });
    let failure = ended.expect_err("it ends with a panic");
    if !failure.sentence.contains(END) {
        panic::resume_unwind(failure);
    }
    let mut judged = failure.events.iter();
    judged.find(|event| event.text.contains(MARK));
    if let Some(lock) = judged.find(|event| event.text.starts_with("locks ")) {
        let file = lock.file.rsplit(['/', '\\']).next().unwrap_or_default();
        let rung = match failure.sentence.contains(LEFT_RUNG) {
            true => "the bell is still rung, so ",
            false => "",
        };
        let sentence = format!(
            "{what}, and {rung}look() {} at {file}:{}: in each turn of the loop",
            lock.text, lock.line
        );
        grading::reject(*failure, sentence);
    }
}

fn who_waits_sleeps() {
    sleeps::must_sleep("a loop in take() without a message", || {
        Pair::new().inbox.take(&mut Vec::new());
    });
    sleeps::must_sleep("a loop in take() that has all messages", || {
        let Pair { inbox, .. } = Pair::new();
        let mut got = Vec::new();
        inbox.push(1);
        inbox.push(2);
        inbox.take(&mut got);
        inbox.push(3);
        inbox.look(&mut got);
        inbox.take(&mut got);
    });
}

fn a_message_comes() {
    check(&model("a message comes").spurious(true), || {
        let at = Pair::new();
        let pushes = at.pushes(&[1]);
        let mut got = Vec::new();
        at.take(1, &mut got);
        pushes.join().unwrap();
        complete(&got, &[&[1]]);
    });
}

fn two_messages_come() {
    check(&model("two messages come, one after the other"), || {
        let at = Pair::new();
        let pushes = at.pushes(&[1, 2]);
        let mut got = Vec::new();
        at.take(2, &mut got);
        pushes.join().unwrap();
        complete(&got, &[&[1, 2]]);
    });
}

fn two_threads_push() {
    check(&model("two threads push a message each"), || {
        let at = Pair::new();
        let threads = [at.pushes(&[1]), at.pushes(&[2])];
        let mut got = Vec::new();
        at.take(2, &mut got);
        for thread in threads {
            thread.join().unwrap();
        }
        complete(&got, &[&[1], &[2]]);
    });
}

/// It has sockets, too.
fn while_the_loop_looks() {
    check(
        &model("two messages come, and the loop looks before it waits"),
        || {
            let at = Pair::new();
            let pushes = at.pushes(&[1, 2]);
            let mut got = Vec::new();
            at.inbox.look(&mut got);
            at.take(1, &mut got);
            at.inbox.look(&mut got);
            at.take(2, &mut got);
            pushes.join().unwrap();
            complete(&got, &[&[1, 2]]);
        },
    );
}

fn when_all_have_returned() {
    check(
        &model(
            "the loop looks while two push, and once more when both have returned",
        ),
        || {
            let at = Pair::new();
            let threads = [at.pushes(&[1]), at.pushes(&[2])];
            let mut got = Vec::new();
            at.inbox.look(&mut got);
            for thread in threads {
                thread.join().unwrap();
            }
            let before = got.clone();
            at.inbox.look(&mut got);
            assert!(
                got.len() == 2,
                "1 and 2 were pushed, both threads have returned, {before:?} was there \
                 before, and look() has made it {got:?}"
            );
            complete(&got, &[&[1], &[2]]);
        },
    );
}

fn three_messages_come() {
    check(&model("three messages come, one after the other"), || {
        let at = Pair::new();
        let pushes = at.pushes(&[1, 2, 3]);
        let mut got = Vec::new();
        at.take(3, &mut got);
        pushes.join().unwrap();
        complete(&got, &[&[1, 2, 3]]);
    });
}

fn one_is_there_and_two_come() {
    let model = model("a message is there, and two threads push one more each")
        .preemptions(2);
    check(&model, || {
        let at = Pair::new();
        at.inbox.push(1);
        let threads = [at.pushes(&[2]), at.pushes(&[3])];
        let mut got = Vec::new();
        at.take(3, &mut got);
        for thread in threads {
            thread.join().unwrap();
        }
        complete(&got, &[&[1], &[2], &[3]]);
    });
}
