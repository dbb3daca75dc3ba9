//! Inputs that broke something once: found by fuzzing, made short.

use derek::error::Code;

/// What was found, with the code that it is refused with, if it is.
const FOUND_BY_FUZZING: [(&str, Option<Code>); 1] = [("{\"data\":[{\"a\":1}]}", None)];

#[test]
fn found_by_fuzzing() {
    for (text, code) in FOUND_BY_FUZZING {
        assert_eq!(super::outcome(text.as_bytes()).err().map(|error| error.code), code, "{text}");
    }
}
