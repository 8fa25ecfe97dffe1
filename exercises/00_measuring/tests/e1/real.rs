//! Graders of 00.1: percentiles by the nearest rank.

use super::on_real::answer::{median, percentile};
use threadbare::testkit::Random;

grading::graders![
    the_example_in_the_header,
    no_readings_have_no_percentile,
    one_reading_is_every_percentile,
    the_ends_are_the_smallest_and_the_largest,
    equal_readings_count_one_by_one,
    every_rank_of_every_length,
    the_median_is_a_reading,
    large_readings_come_back_exactly,
];

/// `1, 2, ..., len` in an order that no sort has touched, the same on every run.
fn shuffled(len: u64) -> Vec<u64> {
    let mut readings: Vec<u64> = (1..=len).collect();
    let mut random = Random::new(len);
    for last in (1..readings.len()).rev() {
        readings.swap(last, random.below(last as u64 + 1) as usize);
    }
    readings
}

/// How many readings must not exceed the percentile: at least this one.
fn rank(len: usize, per_mille: usize) -> usize {
    (len * per_mille).div_ceil(1000).max(1)
}

fn say(answer: Option<u64>) -> String {
    match answer {
        Some(reading) => reading.to_string(),
        None => "nothing".to_owned(),
    }
}

/// The values of the table that the reader sees.
fn the_example_in_the_header() {
    let readings = [70, 20, 90, 10, 100, 40, 30, 60, 80, 50];
    for (per_mille, right) in
        [(500, 50), (501, 60), (0, 10), (990, 100), (1000, 100)]
    {
        grading::step(format!("looking for percentile {per_mille} of the example"));
        let got = percentile(&readings, per_mille);
        let below = readings.iter().filter(|reading| **reading <= right).count();
        assert!(
            got == Some(right),
            "percentile(.., {per_mille}) of {readings:?} is {right}, because \
             {below} of the 10 readings do not exceed it, but the answer returned \
             {}",
            say(got)
        );
    }
}

/// An empty list is no reason to panic.
fn no_readings_have_no_percentile() {
    for per_mille in [0, 500, 1000] {
        grading::step(format!("looking for percentile {per_mille} of no readings"));
        let got = percentile(&[], per_mille);
        assert!(
            got.is_none(),
            "without readings there is no percentile(.., {per_mille}), but the \
             answer returned {}",
            say(got)
        );
    }
    let got = median(&[]);
    assert!(
        got.is_none(),
        "without readings there is no median, but the answer returned {}",
        say(got)
    );
}

/// With one reading there is nothing else to return.
fn one_reading_is_every_percentile() {
    for per_mille in 0..=1000 {
        grading::step(format!("looking for percentile {per_mille} of one reading"));
        let got = percentile(&[42], per_mille);
        assert!(
            got == Some(42),
            "percentile(.., {per_mille}) of the one reading [42] is 42, but the \
             answer returned {}",
            say(got)
        );
    }
}

/// 0 and 1000 stay within the list.
fn the_ends_are_the_smallest_and_the_largest() {
    for len in [2, 3, 10, 101] {
        let readings = shuffled(len);
        for (per_mille, right, name) in [(0, 1, "smallest"), (1000, len, "largest")]
        {
            grading::step(format!(
                "looking for percentile {per_mille} of {len} readings"
            ));
            let got = percentile(&readings, per_mille);
            assert!(
                got == Some(right),
                "percentile(.., {per_mille}) is the {name} reading, {right} of the \
                 {len} readings 1 to {len}, but the answer returned {}",
                say(got)
            );
        }
    }
}

/// Readings that are equal are still several readings.
fn equal_readings_count_one_by_one() {
    grading::step("looking for percentile 500 of 8 equal readings");
    let got = percentile(&[5; 8], 500);
    assert!(
        got == Some(5),
        "percentile(.., 500) of eight readings of 5 is 5, but the answer returned \
         {}",
        say(got)
    );
    let readings = [5, 5, 9, 5, 5, 1, 5, 5, 5, 5];
    for (per_mille, right) in [(100, 1), (101, 5), (500, 5), (900, 5), (901, 9)] {
        grading::step(format!(
            "looking for percentile {per_mille} of {readings:?}"
        ));
        let got = percentile(&readings, per_mille);
        assert!(
            got == Some(right),
            "percentile(.., {per_mille}) of {readings:?} is {right}: the eight \
             readings of 5 are eight of the ten, not one of three; but the answer \
             returned {}",
            say(got)
        );
    }
}

/// Every rank of many lengths, at the last percentile that it serves and at the
/// first that it no longer does.
fn every_rank_of_every_length() {
    for len in (1..=64).chain([100, 125, 200, 250, 1000]) {
        let readings = shuffled(len);
        let len = readings.len();
        for rank in (0..=len).filter(|rank| len <= 250 || rank % 10 == 0) {
            let last = rank * 1000 / len;
            expect_rank(&readings, last);
            if last < 1000 {
                expect_rank(&readings, last + 1);
            }
        }
    }
}

/// The readings are 1 to `len`, so the value at a rank is the rank.
#[track_caller]
fn expect_rank(readings: &[u64], per_mille: usize) {
    let len = readings.len();
    grading::step(format!(
        "looking for percentile {per_mille} of {len} readings"
    ));
    let right = rank(len, per_mille);
    let got = percentile(readings, per_mille);
    if got == Some(right as u64) {
        return;
    }
    let share = |count: usize| count as f64 * 100.0 / len as f64;
    let why = match right {
        1 => format!(
            "the smallest reading is enough: it is {:.1} % of all",
            share(1)
        ),
        _ => format!(
            "{right} readings ({:.1} %) do not exceed it and {} would be too few",
            share(right),
            right - 1
        ),
    };
    panic!(
        "percentile(.., {per_mille}) of the {len} readings 1 to {len} is {right}, \
         because {why}, but the answer returned {}",
        say(got)
    );
}

/// The median of an even number of readings is the lower middle one, not a mean.
fn the_median_is_a_reading() {
    for (readings, right) in [
        (&[3, 1, 2][..], 2),
        (&[40, 10, 30, 20], 20),
        (&[7, 100], 7),
        (&[9, 9, 1, 1], 1),
        (&[8], 8),
    ] {
        grading::step(format!("looking for the median of {readings:?}"));
        let got = median(readings);
        assert!(
            got == Some(right),
            "the median of {readings:?} is {right}: a reading that occurred, and \
             the lower one if two are in the middle; but the answer returned {}",
            say(got)
        );
    }
}

/// Nanoseconds since 1970 do not fit into the 53 bits of an `f64`.
fn large_readings_come_back_exactly() {
    let readings = [u64::MAX, u64::MAX - 2, u64::MAX - 1];
    grading::step("looking for percentiles of readings near u64::MAX");
    for (per_mille, right) in
        [(0, u64::MAX - 2), (500, u64::MAX - 1), (1000, u64::MAX)]
    {
        let got = percentile(&readings, per_mille);
        assert!(
            got == Some(right),
            "percentile(.., {per_mille}) of {readings:?} is {right}, exactly, but \
             the answer returned {}",
            say(got)
        );
    }
    let got = median(&readings);
    assert!(
        got == Some(u64::MAX - 1),
        "the median of {readings:?} is {}, but the answer returned {}",
        u64::MAX - 1,
        say(got)
    );
}
