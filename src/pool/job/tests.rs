//! Lists of jobs that are only numbers.

use super::*;

static NOTHING: Table = Table {
    run: |_, _| {},
    cancel: |_| {},
    kind: Kind::Inner,
};

/// Headers that live for the test; a job's number is its place.
struct Desk(Vec<Header>);

impl Desk {
    fn new(jobs: usize) -> Self {
        Self((0..jobs).map(|_| Header::new(&NOTHING)).collect())
    }

    fn job(&self, number: usize) -> Job {
        // SAFETY: the desk outlives the lists of its test, and each job is made once at a time.
        unsafe { Job::new(NonNull::from(&self.0[number])) }
    }

    fn list(&self, numbers: impl IntoIterator<Item = usize>) -> List {
        let mut list = List::new();
        for number in numbers {
            list.push_back(self.job(number));
        }
        list
    }

    fn numbers(&self, mut list: List) -> Vec<usize> {
        let jobs = std::iter::from_fn(|| list.pop_front());
        jobs.map(|job| {
            let at = self.0.iter().position(|it| ptr_eq(it, &job));
            at.expect("it is on the desk")
        })
        .collect()
    }
}

fn ptr_eq(header: &Header, job: &Job) -> bool {
    std::ptr::eq(header, job.as_ptr())
}

#[test]
fn a_list_keeps_its_order() {
    let desk = Desk::new(5);
    let mut list = desk.list(0..3);
    list.append(desk.list(3..5));
    list.append(List::new());
    assert_eq!(list.len(), 5);
    assert_eq!(desk.numbers(list), [0, 1, 2, 3, 4]);
    let mut empty = List::new();
    empty.append(desk.list([2, 1]));
    assert_eq!(desk.numbers(empty), [2, 1]);
}

#[test]
fn a_list_is_split() {
    let desk = Desk::new(4);
    let mut list = desk.list(0..4);
    assert_eq!(desk.numbers(list.split_off_front(0)), []);
    assert_eq!(desk.numbers(list.split_off_front(3)), [0, 1, 2]);
    assert_eq!(list.len(), 1);
    assert_eq!(desk.numbers(list.split_off_front(7)), [3]);
    assert!(list.is_empty() && list.pop_front().is_none());
}

#[test]
fn a_chain_is_a_list_the_other_way_round() {
    let desk = Desk::new(4);
    let chain = desk.list(0..4).into_chain().unwrap();
    assert_eq!(
        desk.numbers(List::from_chain(Some(chain.newest))),
        [0, 1, 2, 3]
    );
    let older = desk.list(0..2).into_chain().unwrap();
    let newer = desk.list(2..4).into_chain().unwrap();
    newer.link(Some(older.newest));
    assert_eq!(
        desk.numbers(List::from_chain(Some(newer.newest))),
        [0, 1, 2, 3]
    );
    assert_eq!(desk.numbers(desk.list(0..3).reversed()), [2, 1, 0]);
    assert!(List::new().into_chain().is_none());
    assert!(List::from_chain(None).is_empty());
}
