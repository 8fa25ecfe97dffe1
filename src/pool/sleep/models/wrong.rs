//! Sleeps that are wrong by a line.

use explorer::Kind;

use super::*;
use crate::modelled::caught;

/// A version with something else in the place of one step.
macro_rules! wrong {
    ($Name:ident, $story:literal, $($method:item),+) => {
        #[doc = $story]
        struct $Name(Sleep);

        impl Beds for $Name {
            fn of(right: Sleep) -> Self {
                Self(right)
            }

            fn right(&self) -> &Sleep {
                &self.0
            }

            $($method)+
        }
    };
}

impl Sleep {
    /// The first step of a right `sleep`.
    fn announces(&self, me: usize, waking: bool) {
        self.state.lie_down(waking);
        // ORDERING: Release pairs with the Acquire in `take_off`.
        self.beds[me].store(ASLEEP, Release);
    }

    /// What a right `sleep` does after its fence.
    fn looks_and_lies<B: Beds>(
        &self,
        me: usize,
        awaited: &dyn Fn() -> bool,
        pool: &Pool<B>,
    ) -> Up {
        let up = self.look_again(me, awaited, pool);
        up.unwrap_or_else(|| self.lie(me, None))
    }

    /// What a right `notify` does after its fence.
    fn looks_and_calls<B: Beds>(&self, pool: &Pool<B>) {
        let seen = self.look();
        let anybody = seen.idle() > 0 || seen.spawned() < self.beds.len();
        if anybody && !seen.is_notified() {
            self.call_for_work(pool);
        }
    }
}

wrong!(
    NoSecondLook,
    "Announces that it sleeps, and sleeps.",
    fn sleep(
        &self,
        me: usize,
        waking: bool,
        _: &dyn Fn() -> bool,
        _: &Pool<Self>,
    ) -> Up {
        self.0.announces(me, waking);
        heavy();
        self.0.lie(me, None)
    }
);

wrong!(
    LooksFirst,
    "Looks a second time, and then announces it.",
    fn sleep(
        &self,
        me: usize,
        waking: bool,
        awaited: &dyn Fn() -> bool,
        pool: &Pool<Self>,
    ) -> Up {
        let found = awaited() || pool.has_work();
        self.0.announces(me, waking);
        heavy();
        if found {
            return self.0.get_up(me, true);
        }
        self.0.lie(me, None)
    }
);

wrong!(
    BedLater,
    "Counts itself, looks, and goes to bed only then.",
    fn sleep(
        &self,
        me: usize,
        waking: bool,
        awaited: &dyn Fn() -> bool,
        pool: &Pool<Self>,
    ) -> Up {
        self.0.state.lie_down(waking);
        heavy();
        let found = awaited() || pool.has_work();
        // ORDERING: Release pairs with the Acquire in `take_off`.
        self.0.beds[me].store(ASLEEP, Release);
        if found {
            return self.0.get_up(me, true);
        }
        self.0.lie(me, None)
    }
);

wrong!(
    NoHeavy,
    "The sleeper has no barrier.",
    fn sleep(
        &self,
        me: usize,
        waking: bool,
        awaited: &dyn Fn() -> bool,
        pool: &Pool<Self>,
    ) -> Up {
        self.0.announces(me, waking);
        self.0.looks_and_lies(me, awaited, pool)
    }
);

wrong!(
    NoLight,
    "The pusher has no barrier.",
    fn notify(&self, pool: &Pool<Self>) {
        self.0.looks_and_calls(pool);
    },
    fn wake(&self, me: usize) {
        self.0.take_off(me, AWAKE);
    }
);

wrong!(
    LatchForgotten,
    "The second look is for work alone.",
    fn sleep(
        &self,
        me: usize,
        waking: bool,
        _: &dyn Fn() -> bool,
        pool: &Pool<Self>,
    ) -> Up {
        self.0.announces(me, waking);
        heavy();
        self.0.looks_and_lies(me, &|| false, pool)
    }
);

wrong!(
    StaysNotified,
    "The waking thread goes to sleep as the waking thread.",
    fn sleep(
        &self,
        me: usize,
        _: bool,
        awaited: &dyn Fn() -> bool,
        pool: &Pool<Self>,
    ) -> Up {
        self.0.announces(me, false);
        heavy();
        self.0.looks_and_lies(me, awaited, pool)
    }
);

wrong!(
    ClearsLate,
    "The waking thread looks a second time, and then gives `notified` back.",
    fn sleep(
        &self,
        me: usize,
        waking: bool,
        awaited: &dyn Fn() -> bool,
        pool: &Pool<Self>,
    ) -> Up {
        self.0.announces(me, false);
        heavy();
        let found = awaited() || pool.has_work();
        if waking {
            self.0.state.unnotify();
        }
        if found {
            return self.0.get_up(me, true);
        }
        self.0.lie(me, None)
    }
);

wrong!(
    WakesInPlace,
    "Wakes whom it calls, and leaves the bed as it was.",
    fn notify(&self, pool: &Pool<Self>) {
        light();
        if self.0.look().idle() > 0 && self.0.state.notify() {
            futex::wake_one(&self.0.beds[0]);
        }
        let _ = pool;
    }
);

wrong!(
    HandsNothingOn,
    "Gives `notified` back, and calls nobody: wake-ups are skipped while one is waking.",
    fn hand_on(&self, _: &Pool<Self>) {
        self.0.state.unnotify();
    }
);

wrong!(
    LooksBeforeItClears,
    "Looks whether there is more, and then gives `notified` back.",
    fn hand_on(&self, pool: &Pool<Self>) {
        let more = pool.has_work();
        self.0.state.unnotify();
        if more {
            self.0.notify(pool);
        }
    }
);

wrong!(
    HandsOnUnfenced,
    "Gives `notified` back, and looks without a barrier in between.",
    fn hand_on(&self, pool: &Pool<Self>) {
        self.0.state.unnotify();
        if pool.has_work() {
            self.0.notify(pool);
        }
    }
);

wrong!(
    HandsOnAfterwards,
    "Runs what it has found, and then calls the next.",
    fn found(&self, waking: bool, pool: &Pool<Self>, run: &dyn Fn()) {
        run();
        if waking {
            self.0.hand_on(pool);
        }
    }
);

wrong!(
    LeavesSilently,
    "Was called for work, goes where it is waited for, and tells nobody.",
    fn leave(&self, _: bool, _: &Pool<Self>) {}
);

wrong!(
    UpForItself,
    "Finds work at the last moment, and is not the waking thread.",
    fn sleep(
        &self,
        me: usize,
        waking: bool,
        awaited: &dyn Fn() -> bool,
        pool: &Pool<Self>,
    ) -> Up {
        self.0.announces(me, waking);
        heavy();
        if awaited() || pool.has_work() {
            return self.0.get_up(me, false);
        }
        self.0.lie(me, None)
    }
);

wrong!(
    LatchFirst,
    "Looks at its latch, and leaves without a look at the queues.",
    fn sleep(
        &self,
        me: usize,
        waking: bool,
        awaited: &dyn Fn() -> bool,
        pool: &Pool<Self>,
    ) -> Up {
        self.0.announces(me, waking);
        heavy();
        if awaited() {
            return self.0.get_up(me, false);
        }
        self.0.looks_and_lies(me, awaited, pool)
    }
);

wrong!(
    GivesUp,
    "Finds nobody to call, gives `notified` back, and does not look again.",
    fn notify(&self, pool: &Pool<Self>) {
        light();
        let seen = self.0.look();
        if !seen.is_notified() && self.0.state.notify() {
            let sleeper = |worker| self.0.take_off(worker, CALLED);
            if !(0..self.0.beds.len()).any(sleeper) && !pool.start_thread() {
                self.0.state.unnotify();
            }
        }
    }
);

#[test]
fn each_wrong_sleep_is_caught() {
    use Kind::{Assertion, Deadlock, LostWakeUp};
    // ANCHOR: caught
    let wrong: [(_, fn(), _); 18] = [
        ("no second look", push_and_park::<NoSecondLook>, LostWakeUp),
        (
            "looks, then announces",
            push_and_park::<LooksFirst>,
            LostWakeUp,
        ),
        (
            "goes to bed too late",
            push_and_park::<BedLater>,
            LostWakeUp,
        ),
        (
            "a sleeper without a barrier",
            push_and_park::<NoHeavy>,
            LostWakeUp,
        ),
        (
            "a pusher without a barrier",
            push_and_park::<NoLight>,
            LostWakeUp,
        ),
        ("a setter without a barrier", a_latch::<NoLight>, LostWakeUp),
        (
            "does not look at its latch",
            a_latch::<LatchForgotten>,
            LostWakeUp,
        ),
        (
            "sleeps notified",
            called_in_vain::<StaysNotified>,
            LostWakeUp,
        ),
        (
            "gives it back late",
            called_in_vain::<ClearsLate>,
            LostWakeUp,
        ),
        (
            "leaves the bed as it was",
            push_and_park::<WakesInPlace>,
            LostWakeUp,
        ),
        ("wakes one for a batch", a_batch::<HandsNothingOn>, Deadlock),
        (
            "looks, then gives it back",
            pushed_beside_the_waking::<LooksBeforeItClears>,
            Assertion,
        ),
        (
            "gives it back without a barrier",
            pushed_beside_the_waking::<HandsOnUnfenced>,
            Assertion,
        ),
        (
            "hands on when it is done",
            one_calls_the_next::<HandsOnAfterwards>,
            Deadlock,
        ),
        (
            "is called, and leaves",
            called_and_gone::<LeavesSilently>,
            Assertion,
        ),
        (
            "up for itself alone",
            found_at_the_last_moment::<UpForItself>,
            Assertion,
        ),
        (
            "leaves without a look",
            gone_at_the_last_moment::<LatchFirst>,
            Assertion,
        ),
        ("nobody to call", no_thread_to_be_had::<GivesUp>, Assertion),
    ];
    // ANCHOR_END: caught
    caught("sleep", &wrong);
}
