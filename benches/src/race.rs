//! Rows that take turns, column by column, and the table of their medians.

use crate::raw::{self, Recorder};

/// Measures one row in one column, once: `N` figures, or none where there is nothing to
/// measure.
pub type Run<'a, const N: usize> = Box<dyn FnMut(usize) -> Option<[f64; N]> + 'a>;

/// Who takes part.
pub struct Row<'a, const N: usize> {
    /// Its name in the tables.
    pub name: &'static str,
    /// Measures it in one column, once.
    pub run: Run<'a, N>,
}

impl<const N: usize> std::fmt::Debug for Row<'_, N> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Row")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// Makes a row of a name and a way to measure it.
pub fn row<'a, const N: usize>(
    name: &'static str,
    run: impl FnMut(usize) -> Option<[f64; N]> + 'a,
) -> Row<'a, N> {
    let run = Box::new(run);
    Row { name, run }
}

/// The figures of a race: of each row, in each column, the medians of all rounds.
pub type Figures<const N: usize> = Vec<(&'static str, Vec<Option<[f64; N]>>)>;

/// Lets all rows have their turn in each column, `rounds` times (once in a trial). What
/// disturbs the machine for a second then disturbs everybody.
pub fn race<const N: usize>(
    rounds: usize,
    columns: usize,
    mut rows: Vec<Row<'_, N>>,
) -> Figures<N> {
    let rounds = if raw::trial() { 1 } else { rounds };
    let number = rows.len();
    let mut found = vec![vec![[const { Vec::new() }; N]; columns]; number];
    // The first round only makes everything warm.
    for round in 0..=rounds {
        for turn in 0..columns * number {
            // Who comes after whom is different each round.
            let (column, place) = (turn / number, (turn + round) % number);
            let Some(figures) = (rows[place].run)(column) else {
                continue;
            };
            if round > 0 {
                let cell = &mut found[place][column];
                cell.iter_mut().zip(figures).for_each(|(v, f)| v.push(f));
            }
        }
    }
    let names = rows.iter().map(|row| row.name);
    let cells = found.into_iter().map(|columns| {
        let cell = |cell: [Vec<f64>; N]| match cell.iter().all(|v| v.is_empty()) {
            true => None,
            false => Some(cell.map(median)),
        };
        columns.into_iter().map(cell).collect()
    });
    names.zip(cells).collect()
}

/// The medians of several races of the same rows.
pub fn medians<const N: usize>(races: &[Figures<N>]) -> Figures<N> {
    let Some(first) = races.first() else {
        return Vec::new();
    };
    let cell = |row: usize, column: usize| {
        let cells = races.iter().filter_map(|race| race[row].1[column]);
        let cells: Vec<[f64; N]> = cells.collect();
        let of = |which| median(cells.iter().map(|cell| cell[which]).collect());
        (!cells.is_empty()).then(|| std::array::from_fn(of))
    };
    let rows = first.iter().enumerate().map(|(row, (name, columns))| {
        let cells = (0..columns.len()).map(|column| cell(row, column));
        (*name, cells.collect())
    });
    rows.collect()
}

/// The middle of the values, or the mean of the two in the middle.
///
/// # Panics
/// If there are none.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let (low, high) = (values[(values.len() - 1) / 2], values[values.len() / 2]);
    (low + high) / 2.0
}

/// What a table says around its figures.
#[derive(Clone, Copy, Debug)]
pub struct Table<'a> {
    /// The key of the chapter.
    pub chapter: &'a str,
    /// The name of the table in its file.
    pub group: &'a str,
    /// What is above it.
    pub title: &'a str,
    /// What is below it.
    pub notes: &'a [&'a str],
    /// What the figures are in.
    pub unit: &'a str,
    /// The heads of the columns, in the order in which they are measured.
    pub columns: &'a [&'a str],
    /// Which column is charted.
    pub chart: usize,
}

impl Table<'_> {
    /// Writes the figures at index `which` of each cell.
    ///
    /// # Panics
    /// If the file cannot be written.
    pub fn write<const N: usize>(&self, figures: &Figures<N>, which: usize) {
        let mut recorder = Recorder::new(self.chapter, self.group);
        recorder.title(self.title);
        for note in self.notes {
            recorder.note(note);
        }
        for column in self.columns {
            recorder.ratio(column);
        }
        recorder.chart(self.columns[self.chart]);
        for (name, cells) in figures {
            let mut line = recorder.row(name);
            let mut said = String::new();
            for (column, cell) in self.columns.iter().zip(cells) {
                let Some(cell) = cell else { continue };
                let value = cell[which];
                line = line.value(column, self.unit, value);
                said += &format!("{column} {value:.2} {}, ", self.unit);
            }
            eprintln!("{}/{name}: {said}", self.group);
        }
        recorder.write().expect("the samples can be written");
    }
}
