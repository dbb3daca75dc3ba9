//! Endings of surnames and patronymics. Words are in lower case, in UTF-8.

use super::vocabulary::{GIVEN, NO_PATRONYMICS, NO_SURNAMES, SHORT_PATRONYMICS};
use super::word::is_in;

/// Letters that stand at least before the ending.
const LEAST_STEM: usize = 2;

/// Whether a word is a patronymic, in Kazakh (-ұлы, -қызы), in Russian (-ович, -овна, -ильич), in Latin letters
/// (-uly, -qyzy, -ovich), in the cases in which texts have them (-ұлының, -овичу).
pub(super) fn is_patronymic(word: &[u8]) -> bool {
    let endings: &[&str] = match last(word) {
        'ы' => &["ұлы", "қызы", "улы", "кызы", "оғлы", "оглы", "овны", "евны", "ичны"],
        'ч' => &["ович", "евич"],
        'а' => &["овна", "евна", "ична", "овича", "евича", "ұлына", "қызына"],
        'у' => &["овичу", "евичу"],
        'м' => &["овичем", "евичем"],
        'е' => &["овне", "евне", "ичне"],
        'й' => &["овной", "евной", "ичной"],
        'ң' => &["ұлының", "қызының"],
        'н' => &["ұлымен", "қызымен", "ұлынан", "қызынан", "ұлын", "қызын"],
        'y' => &["uly", "kyzy", "qyzy"],
        'h' => &["ovich", "evich"],
        'a' => &["ovna", "evna", "ichna"],
        _ => return false,
    };
    if has_any(word, endings) {
        return !is_in(NO_PATRONYMICS, word);
    }
    has_any(word, &["ич", "ича", "ичу"]) && is_in(SHORT_PATRONYMICS, word)
}

/// A patronymic that is hardly anything else, also where no capital letter says that it is a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plain {
    /// -ұлы, -қызы.
    Kazakh,
    /// -ович, -евич.
    Son,
    /// -овна, -евна: short adjectives end so too (`условна`).
    Daughter,
}

/// Which patronymic a word is that is written in small letters. Left out are endings that common words have:
/// `қарулы`, `каникулы`, `основной`, `уровне`.
pub(super) fn plain_patronymic(word: &[u8]) -> Option<Plain> {
    let (kazakh, son, daughter): (&[&str], &[&str], &[&str]) = match last(word) {
        'ы' => (&["ұлы", "қызы", "кызы", "оғлы", "оглы"], &[], &[]),
        'ч' => (&[], &["ович", "евич"], &[]),
        'а' => (&["ұлына", "қызына"], &["овича", "евича"], &["овна", "евна", "ьинична", "китична"]),
        'у' => (&[], &["овичу", "евичу"], &[]),
        'м' => (&[], &["овичем", "евичем"], &[]),
        'ң' => (&["ұлының", "қызының"], &[], &[]),
        'н' => (&["ұлымен", "қызымен", "ұлынан", "қызынан", "ұлын", "қызын"], &[], &[]),
        _ => return None,
    };
    if is_in(NO_PATRONYMICS, word) {
        return None;
    }
    if has_any(word, kazakh) {
        return Some(Plain::Kazakh);
    }
    if has_any(word, son) || is_in(SHORT_PATRONYMICS, word) {
        return Some(Plain::Son);
    }
    has_any(word, daughter).then_some(Plain::Daughter)
}

/// Whether a word, alone, makes the word before it a patronymic, and means nothing else: `ұлы` is also 'great', and
/// `қызы` 'his daughter'.
pub(super) fn is_only_child_of(word: &[u8]) -> bool {
    ["кызы", "оғлы", "оглы"].iter().any(|own| own.as_bytes() == word)
}

/// Whether a word ends as most surnames do, and few words of Kazakh: -ов, -ев, -ова, -ева.
pub(super) fn is_plain_surname(word: &[u8]) -> bool {
    has_any(word, &["ов", "ев", "ова", "ева"]) && !is_in(NO_SURNAMES, word)
}

/// The same of a woman: -ова, -ева.
pub(super) fn is_plain_surname_of_woman(word: &[u8]) -> bool {
    has_any(word, &["ова", "ева"]) && !is_in(NO_SURNAMES, word)
}

/// Whether a word may be a patronymic in -ұл: names such as Нарқұл end so too, hence only beside a name or surname.
pub(super) fn is_short_patronymic(word: &[u8]) -> bool {
    last(word) == 'л' && has_any(word, &["ұл"]) && !has_any(word, &["құл", "ғұл"])
}

/// Whether a word, alone, makes the word before it a patronymic: `Расим оғлы`, `Серік қызы`.
pub(super) fn is_child_of(word: &[u8]) -> bool {
    ["ұлы", "қызы", "улы", "кызы", "оғлы", "оглы"].iter().any(|own| own.as_bytes() == word)
}

/// Whether a word ends as surnames do: -ов, -ова, -ев, -ева, -ин, -ина, -ский, -ская, -енко.
pub(super) fn is_surname(word: &[u8]) -> bool {
    let endings: &[&str] = match last(word) {
        'в' => &["ов", "ев"],
        'а' => &["ова", "ева", "ина"],
        'н' => &["ин", "ын"],
        'й' => &["ский", "цкий"],
        'я' => &["ская", "цкая"],
        'о' => &["енко"],
        'v' => &["ov", "ev"],
        'a' => &["ova", "eva"],
        _ => return false,
    };
    has_any(word, endings) && !is_in(NO_SURNAMES, word)
}

/// Whether a word ends as surnames do in other cases: `Ахметову`, `Ахметовым`, `Ахметовой`.
pub(super) fn is_inflected_surname(word: &[u8]) -> bool {
    let endings: &[&str] = match last(word) {
        'у' => &["ову", "еву", "ину"],
        'м' => &["овым", "евым", "иным"],
        'й' => &["овой", "евой", "иной"],
        'е' => &["ове", "еве", "ине"],
        _ => return false,
    };
    has_any(word, endings) && !is_in(NO_SURNAMES, word)
}

/// Whether a word is a frequent given name.
pub(super) fn is_given(word: &[u8]) -> bool {
    is_in(GIVEN, word)
}

/// The last letter, if it has one byte or two.
fn last(word: &[u8]) -> char {
    match word {
        [.., byte @ 0..=0x7F] => char::from(*byte),
        [.., lead @ 0xC2..=0xDF, low] => {
            char::from_u32(u32::from(lead & 0x1F) << 6 | u32::from(low & 0x3F)).unwrap_or('\0')
        }
        _ => '\0',
    }
}

/// Whether a word has one of some endings, and a stem. A letter has as many bytes in the stem as in the ending: one
/// in Latin, two in Cyrillic.
fn has_any(word: &[u8], endings: &[&str]) -> bool {
    endings.iter().any(|ending| {
        let width = if ending.is_ascii() { 1 } else { 2 };
        word.len() >= ending.len() + LEAST_STEM * width && word.ends_with(ending.as_bytes())
    })
}
