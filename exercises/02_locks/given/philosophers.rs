//! Given for 02.5: philosophers at a round table. Between each two of them lies a fork,
//! and one needs two forks to eat.

use super::super::ground::Named as _;
use super::super::ground::sync::{Arc, Mutex};
use super::super::ground::thread;

/// Three seats. Philosopher 1 has fork A to the left and B to the right, 2 has B and C,
/// 3 has C and A.
struct Table {
    a: Mutex<()>,
    b: Mutex<()>,
    c: Mutex<()>,
}

/// Two seats and two forks, and a waiter who attends to one at a time.
struct Small {
    a: Mutex<()>,
    b: Mutex<()>,
    waiter: Mutex<()>,
}

/// Each takes the left fork, then the right one.
pub fn left_first() {
    three_sit_down(|left, right| {
        let _left = left.lock();
        let _right = right.lock();
        // Eats; then puts down the right fork, and the left one.
    });
}

/// Each looks first whether the right fork is there. If not, it does without food.
pub fn polite() {
    three_sit_down(|left, right| {
        // Takes it and puts it back.
        let is_there = right.try_lock().is_ok();
        if is_there {
            let _left = left.lock();
            let _right = right.lock();
            // Eats; then puts down the right fork, and the left one.
        }
    });
}

/// Forks are taken while the waiter stands by, and put down while the waiter stands by.
/// So nobody takes a fork while another one is taking forks.
pub fn waiter() {
    let table = Arc::new(Small {
        a: Mutex::new(()).named("A"),
        b: Mutex::new(()).named("B"),
        waiter: Mutex::new(()).named("waiter"),
    });
    let philosophers = [1, 2].map(|number| {
        let table = Arc::clone(&table);
        thread::spawn(move || {
            let (left, right) = match number {
                1 => (&table.a, &table.b),
                _ => (&table.b, &table.a),
            };
            let waiter = table.waiter.lock();
            let left = left.lock();
            let right = right.lock();
            drop(waiter);
            // Eats.
            let waiter = table.waiter.lock();
            drop(right);
            drop(left);
            drop(waiter);
        })
    });
    for philosopher in philosophers {
        philosopher.join().unwrap();
    }
}

/// Thread 0 starts philosophers 1, 2 and 3, and waits for them.
fn three_sit_down(eat: fn(left: &Mutex<()>, right: &Mutex<()>)) {
    let table = Arc::new(Table {
        a: Mutex::new(()).named("A"),
        b: Mutex::new(()).named("B"),
        c: Mutex::new(()).named("C"),
    });
    let philosophers = [1, 2, 3].map(|number| {
        let table = Arc::clone(&table);
        thread::spawn(move || match number {
            1 => eat(&table.a, &table.b),
            2 => eat(&table.b, &table.c),
            _ => eat(&table.c, &table.a),
        })
    });
    for philosopher in philosophers {
        philosopher.join().unwrap();
    }
}
