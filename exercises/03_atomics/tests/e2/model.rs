//! Graders of 03.2 under the model checker: two and three threads draw at once.

use super::on_model::ground::sync::Arc;
use super::on_model::ground::thread;
use ::explorer::{Kind, Model};

use super::on_model::answer::Ids;

grading::graders![
    two_threads_draw,
    one_id_is_left,
    two_ids_are_left_for_two,
    three_ids_are_left_for_four,
    who_was_refused_comes_again,
    three_threads_draw_the_last_of_all,
    there_are_none_at_all,
];

/// Lets each of `threads`, and the caller, draw `times`, and looks at what they got.
fn draw(name: &str, first: u32, end: u32, threads: usize, times: usize) {
    grading::step(format!("exploring a model: {name}"));
    let stats = Model::new(name)
        .hint(
            Kind::Livelock,
            "whoever was too late must look at the number again: what would make the \
             next attempt succeed?",
        )
        .check(move || {
            let ids = Arc::new(Ids::new(first, end));
            let drawers: Vec<_> = (0..threads)
                .map(|_| {
                    let ids = Arc::clone(&ids);
                    thread::spawn(move || draw_each(&ids, times))
                })
                .collect();
            let mut drawn = draw_each(&ids, times);
            for drawer in drawers {
                drawn.extend(drawer.join().unwrap());
            }
            judge(first, end, &drawn);
        });
    assert!(stats.complete, "{name}: the model is small");
}

fn draw_each(ids: &Ids, times: usize) -> Vec<Option<u32>> {
    (0..times).map(|_| ids.draw()).collect()
}

fn judge(first: u32, end: u32, drawn: &[Option<u32>]) {
    let mut given: Vec<u32> = drawn.iter().copied().flatten().collect();
    given.sort_unstable();
    let ids = format!("of the ids from {} up to {}", show(first), show(end));
    for &id in &given {
        let is_one = (first..end).contains(&id);
        assert!(is_one, "{ids}, {} was given", show(id));
    }
    if let Some(twice) = given.windows(2).find(|pair| pair[0] == pair[1]) {
        panic!("{ids}, {} was given twice", show(twice[0]));
    }
    let (asked, got) = (drawn.len(), given.len());
    let there_are = (end - first) as usize;
    assert!(
        got == asked.min(there_are),
        "{ids}, {asked} draws got {got}: somebody was refused although an id was left"
    );
    for (id, &given) in (first..end).zip(&given) {
        assert!(
            id == given,
            "{ids}, {} was given, and {} left out",
            show(given),
            show(id)
        );
    }
}

/// The largest numbers by their distance from the end.
fn show(id: u32) -> String {
    match u32::MAX - id {
        0 => "u32::MAX".to_owned(),
        below @ 1..100 => format!("u32::MAX - {below}"),
        _ => id.to_string(),
    }
}

fn two_threads_draw() {
    draw("two threads draw an id each", 10, 20, 1, 1);
}

fn one_id_is_left() {
    draw("two threads draw, and one id is left", 6, 7, 1, 1);
}

fn two_ids_are_left_for_two() {
    draw("two threads draw, and two ids are left", 5, 7, 1, 1);
}

fn three_ids_are_left_for_four() {
    draw("two threads draw twice, and three ids are left", 4, 7, 1, 2);
}

/// The largest number that there is marks the end.
fn who_was_refused_comes_again() {
    let (first, end) = (u32::MAX - 1, u32::MAX);
    draw(
        "two threads draw twice, and one id is left",
        first,
        end,
        1,
        2,
    );
}

fn three_threads_draw_the_last_of_all() {
    let (first, end) = (u32::MAX - 1, u32::MAX);
    draw("three threads draw the last id of all", first, end, 2, 1);
}

fn there_are_none_at_all() {
    draw("one thread draws from nothing", 7, 7, 0, 3);
}
