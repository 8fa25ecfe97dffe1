//! Traces that are written by hand.

use super::*;

const fn ms(at: u64, what: What) -> Event {
    Event {
        at: Duration::from_millis(at),
        what,
    }
}

/// Worker 0 runs a job, and in it another; worker 1 steals one; worker 2 is not needed.
fn by_hand() -> Trace {
    use What::{Parks, Ran, Runs, Stole, Wakes};
    let lane = |events: &[Event]| Lane {
        events: events.to_vec(),
        left_out: 0,
    };
    Trace {
        title: "a < b & c".to_owned(),
        lanes: vec![
            lane(&[
                ms(5, Parks),
                ms(9, Wakes),
                ms(10, Runs),
                ms(12, Runs),
                ms(14, Ran),
                ms(20, Ran),
            ]),
            lane(&[ms(11, Stole(0)), ms(11, Runs), ms(15, Ran), ms(16, Parks)]),
            lane(&[]),
        ],
        until: Duration::from_millis(40),
    }
}

#[test]
fn stretches_are_what_the_worker_was_doing() {
    let trace = by_hand();
    let doing = |worker| {
        let stretches = trace.stretches(worker).into_iter();
        stretches
            .map(|it| (it.from.as_millis(), it.doing))
            .collect::<Vec<_>>()
    };
    use Doing::{Looks, Runs, RunsStolen, Sleeps};
    let first = [
        (5, Sleeps),
        (9, Looks),
        (10, Runs),
        (12, Runs),
        (14, Runs),
        (20, Looks),
    ];
    assert_eq!(doing(0), first);
    let second = [(11, Looks), (11, RunsStolen), (15, Looks), (16, Sleeps)];
    assert_eq!(doing(1), second);
    assert_eq!(doing(2), []);
    let span = [10, 20].map(Duration::from_millis);
    assert_eq!(trace.span(), (span[0], span[1]));
}

#[test]
fn a_job_that_has_not_ended_goes_on() {
    let mut trace = by_hand();
    trace.lanes[1].events.truncate(2);
    assert_eq!(trace.span().1, trace.until);
    assert_eq!(trace.stretches(1).last().unwrap().to, trace.until);
}

#[test]
fn a_figure_says_the_same_in_words() {
    let svg = by_hand().to_svg();
    assert!(svg.contains("Time runs down, 10 ms in all."), "{svg}");
    let first = "Worker 0 ran 2 jobs, stole no job and slept 1 time; 100 per cent";
    assert!(svg.contains(first), "{svg}");
    let second = "Worker 1 ran 1 job, stole 1 job and slept 1 time; 40 per cent";
    assert!(svg.contains(second), "{svg}");
    assert!(svg.contains("Worker 2 was not needed."), "{svg}");
    assert!(svg.contains(">a &lt; b &amp; c</title>"), "{svg}");
}

/// In Markdown a blank line ends it. Every colour has a class, and every class is a rule of
/// the book's theme.
#[test]
fn a_figure_fits_the_book() {
    let svg = by_hand().to_svg();
    assert!(svg.lines().all(|line| !line.trim().is_empty()));
    let css = include_str!("../../../book/theme/threadbare.css");
    let classes = svg.split("class=\"").skip(1);
    for class in classes.flat_map(|it| it.split('"').next().unwrap().split(' ')) {
        assert!(css.contains(&format!(".{class} ")), "no rule for {class}");
    }
}

/// A hundred thousand jobs make no larger figure than a few do.
#[test]
fn a_figure_stays_small() {
    let mut trace = by_hand();
    let jobs = (0..50_000).flat_map(|n| {
        let at = Duration::from_micros(10_000 + n);
        [What::Stole(0), What::Runs, What::Ran].map(|what| Event { at, what })
    });
    trace.lanes[1].events = jobs.collect();
    let bytes = trace.to_svg().len();
    assert!(bytes < 40_000, "{bytes} bytes");
}

#[test]
fn what_does_not_fit_is_counted() {
    let recorder = Recorder::new(1);
    for _ in 0..EVENTS_MAX + 3 {
        recorder.note(0, What::Runs);
    }
    let trace = recorder.trace();
    assert_eq!(
        (trace.events(0).len(), trace.lanes[0].left_out),
        (EVENTS_MAX, 3)
    );
    assert!(trace.to_svg().contains("What it did later is left out."));
    assert!(format!("{trace:?}").starts_with("Trace { workers: 1, until: "));
}
