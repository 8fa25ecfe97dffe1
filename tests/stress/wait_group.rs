//! Stress for `WaitGroup`: rounds of jobs that leave, clone and panic, and several waiters.
//!
//! Blind spot: real threads meet only the schedules that this machine happens to make. That
//! no schedule loses a wake-up is argued in `src/thread/wait_group.rs`.

use std::cell::UnsafeCell;
use std::panic::resume_unwind;
use std::thread;
use std::time::Duration;
use threadbare::testkit::{Random, seed, step, within};
use threadbare::thread::{Member, WaitGroup};

const ROUNDS: usize = 2_000;
const MEMBERS_MAX: u64 = 6;
const WAITERS: usize = 2;
const LIMIT: Duration = Duration::from_secs(120);

/// How a job ends.
#[derive(Clone, Copy)]
enum End {
    Done,
    Drop,
    Panic,
    /// Leaves only after a clone has.
    Clone,
}

impl End {
    fn pick(random: &mut Random) -> Self {
        match random.below(4) {
            0 => Self::Done,
            1 => Self::Drop,
            2 => Self::Panic,
            _ => Self::Clone,
        }
    }

    fn leave(self, member: Member) {
        match self {
            Self::Done => member.done(),
            Self::Drop => drop(member),
            Self::Panic => {
                let _member = member;
                // Throws without the message that `panic!` prints.
                resume_unwind(Box::new("planned"));
            }
            Self::Clone => {
                let more = member.clone();
                drop(member);
                more.done();
            }
        }
    }
}

/// A page that jobs write without a lock and waiters read without a lock: nothing but the
/// wait group keeps them apart. Under ThreadSanitizer a mistake there is a reported race.
struct Page(UnsafeCell<u64>);

#[allow(unsafe_code, reason = "plain memory, so that only the group orders it")]
// SAFETY: a page is written by one job, before it leaves the group, and read only after
// `wait` has returned: the test's rounds keep that order.
unsafe impl Sync for Page {}

#[allow(unsafe_code, reason = "plain memory, so that only the group orders it")]
impl Page {
    fn write(&self, value: u64) {
        // SAFETY: one job has this page, and nobody reads before that job left the group.
        unsafe { *self.0.get() = value };
    }

    fn read(&self) -> u64 {
        // SAFETY: called after `wait`; every job that writes has left the group by then.
        unsafe { *self.0.get() }
    }
}

#[test]
fn rounds_of_members_that_leave_in_every_way() {
    let mut random = Random::new(seed("rounds_of_members_that_leave_in_every_way"));
    within(LIMIT, || {
        let group = WaitGroup::new();
        for round in 1..=ROUNDS as u64 {
            let ends: Vec<End> = (0..random.below(MEMBERS_MAX))
                .map(|_| End::pick(&mut random))
                .collect();
            let pages: Vec<Page> =
                ends.iter().map(|_| Page(UnsafeCell::new(0))).collect();
            thread::scope(|scope| {
                // Every member is added before the first waiter looks.
                let members: Vec<Member> =
                    ends.iter().map(|_| group.add()).collect();
                let jobs: Vec<_> = members
                    .into_iter()
                    .zip(&ends)
                    .zip(&pages)
                    .map(|((member, end), page)| {
                        scope.spawn(move || {
                            page.write(round);
                            end.leave(member);
                        })
                    })
                    .collect();
                for _ in 0..WAITERS {
                    scope.spawn(|| {
                        step(format!("waiting in round {round}"));
                        group.wait();
                        assert!(pages.iter().all(|page| page.read() == round));
                    });
                }
                for job in jobs {
                    // A planned panic is received here, so that the scope does not throw it.
                    drop(job.join());
                }
            });
            assert_eq!(group.count(), 0, "round {round} left somebody behind");
        }
    });
}

/// The narrowest place: the last member leaves while the waiter is on its way to sleep. The
/// pair is kept running, so that the two really meet.
#[test]
fn the_last_member_leaves_while_the_waiter_falls_asleep() {
    const MEETINGS: usize = 20_000;
    let mut random =
        Random::new(seed("the_last_member_leaves_while_the_waiter_falls_asleep"));
    within(LIMIT, || {
        let group = WaitGroup::new();
        let (give, take) = std::sync::mpsc::sync_channel::<(Member, u64)>(1);
        thread::scope(|scope| {
            scope.spawn(move || {
                for (member, spins) in take {
                    for _ in 0..spins {
                        std::hint::spin_loop();
                    }
                    step("leaving");
                    member.done();
                }
            });
            for meeting in 0..MEETINGS {
                give.send((group.add(), random.below(300))).unwrap();
                for _ in 0..random.below(300) {
                    std::hint::spin_loop();
                }
                step(format!("waiting, meeting {meeting}"));
                if meeting % 2 == 0 {
                    group.wait();
                } else {
                    group.wait_timeout(LIMIT).unwrap();
                }
                assert_eq!(group.count(), 0);
            }
            drop(give);
        });
    });
}
