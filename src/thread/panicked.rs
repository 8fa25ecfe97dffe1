//! A panic on another thread, as an error value.
//!
//! `JoinHandle::join` reports a panic as `Box<dyn Any + Send>`: whatever the thread threw.
//! That type has no message, is not `Sync`, and is not an `Error`, so `?` refuses it.
//! [`Panicked`] keeps what a person wants to read: who panicked, and what it said.

use std::any::Any;
use std::error::Error;
use std::fmt;

/// What a payload that is neither `&str` nor `String` is reported as.
const NOT_TEXT: &str = "(a panic payload that is not text)";

/// What a thread without a name is called here.
const UNNAMED: &str = "<unnamed>";

/// A thread panicked: its name, and the message that the panic carried.
///
/// It is `Send`, `Sync` and `'static`, so it travels through `?`, channels and
/// `Box<dyn Error + Send + Sync>`.
///
/// # Example
/// ```
/// use threadbare::thread::Workers;
///
/// let worker = Workers::named("parse").spawn(|| -> u32 { panic!("line 3 is empty") })?;
/// let error = worker.join().unwrap_err();
/// assert_eq!(error.to_string(), "thread 'parse-0' panicked: line 3 is empty");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panicked {
    thread: String,
    message: String,
}

impl Panicked {
    /// Makes the error from what `JoinHandle::join` or `catch_unwind` returned.
    ///
    /// A payload thrown by `panic!` is text and becomes the message. Any other payload
    /// (`std::panic::panic_any`) is dropped, and the message says so.
    ///
    /// It takes the box, not a reference, for a reason: `&payload` of a `Box<dyn Any>`
    /// also coerces to `&dyn Any` - the box itself as the value - and then no downcast
    /// ever finds the text.
    ///
    /// # Example
    /// ```
    /// use threadbare::ground::thread;
    /// use threadbare::thread::Panicked;
    ///
    /// let payload = thread::spawn(|| panic!("no bread left")).join().unwrap_err();
    /// let error = Panicked::new(Some("baker"), payload);
    /// assert_eq!(error.thread(), "baker");
    /// assert_eq!(error.message(), "no bread left");
    /// ```
    #[must_use]
    pub fn new(thread: Option<&str>, payload: Box<dyn Any + Send>) -> Self {
        // `panic!("fixed text")` throws a `&'static str`, `panic!("{value}")` a `String`.
        let message = match payload.downcast::<String>() {
            Ok(text) => *text,
            Err(payload) => match payload.downcast::<&'static str>() {
                Ok(text) => (*text).to_owned(),
                Err(_) => NOT_TEXT.to_owned(),
            },
        };
        Self {
            thread: thread.unwrap_or(UNNAMED).to_owned(),
            message,
        }
    }

    /// The name of the thread that panicked; `<unnamed>` if it had none.
    #[must_use]
    pub fn thread(&self) -> &str {
        &self.thread
    }

    /// What the panic said.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "thread '{}' panicked: {}", self.thread, self.message)
    }
}

impl Error for Panicked {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixed_and_formatted_messages_are_both_kept() {
        let fixed = Panicked::new(Some("a"), Box::new("fixed"));
        assert_eq!(fixed.to_string(), "thread 'a' panicked: fixed");
        let formatted = Panicked::new(Some("b"), Box::new(format!("{} of 3", 2)));
        assert_eq!(formatted.message(), "2 of 3");
    }

    #[test]
    fn a_payload_that_is_not_text_is_said_to_be_so() {
        let error = Panicked::new(None, Box::new(17_u32));
        assert_eq!(error.message(), NOT_TEXT);
        assert_eq!(error.thread(), UNNAMED);
    }

    #[test]
    fn it_travels_as_a_boxed_error() {
        fn fails() -> Result<(), Box<dyn Error + Send + Sync>> {
            Err(Panicked::new(Some("c"), Box::new("gone")))?
        }
        assert_eq!(
            fails().unwrap_err().to_string(),
            "thread 'c' panicked: gone"
        );
    }
}
