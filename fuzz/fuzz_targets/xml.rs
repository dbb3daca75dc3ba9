//! XML, in any encoding: the same table in whatever parts it is read.

#![no_main]

#[path = "../../tests/hostile/verdict.rs"]
#[expect(dead_code, reason = "the oracle is one for JSON")]
mod verdict;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Err(broken) = verdict::verdict(bytes) {
        panic!("{broken}");
    }
});
