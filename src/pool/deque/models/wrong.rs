//! Deques that are wrong by a line.

use explorer::Kind;

use super::*;
use crate::ground::atomic::Ordering::{self, Acquire, Release};
use crate::modelled::caught;

/// A version with something else in the place of one method.
macro_rules! wrong {
    ($Name:ident, $story:literal, $($method:item),+) => {
        #[doc = $story]
        struct $Name<const SLOTS: usize>(Deque<Page, SLOTS>);

        impl<const SLOTS: usize> Ends<SLOTS> for $Name<SLOTS> {
            fn of(right: Deque<Page, SLOTS>) -> Self {
                Self(right)
            }

            fn right(&self) -> &Deque<Page, SLOTS> {
                &self.0
            }

            $($method)+
        }
    };
}

impl<const SLOTS: usize> Deque<Page, SLOTS> {
    /// What the right `push` does, but for the room, the store to the slot, and the ordering
    /// of the last store.
    fn pushes(
        &self,
        item: Item,
        room: usize,
        publish: Ordering,
    ) -> Result<(), Item> {
        // ORDERING: Relaxed. Nobody else writes it.
        let bottom = self.bottom.load(Relaxed);
        // ORDERING: Acquire pairs with the exchange in `steals`.
        let top = self.top.load(Acquire);
        if bottom.wrapping_sub(top) >= room {
            return Err(item);
        }
        // ORDERING: Relaxed. The store below publishes it, or a wrong one does not.
        self.slot(bottom).store(item.as_ptr(), Relaxed);
        self.bottom.store(bottom.wrapping_add(1), publish);
        Ok(())
    }

    /// What the right `pop` does, with each step by itself: lower `bottom`, look at `top`,
    /// take the last, put `bottom` back.
    fn pops(
        &self,
        lower_and_look: impl Fn(usize) -> usize,
        take_last: impl Fn(usize) -> bool,
        put_back: bool,
    ) -> Option<Item> {
        // ORDERING: Relaxed. Nobody else writes it.
        let bottom = self.bottom.load(Relaxed);
        // ORDERING: Relaxed. It never goes back.
        if self.top.load(Relaxed) == bottom {
            return None;
        }
        let newest = bottom.wrapping_sub(1);
        let top = lower_and_look(newest);
        let item = self.item(newest);
        let older = newest.wrapping_sub(top).cast_signed();
        if older > 0 {
            return item;
        }
        let won = older == 0 && take_last(newest);
        if put_back {
            // ORDERING: Relaxed, as in the right one.
            self.bottom.store(bottom, Relaxed);
        }
        item.filter(|_| won)
    }

    /// What a right version does.
    fn lower_and_look(&self, newest: usize) -> usize {
        // ORDERING: Release pairs with the load in `steals`.
        self.bottom.store(newest, Release);
        // ORDERING: SeqCst pairs with the fence in `steals`.
        fence(SeqCst);
        // ORDERING: Relaxed. The fence has brought it up to date.
        self.top.load(Relaxed)
    }

    /// What a right version does.
    fn move_top(&self, from: usize, count: usize) -> bool {
        let next = from.wrapping_add(count);
        // ORDERING: Release pairs with the loads in `pushes` and `steals`.
        self.top
            .compare_exchange(from, next, Release, Relaxed)
            .is_ok()
    }

    /// What the right `steal` does, but for how it looks at the two ends, and how it takes.
    fn steals(
        &self,
        look: impl Fn() -> (usize, usize),
        take: impl Fn(usize) -> Option<Item>,
    ) -> Steal<Item> {
        let (top, bottom) = look();
        if bottom.wrapping_sub(top).cast_signed() <= 0 {
            return Steal::Empty;
        }
        take(top).map_or(Steal::Retry, Steal::Job)
    }

    /// What a right version does.
    fn look_at_both(&self) -> (usize, usize) {
        // ORDERING: Acquire pairs with the exchange in `move_top`.
        let top = self.top.load(Acquire);
        // ORDERING: SeqCst pairs with the fence in `lower_and_look`.
        fence(SeqCst);
        // ORDERING: Acquire pairs with the stores in `pushes` and `lower_and_look`.
        (top, self.bottom.load(Acquire))
    }

    /// What a right version does.
    fn read_and_move(&self, top: usize) -> Option<Item> {
        let item = self.item(top);
        self.move_top(top, 1)
            .then(|| item.expect("slots are filled"))
    }
}

// The parts, put together as they should be.
wrong!(
    Right,
    "Nothing is wrong with it.",
    fn push(&self, item: Item) -> Result<(), Item> {
        self.0.pushes(item, SLOTS, Release)
    },
    fn pop(&self) -> Option<Item> {
        let deque = &self.0;
        deque.pops(
            |it| deque.lower_and_look(it),
            |it| deque.move_top(it, 1),
            true,
        )
    },
    fn steal(&self) -> Steal<Item> {
        let deque = &self.0;
        deque.steals(|| deque.look_at_both(), |it| deque.read_and_move(it))
    }
);

wrong!(
    OneTooMany,
    "Takes the ring for full one item too late, and writes over the oldest.",
    fn push(&self, item: Item) -> Result<(), Item> {
        self.0.pushes(item, SLOTS + 1, Release)
    }
);

wrong!(
    PublishesNothing,
    "Counts the item without saying that it is written.",
    fn push(&self, item: Item) -> Result<(), Item> {
        self.0.pushes(item, SLOTS, Relaxed)
    }
);

wrong!(
    CountsEarly,
    "Counts the item, and then writes it.",
    fn push(&self, item: Item) -> Result<(), Item> {
        // ORDERING: Relaxed, as in the right one.
        let bottom = self.0.bottom.load(Relaxed);
        // ORDERING: Release pairs with the load in `steals`.
        self.0.bottom.store(bottom.wrapping_add(1), Release);
        // ORDERING: Relaxed. Too late.
        self.0.slot(bottom).store(item.as_ptr(), Relaxed);
        Ok(())
    }
);

wrong!(
    CountsSomeEarly,
    "Shows many items to thieves before they are there.",
    fn push_some(&self, items: impl Iterator<Item = Item>) -> usize {
        // ORDERING: Relaxed, as in the right one.
        let bottom = self.0.bottom.load(Relaxed);
        // ORDERING: Release pairs with the load in `steals`.
        self.0.bottom.store(bottom.wrapping_add(3), Release);
        for (number, item) in items.enumerate() {
            // ORDERING: Relaxed. Too late.
            self.0
                .slot(bottom.wrapping_add(number))
                .store(item.as_ptr(), Relaxed);
        }
        3
    }
);

wrong!(
    LastWithoutAnExchange,
    "Takes the last item as it takes the others.",
    fn pop(&self) -> Option<Item> {
        let deque = &self.0;
        let store_top = |newest: usize| {
            // ORDERING: Release pairs with the load in `steals`.
            deque.top.store(newest.wrapping_add(1), Release);
            true
        };
        deque.pops(|it| deque.lower_and_look(it), store_top, true)
    }
);

wrong!(
    LooksBeforeItLowers,
    "Looks at `top` before it lowers `bottom`.",
    fn pop(&self) -> Option<Item> {
        let deque = &self.0;
        let look_and_lower = |newest| {
            // ORDERING: Acquire pairs with the exchange in `move_top`.
            let top = deque.top.load(Acquire);
            // ORDERING: SeqCst pairs with the fence in `steal`.
            fence(SeqCst);
            // ORDERING: Release pairs with the load in `steal`.
            deque.bottom.store(newest, Release);
            top
        };
        deque.pops(look_and_lower, |it| deque.move_top(it, 1), true)
    }
);

wrong!(
    PopWithoutAFence,
    "Lowers `bottom` and looks at `top`, and nothing keeps the two apart.",
    fn pop(&self) -> Option<Item> {
        let deque = &self.0;
        let lower_and_look = |newest| {
            // ORDERING: Release pairs with the load in `steal`.
            deque.bottom.store(newest, Release);
            // ORDERING: Acquire pairs with the exchange in `move_top`.
            deque.top.load(Acquire)
        };
        deque.pops(lower_and_look, |it| deque.move_top(it, 1), true)
    }
);

wrong!(
    LowersWithoutPublishing,
    "A thief that reads the lowered `bottom` does not see what was pushed.",
    fn pop(&self) -> Option<Item> {
        let deque = &self.0;
        let lower_and_look = |newest| {
            // ORDERING: Relaxed. Too weak.
            deque.bottom.store(newest, Relaxed);
            // ORDERING: SeqCst pairs with the fence in `steal`.
            fence(SeqCst);
            // ORDERING: Relaxed, as in the right one.
            deque.top.load(Relaxed)
        };
        deque.pops(lower_and_look, |it| deque.move_top(it, 1), true)
    }
);

wrong!(
    LeavesBottomLow,
    "Does not put `bottom` back when the last item is gone: the next push is below `top`.",
    fn pop(&self) -> Option<Item> {
        let deque = &self.0;
        deque.pops(
            |it| deque.lower_and_look(it),
            |it| deque.move_top(it, 1),
            false,
        )
    }
);

wrong!(
    ReadsAfterTheExchange,
    "Compares `top`, and then reads the slot, which may be another item's by then.",
    fn steal(&self) -> Steal<Item> {
        let deque = &self.0;
        let move_and_read = |top| {
            deque
                .move_top(top, 1)
                .then(|| deque.item(top).expect("slots are filled"))
        };
        deque.steals(|| deque.look_at_both(), move_and_read)
    }
);

wrong!(
    NoExchange,
    "Two thieves see the same `top`.",
    fn steal(&self) -> Steal<Item> {
        let deque = &self.0;
        let read_and_store = |top: usize| {
            let item = deque.item(top);
            // ORDERING: Release pairs with the load in `pushes`.
            deque.top.store(top.wrapping_add(1), Release);
            item
        };
        deque.steals(|| deque.look_at_both(), read_and_store)
    }
);

wrong!(
    BottomFirst,
    "Looks at `bottom` before it looks at `top`.",
    fn steal(&self) -> Steal<Item> {
        let deque = &self.0;
        let look = || {
            // ORDERING: Acquire pairs with the store in `push`.
            let bottom = deque.bottom.load(Acquire);
            // ORDERING: SeqCst pairs with the fence in `pop`.
            fence(SeqCst);
            // ORDERING: Acquire pairs with the exchange in `move_top`.
            (deque.top.load(Acquire), bottom)
        };
        deque.steals(look, |it| deque.read_and_move(it))
    }
);

wrong!(
    StealWithoutAFence,
    "Looks at `top` and at `bottom`, and nothing keeps the two apart.",
    fn steal(&self) -> Steal<Item> {
        let deque = &self.0;
        let look = || {
            // ORDERING: Acquire pairs with the exchange in `move_top`.
            let top = deque.top.load(Acquire);
            // ORDERING: Acquire pairs with the store in `push`.
            (top, deque.bottom.load(Acquire))
        };
        deque.steals(look, |it| deque.read_and_move(it))
    }
);

wrong!(
    ManyWithOneExchange,
    "Takes half with one exchange, while the owner takes the newest with none.",
    fn steal_half_into(&self, own: &Deque<Page, 4>) -> Steal<Item> {
        let deque = &self.0;
        let (top, bottom) = deque.look_at_both();
        let len = bottom.wrapping_sub(top).cast_signed();
        let Ok(half) = usize::try_from(len).map(|len| len.div_ceil(2)) else {
            return Steal::Empty;
        };
        if half == 0 {
            return Steal::Empty;
        }
        let items: Vec<_> = (0..half)
            .map(|it| deque.item(top.wrapping_add(it)).unwrap())
            .collect();
        if !deque.move_top(top, half) {
            return Steal::Retry;
        }
        own.push_some(&mut items[1..].iter().copied());
        Steal::Job(items[0])
    }
);

wrong!(
    MoreThanThereIsRoom,
    "Steals another, and has no room for it.",
    fn steal_half_into(&self, _: &Deque<Page, 4>) -> Steal<Item> {
        let first = self.0.steal();
        let _ = self.0.steal();
        first
    }
);

#[test]
fn wrong_versions_are_caught() {
    // What they are made of is right.
    for (name, program) in models::<Right<2>, Right<4>>() {
        holds(name, program);
    }
    macro_rules! wrong {
        ($($name:literal, $program:ident, $Wrong:ty, $kind:ident;)*) => {
            [$(($name, $program::<$Wrong>, Kind::$kind)),*]
        };
    }
    #[rustfmt::skip]
    caught(
        "deque",
        // ANCHOR: caught
        &wrong![
            "one too many", full, OneTooMany<2>, Assertion;
            "publishes nothing", push_and_a_thief, PublishesNothing<4>, DataRace;
            "counts early", push_and_a_thief, CountsEarly<4>, Assertion;
            "counts some early", push_some, CountsSomeEarly<4>, DataRace;
            "the last without an exchange", one_left, LastWithoutAnExchange<2>, DataRace;
            "looks before it lowers", pop_and_a_busy_thief, LooksBeforeItLowers<2>, DataRace;
            "pop without a fence", pop_and_a_busy_thief, PopWithoutAFence<2>, DataRace;
            "lowers without publishing", push_and_a_thief, LowersWithoutPublishing<4>, DataRace;
            "leaves bottom low", push_and_a_thief, LeavesBottomLow<4>, Assertion;
            "reads after the exchange", full, ReadsAfterTheExchange<2>, DataRace;
            "no exchange", one_left, NoExchange<2>, DataRace;
            "bottom first", pop_and_a_busy_thief, BottomFirst<2>, Assertion;
            "steal without a fence", pop_and_a_busy_thief, StealWithoutAFence<2>, DataRace;
            "many with one exchange", steal_half, ManyWithOneExchange<4>, DataRace;
            "more than there is room", steal_half, MoreThanThereIsRoom<4>, Assertion;
        ],
        // ANCHOR_END: caught
    );
}
