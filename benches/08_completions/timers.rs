//! A million timers: through the loop, on the bare heaps, and on std's.

use std::io;
use std::time::{Duration, Instant};

use benches::completions::{self, Timers};
use benches::worker::Order;
use threadbare::completion::timers::{self, v1_positions};
use threadbare::completion::{Answer, Completion, Finished, Loop, Next, Run};
use threadbare::event::{Key, Slab};

/// So many are set, or cancelled, between two runs of the loop.
const BITE: usize = 256;

/// Its timers are the loop's own, whatever the backend.
pub(crate) fn on_loop(order: Order<'_>) -> io::Result<Vec<f64>> {
    let mut timers = OnLoop {
        looped: Loop::new()?,
        counts: Counts::default(),
        set: Vec::new(),
    };
    completions::time(&mut timers, order)
}

struct OnLoop {
    looped: Loop<Counts>,
    counts: Counts,
    set: Vec<Completion>,
}

#[derive(Default)]
struct Counts {
    fired: usize,
    withdrawn: usize,
    cancelled: usize,
}

fn fired(
    _: &mut Loop<Counts>,
    counts: &mut Counts,
    done: &mut Finished<()>,
) -> Next {
    match done.result {
        Ok(()) => counts.fired += 1,
        Err(_) => counts.withdrawn += 1,
    }
    Next::Disarm
}

fn answered(
    _: &mut Loop<Counts>,
    counts: &mut Counts,
    done: &mut Finished<Answer>,
) -> Next {
    if let Ok(Answer::Cancelled) = done.result {
        counts.cancelled += 1;
    }
    Next::Disarm
}

impl Timers for OnLoop {
    fn set(&mut self, after: &[Duration]) -> io::Result<()> {
        self.counts = Counts::default();
        self.set.clear();
        for bite in after.chunks(BITE) {
            let looped = &mut self.looped;
            let timers = bite.iter().map(|&after| looped.timer(after, 0, fired));
            self.set.extend(timers);
            // They begin.
            looped.run(&mut self.counts, Run::NoWait)?;
        }
        Ok(())
    }

    fn cancel(&mut self, order: &[u32]) -> io::Result<()> {
        for bite in order.chunks(BITE) {
            for &place in bite {
                self.looped.cancel(self.set[place as usize], 0, answered);
            }
            self.looped.run(&mut self.counts, Run::NoWait)?;
        }
        self.looped.run(&mut self.counts, Run::UntilDone)?;
        let Counts {
            cancelled,
            withdrawn,
            ..
        } = self.counts;
        assert_eq!(
            [cancelled, withdrawn],
            [order.len(); 2],
            "all are cancelled"
        );
        Ok(())
    }

    fn fire(&mut self) -> io::Result<usize> {
        self.looped.run(&mut self.counts, Run::UntilDone)?;
        Ok(self.counts.fired)
    }
}

/// What both heaps can do.
macro_rules! bare {
    ($work:ident, $heap:ty) => {
        pub(crate) fn $work(order: Order<'_>) -> io::Result<Vec<f64>> {
            struct Bare {
                heap: $heap,
                start: Instant,
                /// It gives the keys.
                slab: Slab<()>,
                set: Vec<Key>,
            }
            impl Bare {
                fn now(&self) -> u64 {
                    self.start.elapsed().as_nanos() as u64
                }
            }
            impl Timers for Bare {
                fn set(&mut self, after: &[Duration]) -> io::Result<()> {
                    let now = self.now();
                    self.set.clear();
                    for &after in after {
                        let key = self.slab.insert(());
                        self.heap.insert(now + after.as_nanos() as u64, key);
                        self.set.push(key);
                    }
                    Ok(())
                }

                fn cancel(&mut self, order: &[u32]) -> io::Result<()> {
                    for &place in order {
                        let key = self.set[place as usize];
                        assert!(self.heap.remove(key), "it is set");
                        self.slab.remove(key);
                    }
                    self.slab.retire();
                    Ok(())
                }

                fn fire(&mut self) -> io::Result<usize> {
                    let (now, mut fired) = (self.now(), 0);
                    while let Some(key) = self.heap.pop_due(now) {
                        self.slab.remove(key);
                        fired += 1;
                    }
                    self.slab.retire();
                    Ok(fired)
                }
            }
            let mut timers = Bare {
                heap: <$heap>::new(),
                start: Instant::now(),
                slab: Slab::new(),
                set: Vec::new(),
            };
            match order.what.starts_with("timers") {
                true => completions::time(&mut timers, order),
                false => Ok(Vec::new()),
            }
        }
    };
}
bare!(work_of_v1, v1_positions::Timers);
bare!(work_of_the_heap, timers::Timers);
