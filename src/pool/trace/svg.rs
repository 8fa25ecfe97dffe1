//! The figure of a trace.
//!
//! Its size does not grow with the number of jobs: a lane has a fixed number of rows, and
//! of what happened in the time of a row the larger part is drawn. Colours and type are
//! the classes at the top of `book/theme/threadbare.css`; the attributes beside them are
//! for a file of its own.

use std::fmt::{self, Write as _};

use super::{Doing, Event, Trace, What};
use crate::ground::time::Duration;

/// How many pixels high a lane is, and so how many rows it has.
const ROWS: usize = 420;
/// Where the lanes begin.
const TOP: usize = 44;
/// The room for the scale.
const LEFT: usize = 64;
/// Between two steals that are drawn, there are so many rows.
const BETWEEN_STEALS: usize = 9;
/// A job that is so many rows long has a gap behind it.
const BETWEEN_JOBS: usize = 6;

/// The figure.
pub(super) fn draw(trace: &Trace) -> String {
    let mut text = String::new();
    Figure::new(trace, &mut text)
        .draw()
        .expect("a string has room");
    text
}

struct Figure<'a> {
    trace: &'a Trace,
    out: &'a mut String,
    start: Duration,
    length: Duration,
    /// How wide a lane is.
    lane: usize,
}

impl<'a> Figure<'a> {
    fn new(trace: &'a Trace, out: &'a mut String) -> Self {
        let (start, end) = trace.span();
        Self {
            trace,
            out,
            start,
            length: (end - start).max(Duration::from_nanos(1)),
            lane: match trace.workers() {
                0..=3 => 92,
                4..=8 => 80,
                _ => 44,
            },
        }
    }

    fn draw(mut self) -> fmt::Result {
        let width = LEFT + self.lane * self.trace.workers().max(3) + 12;
        let height = TOP + ROWS + 134;
        let title = escaped(&self.trace.title);
        let words = self.words();
        // Two figures on a page have different names for what they are called by.
        let id = fingerprint(&[&title, &words]);
        writeln!(
            self.out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
             role=\"img\" aria-labelledby=\"trace-{id:x}-t trace-{id:x}-d\" \
             font-family=\"sans-serif\" font-size=\"16\">\n\
             <title id=\"trace-{id:x}-t\">{title}</title>\n\
             <desc id=\"trace-{id:x}-d\">{words}</desc>"
        )?;
        writeln!(
            self.out,
            "<text class=\"small mute end\" font-size=\"14\" text-anchor=\"end\" \
             x=\"{}\" y=\"22\">worker</text>",
            LEFT - 8,
        )?;
        self.scale()?;
        for worker in 0..self.trace.workers() {
            self.lane(worker)?;
        }
        for worker in 0..self.trace.workers() {
            self.steals(worker)?;
        }
        self.legend()?;
        writeln!(self.out, "</svg>")
    }

    /// The same in words.
    fn words(&self) -> String {
        let mut words = format!("Time runs down, {} in all.", shown(self.length));
        for worker in 0..self.trace.workers() {
            if self.trace.events(worker).is_empty() {
                let _ = write!(words, " Worker {worker} was not needed.");
                continue;
            }
            let sum = self.trace.counters(worker);
            let _ = write!(
                words,
                " Worker {worker} ran {}, stole {} and slept {}; {} per cent of the time it \
                 was running a job.",
                times(sum.executed, "job"),
                times(sum.stolen, "job"),
                times(sum.parked, "time"),
                self.busy(worker),
            );
            let left_out = self.trace.lanes[worker].left_out;
            if left_out > 0 {
                let _ = write!(words, " What it did later is left out.");
            }
        }
        words
    }

    /// How much of the time a worker was running a job, per cent.
    fn busy(&self, worker: usize) -> u128 {
        let stretches = self.trace.stretches(worker).into_iter();
        let busy = stretches
            .filter(|it| matches!(it.doing, Doing::Runs | Doing::RunsStolen))
            .map(|it| it.to.saturating_sub(it.from));
        let busy = busy.sum::<Duration>().min(self.length);
        busy.as_nanos() * 100 / self.length.as_nanos()
    }

    /// The row of a moment, if it is within the figure.
    fn row(&self, at: Duration) -> f64 {
        let since = at.saturating_sub(self.start).min(self.length);
        since.as_secs_f64() / self.length.as_secs_f64() * ROWS as f64
    }

    fn middle(&self, worker: usize) -> usize {
        LEFT + worker * self.lane + self.lane / 2
    }

    /// Lines at round times.
    fn scale(&mut self) -> fmt::Result {
        let step = round_step(self.length);
        let right = LEFT + self.lane * self.trace.workers().max(3);
        let mut since = Duration::ZERO;
        while since <= self.length {
            let y = TOP as f64 + self.row(self.start + since);
            let label = shown(since);
            writeln!(
                self.out,
                "<path class=\"mute\" fill=\"none\" stroke=\"#999\" \
                 stroke-dasharray=\"2 6\" d=\"M{LEFT} {y:.0} H{right}\"/>\n\
                 <text class=\"small mute end\" font-size=\"14\" text-anchor=\"end\" \
                 x=\"{}\" y=\"{:.0}\">{label}</text>",
                LEFT - 8,
                y + 5.0,
            )?;
            since += step;
        }
        Ok(())
    }

    /// What a worker did, row by row.
    fn lane(&mut self, worker: usize) -> fmt::Result {
        let middle = self.middle(worker);
        writeln!(
            self.out,
            "<text class=\"bold mid\" font-weight=\"bold\" text-anchor=\"middle\" \
             x=\"{middle}\" y=\"22\">{worker}</text>"
        )?;
        let rows = self.rows(worker);
        let mut from = 0;
        for row in 0..ROWS {
            let ends = rows.get(row + 1) != Some(&rows[row]);
            if let (true, Some(doing)) = (ends, rows[row]) {
                self.stretch(middle, TOP + from, row + 1 - from, doing)?;
            }
            if ends {
                from = row + 1;
            }
        }
        let sum = self.trace.counters(worker);
        let foot = TOP + ROWS + 22;
        for (line, said) in [
            format!("ran {}", sum.executed),
            format!("stole {}", sum.stolen),
            format!("slept {}", sum.parked),
        ]
        .iter()
        .enumerate()
        {
            writeln!(
                self.out,
                "<text class=\"small mid\" font-size=\"14\" text-anchor=\"middle\" \
                 x=\"{middle}\" y=\"{}\">{said}</text>",
                foot + line * 18,
            )?;
        }
        Ok(())
    }

    /// What was going on in the larger part of each row. A job counts for more than the
    /// search for it, so that a short one can be seen.
    fn rows(&self, worker: usize) -> Vec<Option<Doing>> {
        const ALL: [Doing; 4] =
            [Doing::Looks, Doing::Sleeps, Doing::Runs, Doing::RunsStolen];
        let mut shares = vec![[0.0_f64; 4]; ROWS];
        for stretch in self.trace.stretches(worker) {
            let (from, to) = (self.row(stretch.from), self.row(stretch.to));
            let kind = ALL.iter().position(|it| *it == stretch.doing).unwrap_or(0);
            let weight = if kind < 2 { 1.0 } else { 3.0 };
            let first = from as usize;
            for (row, shares) in shares.iter_mut().enumerate().skip(first) {
                let (begin, end) = (row as f64, row as f64 + 1.0);
                if begin > to {
                    break;
                }
                shares[kind] += (end.min(to) - begin.max(from)).max(0.0) * weight;
            }
        }
        let most = |shares: &[f64; 4]| {
            let (kind, share) = (0..4).fold((0, 0.0), |(kind, most), it| {
                if shares[it] > most {
                    (it, shares[it])
                } else {
                    (kind, most)
                }
            });
            (share > 0.0).then(|| ALL[kind])
        };
        let mut rows: Vec<_> = shares.iter().map(most).collect();
        for row in self.gaps(worker) {
            rows[row] = None;
        }
        rows
    }

    /// Where a row is left out, so that one sees that a job ends and another begins.
    fn gaps(&self, worker: usize) -> Vec<usize> {
        let events = self.trace.events(worker);
        let row = |event: &Event| (self.row(event.at) as usize).min(ROWS - 1);
        let pairs = events.iter().zip(events.iter().skip(1));
        pairs
            .filter(|(_, end)| end.what == What::Ran)
            .filter(|(begin, end)| row(begin) + BETWEEN_JOBS <= row(end))
            .map(|(_, end)| row(end))
            .collect()
    }

    /// One thing that a worker did: wide for a job of its own, narrow for a stolen one, a
    /// thin line while it looks for one, a dashed line while it sleeps.
    fn stretch(
        &mut self,
        middle: usize,
        y: usize,
        height: usize,
        doing: Doing,
    ) -> fmt::Result {
        let box_of = |width: usize, class, colour| {
            let x = middle - width / 2;
            format!(
                "<rect class=\"{class}\" fill=\"{colour}\" x=\"{x}\" y=\"{y}\" \
                 width=\"{width}\" height=\"{height}\"/>"
            )
        };
        let wide = self.lane * 3 / 4;
        let drawn = match doing {
            Doing::Runs => box_of(wide, "t1", "#4a8fd8"),
            Doing::RunsStolen => box_of(wide / 2, "t2", "#c97a1a"),
            Doing::Looks => box_of(4, "fill", "#333"),
            Doing::Sleeps => format!(
                "<path class=\"mute\" fill=\"none\" stroke=\"#999\" \
                 stroke-dasharray=\"4 4\" d=\"M{middle} {y} v{height}\"/>"
            ),
        };
        writeln!(self.out, "{drawn}")
    }

    /// An arrow from where a job was to who took it.
    fn steals(&mut self, worker: usize) -> fmt::Result {
        let mut last = None;
        for event in self.trace.events(worker) {
            let What::Stole(from) = event.what else {
                continue;
            };
            let row = self.row(event.at) as usize;
            let too_near = last.is_some_and(|last| row < last + BETWEEN_STEALS);
            if too_near || event.at < self.start || from == worker {
                continue;
            }
            last = Some(row);
            let (y, start, end) =
                (TOP + row, self.middle(from), self.middle(worker));
            // The head points at the lane.
            let (near, back) = if start < end {
                (end - 7, -9)
            } else {
                (end + 7, 9)
            };
            writeln!(
                self.out,
                "<path class=\"ink\" fill=\"none\" stroke=\"#000\" d=\"M{start} {y} H{near}\"/>\
                 <path class=\"fill\" fill=\"#000\" d=\"M{near} {y} l{back} -4 v8 z\"/>"
            )?;
        }
        Ok(())
    }

    /// What the shapes mean.
    fn legend(&mut self) -> fmt::Result {
        let y = TOP + ROWS + 92;
        for (column, line, doing, means) in [
            (0, 0, Doing::Runs, "a job"),
            (1, 0, Doing::RunsStolen, "a stolen job"),
            (0, 1, Doing::Looks, "looks for one"),
            (1, 1, Doing::Sleeps, "sleeps"),
        ] {
            let (x, y) = (LEFT + column * 150, y + line * 24);
            self.stretch(x - 24, y - 14, 16, doing)?;
            let text = x + 16;
            writeln!(
                self.out,
                "<text class=\"small\" font-size=\"14\" x=\"{text}\" y=\"{y}\">{means}</text>"
            )?;
        }
        Ok(())
    }
}

/// `3 jobs`, `1 job`, `no job`.
fn times(count: u64, what: &str) -> String {
    match count {
        0 => format!("no {what}"),
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}

/// A time in a unit that suits it.
fn shown(time: Duration) -> String {
    let (unit, name) = match time.as_nanos() {
        0 => return "0".to_owned(),
        1..1_000 => (1e-9, "ns"),
        1_000..1_000_000 => (1e-6, "µs"),
        1_000_000..1_000_000_000 => (1e-3, "ms"),
        _ => (1.0, "s"),
    };
    let value = time.as_secs_f64() / unit;
    // Three digits, and no zeros behind the point.
    let digits = if value < 10.0 { 1 } else { 0 };
    let text = format!("{value:.digits$}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    format!("{text} {name}")
}

/// A round time that goes four to ten times into `length`.
fn round_step(length: Duration) -> Duration {
    let mut step = Duration::from_nanos(1);
    loop {
        for times in [1, 2, 5] {
            if step * times * 8 >= length {
                return step * times;
            }
        }
        step *= 10;
    }
}

/// Text that can stand between tags.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// A number for these texts (FNV-1a, 32 bits).
fn fingerprint(texts: &[&str]) -> u32 {
    let bytes = texts.iter().flat_map(|text| text.bytes());
    bytes.fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}
