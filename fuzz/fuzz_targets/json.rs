//! JSON: accepted where `serde_json` accepts it, and the same table in whatever parts it is read.

#![no_main]

#[path = "../../tests/hostile/verdict.rs"]
mod verdict;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let outcome = verdict::verdict(bytes);
    if let Err(broken) = outcome.and_then(|outcome| verdict::agrees_with_serde(bytes, &outcome)) {
        panic!("{broken}");
    }
});
