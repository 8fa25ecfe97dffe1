//! To find the end of a value.

use std::hint::black_box;

use benches::raw;
use threadbare::http::scan;

use super::race::{Row, Table, race, row};

/// How long the values are, up to the line end.
const LENGTHS: [usize; 4] = [8, 24, 100, 1_000];

/// The first byte that is a control character, looked for as one would.
fn byte_by_byte(bytes: &[u8], from: usize) -> usize {
    let rest = bytes[from..].iter();
    let found = rest.clone().position(|byte| *byte < b' ' || *byte == 0x7f);
    from + found.unwrap_or(rest.len())
}

/// One row for each way to skip that this processor has.
pub(crate) fn scan() {
    const GROUP: &str = "scan";
    if !raw::wanted(GROUP) {
        return;
    }
    let values: Vec<Vec<u8>> = LENGTHS.map(value).into();
    let mut rows = vec![
        row_of("bytes", &values, byte_by_byte),
        row_of("scalar", &values, scan::scalar::control),
    ];
    #[cfg(target_arch = "x86_64")]
    rows.push(row_of("sse2", &values, scan::sse2::control));
    #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
    rows.push(row_of("neon", &values, scan::neon::control));
    let figures = race(101, LENGTHS.len(), rows);
    let table = Table {
        group: GROUP,
        title: "To find the end of a value",
        note: "Medians of 101 rounds in which all take turns. `bytes` looks at one byte after \
               the other, `scalar` at eight, the others at sixteen.",
        unit: "ns",
        columns: &["8 B", "24 B", "100 B", "1,000 B"],
        chart: 2,
    };
    table.write(&figures, |_, ns| ns);
}

/// A value of some length, its line end, and what follows in a head.
fn value(length: usize) -> Vec<u8> {
    let mut bytes = b"text/html; q=0.8, ".repeat(length / 18 + 1);
    bytes.truncate(length);
    bytes.extend(b"\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n");
    bytes
}

fn row_of<'a>(
    name: &'static str,
    values: &'a [Vec<u8>],
    find: impl Fn(&[u8], usize) -> usize + 'a,
) -> Row<'a> {
    for (value, length) in values.iter().zip(LENGTHS) {
        assert_eq!(find(value, 0), length, "{name}");
    }
    row(name, move |column, count| {
        let value = &values[column];
        for _ in 0..count {
            black_box(find(black_box(value), 0));
        }
    })
}
