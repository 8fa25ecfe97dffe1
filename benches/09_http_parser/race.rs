//! Rows that take turns, column by column, like those of `benches::race`, but so short a piece
//! of work that it is done many times in a turn.

use std::time::Instant;

use benches::race::{self, median};
use benches::raw;

use super::CHAPTER;

/// For how long a row works in one column, in each round: long against what it takes to
/// read the clock, short against what disturbs a machine.
const TURN_NS: f64 = 500_000.0;

/// Does one piece of work in a column.
pub(crate) type Work<'a> = Box<dyn FnMut(usize, u64) + 'a>;

/// A row: its name, and what does the work of a column so many times.
pub(crate) struct Row<'a> {
    pub(crate) name: &'static str,
    pub(crate) work: Work<'a>,
}

pub(crate) fn row<'a>(
    name: &'static str,
    work: impl FnMut(usize, u64) + 'a,
) -> Row<'a> {
    let work = Box::new(work);
    Row { name, work }
}

/// What one piece of work took: for each row and each column, nanoseconds.
pub(crate) type Figures = Vec<(&'static str, Vec<f64>)>;

/// Lets all rows have their turn in each column, `rounds` times, and takes the medians.
pub(crate) fn race(
    rounds: usize,
    columns: usize,
    mut rows: Vec<Row<'_>>,
) -> Figures {
    let rounds = if raw::trial() { 1 } else { rounds };
    let number = rows.len();
    let mut times = vec![vec![1u64; columns]; number];
    let mut found = vec![vec![Vec::new(); columns]; number];
    // The first rounds warm up, and find how often fits into a turn.
    for round in 0..rounds + 3 {
        for turn in 0..columns * number {
            // Who comes after whom is different each round.
            let (column, place) = (turn / number, (turn + round) % number);
            let count = times[place][column];
            let start = Instant::now();
            (rows[place].work)(column, count);
            let each = start.elapsed().as_nanos() as f64 / count as f64;
            if round < 3 && !raw::trial() {
                times[place][column] = (TURN_NS / each.max(0.1)).max(1.0) as u64;
            } else {
                found[place][column].push(each);
            }
        }
    }
    let names = rows.iter().map(|row| row.name);
    let medians = found.into_iter().map(|cells| cells.into_iter().map(median));
    names.zip(medians.map(Iterator::collect)).collect()
}

/// What a table says around its figures.
pub(crate) struct Table<'a> {
    pub(crate) group: &'a str,
    pub(crate) title: &'a str,
    pub(crate) note: &'a str,
    pub(crate) unit: &'a str,
    pub(crate) columns: &'a [&'a str],
    /// Which column is charted.
    pub(crate) chart: usize,
}

impl Table<'_> {
    /// Writes what `figure` makes of the nanoseconds in each column.
    pub(crate) fn write(
        &self,
        figures: &Figures,
        figure: impl Fn(usize, f64) -> f64,
    ) {
        let rows = figures.iter().map(|(name, cells)| {
            let cells = cells.iter().enumerate();
            (
                *name,
                cells.map(|(at, ns)| Some([figure(at, *ns)])).collect(),
            )
        });
        let table = race::Table {
            chapter: CHAPTER,
            group: self.group,
            title: self.title,
            notes: &[self.note],
            unit: self.unit,
            columns: self.columns,
            chart: self.chart,
        };
        table.write(&rows.collect::<race::Figures<1>>(), 0);
    }
}
