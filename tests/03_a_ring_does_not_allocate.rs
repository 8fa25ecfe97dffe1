//! Property: a ring allocates when it is made and never again, and drops what is left in
//! it.

#[path = "common/allocations.rs"]
mod allocations;

use std::sync::Arc;
use threadbare::atomic::Full;
use threadbare::atomic::spsc_ring::{v1_shared_indices, v2_padded, v3_cached};

macro_rules! check {
    ($version:ident) => {{
        let value = Arc::new(());
        let (mut producer, mut consumer) = $version::channel(3);
        let before = allocations::count();
        for _ in 0..100 {
            for _ in 0..3 {
                assert!(producer.push(value.clone()).is_ok());
            }
            let Full(back) = producer.push(value.clone()).unwrap_err();
            drop(back);
            for _ in 0..3 {
                assert!(consumer.pop().is_some());
            }
            assert!(consumer.pop().is_none());
        }
        for _ in 0..2 {
            assert!(producer.push(value.clone()).is_ok());
        }
        assert_eq!(allocations::count(), before, stringify!($version));
        assert!(!producer.is_abandoned() && !consumer.is_abandoned());
        drop(producer);
        assert!(consumer.is_abandoned());
        assert!(consumer.pop().is_some(), "what is left can be popped");
        drop(consumer);
        assert_eq!(Arc::strong_count(&value), 1, "what was left is dropped");
    }};
}

#[test]
fn it_allocates_when_it_is_made_and_drops_what_is_left() {
    check!(v1_shared_indices);
    check!(v2_padded);
    check!(v3_cached);
}
