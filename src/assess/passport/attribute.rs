//! An attribute of the set: a row of table 2.1.

use serde::Serialize;

use super::language::{Bilingual, Language};

/// An attribute of the set, as table 2.1 lists it. Its number there is its place in the list, from 1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attribute {
    /// Its technical name, without the Objects that it lies in.
    pub technical_name: String,
    /// Its name.
    pub name: Bilingual,
    /// Path of the Object that it lies in (the group attribute); none where it lies in none.
    pub group: Option<String>,
    /// Its type.
    pub kind: Option<AttributeType>,
    /// Whether every row has a value; none where nobody looked.
    pub is_mandatory: Option<bool>,
}

impl Attribute {
    /// Its path from the row: `schedule.open`. Tables 2.2 and 3 name attributes by it.
    #[must_use]
    pub fn path(&self) -> String {
        match &self.group {
            Some(group) => format!("{group}.{}", self.technical_name),
            None => self.technical_name.clone(),
        }
    }
}

/// A type as the set declares it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AttributeType {
    /// The word that the set has, such as `Address`.
    pub declared: String,
    /// Which type of the order it is; none where the word is unknown.
    pub kind: Option<ValueKind>,
    /// Type of a List's elements, as declared.
    pub element: Option<String>,
}

impl AttributeType {
    /// The type of a word, and of the word for a List's elements.
    #[must_use]
    pub fn new(declared: &str, element: Option<&str>) -> Self {
        Self {
            declared: declared.to_owned(),
            kind: ValueKind::named(declared),
            element: element.map(str::to_owned),
        }
    }
}

/// The types of order 144/2021, annex 1, part 3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum ValueKind {
    /// Row 1.
    Int,
    /// Row 2.
    Double,
    /// Row 3.
    String,
    /// Row 4.
    Boolean,
    /// Row 5.
    Date,
    /// Row 6.
    Geoposition,
    /// Row 7.
    List,
    /// Row 8.
    Object,
}

impl ValueKind {
    /// The type that a word stands for, in any letter case; `Text` and `Address` are String and `DateTime` is
    /// Date, as in the template of the same order (annex 2).
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Some(match word.to_ascii_lowercase().as_str() {
            "int" => Self::Int,
            "double" => Self::Double,
            "string" | "text" | "address" => Self::String,
            "boolean" => Self::Boolean,
            "date" | "datetime" => Self::Date,
            "geoposition" => Self::Geoposition,
            "list" => Self::List,
            "object" => Self::Object,
            _ => return None,
        })
    }

    /// The order's word in its column of types.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Int => "Int",
            Self::Double => "Double",
            Self::String => "String",
            Self::Boolean => "Boolean",
            Self::Date => "Date",
            Self::Geoposition => "Geoposition",
            Self::List => "List",
            Self::Object => "Object",
        }
    }

    /// The order's name of the type in Kazakh (its column of types in words), and a translation.
    #[must_use]
    pub const fn name(self, language: Language) -> &'static str {
        language.of(match self {
            Self::Int => ["Бүтін сандар", "Целые числа"],
            Self::Double => ["Бүтін емес сандар", "Нецелые числа"],
            Self::String => ["Жол", "Строка"],
            Self::Boolean => ["Логикалық мәні", "Логическое значение"],
            Self::Date => ["Күні", "Дата"],
            Self::Geoposition => ["Геопозиция", "Геопозиция"],
            Self::List => ["Парақ", "Список"],
            Self::Object => ["Объект", "Объект"],
        })
    }
}
