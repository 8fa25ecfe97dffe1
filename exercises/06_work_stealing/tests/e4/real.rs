//! Graders of 06.4 on real threads: many items, and threads that meet.

use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

use super::on_real::answer::given::Crew;
use super::on_real::answer::map;

grading::graders![
    many_items,
    four_at_the_same_time,
    the_first_takes_longest,
    one_of_many_panics,
];

fn many_items() {
    for (threads, items) in
        [(1, 100), (2, 3), (4, 0), (4, 1), (4, 5_000), (7, 1_000)]
    {
        grading::step(format!("mapping {items} items by {threads} threads"));
        let texts: Vec<String> = (0..items).map(|item| format!("{item}")).collect();
        let results = map(&Crew::new(threads), &texts, |text| format!("<{text}>"));
        assert!(
            results.len() == items,
            "a crew of {threads} mapped {items} items to {} results",
            results.len()
        );
        for (item, result) in results.iter().enumerate() {
            assert!(
                *result == format!("<{item}>"),
                "a crew of {threads} mapped {items} items, and result {item} is {result}, \
                 not <{item}>"
            );
        }
    }
}

/// Each waits until four have begun.
fn four_at_the_same_time() {
    let begun = AtomicUsize::new(0);
    let items = [(); 4];
    grading::step("waiting until a crew of four has begun with four items");
    map(&Crew::new(4), &items, |()| {
        begun.fetch_add(1, SeqCst);
        grading::step("an item that ends when four have begun");
        while begun.load(SeqCst) < 4 {
            thread::yield_now();
        }
    });
}

/// The first three end when all others have, however many there are.
fn the_first_takes_longest() {
    for items in [200, 5_000] {
        three_take_as_long_as_the_others(items);
    }
}

fn three_take_as_long_as_the_others(all: usize) {
    let done = AtomicUsize::new(0);
    let items: Vec<usize> = (0..all).collect();
    let others = all - 3;
    grading::step(format!(
        "waiting for a crew of four; three items take as long as {others} others"
    ));
    let results = map(&Crew::new(4), &items, |item| {
        if *item < 3 {
            grading::step(format!(
                "an item that ends when {others} others are done"
            ));
            while done.load(SeqCst) < others {
                thread::yield_now();
            }
        } else {
            done.fetch_add(1, SeqCst);
        }
        *item
    });
    assert!(
        results == items,
        "three items took long, and the results are not in the order of the items"
    );
}

fn one_of_many_panics() {
    let items: Vec<usize> = (0..500).collect();
    for one in [0, 250, 499] {
        grading::step(format!("mapping 500 items, of which number {one} panics"));
        let ended = panic::catch_unwind(AssertUnwindSafe(|| {
            map(&Crew::new(4), &items, |item| {
                if *item == one {
                    grading::planned_panic(format!("item {item} is damaged"));
                }
                vec![*item]
            })
        }));
        let payload = match ended {
            Ok(results) => panic!(
                "f has panicked for item {one}, and map returned {} results",
                results.len()
            ),
            Err(payload) => payload,
        };
        let text = payload
            .downcast_ref::<String>()
            .map_or("none", String::as_str);
        assert!(
            text == format!("item {one} is damaged"),
            "f has panicked with \"item {one} is damaged\", and map with another payload: \
             {text}"
        );
    }
}
