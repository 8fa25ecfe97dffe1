//! A heap of entries with four children to a node.
//!
//! The four are 64 bytes, as much as comes from memory at once, so half the levels of a
//! heap with two children cost half the time. Nothing is known about where an entry is.

use super::Entry;

/// How many children a node has.
const CHILDREN: usize = 4;

/// Entries, the first of which can be had.
pub(super) struct Heap {
    /// INVARIANT: none is before its parent; the parent of `i` is `(i - 1) / CHILDREN`.
    entries: Vec<Entry>,
}

// ANCHOR: heap
impl Heap {
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self {
            entries: Vec::with_capacity(capacity),
        }
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    #[inline]
    pub(super) fn first(&self) -> Option<Entry> {
        self.entries.first().copied()
    }

    #[inline]
    pub(super) fn push(&mut self, entry: Entry) {
        self.entries.push(entry);
        self.rise(self.entries.len() - 1, entry);
    }

    /// Drops the first. The hole wanders down to a leaf, after the earliest child each time,
    /// and the last of all comes there and rises: it was a leaf, and seldom rises far.
    #[inline]
    pub(super) fn pop(&mut self) {
        let Some(last) = self.entries.pop() else {
            return;
        };
        if !self.entries.is_empty() {
            let mut hole = 0;
            while let Some(child) = self.earliest_child(hole) {
                self.entries[hole] = self.entries[child];
                hole = child;
            }
            self.rise(hole, last);
        }
    }

    /// Puts `entry` where the hole is, or above.
    #[inline]
    fn rise(&mut self, mut hole: usize, entry: Entry) {
        while hole > 0 {
            let parent = (hole - 1) / CHILDREN;
            if self.entries[parent] <= entry {
                break;
            }
            self.entries[hole] = self.entries[parent];
            hole = parent;
        }
        self.entries[hole] = entry;
    }

    #[inline]
    fn earliest_child(&self, node: usize) -> Option<usize> {
        let first = node * CHILDREN + 1;
        let children = self.entries.get(first..)?;
        if let Some([a, b, c, d]) = children.first_chunk() {
            // Two pairs, and the winners: no comparison waits for more than one other.
            let (left, l) = if b < a { (1, b) } else { (0, a) };
            let (right, r) = if d < c { (3, d) } else { (2, c) };
            return Some(first + if r < l { right } else { left });
        }
        let last = first + children.len();
        (first..last).min_by_key(|&child| self.entries[child])
    }
    // ANCHOR_END: heap

    /// Keeps only what `keep` says, and puts that in order: from the bottom up, which takes
    /// as many steps as there are entries.
    pub(super) fn retain(&mut self, keep: impl FnMut(&Entry) -> bool) {
        self.entries.retain(keep);
        for node in (0..self.entries.len().div_ceil(CHILDREN)).rev() {
            self.sink(node);
        }
    }

    fn sink(&mut self, mut node: usize) {
        while let Some(child) = self.earliest_child(node)
            && self.entries[child] < self.entries[node]
        {
            self.entries.swap(node, child);
            node = child;
        }
    }

    /// Moves all that there are behind those in `into`, in no order.
    pub(super) fn take_all(&mut self, into: &mut Vec<Entry>) {
        into.append(&mut self.entries);
    }

    /// All, in no order.
    #[cfg(test)]
    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }
}
