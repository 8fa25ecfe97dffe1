//! A schedule as text: which thread took each step, and what it chose within it.
//!
//! ```text
//! 1*3 2 1.1 2
//! ```
//!
//! reads: thread 1 takes three steps, thread 2 one; thread 1 takes one in which its first
//! choice is alternative 1 (for a load: not the newest message, but the one before it);
//! then thread 2. Behind its end the defaults hold: alternative 0, and the thread that ran
//! last, or else the one with the lowest number.

use std::fmt;
use std::str::FromStr;

/// One step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Turn {
    pub(crate) thread: usize,
    /// What it chose, in order.
    pub(crate) choices: Vec<usize>,
}

/// Steps to be followed, and how far they have been.
#[derive(Clone, Debug, Default)]
pub(crate) struct Schedule {
    turns: Vec<Turn>,
    /// The turn after the current one.
    next: usize,
    /// How many choices of the current turn have been taken.
    chosen: usize,
    problem: Option<String>,
}

impl Schedule {
    /// The thread of the next turn; `Err` with it if it is none of the candidates.
    pub(crate) fn next_thread(
        &mut self,
        candidates: &[usize],
    ) -> Result<usize, usize> {
        let Some(turn) = self.turns.get(self.next) else {
            self.next = self.turns.len() + 1;
            return Ok(candidates[0]);
        };
        self.next += 1;
        self.chosen = 0;
        if candidates.contains(&turn.thread) {
            Ok(turn.thread)
        } else {
            Err(turn.thread)
        }
    }

    /// What the current turn chooses next.
    pub(crate) fn choose(&mut self, count: usize) -> usize {
        if count <= 1 {
            return 0;
        }
        let choices = self.turn().map_or(&[][..], |turn| &turn.choices);
        let choice = choices.get(self.chosen).copied().unwrap_or(0);
        self.chosen += 1;
        if choice >= count {
            self.problem = Some(format!(
                "step {}, choice {}: alternative {choice} of {count}, which are numbered \
                 from 0",
                self.next, self.chosen
            ));
            return 0;
        }
        choice
    }

    /// Why the run can't be the one that was meant: the current turn has asked for something
    /// that there is not, or at its end for more choices than there were.
    pub(crate) fn problem(&mut self, at_end: bool) -> Option<String> {
        let asked = self.turn().map_or(0, |turn| turn.choices.len());
        if at_end && asked > self.chosen {
            let chosen = self.chosen;
            let left = self.turn().map_or(0, |turn| turn.choices[chosen]);
            self.problem.get_or_insert(format!(
                "step {} has {chosen} choice{} to make, so there is none for the .{left}",
                self.next,
                if chosen == 1 { "" } else { "s" },
            ));
        }
        self.problem.take()
    }

    /// How many steps there are that the run has not come to.
    pub(crate) fn left(&self) -> usize {
        self.turns.len().saturating_sub(self.next)
    }

    /// The current step, from 1.
    pub(crate) fn step(&self) -> usize {
        self.next
    }

    fn turn(&self) -> Option<&Turn> {
        self.turns.get(self.next.checked_sub(1)?)
    }
}

impl FromStr for Schedule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut turns = Vec::new();
        for word in text.split_whitespace() {
            let bad = || {
                format!(
                    "`{word}` is no step: a thread's number, as in 2; with the choices \
                     within it, as in 2.1; or with a count, as in 2*3"
                )
            };
            let (turn, count) = match word.split_once('*') {
                Some((turn, count)) => (turn, count.parse().map_err(|_| bad())?),
                None => (word, 1),
            };
            if count > 10_000 {
                return Err(format!("`{word}`: 10,000 steps at once are the most"));
            }
            let numbers = turn.split('.').map(str::parse);
            let mut numbers = numbers
                .collect::<Result<Vec<usize>, _>>()
                .map_err(|_| bad())?;
            let turn = Turn {
                thread: numbers.remove(0),
                choices: numbers,
            };
            turns.extend(std::iter::repeat_n(turn, count));
        }
        Ok(Self {
            turns,
            ..Self::default()
        })
    }
}

/// Prints turns so that [`Schedule`] can read them.
pub(crate) struct Shown<'a>(pub(crate) &'a [Turn]);

impl Turn {
    /// The choices up to the last that is not the default.
    fn deviations(&self) -> &[usize] {
        let last = self.choices.iter().rposition(|&choice| choice > 0);
        &self.choices[..last.map_or(0, |last| last + 1)]
    }

    fn reads_as(&self, other: &Self) -> bool {
        self.thread == other.thread && self.deviations() == other.deviations()
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some(turn) = rest.first() {
            let same = rest.iter().take_while(|other| turn.reads_as(other)).count();
            if rest.len() < self.0.len() {
                f.write_str(" ")?;
            }
            write!(f, "{}", turn.thread)?;
            for choice in turn.deviations() {
                write!(f, ".{choice}")?;
            }
            if same > 1 {
                write!(f, "*{same}")?;
            }
            rest = &rest[same..];
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_is_printed_as_it_is_read() {
        for text in ["", "1*3 2 1.1 2", "0 1.0.2*2 2"] {
            let schedule: Schedule = text.parse().expect("it is one");
            assert_eq!(Shown(&schedule.turns).to_string(), text);
        }
        let schedule: Schedule = "0 0.0 1.2.0".parse().expect("it is one");
        assert_eq!(Shown(&schedule.turns).to_string(), "0*2 1.2");
    }

    #[test]
    fn what_is_no_schedule_is_refused() {
        for text in ["x", "1,2", "1*", "1.x", "-1", "1*99999"] {
            assert!(text.parse::<Schedule>().is_err(), "{text}");
        }
    }
}
