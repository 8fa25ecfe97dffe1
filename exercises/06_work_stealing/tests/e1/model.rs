//! Graders of 06.1 under the model checker: who works, who sleeps, and who is woken.

#![allow(unsafe_code, reason = "what a job has done is plain memory")]

#[path = "../common/calls.rs"]
mod calls;
#[path = "../common/sleeps.rs"]
mod sleeps;
#[path = "../common/told.rs"]
mod told;

use super::on_model::ground::cell::UnsafeCell;
use super::on_model::ground::sync::{Arc, Mutex};
use super::on_model::ground::time::Duration;
use super::on_model::ground::{Named as _, thread};
use ::explorer::{Kind, Model};

use super::on_model::answer::given::Pool;
use super::on_model::answer::{Member, WaitGroup};
use told::Told;

grading::graders![
    nobody_is_waited_for,
    a_pool_of_one_thread,
    a_job_that_waits_in_a_job_that_waits,
    it_works_itself,
    a_job_waits_for_the_same_group,
    it_begins_no_other_job,
    it_leaves_other_jobs_where_they_are,
    who_waits_sleeps,
    who_has_worked_sleeps,
    a_member_ends,
    two_members_end,
    a_member_ends_twice_in_a_row,
    a_job_comes,
    a_job_comes_that_has_nothing_to_do_with_it,
    a_worker_takes_the_job,
    a_worker_waits,
    a_job_adds_a_member,
    two_wait,
    a_job_panics,
    one_of_two_members_rings_no_bell,
];

/// The right ones take a second at most.
const SEARCH_LIMIT: Duration = Duration::from_secs(8);

fn model(name: &str) -> Model {
    let sleeps = "is there a job that nobody runs? Then whoever sleeps should have taken it. \
                  If not: when did it read the number on which it sleeps, and when did it \
                  look for jobs and for members? Did the last member ring, and after what?";
    Model::new(name)
        .time(SEARCH_LIMIT)
        .hint(Kind::LostWakeUp, sleeps)
        .hint(Kind::Deadlock, sleeps)
        .hint(
            Kind::DataRace,
            "what does the end of a member publish, and does the look of `wait` that finds \
             no member take it up?",
        )
        .hint(
            Kind::Livelock,
            "whoever finds neither an end nor a job should sleep until the bell rings",
        )
}

#[track_caller]
fn check(model: &Model, root: fn()) {
    grading::step("exploring a model");
    model.check(root);
}

/// Two places for what a job has done.
struct Board([UnsafeCell<u32>; 2]);

// SAFETY: a place is written by a member before it ends, and read by those who have waited
// for that, if the group is right. If it is not, the explorer says so before anything is
// read.
unsafe impl Sync for Board {}

impl Board {
    fn new() -> Arc<Self> {
        Arc::new(Self([
            UnsafeCell::new(0).named("first result"),
            UnsafeCell::new(0).named("second result"),
        ]))
    }

    fn write(&self, place: usize) {
        // SAFETY: nobody reads before the member that does this has ended.
        self.0[place].with_mut(|result| unsafe { *result += 1 });
    }

    #[track_caller]
    fn is_done(&self, places: usize) {
        for place in &self.0[..places] {
            // SAFETY: the members that write have ended.
            let result = place.with(|result| unsafe { *result });
            assert!(
                result == 1,
                "wait returned, and what it waited for was done {result} times"
            );
        }
    }
}

/// Puts a job into the pool that writes, and ends a member.
fn spawn(pool: &Pool, member: Member, board: &Arc<Board>, place: usize) {
    let board = Arc::clone(board);
    pool.spawn(move || {
        board.write(place);
        drop(member);
    });
}

/// Starts a thread that writes, and ends a member.
fn start(
    member: Member,
    board: &Arc<Board>,
    place: usize,
) -> thread::JoinHandle<()> {
    let board = Arc::clone(board);
    thread::spawn(move || {
        board.write(place);
        drop(member);
    })
}

fn nobody_is_waited_for() {
    let model = model("a group without members, and one that had some");
    check(&model, || {
        let pool = Pool::new();
        let group = WaitGroup::new(&pool);
        group.wait();
        let members = [group.add(), group.add()];
        drop(members);
        group.wait();
        group.wait();
    });
}

fn a_pool_of_one_thread() {
    let model = model("a pool of one thread, and a job that waits for two");
    check(&model, || {
        let pool = Pool::new();
        let (inside, all) = (Arc::clone(&pool), Board::new());
        let end = Arc::clone(&all);
        let told = Told::new();
        pool.spawn(told.of(move || {
            let group = WaitGroup::new(&inside);
            let board = Board::new();
            spawn(&inside, group.add(), &board, 0);
            spawn(&inside, group.add(), &board, 1);
            group.wait();
            board.is_done(2);
            end.write(0);
        }));
        pool.close();
        pool.work();
        told.tell();
        all.is_done(1);
    });
}

/// Each waits on top of the one before, on the same thread.
fn a_job_that_waits_in_a_job_that_waits() {
    let model = model("a pool of one thread, and jobs that wait in jobs that wait");
    check(&model, || {
        // What is wrong in a job shows in the root: `run` catches its panic.
        fn nest(pool: &Arc<Pool>, depth: u32) {
            if depth == 0 {
                return;
            }
            let group = WaitGroup::new(pool);
            let board = Board::new();
            for place in 0..2 {
                let (inside, member, board) =
                    (Arc::clone(pool), group.add(), Arc::clone(&board));
                pool.spawn(move || {
                    nest(&inside, depth - 1);
                    board.write(place);
                    drop(member);
                });
            }
            group.wait();
            board.is_done(2);
        }
        let pool = Pool::new();
        nest(&pool, 3);
    });
}

fn it_works_itself() {
    check(&model("one thread waits for a job"), || {
        let pool = Pool::new();
        let group = WaitGroup::new(&pool);
        let (waits, member) = (thread::current().id(), group.add());
        let runs = Arc::new(Mutex::new(None));
        let inside = Arc::clone(&runs);
        pool.spawn(move || {
            *inside.lock().unwrap() = Some(thread::current().id());
            drop(member);
        });
        group.wait();
        assert!(
            *runs.lock().unwrap() == Some(waits),
            "the job ran on another thread than the one that waits"
        );
    });
}

/// Which is none of those that it waits for.
fn a_job_waits_for_the_same_group() {
    let model = model("a job waits for the group that is waited for");
    check(&model, || {
        let pool = Pool::new();
        let group = Arc::new(WaitGroup::new(&pool));
        let board = Board::new();
        let (same, result) = (Arc::clone(&group), Arc::clone(&board));
        let told = Told::new();
        pool.spawn(told.of(move || {
            same.wait();
            result.is_done(1);
            result.write(1);
        }));
        spawn(&pool, group.add(), &board, 0);
        group.wait();
        told.tell();
        board.is_done(2);
    });
}

fn it_begins_no_other_job() {
    let model = model("one thread waits, and other jobs are behind its own");
    check(&model, || {
        let pool = Pool::new();
        let group = WaitGroup::new(&pool);
        let board = Board::new();
        pool.spawn(|| ());
        group.wait();
        let first = pool.take();
        assert!(
            first.is_some(),
            "wait ran a job, and the group had no members"
        );
        spawn(&pool, group.add(), &board, 0);
        pool.spawn(|| ());
        group.wait();
        board.is_done(1);
        let other = pool.take();
        assert!(
            other.is_some(),
            "wait ran another job when the last member had ended: that job may take long, \
         and what it waited for is done"
        );
    });
}

/// A job that is taken, and put back later, is missed by workers that go home in between.
fn it_leaves_other_jobs_where_they_are() {
    let model = model("one waits for nobody, and a worker works until the end");
    check(&model, || {
        let pool = Pool::new();
        let group = WaitGroup::new(&pool);
        let runs = Arc::new(Mutex::new(0));
        let inside = Arc::clone(&runs);
        pool.spawn(move || *inside.lock().unwrap() += 1);
        let works = Arc::clone(&pool);
        let worker = thread::spawn(move || {
            works.close();
            works.work();
        });
        group.wait();
        worker.join().unwrap();
        let runs = *runs.lock().unwrap();
        assert!(
            runs == 1,
            "the group had no members, a worker worked until the end, and the only job was \
             run {runs} times: who took it?"
        );
    });
}

fn who_waits_sleeps() {
    sleeps::must_sleep("a thread in wait, with one member left and no job,", || {
        let pool = Pool::new();
        let group = WaitGroup::new(&pool);
        let member = group.add();
        group.wait();
        drop(member);
    });
}

fn who_has_worked_sleeps() {
    let who = "a thread in wait, with one member left and no job left,";
    sleeps::must_sleep(who, || {
        let pool = Pool::new();
        let group = WaitGroup::new(&pool);
        let member = group.add();
        let board = Board::new();
        spawn(&pool, group.add(), &board, 0);
        // The bell rings while it works.
        let inside = Arc::clone(&pool);
        pool.spawn(move || inside.spawn(|| ()));
        group.wait();
        drop(member);
    });
}

fn a_member_ends() {
    let model = model("one waits while another thread ends the only member");
    check(&model, || {
        let pool = Pool::new();
        let group = WaitGroup::new(&pool);
        let board = Board::new();
        let other = start(group.add(), &board, 0);
        group.wait();
        board.is_done(1);
        other.join().unwrap();
    });
}

fn two_members_end() {
    let model = model("one waits while two threads end a member each");
    check(&model.spurious(false), || {
        let pool = Pool::new();
        let group = WaitGroup::new(&pool);
        let board = Board::new();
        let others = [start(group.add(), &board, 0), start(group.add(), &board, 1)];
        group.wait();
        board.is_done(2);
        for other in others {
            other.join().unwrap();
        }
    });
}

fn a_member_ends_twice_in_a_row() {
    let model = model("a group is used, and then used again");
    check(&model.spurious(false), || {
        let pool = Pool::new();
        let group = WaitGroup::new(&pool);
        let board = Board::new();
        let first = start(group.add(), &board, 0);
        group.wait();
        board.is_done(1);
        let second = start(group.add(), &board, 1);
        group.wait();
        board.is_done(2);
        first.join().unwrap();
        second.join().unwrap();
    });
}

/// Nobody else would run it.
fn a_job_comes() {
    let model = model("one waits, and the job that it waits for comes late");
    check(&model, || {
        let pool = Pool::new();
        let group = WaitGroup::new(&pool);
        let board = Board::new();
        let other = {
            let (pool, member, board) =
                (Arc::clone(&pool), group.add(), Arc::clone(&board));
            thread::spawn(move || spawn(&pool, member, &board, 0))
        };
        group.wait();
        board.is_done(1);
        other.join().unwrap();
    });
}

/// It is not a member's, and yet the member can't end without it.
fn a_job_comes_that_has_nothing_to_do_with_it() {
    let model =
        model("a member ends when another job is done, and that one comes late");
    check(&model, || {
        let pool = Pool::new();
        let group = WaitGroup::new(&pool);
        let other = {
            let (pool, member) = (Arc::clone(&pool), group.add());
            thread::spawn(move || {
                let needed = WaitGroup::new(&pool);
                let board = Board::new();
                let kept = Arc::new(Mutex::new(Some((member, needed.add()))));
                let (theirs, result) = (Arc::clone(&kept), Arc::clone(&board));
                pool.spawn(move || {
                    result.write(0);
                    drop(theirs.lock().unwrap().take());
                });
            })
        };
        group.wait();
        other.join().unwrap();
    });
}

fn a_worker_takes_the_job() {
    let model = model("one waits for a job that a worker may have taken");
    check(&model, || {
        let pool = Pool::new();
        let group = WaitGroup::new(&pool);
        let board = Board::new();
        spawn(&pool, group.add(), &board, 0);
        let worker = {
            let pool = Arc::clone(&pool);
            thread::spawn(move || {
                if let Some(job) = pool.take() {
                    job.run();
                }
            })
        };
        group.wait();
        board.is_done(1);
        worker.join().unwrap();
    });
}

/// One of them waits in a job, the other in `work`.
fn a_worker_waits() {
    let model = model("two workers, and one waits for the other's job");
    check(&model.spurious(false), || {
        let pool = Pool::new();
        let (inside, all) = (Arc::clone(&pool), Board::new());
        let end = Arc::clone(&all);
        let told = Told::new();
        pool.spawn(told.of(move || {
            let group = WaitGroup::new(&inside);
            let board = Board::new();
            spawn(&inside, group.add(), &board, 0);
            group.wait();
            board.is_done(1);
            end.write(0);
        }));
        pool.close();
        let worker = {
            let pool = Arc::clone(&pool);
            thread::spawn(move || pool.work())
        };
        pool.work();
        worker.join().unwrap();
        told.tell();
        all.is_done(1);
    });
}

fn a_job_adds_a_member() {
    let model = model("a job of the group adds a member, whose job comes then");
    check(&model.spurious(false), || {
        let pool = Pool::new();
        let group = Arc::new(WaitGroup::new(&pool));
        let board = Board::new();
        let member = group.add();
        let other = {
            let (pool, group, board) =
                (Arc::clone(&pool), Arc::clone(&group), Arc::clone(&board));
            thread::spawn(move || {
                spawn(&pool, group.add(), &board, 0);
                board.write(1);
                drop(member);
            })
        };
        group.wait();
        board.is_done(2);
        other.join().unwrap();
    });
}

fn two_wait() {
    let model = model("two wait for the same member");
    check(&model.spurious(false), || {
        let pool = Pool::new();
        let group = Arc::new(WaitGroup::new(&pool));
        let board = Board::new();
        let member = group.add();
        let waits = {
            let (group, board) = (Arc::clone(&group), Arc::clone(&board));
            thread::spawn(move || {
                group.wait();
                board.is_done(1);
            })
        };
        let ends = start(member, &board, 0);
        group.wait();
        board.is_done(1);
        waits.join().unwrap();
        ends.join().unwrap();
    });
}

/// Its member ends all the same, when its closure is dropped.
fn a_job_panics() {
    check(&model("one waits for a job that panics"), || {
        let pool = Pool::new();
        let group = WaitGroup::new(&pool);
        let member = group.add();
        pool.spawn(move || {
            let _member = member;
            grading::planned_panic("disk full");
        });
        let worker = {
            let pool = Arc::clone(&pool);
            thread::spawn(move || {
                if let Some(job) = pool.take() {
                    job.run();
                }
            })
        };
        group.wait();
        worker.join().unwrap();
    });
}

fn one_of_two_members_rings_no_bell() {
    calls::must_not_wake("a member has ended, and another one is left", || {
        let pool = Pool::new();
        let group = WaitGroup::new(&pool);
        let [first, second, third] = [(); 3].map(|()| group.add());
        // Kept: what comes after the judgement is of no interest.
        let _third = std::mem::ManuallyDrop::new(third);
        calls::from_here_on(|| {
            drop(first);
            drop(second);
        });
    });
}
