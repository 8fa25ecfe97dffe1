//! Nobody can go on: which of the ways to fail is that, and what to say of it.

use super::Mode;
use crate::execution::{Execution, On, State, Thread};
use crate::failure::{Found, Kind};
use crate::objects::place;

impl Execution {
    /// How the run has failed, if it has. If nobody could go on after a thread had panicked,
    /// then that panic is the cause.
    pub(crate) fn verdict(&mut self) -> Option<Found> {
        let found = self.failure.take()?;
        let stuck = [Kind::Deadlock, Kind::LostWakeUp, Kind::Livelock];
        let panics = || self.threads.iter().find_map(|it| it.panic.clone());
        match stuck.contains(&found.kind).then(panics).flatten() {
            Some(cause) => Some(cause),
            None => Some(found),
        }
    }

    /// Names the failure of a run in which all threads that have not ended wait.
    pub(crate) fn stuck(&self) -> Found {
        let spins = |it: &Thread| it.state == State::Spinning;
        if let Some(thread) = self.threads.iter().position(spins) {
            let sentence = format!(
                "{} goes round a loop at {}, and nobody will change what it waits for{}",
                self.thread_name(thread),
                place(self.threads[thread].site),
                self.others_waiting(thread)
            );
            return Found::new(Kind::Livelock, sentence, self.threads[thread].site);
        }
        let waiting: Vec<usize> = (0..self.threads.len())
            .filter(|&thread| {
                matches!(self.threads[thread].state, State::Blocked(_))
            })
            .collect();
        // Who sleeps through something says more than who waits for the sleeper.
        let missed = waiting
            .iter()
            .copied()
            .find(|&thread| self.has_missed(thread));
        let sleeps = |&thread: &usize| match self.threads[thread].state {
            State::Blocked(On::Queue(queue)) => {
                self.objects.queues[queue].within.is_none()
            }
            State::Blocked(On::Token | On::Futex(..)) => true,
            _ => false,
        };
        let joins = |&thread: &usize| {
            matches!(self.threads[thread].state, State::Blocked(On::Join(_)))
        };
        let first = missed
            .or_else(|| waiting.iter().copied().find(|thread| !joins(thread)))
            .or(waiting.first().copied())
            .unwrap_or(0);
        let stuck: Vec<usize> =
            waiting.iter().copied().filter(|it| !joins(it)).collect();
        let on = |&thread: &usize| self.threads[thread].state;
        let apart = stuck.iter().all(|one| {
            stuck
                .iter()
                .all(|other| one == other || on(one) != on(other))
        });
        // Two that sleep, each on its own, wait for each other; one that sleeps, or several
        // in the same place, wait for somebody who has gone.
        let circle = missed.is_none() && apart && stuck.len() > 1;
        let kind = if missed.is_some() || stuck.iter().any(sleeps) && !circle {
            Kind::LostWakeUp
        } else {
            Kind::Deadlock
        };
        let mut sentence = self.waits(first);
        sentence.push_str(&self.others_waiting(first));
        sentence.push_str(match (kind, circle) {
            (Kind::LostWakeUp, _) => "; nobody is left to wake anybody",
            (_, true) => "; each waits for another",
            (_, false) => "; nobody is left who could end this",
        });
        Found::new(kind, sentence, self.threads[first].site)
    }

    /// Whether a thread sleeps although what it sleeps for has happened, or nobody has said
    /// so: the word under a futex has changed, or it waits for a notification.
    fn has_missed(&self, thread: usize) -> bool {
        match self.threads[thread].state {
            State::Blocked(On::Futex(location, expected)) => {
                self.newest(location) != u64::from(expected)
            }
            State::Blocked(On::Queue(queue)) => {
                self.objects.queues[queue].within.is_none()
            }
            State::Blocked(On::Token) => true,
            _ => false,
        }
    }

    fn newest(&self, location: usize) -> u64 {
        self.memory.value(location, self.memory.newest(location))
    }

    /// What the other threads wait for, to be put behind a sentence.
    pub(crate) fn others_waiting(&self, but: usize) -> String {
        let others = (0..self.threads.len()).filter(|&thread| {
            thread != but
                && matches!(
                    self.threads[thread].state,
                    State::Blocked(_) | State::Spinning
                )
        });
        others
            .map(|thread| format!("; {}", self.waits(thread)))
            .collect()
    }

    /// What a thread does that takes no step.
    pub(crate) fn waits(&self, thread: usize) -> String {
        let it = &self.threads[thread];
        let (who, at) = (self.thread_name(thread), place(it.site));
        match it.state {
            State::Blocked(On::Futex(location, expected)) => {
                let name = self.location_name(location);
                let now = self.newest(location);
                if now == u64::from(expected) {
                    format!("{who} sleeps at {at}, in wait({name} == {expected})")
                } else {
                    format!(
                        "{who} sleeps at {at}, in wait({name} == {expected}), but {name} is \
                         {now} now"
                    )
                }
            }
            State::Blocked(On::Queue(queue)) => {
                let name = self.queue_name(queue);
                if let Some(what) = self.objects.queues[queue].within {
                    return format!("{who} waits at {at} in {what}({name})");
                }
                let vain = self.objects.queues[queue].in_vain;
                let vain = vain.map(|site| {
                    format!(
                        ", and the notification at {} found nobody asleep",
                        place(Some(site))
                    )
                });
                format!(
                    "{who} sleeps at {at}, in wait({name}){}",
                    vain.unwrap_or_default()
                )
            }
            State::Blocked(On::Token) => format!("{who} is parked at {at}"),
            State::Blocked(On::Lock(lock, mode)) => {
                let (name, holder) = (self.lock_name(lock), self.holders(lock));
                let how = match mode {
                    Mode::Exclusive => "",
                    Mode::Shared => " to read",
                    Mode::Behind => " to read, behind a writer that waits",
                };
                let hold = match self.objects.locks[lock].holders.len() {
                    1 => "holds",
                    _ => "hold",
                };
                format!("{who} waits at {at} for {name}{how}, which {holder} {hold}")
            }
            State::Blocked(On::Join(other)) => {
                format!(
                    "{who} waits at {at} for the end of {}",
                    self.thread_name(other)
                )
            }
            State::Blocked(On::Time) => format!("{who} sleeps at {at}"),
            State::Spinning => format!("{who} spins at {at}"),
            State::Ready => format!("{who} can go on at {at}"),
            State::Done => format!("{who} has ended"),
        }
    }

    /// The thread that runs has used up the steps of the run.
    pub(crate) fn goes_on_and_on(&mut self) {
        let (name, site) = (self.thread_name(self.at), self.this().site);
        let sentence = format!(
            "{} steps and no end: {name} goes on and on. If it waits in a loop for \
             another thread, say so there with hint::spin_loop() or thread::yield_now()",
            self.limits.steps
        );
        self.fail(Kind::Livelock, sentence, site);
    }
}
