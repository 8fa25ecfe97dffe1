//! Is each ordering needed that chapter 03 introduces? The programs of its first page, as
//! small as they can be. Those of the types are in their `models.rs`.

use crate::modelled::needs_its_orderings;

mod looks;
mod owners;
#[allow(dead_code, unreachable_pub, reason = "a stepper of chapter 03")]
#[path = "../../../explorer/models/publish_release.rs"]
mod publish_release;
mod relay;

#[test]
fn each_ordering_of_a_letter_and_a_flag() {
    let publish = || {
        let ending = publish_release::model();
        assert!(!publish_release::is_bad(&ending), "{ending}");
    };
    needs_its_orderings("a letter and a flag", &[("publish", publish)], &[]);
}

#[test]
fn each_ordering_of_a_relay() {
    needs_its_orderings("a relay", &[("two halves", relay::model)], &[]);
}

#[test]
fn each_ordering_of_two_that_look_past_each_other() {
    needs_its_orderings("raise, then look", &[("two flags", looks::model)], &[]);
}

#[test]
fn each_ordering_of_the_last_owner() {
    needs_its_orderings("the last owner", &[("two owners", owners::model)], &[]);
}
