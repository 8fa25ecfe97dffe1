//! Given for 04.2: three threads move money between three accounts.

use super::super::ground::Named as _;
use super::super::ground::sync::{Arc, Mutex};
use super::super::ground::thread::{self, JoinHandle};

struct Bank {
    a: Mutex<u32>,
    b: Mutex<u32>,
    c: Mutex<u32>,
}

/// Thread 0 starts threads 1, 2 and 3 and waits for them.
pub fn three_transfers() {
    let bank = Arc::new(Bank {
        a: Mutex::new(100).named("A"),
        b: Mutex::new(100).named("B"),
        c: Mutex::new(100).named("C"),
    });
    let threads = [
        start(&bank, |bank| pay(&bank.a, &bank.b)),
        start(&bank, |bank| pay(&bank.b, &bank.c)),
        start(&bank, |bank| {
            // First a look at A. The lock is given back at once.
            let owed = *bank.a.lock().unwrap() >= 10;
            if owed {
                pay(&bank.c, &bank.a);
            }
        }),
    ];
    for thread in threads {
        thread.join().unwrap();
    }
}

fn start(bank: &Arc<Bank>, what: fn(&Bank)) -> JoinHandle<()> {
    let bank = Arc::clone(bank);
    thread::spawn(move || what(&bank))
}

/// Locks both accounts, first the one that pays.
fn pay(from: &Mutex<u32>, to: &Mutex<u32>) {
    let mut from = from.lock().unwrap();
    let mut to = to.lock().unwrap();
    *from -= 10;
    *to += 10;
}
