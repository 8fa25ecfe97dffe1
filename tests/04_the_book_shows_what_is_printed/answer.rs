//! The program of exercise 04.3, where it finds the model's ground two levels up.

#[allow(unreachable_pub, reason = "it is public where the exercise has it")]
#[path = "../../exercises/04_explorer/given/newspaper.rs"]
pub(crate) mod given;
