//! Names of persons in Kazakh and in Russian texts, and with patronymics in Latin letters.

use std::ops::Range;

use super::ending::{
    Plain, is_child_of, is_given, is_inflected_surname, is_only_child_of, is_patronymic, is_plain_surname,
    is_plain_surname_of_woman, is_short_patronymic, is_surname, plain_patronymic,
};
use super::kind::Kind;
use super::sighting::{Evidence, Sighting};
use super::vocabulary::{ADDRESS, AFTER, BEFORE, FORMS, HOUSE, NAMESAKES};
use super::word::{Gap, Shape, Word, Words, is_in};

/// Words before a name that are looked at to see whether a thing is named after the person: `пр. академика …`.
const REACH: usize = 2;

/// Adds the names that a text holds.
pub(super) fn scan(text: &str, words: &Words, found: &mut Vec<Sighting>) {
    let names = Names { text, words };
    let mut at = 0;
    while at < words.len() {
        let Some(last) = names.name_at(at) else {
            at += 1;
            continue;
        };
        if !names.is_of_a_thing(at, last)
            && let Some(range) = names.range(at, last)
        {
            found.push(Sighting { kind: Kind::FullName, range, evidence: Evidence::Written });
        }
        at = last + 1;
    }
    let is_one = words.len() == 1
        && (names.is_part(0) && names.patronymic(0).is_some()
            || names.may_be_of_name(0) && plain_patronymic(words.lower(0)).is_some());
    let evidence = if is_one { Some(Evidence::Part) } else { names.alone() };
    if let Some(evidence) = evidence
        && let Some(range) = names.range(0, 0)
    {
        found.push(Sighting { kind: Kind::FullName, range, evidence });
    }
}

struct Names<'a> {
    text: &'a str,
    words: &'a Words,
}

impl<'a> Names<'a> {
    /// What the only word of a text may be beside another field, where nothing else stands in the text.
    fn alone(&self) -> Option<Evidence> {
        let is_whole = self.words.len() == 1
            && self.is_part(0)
            && self.words.get(0).is_some_and(|word| word.range.len() == self.text.trim().len());
        if !is_whole {
            None
        } else if self.given(0) {
            Some(Evidence::Given)
        } else {
            self.surname(0).then_some(Evidence::Surname)
        }
    }

    /// The last word of the name that starts at word `at`.
    fn name_at(&self, at: usize) -> Option<usize> {
        // No name is one word; where its first two have capitals there are more ways to tell it.
        let is_capital = |word: &Word| matches!(word.shape, Shape::Capital | Shape::Upper);
        let (word, next) = (self.words.get(at)?, self.words.get(at + 1)?);
        let are_capital = is_capital(word) && is_capital(next) && matches!(next.gap, Gap::Blank | Gap::Dot);
        let in_capitals =
            || self.with_patronymic(at).or_else(|| self.with_initials(at)).or_else(|| self.of_two(at));
        are_capital.then(in_capitals).flatten().or_else(|| self.in_small_letters(at))
    }

    /// `ахметов болат серікұлы`, `болат серікұлы`, `иванов пётр сергеевич`: what capitals tell elsewhere is told by a
    /// patronymic that is nothing else, and by a surname or a given name where it may be something else.
    fn in_small_letters(&self, at: usize) -> Option<usize> {
        let patronymic = |at: usize| plain_patronymic(self.word(at)).filter(|_| self.joins(at));
        let (second, third) = (patronymic(at + 1), patronymic(at + 2));
        let child = is_child_of(self.word(at + 3)) && self.joins(at + 3);
        // Most words of a text end here.
        if second.is_none() && third.is_none() && !child || !self.may_be_of_name(at) || !self.joins(at + 1) {
            return None;
        }
        let are_given = |place: usize| self.given(place) || self.given(place + 1);
        let has_small = self.is_small(at + 1) || self.is_small(at + 2);
        if has_small && third.is_some_and(|kind| self.is_full(at, kind)) {
            return Some(at + 2);
        }
        let is_split = child && self.joins(at + 2) && has_small && is_plain_surname(self.word(at));
        if is_split && (are_given(at + 1) || is_only_child_of(self.word(at + 3))) {
            return Some(at + 3);
        }
        let is_name = match second? {
            Plain::Kazakh if self.is_small(at + 1) => !self.is_of_place(at),
            _ => (self.is_small(at) || self.is_small(at + 1)) && self.given(at),
        };
        is_name.then_some(at + 1)
    }

    /// Whether three words are surname, given name and patronymic: the surname tells, or that there is nothing else.
    fn is_full(&self, at: usize, patronymic: Plain) -> bool {
        let surname = self.word(at);
        let is_all = self.words.len() == 3 && !self.is_of_place(at);
        match patronymic {
            Plain::Kazakh => is_plain_surname(surname) || is_all,
            Plain::Son => is_surname(surname) || is_all,
            Plain::Daughter => is_plain_surname_of_woman(surname) || is_all && self.given(at + 1),
        }
    }

    /// Whether a word is one of addresses: `көшесі момышұлы`.
    fn is_of_place(&self, at: usize) -> bool {
        is_in(AFTER, self.word(at)) || is_in(ADDRESS, self.word(at))
    }

    /// Whether a word is written in small letters.
    fn is_small(&self, at: usize) -> bool {
        self.words.get(at).is_some_and(|word| word.shape == Shape::Lower)
    }

    /// Whether a word may be part of a name, with a capital letter or without.
    fn may_be_of_name(&self, at: usize) -> bool {
        self.words.get(at).is_some_and(|word| word.shape == Shape::Lower && self.is_long(at, word))
            || self.is_part(at)
    }

    /// Whether such a word follows the one before, with nothing but a blank between.
    fn joins(&self, at: usize) -> bool {
        self.words.get(at).is_some_and(|word| word.gap == Gap::Blank) && self.may_be_of_name(at)
    }

    /// `Ахметов Болат Серікұлы`, `Болат Серікұлы Ахметов`, `Болат Серікұлы`, `Момышұлы Бауыржан`.
    fn with_patronymic(&self, at: usize) -> Option<usize> {
        if !self.follows(at + 1) || !self.is_part(at) {
            return None;
        }
        if self.follows(at + 2) {
            if let Some(last) = self.patronymic(at + 2) {
                return Some(last);
            }
            if is_short_patronymic(self.word(at + 2)) && (self.given(at) || self.given(at + 1)) {
                return Some(at + 2);
            }
        }
        if let Some(last) = self.patronymic(at + 1) {
            let is_longer = self.follows(last + 1) && self.surname(last + 1);
            return Some(last + usize::from(is_longer));
        }
        (is_patronymic(self.word(at)) && self.given(at + 1)).then_some(at + 1)
    }

    /// `Ахметов Б.С.`, `Б.С. Ахметов`, `Ахметов Б.`; with one initial, or with the surname last, its ending
    /// has to be that of a surname.
    fn with_initials(&self, at: usize) -> Option<usize> {
        let is_surname = |at: usize| self.surname(at) || is_inflected_surname(self.word(at));
        if self.is_initial(at) {
            let last = if self.is_second_initial(at + 1) { at + 1 } else { at };
            let next = last + 1;
            let is_joined = matches!(self.words.get(next)?.gap, Gap::Dot | Gap::Blank);
            return (is_joined && self.is_part(next) && is_surname(next)).then_some(next);
        }
        if !self.is_part(at) || self.words.get(at + 1)?.gap != Gap::Blank || !self.is_initial(at + 1) {
            return None;
        }
        let is_pair = self.is_second_initial(at + 2);
        let is_name = is_surname(at) || is_pair && self.words.get(at)?.length >= 3;
        is_name.then_some(at + 1 + usize::from(is_pair))
    }

    /// `Ахметов Болат`, `Болат Ахметов`: the ending of one, and the other a frequent given name.
    fn of_two(&self, at: usize) -> Option<usize> {
        let are_two = self.is_part(at) && self.follows(at + 1);
        let is_name =
            are_two && (self.surname(at) && self.given(at + 1) || self.surname(at + 1) && self.given(at));
        is_name.then_some(at + 1)
    }

    /// Whether it is a thing that has the name: a street, a school; or a house stands behind it.
    fn is_of_a_thing(&self, first: usize, last: usize) -> bool {
        let is_before = |at: usize| is_in(BEFORE, self.word(at));
        let mut start = first;
        let mut is_thing = is_before(first);
        for _ in 0..REACH {
            let gap = self.words.get(start).map(|word| word.gap);
            if start == 0 || !matches!(gap, Some(Gap::Blank | Gap::Dot)) {
                break;
            }
            start -= 1;
            is_thing |= is_before(start);
        }
        is_thing || self.is_namesake(first, last) || self.is_name_of(last + 1) || self.has_house(last + 1)
    }

    /// Whether it is the name of a person of history, without a third word.
    fn is_namesake(&self, first: usize, last: usize) -> bool {
        let (given, next) = (self.word(first), self.word(last));
        let is_both =
            |(name, start): &(&str, &str)| name.as_bytes() == given && next.starts_with(start.as_bytes());
        last == first + 1 && NAMESAKES.iter().any(is_both)
    }

    /// Whether word `at` says that the name before it is that of a thing: `көшесі`, `атындағы`, `к.`.
    fn is_name_of(&self, at: usize) -> bool {
        let Some(place) = self.words.get(at) else { return false };
        let word = self.word(at);
        let is_street = word == "к".as_bytes() && self.text.as_bytes().get(place.range.end) == Some(&b'.');
        matches!(place.gap, Gap::Blank | Gap::Dot) && (is_street || is_in(AFTER, word))
    }

    /// Whether the number of a house is at word `at`: at the end, before a sign, or before a word of addresses.
    fn has_house(&self, at: usize) -> bool {
        let Some(number) = self.words.get(at) else { return false };
        let is_near = matches!(number.gap, Gap::Blank | Gap::Other) && self.is_behind_comma_or_blank(number);
        if number.shape != Shape::Number || number.length > 3 || !is_near {
            return false;
        }
        match self.words.get(at + 1) {
            None => !self.text.get(number.range.end..).is_some_and(|rest| rest.starts_with(')')),
            Some(next) if next.gap == Gap::Blank || next.gap == Gap::Hyphen => {
                is_in(HOUSE, self.word(at + 1))
            }
            // `12а`, `12/1`, `12, 5-пәтер`; but `12.05.1985` is a day.
            Some(next) => match next.gap {
                Gap::None => true,
                Gap::Other => {
                    self.text.get(number.range.end..).is_some_and(|rest| rest.starts_with(['/', ',']))
                }
                _ => false,
            },
        }
    }

    /// Whether nothing but blanks and commas part the number from the name.
    fn is_behind_comma_or_blank(&self, number: &Word) -> bool {
        let head = self.text.get(..number.range.start).unwrap_or_default();
        let before = head.trim_end_matches([' ', ',', '\u{a0}']);
        before.chars().next_back().is_some_and(|sign| sign.is_alphabetic() || sign == '.')
    }

    /// Whether a word may be part of a name: it starts with a capital, and is no form of organisations.
    fn is_part(&self, at: usize) -> bool {
        self.words
            .get(at)
            .is_some_and(|word| matches!(word.shape, Shape::Capital | Shape::Upper) && self.is_long(at, word))
    }

    /// Whether a word has two letters or more, and is no form of organisations.
    fn is_long(&self, at: usize, word: &Word) -> bool {
        word.length >= 2 && !(word.length <= 4 && is_in(FORMS, self.word(at)))
    }

    /// Whether a part of a name follows the word before, with nothing but a blank between.
    fn follows(&self, at: usize) -> bool {
        self.words.get(at).is_some_and(|word| word.gap == Gap::Blank) && self.is_part(at)
    }

    /// The last word of the patronymic at `at`: itself, or the next one (`Расим оғлы`).
    fn patronymic(&self, at: usize) -> Option<usize> {
        if is_patronymic(self.word(at)) {
            return Some(at);
        }
        let next = self.words.get(at + 1)?;
        let is_split = matches!(next.gap, Gap::Blank | Gap::Hyphen) && is_child_of(self.word(at + 1));
        is_split.then_some(at + 1)
    }

    fn is_initial(&self, at: usize) -> bool {
        self.words.get(at).is_some_and(|word| {
            let is_letter = word.length == 1 && word.shape == Shape::Capital;
            is_letter && self.text.as_bytes().get(word.range.end) == Some(&b'.')
        })
    }

    /// The second of two: the stop behind it is sometimes left out (`Ахметов Б.С`).
    fn is_second_initial(&self, at: usize) -> bool {
        self.words
            .get(at)
            .is_some_and(|word| word.length == 1 && word.shape == Shape::Capital && word.gap == Gap::Dot)
    }

    fn surname(&self, at: usize) -> bool {
        is_surname(self.word(at))
    }

    fn given(&self, at: usize) -> bool {
        is_given(self.word(at))
    }

    /// The word in lower case.
    fn word(&self, at: usize) -> &'a [u8] {
        self.words.lower(at)
    }

    /// The bytes of words, with the stop of a last initial.
    fn range(&self, first: usize, last: usize) -> Option<Range<usize>> {
        let end = self.words.get(last)?.range.end + usize::from(self.is_initial(last));
        Some(self.words.get(first)?.range.start..end)
    }
}
