//! A ticker on a loop, and a computation on or beside it.

use std::io;
use std::time::{Duration, Instant};

use benches::completions::{Lateness, SLICES, TICK, slice};
use benches::worker::Order;
use threadbare::completion::{Async, Backend, Finished, Loop, Next, Run};
use threadbare::pool::ThreadPool;

struct State {
    late: Lateness,
    /// How many slices are left, where the loop does them.
    slices: usize,
    inline: bool,
    start: Instant,
    worked: Option<Duration>,
}

pub(crate) fn beside(backend: Backend, order: Order<'_>) -> io::Result<Vec<f64>> {
    let mut looped: Loop<State> = super::loop_on(backend)?;
    let slices = order.amount.min(SLICES);
    let pool = ThreadPool::new(1);
    let mut state = State {
        late: Lateness::new(),
        slices,
        inline: order.what == "inline",
        start: Instant::now(),
        worked: None,
    };
    looped.timer(TICK, 0, tick);
    match order.what {
        "offloaded" => {
            let done: Async = looped.notifier()?;
            looped.wait_for(&done, 0, told);
            let job = move || {
                (0..slices).for_each(|_| slice());
                done.notify().expect("the loop is there");
            };
            let spawned = pool.spawn(job).map_err(|_| "the pool takes no job");
            drop(spawned.map_err(io::Error::other)?);
        }
        _ => drop(looped.timer(Duration::ZERO, 0, compute)),
    }
    looped.run(&mut state, Run::UntilDone)?;
    let worked = state.worked.expect("it has ended");
    Ok(state.late.figures(worked))
}

fn tick(_: &mut Loop<State>, state: &mut State, _: &mut Finished<()>) -> Next {
    state.late.tick();
    match state.worked {
        None => Next::Rearm,
        Some(_) => Next::Disarm,
    }
}

/// Due once a tick of the loop: between two slices it looks after everybody else.
fn compute(_: &mut Loop<State>, state: &mut State, _: &mut Finished<()>) -> Next {
    let slices = if state.inline { state.slices } else { 1 };
    (0..slices).for_each(|_| slice());
    state.slices -= slices;
    if state.slices > 0 {
        return Next::Rearm;
    }
    state.worked = Some(state.start.elapsed());
    Next::Disarm
}

fn told(_: &mut Loop<State>, state: &mut State, _: &mut Finished<()>) -> Next {
    state.worked = Some(state.start.elapsed());
    Next::Disarm
}
