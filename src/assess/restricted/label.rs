//! Words before a number that say that it is the identification number of a person.

/// Short names of such a number in Cyrillic letters, in lower case; endings may follow: `ЖСН-ім`, `ИИНа`.
const STEMS: [&str; 2] = ["жсн", "иин"];

/// The same in Latin letters, as whole words.
const WORDS: [&str; 3] = ["iin", "jsn", "zhsn"];

/// Its name in full, in Kazakh and in Russian, by the beginnings of its words.
const NAMES: [[&str; 3]; 2] =
    [["жеке", "сәйкестендіру", "нөмір"], ["индивидуальн", "идентификационн", "номер"]];

/// Words that may stand between such a name and the number: `ИИН моего сына 900101300018`.
const MOST_BETWEEN: usize = 2;

/// Bytes before a number that are looked at.
const REACH: usize = 160;

/// Whether the words before `at` call what starts there the number of a person. Digits, and the end of a sentence,
/// part a name from what is behind them.
pub(super) fn is_of_person(text: &str, at: usize) -> bool {
    let from = text.floor_char_boundary(at.saturating_sub(REACH));
    let mut head = text.get(from..at).unwrap_or_default();
    for between in 0..=MOST_BETWEEN {
        let end = head.trim_end_matches(|sign: char| !sign.is_alphanumeric());
        let gap = head.get(end.len()..).unwrap_or_default();
        let before = end.trim_end_matches(char::is_alphabetic);
        let word = end.get(before.len()..).unwrap_or_default().to_lowercase();
        if word.is_empty() || between > 0 && gap.contains(['.', '!', '?', ';', '\n']) {
            return false;
        }
        if is_short_name(&word) || ends_name(&word, before) {
            return true;
        }
        head = before;
    }
    false
}

fn is_short_name(word: &str) -> bool {
    STEMS.iter().any(|stem| word.starts_with(stem)) || WORDS.contains(&word)
}

/// Whether a word is the last one of the name in full.
fn ends_name(word: &str, before: &str) -> bool {
    let words = before.rsplit(|sign: char| !sign.is_alphabetic()).filter(|word| !word.is_empty());
    let mut words = words.map(str::to_lowercase);
    let (second, first) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    NAMES
        .iter()
        .any(|[one, two, three]| word.starts_with(three) && second.starts_with(two) && first.starts_with(one))
}
