//! The `halligan` command.

mod cli;

use std::process::ExitCode;

use clap::Parser as _;
use zeroizing_alloc::ZeroAlloc;

/// Freed memory is zero: shares and credentials also pass through buffers of libraries, which nobody else would overwrite.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<std::alloc::System> = ZeroAlloc(std::alloc::System);

/// What went wrong is said in one sentence, for a person: no list of causes and no backtrace, whatever the environment asks for.
#[tokio::main]
async fn main() -> ExitCode {
    // Each command holds what it was told: all of them side by side are too much for a stack.
    match Box::pin(cli::Command::parse().run()).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
