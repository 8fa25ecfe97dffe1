//! Locks that are taken in the wrong order, on a single thread.

use threadbare::sync::OrderedMutex;

// ANCHOR: levels
static REGISTRY: OrderedMutex<[&str; 2]> =
    OrderedMutex::with_level("registry", 1, ["Ada", "Bob"]);
static ACCOUNT: OrderedMutex<u32> = OrderedMutex::with_level("account", 2, 100);

fn statement() -> String {
    let balance = ACCOUNT.lock().unwrap();
    let names = REGISTRY.lock().unwrap(); // level 1 after level 2
    format!("{}: {balance}", names[0])
}
// ANCHOR_END: levels

pub(crate) fn levels() {
    statement();
}

// ANCHOR: graph
fn pay(ada: &OrderedMutex<u32>, bob: &OrderedMutex<u32>) {
    let mut from = ada.lock().unwrap();
    let mut to = bob.lock().unwrap();
    (*from, *to) = (*from - 10, *to + 10);
}

fn refund(ada: &OrderedMutex<u32>, bob: &OrderedMutex<u32>) {
    let mut from = bob.lock().unwrap();
    let mut to = ada.lock().unwrap();
    (*from, *to) = (*from - 10, *to + 10);
}

pub(crate) fn graph() {
    let ada = OrderedMutex::new("ada", 100);
    let bob = OrderedMutex::new("bob", 100);
    pay(&ada, &bob);
    refund(&ada, &bob);
}
// ANCHOR_END: graph
