//! A leftist tree whose nodes are the slots: two trees are melded down their right sides, which
//! are short. A cancel melds the two children of a node, and its parents are put right.

#[path = "../../../exercises/08_completions/given/timer.rs"]
pub mod given;

pub use given::Timer;

// --- edit from here ---

#[derive(Debug)]
pub struct Timers {
    nodes: Vec<Option<Node>>,
    root: Option<usize>,
}

#[derive(Debug)]
struct Node {
    timer: Timer,
    parent: Option<usize>,
    left: Option<usize>,
    right: Option<usize>,
    // Steps to the next place where nobody is.
    rank: usize,
}

impl Timers {
    pub fn new() -> Self {
        Self {
            nodes: Vec::new(),
            root: None,
        }
    }

    pub fn insert(&mut self, timer: Timer) {
        let slot = timer.slot();
        if slot >= self.nodes.len() {
            self.nodes.resize_with(slot + 1, || None);
        }
        self.nodes[slot] = Some(Node {
            timer,
            parent: None,
            left: None,
            right: None,
            rank: 1,
        });
        self.root = self.meld(self.root, Some(slot));
    }

    pub fn cancel(&mut self, slot: usize) -> Option<Timer> {
        let node = self.nodes.get_mut(slot)?.take()?;
        let child = self.meld(node.left, node.right);
        if let Some(child) = child {
            self.node(child).parent = node.parent;
        }
        match node.parent {
            None => self.root = child,
            Some(parent) => {
                let above = self.node(parent);
                if above.left == Some(slot) {
                    above.left = child;
                } else {
                    above.right = child;
                }
                self.mend(parent);
            }
        }
        Some(node.timer)
    }

    pub fn next_due(&self) -> Option<&Timer> {
        self.nodes[self.root?].as_ref().map(|node| &node.timer)
    }

    pub fn pop_due(&mut self, now: u64) -> Option<Timer> {
        let slot = self.root?;
        if !self.node(slot).timer.is_due(now) {
            return None;
        }
        self.cancel(slot)
    }

    fn node(&mut self, slot: usize) -> &mut Node {
        self.nodes[slot].as_mut().expect("it is in the tree")
    }

    fn rank(&self, slot: Option<usize>) -> usize {
        slot.map_or(0, |slot| {
            self.nodes[slot].as_ref().map_or(0, |node| node.rank)
        })
    }

    fn meld(&mut self, one: Option<usize>, two: Option<usize>) -> Option<usize> {
        let (Some(mut one), Some(mut two)) = (one, two) else {
            return one.or(two);
        };
        let [first, second] =
            [one, two].map(|slot| &self.nodes[slot].as_ref().expect("a root").timer);
        if second.is_before(first) {
            std::mem::swap(&mut one, &mut two);
        }
        let right = self.node(one).right;
        let right = self.meld(right, Some(two));
        self.node(one).right = right;
        self.node(right.expect("it is melded")).parent = Some(one);
        self.set_right(one);
        Some(one)
    }

    // The side with the higher rank is the left one. Whether the rank has changed.
    fn set_right(&mut self, slot: usize) -> bool {
        let (left, right, before) = {
            let node = self.node(slot);
            (node.left, node.right, node.rank)
        };
        let (of_left, of_right) = (self.rank(left), self.rank(right));
        let node = self.node(slot);
        if of_left < of_right {
            (node.left, node.right) = (right, left);
        }
        node.rank = of_left.min(of_right) + 1;
        node.rank != before
    }

    fn mend(&mut self, slot: usize) {
        let mut next = Some(slot);
        while let Some(slot) = next {
            if !self.set_right(slot) {
                break;
            }
            next = self.node(slot).parent;
        }
    }
}

// --- to here ---
