//! Addresses with the number of a flat. An address without one is that of a house, where nobody in particular lives.

use super::border::after;
use super::kind::Kind;
use super::sighting::{Evidence, Sighting};
use super::vocabulary::ADDRESS;
use super::word::{Gap, Shape, Words, is_in};

/// Words before the flat in which the rest of its address is looked for.
const REACH: usize = 16;

/// Houses behind the first that are one building with it.
const MOST_HOUSES: u32 = 4;

/// Words that are a flat's.
const WHOLE: [&str; 5] = ["пәтер", "пәтері", "пәт", "квартира", "квартире"];

/// What the number of a flat is not followed by: units, and the house of a quarter.
const UNITS: [&str; 13] =
    ["кв", "м", "шаршы", "тг", "тенге", "теңге", "рублей", "жыл", "год", "года", "г", "комнат", "бөлме"];

/// How a word says that it is a flat's.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    /// `пәтер`, `квартира`: nothing else has this name.
    Whole,
    /// `кв`: also квартал, or in squares.
    Short,
    /// `п`: also пункт, or посёлок.
    Letter,
}

/// Adds the flats that a text holds, with their addresses where those stand before them.
pub(super) fn scan(text: &str, words: &Words, found: &mut Vec<Sighting>) {
    let flats = Flats { text, words };
    let mut from = 0;
    for at in 0..words.len() {
        let Some((first, last)) = flats.named(from, at).or_else(|| flats.hyphened(from, at)) else {
            continue;
        };
        if let (Some(first), Some(last)) = (words.get(first), words.get(last)) {
            let range = first.range.start..last.range.end;
            found.push(Sighting { kind: Kind::FlatAddress, range, evidence: Evidence::Written });
        }
        from = last + 1;
    }
}

struct Flats<'a> {
    text: &'a str,
    words: &'a Words,
}

impl Flats<'_> {
    /// The first and the last word of an address whose flat has its word at `at`.
    fn named(&self, from: usize, at: usize) -> Option<(usize, usize)> {
        let key = self.key(at)?;
        let context = self.context(from, at);
        let behind = self.number_behind(at, key, context.is_some());
        let last = behind.or_else(|| self.number_before(at, key, context.is_some()))?;
        Some((context.unwrap_or(if last == at { at.saturating_sub(1) } else { at }), last))
    }

    /// The first and the last word of an address that ends with house and flat, `ул. Абая 10-25`. Up to four houses
    /// in a row, `10-12`, are taken for one building.
    fn hyphened(&self, from: usize, at: usize) -> Option<(usize, usize)> {
        let number = self.words.get(at)?;
        let (house_at, is_end) = (at.checked_sub(1)?, |sign| ",;)".contains(sign));
        let is_last = after(self.text, number.range.end).is_none_or(is_end);
        if number.shape != Shape::Number || number.gap != Gap::Hyphen || !is_last {
            return None;
        }
        let is_short =
            |at: usize| self.words.get(at).is_some_and(|word| word.length <= 3) && self.is_flat_number(at);
        let head = self.text.get(..self.words.get(house_at)?.range.start)?.trim_end_matches([' ', '\u{a0}']);
        let is_behind_street = head.ends_with(|sign: char| sign.is_alphabetic() || ".,".contains(sign));
        let (house, flat) = (self.number(house_at), self.number(at));
        let is_row = (house..=house + MOST_HOUSES).contains(&flat);
        if !(is_short(house_at) && is_short(at) && is_behind_street) || is_row {
            return None;
        }
        let first = self.context(from, house_at)?;
        let has_number =
            (first..house_at).any(|at| self.words.get(at).is_some_and(|word| word.shape == Shape::Number));
        (!has_number).then_some((first, at))
    }

    fn key(&self, at: usize) -> Option<Key> {
        let place = self.words.get(at)?;
        let word = self.words.lower(at);
        let is = |other: &str| word == other.as_bytes();
        // п or к: most words are neither.
        if !matches!(word, [0xD0, 0xBF | 0xBA, ..]) {
            return None;
        }
        match place.shape {
            _ if WHOLE.into_iter().any(is) => Some(Key::Whole),
            // `кВ` are kilovolts.
            Shape::Lower | Shape::Capital | Shape::Upper if is("кв") => Some(Key::Short),
            Shape::Lower if is("п") => Some(Key::Letter),
            _ => None,
        }
    }

    /// The first word of the address, between words `from` and `at`.
    fn context(&self, from: usize, at: usize) -> Option<usize> {
        (from.max(at.saturating_sub(REACH))..at).find(|word| self.is_address(*word))
    }

    /// The number of the flat behind its word: `пәтер 5`, `кв. № 12`.
    fn number_behind(&self, at: usize, key: Key, has_address: bool) -> Option<usize> {
        let (word, number) = (self.words.get(at)?, self.words.get(at + 1)?);
        let is_joined = match key {
            Key::Whole | Key::Short => matches!(number.gap, Gap::Blank | Gap::Dot | Gap::Hyphen),
            Key::Letter => number.gap == Gap::Dot && has_address,
        };
        // `1 кв. 22`, `II кв. 22` are quarters of years.
        let left = at.checked_sub(1).and_then(|left| self.words.get(left));
        let is_numbered = left.is_some_and(|left| left.shape != Shape::Lower && word.gap == Gap::Blank);
        let is_quarter = !has_address && (key == Key::Short && is_numbered || word.gap == Gap::None);
        let is_flat = is_joined && !is_quarter && self.is_flat_number(at + 1) && !self.is_counted(at + 1);
        is_flat.then_some(at + 1)
    }

    /// The number of the flat before its word: `5-пәтер`, and in an address `5 пәтер`.
    fn number_before(&self, at: usize, key: Key, has_address: bool) -> Option<usize> {
        let word = self.words.get(at)?;
        // `120 пәтер пайдалануға берілді` counts; at the end of an address there is nothing to count for.
        let is_last = self.words.get(at + 1).is_none_or(|next| next.gap == Gap::Other);
        let is_joined = word.gap == Gap::Hyphen || word.gap == Gap::Blank && has_address && is_last;
        let left = at.checked_sub(1)?;
        // `3 п.`, `5 кв` are anything; `2-комнатная квартира` has no number next to it.
        let is_flat = key == Key::Whole && is_joined && self.is_flat_number(left);
        is_flat.then_some(at)
    }

    /// At most four digits, and no year.
    fn is_flat_number(&self, at: usize) -> bool {
        if !self.words.get(at).is_some_and(|word| word.shape == Shape::Number && word.length <= 4) {
            return false;
        }
        let number = self.number(at);
        number > 0 && !(1900..=2100).contains(&number)
    }

    /// The value of at most four digits.
    fn number(&self, at: usize) -> u32 {
        let digits = self.words.lower(at).iter().take(4).filter(|byte| byte.is_ascii_digit());
        digits.fold(0, |number, digit| number * 10 + u32::from(digit - b'0'))
    }

    /// Whether the number counts or measures: `квартира 54,3 кв. м`, `кв. 11, дом 5` (a quarter of a town).
    fn is_counted(&self, at: usize) -> bool {
        let Some(number) = self.words.get(at) else { return false };
        let is_decimal = after(self.text, number.range.end).is_some_and(|sign| sign == ',' || sign == '.')
            && after(self.text, number.range.end + 1).is_some_and(|sign| sign.is_ascii_digit());
        let next = self.words.lower(at + 1);
        let is_blank = self.words.get(at + 1).is_some_and(|next| next.gap == Gap::Blank);
        let is_unit = is_blank && UNITS.iter().any(|unit| unit.as_bytes() == next);
        is_decimal || is_unit || ["д", "дом", "үй"].iter().any(|house| house.as_bytes() == next)
    }

    fn is_address(&self, at: usize) -> bool {
        is_in(ADDRESS, self.words.lower(at))
    }
}
