//! What does it cost to read a request: cut at the line ends, byte by byte, sixteen bytes at
//! a time, and with httparse?
//!
//! Run:  `cargo bench --bench 09_http_parser` (about a minute), or one group of it:
//!       `cargo bench --bench 09_http_parser -- pieces`
//! Then: `cargo run -p benches --bin report -- 09_http_parser` writes the book's tables.
//!
//! | group | what it asks |
//! |---|---|
//! | `requests`, `requests_bytes`, `requests_rate` | a head that is there: its time, bytes and requests in a second |
//! | `pieces` | a head that arrives in pieces: who begins again with each of them? |
//! | `scan` | to find the end of a value: a byte at a time, eight, sixteen |
//! | `chunks` | to decode a body, by the size of its chunks |
//!
//! Rows and columns of a group take turns: in each round everybody works once in each column,
//! and the tables show the medians of the rounds. What disturbs the machine for a second then
//! disturbs everybody, and the ratios stay true.
//!
//! Ours does more than httparse within the same time: it also looks at what the fields say
//! (`Host`, `Content-Length`, `Transfer-Encoding`, `Connection`, `Expect`), which a server on
//! httparse does afterwards. The row `httparse` has room for 100 fields that is not
//! initialised, which is how hyper calls it; the row `naive` allocates.

#[path = "09_http_parser/chunks.rs"]
mod chunks;
#[path = "09_http_parser/race.rs"]
mod race;
#[path = "09_http_parser/readers.rs"]
mod readers;
#[path = "09_http_parser/requests.rs"]
mod requests;
#[path = "09_http_parser/scan.rs"]
mod scan;

const CHAPTER: &str = "09_http_parser";

fn main() {
    requests::requests();
    requests::pieces();
    scan::scan();
    chunks::chunks();
}
