//! Notifications from other threads.

use std::io;

use benches::completions;
use benches::worker::Order;
use threadbare::completion::{Backend, Finished, Loop, Next, Run};

/// How many callbacks are to come.
struct Left(usize);

pub(crate) fn pummelled(backend: Backend, order: Order<'_>) -> io::Result<Vec<f64>> {
    let mut looped: Loop<Left> = super::loop_on(backend)?;
    let told = looped.notifier()?;
    let notify = || {
        let told = told.clone();
        move || told.notify().expect("the loop is there")
    };
    completions::pummel(order, notify, |number| {
        looped.wait_for(&told, 0, notified);
        looped.run(&mut Left(number), Run::UntilDone).map(drop)
    })
}

fn notified(_: &mut Loop<Left>, left: &mut Left, done: &mut Finished<()>) -> Next {
    assert!(done.result.is_ok(), "nobody cancels it");
    left.0 -= 1;
    match left.0 {
        0 => Next::Disarm,
        _ => Next::Rearm,
    }
}
