//! Which datasets speak of this?
//!
//! What a dataset says of itself is folded once, so that a search only compares: letter case is gone,
//! `ё` is `е`, and a letter with a mark of its own (`и` and U+0306) is the one letter (`й`) that it
//! looks like. Kazakh letters are letters: `қ` is not `к`.

use std::sync::Arc;

use serde_json::Value;

use super::dataset::Dataset;
use super::snapshot::Snapshot;
use crate::document::Document;

/// The letters that are also written as a letter and a combining mark: those of Kazakh, in both of
/// its alphabets, and of Russian.
const COMPOSED: [(char, char, char); 10] = [
    ('и', '\u{306}', 'й'),
    ('у', '\u{306}', 'ў'),
    ('a', '\u{308}', 'ä'),
    ('o', '\u{308}', 'ö'),
    ('u', '\u{308}', 'ü'),
    ('u', '\u{304}', 'ū'),
    ('g', '\u{306}', 'ğ'),
    ('n', '\u{303}', 'ñ'),
    ('s', '\u{327}', 'ş'),
    ('c', '\u{327}', 'ç'),
];

/// What a search looks through: folded texts, the most telling first.
#[derive(Debug)]
pub(super) struct SearchText {
    /// `apiUri` and the names; all keywords; the descriptions. In each, texts stand apart.
    tiers: [String; 3],
    /// The keywords one by one.
    keywords: Vec<String>,
}

impl SearchText {
    /// What a document says of itself, in all its languages.
    pub(super) fn of(document: &Document) -> Self {
        let meta = &document.meta;
        let joined = |texts: &[&str]| texts.iter().map(|text| fold(text)).collect::<Vec<_>>().join("\n");
        let [kk, ru, en] = meta.names.each_ref().map(String::as_str);
        let names = joined(&[&document.name, &meta.api_uri, kk, ru, en]);
        let descriptions = joined(&meta.descriptions.each_ref().map(String::as_str));
        let mut keywords: Vec<String> = meta.keywords.iter().map(|keyword| fold(keyword)).collect();
        // Some publishers have a list a language: `keywordsKk`.
        let others = meta.members.iter().filter(|(key, _)| *key != "keywords" && key.starts_with("keywords"));
        others.for_each(|(_, value)| add_keywords(value, &mut keywords));
        keywords.retain(|keyword| !keyword.is_empty());
        Self { tiers: [names, keywords.join("\n"), descriptions], keywords }
    }

    /// How far from the front the words were found, in sum; none where one of them was not.
    fn rank(&self, words: &[&str]) -> Option<usize> {
        words.iter().map(|word| self.tiers.iter().position(|text| text.contains(word))).sum()
    }
}

/// Adds the keywords in a list, or in a text that commas or semicolons separate.
fn add_keywords(value: &Value, keywords: &mut Vec<String>) {
    match value {
        Value::Array(words) => keywords.extend(words.iter().filter_map(Value::as_str).map(fold)),
        Value::String(words) => keywords.extend(words.split([',', ';']).map(fold)),
        _ => {}
    }
}

/// The words of a text in their order, folded, with one space between them: words consist of letters
/// and digits, all else stands between them.
fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut is_apart = false;
    for letter in text.chars().flat_map(char::to_lowercase) {
        match letter {
            // Marks belong to the letter before them; signs without width are not there to be read.
            '\u{300}'..='\u{36F}' => compose(&mut folded, letter),
            '\u{AD}' | '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}' => {}
            letter if letter.is_alphanumeric() => {
                if is_apart && !folded.is_empty() {
                    folded.push(' ');
                }
                is_apart = false;
                folded.push(if letter == 'ё' { 'е' } else { letter });
            }
            _ => is_apart = true,
        }
    }
    folded
}

/// Makes the last letter the one that it is with this mark; a mark that makes no other letter, such as
/// a stress, is left out.
fn compose(folded: &mut String, mark: char) {
    let known = COMPOSED.iter().find(|(base, known, _)| *known == mark && folded.ends_with(*base));
    if let Some((_, _, letter)) = known {
        folded.pop();
        folded.push(*letter);
    }
}

/// The words of a search that are looked for.
const MOST_WORDS: usize = 32;

/// The datasets that speak of all words of `q`, and that have the keyword `keyword`; every one where
/// neither is given.
///
/// Each word must occur, at least as a part of a word, in `apiUri`, the names, the descriptions or the
/// keywords, in any language. Letter case makes no difference, nor does `ё` for `е`; what is no letter
/// and no digit separates words. A keyword must be there as a whole. Datasets with the words in their
/// name or `apiUri` come first, then those with them in keywords, then in descriptions; equal ones
/// stand in the order of their names.
///
/// Cost: each word is looked for in a few hundred bytes a dataset; the first search folds the texts of
/// datasets that are new.
///
/// ```
/// use derek::catalog::{Catalog, LoadOptions, search};
/// let (catalog, _) = Catalog::open(&["fixtures".into()], LoadOptions::default())?;
/// let found = search(&catalog.snapshot(), Some("АПТЕК астан"), None);
/// assert_eq!(found.iter().map(|dataset| dataset.name()).collect::<Vec<_>>(), ["astana_pharmacies"]);
/// # Ok::<(), derek::error::Error>(())
/// ```
#[must_use]
pub fn search(snapshot: &Snapshot, q: Option<&str>, keyword: Option<&str>) -> Vec<Arc<Dataset>> {
    let folded = q.map(fold).unwrap_or_default();
    let mut words: Vec<&str> = folded.split_whitespace().collect();
    words.sort_unstable();
    words.dedup();
    words.truncate(MOST_WORDS);
    let keyword = keyword.map(fold);
    let found = snapshot.datasets().filter_map(|dataset| {
        let text = dataset.search_text();
        let has_keyword = keyword.as_ref().is_none_or(|keyword| text.keywords.contains(keyword));
        Some((text.rank(&words).filter(|_| has_keyword)?, dataset))
    });
    let mut found: Vec<_> = found.collect();
    // Stable: the snapshot's order is that of the names.
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, dataset)| Arc::clone(dataset)).collect()
}
