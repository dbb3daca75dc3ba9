//! Labels of charts, cut where they would run into something else.

use super::markup::Markup;

/// How wide a label can be on a narrow screen of 320 px and on a wide one, in ems.
const NARROW: f64 = 24.0;
const WIDE: f64 = 54.0;

/// A text that is at most so many ems wide: it itself, or its start and an ellipsis.
pub(crate) fn cut(text: &str, most: f64) -> String {
    if width(text) <= most {
        return text.to_owned();
    }
    let mut left = most - 0.8;
    let start: String = text
        .chars()
        .take_while(|letter| {
            left -= em(*letter);
            left >= 0.0
        })
        .collect();
    format!("{}…", start.trim_end())
}

/// How wide a text is, about, in ems of a sans-serif face.
pub(crate) fn width(text: &str) -> f64 {
    text.chars().map(em).sum()
}

/// Wide letters are told from narrow ones, with room to spare: faces differ.
fn em(letter: char) -> f64 {
    match letter {
        'i' | 'l' | 'j' | 'і' | 'ї' | '.' | ',' | ' ' | '\u{a0}' | '\'' | '|' | ':' | ';' => 0.33,
        'ш' | 'щ' | 'ж' | 'ю' | 'м' | 'ы' | 'ф' | 'm' | 'w' => 0.85,
        letter if letter.is_uppercase() => 0.76,
        _ => 0.6,
    }
}

/// Writes a label over a bar: as one text where it fits a narrow screen, else as two, of which the style shows
/// the one that fits. The whole text is for the `<title>` beside it. It stands at the left end, where text is without being told.
pub(crate) fn write(markup: &mut Markup, text: &str, class: &str, y: &str) {
    let (narrow, wide) = (cut(text, NARROW), cut(text, WIDE));
    if narrow == wide {
        markup.leaf("text", &[("class", class), ("y", y)], &wide);
        return;
    }
    for (size, text) in [("wide", wide), ("narrow", narrow)] {
        let class = format!("{class} {size}");
        markup.leaf("text", &[("class", &class), ("y", y)], &text);
    }
}
