//! The run as a table: time runs down, each thread has a column.

use std::fmt::Write;

use super::{Paint, Row, wrap};

/// A column that is narrower than this breaks too many operations into pieces.
const COLUMN_MIN: usize = 22;

/// Between two columns.
const GAP: &str = "  ";

/// Marks a value that had been overwritten.
const OLD: &str = "OLD";

/// What stands above the first two columns.
const STEP: &str = "step";
const LINE: &str = "line";

/// And, where threads have no columns, above their names.
const THREAD: &str = "thread";

/// The first two columns: the step, and the reader's line.
#[derive(Clone, Copy, Debug)]
struct Gutter {
    step: usize,
    place: usize,
}

impl Gutter {
    fn of(rows: &[Row<'_>]) -> Self {
        let mut gutter = Self {
            step: STEP.len(),
            place: LINE.len(),
        };
        for row in rows {
            if let Row::Event(event, place) = row {
                gutter.step = gutter.step.max(event.step.to_string().len());
                gutter.place = gutter.place.max(place.chars().count());
            }
        }
        gutter
    }

    /// With the gaps around them.
    fn width(self) -> usize {
        2 + self.step + 2 + self.place + 2
    }
}

/// Draws the rows; `threads` are the names of the columns.
pub(super) fn draw(
    rows: &[Row<'_>],
    threads: &[String],
    width: usize,
    paint: Paint,
) -> String {
    let gutter = Gutter::of(rows);
    match widths(rows, threads, width.saturating_sub(gutter.width())) {
        Some(widths) => table(rows, threads, &widths, gutter, paint),
        None => list(rows, threads, width, gutter, paint),
    }
}

/// How wide each column is: as wide as it needs, or a fair share of what is left; `None` if
/// that is too narrow to be read.
fn widths(rows: &[Row<'_>], threads: &[String], room: usize) -> Option<Vec<usize>> {
    let mut needs: Vec<usize> =
        threads.iter().map(|name| name.chars().count()).collect();
    for row in rows {
        if let Row::Event(event, _) = row
            && let Some(need) = needs.get_mut(event.thread)
        {
            *need = (*need).max(cell(&event.text, event.old).chars().count());
        }
    }
    let room = room.checked_sub(GAP.len() * threads.len().saturating_sub(1))?;
    let mut widths = vec![0; needs.len()];
    let mut left = room;
    // The smallest needs first, so that what they leave over goes to the others.
    let mut order: Vec<usize> = (0..needs.len()).collect();
    order.sort_by_key(|&thread| needs[thread]);
    for (done, &thread) in order.iter().enumerate() {
        let share = left / (order.len() - done);
        if needs[thread] > share && share < COLUMN_MIN {
            return None;
        }
        widths[thread] = needs[thread].min(share);
        left -= widths[thread];
    }
    Some(widths)
}

/// What stands in a cell.
fn cell(text: &str, old: bool) -> String {
    if old {
        format!("{text}{GAP}{OLD}")
    } else {
        text.to_owned()
    }
}

/// The lines of a cell, with the mark of an old value kept apart from the text by two
/// spaces, as in [`cell`].
fn cell_lines(text: &str, old: bool, width: usize) -> Vec<String> {
    // A word that is too long for its column would push the others aside.
    let mut lines: Vec<String> = Vec::new();
    let mut rest = text.split_whitespace().collect::<Vec<_>>().join(" ");
    while let Some(mut line) = wrap(&rest, width).into_iter().next() {
        let mut taken = line.len();
        if line.chars().count() > width {
            taken = cut(&line, width);
            line.truncate(taken);
        }
        rest = rest[taken..].trim_start().to_owned();
        lines.push(line);
    }
    if old {
        match lines.last_mut() {
            Some(last) if last.chars().count() + GAP.len() + OLD.len() <= width => {
                last.push_str(GAP);
                last.push_str(OLD);
            }
            _ => lines.push(OLD.to_owned()),
        }
    }
    lines
}

/// Where to break a word that is too long: behind a mark, if one is near the end.
fn cut(word: &str, width: usize) -> usize {
    let end = word
        .char_indices()
        .nth(width)
        .map_or(word.len(), |(at, _)| at);
    let marks = word[..end].rfind(['(', ',', '.', ':']).map(|at| at + 1);
    marks.filter(|&at| at >= end / 3).unwrap_or(end)
}

/// Colours a line of a cell: an old value's mark, and the last event as a whole.
fn coloured(line: &str, old: bool, last: bool, paint: Paint) -> String {
    match line.strip_suffix(OLD) {
        Some(text) if old => {
            let style = if last { Paint::BAD } else { "" };
            let text = if last {
                paint.on(style, text)
            } else {
                text.to_owned()
            };
            text + &paint.on(Paint::OLD, OLD)
        }
        _ if last => paint.on(Paint::BAD, line),
        _ => line.to_owned(),
    }
}

fn table(
    rows: &[Row<'_>],
    threads: &[String],
    widths: &[usize],
    gutter: Gutter,
    paint: Paint,
) -> String {
    // Where each column begins.
    let starts: Vec<usize> = widths
        .iter()
        .scan(gutter.width(), |next, width| {
            let start = *next;
            *next += width + GAP.len();
            Some(start)
        })
        .collect();
    let mut text = String::new();
    let mut header = format!("  {STEP:>0$}  {LINE}", gutter.step);
    for (name, &start) in threads.iter().zip(&starts) {
        pad_to(&mut header, start);
        header.push_str(name);
    }
    let _ = writeln!(text, "{}", paint.on(Paint::STRONG, header.trim_end()));
    let mut step_before = 0;
    for (number, row) in rows.iter().enumerate() {
        let Row::Event(event, place) = row else {
            text.push_str(&gap(row, paint));
            continue;
        };
        let step = number_of(event.step, &mut step_before);
        let start = starts.get(event.thread).copied().unwrap_or(gutter.width());
        let width = widths.get(event.thread).copied().unwrap_or(COLUMN_MIN);
        let last = number + 1 == rows.len();
        for (index, line) in
            cell_lines(&event.text, event.old, width).iter().enumerate()
        {
            let head = if index == 0 {
                format!("  {step:>0$}  {place:<1$}", gutter.step, gutter.place)
            } else {
                String::new()
            };
            let length = head.chars().count();
            let _ = writeln!(
                text,
                "{}{}{}",
                paint.on(Paint::SOFT, &head),
                " ".repeat(start - length),
                coloured(line, event.old, last, paint)
            );
        }
    }
    text
}

/// For narrow terminals: one event after the other, the thread's name in front.
fn list(
    rows: &[Row<'_>],
    threads: &[String],
    width: usize,
    gutter: Gutter,
    paint: Paint,
) -> String {
    let names = threads.iter().map(|name| name.chars().count());
    let names = names.chain([THREAD.len()]).max().unwrap_or(0);
    let mut indent = 2 + gutter.step + 2 + names + 2;
    let behind = indent + gutter.place + 2;
    // What happens stands behind the line's number, or else below it.
    let is_behind = width >= behind + COLUMN_MIN;
    if is_behind {
        indent = behind;
    }
    let room = width.saturating_sub(indent).max(12);
    let mut text = String::new();
    for line in wrap(
        &format!("threads: {}", threads.join(", ")),
        width.saturating_sub(2),
    ) {
        let _ = writeln!(text, "  {line}");
    }
    let header = format!("  {STEP:>0$}  {THREAD:<names$}  {LINE}", gutter.step);
    let _ = writeln!(text, "{}", paint.on(Paint::STRONG, &header));
    let mut step_before = 0;
    for (number, row) in rows.iter().enumerate() {
        let Row::Event(event, place) = row else {
            text.push_str(&gap(row, paint));
            continue;
        };
        let name = threads.get(event.thread).map_or("?", String::as_str);
        let step = number_of(event.step, &mut step_before);
        let head = format!("  {step:>0$}  ", gutter.step);
        let _ = write!(
            text,
            "{}{}  {}",
            paint.on(Paint::SOFT, &head),
            paint.on(Paint::STRONG, &format!("{name:<names$}")),
            paint.on(Paint::SOFT, place)
        );
        let last = number + 1 == rows.len();
        let lines = cell_lines(&event.text, event.old, room);
        for (index, line) in lines.iter().enumerate() {
            let line = coloured(line, event.old, last, paint);
            if index == 0 && is_behind {
                let gap = gutter.place - place.chars().count() + 2;
                let _ = write!(text, "{}{line}", " ".repeat(gap));
            } else {
                let _ = write!(text, "\n{}{line}", " ".repeat(indent));
            }
        }
        text.push('\n');
    }
    text
}

/// A step's number. What belongs to the step before has none of its own.
fn number_of(step: usize, before: &mut usize) -> String {
    if std::mem::replace(before, step) == step {
        String::new()
    } else {
        step.to_string()
    }
}

fn gap(row: &Row<'_>, paint: Paint) -> String {
    match row {
        Row::Gap(count) => {
            paint.on(Paint::SOFT, &format!("  ... {count} more")) + "\n"
        }
        Row::Event(..) => String::new(),
    }
}

fn pad_to(line: &mut String, column: usize) {
    let length = line.chars().count();
    line.push_str(&" ".repeat(column.saturating_sub(length)));
}
