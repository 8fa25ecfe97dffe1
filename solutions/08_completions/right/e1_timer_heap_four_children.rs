//! Each has four children: half as many levels, and more looks on each.

#[path = "../../../exercises/08_completions/given/timer.rs"]
pub mod given;

pub use given::Timer;

// --- edit from here ---

#[derive(Debug)]
pub struct Timers {
    heap: Vec<Timer>,
    places: Vec<Option<usize>>,
}

impl Timers {
    pub fn new() -> Self {
        Self {
            heap: Vec::new(),
            places: Vec::new(),
        }
    }

    pub fn insert(&mut self, timer: Timer) {
        let place = self.heap.len();
        self.heap.push(timer);
        self.note(place);
        self.up(place);
    }

    pub fn cancel(&mut self, slot: usize) -> Option<Timer> {
        let place = self.places.get_mut(slot)?.take()?;
        Some(self.take_out(place))
    }

    pub fn next_due(&self) -> Option<&Timer> {
        self.heap.first()
    }

    pub fn pop_due(&mut self, now: u64) -> Option<Timer> {
        let first = self.heap.first()?;
        if !first.is_due(now) {
            return None;
        }
        let slot = first.slot();
        self.cancel(slot)
    }

    fn take_out(&mut self, place: usize) -> Timer {
        let timer = self.heap.swap_remove(place);
        if place < self.heap.len() {
            self.note(place);
            self.up(place);
            self.down(place);
        }
        timer
    }

    fn up(&mut self, mut place: usize) {
        while place > 0 {
            let parent = (place - 1) / 4;
            if !self.heap[place].is_before(&self.heap[parent]) {
                break;
            }
            self.swap(place, parent);
            place = parent;
        }
    }

    fn down(&mut self, mut place: usize) {
        loop {
            let first = 4 * place + 1;
            if first >= self.heap.len() {
                break;
            }
            let mut child = first;
            for other in first + 1..self.heap.len().min(first + 4) {
                if self.heap[other].is_before(&self.heap[child]) {
                    child = other;
                }
            }
            if !self.heap[child].is_before(&self.heap[place]) {
                break;
            }
            self.swap(place, child);
            place = child;
        }
    }

    fn swap(&mut self, one: usize, two: usize) {
        self.heap.swap(one, two);
        self.note(one);
        self.note(two);
    }

    fn note(&mut self, place: usize) {
        let slot = self.heap[place].slot();
        if slot >= self.places.len() {
            self.places.resize(slot + 1, None);
        }
        self.places[slot] = Some(place);
    }
}

// --- to here ---
