//! Reads a command line, and answers a wrong one with the usage and exit status 2.

use clap::{ArgMatches, Command};
use std::process;

/// Returns the flags that the program was started with. Does not return if they are wrong,
/// or ask for help.
pub fn parse(mut command: Command) -> ArgMatches {
    let usage = command.render_usage().to_string();
    command.try_get_matches().unwrap_or_else(|err| {
        // Whether it can be printed or not, the program ends here.
        let _ = err.print();
        // For a wrong value clap says what is right, but not how to write the whole.
        if err.use_stderr() && !err.to_string().contains("Usage:") {
            eprintln!("{usage}");
        }
        process::exit(err.exit_code())
    })
}
