//! The graph of all states of a model, for the steppers in the book.

/// Draws a graph while a search goes on.
#[derive(Debug, Default)]
pub(crate) struct Builder {}

impl Builder {
    pub(crate) fn happened(&mut self, _thread: usize, _text: &str, _old: bool) {}
    pub(crate) fn turn(&mut self, _thread: usize) {}
}

impl crate::execution::Execution {
    pub(crate) fn draw(&mut self) {}
}
