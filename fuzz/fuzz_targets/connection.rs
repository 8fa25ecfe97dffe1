//! A whole connection: requests and bodies, one behind the other, read in any pieces. What must hold is in `checks`.

#![no_main]

#[path = "../../tests/09_http_parser/checks.rs"]
#[allow(dead_code, reason = "each target has its part of it")]
mod checks;

libfuzzer_sys::fuzz_target!(|input: &[u8]| checks::connection(input));
