//! A passport as JSON, for programs.

use serde_json::{Map, Value, json};

use super::annex::Item;
use super::attribute::Attribute;
use super::contents::Passport;
use super::record::{CheckedValue, RecordCheck};
use super::requirement::Requirement;
use super::state::PassportState;

impl Passport {
    /// The passport as an object in both languages. Its keys are the annex's numbers; under each is an object of one
    /// member, the item's technical name: `"1.1.1": {"full_name": {"kk": …, "ru": …}}`. Beside them stand
    /// `order`, `dataset`, `title` (the title page), `profiled_rows`, `state` (the last step), `history`, and the
    /// lists `missing` and `not_applicable`. What is missing is null, and named in `missing`. Where rows were scanned
    /// there is `restriction`, and where a plan has the set `plan`. A `history` that cannot be read is null.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut object = Map::new();
        let mut insert = |key: &str, value: Value| object.insert(key.to_owned(), value);
        insert("order", json!({"number": "111/НҚ", "date": "2021-03-31", "annex": 2}));
        insert("dataset", json!(self.dataset));
        insert(
            "title",
            json!({
                "dataset": self.full_name,
                "source": self.source,
                "city": self.city,
                "year": self.year,
            }),
        );
        for item in Item::ALL {
            insert(item.number(), json!({ item.name(): self.item(item) }));
        }
        insert("profiled_rows", json!(self.profiled_rows));
        insert("state", json!(self.history.last().map(|state| state.step.name())));
        insert("history", if self.is_history_unread { Value::Null } else { self.history.to_json() });
        insert("missing", json!(self.missing()));
        insert(
            "not_applicable",
            self.not_applicable().iter().map(|item| Value::from(item.number())).collect(),
        );
        if let Some(restriction) = &self.restriction {
            insert("restriction", restriction.to_json());
        }
        if let Some(plan) = &self.plan {
            insert("plan", plan.to_json());
        }
        Value::Object(object)
    }

    fn item(&self, item: Item) -> Value {
        let geo = &self.geo_link;
        match item {
            Item::Keywords => list(self.keywords.iter().map(|word| word.as_str().into())),
            Item::HasGeoLink => json!(geo.is_present),
            Item::GeometryType => json!(geo.geometry),
            Item::GeoLinkKind => list(geo.kinds.iter().map(|kind| json!(kind))),
            Item::AddressAttribute => json!(geo.address_attribute),
            Item::Attributes => list(self.attributes.iter().zip(1..).map(attribute)),
            Item::Requirements => list(self.requirements.iter().map(|it| {
                let requirements: Vec<Value> = it.requirements.iter().map(Requirement::to_json).collect();
                json!({"attribute": it.attribute, "requirements": requirements})
            })),
            Item::RecordChecks => {
                self.record_checks.as_ref().map_or(Value::Null, |checks| checks.iter().map(check).collect())
            }
            _ => json!(self.text(item)),
        }
    }
}

/// An array, or null where it would be empty.
fn list(values: impl Iterator<Item = Value>) -> Value {
    let values: Vec<Value> = values.collect();
    if values.is_empty() { Value::Null } else { Value::Array(values) }
}

fn attribute((it, number): (&Attribute, usize)) -> Value {
    json!({
        "number": number,
        "technical_name": it.technical_name,
        "name": it.name,
        "group": it.group,
        "type": it.kind,
        "mandatory": it.is_mandatory,
    })
}

fn check(it: &RecordCheck) -> Value {
    let value = |value: &CheckedValue| json!({"attribute": value.attribute, "value": value.value});
    let broken = it.broken.iter().map(|broken| {
        json!({
            "attribute": broken.attribute,
            "rule": broken.code,
            "expected": broken.expected,
            "found": broken.found,
        })
    });
    json!({
        "row": it.row,
        "key": it.key,
        "is_good": it.is_good(),
        "values": it.values.iter().map(value).collect::<Vec<_>>(),
        "broken": broken.collect::<Vec<_>>(),
    })
}

pub(super) fn step(state: &PassportState) -> Value {
    json!({
        "step": state.step.name(),
        "paragraph": state.step.paragraph(),
        "at": state.at.to_string(),
        "by": state.by,
        "note": state.note,
    })
}
