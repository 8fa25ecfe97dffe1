//! Property: a member that panics is done; nobody waits for the dead, and the group can
//! still be used.

use std::sync::Arc;
use std::thread;
use std::time::Duration;
use threadbare::testkit::{step, within};
use threadbare::thread::WaitGroup;

#[test]
fn a_panic_counts_as_done() {
    within(Duration::from_secs(30), || {
        let group = WaitGroup::new();
        for round in 0..50 {
            let members = [group.add(), group.add()];
            let threads = members.map(|member| {
                thread::spawn(move || {
                    let _member = member;
                    // Not `panic!`: its message would be printed a hundred times.
                    std::panic::resume_unwind(Box::new("planned"))
                })
            });
            step(format!("waiting for those who panicked in round {round}"));
            group.wait();
            assert_eq!(group.count(), 0);
            for thread in threads {
                let _: Box<_> = thread.join().map(|(): ()| ()).unwrap_err();
            }
        }
    });
}

/// A waiter that panics for reasons of its own does not harm the others.
#[test]
fn a_group_shared_with_a_panicking_thread_still_works() {
    within(Duration::from_secs(30), || {
        let group = Arc::new(WaitGroup::new());
        let shared = Arc::clone(&group);
        let thread = thread::spawn(move || {
            let _member = shared.add();
            std::panic::resume_unwind(Box::new("planned"))
        });
        let _: Box<_> = thread.join().map(|(): ()| ()).unwrap_err();
        assert_eq!(group.count(), 0);
        let member = group.add();
        let leaver = thread::spawn(move || member.done());
        step("waiting after a panic");
        group.wait();
        leaver.join().unwrap();
    });
}
