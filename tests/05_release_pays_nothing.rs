//! Property: no lock has a field for what watches it. In every build it takes what its words
//! take, and in a release build an `OrderedMutex` is as small as a `Mutex`.
//!
//! Plain `cargo test` makes debug builds, in which a name has its place. What is said of
//! release builds is then checked by `05_the_listings_are_what_the_compiler_makes`, which
//! compiles one, and compares the code as well.

use std::fmt::Debug;

use threadbare::sync;

/// Sizes of some types, as a lock of each has them.
macro_rules! sizes {
    ($($Lock:ident)::+) => {
        [
            size_of::<$($Lock)::+<()>>(),
            size_of::<$($Lock)::+<u8>>(),
            size_of::<$($Lock)::+<u64>>(),
            size_of::<$($Lock)::+<[u8; 99]>>(),
        ]
    };
}

#[test]
fn a_lock_is_as_small_as_its_words() {
    are_at_most(sizes!(sync::Mutex), sizes!(std::sync::Mutex), "Mutex");
    // Ours has a word more, for those who wait.
    let stds = sizes!(std::sync::RwLock).map(|size| size + size_of::<u32>());
    are_at_most(sizes!(sync::RwLock), stds, "RwLock");
    are_at_most(
        sizes!(sync::OnceLock),
        sizes!(std::sync::OnceLock),
        "OnceLock",
    );
    let (ours, stds) = (size_of::<sync::Once>(), size_of::<std::sync::Once>());
    are_at_most([ours], [stds], "Once");
}

#[test]
#[cfg_attr(debug_assertions, ignore = "of release builds; see the first lines")]
fn an_ordered_mutex_is_as_small_as_a_mutex() {
    assert_eq!(sizes!(sync::OrderedMutex), sizes!(sync::Mutex));
}

#[track_caller]
fn are_at_most<S: PartialOrd + Debug>(ours: S, stds: S, name: &str) {
    assert!(
        ours <= stds,
        "{name}: ours take {ours:?} bytes, std's {stds:?}"
    );
}
