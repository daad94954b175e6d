//! The `halligan` command.

mod cli;

use std::process::ExitCode;

use clap::Parser as _;

/// What went wrong is said in one sentence, for a person: no list of causes and no backtrace, whatever the environment asks for.
#[tokio::main]
async fn main() -> ExitCode {
    match cli::Command::parse().run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
