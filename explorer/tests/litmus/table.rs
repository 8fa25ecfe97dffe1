//! The tests: a program, the outcome in question, and the verdict.
//!
//! Names are the usual ones of the literature: SB is store buffering (each thread stores to
//! its location and loads the other's), MP message passing, LB load buffering, IRIW
//! independent reads of independent writes, 2+2W two threads that both store to both, WRC
//! write to read causality, RWC read to write causality, ISA2, R, S and Z6.U are called so in
//! the Power and Arm papers, Co.. are the tests of coherence. Numbers like 4.1 are those of
//! paragraph \[atomics.order\] of C++20.

use Verdict::{Allowed, Forbidden, LoadBuffering, OrderOfExecution};

/// What becomes of the outcome in question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Allowed,
    Forbidden,
    /// C++20 allows that a load reads a store that depends on it in time. Not here: a load
    /// reads what was stored before it runs.
    LoadBuffering,
    /// C++20 asks that S agrees with *strongly* happens-before. Here S is the order in which
    /// the operations run, which agrees with happens-before and with reads-from, too.
    OrderOfExecution,
}

pub(crate) struct Test {
    pub(crate) group: &'static str,
    pub(crate) name: String,
    pub(crate) program: String,
    pub(crate) weak: &'static str,
    pub(crate) verdict: Verdict,
}

/// A test as it is listed: name, program, outcome, verdict.
type Listed = (&'static str, &'static str, &'static str, Verdict);

/// A list of tests, one on a line: `"name": "program" => "outcome" Verdict;`
macro_rules! table {
    ($($name:literal: $program:literal => $weak:literal $verdict:ident;)*) => {
        &[$(($name, $program, $weak, $verdict)),*]
    };
}

const STORES: [&str; 3] = ["rlx", "rel", "sc"];
const LOADS: [&str; 3] = ["rlx", "acq", "sc"];

/// All tests.
pub(crate) fn tests() -> Vec<Test> {
    let mut tests = Vec::new();

    // Only S orders a store before a load of another location.
    every_ordering(
        &mut tests,
        "SB",
        "x=1:{s} y:{l} | y=1:{s} x:{l}",
        "0 0",
        unless_all_sc,
    );
    listed(&mut tests, "SB", SB);

    every_ordering(
        &mut tests,
        "MP",
        "x=1:rlx y=1:{s} | y:{l} x:rlx",
        "1 0",
        unless_rel_acq,
    );
    listed(&mut tests, "MP", MP);

    // With release and acquire each load would happen before itself.
    every_ordering(
        &mut tests,
        "LB",
        "x:{l} y=1:{s} | y:{l} x=1:{s}",
        "1 1",
        |s, l| match unless_rel_acq(s, l) {
            Allowed => LoadBuffering,
            verdict => verdict,
        },
    );
    listed(&mut tests, "LB", LB);

    // 3.4 lets the order of two SeqCst loads follow from a relaxed store between them: so
    // the loads decide, whatever the stores are.
    let iriw = "x=1:{s} | y=1:{s} | x:{l} y:{l} | y:{l} x:{l}";
    every_ordering(&mut tests, "IRIW", iriw, "1 0 1 0", |_, load| {
        if load == "sc" { Forbidden } else { Allowed }
    });
    listed(&mut tests, "IRIW", IRIW);

    let both = "x=1:{s} y=2:{s} | y=1:{s} x=2:{s}";
    for store in STORES {
        let verdict = if store == "sc" { Forbidden } else { Allowed };
        let program = both.replace("{s}", store);
        push(
            &mut tests,
            "2+2W",
            format!("2+2W {store}"),
            program,
            "x=1 y=1",
            verdict,
        );
    }
    listed(&mut tests, "2+2W", TWO_WRITES);

    listed(&mut tests, "coherence", COHERENCE);

    let wrc = "x=1:rlx | x:rlx y=1:{s} | y:{l} x:rlx";
    every_ordering(&mut tests, "WRC", wrc, "1 1 0", unless_rel_acq);
    listed(&mut tests, "WRC", CAUSALITY);

    let r = "x=1:{s} y=1:{s} | y=2:{s} x:{l}";
    every_ordering(&mut tests, "R", r, "0 y=2", unless_all_sc);
    listed(&mut tests, "R", R);

    every_ordering(
        &mut tests,
        "S",
        "x=2:rlx y=1:{s} | y:{l} x=1:rlx",
        "1 x=2",
        unless_rel_acq,
    );
    listed(&mut tests, "S", S);

    let rwc = "x=1:{s} | x:{l} y:{l} | y=1:{s} x:{l}";
    every_ordering(&mut tests, "RWC", rwc, "1 0 0", unless_all_sc);
    listed(&mut tests, "RWC", RWC);

    listed(&mut tests, "three threads in a ring", RINGS);
    listed(&mut tests, "release sequences", RELEASE_SEQUENCES);
    listed(&mut tests, "read-modify-writes", UPDATES);
    listed(
        &mut tests,
        "S is the order of execution",
        ORDER_OF_EXECUTION,
    );
    tests
}

fn unless_rel_acq(store: &str, load: &str) -> Verdict {
    if store != "rlx" && load != "rlx" {
        Forbidden
    } else {
        Allowed
    }
}

fn unless_all_sc(store: &str, load: &str) -> Verdict {
    if store == "sc" && load == "sc" {
        Forbidden
    } else {
        Allowed
    }
}

fn push(
    tests: &mut Vec<Test>,
    group: &'static str,
    name: String,
    program: String,
    weak: &'static str,
    verdict: Verdict,
) {
    tests.push(Test {
        group,
        name,
        program,
        weak,
        verdict,
    });
}

fn listed(tests: &mut Vec<Test>, group: &'static str, list: &[Listed]) {
    for &(name, program, weak, verdict) in list {
        push(
            tests,
            group,
            name.to_owned(),
            program.to_owned(),
            weak,
            verdict,
        );
    }
}

/// A test for each ordering of its stores (`{s}`) and of its loads (`{l}`).
fn every_ordering(
    tests: &mut Vec<Test>,
    group: &'static str,
    program: &str,
    weak: &'static str,
    verdict: impl Fn(&str, &str) -> Verdict,
) {
    for store in STORES {
        for load in LOADS {
            let program = program.replace("{s}", store).replace("{l}", load);
            let name = format!("{group} {store} {load}");
            push(tests, group, name, program, weak, verdict(store, load));
        }
    }
}

const SB: &[Listed] = table! {
    // 4.4: of two SeqCst fences one is first; what was stored before it is seen after the
    // second.
    "SB, SC fences": "x=1:rlx F:sc y:rlx | y=1:rlx F:sc x:rlx" => "0 0" Forbidden;
    "SB, AcqRel fences": "x=1:rlx F:ar y:rlx | y=1:rlx F:ar x:rlx" => "0 0" Allowed;
    "SB, one SC fence": "x=1:rlx F:sc y:rlx | y=1:rlx x:rlx" => "0 0" Allowed;
    // 4.2 and 4.3: a fence is ordered with accesses, too.
    "SB, SC fence | SC accesses": "x=1:rlx F:sc y:rlx | y=1:sc x:sc" => "0 0" Forbidden;
    "SB, SC fence | SC store": "x=1:rlx F:sc y:rlx | y=1:sc x:rlx" => "0 0" Allowed;
    "SB, SC fence | SC load": "x=1:rlx F:sc y:rlx | y=1:rlx x:sc" => "0 0" Allowed;
    // What a SeqCst fence has made known stays known, also if a third thread may still read
    // the old values.
    "SB, SC fences, then acquire fences":
        "x=1:rlx F:sc F:acq y:rlx | y=1:rlx F:sc F:acq x:rlx | x:rlx y:rlx"
        => "0 0" Forbidden;
    "SB, SC | relaxed": "x=1:sc y:sc | y=1:rlx x:rlx" => "0 0" Allowed;
    "SB, SC | SC store, acquire load": "x=1:sc y:sc | y=1:sc x:acq" => "0 0" Allowed;
    "SB, SC | release store, SC load": "x=1:sc y:sc | y=1:rel x:sc" => "0 0" Allowed;
    "SB, AcqRel updates store": "x+1:ar y:acq | y+1:ar x:acq" => "_ 0 _ 0" Allowed;
    "SB, SC updates store": "x+1:sc y:sc | y+1:sc x:sc" => "_ 0 _ 0" Forbidden;
    "SB, SC update | SC store": "x+1:sc y:sc | y=1:sc x:sc" => "_ 0 0" Forbidden;
    // An update that loads is no fence: the store before it may come later in S.
    "SB, AcqRel updates load": "x=1:rlx y+0:ar | y=1:rlx x+0:ar" => "0 0" Allowed;
    // Each update reads the other's: they synchronise in a circle.
    "SB, AcqRel updates only": "x+1:ar y+0:ar | y+1:ar x+0:ar" => "_ 0 _ 0" Forbidden;
    "SB, relaxed updates only":
        "x+1:rlx y+0:rlx | y+1:rlx x+0:rlx" => "_ 0 _ 0" LoadBuffering;
    // Two updates of one location are ordered, and the second acquires from the first ...
    "SB, AcqRel updates of z between":
        "x=1:rlx z+0:ar y:rlx | y=1:rlx z+0:ar x:rlx" => "_ 0 _ 0" Forbidden;
    "SB, relaxed updates of z between":
        "x=1:rlx z+0:rlx y:rlx | y=1:rlx z+0:rlx x:rlx" => "_ 0 _ 0" Allowed;
    // ... and two of different locations are not, even in SeqCst.
    "SB, SC updates of z and of w between":
        "x=1:rlx z+0:sc y:rlx | y=1:rlx w+0:sc x:rlx" => "_ 0 _ 0" Allowed;
};

const MP: &[Listed] = table! {
    "MP, fences": "x=1:rlx F:rel y=1:rlx | y:rlx F:acq x:rlx" => "1 0" Forbidden;
    "MP, SC fences": "x=1:rlx F:sc y=1:rlx | y:rlx F:sc x:rlx" => "1 0" Forbidden;
    "MP, release fence, acquire load":
        "x=1:rlx F:rel y=1:rlx | y:acq x:rlx" => "1 0" Forbidden;
    "MP, release store, acquire fence":
        "x=1:rlx y=1:rel | y:rlx F:acq x:rlx" => "1 0" Forbidden;
    "MP, release fence only": "x=1:rlx F:rel y=1:rlx | y:rlx x:rlx" => "1 0" Allowed;
    "MP, acquire fence only": "x=1:rlx y=1:rlx | y:rlx F:acq x:rlx" => "1 0" Allowed;
    "MP, acquire fence for a release":
        "x=1:rlx F:acq y=1:rlx | y:rlx F:acq x:rlx" => "1 0" Allowed;
    "MP, release fence after the store":
        "x=1:rlx y=1:rlx F:rel | y:rlx F:acq x:rlx" => "1 0" Allowed;
    "MP, acquire fence before the load":
        "x=1:rlx F:rel y=1:rlx | F:acq y:rlx x:rlx" => "1 0" Allowed;
    // A fence orders all stores behind it, not only the next one.
    "MP, second store after the fence":
        "x=1:rlx F:rel y=1:rlx y=2:rlx | y:acq x:rlx" => "2 0" Forbidden;
    "MP, second load before the fence":
        "x=1:rlx y=1:rel | y:rlx z:rlx F:acq x:rlx" => "1 0 0" Forbidden;
    // A release orders what is before it, an acquire what is after it.
    "MP, data after the release": "y=1:rel x=1:rlx | x:acq y:rlx" => "1 0" Allowed;
    "MP, data before the acquire": "x=1:rlx y=1:rel | x:rlx y:acq" => "0 1" Allowed;
    // The SeqCst data say nothing about a flag that is relaxed.
    "MP, SC data, acquire flag only": "x=1:sc y=1:rlx | y:acq x:rlx" => "1 0" Allowed;
};

const LB: &[Listed] = table! {
    // A fence synchronises with a fence, each way: a circle of happens-before.
    "LB, AcqRel fences": "x:rlx F:ar y=1:rlx | y:rlx F:ar x=1:rlx" => "1 1" Forbidden;
    "LB, SC fences": "x:rlx F:sc y=1:rlx | y:rlx F:sc x=1:rlx" => "1 1" Forbidden;
    "LB, one SC fence": "x:rlx F:sc y=1:rlx | y:rlx x=1:rlx" => "1 1" LoadBuffering;
    "LB, acquire and release | relaxed":
        "x:acq y=1:rel | y:rlx x=1:rlx" => "1 1" LoadBuffering;
    // The acquire reads the release, so the load before that happens before the store that
    // it would have to read.
    "LB, acquire | release": "x:acq y=1:rlx | y:rlx x=1:rel" => "1 1" Forbidden;
    "LB, relaxed updates": "x+0:rlx y+1:rlx | y+0:rlx x+1:rlx" => "1 _ 1" LoadBuffering;
    "LB, AcqRel updates": "x+0:ar y+1:ar | y+0:ar x+1:ar" => "1 _ 1" Forbidden;
};

const IRIW: &[Listed] = table! {
    "IRIW, SC fences":
        "x=1:rlx | y=1:rlx | x:rlx F:sc y:rlx | y:rlx F:sc x:rlx" => "1 0 1 0" Forbidden;
    "IRIW, AcqRel fences":
        "x=1:rlx | y=1:rlx | x:rlx F:ar y:rlx | y:rlx F:ar x:rlx" => "1 0 1 0" Allowed;
    "IRIW, one SC fence":
        "x=1:rel | y=1:rel | x:acq F:sc y:acq | y:acq x:acq" => "1 0 1 0" Allowed;
    "IRIW, SC fence | SC loads":
        "x=1:rlx | y=1:rlx | x:rlx F:sc y:rlx | y:sc x:sc" => "1 0 1 0" Forbidden;
    "IRIW, SC loads | acquire loads":
        "x=1:sc | y=1:sc | x:sc y:sc | y:acq x:acq" => "1 0 1 0" Allowed;
    "IRIW, only the second loads SC":
        "x=1:sc | y=1:sc | x:acq y:sc | y:acq x:sc" => "1 0 1 0" OrderOfExecution;
    "IRIW, updates that load":
        "x=1:rlx | y=1:rlx | x+0:ar y+0:ar | y+0:ar x+0:ar" => "1 0 1 0" Allowed;
};

const TWO_WRITES: &[Listed] = table! {
    "2+2W, SC fences":
        "x=1:rlx F:sc y=2:rlx | y=1:rlx F:sc x=2:rlx" => "x=1 y=1" Forbidden;
    "2+2W, release fences":
        "x=1:rlx F:rel y=2:rlx | y=1:rlx F:rel x=2:rlx" => "x=1 y=1" Allowed;
    "2+2W, SC fence | SC stores":
        "x=1:rlx F:sc y=2:rlx | y=1:sc x=2:sc" => "x=1 y=1" Forbidden;
    "2+2W, SC first stores only": "x=1:sc y=2:rlx | y=1:sc x=2:rlx" => "x=1 y=1" Allowed;
    "2+2W, SC second stores only":
        "x=1:rlx y=2:sc | y=1:rlx x=2:sc" => "x=1 y=1" Allowed;
    "2+2W, SC | release": "x=1:sc y=2:sc | y=1:rel x=2:rel" => "x=1 y=1" Allowed;
};

const COHERENCE: &[Listed] = table! {
    "CoWW": "x=1:rlx x=2:rlx" => "x=1" Forbidden;
    "CoWR": "x=1:rlx x:rlx" => "0" Forbidden;
    "CoWR, another's store": "x=1:rlx x:rlx | x=2:rlx" => "2 x=1" Forbidden;
    "CoRW": "x:rlx x=1:rlx" => "1" Forbidden;
    "CoRW, another's store": "x:rlx x=1:rlx | x=2:rlx" => "2 x=2" Forbidden;
    "CoRR": "x=1:rlx x=2:rlx | x:rlx x:rlx" => "2 1" Forbidden;
    "CoRR, back to the first value": "x=1:rlx | x:rlx x:rlx" => "1 0" Forbidden;
    "CoRR2": "x=1:rlx | x=2:rlx | x:rlx x:rlx | x:rlx x:rlx" => "1 2 2 1" Forbidden;
    "CoRR2, the same order twice":
        "x=1:rlx | x=2:rlx | x:rlx x:rlx | x:rlx x:rlx" => "1 2 1 2" Allowed;
    "CoWW across threads": "x=1:rlx y=1:rel | y:acq x=2:rlx" => "1 x=1" Forbidden;
    "CoWR across threads": "x=1:rlx y=1:rel | y:acq x:rlx" => "1 0" Forbidden;
    "CoRW across threads": "x:rlx y=1:rel | y:acq x=1:rlx" => "1 1" Forbidden;
    "CoRR across threads": "x=1:rlx | x:rlx y=1:rel | y:acq x:rlx" => "1 1 0" Forbidden;
    "CoRR, a store in between": "x=1:rlx | x:rlx x=2:rlx x:rlx" => "1 1" Forbidden;
};

const CAUSALITY: &[Listed] = table! {
    "WRC, SC throughout": "x=1:sc | x:sc y=1:sc | y:sc x:sc" => "1 1 0" Forbidden;
    "WRC, first hop only": "x=1:rel | x:acq y=1:rlx | y:rlx x:rlx" => "1 1 0" Allowed;
    "WRC, fences":
        "x=1:rlx | x:rlx F:ar y=1:rlx | y:rlx F:ar x:rlx" => "1 1 0" Forbidden;
    // To pass on what the first thread did before, the middle one has to acquire it.
    "ISA2": "x=1:rlx y=1:rel | y:acq z=1:rel | z:acq x:rlx" => "1 1 0" Forbidden;
    "ISA2, first store relaxed":
        "x=1:rlx y=1:rlx | y:acq z=1:rel | z:acq x:rlx" => "1 1 0" Allowed;
    "ISA2, middle load relaxed":
        "x=1:rlx y=1:rel | y:rlx z=1:rel | z:acq x:rlx" => "1 1 0" Allowed;
    "ISA2, middle store relaxed":
        "x=1:rlx y=1:rel | y:acq z=1:rlx | z:acq x:rlx" => "1 1 0" Allowed;
    "ISA2, last load relaxed":
        "x=1:rlx y=1:rel | y:acq z=1:rel | z:rlx x:rlx" => "1 1 0" Allowed;
    "ISA2, one fence in the middle":
        "x=1:rlx y=1:rel | y:rlx F:ar z=1:rlx | z:acq x:rlx" => "1 1 0" Forbidden;
    "ISA2, SC fences":
        "x=1:rlx F:sc y=1:rlx | y:rlx F:sc z=1:rlx | z:rlx F:sc x:rlx" => "1 1 0" Forbidden;
};

const R: &[Listed] = table! {
    "R, SC fences": "x=1:rlx F:sc y=1:rlx | y=2:rlx F:sc x:rlx" => "0 y=2" Forbidden;
    "R, AcqRel fences": "x=1:rlx F:ar y=1:rlx | y=2:rlx F:ar x:rlx" => "0 y=2" Allowed;
    "R, SC fence | SC accesses":
        "x=1:rlx F:sc y=1:rlx | y=2:sc x:sc" => "0 y=2" Forbidden;
    "R, SC accesses | SC fence":
        "x=1:sc y=1:sc | y=2:rlx F:sc x:rlx" => "0 y=2" Forbidden;
    // The load comes before a store that is not in S: nothing follows from that.
    "R, first store relaxed, the rest SC":
        "x=1:rlx y=1:sc | y=2:sc x:sc" => "0 y=2" Allowed;
    "R, second store release, the rest SC":
        "x=1:sc y=1:rel | y=2:sc x:sc" => "0 y=2" Allowed;
};

const S: &[Listed] = table! {
    "S, fences": "x=2:rlx F:rel y=1:rlx | y:rlx F:acq x=1:rlx" => "1 x=2" Forbidden;
    "S, SC fences": "x=2:rlx F:sc y=1:rlx | y:rlx F:sc x=1:rlx" => "1 x=2" Forbidden;
    "S, release fence only": "x=2:rlx F:rel y=1:rlx | y:rlx x=1:rlx" => "1 x=2" Allowed;
};

const RWC: &[Listed] = table! {
    "RWC, SC fences":
        "x=1:rlx | x:rlx F:sc y:rlx | y=1:rlx F:sc x:rlx" => "1 0 0" Forbidden;
    "RWC, one SC fence": "x=1:rlx | x:acq F:sc y:rlx | y=1:rlx x:rlx" => "1 0 0" Allowed;
    "RWC, relaxed store, the rest SC":
        "x=1:rlx | x:sc y:sc | y=1:sc x:sc" => "1 0 0" Forbidden;
    "RWC, SC fence | SC accesses":
        "x=1:rlx | x:rlx F:sc y:rlx | y=1:sc x:sc" => "1 0 0" Forbidden;
    "W+RWC, release, acquire, SC fences":
        "x=1:rlx z=1:rel | z:acq F:sc y:rlx | y=1:rlx F:sc x:rlx" => "1 0 0" Forbidden;
    "W+RWC, relaxed flag, SC fences":
        "x=1:rlx z=1:rlx | z:rlx F:sc y:rlx | y=1:rlx F:sc x:rlx" => "1 0 0" Allowed;
    // From x to y it goes through a release and an acquire with something before and after:
    // that is strongly happens-before.
    "W+RWC, release, acquire, the rest SC":
        "x=1:sc z=1:rel | z:acq y:sc | y=1:sc x:sc" => "1 0 0" Forbidden;
    "W+RWC, x relaxed, y and its reader SC":
        "x=1:rlx z=1:rel | z:acq y:sc | y=1:sc x:sc" => "1 0 0" Allowed;
};

const RINGS: &[Listed] = table! {
    "3.SB rlx": "x=1:rlx y:rlx | y=1:rlx z:rlx | z=1:rlx x:rlx" => "0 0 0" Allowed;
    "3.SB sc": "x=1:sc y:sc | y=1:sc z:sc | z=1:sc x:sc" => "0 0 0" Forbidden;
    "3.SB, SC fences":
        "x=1:rlx F:sc y:rlx | y=1:rlx F:sc z:rlx | z=1:rlx F:sc x:rlx" => "0 0 0" Forbidden;
    "3.SB, two SC fences":
        "x=1:rlx F:sc y:rlx | y=1:rlx F:sc z:rlx | z=1:rlx x:rlx" => "0 0 0" Allowed;
    "3.LB rlx": "x:rlx y=1:rlx | y:rlx z=1:rlx | z:rlx x=1:rlx" => "1 1 1" LoadBuffering;
    "3.LB, acquire and release":
        "x:acq y=1:rel | y:acq z=1:rel | z:acq x=1:rel" => "1 1 1" Forbidden;
    "3.2W sc":
        "x=1:sc y=2:sc | y=1:sc z=2:sc | z=1:sc x=2:sc" => "x=1 y=1 z=1" Forbidden;
    "3.2W rel":
        "x=1:rel y=2:rel | y=1:rel z=2:rel | z=1:rel x=2:rel" => "x=1 y=1 z=1" Allowed;
};

const RELEASE_SEQUENCES: &[Listed] = table! {
    "an update passes it on":
        "x=1:rlx y=1:rel | y+1:rlx | y:acq x:rlx" => "1 2 0" Forbidden;
    "two updates pass it on":
        "x=1:rlx y=1:rel | y+1:rlx | y+1:rlx | y:acq x:rlx" => "_ _ 3 0" Forbidden;
    "an exchange passes it on":
        "x=1:rlx y=1:rel | y?1>2:rlx,rlx | y:acq x:rlx" => "1 2 0" Forbidden;
    // Since C++20 a store of the same thread ends it (P0982) ...
    "a store of the same thread ends it":
        "x=1:rlx y=1:rel y=2:rlx | y:acq x:rlx" => "2 0" Allowed;
    // ... as one of another thread always has.
    "a store of another thread ends it":
        "x=1:rlx y=1:rel | y:rlx y=2:rlx | y:acq x:rlx" => "1 2 0" Allowed;
    "a store, then an update, end it":
        "x=1:rlx y=1:rel y=2:rlx | y+1:rlx | y:acq x:rlx" => "2 3 0" Allowed;
    "from a fence through an update to a fence":
        "x=1:rlx F:rel y=1:rlx | y+1:rlx | y:rlx F:acq x:rlx" => "1 2 0" Forbidden;
    "a relaxed update releases nothing":
        "x=1:rlx y+1:rlx | y:acq x:rlx" => "_ 1 0" Allowed;
    "an update passes on both releases, x":
        "x=1:rlx z+1:rel | y=1:rlx z+1:rel | z:acq x:rlx y:rlx" => "_ _ 2 0 _" Forbidden;
    "an update passes on both releases, y":
        "x=1:rlx z+1:rel | y=1:rlx z+1:rel | z:acq x:rlx y:rlx" => "_ _ 2 _ 0" Forbidden;
    "a failed exchange passes nothing on":
        "x=1:rlx y=1:rel | y?7>8:rlx,rlx z=1:rlx | z:acq x:rlx" => "1 1 0" Allowed;
};

const UPDATES: &[Listed] = table! {
    "three updates count to three": "x+1:rlx | x+1:rlx | x+1:rlx" => "x=2" Forbidden;
    "two updates never read the same": "x+1:rlx | x+1:rlx" => "0 0" Forbidden;
    "no store between update and what it read": "x=1:rlx | x+10:rlx" => "x=10" Forbidden;
    "a store after the update": "x=1:rlx | x+10:rlx" => "0 x=1" Allowed;
    // If both read 0, the update of 0 by 0 came first, and was read.
    "an update that adds nothing releases":
        "x=1:rlx y+0:rel | y+1:acq x:rlx" => "0 0 0" Forbidden;
    "an update that adds nothing, behind a fence":
        "x=1:rlx F:rel y+0:rlx | y+1:acq x:rlx" => "0 0 0" Forbidden;
    "an update that adds nothing, relaxed":
        "x=1:rlx y+0:rlx | y+1:acq x:rlx" => "0 0 0" Allowed;
    "two exchanges, one succeeds": "x?0>1:rlx,rlx | x?0>2:rlx,rlx" => "0 0" Forbidden;
    "a failed exchange may read an old value":
        "x=1:rlx y=1:rlx | y:rlx x?9>8:rlx,rlx" => "1 0" Allowed;
    "a failed exchange acquires":
        "x=1:rlx y=1:rel | y?7>8:rlx,acq x:rlx" => "1 0" Forbidden;
    "a failed exchange, acquire on success only":
        "x=1:rlx y=1:rel | y?7>8:acq,rlx x:rlx" => "1 0" Allowed;
    "an exchange acquires": "x=1:rlx y=1:rel | y?1>8:acq,rlx x:rlx" => "1 0" Forbidden;
    "an exchange, acquire on failure only":
        "x=1:rlx y=1:rel | y?1>8:rlx,acq x:rlx" => "1 0" Allowed;
    "a failed exchange releases nothing":
        "x=1:rlx y?7>8:ar,rlx | y:acq x:rlx z=1:rlx" => "0 0 0" Allowed;
    "an SC failure is an SC load":
        "x=1:sc y?7>8:sc,sc | y=1:sc x?7>8:sc,sc" => "0 0" Forbidden;
    "an acquire failure is none":
        "x=1:sc y?7>8:sc,acq | y=1:sc x?7>8:sc,acq" => "0 0" Allowed;
};

/// C++20 weakened S so that it compiles to Power and Arm (P0668): it need not agree with a
/// happens-before that ends, or begins, at a `SeqCst` operation of a location that is also
/// accessed more weakly. The explorer's S does. It shows fewer outcomes, never more.
const ORDER_OF_EXECUTION: &[Listed] = table! {
    // The example of P0668, Z6.U in the Arm papers: the store of x happens before the update
    // of y, not strongly, so S may put it last.
    "Z6.U, release store, the rest SC":
        "x=1:sc y=1:rel | y+1:sc y:rlx | y=3:sc x:sc" => "1 3 0" OrderOfExecution;
    "Z6.U with a load for the update":
        "x=1:sc y=1:rel | y:sc | y=3:sc x:sc" => "1 0 y=3" OrderOfExecution;
    "Z6.U, all SC": "x=1:sc y=1:sc | y+1:sc y:sc | y=3:sc x:sc" => "1 3 0" Forbidden;
    "Z6.U, SC fences":
        "x=1:rlx F:sc y=1:rlx | y+1:rlx y:rlx F:sc | y=3:rlx F:sc x:rlx" => "1 3 0" Forbidden;
    // No happens-before at all between the two SeqCst accesses of x, only a flag that is
    // read: they may be in S the other way round.
    "MP, SC data, relaxed flag": "x=1:sc y=1:rlx | y:rlx x:sc" => "1 0" OrderOfExecution;
    "MP, SC data, release flag": "x=1:sc y=1:rel | y:rlx x:sc" => "1 0" OrderOfExecution;
    "S, SC data, relaxed flag":
        "x=2:sc y=1:rlx | y:rlx x=1:sc" => "1 x=2" OrderOfExecution;
    "MP, SC data, release and acquire flag":
        "x=1:sc y=1:rel | y:acq x:sc" => "1 0" Forbidden;
};
