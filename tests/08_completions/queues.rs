//! Property: however small the queues that are shared with the kernel, nothing is lost and
//! nothing stands still: what does not fit is handed over later.

use crate::rig::{
    Rig, TheLoop, World, answered, came, done, file, moved, pattern, room,
};
use std::io::Write as _;
use std::time::Duration;
use threadbare::completion::{Answer, Config, Finished, Next};

of_both! {
    more_than_fit_at_once
    more_ends_than_fit
    a_callback_submits_more_than_fit
    more_cancels_than_fit
    a_flood_of_what_comes_by_itself
    none_is_a_few
}

/// As small as it can be.
fn small(config: Config) -> Rig {
    Rig::new(Config {
        entries: 4,
        buffers: (4, 64),
        ..config
    })
}

fn more_than_fit_at_once(config: Config) {
    let mut rig = small(config);
    let pairs: Vec<_> = (0..200).map(|_| rig.pair()).collect();
    for (user, (ours, _)) in (0..).zip(&pairs) {
        rig.the_loop.read(*ours, room(8), user, moved);
        rig.the_loop
            .write(*ours, vec![user as u8], 1_000 + user, moved);
    }
    rig.until(|world| world.told.len() == 200);
    for (_, theirs) in &pairs {
        let mut came = [0; 1];
        std::io::Read::read_exact(&mut &*theirs, &mut came).unwrap();
        (&mut &*theirs).write_all(&came).unwrap();
    }
    rig.finish();
    for user in 0..200 {
        let told = rig.world.told.iter().find(|it| it.user == user).unwrap();
        assert_eq!(told.buffer, [user as u8]);
    }
}

/// All of them end while the loop does not look.
fn more_ends_than_fit(config: Config) {
    let mut rig = small(config);
    let pairs: Vec<_> = (0..300).map(|_| rig.pair()).collect();
    for (user, (ours, _)) in (0..).zip(&pairs) {
        rig.the_loop.read(*ours, room(8), user, moved);
    }
    for _ in 0..3 {
        rig.hand_over();
    }
    for (_, theirs) in &pairs {
        (&mut &*theirs).write_all(b"x").unwrap();
    }
    assert_eq!(rig.finish(), 300);
    assert!(rig.world.told.iter().all(|it| it.buffer == b"x"));
}

fn a_callback_submits_more_than_fit(config: Config) {
    fn many(
        the_loop: &mut TheLoop,
        world: &mut World,
        it: &mut Finished<()>,
    ) -> Next {
        for user in 0..500 {
            let ours = world.ours[user as usize % world.ours.len()];
            the_loop.write(ours, vec![user as u8], user, moved);
        }
        done(the_loop, world, it)
    }
    let mut rig = small(config);
    let mut pairs: Vec<_> = (0..10).map(|_| rig.pair()).collect();
    rig.world.ours = pairs.iter().map(|it| it.0).collect();
    rig.the_loop.timer(Duration::ZERO, 10_000, many);
    assert_eq!(rig.finish(), 501);
    for (number, (_, theirs)) in pairs.iter_mut().enumerate() {
        let mut came = [0; 50];
        std::io::Read::read_exact(theirs, &mut came).unwrap();
        let sent = (0..50).map(|round| (number + round * 10) as u8);
        assert!(came.into_iter().eq(sent), "{number}: {came:?}");
    }
}

fn more_cancels_than_fit(config: Config) {
    let mut rig = small(config);
    let pairs: Vec<_> = (0..200).map(|_| rig.pair()).collect();
    let bytes = rig.the_loop.adopt(file(&pattern(4_096))).unwrap();
    let mut all = Vec::new();
    for (user, (ours, _)) in (0..).zip(&pairs) {
        all.push(rig.the_loop.read(*ours, room(8), user, moved));
        rig.the_loop.read_at(bytes, user * 8, room(8), 1_000, moved);
    }
    rig.look();
    for (user, read) in (2_000..).zip(&all) {
        rig.the_loop.cancel(*read, user, answered);
    }
    rig.finish();
    assert_eq!(rig.world.told.len(), 600);
    let told = &rig.world.told;
    assert!(
        told.iter()
            .filter(|it| it.user < 200)
            .all(|it| it.is_cancelled())
    );
    let answers = told.iter().filter_map(|it| it.answer);
    assert_eq!(answers.filter(|it| *it == Answer::Cancelled).count(), 200);
    let read = told.iter().filter(|it| it.user == 1_000);
    assert!(read.clone().all(|it| it.count() == 8));
}

/// What is asked for once and ends often: more of it than there is room for.
fn a_flood_of_what_comes_by_itself(config: Config) {
    let mut rig = small(config);
    let pairs: Vec<_> = (0..50).map(|_| rig.pair()).collect();
    for (user, (ours, _)) in (0..).zip(&pairs) {
        rig.the_loop.receive(*ours, user, came);
        rig.world.again.insert(user, u32::MAX);
    }
    rig.hand_over();
    let sent = pattern(2_000);
    for piece in sent.chunks(100) {
        for (_, theirs) in &pairs {
            (&mut &*theirs).write_all(piece).unwrap();
        }
        rig.look();
    }
    let all = |world: &World| world.bytes.values().map(Vec::len).sum::<usize>();
    rig.until(|world| all(world) == 50 * sent.len());
    assert!(rig.world.bytes.values().all(|bytes| *bytes == sent));
    assert!(rig.world.told.iter().all(|it| it.result.is_ok()));
}

fn none_is_a_few(config: Config) {
    let mut rig = Rig::new(Config {
        entries: 0,
        buffers: (0, 0),
        file_threads: 0,
        ..config
    });
    let (ours, mut theirs) = rig.pair();
    let bytes = rig.the_loop.adopt(file(b"hello")).unwrap();
    theirs.write_all(b"hello").unwrap();
    let read = rig.the_loop.receive(ours, 1, came);
    let told = rig.end_of(read);
    assert!(told.count() > 0 && b"hello".starts_with(&told.buffer));
    let read = rig.the_loop.read_at(bytes, 0, room(8), 2, moved);
    assert_eq!(rig.end_of(read).buffer, b"hello");
}
