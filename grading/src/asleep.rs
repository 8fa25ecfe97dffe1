//! Waits until threads sleep, so that a grader acts exactly when nobody is looking.

use std::fs;
use std::thread;
use std::time::Duration;

use threadbare::testkit;

/// Waits until all threads called one of `names` are asleep in the kernel, and stay
/// so. Each of them must have called `grading::step`. Where the system does not say
/// who sleeps, this waits a little and hopes: then a wrong answer may slip through,
/// but a right one is still right.
///
/// # Panics
/// If they wake up again and again for nothing, or, where the system says so, would
/// wake up for nothing when a time limit is over.
pub fn until_asleep(names: &[&str]) {
    let mut seen_asleep = 0;
    let mut with_limit = None;
    // Twice in a row: a thread may also sleep for a moment on its way to where it
    // waits.
    while seen_asleep < 2 {
        thread::sleep(Duration::from_millis(2));
        let states = testkit::threads();
        let kernel = |name: &&str| {
            let state = states.iter().find(|state| state.name == **name);
            state.map_or("", |state| state.kernel.as_str())
        };
        if names.iter().any(|name| kernel(name) == "unknown") {
            thread::sleep(Duration::from_millis(50));
            return;
        }
        let all_asleep = names.iter().all(|name| kernel(name).starts_with("asleep"));
        seen_asleep = if all_asleep { seen_asleep + 1 } else { 0 };
        // What was seen last counts, when all were seen asleep.
        with_limit = names
            .iter()
            .find(|name| kernel(name).contains("with a time limit"));
    }
    let before = sleeps(names);
    thread::sleep(Duration::from_millis(30));
    let times = sleeps(names).saturating_sub(before);
    // A sleeper that nobody wakes does not wake: a few are the kernel's own affairs.
    assert!(
        times <= 5 * names.len() as u64,
        "nobody woke it, but {} woke up and went back to sleep {times} times in \
         30 ms: it asks again and again, and should sleep until it is woken",
        names.join(" or ")
    );
    if let Some(name) = with_limit {
        panic!(
            "thread {name} sleeps with a time limit of its own, as in park_timeout \
             or wait_timeout: that is asking again and again, only slowly, and it \
             should sleep until it is woken"
        );
    }
}

/// How often the threads called one of `names` have gone to sleep so far, all
/// together.
fn sleeps(names: &[&str]) -> u64 {
    let Ok(tasks) = fs::read_dir("/proc/self/task") else {
        return 0;
    };
    let mut sleeps = 0;
    for task in tasks.flatten() {
        // A thread may end while this looks.
        let Ok(status) = fs::read_to_string(task.path().join("status")) else {
            continue;
        };
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line.map_or("", |rest| rest.trim_start_matches(':').trim())
        };
        if names.contains(&field("Name")) {
            sleeps += field("voluntary_ctxt_switches").parse().unwrap_or(0);
        }
    }
    sleeps
}
