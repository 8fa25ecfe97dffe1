//! Treiber's stack: a list whose head is swung by compare-exchange.
//!
//! The nodes belong to the model, which keeps them to its end. When to free a node is another
//! question, and what happens when one is used again is one of the wrong versions.
#![allow(
    unsafe_code,
    reason = "the nodes of a list hold cells, and are reached by pointer"
)]

use std::ptr;

use super::ground::atomic::{AtomicPtr, Ordering::*};
use super::ground::cell::UnsafeCell;
use super::ground::sync::Arc;
use super::ground::thread;
use super::spec::{Primitive, spec, versions};

spec! {
    orderings {
        /// Release: the node is filled. Pairs with `look` and `pop_failed`.
        push: Release,
        /// Relaxed: the head is linked, not looked into.
        push_failed: Relaxed,
        /// Acquire: the node is filled. Pairs with `push`.
        look: Acquire,
        /// Relaxed: `look` has acquired the node, and a read-modify-write passes on what
        /// earlier pushes released.
        pop: Relaxed,
        /// Acquire: the new head is looked into. Pairs with `push`.
        pop_failed: Acquire,
    }
    slips {
        /// Pushes with a store.
        push_stores,
        /// Pops with a store.
        pop_stores,
        /// Publishes the node before its link is written.
        links_late,
        /// Publishes the node before its value is written.
        fills_late,
        /// Does not link the new head when the exchange fails.
        links_once,
        /// Takes the node after the new head when the exchange fails.
        keeps_the_old_next,
        /// Pushes a node that was popped, while another thread looks at it.
        uses_nodes_again,
    }
}

struct Node {
    value: UnsafeCell<u32>,
    next: UnsafeCell<*mut Node>,
    taken: UnsafeCell<bool>,
}

struct Stack {
    spec: Spec,
    head: AtomicPtr<Node>,
    nodes: [Node; 2],
}

// SAFETY: a node is written by the thread that pushes it, and after it is popped.
unsafe impl Send for Stack {}
// SAFETY: as above.
unsafe impl Sync for Stack {}

impl Stack {
    fn new(spec: Spec) -> Arc<Self> {
        let node = || Node {
            value: UnsafeCell::new(0),
            next: UnsafeCell::new(ptr::null_mut()),
            taken: UnsafeCell::new(true),
        };
        Arc::new(Stack {
            spec,
            head: AtomicPtr::new(ptr::null_mut()),
            nodes: [node(), node()],
        })
    }

    fn fill(&self, index: usize) {
        let node = &self.nodes[index];
        // SAFETY: the node is not in the stack.
        node.value
            .with_mut(|value| unsafe { *value = index as u32 + 1 });
        // SAFETY: as above.
        node.taken.with_mut(|taken| unsafe { *taken = false });
    }

    fn link(&self, index: usize, next: *mut Node) {
        // SAFETY: the node is not in the stack.
        self.nodes[index]
            .next
            .with_mut(|link| unsafe { *link = next });
    }

    fn push(&self, index: usize) {
        let spec = &self.spec;
        let node: *const Node = &raw const self.nodes[index];
        let node = node.cast_mut();
        if !spec.fills_late {
            self.fill(index);
        }
        let mut head = self.head.load(spec.push_failed);
        if !spec.links_late {
            self.link(index, head);
        }
        if spec.push_stores {
            self.head.store(node, spec.push);
            return;
        }
        while let Err(now) =
            self.head
                .compare_exchange(head, node, spec.push, spec.push_failed)
        {
            head = now;
            if !spec.links_once && !spec.links_late {
                self.link(index, head);
            }
        }
        if spec.links_late {
            self.link(index, head);
        }
        if spec.fills_late {
            self.fill(index);
        }
    }

    /// Takes the top node's index out, or nothing if the stack looks empty.
    fn pop(&self) -> Option<usize> {
        let spec = &self.spec;
        let mut head = self.head.load(spec.look);
        let mut next = None;
        loop {
            if head.is_null() {
                return None;
            }
            // SAFETY: nodes live as long as the stack.
            let node = unsafe { &*head };
            if next.is_none() || !spec.keeps_the_old_next {
                // SAFETY: the link of a node in the stack is not written.
                next = Some(node.next.with(|next| unsafe { *next }));
            }
            let new = next.unwrap_or(ptr::null_mut());
            if spec.pop_stores {
                self.head.store(new, spec.push);
            } else if let Err(now) =
                self.head
                    .compare_exchange(head, new, spec.pop, spec.pop_failed)
            {
                head = now;
                continue;
            }
            // SAFETY: the node is out of the stack, and ours.
            node.taken.with_mut(|taken| unsafe {
                assert!(!*taken, "popped twice");
                *taken = true;
            });
            // SAFETY: as above.
            let value = node.value.with(|value| unsafe { *value });
            return Some(value as usize - 1);
        }
    }
}

/// Two threads push one node each and then pop one: nobody finds the stack empty.
fn push_and_pop(spec: Spec) {
    let stack = Stack::new(spec);
    let other = thread::spawn({
        let stack = Arc::clone(&stack);
        move || {
            stack.push(1);
            stack.pop().expect("two were pushed before the second pop")
        }
    });
    stack.push(0);
    let mine = stack.pop().expect("two were pushed before the second pop");
    let theirs = other.join().unwrap();
    assert_eq!(mine + theirs, 1, "one node was popped twice");
    assert_eq!(stack.pop(), None);
}

/// One thread pushes two nodes, the other pops while there is something.
fn push_two(spec: Spec) {
    let stack = Stack::new(spec);
    let other = thread::spawn({
        let stack = Arc::clone(&stack);
        move || {
            stack.push(0);
            stack.push(1);
        }
    });
    let early = [stack.pop(), stack.pop()];
    other.join().unwrap();
    let late = [stack.pop(), stack.pop()];
    let mut popped: Vec<_> = early.into_iter().chain(late).flatten().collect();
    popped.sort_unstable();
    assert_eq!(popped, [0, 1]);
}

/// One thread pops while the other pops both nodes and pushes the first one back.
fn pop_and_push_back(spec: Spec) {
    if !spec.uses_nodes_again {
        return;
    }
    let stack = Stack::new(spec);
    stack.push(0);
    stack.push(1);
    let other = thread::spawn({
        let stack = Arc::clone(&stack);
        move || {
            let first = stack.pop();
            stack.pop();
            if let Some(first) = first {
                stack.push(first);
            }
        }
    });
    stack.pop();
    stack.pop();
    other.join().unwrap();
}

pub fn primitive() -> Primitive {
    Primitive::new(
        "Treiber stack",
        RIGHT,
        &[
            ("push and pop", push_and_pop),
            ("push two, pop", push_two),
            ("pop and push back", pop_and_push_back),
        ],
        versions! {
            "push is Relaxed" { push: Relaxed } wrong [Race];
            "push is Acquire" { push: Acquire } wrong [Race];
            "look is Relaxed" { look: Relaxed } wrong [Race];
            "a failed pop is Relaxed" { pop_failed: Relaxed } wrong [Race];
            "look and a failed pop are Relaxed, pop acquires"
                { look: Relaxed, pop_failed: Relaxed, pop: Acquire } wrong [Race];
            "push stores" { push_stores: true } wrong [Race, Assertion];
            "pop stores" { pop_stores: true } wrong [Race, Assertion];
            "links the node late" { links_late: true } wrong [Race, Assertion];
            "fills the node late" { fills_late: true } wrong [Race, Assertion];
            "links once" { links_once: true } wrong [Race, Assertion];
            "keeps the old next" { keeps_the_old_next: true } wrong [Race, Assertion];
            "uses nodes again (ABA)" { uses_nodes_again: true } wrong [Race, Assertion];
        },
    )
}
