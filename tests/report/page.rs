//! What a page has to be, and what is taken out of it.

use std::collections::HashSet;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::NBSP;

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = element.try_get_attribute(name).expect("sound attributes")?;
    Some(attribute.value.into_owned())
}

/// That a page is well formed, that its ids are there once and its references lead to one, that each drawing has a
/// name and a description, and that it asks for nothing outside of it.
pub(crate) fn require_sound(html: &str) {
    let mut reader = Reader::from_str(html);
    let (mut open, mut ids, mut references, mut drawings) = (Vec::new(), HashSet::new(), Vec::new(), 0);
    loop {
        let event = reader.read_event().expect("it is well formed");
        let (element, has_content) = match &event {
            Event::Start(element) => (element, true),
            Event::Empty(element) => (element, false),
            Event::End(end) => {
                assert_eq!(open.pop().as_deref(), Some(end.name().as_ref()), "elements are nested");
                continue;
            }
            Event::Eof => break,
            _ => continue,
        };
        for attribute in element.attributes() {
            attribute.expect("attributes are sound, and none is there twice");
        }
        let name = element.name().as_ref().to_owned();
        assert!(!["script", "link", "img", "iframe", "object"].contains(&name.as_str()));
        if let Some(id) = attribute(element, "id") {
            assert!(ids.insert(id.clone()), "{id} is there twice");
        }
        for name in ["aria-labelledby", "aria-describedby"] {
            references.extend(attribute(element, name));
        }
        let anchor = attribute(element, "href");
        references.extend(anchor.map(|link| link.strip_prefix('#').expect("within the page").to_owned()));
        if name == "svg" && attribute(element, "role").as_deref() == Some("img") {
            drawings += 1;
            assert!(attribute(element, "aria-labelledby").is_some_and(|id| id.ends_with("-title")));
        }
        if has_content {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "all elements are closed");
    for reference in references {
        assert!(ids.contains(&reference), "{reference} leads nowhere");
    }
    assert_eq!(html.matches("<desc ").count(), drawings, "a description for each drawing");
    for asked in ["http:", "https:", "@import", "src="] {
        assert!(!html.contains(asked), "{asked}");
    }
    assert_eq!(html.matches("url(").count(), html.matches("url(#").count(), "nothing is fetched");
}

/// The texts of a class, in order.
pub(crate) fn texts(html: &str, class: &str) -> Vec<String> {
    let start = format!("<text class=\"{class}\"");
    let parts = html.split(&start).skip(1);
    parts.map(|part| part.split(['>', '<']).nth(1).expect("it has text").replace(NBSP, " ")).collect()
}

/// One drawing, by its id.
pub(crate) fn drawing<'a>(html: &'a str, id: &str) -> &'a str {
    let from = html.find(&format!("aria-labelledby=\"{id}-title\"")).expect("it is drawn");
    let rest = html.get(from..).expect("a border of letters");
    rest.split("</figure>").next().expect("it ends")
}
