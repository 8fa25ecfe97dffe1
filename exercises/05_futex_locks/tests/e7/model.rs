//! Graders of 05.7: the barrier as it is, and with each of its orderings weaker.

#![allow(unsafe_code, reason = "what the threads hand over is plain memory")]

use super::on_model::ground::cell::UnsafeCell;
use super::on_model::ground::sync::Arc;
use super::on_model::ground::{Named as _, thread};
use ::explorer::{Kind, Model, Weakened};

use super::on_model::answer::Meeting;

grading::graders![
    two_threads_meet,
    two_threads_meet_twice,
    three_threads_meet,
    nothing_is_stronger_than_it_has_to_be,
];

/// What each thread writes before a meeting, and the others read after it.
struct Notes<const N: usize> {
    meeting: Meeting,
    notes: [UnsafeCell<u32>; N],
}

// SAFETY: a note is written before a meeting, and read after it and before the next, if the
// meeting is right. If it is not, the explorer says so before anything is read.
unsafe impl<const N: usize> Sync for Notes<N> {}

impl<const N: usize> Notes<N> {
    fn new() -> Arc<Self> {
        let names = ["note 0", "note 1", "note 2"];
        let threads = u32::try_from(N).expect("there are few of them");
        Arc::new(Self {
            meeting: Meeting::of(threads),
            notes: std::array::from_fn(|who| UnsafeCell::new(0).named(names[who])),
        })
    }

    /// Writes a note.
    fn write(&self, who: usize, note: u32) {
        // SAFETY: its own, and nobody reads it before they have met.
        self.notes[who].with_mut(|place| unsafe { *place = note });
    }

    /// Meets the others, and reads the notes of all.
    fn meet_and_read(&self, who: usize, note: u32) -> bool {
        let is_last = self.meeting.meet();
        for (other, place) in self.notes.iter().enumerate() {
            // SAFETY: they have met, and nobody writes before they meet again.
            let found = place.with(|place| unsafe { *place });
            assert!(
                found == note,
                "thread {who} came out of meet(), and the note of thread {other} is \
                 {found}; {note} was written before they met"
            );
        }
        is_last
    }
}

/// Lets `N` threads meet once, or twice and write again.
fn meet<const N: usize>(twice: bool) {
    let notes = Notes::<N>::new();
    let run = move |notes: &Notes<N>, who: usize| {
        notes.write(who, 1);
        let mut last = vec![notes.meet_and_read(who, 1)];
        if twice {
            // Until all have read, nobody may write.
            last.push(notes.meeting.meet());
            notes.write(who, 2);
        }
        last
    };
    let others: Vec<_> = (1..N)
        .map(|who| {
            let notes = Arc::clone(&notes);
            thread::spawn(move || run(&notes, who))
        })
        .collect();
    let mut lasts = vec![run(&notes, 0)];
    lasts.extend(others.into_iter().map(|other| other.join().unwrap()));
    for time in 0..lasts[0].len() {
        let count = lasts.iter().filter(|last| last[time]).count();
        assert!(
            count == 1,
            "meeting {}: meet() returned true for {count} of {N} threads, and one of \
             them was the last",
            time + 1
        );
    }
}

/// All of them, by name.
fn models() -> [(Model, fn()); 3] {
    let race = "which step of the one that wrote comes after its writing, and tells \
                another thread of it? Follow it to the one that read: it may go through \
                the last one that arrived, which then must take it up and hand it on";
    let named = |name| Model::new(name).hint(Kind::DataRace, race);
    [
        (named("two threads meet"), || meet::<2>(false)),
        (named("two threads meet twice").spurious(false), || {
            meet::<2>(true)
        }),
        (named("three threads meet").spurious(false), || {
            meet::<3>(false)
        }),
    ]
}

fn check(number: usize) {
    grading::step("exploring a model");
    let (model, root) = models()[number].clone();
    let stats = model.check(root);
    assert!(stats.complete, "the model is small, and was not finished");
}

fn two_threads_meet() {
    check(0);
}

fn two_threads_meet_twice() {
    check(1);
}

fn three_threads_meet() {
    check(2);
}

fn nothing_is_stronger_than_it_has_to_be() {
    grading::step("exploring all models with each ordering weaker");
    match ::explorer::needlessly_strong(&models()) {
        Ok(None) => {}
        Ok(Some(it)) => panic!("{}", sentence(&it)),
        Err(_) => panic!(
            "these orderings are too weak as they are: see the graders before this one"
        ),
    }
}

/// What is too strong, and where.
fn sentence(it: &Weakened) -> String {
    let line = it.used.site.rsplit(':').next().unwrap_or_default();
    let operation = it.used.operation;
    let what = match it.used.location.as_str() {
        "" => operation.to_owned(),
        location => format!("{location}.{operation}"),
    };
    let instead = match (operation, format!("{:?}", it.to).as_str()) {
        ("fence", "Relaxed") => "no fence".to_owned(),
        (_, to) => to.to_owned(),
    };
    format!(
        "line {line}, {what}: {:?} is stronger than it has to be, {instead} would do",
        it.from
    )
}
