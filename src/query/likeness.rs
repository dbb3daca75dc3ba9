//! Names as people write them: their plain form, and how alike two of them are.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Float64Array, StringArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::SessionStateBuilder;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

/// The names of the functions.
const NAMES: [&str; 2] = ["plain_text", "similarity"];

/// Longer texts are compared by their first letters.
const MOST_LETTERS: usize = 1_000;

/// A text in small letters, `ё` as `е`, with one space for all that is no letter and no digit: so names that differ in
/// letter case, signs and spaces are one. In a word with Cyrillic letters a Latin letter that looks like one is that one,
/// as those of a keyboard in another language are (`тiзiм`); a letter and its sign apart (`й` as two) are one. Words with
/// `*`, which hides what tells of a person, are left out.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    // What stars stand in was hidden, and is no word.
    let shown = text.split_whitespace().filter(|word| !word.contains('*'));
    let words = shown.flat_map(|word| word.split(|sign: char| !sign.is_alphanumeric() && !is_mark(sign)));
    for word in words {
        let is_cyrillic = word.chars().any(|letter| ('\u{400}'..='\u{52f}').contains(&letter));
        let mut letters = word.chars().peekable();
        let mut is_first = true;
        while let Some(letter) = letters.next() {
            if is_mark(letter) {
                continue;
            }
            if std::mem::take(&mut is_first) && !plain.is_empty() {
                plain.push(' ');
            }
            let letter = if is_cyrillic { cyrillic(letter) } else { letter };
            let is_short = letters.peek() == Some(&BREVE);
            plain.extend(letter.to_lowercase().map(|letter| match letter {
                'ё' => 'е',
                'и' if is_short => 'й',
                letter => letter,
            }));
        }
    }
    plain
}

/// The sign of `й` where it stands apart.
const BREVE: char = '\u{306}';

/// Whether a sign belongs to the letter before it.
fn is_mark(sign: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&sign)
}

/// The Cyrillic letter that looks like a Latin one.
const fn cyrillic(letter: char) -> char {
    match letter {
        'a' => 'а',
        'c' => 'с',
        'e' => 'е',
        'h' => 'һ',
        'i' => 'і',
        'o' => 'о',
        'p' => 'р',
        'x' => 'х',
        'y' => 'у',
        'A' => 'А',
        'B' => 'В',
        'C' => 'С',
        'E' => 'Е',
        'H' => 'Н',
        'I' => 'І',
        'K' => 'К',
        'M' => 'М',
        'O' => 'О',
        'P' => 'Р',
        'T' => 'Т',
        'X' => 'Х',
        'Y' => 'У',
        other => other,
    }
}

/// Three letters that follow one another, in each word of a plain text with two spaces before it and one behind.
fn trigrams(text: &str) -> BTreeSet<[char; 3]> {
    let mut all = BTreeSet::new();
    for word in plain(text).split(' ').filter(|word| !word.is_empty()) {
        let letters: Vec<char> = [' ', ' '].into_iter().chain(word.chars()).chain([' ']).collect();
        all.extend(letters.array_windows::<3>().take(MOST_LETTERS));
    }
    all
}

/// How alike two texts are, from 0 to 1: the trigrams that both have of those that one has, as `similarity` of
/// `PostgreSQL`'s `pg_trgm` counts them.
fn similarity(one: &BTreeSet<[char; 3]>, other: &BTreeSet<[char; 3]>) -> f64 {
    let both = u32::try_from(one.intersection(other).count()).unwrap_or(u32::MAX);
    let any = u32::try_from(one.union(other).count()).unwrap_or(u32::MAX);
    if any == 0 { 0.0 } else { f64::from(both) / f64::from(any) }
}

/// The functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Of {
    Plain,
    Similarity,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Likeness {
    of: Of,
    signature: Signature,
}

/// Adds `plain_text(text)` and `similarity(text, text)`.
pub(super) fn register(mut builder: SessionStateBuilder) -> SessionStateBuilder {
    let functions = builder.scalar_functions().get_or_insert_default();
    for (of, arguments) in [(Of::Plain, 1), (Of::Similarity, 2)] {
        let signature = Signature::string(arguments, Volatility::Immutable);
        functions.push(Arc::new(ScalarUDF::new_from_impl(Likeness { of, signature })));
    }
    builder
}

impl ScalarUDFImpl for Likeness {
    fn name(&self) -> &str {
        match self.of {
            Of::Plain => NAMES[0],
            Of::Similarity => NAMES[1],
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(if self.of == Of::Plain { DataType::Utf8 } else { DataType::Float64 })
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let texts = |at: usize| match arrays.get(at) {
            Some(array) => Ok(cast(array, &DataType::Utf8)?.as_string::<i32>().clone()),
            None => Err(DataFusionError::Plan(format!("{} takes more arguments", self.name()))),
        };
        let of: ArrayRef = match self.of {
            Of::Plain => Arc::new(texts(0)?.iter().map(|text| text.map(plain)).collect::<StringArray>()),
            Of::Similarity => Arc::new(similarities(&texts(0)?, &texts(1)?)),
        };
        Ok(ColumnarValue::Array(of))
    }
}

/// The trigrams of the text that was met last.
#[derive(Default)]
struct Known<'a> {
    text: &'a str,
    trigrams: BTreeSet<[char; 3]>,
}

impl<'a> Known<'a> {
    fn of(&mut self, text: &'a str) -> &BTreeSet<[char; 3]> {
        if self.text != text {
            *self = Self { text, trigrams: trigrams(text) };
        }
        &self.trigrams
    }
}

/// The similarity of two texts, row by row. Cost: the trigrams of a text once, as long as the next row has the same.
fn similarities(ones: &StringArray, others: &StringArray) -> Float64Array {
    let (mut known, mut of_others) = (Known::default(), Known::default());
    let rows = ones.iter().zip(others);
    rows.map(|(one, other)| Some(similarity(known.of(one?), of_others.of(other?)))).collect()
}
