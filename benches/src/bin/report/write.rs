//! Tables: markdown for the book, CSV for other programs.

use crate::chart;
use crate::group::{Group, Kind, Metric};
use crate::machine::{self, Machine};
use crate::number;
use benches::raw;
use std::fmt::Write as _;

/// Returns the page of a chapter: for each group a table below the anchor of its name, and
/// its chart below the anchor NAME_chart.
pub(crate) fn markdown(
    chapter: &str,
    groups: &[Group],
    machine: &Machine,
) -> String {
    let mut page = format!(
        "<!-- Written by `cargo run -p benches --bin report -- {chapter}`. -->\n\n"
    );
    for group in groups {
        let id = &group.id;
        let table = table(group, machine);
        let chart = chart::figure(chapter, group);
        // An include by anchor takes the lines in between, blank ones too.
        write!(
            page,
            "<!-- ANCHOR: {id} -->\n{table}<!-- ANCHOR_END: {id} -->\n\n"
        )
        .expect("a String takes every write");
        write!(
            page,
            "<!-- ANCHOR: {id}_chart -->\n{chart}<!-- ANCHOR_END: {id}_chart -->\n\n"
        )
        .expect("a String takes every write");
    }
    page.truncate(page.trim_end().len());
    page.push('\n');
    page
}

fn table(group: &Group, machine: &Machine) -> String {
    let columns = columns(group);
    let mut text = String::new();
    let mut line = |cells: Vec<String>| {
        writeln!(text, "| {} |", cells.join(" | "))
            .expect("a String takes every write");
    };
    line(columns.iter().map(|column| column.head.clone()).collect());
    line(
        columns
            .iter()
            .map(|column| column.rule.to_string())
            .collect(),
    );
    for row in 0..group.rows.len() {
        line(
            columns
                .iter()
                .map(|column| escaped(&column.cells[row]))
                .collect(),
        );
    }
    let title = group.title.as_ref().map(|title| format!("**{title}**\n\n"));
    let notes: String = group.notes.iter().map(|note| format!("{note} ")).collect();
    let compared = columns.iter().any(|column| column.head == "ratio");
    let ratio = match (compared, group.baseline()) {
        (true, baseline) => format!("Ratio: to {baseline}. "),
        (false, _) => String::new(),
    };
    let Machine {
        cpu,
        cores,
        kernel,
        compiler,
    } = machine;
    let (date, command) = (machine::date(group.when), &group.command);
    format!(
        "{}{text}\n<small>{notes}{ratio}`{command}`, {date}, {cpu}, {cores} cores, {kernel}, \
         {compiler}</small>\n",
        title.unwrap_or_default()
    )
}

struct Column {
    head: String,
    rule: &'static str,
    /// One for each row; empty where nothing was measured.
    cells: Vec<String>,
}

fn columns(group: &Group) -> Vec<Column> {
    let names = group.rows.iter().map(|row| row.name.clone());
    let mut columns = vec![Column {
        head: String::new(),
        rule: "---",
        cells: names.collect(),
    }];
    let mut numbers = |head: &str, cell: &dyn Fn(usize) -> Option<String>| {
        // A number stays in one line with its unit.
        let whole = |cell: String| cell.replace(' ', "\u{a0}");
        let cell = |row| cell(row).map(whole).unwrap_or_default();
        let cells = (0..group.rows.len()).map(cell);
        columns.push(Column {
            head: head.into(),
            rule: "--:",
            cells: cells.collect(),
        });
    };
    if group.rows.iter().any(|row| row.parameter.is_some()) {
        numbers("", &|row| group.rows[row].parameter.clone());
    }
    let several = group
        .metrics
        .iter()
        .filter(|m| m.kind == Kind::Samples)
        .count()
        > 1;
    for metric in &group.metrics {
        let quantity = |value| number::quantity(value, &metric.unit);
        let Metric { name, cells, .. } = metric;
        match metric.kind {
            Kind::Bench => {
                numbers("median", &|row| Some(quantity(cells[row]?.p50)));
                numbers("spread", &|row| {
                    Some(format!("{:.0} %", cells[row]?.spread() * 100.0))
                });
            }
            Kind::Samples => {
                let named = |what: &str| match several || name != "time" {
                    true => format!("{name}, {what}"),
                    false => what.to_string(),
                };
                numbers(&named("p50"), &|row| Some(quantity(cells[row]?.p50)));
                numbers(&named("p99"), &|row| Some(quantity(cells[row]?.p99)));
                numbers(&named("max"), &|row| Some(quantity(cells[row]?.max)));
                numbers("samples", &|row| Some(cells[row]?.count.to_string()));
            }
            Kind::Single => numbers(name, &|row| Some(quantity(cells[row]?.p50))),
        }
        if metric.ratio && group.rows.len() > 1 {
            numbers("ratio", &|row| group.ratio(metric, row).map(number::ratio));
        }
    }
    columns
}

/// Keeps a cell a cell: a bar would end it, and a bracket would start a tag.
fn escaped(cell: &str) -> String {
    cell.replace('|', "\\|").replace('<', "&lt;")
}

/// Returns all figures, one line for each.
pub(crate) fn csv(groups: &[Group], machine: &Machine) -> String {
    let Machine {
        cpu,
        cores,
        kernel,
        compiler,
    } = machine;
    let mut text = format!(
        "# cpu: {cpu}\n# cores: {cores}\n# kernel: {kernel}\n# compiler: {compiler}\n"
    );
    for group in groups {
        let (id, date, command) =
            (&group.id, machine::date(group.when), &group.command);
        writeln!(text, "# {id}: {date}, {command}")
            .expect("a String takes every write");
    }
    text.push_str("group,row,parameter,metric,unit,statistic,value\n");
    for group in groups {
        for (index, row) in group.rows.iter().enumerate() {
            for metric in &group.metrics {
                let Some(cell) = metric.cells[index] else {
                    continue;
                };
                let mut statistics = match metric.kind {
                    Kind::Single => vec![("value", cell.p50)],
                    Kind::Bench => vec![
                        ("p25", cell.p25),
                        ("median", cell.p50),
                        ("p75", cell.p75),
                        ("samples", cell.count as f64),
                    ],
                    Kind::Samples => vec![
                        ("p50", cell.p50),
                        ("p99", cell.p99),
                        ("max", cell.max),
                        ("samples", cell.count as f64),
                    ],
                };
                let ratio = group.ratio(metric, index).filter(|_| metric.ratio);
                statistics.extend(ratio.map(|ratio| ("ratio", ratio)));
                let parameter = row.parameter.as_deref().unwrap_or_default();
                let names =
                    [&group.id, &row.name, parameter, &metric.name, &metric.unit];
                let names = names.map(raw::quoted).join(",");
                for (statistic, value) in statistics {
                    writeln!(text, "{names},{statistic},{value}")
                        .expect("a String takes every write");
                }
            }
        }
    }
    text
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::group::{Row, Summary};
    use std::time::{Duration, SystemTime};

    pub(crate) fn sample_group() -> Group {
        let row = |name: &str| Row {
            name: name.into(),
            parameter: None,
            when: SystemTime::UNIX_EPOCH,
        };
        let metric = |name: &str, unit: &str, kind, first, cells| Metric {
            name: name.into(),
            unit: unit.into(),
            kind,
            ratio: first,
            chart: first,
            cells,
        };
        let many = Summary::of(vec![10.0, 20.0, 30.0]);
        Group {
            id: "wake_up".into(),
            title: Some("How long?".into()),
            notes: vec!["Taken twice.".into()],
            command: "cargo bench --bench 01_threads -- wake_up".into(),
            when: SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_177_800),
            rows: vec![row("std"), row("a|<b>")],
            metrics: vec![
                metric("time", "ns", Kind::Samples, true, vec![many, many]),
                metric(
                    "memory",
                    "B",
                    Kind::Single,
                    false,
                    vec![Some(Summary::single(2048.0)), None],
                ),
            ],
        }
    }

    pub(crate) fn sample_machine() -> Machine {
        Machine {
            cpu: "Testing CPU".into(),
            cores: 2,
            kernel: "Linux 6.18".into(),
            compiler: "rustc 1.95.0".into(),
        }
    }

    #[test]
    fn a_table_says_what_where_when_and_how() {
        let page = markdown("01_threads", &[sample_group()], &sample_machine());
        let expected = "<!-- ANCHOR: wake_up -->\n\
            **How long?**\n\n\
            |  | p50 | p99 | max | samples | ratio | memory |\n\
            | --- | --: | --: | --: | --: | --: | --: |\n\
            | std | 20\u{a0}ns | 30\u{a0}ns | 30\u{a0}ns | 3 | 1.00 | 2.00\u{a0}KiB |\n\
            | a\\|&lt;b> | 20\u{a0}ns | 30\u{a0}ns | 30\u{a0}ns | 3 | 1.00 |  |\n\n\
            <small>Taken twice. Ratio: to std. `cargo bench --bench 01_threads -- wake_up`, \
            2026-11-20, Testing CPU, 2 cores, Linux 6.18, rustc 1.95.0</small>\n\
            <!-- ANCHOR_END: wake_up -->\n";
        assert!(page.contains(expected), "{page}");
        assert!(
            page.contains("<!-- ANCHOR: wake_up_chart -->\n<figure"),
            "{page}"
        );
    }

    #[test]
    fn the_csv_has_every_figure() {
        let csv = csv(&[sample_group()], &sample_machine());
        assert!(csv.starts_with("# cpu: Testing CPU\n"), "{csv}");
        for line in [
            "# wake_up: 2026-11-20, cargo bench --bench 01_threads -- wake_up",
            "wake_up,std,,time,ns,p50,20",
            "wake_up,std,,time,ns,ratio,1",
            "wake_up,std,,memory,B,value,2048",
        ] {
            assert!(
                csv.lines().any(|found| found == line),
                "{line} is not in {csv}"
            );
        }
    }
}
