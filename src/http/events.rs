//! Server-sent events: a body that does not end, of which a browser reads one message after
//! the other, with nothing but HTTP under it.
//!
//! Source: the HTML Standard, section 9.2, "Server-sent events".
#![cfg(any(
    target_os = "linux",
    target_os = "macos",
    target_os = "ios",
    target_os = "freebsd"
))]

use std::time::Duration;

use super::{Closed, Sender, TrySend};

/// What the media type is called.
pub(super) const TYPE: &str = "text/event-stream";

// ANCHOR: event
/// One message to an `EventSource`.
///
/// ```
/// use threadbare::http::ServerEvent;
///
/// let event = ServerEvent::new("two\nlines").event("poem").id("7");
/// assert_eq!(event.to_string(), "event: poem\nid: 7\ndata: two\ndata: lines\n\n");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct ServerEvent<'a> {
    event: Option<&'a str>,
    id: Option<&'a str>,
    retry: Option<Duration>,
    data: &'a str,
}
// ANCHOR_END: event

impl<'a> ServerEvent<'a> {
    /// A message with this text. Each end of a line in it (CR LF, LF or CR) arrives as LF.
    pub const fn new(data: &'a str) -> Self {
        Self {
            event: None,
            id: None,
            retry: None,
            data,
        }
    }

    /// Sets its kind, for which listeners are added by that name; without, it is `message`.
    ///
    /// # Panics
    /// If there is the end of a line in it: what follows would be a field of its own.
    #[track_caller]
    pub fn event(self, event: &'a str) -> Self {
        check(event);
        Self {
            event: Some(event),
            ..self
        }
    }

    /// Sets its number or name. When the browser connects again it says the last that it has
    /// seen, in the field `Last-Event-ID`.
    ///
    /// # Panics
    /// If there is the end of a line or a NUL in it.
    #[track_caller]
    pub fn id(self, id: &'a str) -> Self {
        check(id);
        Self {
            id: Some(id),
            ..self
        }
    }

    /// Sets how long the browser waits before it connects again, to the millisecond.
    pub const fn retry(self, retry: Duration) -> Self {
        Self {
            retry: Some(retry),
            ..self
        }
    }
}

impl std::fmt::Display for ServerEvent<'_> {
    /// As it goes out.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(event) = self.event {
            writeln!(f, "event: {event}")?;
        }
        if let Some(id) = self.id {
            writeln!(f, "id: {id}")?;
        }
        if let Some(retry) = self.retry {
            writeln!(f, "retry: {}", retry.as_millis())?;
        }
        for line in lines(self.data) {
            writeln!(f, "data: {line}")?;
        }
        f.write_str("\n")
    }
}

/// The lines of a text, of which there is always one. Each of the three ends is one.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let all = rest?;
        let Some(end) = all.find(['\r', '\n']) else {
            return rest.take();
        };
        let long = if all[end..].starts_with("\r\n") { 2 } else { 1 };
        rest = Some(&all[end + long..]);
        Some(&all[..end])
    })
}

#[track_caller]
fn check(value: &str) {
    assert!(
        !value.contains(['\r', '\n', '\0']),
        "an event's name and its id are one line: {value:?}"
    );
}

/// Sends events to one client, from any thread, for as long as it listens.
/// [`Response::events`](super::Response::events) makes it. Dropped, it ends the answer; the
/// browser then connects again.
///
/// ```
/// use std::thread;
/// use threadbare::http::{Request, Response, ServerEvent, TestClient};
///
/// let handler = |_: &Request<'_>, response: &mut Response<'_>| {
///     let events = response.events();
///     thread::spawn(move || {
///         events.comment("hello")?;
///         events.send(&ServerEvent::new("the build is ready").event("reload"))
///     });
/// };
/// let answer = TestClient::new(Default::default(), handler).get("/").send();
/// assert_eq!(answer.header("Content-Type"), Some("text/event-stream"));
/// assert_eq!(answer.text(), ": hello\n\nevent: reload\ndata: the build is ready\n\n");
/// ```
#[derive(Debug)]
pub struct EventSender(Sender);

impl EventSender {
    pub(super) fn new(sender: Sender) -> Self {
        Self(sender)
    }

    /// Sends an event.
    ///
    /// # Errors
    /// # Blocking
    /// As [`Sender::send`].
    /// # Cost
    /// As [`Sender::send`], and an allocation for the text.
    pub fn send(&self, event: &ServerEvent<'_>) -> Result<(), Closed> {
        self.0.send(event.to_string().as_bytes())
    }

    /// Sends an event, if there is room for it: for whoever tells many, and must not wait for
    /// one of them.
    ///
    /// # Errors
    /// As [`Sender::try_send`].
    pub fn try_send(&self, event: &ServerEvent<'_>) -> Result<(), TrySend> {
        self.0.try_send(event.to_string().as_bytes())
    }

    /// Sends what the browser ignores. One now and then keeps what stands between the two
    /// from closing a connection on which nothing is said, and tells who has left.
    ///
    /// # Errors
    /// # Blocking
    /// As [`Sender::send`].
    pub fn comment(&self, text: &str) -> Result<(), Closed> {
        let mut comment = String::new();
        for line in lines(text) {
            comment += ": ";
            comment += line;
            comment += "\n";
        }
        comment += "\n";
        self.0.send(comment.as_bytes())
    }

    /// Returns whether nobody listens any more.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.0.is_closed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_end_of_a_line_is_one() {
        for (text, shown) in [
            ("", "data: \n\n"),
            ("a", "data: a\n\n"),
            ("a\n", "data: a\ndata: \n\n"),
            (
                "a\r\nb\rc\n\nd",
                "data: a\ndata: b\ndata: c\ndata: \ndata: d\n\n",
            ),
            ("\n\r", "data: \ndata: \ndata: \n\n"),
        ] {
            assert_eq!(ServerEvent::new(text).to_string(), shown, "{text:?}");
        }
        let event = ServerEvent::new("x").retry(Duration::from_millis(1_500));
        assert_eq!(event.to_string(), "retry: 1500\ndata: x\n\n");
    }

    #[test]
    #[should_panic(expected = "one line")]
    fn a_name_can_not_smuggle_a_field() {
        let _ = ServerEvent::new("").event("a\rdata: b");
    }
}
