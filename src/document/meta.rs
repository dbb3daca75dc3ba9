//! What a document says of itself: `meta` (order 144, annex 1 part 2).

use serde_json::{Map, Value};

use super::field::text;

/// The longest `apiUri` that the order allows, in characters.
const API_URI_CHARACTERS: usize = 100;

/// The metadata of a dataset. Texts in three languages stand in the order Kazakh, Russian, English
/// and are empty where the document has none.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Meta {
    /// `apiUri` as the document has it, or empty.
    pub api_uri: String,
    /// Names.
    pub names: [String; 3],
    /// Descriptions.
    pub descriptions: [String; 3],
    /// Keywords.
    pub keywords: Vec<String>,
    /// All members of `meta` but `fields`, as they are, those above among them.
    pub members: Map<String, Value>,
}

impl Meta {
    /// The metadata that a document's `meta` holds.
    pub(super) fn parse(meta: Option<&Value>) -> Self {
        let mut members = meta.and_then(Value::as_object).cloned().unwrap_or_default();
        members.remove("fields");
        let in_three =
            |name: &str| ["Kk", "Ru", "En"].map(|language| text(members.get(&format!("{name}{language}"))));
        let keywords = match members.get("keywords") {
            Some(Value::Array(words)) => words.iter().map(|word| text(Some(word))).collect(),
            Some(Value::String(words)) => {
                words.split([',', ';']).map(|word| word.trim().to_owned()).collect()
            }
            _ => Vec::new(),
        };
        Self {
            api_uri: text(members.get("apiUri")),
            names: in_three("name"),
            descriptions: in_three("description"),
            keywords,
            members,
        }
    }

    /// The name of the dataset's table, and whether it had to be derived because `apiUri` is missing,
    /// too long, or a URL: then it is the URL's last segment, or else `file_stem`.
    pub(super) fn table_name(&self, file_stem: &str) -> (String, bool) {
        let own = self.api_uri.trim();
        let is_identifier = !own.is_empty()
            && own.chars().count() <= API_URI_CHARACTERS
            && !own.contains(|letter: char| letter == '/' || letter.is_control());
        if is_identifier {
            return (own.to_owned(), own != self.api_uri);
        }
        let segment =
            own.split(['?', '#']).next().unwrap_or_default().split('/').rfind(|part| !part.is_empty());
        let name = segment.filter(|_| own.contains('/')).unwrap_or(file_stem);
        (name.chars().take(API_URI_CHARACTERS).collect(), true)
    }
}
