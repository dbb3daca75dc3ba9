//! The program: arguments in, exit status out. Everything else is in the library.

use std::process::ExitCode;

// Fresh memory is dear: this allocator keeps what was freed for the next batch, and asks for huge
// pages where the system hands them out.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    derek::cli::main()
}
