//! Where requests and datasets are found.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What does not stand for itself in a part of a path (RFC 3986, 2.3).
const IN_PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The address of a request, of any name.
///
/// ```
/// assert_eq!(derek::assess::requests::of_request("2026/7"), "/requests/2026%2F7");
/// ```
#[must_use]
pub fn of_request(id: &str) -> String {
    format!("/requests/{}", utf8_percent_encode(id, IN_PATH))
}

/// The address of a dataset, of any name.
#[must_use]
pub fn of_dataset(name: &str) -> String {
    format!("/datasets/{}", utf8_percent_encode(name, IN_PATH))
}
