//! Graders of 02.1 under the model checker: every order in which two or three threads
//! can push, pop and close, with wake-ups for no reason.

#[path = "../common/sleeps.rs"]
mod sleeps;

use std::time::Duration;

use explorer::ground::atomic::{AtomicUsize, Ordering::Relaxed};
use explorer::ground::sync::Arc;
use explorer::ground::thread::{self, JoinHandle};
use explorer::{Kind, Model};

use super::on_model::answer::BoundedQueue;

grading::graders![
    who_waits_sleeps,
    one_item_comes_whenever_it_likes,
    items_come_in_order_through_one_place,
    no_more_than_its_capacity,
    one_pushes_and_two_pop,
    two_push_and_one_pops,
    two_items_are_for_two_that_pop,
    two_places_are_for_two_that_push,
    two_push_into_one_place_while_it_is_closed,
    a_push_races_with_close,
    close_wakes_all_that_pop,
    close_wakes_all_that_push,
    what_was_pushed_is_not_lost_by_close,
    no_room_is_refused,
];

/// The right ones take a tenth of a second. Those that never sleep have no end, and are
/// found out by `who_waits_sleeps`.
const SEARCH_LIMIT: Duration = Duration::from_secs(8);

fn model(name: &str) -> Model {
    let sleeps = "whoever changes what others wait for must wake one of those that wait \
                  for that; if it changes for all, all of them. A notification that goes \
                  to the wrong sleeper is lost";
    Model::new(name)
        .time(SEARCH_LIMIT)
        .hint(Kind::LostWakeUp, sleeps)
        .hint(Kind::Deadlock, sleeps)
}

/// Of an item that should have come and did not.
const WOKEN: &str = "a sleeper may wake for no reason, or after another thread has taken \
                     what it was woken for: does it look again each time?";

/// Of an item that should not have got in.
const FULL: &str = "how many items are there when it is full? Does a push that was asleep \
                    look again? And may anybody come in between that look and the push?";

fn queue(capacity: usize) -> Arc<BoundedQueue<u32>> {
    Arc::new(BoundedQueue::new(capacity))
}

fn start<T: Send + 'static>(
    queue: &Arc<BoundedQueue<u32>>,
    what: impl FnOnce(&BoundedQueue<u32>) -> T + Send + 'static,
) -> JoinHandle<T> {
    let queue = Arc::clone(queue);
    thread::spawn(move || what(&queue))
}

#[track_caller]
fn push(queue: &BoundedQueue<u32>, item: u32) {
    let pushed = queue.push(item);
    assert!(
        pushed.is_ok(),
        "push({item}) gave the item back, and nobody has closed the queue"
    );
}

fn who_waits_sleeps() {
    sleeps::must_sleep("pop on an empty queue", || {
        queue(1).pop();
    });
    sleeps::must_sleep("push on a full queue", || {
        let queue = queue(1);
        push(&queue, 1);
        push(&queue, 2);
    });
}

fn one_item_comes_whenever_it_likes() {
    model("one item is pushed while another thread pops")
        .hint(Kind::Assertion, WOKEN)
        .check(|| {
            let queue = queue(1);
            let pusher = start(&queue, |queue| push(queue, 7));
            let got = queue.pop();
            assert!(got == Some(7), "7 was pushed, but pop gave {got:?}");
            pusher.join().unwrap();
        });
}

fn items_come_in_order_through_one_place() {
    model("two items go through a queue with one place")
        .hint(Kind::Assertion, WOKEN)
        .check(|| {
            let queue = queue(1);
            let pusher = start(&queue, |queue| {
                push(queue, 1);
                push(queue, 2);
            });
            for right in [1, 2] {
                let got = queue.pop();
                assert!(
                    got == Some(right),
                    "1 and then 2 was pushed, but pop {right} gave {got:?}"
                );
            }
            pusher.join().unwrap();
        });
}

/// What has been pushed, and for what no pop has even begun, is in the queue.
fn no_more_than_its_capacity() {
    model("two items are pushed into one place")
        .hint(Kind::Assertion, FULL)
        .check(|| {
            let queue = queue(1);
            let begun = Arc::new(AtomicUsize::new(0));
            let popper = start(&queue, {
                let begun = Arc::clone(&begun);
                move |queue| {
                    begun.fetch_add(1, Relaxed);
                    queue.pop()
                }
            });
            push(&queue, 1);
            push(&queue, 2);
            let begun = begun.load(Relaxed);
            assert!(
                begun == 1,
                "a queue with one place took 2 items before anybody called pop"
            );
            popper.join().unwrap();
        });
}

/// Where both kinds sleep in one place, a wake-up can go to the wrong one.
fn one_pushes_and_two_pop() {
    model("one thread pushes two items into one place, two pop one each")
        .hint(Kind::Assertion, WOKEN)
        .check(|| {
            let queue = queue(1);
            let poppers = [(); 2].map(|()| start(&queue, BoundedQueue::pop));
            push(&queue, 1);
            push(&queue, 2);
            let mut got = poppers.map(|popper| popper.join().unwrap());
            got.sort_unstable();
            assert!(
                got == [Some(1), Some(2)],
                "1 and 2 were pushed, but the two pops gave {got:?}"
            );
        });
}

fn two_push_and_one_pops() {
    model("two threads push into one place, one pops twice")
        .hint(Kind::Assertion, WOKEN)
        .check(|| {
            let queue = queue(1);
            let pushers =
                [1, 2].map(|item| start(&queue, move |queue| push(queue, item)));
            let mut got = [queue.pop(), queue.pop()];
            got.sort_unstable();
            assert!(
                got == [Some(1), Some(2)],
                "1 and 2 were pushed, but the two pops gave {got:?}"
            );
            for pusher in pushers {
                pusher.join().unwrap();
            }
        });
}

/// The second push does not find the queue empty, and is for somebody all the same.
fn two_items_are_for_two_that_pop() {
    model("two items are pushed into two places, two threads pop one each")
        .hint(Kind::Assertion, WOKEN)
        .check(|| {
            let queue = queue(2);
            let poppers = [(); 2].map(|()| start(&queue, BoundedQueue::pop));
            push(&queue, 1);
            push(&queue, 2);
            for popper in poppers {
                let got = popper.join().unwrap();
                assert!(got.is_some(), "an item was pushed, but pop gave {got:?}");
            }
        });
}

/// The second pop does not find the queue full, and makes room for somebody all the same.
fn two_places_are_for_two_that_push() {
    model(
        "two threads push into two places that are full, and two items are popped",
    )
    .check(|| {
        let queue = queue(2);
        push(&queue, 1);
        push(&queue, 2);
        let pushers =
            [3, 4].map(|item| start(&queue, move |queue| push(queue, item)));
        let got = [queue.pop(), queue.pop()];
        assert!(
            got == [Some(1), Some(2)],
            "1 and 2 were the oldest items, but the two pops gave {got:?}"
        );
        for pusher in pushers {
            pusher.join().unwrap();
        }
    });
}

/// Without a pop there is room for one.
fn two_push_into_one_place_while_it_is_closed() {
    let model = model("two threads push into one place while it is closed");
    model.hint(Kind::Assertion, FULL).check(|| {
        let queue = queue(1);
        let pushers =
            [1, 2].map(|item| start(&queue, move |queue| queue.push(item)));
        queue.close();
        let pushed = pushers.map(|pusher| pusher.join().unwrap());
        let let_in = pushed.iter().filter(|pushed| pushed.is_ok()).count();
        assert!(
            let_in <= 1,
            "a queue with one place took {let_in} items, and nobody has called pop"
        );
    });
}

/// Either it is in and comes out, or it comes back.
fn a_push_races_with_close() {
    model("one thread pushes while another closes").check(|| {
        let queue = queue(1);
        let pusher = start(&queue, |queue| queue.push(7));
        queue.close();
        let pushed = pusher.join().unwrap();
        let got = queue.pop();
        match pushed {
            Ok(()) => assert!(
                got == Some(7),
                "push(7) was let in, and the queue was closed; then pop gave {got:?}"
            ),
            Err(item) => assert!(
                item == 7 && got.is_none(),
                "push(7) came back with {item}, and yet pop gave {got:?}"
            ),
        }
    });
}

fn close_wakes_all_that_pop() {
    model("two threads pop from an empty queue while it is closed").check(|| {
        let queue = queue(1);
        let poppers = [(); 2].map(|()| start(&queue, BoundedQueue::pop));
        queue.close();
        for popper in poppers {
            let got = popper.join().unwrap();
            assert!(
                got.is_none(),
                "nothing was pushed, and the queue was closed, but pop gave {got:?}"
            );
        }
    });
}

fn close_wakes_all_that_push() {
    model("two threads push into a full queue while it is closed").check(|| {
        let queue = queue(1);
        push(&queue, 0);
        let pushers =
            [1, 2].map(|item| start(&queue, move |queue| (item, queue.push(item))));
        queue.close();
        for pusher in pushers {
            let (item, pushed) = pusher.join().unwrap();
            assert!(
                pushed == Err(item),
                "push({item}) into a full queue that was closed returned {pushed:?}, and \
                 the item should have come back"
            );
        }
    });
}

fn what_was_pushed_is_not_lost_by_close() {
    model("a queue is closed while there is something in it").check(|| {
        let queue = queue(2);
        push(&queue, 1);
        push(&queue, 2);
        let closer = start(&queue, BoundedQueue::close);
        for right in [Some(1), Some(2), None] {
            let got = queue.pop();
            assert!(
                got == right,
                "1 and 2 were pushed before the queue was closed; pop gave {got:?} \
                 where {right:?} was due"
            );
        }
        closer.join().unwrap();
        let pushed = queue.push(3);
        assert!(
            pushed == Err(3),
            "push(3) into a queue that has been closed returned {pushed:?}"
        );
    });
}

fn no_room_is_refused() {
    let made = Model::new("a queue without room")
        .explore(|| drop(BoundedQueue::<u32>::new(0)));
    let refused = made.is_err_and(|failure| failure.kind == Kind::Assertion);
    assert!(
        refused,
        "BoundedQueue::new(0) should panic: it made a queue into which nobody can push"
    );
}
