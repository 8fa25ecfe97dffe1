//! Property: every version of the parallel sum gives what one thread gives, for any number
//! of threads and any length.

use std::num::NonZero;
use std::sync::Arc;
use threadbare::testkit::{Random, seed};
use threadbare::thread::sum;

#[test]
fn all_versions_agree() {
    let mut random = Random::new(seed("all_versions_agree"));
    let lengths = [0, 1, 2, 3, 7, 8, 9, 64, 1_000];
    for len in lengths {
        let values: Arc<[u32]> =
            (0..len).map(|_| random.next_u64() as u32).collect();
        let expected = sum::naive(&values);
        for threads in [1, 2, 3, 8, 13].map(|n| NonZero::new(n).unwrap()) {
            let sums = [
                sum::shared_total(&values, threads),
                sum::v1_chunks_joined(&values, threads),
                sum::v2_arc_joined(&values, threads),
                sum::v3_scoped(&values, threads),
            ];
            assert_eq!(sums, [expected; 4], "{len} numbers over {threads} threads");
        }
    }
}
