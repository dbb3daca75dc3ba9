//! The types that `fields` declares (order 144, annex 1 parts 3 and 4).

use std::collections::HashMap;

use serde_json::{Map, Value};

/// What the values of a field are.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Int,
    Double,
    Boolean,
    /// A text; also what an unknown type and an undeclared field are read as.
    Text,
    /// A date, with its declared format.
    Date(Option<String>),
    Geoposition,
    Object(Fields),
    List(Box<Kind>),
}

/// What a field that nobody declares is read as.
pub(crate) static UNDECLARED: Kind = Kind::Text;

/// Declared fields, in their order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fields {
    kinds: Vec<(String, Kind)>,
    /// Places by name.
    exact: HashMap<String, usize>,
    /// Places by name in lower case; none where two fields share it.
    folded: HashMap<String, Option<usize>>,
}

impl Fields {
    /// What an object of `fields` declares.
    pub(crate) fn parse(fields: &Value) -> Self {
        let mut parsed = Self::default();
        for (name, declaration) in fields.as_object().into_iter().flatten() {
            let at = parsed.kinds.len();
            parsed.exact.insert(name.clone(), at);
            let folded = parsed.folded.entry(name.to_lowercase());
            folded.and_modify(|it| *it = None).or_insert(Some(at));
            parsed.kinds.push((name.clone(), Kind::declared(declaration)));
        }
        parsed
    }

    /// The declared kind of a member: by its exact name, or else without case where that is unambiguous, as real
    /// documents declare `id` and send `Id`.
    pub(crate) fn get(&self, name: &str) -> Option<&Kind> {
        let folded = || self.folded.get(&name.to_lowercase()).copied().flatten();
        let at = self.exact.get(name).copied().or_else(folded)?;
        self.kinds.get(at).map(|(_, kind)| kind)
    }

    /// The kind that a member is read as.
    pub(crate) fn kind(&self, name: &str) -> &Kind {
        self.get(name).unwrap_or(&UNDECLARED)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Kind)> {
        self.kinds.iter().map(|(name, kind)| (name.as_str(), kind))
    }
}

impl Kind {
    /// The kind that one declaration of `fields` means: an object of attributes, or a type's name for short.
    fn declared(declaration: &Value) -> Self {
        let Value::Object(attributes) = declaration else {
            return Self::named(declaration.as_str().unwrap_or_default(), &Map::new());
        };
        Self::named(text(attributes, "type"), attributes)
    }

    /// The kind of a type's name in any letter case. `Text`, `Address` and `DateTime` stand in the order's own
    /// template and on the portal.
    fn named(word: &str, attributes: &Map<String, Value>) -> Self {
        let fields = || attributes.get("fields").map(Fields::parse).unwrap_or_default();
        match word.trim().to_lowercase().as_str() {
            "int" => Self::Int,
            "double" => Self::Double,
            "boolean" => Self::Boolean,
            "date" | "datetime" => {
                Self::Date(Some(text(attributes, "format").to_owned()).filter(|it| !it.is_empty()))
            }
            "geoposition" => Self::Geoposition,
            "object" => Self::Object(fields()),
            "list" => Self::List(Box::new(Self::element(attributes))),
            _ => Self::Text,
        }
    }

    /// The kind of a List's elements. Those of a List in a List have no type of their own in the order's format.
    fn element(attributes: &Map<String, Value>) -> Self {
        match text(attributes, "elementType") {
            "" if attributes.contains_key("fields") => Self::named("Object", attributes),
            word if word.trim().eq_ignore_ascii_case("list") => Self::List(Box::new(Self::Text)),
            word => Self::named(word, attributes),
        }
    }
}

fn text<'a>(attributes: &'a Map<String, Value>, key: &str) -> &'a str {
    attributes.get(key).and_then(Value::as_str).unwrap_or_default()
}
