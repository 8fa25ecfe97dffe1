//! The queue under the model checker, and versions that are wrong by a line.

use std::collections::VecDeque;

use explorer::{Kind, Model};

use super::{TryPopError, v1_on_std, v2_on_sync};
use crate::ground::on_std::sync::{Arc, Condvar, Mutex};
use crate::ground::time::Duration;
use crate::locks::Closed;
use crate::modelled::{caught, holds, start};

/// A bounded queue, or what somebody took for one.
trait Queue: Send + Sync + 'static {
    fn new(capacity: usize) -> Self;
    /// Whether the item was taken.
    fn push(&self, item: u32) -> bool;
    fn pop(&self) -> Option<u32>;
    fn close(&self);
    fn len(&self) -> usize;
}

macro_rules! right {
    ($($version:ident)*) => { $(
        impl Queue for $version::BoundedQueue<u32> {
            fn new(capacity: usize) -> Self {
                Self::new(capacity)
            }

            fn push(&self, item: u32) -> bool {
                match self.push(item) {
                    Ok(()) => true,
                    Err(Closed(back)) => {
                        assert_eq!(back, item, "another item came back");
                        false
                    }
                }
            }

            fn pop(&self) -> Option<u32> {
                self.pop()
            }

            fn close(&self) {
                self.close();
            }

            fn len(&self) -> usize {
                self.len()
            }
        }
    )* };
}
right!(v1_on_std v2_on_sync);

/// What the wrong versions are made of.
struct Parts {
    state: Mutex<State>,
    capacity: usize,
    not_full: Condvar,
    not_empty: Condvar,
}

#[derive(Default)]
struct State {
    items: VecDeque<u32>,
    closed: bool,
    consumers_asleep: usize,
    on_their_way: usize,
}

impl Parts {
    fn is_full(&self, state: &State) -> bool {
        state.items.len() == self.capacity && !state.closed
    }

    /// What a right version does.
    fn pushes(&self, item: u32) -> bool {
        let mut state = self.state.lock().unwrap();
        while self.is_full(&state) {
            state = self.not_full.wait(state).unwrap();
        }
        let taken = !state.closed;
        if taken {
            state.items.push_back(item);
            self.not_empty.notify_one();
        }
        taken
    }

    /// What a right version does.
    fn pops(&self) -> Option<u32> {
        let mut state = self.state.lock().unwrap();
        while state.items.is_empty() && !state.closed {
            state = self.not_empty.wait(state).unwrap();
        }
        let item = state.items.pop_front();
        self.not_full.notify_one();
        item
    }

    /// What a right version does.
    fn closes(&self) {
        self.state.lock().unwrap().closed = true;
        self.not_full.notify_all();
        self.not_empty.notify_all();
    }
}

/// A version with something else in the place of one of the three.
macro_rules! wrong {
    ($Name:ident, $story:literal $(, push: $push:expr)? $(, pop: $pop:expr)? $(, close: $close:expr)?) => {
        #[doc = $story]
        struct $Name(Parts);

        #[allow(unused_assignments, unused_mut, reason = "one of them is replaced")]
        impl Queue for $Name {
            fn new(capacity: usize) -> Self {
                Self(Parts {
                    state: Mutex::default(),
                    capacity,
                    not_full: Condvar::new(),
                    not_empty: Condvar::new(),
                })
            }

            fn push(&self, item: u32) -> bool {
                let mut push: fn(&Parts, u32) -> bool = Parts::pushes;
                $(push = $push;)?
                push(&self.0, item)
            }

            fn pop(&self) -> Option<u32> {
                let mut pop: fn(&Parts) -> Option<u32> = Parts::pops;
                $(pop = $pop;)?
                pop(&self.0)
            }

            fn close(&self) {
                let mut close: fn(&Parts) = Parts::closes;
                $(close = $close;)?
                close(&self.0);
            }

            fn len(&self) -> usize {
                self.0.state.lock().unwrap().items.len()
            }
        }
    };
}

wrong!(
    PopsWithIf,
    "A consumer does not look again after a wake-up.",
    pop: |parts| {
        let mut state = parts.state.lock().unwrap();
        if state.items.is_empty() && !state.closed {
            state = parts.not_empty.wait(state).unwrap();
        }
        let item = state.items.pop_front();
        parts.not_full.notify_one();
        item
    }
);

wrong!(
    PushesWithIf,
    "A producer does not look again after a wake-up.",
    push: |parts, item| {
        let mut state = parts.state.lock().unwrap();
        if parts.is_full(&state) {
            state = parts.not_full.wait(state).unwrap();
        }
        state.items.push_back(item);
        parts.not_empty.notify_one();
        true
    }
);

wrong!(
    LooksAndLetsGo,
    "Gives the lock up between its look and its sleep.",
    pop: |parts| {
        loop {
            let state = parts.state.lock().unwrap();
            if !state.items.is_empty() || state.closed {
                drop(state);
                return parts.pops();
            }
            drop(state);
            drop(parts.not_empty.wait(parts.state.lock().unwrap()).unwrap());
        }
    }
);

wrong!(
    NotifiesFirst,
    "Notifies before it brings the item.",
    push: |parts, item| {
        parts.not_empty.notify_one();
        let mut state = parts.state.lock().unwrap();
        while parts.is_full(&state) {
            state = parts.not_full.wait(state).unwrap();
        }
        state.items.push_back(item);
        true
    }
);

wrong!(
    OneCondvar,
    "Both sides wait on one condition variable, and one of them all is woken.",
    push: |parts, item| {
        let mut state = parts.state.lock().unwrap();
        while parts.is_full(&state) {
            state = parts.not_empty.wait(state).unwrap();
        }
        state.items.push_back(item);
        parts.not_empty.notify_one();
        true
    },
    pop: |parts| {
        let mut state = parts.state.lock().unwrap();
        while state.items.is_empty() && !state.closed {
            state = parts.not_empty.wait(state).unwrap();
        }
        let item = state.items.pop_front();
        parts.not_empty.notify_one();
        item
    }
);

wrong!(
    NotifiesIfItWasEmpty,
    "Notifies only who brings the first item: two sleep, two items come, one wakes.",
    push: |parts, item| {
        let mut state = parts.state.lock().unwrap();
        while parts.is_full(&state) {
            state = parts.not_full.wait(state).unwrap();
        }
        state.items.push_back(item);
        if state.items.len() == 1 {
            parts.not_empty.notify_one();
        }
        true
    }
);

wrong!(
    CountsTooEarly,
    "Looks for sleepers before it takes the lock under which it brings the item.",
    push: |parts, item| {
        let sleepers = parts.state.lock().unwrap().consumers_asleep > 0;
        parts.state.lock().unwrap().items.push_back(item);
        if sleepers {
            parts.not_empty.notify_one();
        }
        true
    },
    pop: |parts| {
        let mut state = parts.state.lock().unwrap();
        while state.items.is_empty() && !state.closed {
            state.consumers_asleep += 1;
            state = parts.not_empty.wait(state).unwrap();
            state.consumers_asleep -= 1;
        }
        state.items.pop_front()
    }
);

wrong!(
    NeverBack,
    "Who has been woken is still on its way when it has long been back, and asleep again.",
    push: |parts, item| {
        let mut state = parts.state.lock().unwrap();
        while parts.is_full(&state) {
            state = parts.not_full.wait(state).unwrap();
        }
        state.items.push_back(item);
        if state.on_their_way < state.consumers_asleep {
            state.on_their_way += 1;
            parts.not_empty.notify_one();
        }
        true
    },
    pop: |parts| {
        let mut state = parts.state.lock().unwrap();
        while state.items.is_empty() && !state.closed {
            state.consumers_asleep += 1;
            state = parts.not_empty.wait(state).unwrap();
            state.consumers_asleep -= 1;
        }
        let item = state.items.pop_front();
        parts.not_full.notify_one();
        item
    }
);

wrong!(
    TellsNoProducer,
    "Takes an item and tells nobody that there is room.",
    pop: |parts| {
        let mut state = parts.state.lock().unwrap();
        while state.items.is_empty() && !state.closed {
            state = parts.not_empty.wait(state).unwrap();
        }
        state.items.pop_front()
    }
);

wrong!(
    ClosesForOne,
    "Wakes one of each side when all is over.",
    close: |parts| {
        parts.state.lock().unwrap().closed = true;
        parts.not_full.notify_one();
        parts.not_empty.notify_one();
    }
);

wrong!(
    ClosesForConsumers,
    "Forgets that a producer may be asleep when the queue is closed.",
    close: |parts| {
        parts.state.lock().unwrap().closed = true;
        parts.not_empty.notify_all();
    }
);

wrong!(
    LeavesTheRest,
    "Once it is closed, says that it is empty, although it is not.",
    pop: |parts| {
        let mut state = parts.state.lock().unwrap();
        while state.items.is_empty() && !state.closed {
            state = parts.not_empty.wait(state).unwrap();
        }
        if state.closed {
            return None;
        }
        let item = state.items.pop_front();
        parts.not_full.notify_one();
        item
    }
);

/// Three items through one place, in their order, and no more than one at a time.
fn one_producer_one_consumer<Q: Queue>() {
    let queue = Arc::new(Q::new(1));
    let producer = start(&queue, |queue| {
        assert!((1..=3).all(|item| queue.push(item)));
        queue.close();
    });
    let mut popped = Vec::new();
    assert!(queue.len() <= 1, "more items than there is room for");
    while let Some(item) = queue.pop() {
        popped.push(item);
    }
    assert_eq!(popped, [1, 2, 3], "what came out is not what went in");
    producer.join().unwrap();
}

/// Two items and two consumers who take one each. With room for one, the producer waits.
fn two_consumers<Q: Queue, const CAPACITY: usize>() {
    let queue = Arc::new(Q::new(CAPACITY));
    let consumers = [(); 2].map(|()| start(&queue, Q::pop));
    assert!(queue.push(1) && queue.push(2));
    let mut popped = consumers.map(|consumer| consumer.join().unwrap());
    popped.sort_unstable();
    assert_eq!(popped, [Some(1), Some(2)], "a consumer has got nothing");
}

/// Two consumers sleep when all is over.
fn close_wakes_consumers<Q: Queue>() {
    let queue = Arc::new(Q::new(1));
    let consumers = [(); 2].map(|()| start(&queue, Q::pop));
    queue.close();
    for consumer in consumers {
        assert_eq!(consumer.join().unwrap(), None);
    }
}

/// A producer sleeps when all is over; what is in the queue is still there to be taken.
fn close_wakes_producers<Q: Queue>() {
    let queue = Arc::new(Q::new(1));
    assert!(queue.push(1));
    let producer = start(&queue, |queue| queue.push(2));
    queue.close();
    assert!(
        !producer.join().unwrap(),
        "pushed into a queue without room"
    );
    assert_eq!(queue.pop(), Some(1), "what was in it has been lost");
    assert_eq!(queue.pop(), None);
}

#[test]
fn the_queue_keeps_its_promises_in_every_order() {
    fn keeps<Q: Queue>() {
        holds("one producer, one consumer", one_producer_one_consumer::<Q>);
        holds("two consumers, room for one", two_consumers::<Q, 1>);
        holds("two consumers, room for two", two_consumers::<Q, 2>);
        holds("close wakes consumers", close_wakes_consumers::<Q>);
        holds("close wakes producers", close_wakes_producers::<Q>);
    }
    keeps::<v1_on_std::BoundedQueue<u32>>();
    keeps::<v2_on_sync::BoundedQueue<u32>>();
}

#[test]
fn versions_that_are_wrong_by_one_line_are_caught() {
    caught(
        "bounded queue",
        &[
            (
                "PopsWithIf",
                two_consumers::<PopsWithIf, 2>,
                Kind::Assertion,
            ),
            (
                "PushesWithIf",
                one_producer_one_consumer::<PushesWithIf>,
                Kind::Assertion,
            ),
            (
                "LooksAndLetsGo",
                one_producer_one_consumer::<LooksAndLetsGo>,
                Kind::LostWakeUp,
            ),
            (
                "NotifiesFirst",
                two_consumers::<NotifiesFirst, 2>,
                Kind::LostWakeUp,
            ),
            (
                "OneCondvar",
                two_consumers::<OneCondvar, 1>,
                Kind::LostWakeUp,
            ),
            (
                "NotifiesIfItWasEmpty",
                two_consumers::<NotifiesIfItWasEmpty, 2>,
                Kind::LostWakeUp,
            ),
            (
                "CountsTooEarly",
                two_consumers::<CountsTooEarly, 2>,
                Kind::LostWakeUp,
            ),
            (
                "NeverBack",
                one_producer_one_consumer::<NeverBack>,
                Kind::LostWakeUp,
            ),
            (
                "TellsNoProducer",
                two_consumers::<TellsNoProducer, 1>,
                Kind::LostWakeUp,
            ),
            (
                "ClosesForOne",
                close_wakes_consumers::<ClosesForOne>,
                Kind::LostWakeUp,
            ),
            (
                "ClosesForConsumers",
                close_wakes_producers::<ClosesForConsumers>,
                Kind::LostWakeUp,
            ),
            (
                "LeavesTheRest",
                one_producer_one_consumer::<LeavesTheRest>,
                Kind::Assertion,
            ),
        ],
    );
}

/// A time limit: in a model it passes, or not, whenever it can.
macro_rules! limits {
    ($($version:ident $name:ident)*) => { $(
        #[test]
        fn $name() {
            let model = Model::new("one item, room for one, and time passes");
            let ends = model.outcomes(|| {
                let queue = Arc::new($version::BoundedQueue::new(1));
                let limit = Duration::from_secs(1);
                let producer = start(&queue, move |queue| {
                    queue.push(1).unwrap();
                    queue.push_timeout(2, limit).is_ok()
                });
                let popped = queue.pop_timeout(limit);
                let second = producer.join().unwrap();
                let left = 1 + usize::from(second) - usize::from(popped.is_ok());
                assert_eq!(queue.len(), left);
                (popped.map_err(|error| error == TryPopError::Empty), second)
            });
            let (ends, _) = ends.unwrap_or_else(|failure| panic!("{failure}"));
            let expected = [(Ok(1), false), (Ok(1), true), (Err(true), false)];
            assert_eq!(ends.into_iter().collect::<Vec<_>>(), expected);
        }
    )* };
}
limits!(v1_on_std v1_waits_with_a_limit v2_on_sync v2_waits_with_a_limit);
