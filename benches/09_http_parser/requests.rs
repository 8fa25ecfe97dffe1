//! Whole heads, and heads in pieces.

use benches::raw;

use super::race::{Row, Table, race, row};
use super::readers::{
    COMMON, Httparse, Naive, Reader, SHORT, V1, V2, expected, long,
};

/// Inputs, each with the places where its pieces end.
type Columns = [(String, Vec<usize>)];

fn rows(columns: &Columns) -> Vec<Row<'_>> {
    vec![
        reading::<Naive>(columns),
        reading::<V1>(columns),
        reading::<V2>(columns),
        reading::<Httparse>(columns),
    ]
}

fn reading<R: Reader>(columns: &Columns) -> Row<'_> {
    let mut reader = R::new();
    for (input, ends) in columns {
        assert_eq!(
            reader.read(input, ends),
            Some(expected(input)),
            "{}",
            R::NAME
        );
    }
    row(R::NAME, move |column, count| {
        let (input, ends) = &columns[column];
        for _ in 0..count {
            std::hint::black_box(reader.read(input, ends));
        }
    })
}

const NOTE: &str = "Medians of 101 rounds in which all take turns. httparse has room for 100 \
                    fields and does not look at what they say; ours does.";

/// A head that is there as a whole, in three lengths.
pub(crate) fn requests() {
    if !raw::wanted("requests") {
        return;
    }
    let columns = [SHORT.to_owned(), COMMON.to_owned(), long()].map(|input| {
        let len = input.len();
        (input, vec![len])
    });
    assert_eq!(COMMON.len(), 703, "it is the one that everyone measures");
    let lens = columns.each_ref().map(|(input, _)| input.len() as f64);
    let names = ["short", "common", "long"];
    let names = [0, 1, 2].map(|at| format!("{} ({} B)", names[at], lens[at]));
    let names = names.each_ref().map(String::as_str);
    let figures = race(101, columns.len(), rows(&columns));
    let table = Table {
        group: "requests",
        title: "To read the head of a request",
        note: NOTE,
        unit: "ns",
        columns: &names,
        chart: 1,
    };
    table.write(&figures, |_, ns| ns);
    let table = Table {
        group: "requests_bytes",
        title: "The same: bytes in a second",
        unit: "MB/s",
        ..table
    };
    table.write(&figures, |column, ns| lens[column] * 1e3 / ns);
    let table = Table {
        group: "requests_rate",
        title: "The same: requests in a second",
        unit: "M/s",
        ..table
    };
    table.write(&figures, |_, ns| 1e3 / ns);
}

/// The common head, as the network may bring it.
pub(crate) fn pieces() {
    const GROUP: &str = "pieces";
    if !raw::wanted(GROUP) {
        return;
    }
    let columns = [COMMON.len(), 64, 1].map(|size| {
        let ends = (1..=COMMON.len()).filter(|end| end % size == 0);
        let mut ends: Vec<usize> = ends.collect();
        if ends.last() != Some(&COMMON.len()) {
            ends.push(COMMON.len());
        }
        (COMMON.to_owned(), ends)
    });
    let figures = race(51, columns.len(), rows(&columns));
    let table = Table {
        group: GROUP,
        title: "To read the common head, in pieces",
        note: "Medians of 51 rounds in which all take turns. The first and the last row begin \
               again with each piece.",
        unit: "ns",
        columns: &["whole", "64 B each", "byte by byte"],
        chart: 2,
    };
    table.write(&figures, |_, ns| ns);
}
