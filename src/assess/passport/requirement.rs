//! What the values of an attribute must be: a row of table 2.2.

use serde_json::{Value, json};

use super::language::{Bilingual, Language};

/// The order's alphabet of String (order 144/2021, annex 1, part 3, row 3): its text in Kazakh, whose lines are put
/// together with semicolons, and a translation.
pub(crate) const ALPHABET: [&str; 2] = [
    "Атрибуттың мәні тек мынадай символдарды қамтиды: Қазақ және орыс әліпбиінің бас (жазылған) және кіші \
     әріптерін қамтиды – [A, Я] және [а, я]; \"Нөмір\" белгісі; \"Дефис\" белгісі; \"Дөңгелек\" жақшалар; \
     Сөз бөлгіш – \"аралық\" дара нышан; \"Үтір\" белгісі; \"Нүкте\" белгісі",
    "Значение атрибута содержит только следующие символы: прописные и строчные буквы казахского и русского \
     алфавитов – [А, Я] и [а, я]; знак «номер»; знак «дефис»; «круглые» скобки; разделитель слов – одиночный \
     символ «пробел»; знак «запятая»; знак «точка»",
];

/// The requirements to the values of one attribute.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AttributeRequirements {
    /// Path of the attribute.
    pub attribute: String,
    /// What its values must be.
    pub requirements: Vec<Requirement>,
}

/// What a value must be.
#[derive(Debug, Clone, PartialEq)]
pub enum Requirement {
    /// No two rows have the same value (order 144/2021, annex 1, part 4, row 5).
    Key {
        /// Paths of the other attributes of a key of several.
        together_with: Vec<String>,
    },
    /// A value of a field of another set (order 144/2021, annex 1, part 4, row 7).
    Reference {
        /// `apiUri` of the other set.
        dataset: String,
        /// The field.
        field: String,
    },
    /// How a value is written, such as `DD.MM.YYYY` or `lat,lon`.
    Format {
        /// As declared.
        format: String,
    },
    /// The least and the greatest value seen, as they are to be shown.
    Range {
        /// The least number or the earliest day.
        least: String,
        /// The greatest number or the latest day.
        most: String,
    },
    /// The box around all points seen, in degrees of WGS 84.
    Extent {
        /// Least and greatest latitude.
        latitude: [f64; 2],
        /// Least and greatest longitude.
        longitude: [f64; 2],
    },
    /// How long the values seen are, in characters.
    Length {
        /// The shortest.
        least: u64,
        /// The longest.
        most: u64,
    },
    /// What the values seen look like: `9` stands for a digit, `A` for a capital, `a` for any other letter, all else
    /// for itself.
    Pattern {
        /// Such as `+9 (9999) 99-99-99`.
        pattern: String,
        /// How many values look like it.
        values: u64,
        /// How many values there are.
        of: u64,
    },
    /// The different values seen, the most frequent first.
    Values {
        /// The values.
        values: Vec<ListedValue>,
        /// Whether there are no others.
        is_complete: bool,
    },
    /// The order's alphabet of String (order 144/2021, annex 1, part 3, row 3).
    Alphabet {
        /// Characters seen that are not of it.
        beyond: Vec<char>,
    },
    /// What a person wrote.
    Stated {
        /// The words.
        text: Bilingual,
    },
}

/// A value and how often it was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedValue {
    /// The value, as it is to be shown.
    pub value: String,
    /// How many rows have it.
    pub rows: u64,
}

impl Requirement {
    /// Its name in JSON, such as `pattern`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Key { .. } => "key",
            Self::Reference { .. } => "reference",
            Self::Format { .. } => "format",
            Self::Range { .. } => "range",
            Self::Extent { .. } => "extent",
            Self::Length { .. } => "length",
            Self::Pattern { .. } => "pattern",
            Self::Values { .. } => "values",
            Self::Alphabet { .. } => "alphabet",
            Self::Stated { .. } => "stated",
        }
    }

    /// Whether it only says what the values are, so that somebody has still to agree to it as a requirement.
    #[must_use]
    pub const fn is_profiled(&self) -> bool {
        matches!(
            self,
            Self::Range { .. }
                | Self::Extent { .. }
                | Self::Length { .. }
                | Self::Pattern { .. }
                | Self::Values { .. }
        )
    }

    /// What a person wrote.
    pub(crate) const fn stated(&self) -> Option<&Bilingual> {
        match self {
            Self::Stated { text } => Some(text),
            _ => None,
        }
    }

    /// The requirement in words; none where what a person wrote is not there in the language.
    #[must_use]
    pub fn sentence(&self, language: Language) -> Option<String> {
        let of = |words: [&'static str; 2]| language.of(words);
        let from_to = |words, least: &str, most: &str| format!("{}: {least} – {most}", of(words));
        Some(match self {
            Self::Key { together_with } => key(together_with, language),
            Self::Reference { dataset, field } => match language {
                Language::Kk => format!("«{dataset}» жиынтығындағы «{field}» өрісінің бір мәні"),
                Language::Ru => format!("Одно из значений поля «{field}» набора «{dataset}»"),
            },
            Self::Format { format } => format!("{}: {format}", of(["Форматы", "Формат"])),
            Self::Range { least, most } => from_to(["Мәндер аралығы", "Диапазон значений"], least, most),
            Self::Extent { latitude: [south, north], longitude: [west, east] } => {
                let (latitude, longitude) = (of(["Ендік", "Широта"]), of(["бойлық", "долгота"]));
                format!("{latitude}: {south} – {north}; {longitude}: {west} – {east}")
            }
            Self::Length { least, most } => {
                from_to(["Таңба саны", "Число символов"], &least.to_string(), &most.to_string())
            }
            Self::Pattern { pattern, values, of: all } => {
                format!(
                    "{}: {pattern} ({}: {values}/{all})",
                    of(["Үлгісі", "Шаблон"]),
                    of(["мәндер", "значений"])
                )
            }
            Self::Values { values, is_complete } => listed(values, *is_complete, language),
            Self::Alphabet { beyond } => alphabet(beyond, language),
            Self::Stated { text } => text.get(language)?.to_owned(),
        })
    }

    /// An object of `kind`, `is_profiled`, `text` in both languages, and the members of the kind.
    pub(crate) fn to_json(&self) -> Value {
        let [kk, ru] = Language::ALL.map(|language| self.sentence(language));
        let mut object = json!({
            "kind": self.kind(),
            "is_profiled": self.is_profiled(),
            "text": {"kk": kk, "ru": ru},
        });
        if let (Some(object), Value::Object(members)) = (object.as_object_mut(), self.members()) {
            object.extend(members);
        }
        object
    }

    fn members(&self) -> Value {
        match self {
            Self::Key { together_with } => json!({"together_with": together_with}),
            Self::Reference { dataset, field } => json!({"dataset": dataset, "field": field}),
            Self::Format { format } => json!({"format": format}),
            Self::Range { least, most } => json!({"least": least, "most": most}),
            Self::Extent { latitude, longitude } => json!({"latitude": latitude, "longitude": longitude}),
            Self::Length { least, most } => json!({"least": least, "most": most}),
            Self::Pattern { pattern, values, of } => json!({"pattern": pattern, "values": values, "of": of}),
            Self::Values { values, is_complete } => {
                let values = values.iter().map(|it| json!({"value": it.value, "rows": it.rows}));
                json!({"values": values.collect::<Vec<_>>(), "is_complete": is_complete})
            }
            Self::Alphabet { beyond } => json!({"beyond": beyond}),
            Self::Stated { .. } => json!({}),
        }
    }
}

fn key(together_with: &[String], language: Language) -> String {
    let others = together_with.iter().map(|name| format!("«{name}»")).collect::<Vec<_>>().join(", ");
    match (language, others.is_empty()) {
        (Language::Kk, true) => "Мәні қайталанбайды: жолдың бірегей сәйкестендіргіші".to_owned(),
        (Language::Kk, false) => {
            format!("Мәні мына атрибуттармен бірге қайталанбайды: {others}")
        }
        (Language::Ru, true) => "Значение не повторяется: уникальный идентификатор строки".to_owned(),
        (Language::Ru, false) => format!("Значение не повторяется вместе с атрибутами: {others}"),
    }
}

fn listed(values: &[ListedValue], is_complete: bool, language: Language) -> String {
    let words = if is_complete {
        ["Мәндер тізімі", "Список значений"]
    } else {
        ["Ең жиі кездесетін мәндер", "Самые частые значения"]
    };
    let values: Vec<String> = values.iter().map(|it| format!("{} (×{})", it.value, it.rows)).collect();
    format!("{}: {}", language.of(words), values.join("; "))
}

fn alphabet(beyond: &[char], language: Language) -> String {
    let words = language.of(["String әліпбиі", "Алфавит String"]);
    if beyond.is_empty() {
        return words.to_owned();
    }
    let sign = |sign: &char| match *sign {
        sign if sign.is_whitespace() || sign.is_control() => format!("U+{:04X}", u32::from(sign)),
        sign => format!("«{sign}»"),
    };
    let beyond = beyond.iter().map(sign).collect::<Vec<_>>().join(" ");
    let also = language.of(["деректерде одан тыс таңбалар бар", "в данных есть и символы вне его"]);
    format!("{words}; {also}: {beyond}")
}
