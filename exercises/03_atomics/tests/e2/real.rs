//! Graders of 03.2 on real threads: more draws than a model can hold.

use std::thread;

use super::on_real::answer::Ids;

grading::graders![four_threads_draw_them_all];

const THREADS: usize = 4;
const IDS: u32 = 40_000;

/// How often each thread asks again after it was refused.
const AGAIN: usize = 1_000;

fn four_threads_draw_them_all() {
    let first = u32::MAX - IDS;
    let ids = Ids::new(first, u32::MAX);
    let draw_all = || {
        grading::step("drawing ids until it is refused");
        let mine: Vec<u32> = std::iter::from_fn(|| ids.draw())
            .take(IDS as usize + 1)
            .collect();
        grading::step("drawing again after it was refused");
        let again = (1..=AGAIN).find_map(|time| Some((time, ids.draw()?)));
        (mine, again)
    };
    let drawn = thread::scope(|scope| {
        let drawers = [(); THREADS].map(|()| scope.spawn(draw_all));
        drawers.map(|drawer| drawer.join().expect("a panic ends the grader"))
    });
    for (_, again) in &drawn {
        if let Some((time, id)) = again {
            panic!(
                "all ids were given, a thread was refused, and got {id} when it asked \
                 again, at attempt {time}"
            );
        }
    }
    let mut drawn: Vec<u32> = drawn.into_iter().flat_map(|(ids, _)| ids).collect();
    drawn.sort_unstable();
    let twice = drawn.windows(2).find(|pair| pair[0] == pair[1]);
    assert!(twice.is_none(), "id {} was given twice", twice.unwrap()[0]);
    let right = drawn.iter().copied().eq(first..u32::MAX);
    assert!(
        right,
        "{THREADS} threads drew until they were refused, and have {} of {IDS} ids",
        drawn.len()
    );
}
