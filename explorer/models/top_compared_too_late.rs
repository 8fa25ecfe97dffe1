//! A thief that first makes a job its own and then reads which one it was. Meanwhile the
//! slot is free, and the owner may come round to it.

use explorer::ground::atomic::{AtomicUsize, Ordering::SeqCst};
use explorer::ground::{Named as _, thread};

pub const TITLE: &str = "The thief takes the job in slot 0, the owner adds job 3. Which one does it get?";

// ANCHOR: model
pub fn model() -> String {
    // A ring of two slots, full: jobs 1 and 2, at 0 and 1.
    let ring = [
        AtomicUsize::new(1).named("ring[0]"),
        AtomicUsize::new(2).named("ring[1]"),
    ];
    let top = AtomicUsize::new(0);
    let bottom = AtomicUsize::new(2);
    let (pushed, stolen) = thread::scope(|threads| {
        let owner = threads.spawn(|| {
            // ANCHOR: thread_1
            let b = bottom.load(SeqCst);
            let t = top.load(SeqCst);
            let room = b - t < 2;
            if room {
                ring[b % 2].store(3, SeqCst);
                bottom.store(b + 1, SeqCst);
            }
            // ANCHOR_END: thread_1
            room
        });
        let thief = threads.spawn(|| {
            // ANCHOR: thread_2
            let t = top.load(SeqCst);
            top.store(t + 1, SeqCst); // mine now
            ring[t % 2].load(SeqCst)
            // ANCHOR_END: thread_2
        });
        (owner.join().unwrap(), thief.join().unwrap())
    });
    match (pushed, stolen) {
        (false, job) => format!("no room for job 3, and the thief runs job {job}"),
        (true, 1) => "the thief runs job 1, the ring holds 2 and 3".to_owned(),
        (true, job) => format!(
            "the thief runs job {job}, the ring holds 2 and 3: job 1 is lost"
        ),
    }
}
// ANCHOR_END: model

pub fn is_bad(ending: &str) -> bool {
    ending.ends_with("lost")
}
