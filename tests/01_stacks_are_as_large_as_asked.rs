//! Property: `Workers::stack_size` decides how deep a thread can call.

use std::hint::black_box;
use threadbare::thread::Workers;

const KIB: usize = 1024;

/// Uses about 4 KiB of stack for each level.
fn dig(levels: usize) -> usize {
    let page = black_box([1_u8; 4 * KIB]);
    if levels == 0 {
        0
    } else {
        usize::from(page[levels % page.len()]) + dig(levels - 1)
    }
}

/// 24 MiB of calls fit into a stack of 64 MiB; std's default of 2 MiB would not do.
#[test]
fn a_large_stack_carries_a_deep_recursion() {
    let worker = Workers::named("deep")
        .stack_size(64 * KIB * KIB)
        .spawn(|| dig(6_000));
    assert_eq!(worker.unwrap().join(), Ok(6_000));
}

/// On Linux the mapping that holds a local variable is what was asked for, give or take the
/// few pages that the system adds.
#[cfg(target_os = "linux")]
#[test]
fn the_mapping_has_the_size_that_was_asked_for() {
    for asked in [64 * KIB, 256 * KIB, 8 * KIB * KIB] {
        let mapped = Workers::named("map")
            .stack_size(asked)
            .spawn(|| {
                let local = black_box(0_u8);
                mapping_of(&raw const local as usize)
            })
            .unwrap()
            .join()
            .unwrap();
        assert!(
            (asked..asked + 64 * KIB).contains(&mapped),
            "asked for {asked} bytes of stack, the mapping has {mapped}"
        );
    }
}

/// The size of the mapping that contains `address`, from `/proc/self/maps`.
#[cfg(target_os = "linux")]
fn mapping_of(address: usize) -> usize {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    maps.lines()
        .find_map(|line| {
            let (start, end) = line.split_once(' ')?.0.split_once('-')?;
            let start = usize::from_str_radix(start, 16).ok()?;
            let end = usize::from_str_radix(end, 16).ok()?;
            (start..end).contains(&address).then(|| end - start)
        })
        .expect("a local variable lies in some mapping")
}
