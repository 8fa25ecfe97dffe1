//! Puts each answer under its graders: see `grading/generate.rs`.

#[path = "../../grading/generate.rs"]
mod generate;

fn main() {
    generate::exercises();
}
