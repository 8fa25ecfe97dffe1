//! A tournament over the slots: each match is won by the timer that is due first, and whoever
//! comes or goes plays the matches above its slot once more. No timer ever moves.

#[path = "../../../exercises/08_completions/given/timer.rs"]
pub mod given;

pub use given::Timer;

// --- edit from here ---

#[derive(Debug)]
pub struct Timers {
    slots: Vec<Option<Timer>>,
    // The winner of match 1 is the first one of all; the players of match m are the winners of
    // 2 * m and of 2 * m + 1, or slots.
    winners: Vec<Option<usize>>,
}

impl Timers {
    pub fn new() -> Self {
        Self {
            slots: vec![None],
            winners: vec![None; 1],
        }
    }

    pub fn insert(&mut self, timer: Timer) {
        let slot = timer.slot();
        if slot >= self.slots.len() {
            let size = (slot + 1).next_power_of_two();
            self.slots.resize_with(size, || None);
            self.winners = vec![None; size];
            for number in (1..size).rev() {
                self.play(number);
            }
        }
        self.slots[slot] = Some(timer);
        self.play_above(slot);
    }

    pub fn cancel(&mut self, slot: usize) -> Option<Timer> {
        let timer = self.slots.get_mut(slot)?.take()?;
        self.play_above(slot);
        Some(timer)
    }

    pub fn next_due(&self) -> Option<&Timer> {
        self.slots[self.winner(1)?].as_ref()
    }

    pub fn pop_due(&mut self, now: u64) -> Option<Timer> {
        let first = self.next_due()?;
        if !first.is_due(now) {
            return None;
        }
        let slot = first.slot();
        self.cancel(slot)
    }

    fn winner(&self, number: usize) -> Option<usize> {
        let size = self.slots.len();
        if number < size {
            return self.winners[number];
        }
        let slot = number - size;
        self.slots[slot].as_ref().map(|_| slot)
    }

    fn play(&mut self, number: usize) {
        let (one, two) = (self.winner(2 * number), self.winner(2 * number + 1));
        self.winners[number] = match (one, two) {
            (Some(one), Some(two)) => {
                let [first, second] = [one, two]
                    .map(|slot| self.slots[slot].as_ref().expect("it plays"));
                Some(if second.is_before(first) { two } else { one })
            }
            (one, two) => one.or(two),
        };
    }

    fn play_above(&mut self, slot: usize) {
        let mut number = (self.slots.len() + slot) / 2;
        while number > 0 {
            self.play(number);
            number /= 2;
        }
    }
}

// --- to here ---
