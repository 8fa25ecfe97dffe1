//! Reads what the benches left in the target folder.

use crate::group::{Group, Kind, Metric, Row, Summary};
use benches::place;
use benches::raw::Table;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How the groups are called that `benches/peers` measures, and with which command.
const PEERS: &str = "peers_";
const SERVERS: &str =
    "cargo run --release -p peers --features servers --bin servers";

/// Rows of one group that were measured further apart than this are not of one run.
const ONE_RUN: Duration = Duration::from_secs(3600);

/// Returns the groups of a chapter in the order in which they were measured; none if there
/// are none. `command` is what measures them all.
pub(crate) fn groups(chapter: &str, command: &str) -> Result<Vec<Group>, String> {
    let mut groups = criterion(&place::criterion_dir(chapter), command)?;
    groups.extend(raw(&place::raw_dir(chapter), chapter, command)?);
    groups.sort_by_key(|group| (group.when, group.id.clone()));
    Ok(groups)
}

/// Names what does not look like the result of one run.
pub(crate) fn warnings(groups: &[Group]) -> Vec<String> {
    let mut warnings = Vec::new();
    for group in groups {
        let newest = group.rows.iter().map(|row| row.when).max();
        for row in &group.rows {
            let age = newest.and_then(|newest| newest.duration_since(row.when).ok());
            if age.is_some_and(|age| age > ONE_RUN) {
                let (group, row) = (&group.id, row.label());
                warnings.push(format!(
                    "{group}: `{row}` was not measured with the other rows; if it is no \
                     longer in the bench, delete its folder from target/criterion"
                ));
            }
        }
    }
    warnings
}

/// Reads criterion's results: GROUP/FUNCTION[/PARAMETER]/new/*.json below `folder`.
fn criterion(folder: &Path, command: &str) -> Result<Vec<Group>, String> {
    let mut results = Vec::new();
    find_results(folder, &mut results)
        .map_err(|err| format!("{}: {err}", folder.display()))?;
    let mut groups: BTreeMap<String, Vec<Bench>> = BTreeMap::new();
    for folder in results {
        let bench = Bench::read(&folder)?;
        groups.entry(bench.group.clone()).or_default().push(bench);
    }
    let groups = groups.into_iter();
    Ok(groups
        .map(|(id, benches)| group_of(id, benches, command))
        .collect())
}

/// Finds the folders `new` that hold the results of a bench.
fn find_results(folder: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.ends_with("new") && path.join("estimates.json").is_file() {
            found.push(path);
        } else if path.is_dir() {
            find_results(&path, found)?;
        }
    }
    Ok(())
}

/// One function of a criterion group, measured with one parameter or none.
struct Bench {
    group: String,
    row: Row,
    time: Summary,
    throughput: Option<(f64, &'static str)>,
}

impl Bench {
    fn read(folder: &Path) -> Result<Self, String> {
        let json = |name: &str| -> Result<Value, String> {
            let path = folder.join(name);
            let wrong =
                |err: &dyn std::fmt::Display| format!("{}: {err}", path.display());
            let text = fs::read_to_string(&path).map_err(|err| wrong(&err))?;
            serde_json::from_str(&text).map_err(|err| wrong(&err))
        };
        let (about, estimates, sample) = (
            json("benchmark.json")?,
            json("estimates.json")?,
            json("sample.json")?,
        );
        let when = fs::metadata(folder.join("estimates.json"))
            .and_then(|file| file.modified())
            .unwrap_or(SystemTime::UNIX_EPOCH);
        Self::from_json(&about, &estimates, &sample, when).ok_or_else(|| {
            format!("{} is not as criterion 0.8 writes it", folder.display())
        })
    }

    fn from_json(
        about: &Value,
        estimates: &Value,
        sample: &Value,
        when: SystemTime,
    ) -> Option<Self> {
        let text = |key: &str| about[key].as_str().map(String::from);
        let numbers = |key: &str| -> Option<Vec<f64>> {
            sample[key].as_array()?.iter().map(Value::as_f64).collect()
        };
        // Each sample is the time of so many iterations.
        let (times, iterations) = (numbers("times")?, numbers("iters")?);
        let each = times.iter().zip(&iterations).map(|(time, n)| time / n);
        let mut time = Summary::of(each.collect())?;
        time.p50 = estimates["median"]["point_estimate"].as_f64()?;
        let throughput = about["throughput"].as_object().and_then(|throughput| {
            let (kind, amount) = throughput.iter().next()?;
            let per_second = amount.as_f64()? / time.p50 * 1e9;
            match kind.as_str() {
                "Bytes" | "BytesDecimal" => {
                    Some((per_second / (1024.0 * 1024.0), "MiB/s"))
                }
                _ => Some((per_second, "/s")),
            }
        });
        let parameter = text("value_str");
        // A bench without a group is one of its own.
        let name = text("function_id").or_else(|| text("group_id"))?;
        let row = Row {
            name,
            parameter,
            when,
        };
        Some(Self {
            group: text("group_id")?,
            row,
            time,
            throughput,
        })
    }
}

fn group_of(id: String, mut benches: Vec<Bench>, command: &str) -> Group {
    // In the order of the bench file, which is the order in which they ran; but `naive` and
    // `std` come first even if they alone were measured again.
    benches.sort_by_key(|bench| {
        let rank = match bench.row.name.as_str() {
            "naive" => 0,
            name if name == "std" || name.starts_with("std_") => 1,
            _ => 2,
        };
        (rank, bench.row.when)
    });
    let mut metrics = vec![Metric {
        name: "time".into(),
        unit: "ns".into(),
        kind: Kind::Bench,
        ratio: true,
        chart: true,
        cells: benches.iter().map(|bench| Some(bench.time)).collect(),
    }];
    if let Some((_, unit)) = benches.iter().find_map(|bench| bench.throughput) {
        let cell = |bench: &Bench| {
            bench
                .throughput
                .map(|(per_second, _)| Summary::single(per_second))
        };
        metrics.push(Metric {
            name: "throughput".into(),
            unit: unit.into(),
            kind: Kind::Single,
            ratio: false,
            chart: false,
            cells: benches.iter().map(cell).collect(),
        });
    }
    let when = benches.iter().map(|bench| bench.row.when).max();
    Group {
        command: format!("{command} -- {id}"),
        id,
        title: None,
        notes: Vec::new(),
        when: when.unwrap_or(SystemTime::UNIX_EPOCH),
        rows: benches.into_iter().map(|bench| bench.row).collect(),
        metrics,
    }
}

/// Reads the files of raw samples in `folder`.
fn raw(folder: &Path, chapter: &str, command: &str) -> Result<Vec<Group>, String> {
    let mut groups = Vec::new();
    let files = match fs::read_dir(folder) {
        Ok(files) => files,
        Err(_) if !folder.exists() => return Ok(groups),
        Err(err) => return Err(format!("{}: {err}", folder.display())),
    };
    for file in files {
        let path = file
            .map_err(|err| format!("{}: {err}", folder.display()))?
            .path();
        if path.extension().is_none_or(|extension| extension != "csv") {
            continue;
        }
        let wrong =
            |err: &dyn std::fmt::Display| format!("{}: {err}", path.display());
        let text = fs::read_to_string(&path).map_err(|err| wrong(&err))?;
        let table = Table::parse(&text).map_err(|err| wrong(&err))?;
        let when = fs::metadata(&path)
            .and_then(|file| file.modified())
            .unwrap_or(SystemTime::UNIX_EPOCH);
        let id = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let command = match chapter {
            crate::LADDER => command.to_string(),
            // The servers of others are compiled apart, and race in a program of their own.
            _ if id.starts_with(PEERS) => format!("{SERVERS} -- {id}"),
            _ => format!("{command} -- {id}"),
        };
        groups.push(group_of_samples(id, table, command, when));
    }
    Ok(groups)
}

fn group_of_samples(
    id: String,
    table: Table,
    command: String,
    when: SystemTime,
) -> Group {
    let header = |key: &str| -> Vec<String> {
        let lines = table.header.iter().filter(|(found, _)| found == key);
        lines.map(|(_, text)| text.clone()).collect()
    };
    let mut names: Vec<&str> = Vec::new();
    let mut metrics: Vec<(&str, &str)> = Vec::new();
    let mut cells: BTreeMap<(usize, usize), Vec<f64>> = BTreeMap::new();
    for value in &table.values {
        let row = index_of(&mut names, value.row.as_str());
        let metric =
            index_of(&mut metrics, (value.metric.as_str(), value.unit.as_str()));
        cells.entry((metric, row)).or_default().push(value.value);
    }
    let (ratios, charts) = (header("ratio"), header("chart"));
    // What the bench does not choose is chosen for it: the first metric.
    let chosen = |list: &[String], name: &str| match list {
        [] => metrics.first().is_some_and(|(first, _)| *first == name),
        list => list.iter().any(|chosen| chosen == name),
    };
    let metrics: Vec<Metric> = (0..)
        .zip(&metrics)
        .map(|(metric, &(name, unit))| {
            let cell = |row| Summary::of(cells.get(&(metric, row))?.clone());
            let cells: Vec<Option<Summary>> = (0..names.len()).map(cell).collect();
            let many = cells.iter().flatten().any(|cell| cell.count > 1);
            Metric {
                name: name.into(),
                unit: unit.into(),
                kind: if many { Kind::Samples } else { Kind::Single },
                ratio: chosen(&ratios, name),
                chart: chosen(&charts, name),
                cells,
            }
        })
        .collect();
    let row = |name: &&str| Row {
        name: (*name).into(),
        parameter: None,
        when,
    };
    Group {
        title: header("title").into_iter().next(),
        notes: header("note"),
        rows: names.iter().map(row).collect(),
        id,
        command,
        when,
        metrics,
    }
}

/// Returns where `item` is in `list`, to which it is appended if it is new.
fn index_of<T: PartialEq>(list: &mut Vec<T>, item: T) -> usize {
    list.iter()
        .position(|known| *known == item)
        .unwrap_or_else(|| {
            list.push(item);
            list.len() - 1
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn bench(name: &str, median: f64, second: u64) -> Bench {
        let about = json!({
            "group_id": "hash_1mib", "function_id": name, "value_str": null,
            "throughput": {"Bytes": 1048576}, "full_id": format!("hash_1mib/{name}"),
            "directory_name": "x", "title": "x"
        });
        let estimates = json!({"median": {
            "confidence_interval":
                {"confidence_level": 0.95, "lower_bound": 1.0, "upper_bound": 2.0},
            "point_estimate": median, "standard_error": 0.1
        }});
        let sample = json!({"sampling_mode": "Linear",
            "iters": [1.0, 2.0, 3.0, 4.0],
            "times": [median * 0.9, median * 2.0, median * 3.0, median * 4.4]});
        let when = SystemTime::UNIX_EPOCH + Duration::from_secs(second);
        Bench::from_json(&about, &estimates, &sample, when)
            .expect("as criterion writes it")
    }

    #[test]
    fn criterions_files_become_a_group() {
        // Measured in this order; `std` was measured again later, alone.
        let benches = vec![
            bench("naive", 4e6, 1),
            bench("crc32fast", 0.5e6, 4),
            bench("v1_table", 2e6, 3),
            bench("std", 1e6, 9000),
        ];
        let group = group_of(
            "hash_1mib".into(),
            benches,
            "cargo bench --bench 00_measuring",
        );
        let names: Vec<&str> = group.rows.iter().map(|row| &*row.name).collect();
        assert_eq!(names, ["naive", "std", "v1_table", "crc32fast"]);
        assert_eq!(
            group.command,
            "cargo bench --bench 00_measuring -- hash_1mib"
        );

        let [time, throughput] = &group.metrics[..] else {
            panic!("{:?}", group.metrics)
        };
        assert_eq!(time.cells[0].map(|cell| cell.p50), Some(4e6));
        assert_eq!(group.ratio(time, 0), Some(4.0));
        assert_eq!(group.ratio(time, 3), Some(0.5));
        // Per iteration the samples are 0.9, 1, 1 and 1.1 of the median.
        let spread = time.cells[2].map(|cell| cell.spread()).unwrap();
        assert!((spread - 0.1).abs() < 1e-9, "{spread}");
        assert_eq!(throughput.unit, "MiB/s");
        assert_eq!(throughput.cells[1].map(|cell| cell.p50), Some(1000.0));

        let warnings = warnings(&[group]);
        assert_eq!(warnings.len(), 3, "three are older: {warnings:?}");
        assert!(
            warnings[0].starts_with("hash_1mib: `naive` was not"),
            "{warnings:?}"
        );
    }

    #[test]
    fn another_shape_of_json_is_no_bench() {
        let (empty, when) = (json!({}), SystemTime::UNIX_EPOCH);
        assert!(Bench::from_json(&empty, &empty, &empty, when).is_none());
    }

    #[test]
    fn raw_samples_become_a_group() {
        let csv = "# title: How long?\n# chart: wait\n# note: Once.\n\
            row,metric,unit,value\n\
            std,wait,ns,30\nstd,wait,ns,10\nstd,wait,ns,20\nstd,memory,B,64\n\
            ours,wait,ns,40\n";
        let table = Table::parse(csv).unwrap();
        let group =
            group_of_samples("w".into(), table, "c".into(), SystemTime::UNIX_EPOCH);
        assert_eq!(group.title.as_deref(), Some("How long?"));
        assert_eq!(group.notes, ["Once."]);
        let [wait, memory] = &group.metrics[..] else {
            panic!("{:?}", group.metrics)
        };
        assert_eq!((wait.kind, memory.kind), (Kind::Samples, Kind::Single));
        assert_eq!((wait.ratio, wait.chart), (true, true));
        assert_eq!((memory.ratio, memory.chart), (false, false));
        assert_eq!(
            wait.cells[0].map(|cell| (cell.p50, cell.max)),
            Some((20.0, 30.0))
        );
        assert_eq!(group.ratio(wait, 1), Some(2.0));
        assert_eq!(memory.cells[1], None);
    }
}
