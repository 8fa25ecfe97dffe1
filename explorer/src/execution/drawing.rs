//! Draws the state of a run, for a graph of all states.

use std::sync::atomic::Ordering::Relaxed;

use super::{Execution, On, State};
use crate::graph::{self, Doing};

impl Execution {
    /// Adds the state that the run is in to the graph.
    pub(super) fn draw(&mut self) {
        let Some(mut builder) = self.graph.take() else {
            return;
        };
        builder.arrive(self.digest(), |graph| {
            let threads = 0..self.threads.len();
            graph.threads = graph
                .threads
                .iter()
                .cloned()
                .chain(
                    threads
                        .clone()
                        .skip(graph.threads.len())
                        .map(|it| self.thread_name(it)),
                )
                .collect();
            for location in graph.locations.len()..self.memory.locations() {
                graph.locations.push(self.location_name(location));
            }
            for lock in graph.locks.len()..self.objects.locks.len() {
                graph.locks.push(self.lock_name(lock));
            }
            let locations = 0..self.memory.locations();
            graph::State {
                threads: threads.map(|thread| self.draw_thread(thread)).collect(),
                messages: locations
                    .map(|location| {
                        let values = self.memory.values(location);
                        values.map(|value| self.show(location, value)).collect()
                    })
                    .collect(),
                holders: (0..self.objects.locks.len())
                    .map(|lock| self.holders(lock))
                    .collect(),
                steps: Vec::new(),
                end: None,
            }
        });
        self.graph = Some(builder);
    }

    fn draw_thread(&self, thread: usize) -> graph::Thread {
        let it = &self.threads[thread];
        let doing = match it.state {
            State::Ready => Doing::Ready,
            State::Blocked(On::Lock(..) | On::Join(_) | On::Time) => Doing::Waits,
            State::Blocked(On::Futex(..) | On::Queue(_) | On::Token) => {
                Doing::Sleeps
            }
            State::Spinning => Doing::Spins,
            State::Done => Doing::Done,
        };
        let locations = 0..self.memory.locations();
        graph::Thread {
            at: it.site.map(|site| (site.file().to_owned(), site.line())),
            doing,
            why: match doing {
                Doing::Ready | Doing::Done => String::new(),
                Doing::Waits | Doing::Sleeps | Doing::Spins => self.waits(thread),
            },
            sees: locations
                .map(|location| self.memory.readable(thread, location, Relaxed))
                .collect(),
        }
    }
}
