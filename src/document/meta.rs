//! What a document says of itself: `meta` (order 144, annex 1 part 2).

use serde_json::{Map, Value};

use super::field::text;
use super::finding::Findings;
use super::rule::Rule;

/// The longest `apiUri` that the order allows, in characters.
const API_URI_CHARACTERS: usize = 100;

/// The longest name of a dataset, of a person, and the longest phone or email.
const NAME_CHARACTERS: usize = 255;
const PERSON_CHARACTERS: usize = 100;
const CONTACT_CHARACTERS: usize = 50;

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
        let is_identifier = is_name(own) && own.chars().count() <= API_URI_CHARACTERS && !own.contains('/');
        if is_identifier {
            return (own.to_owned(), own != self.api_uri);
        }
        let path = own.split(['?', '#']).next().unwrap_or_default();
        // What follows the scheme is a host, and no part of the path.
        let path =
            path.split_once("://").map_or(path, |(_, rest)| rest.split_once('/').unwrap_or_default().1);
        let segment = path.rsplit('/').find(|segment| !segment.is_empty());
        let name = segment.filter(|segment| own.contains('/') && is_name(segment)).unwrap_or(file_stem);
        (name.chars().take(API_URI_CHARACTERS).collect(), true)
    }

    /// Adds what the metadata breaks; `is_derived` says whether the table's name is no `apiUri`.
    pub(super) fn check(&self, is_derived: bool, findings: &mut Findings) {
        let mut note = |rule, path: &str, raw: &str| {
            let raw = Some(raw.to_owned()).filter(|raw| !raw.is_empty());
            findings.add(rule, &format!("meta.{path}").into(), None, || raw);
        };
        if is_derived {
            note(Rule::MetaApiUri, "apiUri", &self.api_uri);
        }
        let is_long = |text: &str, characters| text.chars().nth(characters).is_some();
        for (language, name) in ["Kk", "Ru", "En"].iter().zip(&self.names) {
            if (name.trim().is_empty() && *language != "En") || is_long(name, NAME_CHARACTERS) {
                note(Rule::MetaName, &format!("name{language}"), name);
            }
        }
        for (language, description) in ["Kk", "Ru"].iter().zip(&self.descriptions) {
            if description.trim().is_empty() {
                note(Rule::MetaDescription, &format!("description{language}"), description);
            }
        }
        match self.members.get("keywords") {
            Some(Value::Array(_)) => {}
            // An empty list, as XML says it.
            Some(Value::String(words)) if words.trim().is_empty() => {}
            other => note(Rule::MetaKeywords, "keywords", &text(other)),
        }
        let responsible = self.members.get("responsible");
        let member = |of: Option<&Value>, key: &str| text(of.and_then(|of| of.get(key)));
        for key in ["fullnameKk", "fullnameRu"] {
            let name = member(responsible, key);
            if name.trim().is_empty() || is_long(&name, PERSON_CHARACTERS) {
                note(Rule::MetaResponsible, &format!("responsible.{key}"), &name);
            }
        }
        // The order's listing leaves open whether the owner stands beside or inside.
        let inside = responsible.and_then(|responsible| responsible.get("owner"));
        let owner = self.members.get("owner").or(inside);
        for (path, of, keys) in [
            ("responsible", responsible, &["phone", "email"][..]),
            ("owner", owner, &["phone", "email", "fullnameKk", "fullnameRu", "fullnameEn"]),
        ] {
            for key in keys {
                let most = if key.starts_with("fullname") { PERSON_CHARACTERS } else { CONTACT_CHARACTERS };
                let value = member(of, key);
                if is_long(&value, most) {
                    note(Rule::MetaContact, &format!("{path}.{key}"), &value);
                }
            }
        }
    }
}

/// The object that a file with metadata holds, or why it holds none.
pub(super) fn file(bytes: &[u8]) -> Result<Map<String, Value>, String> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    serde_json::from_slice(bytes).map_err(|error| error.to_string())
}

/// The metadata in such a file: its `meta`, or the file itself, as the portal answers.
pub(super) fn meta_of(file: &Map<String, Value>) -> Value {
    file.get("meta").filter(|meta| meta.is_object()).cloned().unwrap_or_else(|| Value::Object(file.clone()))
}

/// The description of the fields in such a file: at its top or inside `meta`.
pub(super) fn fields_of(file: &Map<String, Value>) -> Option<&Value> {
    let inside = file.get("meta").and_then(|meta| meta.get("fields"));
    file.get("fields").filter(|fields| fields.is_object()).or(inside.filter(|fields| fields.is_object()))
}

/// Whether a text can name a table in SQL and be a step of an address.
fn is_name(text: &str) -> bool {
    !matches!(text, "" | "." | "..") && !text.contains(char::is_control)
}
