//! To take a body out of its chunks.

use std::hint::black_box;

use benches::raw;
use threadbare::http::{ChunkDecoder, Limits, v0_split};

use super::race::{Row, Table, race, row};

/// How large the body is, and how large its chunks.
const BODY: usize = 64 * 1024;
const SIZES: [usize; 3] = [16, 1024, 16 * 1024];

pub(crate) fn chunks() {
    const GROUP: &str = "chunks";
    if !raw::wanted(GROUP) {
        return;
    }
    let bodies: Vec<Vec<u8>> = SIZES.map(body).into();
    let figures = race(
        51,
        SIZES.len(),
        vec![copying(&bodies), naive(&bodies), decoding(&bodies)],
    );
    let table = Table {
        group: GROUP,
        title: "To decode a body of 64 KiB in chunks, bytes in a second",
        note: "Medians of 51 rounds in which all take turns. Each row copies the raw bytes \
               first, since they are decoded in place; `copy` does only that. `naive` is \
               `v0_split::parse_chunked`, without the head.",
        unit: "MB/s",
        columns: &["16 B", "1 KiB", "16 KiB"],
        chart: 1,
    };
    table.write(&figures, |_, ns| BODY as f64 * 1e3 / ns);
}

fn body(size: usize) -> Vec<u8> {
    let chunk = format!("{size:x}\r\n{}\r\n", "x".repeat(size));
    let mut raw = chunk.repeat(BODY / size).into_bytes();
    raw.extend(b"0\r\n\r\n");
    raw
}

fn copying(bodies: &[Vec<u8>]) -> Row<'_> {
    let mut buffer = Vec::new();
    row("copy", move |column, count| {
        for _ in 0..count {
            buffer.clear();
            buffer.extend_from_slice(black_box(&bodies[column]));
            black_box(&mut buffer);
        }
    })
}

fn naive(bodies: &[Vec<u8>]) -> Row<'_> {
    const HEAD: &str = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    let requests: Vec<String> = bodies
        .iter()
        .map(|raw| format!("{HEAD}{}", String::from_utf8_lossy(raw)))
        .collect();
    row("naive", move |column, count| {
        for _ in 0..count {
            let request = v0_split::parse_chunked(black_box(&requests[column]));
            assert_eq!(request.map(|request| request.body.len()), Some(BODY));
        }
    })
}

fn decoding(bodies: &[Vec<u8>]) -> Row<'_> {
    let limits = Limits::default();
    let mut buffer = Vec::new();
    row("decoder", move |column, count| {
        for _ in 0..count {
            buffer.clear();
            buffer.extend_from_slice(black_box(&bodies[column]));
            let mut decoder = ChunkDecoder::new(limits);
            let progress = decoder.decode(&mut buffer).expect("it is right");
            assert!(progress.done && progress.written == BODY);
        }
    })
}
