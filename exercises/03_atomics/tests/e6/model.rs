//! Graders of 03.6: the seqlock as it is, and with each of its orderings weaker.

use super::on_model::ground::atomic::{AtomicU32, Ordering::Relaxed};
use super::on_model::ground::sync::Arc;
use super::on_model::ground::thread;
use ::explorer::{Model, Weakened};

use super::on_model::answer::SeqLock;

grading::graders![
    a_reader_gets_one_version,
    a_reader_never_goes_back,
    who_reads_the_words_sees_what_came_before,
    nothing_is_stronger_than_it_has_to_be,
];

/// Version 3 is 3 and 30.
const fn version(number: u32) -> [u32; 2] {
    [number, 10 * number]
}

/// The number of the version that a reader got.
fn number_of([first, second]: [u32; 2]) -> u32 {
    assert!(
        second == 10 * first,
        "a reader got [{first}, {second}], half of one version and half of another: a \
         version n is [n, 10 n]"
    );
    first
}

/// Lets a writer write `versions` versions while a reader tries to read `times` times, and
/// returns what the reader got.
fn write_and_read(versions: u32, times: usize) -> Vec<u32> {
    let lock = Arc::new(SeqLock::new(version(0)));
    let writer = thread::spawn({
        let lock = Arc::clone(&lock);
        move || (1..=versions).for_each(|number| lock.write(version(number)))
    });
    let read = (0..times)
        .filter_map(|_| lock.try_read())
        .map(number_of)
        .collect();
    writer.join().unwrap();
    let last = lock.try_read();
    assert!(
        last == Some(version(versions)),
        "nothing was being written, and a reader got {last:?} instead of {:?}",
        Some(version(versions))
    );
    read
}

fn one_write() {
    write_and_read(1, 1);
}

fn two_writes() {
    write_and_read(2, 1);
}

fn two_reads() {
    let read = write_and_read(1, 2);
    assert!(
        read.is_sorted(),
        "a reader got version {}, and then version {}",
        read[0],
        read[1]
    );
}

fn notes_before_the_write() {
    let lock = Arc::new(SeqLock::new(version(0)));
    let note = Arc::new(AtomicU32::new(0));
    let writer = thread::spawn({
        let (lock, note) = (Arc::clone(&lock), Arc::clone(&note));
        move || {
            note.store(7, Relaxed);
            lock.write(version(1));
        }
    });
    if lock.try_read().map(number_of) == Some(1) {
        assert!(
            note.load(Relaxed) == 7,
            "a reader got version 1, and not the note that was written before it"
        );
    }
    writer.join().unwrap();
}

/// All of them, by name.
fn models() -> [(Model, fn()); 4] {
    [
        (Model::new("one write, one read"), one_write),
        (Model::new("two writes, one read"), two_writes),
        (Model::new("one write, two reads"), two_reads),
        (
            Model::new("a note before the write"),
            notes_before_the_write,
        ),
    ]
}

fn check(number: usize) {
    let (model, root) = models()[number].clone();
    let stats = model.check(root);
    assert!(stats.complete, "the model is small, and was not finished");
}

fn a_reader_gets_one_version() {
    check(0);
    check(1);
}

fn a_reader_never_goes_back() {
    check(2);
}

fn who_reads_the_words_sees_what_came_before() {
    check(3);
}

fn nothing_is_stronger_than_it_has_to_be() {
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
    let instead = match (operation, it.to) {
        ("fence", Relaxed) => "no fence".to_owned(),
        (_, to) => format!("{to:?}"),
    };
    format!(
        "line {line}, {what}: {:?} is stronger than it has to be, {instead} would do",
        it.from
    )
}
