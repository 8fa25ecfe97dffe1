//! A loop that never ends, told once.
//!
//! Before the explorer says that a thread goes round for ever, it lets it go round a few
//! times. A reader needs one of these rounds, and to be told that the others are like it.

use std::borrow::Cow;
use std::ops::Range;

use crate::failure::Event;

/// How the event at the end of a round begins.
const SPINS: &str = "spins";

/// What stands behind it if all rounds to come are like this one.
const AND_SO_ON: &str = " (and so on)";

/// Leaves out the rounds in which a thread does only what it did in the round before, up to
/// the end of the run.
pub(super) fn once_each(events: &[Event]) -> Vec<Cow<'_, Event>> {
    let mut keep = vec![true; events.len()];
    let mut last_rounds = Vec::new();
    let threads = events.iter().map(|event| event.thread + 1).max();
    for thread in 0..threads.unwrap_or(0) {
        let mut rounds = rounds_of(thread, events);
        while let [.., before, last] = &rounds[..]
            && last.iter().all(|&event| {
                before.iter().any(|&it| same(&events[it], &events[event]))
            })
        {
            last.iter().for_each(|&event| keep[event] = false);
            rounds.pop();
        }
        let Some(last) = rounds.last() else { continue };
        if let Some(round) = silent_round(last, events) {
            last[round.end..]
                .iter()
                .for_each(|&event| keep[event] = false);
            last_rounds.push(last[round.end - 1]);
            continue;
        }
        // A loop of one operation does it a few times before it counts as a loop.
        for pair in last.windows(2) {
            keep[pair[1]] &= !same(&events[pair[0]], &events[pair[1]]);
        }
        if let Some(&end) = last.last().filter(|&&end| ends_round(&events[end])) {
            last_rounds.push(end);
        }
    }
    let kept = events.iter().enumerate().filter(|&(index, _)| keep[index]);
    kept.map(|(index, event)| {
        if !last_rounds.contains(&index) {
            return Cow::Borrowed(event);
        }
        let mut event = event.clone();
        event.text.push_str(AND_SO_ON);
        Cow::Owned(event)
    })
    .collect()
}

/// What a thread does, cut where it has gone round: the indices of its events.
fn rounds_of(thread: usize, events: &[Event]) -> Vec<Vec<usize>> {
    let own = (0..events.len()).filter(|&index| events[index].thread == thread);
    let own: Vec<usize> = own.collect();
    own.split_inclusive(|&index| ends_round(&events[index]))
        .map(<[usize]>::to_vec)
        .collect()
}

/// The longest round that is looked for where nothing marks its end.
const SILENT_MAX: usize = 8;

/// Where the first round is of a loop that does not say that it is one, if `own` ends in at
/// least three that are alike.
fn silent_round(own: &[usize], events: &[Event]) -> Option<Range<usize>> {
    (1..=SILENT_MAX).find_map(|length| {
        let like_before =
            |&index: &usize| same(&events[own[index]], &events[own[index - length]]);
        let alike = (length..own.len()).rev().take_while(like_before).count();
        let start = own.len().checked_sub(alike + length)?;
        (alike >= 2 * length).then_some(start..start + length)
    })
}

fn ends_round(event: &Event) -> bool {
    event.text.starts_with(SPINS)
}

/// The same but for when it happens.
fn same(one: &Event, other: &Event) -> bool {
    (one.file, one.line, one.old, &one.text)
        == (other.file, other.line, other.old, &other.text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(run: &[(usize, &str)]) -> Vec<String> {
        let events: Vec<Event> = run
            .iter()
            .enumerate()
            .map(|(step, &(thread, text))| Event {
                thread,
                step,
                file: "lock.rs",
                line: 1,
                text: text.to_owned(),
                old: false,
            })
            .collect();
        let kept = once_each(&events);
        kept.into_iter().map(|event| event.text.clone()).collect()
    }

    #[test]
    fn rounds_that_are_alike_are_told_once() {
        let run = [
            (0, "locks"),
            (1, "swap -> true"),
            (1, "spins: nothing"),
            (0, "joins"),
            (1, "swap -> true"),
            (1, "spins: nothing"),
            (1, "swap -> true"),
            (1, "swap -> true"),
            (1, "spins: nothing"),
        ];
        assert_eq!(
            texts(&run),
            [
                "locks",
                "swap -> true",
                "spins: nothing (and so on)",
                "joins"
            ]
        );
    }

    #[test]
    fn a_round_that_differs_is_kept() {
        let run = [
            (0, "load -> 1"),
            (0, "spins"),
            (0, "load -> 2"),
            (0, "spins"),
            (0, "load -> 2"),
            (0, "spins"),
        ];
        assert_eq!(
            texts(&run),
            ["load -> 1", "spins", "load -> 2", "spins (and so on)"]
        );
    }

    #[test]
    fn a_loop_of_one_operation_is_one_line() {
        let run = [(0, "load"), (0, "load"), (0, "load"), (0, "spins")];
        assert_eq!(texts(&run), ["load", "spins (and so on)"]);
    }

    #[test]
    fn a_loop_that_says_nothing_is_told_once() {
        let mut run = vec![(0, "load"), (1, "store"), (0, "load"), (0, "swap")];
        run.extend([(0, "load"), (0, "exchange fails")].repeat(40));
        assert_eq!(
            texts(&run),
            [
                "load",
                "store",
                "load",
                "swap",
                "load",
                "exchange fails (and so on)"
            ]
        );
    }

    #[test]
    fn what_goes_round_no_more_is_not_touched() {
        let run = [(0, "load"), (0, "spins"), (0, "store"), (0, "store")];
        assert_eq!(texts(&run), ["load", "spins", "store"]);
    }
}
