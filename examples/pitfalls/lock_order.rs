//! Two threads take the same two locks, each in its own order.

use explorer::Kind;
use explorer::ground::sync::Mutex;
use explorer::ground::thread;
use threadbare::sync::OrderedMutex;

use crate::Pitfall;

pub(crate) const PITFALL: Pitfall = Pitfall {
    name: "lock_order",
    story: "two transfers between two accounts, in opposite directions",
    wrong,
    kind: Kind::Deadlock,
    fixed,
    cure: "the account with the smaller number is locked first",
    told: Some(told),
};

struct Account {
    number: u32,
    balance: Mutex<u32>,
}

// ANCHOR: wrong
fn transfer(from: &Account, to: &Account, amount: u32) {
    let mut from = from.balance.lock().unwrap();
    let mut to = to.balance.lock().unwrap();
    *from -= amount;
    *to += amount;
}
// ANCHOR_END: wrong

// ANCHOR: fixed
fn transfer_in_order(from: &Account, to: &Account, amount: u32) {
    assert_ne!(from.number, to.number, "a lock cannot be taken twice");
    let (mut source, mut target);
    if from.number < to.number {
        source = from.balance.lock().unwrap();
        target = to.balance.lock().unwrap();
    } else {
        target = to.balance.lock().unwrap();
        source = from.balance.lock().unwrap();
    }
    *source -= amount;
    *target += amount;
}
// ANCHOR_END: fixed

// ANCHOR: told
fn told() {
    let ada = OrderedMutex::new("ada", 100);
    let bob = OrderedMutex::new("bob", 100);
    {
        let mut from = ada.lock().unwrap();
        let mut to = bob.lock().unwrap();
        (*from, *to) = (*from - 10, *to + 10);
    }
    let mut from = bob.lock().unwrap();
    let mut to = ada.lock().unwrap(); // ada is free, and nobody wants it
    (*from, *to) = (*from - 20, *to + 20);
}
// ANCHOR_END: told

fn wrong() {
    two_transfers(transfer);
}

fn fixed() {
    two_transfers(transfer_in_order);
}

fn two_transfers(transfer: fn(&Account, &Account, u32)) {
    let ada = Mutex::new(100);
    let bob = Mutex::new(100);
    let [ada, bob] =
        [(1, ada), (2, bob)].map(|(number, balance)| Account { number, balance });
    thread::scope(|threads| {
        threads.spawn(|| transfer(&ada, &bob, 10));
        threads.spawn(|| transfer(&bob, &ada, 20));
    });
    let balance = |account: Account| account.balance.into_inner().unwrap();
    assert_eq!([balance(ada), balance(bob)], [110, 90]);
}
