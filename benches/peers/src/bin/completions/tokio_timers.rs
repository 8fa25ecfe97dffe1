//! A million timers on tokio's wheel: the bare timers, and a task for each.

#![allow(
    unsafe_code,
    reason = "a million pinned timers without a million boxes"
)]

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use benches::completions::{self, Timers};
use benches::worker::Order;
use tokio::runtime::Runtime;
use tokio::task::{JoinHandle, yield_now};
use tokio::time::{Instant, Sleep, sleep_until};

/// Bare timers, which is the least that tokio can do: no task, no memory of its own for each.
pub(crate) fn bare(runtime: Runtime, order: Order<'_>) -> io::Result<Vec<f64>> {
    let mut timers = Bare {
        runtime,
        sleeps: Vec::with_capacity(order.amount),
        fired: Arc::default(),
    };
    completions::time(&mut timers, order)
}

struct Bare {
    runtime: Runtime,
    /// Never moved while there is a `Sleep` in it.
    sleeps: Vec<Option<Sleep>>,
    fired: Arc<Fired>,
}

#[derive(Default)]
struct Fired(AtomicUsize);

impl Wake for Fired {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // ORDERING: Relaxed. `Fired.0` is only counted, on one thread.
        self.0.fetch_add(1, Relaxed);
    }
}

impl Timers for Bare {
    fn set(&mut self, after: &[Duration]) -> io::Result<()> {
        // ORDERING: Relaxed, as in `wake_by_ref`.
        self.fired.0.store(0, Relaxed);
        let _context = self.runtime.enter();
        let waker = Waker::from(Arc::clone(&self.fired));
        let mut context = Context::from_waker(&waker);
        self.sleeps.clear();
        assert!(self.sleeps.capacity() >= after.len(), "nothing moves");
        let now = Instant::now();
        for &after in after {
            self.sleeps.push(Some(sleep_until(now + after)));
            let sleep = self.sleeps.last_mut().and_then(Option::as_mut);
            let sleep = sleep.expect("it has just been pushed");
            // SAFETY: it stays where it is until it is dropped: the vector has room for all,
            // as was asserted, and its elements are only cleared and overwritten.
            let sleep = unsafe { Pin::new_unchecked(sleep) };
            assert!(sleep.poll(&mut context).is_pending(), "it is not due");
        }
        Ok(())
    }

    fn cancel(&mut self, order: &[u32]) -> io::Result<()> {
        for &place in order {
            self.sleeps[place as usize] = None;
        }
        Ok(())
    }

    fn fire(&mut self) -> io::Result<usize> {
        let number = self.sleeps.len();
        // ORDERING: Relaxed, as in `wake_by_ref`.
        let fired = || self.fired.0.load(Relaxed);
        self.runtime.block_on(async {
            while fired() < number {
                yield_now().await;
            }
        });
        Ok(fired())
    }
}

/// A task for each timer, as one writes it.
pub(crate) fn tasks(order: Order<'_>) -> io::Result<Vec<f64>> {
    if !order.what.starts_with("timers") {
        return Ok(Vec::new());
    }
    let mut timers = Tasks {
        runtime: super::tokio_current_thread::runtime()?,
        handles: Vec::new(),
        polled: Arc::default(),
        fired: Arc::default(),
    };
    completions::time(&mut timers, order)
}

struct Tasks {
    runtime: Runtime,
    handles: Vec<JoinHandle<()>>,
    polled: Arc<Fired>,
    fired: Arc<Fired>,
}

/// Yields until `number` have been counted.
async fn until(count: &Fired, number: usize) {
    // ORDERING: Relaxed, as in `Fired::wake_by_ref`.
    while count.0.load(Relaxed) < number {
        yield_now().await;
    }
}

impl Timers for Tasks {
    fn set(&mut self, after: &[Duration]) -> io::Result<()> {
        self.handles.clear();
        // ORDERING: Relaxed, as in `Fired::wake_by_ref`.
        self.polled.0.store(0, Relaxed);
        // ORDERING: Relaxed, as in `Fired::wake_by_ref`.
        self.fired.0.store(0, Relaxed);
        let (handles, polled, fired) =
            (&mut self.handles, &self.polled, &self.fired);
        self.runtime.block_on(async {
            let now = Instant::now();
            handles.extend(after.iter().map(|&after| {
                let (polled, fired) = (Arc::clone(polled), Arc::clone(fired));
                tokio::spawn(async move {
                    let mut sleep = std::pin::pin!(sleep_until(now + after));
                    let mut first = true;
                    std::future::poll_fn(|context| {
                        let poll = sleep.as_mut().poll(context);
                        if first {
                            polled.wake_by_ref();
                            first = false;
                        }
                        poll
                    })
                    .await;
                    fired.wake_by_ref();
                })
            }));
            until(polled, after.len()).await;
        });
        Ok(())
    }

    fn cancel(&mut self, order: &[u32]) -> io::Result<()> {
        let handles = &mut self.handles;
        self.runtime.block_on(async {
            for &place in order {
                handles[place as usize].abort();
            }
            for handle in handles.drain(..) {
                // Those that were due meanwhile have ended otherwise.
                let _ = handle.await;
            }
        });
        Ok(())
    }

    fn fire(&mut self) -> io::Result<usize> {
        let (fired, number) = (&self.fired, self.handles.len());
        self.runtime.block_on(until(fired, number));
        // ORDERING: Relaxed, as in `Fired::wake_by_ref`.
        Ok(fired.0.load(Relaxed))
    }
}
