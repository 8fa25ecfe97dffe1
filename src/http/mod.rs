//! Chapters 09 to 11: HTTP/1.1, from bytes to requests, and a server of one thread or many.
//!
//! | part | what it is for |
//! |---|---|
//! | [`Parser`], [`Status`] | the head of a request, wherever the input is cut |
//! | [`v0_split`] | the first attempt, which a cut breaks |
//! | [`v1_bytes`] | the same, a byte at a time |
//! | [`scan`] | skipping sixteen bytes at a time |
//! | [`Request`], [`Method`], [`Version`], [`Headers`] | what it asks, as views |
//! | [`Framing`], [`ChunkDecoder`] | where the body ends |
//! | [`Limits`], [`Error`] | what is refused, and with which status |
//! | `Handler`, `Refusal` | what answers, or says why it does not |
//! | `Response`, `Text`, `Stream`, `Cookie` | the answer |
//! | `Sender`, `EventSender`, `ServerEvent` | an answer that somebody goes on with later |
//! | `StaticFiles` | files below a directory |
//! | `Router`, `Next` | which handler it is, and what stands around it |
//! | `Server`, `Config`, `Handle` | who reads, answers, and closes |
//! | `Place`, `Listeners` | which thread handles, and which accepts |
//! | `Metrics`, `Totals` | what is counted |
//! | `TestClient`, `Call`, `Answer` | a client for tests, in the thread of its server |
//!
//! ```
//! use threadbare::http::{Limits, Parser, Status};
//!
//! let mut parser = Parser::new(Limits::default());
//! let input = b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";
//! let Status::Complete(request) = parser.parse(input)? else {
//!     panic!("it is whole");
//! };
//! assert_eq!(request.path(), "/hello");
//! # Ok::<(), threadbare::http::Error>(())
//! ```
//!
//! How a request travels, what is refused on the way, and why it does not matter where the
//! input is cut, is in `README.md`. The first half of this module builds on every system; the
//! second, from `Handler` on, where there is an event loop.
//!
//! The text is chapters 09, 10 and 11 of the book, the stories `cargo run --example
//! 09_http_parser`, `10_http_server` and `11_pooled_server`.
//!
//! # What a connection is doing
//!
//! One pure function says what follows from whatever happens to a connection. A test walks
//! through all pairs, and writes this table:
//!
#![doc = include_str!("state.md")]

mod accept;
mod channel;
mod chunked;
mod config;
mod connection;
mod date;
mod deadlines;
mod dispatch;
mod error;
mod events;
mod exchange;
mod files;
mod handle;
mod handler;
mod handlers;
mod head;
mod headers;
mod inbox;
mod input;
mod job;
mod limits;
mod metrics;
mod middleware;
mod output;
mod parser;
mod places;
mod pool;
mod priority;
mod request;
mod response;
mod router;
pub mod scan;
mod server;
mod state;
mod status;
mod stopping;
mod test_client;
pub mod v0_split;
pub mod v1_bytes;
mod worker;

// The files of chapter 10 say in their first lines on which systems they are there: on those
// that have an event loop.
#[cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]
pub use self::{
    channel::{Closed, Sender, TrySend},
    config::{Config, Listeners},
    events::{EventSender, ServerEvent},
    files::{StaticFiles, static_files},
    handle::Handle,
    handler::{Handler, Outcome, Place, Refusal},
    metrics::{Metrics, Totals},
    middleware::Next,
    request::Pairs,
    response::{BadField, Cookie, Response, SameSite, Stream, Text},
    router::{Route, Router},
    server::{Server, Turn},
    status::reason,
    test_client::{Answer, Call, TestClient},
};
pub use chunked::{ChunkDecoder, Progress};
pub use error::Error;
pub use headers::Headers;
pub use limits::Limits;
pub use parser::{Parser, Status};
pub use request::{Framing, Method, Request, Version};
