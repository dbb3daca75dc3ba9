//! Names that are XML names, and letters that XML has (XML 1.0, fifth edition, productions 2, 4 and 4a).

/// Whether XML has a letter at all.
pub(super) const fn is_letter(letter: char) -> bool {
    matches!(letter, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// Whether a member can be an element of its own name. `field` is the element for all others; a colon would make a
/// prefix of what is before it, and names that start with `xml` are reserved.
pub(super) fn is_element(name: &str) -> bool {
    let mut letters = name.chars();
    let is_name =
        letters.next().is_some_and(starts) && letters.all(|letter| starts(letter) || continues(letter));
    let is_reserved = name.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("xml"));
    is_name && !is_reserved && name != "field"
}

const fn starts(letter: char) -> bool {
    matches!(letter,
        'A'..='Z' | '_' | 'a'..='z'
        | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}'
        | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}'
        | '\u{2070}'..='\u{218f}' | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}'
        | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}' | '\u{10000}'..='\u{effff}')
}

const fn continues(letter: char) -> bool {
    matches!(letter, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
}
