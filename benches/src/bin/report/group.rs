//! What was measured, in one shape, wherever it came from.

use std::time::SystemTime;

/// One question and the answers to it: a criterion group, or a file of raw samples.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    /// The name: of the criterion group or of the file.
    pub(crate) id: String,
    /// What it asks, if the bench says so.
    pub(crate) title: Option<String>,
    pub(crate) notes: Vec<String>,
    /// What to type to measure it again.
    pub(crate) command: String,
    pub(crate) when: SystemTime,
    pub(crate) rows: Vec<Row>,
    pub(crate) metrics: Vec<Metric>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) name: String,
    /// What the row was given, for instance a number of threads.
    pub(crate) parameter: Option<String>,
    pub(crate) when: SystemTime,
}

impl Row {
    /// Returns the name and the parameter as one.
    pub(crate) fn label(&self) -> String {
        match &self.parameter {
            Some(parameter) => format!("{} ({parameter})", self.name),
            None => self.name.clone(),
        }
    }
}

/// One thing that was measured in the rows of a group.
#[derive(Clone, Debug)]
pub(crate) struct Metric {
    pub(crate) name: String,
    pub(crate) unit: String,
    pub(crate) kind: Kind,
    /// Whether rows are compared by it.
    pub(crate) ratio: bool,
    /// Whether it is charted.
    pub(crate) chart: bool,
    /// One for each row of the group; `None` where it was not measured.
    pub(crate) cells: Vec<Option<Summary>>,
}

/// What the values of a metric are, which decides what is worth showing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Criterion's samples, each a mean over many calls: the median and its spread.
    Bench,
    /// Single observations: the tail matters.
    Samples,
    /// One value.
    Single,
}

/// The values of one cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Summary {
    pub(crate) count: usize,
    pub(crate) p25: f64,
    /// The median, by which rows are compared; the value itself if there is only one.
    pub(crate) p50: f64,
    pub(crate) p75: f64,
    pub(crate) p99: f64,
    pub(crate) max: f64,
}

impl Summary {
    /// Sums up values; `None` if there are none.
    pub(crate) fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let max = *values.last()?;
        // Nearest rank: the smallest value that so many percent do not exceed (chapter 00).
        let rank =
            |percent: usize| (values.len() * percent).div_ceil(100).max(1) - 1;
        let at = |percent| values[rank(percent)];
        let (low, high) = (values[(values.len() - 1) / 2], values[values.len() / 2]);
        Some(Self {
            count: values.len(),
            p25: at(25),
            p50: (low + high) / 2.0,
            p75: at(75),
            p99: at(99),
            max,
        })
    }

    pub(crate) fn single(value: f64) -> Self {
        Self {
            count: 1,
            p25: value,
            p50: value,
            p75: value,
            p99: value,
            max: value,
        }
    }

    /// Returns how far apart the quarters lie, as a part of the median.
    pub(crate) fn spread(&self) -> f64 {
        if self.p50 == 0.0 {
            0.0
        } else {
            (self.p75 - self.p25) / self.p50
        }
    }
}

impl Group {
    /// Returns how often a cell contains its baseline: the row `std` of the same parameter,
    /// or `std` without one, or else the row of the same parameter that is named as the
    /// first, or the first.
    pub(crate) fn ratio(&self, metric: &Metric, row: usize) -> Option<f64> {
        let find = |name: &str, parameter: &Option<String>| {
            self.rows
                .iter()
                .position(|row| row.name == name && row.parameter == *parameter)
        };
        let parameter = &self.rows[row].parameter;
        let baseline = find("std", parameter)
            .or_else(|| find("std", &None))
            .or_else(|| find(&self.rows[0].name, parameter))
            .unwrap_or(0);
        let (base, cell) = (metric.cells[baseline]?.p50, metric.cells[row]?.p50);
        (base != 0.0 && self.rows.len() > 1).then_some(cell / base)
    }

    /// Returns which row a ratio is relative to, in words.
    pub(crate) fn baseline(&self) -> &str {
        match self.rows.iter().any(|row| row.name == "std") {
            true => "std",
            false => self.rows.first().map_or("", |row| &row.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_nearest_rank() {
        let summary = Summary::of((1..=200).rev().map(f64::from).collect()).unwrap();
        assert_eq!(
            (summary.p25, summary.p50, summary.p75),
            (50.0, 100.5, 150.0)
        );
        assert_eq!(
            (summary.p99, summary.max, summary.count),
            (198.0, 200.0, 200)
        );
        assert_eq!(Summary::of(vec![]), None);
        assert_eq!(Summary::of(vec![7.0]), Some(Summary::single(7.0)));
    }

    #[test]
    fn ratios_are_to_std_of_the_same_parameter() {
        let row = |name: &str, parameter: Option<&str>| Row {
            name: name.into(),
            parameter: parameter.map(String::from),
            when: SystemTime::UNIX_EPOCH,
        };
        let metric = |cells: &[f64]| Metric {
            name: "time".into(),
            unit: "ns".into(),
            kind: Kind::Single,
            ratio: true,
            chart: true,
            cells: cells
                .iter()
                .map(|&cell| Some(Summary::single(cell)))
                .collect(),
        };
        let mut group = Group {
            id: "g".into(),
            title: None,
            notes: vec![],
            command: String::new(),
            when: SystemTime::UNIX_EPOCH,
            rows: vec![
                row("naive", None),
                row("std", Some("1")),
                row("std", Some("2")),
                row("v1", Some("2")),
            ],
            metrics: vec![],
        };
        let cells = metric(&[10.0, 4.0, 2.0, 6.0]);
        assert_eq!(group.ratio(&cells, 3), Some(3.0), "std with 2");
        assert_eq!(
            group.ratio(&cells, 0),
            Some(1.0),
            "no std without: the first row"
        );
        group.rows[1].name = "v0".into();
        group.rows[2].name = "naive".into();
        assert_eq!(group.ratio(&cells, 3), Some(3.0), "the first row's with 2");
        assert_eq!(group.ratio(&cells, 1), Some(0.4), "which has none with 1");
        group.rows.truncate(1);
        assert_eq!(
            group.ratio(&cells, 0),
            None,
            "alone there is nothing to compare"
        );
    }
}
