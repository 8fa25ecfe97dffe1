//! A method that locks, and calls another one that locks, too.

use threadbare::sync::Mutex;

// ANCHOR: twice
struct Till(Mutex<Vec<u32>>);

impl Till {
    fn sum(&self) -> u32 {
        self.0.lock().unwrap().iter().sum()
    }

    /// What was paid today; tomorrow begins with nothing.
    fn close(&self) -> u32 {
        let mut paid = self.0.lock().unwrap();
        let sum = self.sum(); // locks again, and `paid` is still there
        paid.clear();
        sum
    }
}
// ANCHOR_END: twice

pub(crate) fn twice() {
    let till = Till(Mutex::new(vec![3, 4]));
    assert_eq!(till.sum(), 7);
    till.close();
}
