//! What was told already, so that a reader hears of each cause once; and whose turn it is.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use libtest_mimic::Failed;

use crate::child;
use crate::report::Verdict;

/// The causes of failures that were told already: eight graders may stumble over one and
/// the same `todo!`, and a reader needs to hear of it once.
#[derive(Default)]
pub(crate) struct Told {
    causes: Mutex<HashMap<String, String>>,
    /// By grader: what to know although it passed.
    notes: Mutex<Vec<(String, String)>>,
    /// Whether a note is a failure.
    strict: bool,
    turns: Mutex<Turns>,
    /// A bell for when a grader has ended.
    ended: Condvar,
}

#[derive(Default)]
struct Turns {
    /// The graders that run.
    running: BTreeSet<Place>,
    /// Those that wait until fewer of their answer do.
    waiting: BTreeSet<Place>,
    /// By answer: the first of its graders that hung.
    hung: HashMap<&'static str, String>,
}

impl Turns {
    /// How many graders of an answer run.
    fn of(&self, module: &'static str) -> usize {
        self.running
            .range((module, 0)..=(module, usize::MAX))
            .count()
    }
}

/// How many graders of one answer run side by side, at most. Each is a process, and one
/// that loops for ever takes the processor from those of other answers; twenty of them
/// would let right answers look as if they hung too.
const OF_ONE_ANSWER: usize = 3;

/// Where a grader stands: its answer's module, and its number among all.
pub(crate) type Place = (&'static str, usize);

/// A grader that runs.
pub(crate) struct Turn<'a> {
    told: &'a Told,
    place: Place,
}

impl Turn<'_> {
    /// Waits for the graders of the same answer that are listed before this one and run
    /// now. So of two that fail alike the first one's report is shown, and that is the
    /// smaller model's. (Trials begin in the order of the list.)
    pub(crate) fn wait(&self) {
        let (module, number) = self.place;
        let before = (module, 0)..(module, number);
        let mut turns = self.told.turns();
        while turns.running.range(before.clone()).next().is_some() {
            turns = self.told.next(turns);
        }
    }

    /// It hangs: what waits for a turn at this answer need not try.
    pub(crate) fn hangs(&self, name: &str) {
        let mut turns = self.told.turns();
        let first = turns.hung.entry(self.place.0);
        first.or_insert_with(|| name.to_owned());
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.told.turns().running.remove(&self.place);
        self.told.ended.notify_all();
    }
}

impl Told {
    /// Nothing yet. `strict`: a note is a failure.
    pub(crate) fn new(strict: bool) -> Self {
        Self {
            strict,
            ..Self::default()
        }
    }

    /// The grader at `place` runs, until what is returned is dropped; waits before that
    /// until few others of the same answer do.
    ///
    /// # Errors
    /// The name of a grader of the same answer that hung meanwhile. It took the whole of
    /// its time, and this one would, too.
    pub(crate) fn begin(&self, place: Place) -> Result<Turn<'_>, String> {
        let (module, number) = place;
        let mut turns = self.turns();
        turns.waiting.insert(place);
        let others = (module, 0)..(module, number);
        while !turns.hung.contains_key(module)
            && (turns.of(module) >= OF_ONE_ANSWER
                || turns.waiting.range(others.clone()).next().is_some())
        {
            turns = self.next(turns);
        }
        turns.waiting.remove(&place);
        self.ended.notify_all();
        if let Some(name) = turns.hung.get(module) {
            return Err(name.clone());
        }
        turns.running.insert(place);
        Ok(Turn { told: self, place })
    }

    fn turns(&self) -> MutexGuard<'_, Turns> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until a grader has ended, or begun.
    fn next<'a>(&self, turns: MutexGuard<'a, Turns>) -> MutexGuard<'a, Turns> {
        let woken = self.ended.wait(turns);
        woken.unwrap_or_else(PoisonError::into_inner)
    }

    /// Turns a verdict into what the trial says.
    pub(crate) fn conclude(
        &self,
        name: &str,
        verdict: &Verdict,
        help: &str,
    ) -> Result<(), Failed> {
        if verdict.passed() {
            let Some(note) = &verdict.note else {
                return Ok(());
            };
            if self.strict {
                return Err(note.into());
            }
            let mut notes =
                self.notes.lock().unwrap_or_else(PoisonError::into_inner);
            notes.push((name.to_owned(), note.clone()));
            return Ok(());
        }
        let at = verdict.at.as_deref().unwrap_or_default();
        let cause = match verdict.sentence.strip_prefix(child::NOT_WRITTEN) {
            // What follows are the values that this grader happened to pass in.
            Some(_) => format!("{}{at}", child::NOT_WRITTEN),
            None => format!("{at}{}", verdict.sentence),
        };
        let mut told = self.causes.lock().unwrap_or_else(PoisonError::into_inner);
        match told.entry(cause) {
            Entry::Occupied(first) => {
                Err(format!("the same as {}", first.get()).into())
            }
            Entry::Vacant(place) => {
                place.insert(name.to_owned());
                Err(format!("{verdict}\n{help}").into())
            }
        }
    }

    /// What to know of graders that passed. After all else, where it is seen.
    pub(crate) fn print_notes(&self) {
        let notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, note) in notes.iter() {
            println!("note: {name} passed; {note}");
        }
        if !notes.is_empty() {
            println!();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;

    use super::*;
    use crate::report::Outcome;

    /// For the course's own answers a model must be searched to its end.
    #[test]
    fn a_note_is_a_failure_only_where_it_is_strict() {
        for strict in [false, true] {
            let told = Told::new(strict);
            let verdict = Verdict {
                exercise: "03.1".to_owned(),
                grader: "model::all".to_owned(),
                outcome: Outcome::Passed,
                sentence: String::new(),
                at: None,
                threads: Vec::new(),
                report: String::new(),
                schedule: None,
                note: Some("TOO LARGE: no failure so far".to_owned()),
                output: String::new(),
                ms: 1,
            };
            assert_eq!(
                told.conclude("e1::model::all", &verdict, "").is_err(),
                strict
            );
            let noted = told.notes.lock().unwrap().len();
            assert_eq!(noted, usize::from(!strict));
        }
    }

    #[test]
    fn who_is_listed_first_speaks_first() {
        let told = Told::new(false);
        let (told, (sender, order)) = (&told, mpsc::channel());
        let first = told.begin(("e1", 1)).unwrap();
        let second = told.begin(("e1", 2)).unwrap();
        // Of another answer, so nobody waits for it.
        let _other = told.begin(("e0", 0)).unwrap();
        thread::scope(|scope| {
            let other = sender.clone();
            scope.spawn(move || {
                second.wait();
                other.send(2).unwrap();
            });
            sender.send(1).unwrap();
            drop(first);
        });
        assert_eq!(order.try_iter().collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn after_a_hang_the_others_of_that_answer_are_not_tried() {
        let told = Told::new(false);
        let of_e1: Vec<_> = (0..OF_ONE_ANSWER)
            .map(|number| told.begin(("e1", number)).unwrap())
            .collect();
        thread::scope(|scope| {
            let one_more = scope.spawn(|| told.begin(("e1", 9)).err());
            assert!(told.begin(("e2", 0)).is_ok(), "another answer");
            of_e1[1].hangs("e1::model::b");
            drop(of_e1);
            assert_eq!(one_more.join().unwrap().unwrap(), "e1::model::b");
        });
        assert!(told.begin(("e1", 3)).is_err());
    }
}
