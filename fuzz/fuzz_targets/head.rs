//! The head of a request: any bytes, cut in any way. What must hold is in `checks`.

#![no_main]

#[path = "../../tests/09_http_parser/checks.rs"]
#[allow(dead_code, reason = "each target has its part of it")]
mod checks;

libfuzzer_sys::fuzz_target!(|input: &[u8]| checks::head(input));
