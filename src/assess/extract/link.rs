//! Where something is published: an address that a browser opens.

/// What is expected of an address, as a message says it.
pub const EXPECTED_LINK: &str = "an address such as https://example.kz/list.pdf";

/// Whether a text is the address of a page: `http` or `https`, then a host with a dot in its name, or `localhost`,
/// perhaps with a port; no blanks, and nobody's name and password.
///
/// ```
/// use derek::assess::extract::is_link;
/// assert!(is_link("https://example.kz/тізім.pdf?бет=1") && is_link("HTTP://localhost:8080"));
/// assert!(!is_link("blabla") && !is_link("https://blabla") && !is_link("ftp://example.kz"));
/// ```
#[must_use]
pub fn is_link(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let is_web = ["http", "https"].iter().any(|known| known.eq_ignore_ascii_case(scheme));
    let is_written = !text.contains(|sign: char| sign.is_whitespace() || sign.is_control());
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (host, port) =
        authority.rsplit_once(':').map_or((authority, None), |(host, port)| (host, Some(port)));
    let is_port = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
    is_web && is_written && is_port && is_host(host)
}

fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        let is_inner = |sign: char| sign.is_alphanumeric() || sign == '-';
        !label.is_empty() && label.chars().all(is_inner) && !label.starts_with('-') && !label.ends_with('-')
    };
    host.eq_ignore_ascii_case("localhost") || host.contains('.') && host.split('.').all(is_label)
}
