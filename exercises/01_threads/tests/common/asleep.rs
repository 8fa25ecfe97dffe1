//! Waits until threads sleep, so that a grader acts exactly when nobody is looking.

use std::thread;
use std::time::Duration;

use threadbare::testkit;

/// Waits until all threads called one of `names` are asleep in the kernel. Each of
/// them must have called `grading::step`. Where the system does not say who sleeps,
/// this waits a little and hopes: then a wrong answer may slip through, but a right
/// one is still right.
pub(crate) fn until_asleep(names: &[&str]) {
    let mut seen_asleep = 0;
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
    }
}
