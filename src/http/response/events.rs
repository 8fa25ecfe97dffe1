//! Bodies that somebody else makes.

use super::scratch::Body;
use super::{BYTES, Response};
use crate::http::channel::channel;
use crate::http::{EventSender, Sender, events};

impl Response<'_> {
    /// Ends with a body that is sent later, by whoever has the [`Sender`]: when there is
    /// something, from any thread.
    ///
    /// The head goes out when the handler has returned. While there is nothing to be sent the
    /// connection costs no thread, and has no deadline; a client that leaves is noticed then,
    /// and the sender is told. One that sends its next request meanwhile has to wait for the
    /// end of this body; if it sends more than 16 KiB, it is heard of only then, or with what
    /// is sent next. HTTP/1.0 has no chunks: there the end of the connection is the end.
    ///
    /// If the server is told to stop, the body is ended behind what was sent until then.
    ///
    /// # Cost
    /// An allocation for the channel, one for its buffer, one when the connection first
    /// waits. While it waits it keeps the buffers of its request, 16 KiB and more.
    #[must_use]
    pub fn channel(&mut self) -> Sender {
        let (sender, receiver) = channel();
        self.scratch.set(BYTES, Body::Channel(receiver));
        sender
    }

    /// Ends with server-sent events, `text/event-stream`: an answer that goes on for as long
    /// as the client listens. Otherwise as [`channel`](Self::channel).
    ///
    /// A browser has at most six connections to a server of HTTP/1.1, and each of these is
    /// one of them, over all its tabs.
    #[must_use]
    pub fn events(&mut self) -> EventSender {
        self.content_type(events::TYPE);
        if !self.has_header("Cache-Control") {
            self.header("Cache-Control", "no-cache");
        }
        EventSender::new(self.channel())
    }
}
