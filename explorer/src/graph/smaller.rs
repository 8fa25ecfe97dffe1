//! Makes a graph smaller without anything to see getting lost.
//!
//! A model's first thread often does nothing but spawn the others and join them. Its steps
//! would only be in the way, so they are taken as soon as they can be. And the explorer tells
//! states apart by things that nobody sees, such as clocks: states that look the same, and
//! from which the same steps lead to states that look the same, become one.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{GOES_ON, Graph, Run, State, Step};

impl Graph {
    /// The graph without thread 0, whose steps are all taken as soon as they can be.
    ///
    /// # Errors
    /// If that would hide something: a step of thread 0 that is no join, while another
    /// thread could step as well.
    pub fn without_main(&self) -> Result<Self, String> {
        let mut states = Vec::new();
        for state in &self.states {
            let mut shown = state.clone();
            shown.threads.remove(0);
            for step in &mut shown.next {
                step.to = self.after_main(step.to)?;
                step.thread = step.thread.saturating_sub(1);
            }
            states.push(shown);
        }
        let start = self.after_main(0)?;
        let graph = Self {
            threads: self.threads[1..].to_vec(),
            places: self.places.clone(),
            states,
        };
        Ok(graph.starting_at(start))
    }

    /// Where thread 0 gets from `state` by itself.
    fn after_main(&self, mut state: usize) -> Result<usize, String> {
        loop {
            let next = &self.states[state].next;
            let mains: Vec<&Step> = next.iter().filter(|s| s.thread == 0).collect();
            let Some(step) = mains.first() else {
                return Ok(state);
            };
            let alone = next.len() == mains.len();
            if mains.len() > 1 || !alone && !is_join(&step.text) {
                return Err(format!(
                    "main takes part with {:?}: show it, by an anchor `main` around its \
                     lines",
                    step.text
                ));
            }
            state = step.to;
        }
    }

    /// The graph without the step in which thread 0 gets to its first operation, if it only
    /// makes things and spawns threads before it.
    pub(super) fn after_the_start(&self) -> Self {
        match self.states[0].next.as_slice() {
            [only] if only.text == GOES_ON => self.starting_at(only.to),
            _ => self.clone(),
        }
    }

    /// The same graph with as few states as it takes to show it.
    #[must_use]
    pub fn smallest(&self) -> Self {
        // First by looks; then apart whatever steps into different classes, until no class
        // falls apart any more.
        let mut looks = BTreeMap::new();
        let mut class: Vec<usize> = self
            .states
            .iter()
            .map(|state| {
                let threads: Vec<_> = state
                    .threads
                    .iter()
                    .map(|it| (it.file, it.line, it.run, &it.why))
                    .collect();
                let look = (self.seen_memory(state), threads, &state.end);
                number(&mut looks, look)
            })
            .collect();
        let mut count = looks.len();
        loop {
            let mut kinds = BTreeMap::new();
            let finer: Vec<usize> = self
                .states
                .iter()
                .zip(&class)
                .map(|(state, &own)| {
                    let steps: BTreeSet<_> = state
                        .next
                        .iter()
                        .map(|s| (s.thread, &s.text, s.old, class[s.to]))
                        .collect();
                    number(&mut kinds, (own, steps))
                })
                .collect();
            class = finer;
            if kinds.len() == count {
                break;
            }
            count = kinds.len();
        }
        let mut first = HashMap::new();
        for (state, class) in class.iter().enumerate() {
            first.entry(*class).or_insert(state);
        }
        let mut graph = self.clone();
        for state in &mut graph.states {
            for step in &mut state.next {
                step.to = first[&class[step.to]];
            }
            let mut seen = BTreeSet::new();
            state
                .next
                .retain(|s| seen.insert((s.thread, s.text.clone(), s.old, s.to)));
        }
        graph.starting_at(first[&class[0]])
    }

    /// The values of `state` that a thread may still read, and which ones each may.
    fn seen_memory(&self, state: &State) -> Vec<(Vec<String>, Vec<usize>)> {
        (0..self.places.len())
            .map(|place| {
                let (values, sees) = self.readable(state, place);
                let sees = sees.into_iter().map(|at| at.map_or(0, |at| at + 1));
                (values.to_vec(), sees.collect())
            })
            .collect()
    }

    /// The values of a place that a running thread may read, the newest in any case; and
    /// the oldest one of these for each thread.
    pub(super) fn readable<'a>(
        &self,
        state: &'a State,
        place: usize,
    ) -> (&'a [String], Vec<Option<usize>>) {
        let values = &state.memory[place];
        let sees: Vec<Option<usize>> = state
            .threads
            .iter()
            .map(|it| it.sees[place].filter(|_| it.run != Run::Done))
            .collect();
        let newest = values.len() - 1;
        let oldest = sees.iter().flatten().copied().min().unwrap_or(newest);
        let sees = sees.iter().map(|at| at.map(|at| at - oldest)).collect();
        (&values[oldest..], sees)
    }

    /// The part that can be reached from `start`, which becomes state 0: nearest first.
    fn starting_at(&self, start: usize) -> Self {
        let mut order = vec![start];
        let mut place = HashMap::from([(start, 0)]);
        let mut at = 0;
        while let Some(&state) = order.get(at) {
            for step in self.in_order(state) {
                place.entry(step.to).or_insert_with(|| {
                    order.push(step.to);
                    order.len() - 1
                });
            }
            at += 1;
        }
        let states = order
            .iter()
            .map(|&state| {
                let mut next = self.in_order(state);
                for step in &mut next {
                    step.to = place[&step.to];
                }
                State {
                    next,
                    ..self.states[state].clone()
                }
            })
            .collect();
        Self {
            threads: self.threads.clone(),
            places: self.places.clone(),
            states,
        }
    }

    /// The steps from a state: thread by thread, new values before old ones.
    fn in_order(&self, state: usize) -> Vec<Step> {
        let mut next = self.states[state].next.clone();
        next.sort_by_key(|step| (step.thread, step.old));
        next
    }
}

/// Whether a step only waits for the end of a thread, or learns of it.
fn is_join(text: &str) -> bool {
    text.split(", ")
        .all(|text| text.starts_with("joins ") || text.ends_with(" has ended"))
}

/// The number of `key`, which it gets when it is first seen.
fn number<K: Ord>(numbers: &mut BTreeMap<K, usize>, key: K) -> usize {
    let next = numbers.len();
    *numbers.entry(key).or_insert(next)
}
