//! The draft of the passport of an extract: what its fields and values tell (order 111/НҚ/2021, paragraph 7 and
//! annex 2). An extract has no description of itself, so that all of that is missing there.

use std::collections::HashSet;

use super::Form;
use super::place::coordinate;
use super::report::{FieldReport, Report};
use crate::assess::passport::{
    Attribute, AttributeRequirements, AttributeType, Bilingual, BrokenRule, CheckedValue, FoundKind, GeoLink,
    GeoLinkKind, Geometry, ListedValue, Passport, RecordCheck, Requirement, Restriction, ValueKind,
};
use crate::assess::restricted::Kind;

/// A pattern is one where so many of a hundred values look like it, as in the passport of a dataset.
const PATTERN_PER_CENT: u64 = 95;

impl Report {
    /// The draft of its passport, called `name`, as far as the extract tells; [`Passport::missing`] lists the rest. No
    /// value of a masked field stands in it.
    #[must_use]
    pub fn draft(&self, name: &str) -> Passport {
        let requirements = self.fields.iter().map(|field| AttributeRequirements {
            attribute: self.path(&field.field),
            requirements: requirements(field),
        });
        Passport {
            dataset: Some(name.to_owned()),
            geo_link: self.geo_link(),
            attributes: self.attributes(),
            requirements: requirements.filter(|it| !it.requirements.is_empty()).collect(),
            profiled_rows: Some(self.rows),
            record_checks: Some(self.examples.iter().map(|check| self.renamed(check)).collect()),
            restriction: Some(self.restricted_kinds()),
            ..Passport::default()
        }
    }

    /// A path as passports have it: `rooms.number` for `rooms[].number`. Of a table it is the column's name.
    fn path(&self, shown: &str) -> String {
        if self.is_nested() { shown.replace("[]", "") } else { shown.to_owned() }
    }

    const fn is_nested(&self) -> bool {
        matches!(self.form, Form::Json)
    }

    /// The attributes, an Object before its members.
    fn attributes(&self) -> Vec<Attribute> {
        let (mut found, mut groups) = (Vec::new(), HashSet::new());
        for field in &self.fields {
            let (above, own) = self.placed(&field.field);
            let mut group: Option<String> = None;
            for part in above {
                let object = self.attribute(part, group, ValueKind::Object.word());
                let path = object.path();
                if groups.insert(path.clone()) {
                    found.push(object);
                }
                group = Some(path);
            }
            let [kk, ru] = &field.labels;
            found.push(Attribute {
                name: Bilingual::new(kk, ru),
                is_mandatory: Some(field.nulls == 0),
                ..self.attribute(own, group, field.kind)
            });
        }
        found
    }

    /// The names of the Objects that a field lies in, and its own.
    fn placed<'p>(&self, path: &'p str) -> (Vec<&'p str>, &'p str) {
        match path.rsplit_once('.').filter(|_| self.is_nested()) {
            Some((above, own)) => (above.split('.').collect(), own),
            None => (Vec::new(), path),
        }
    }

    /// An attribute of a name that has `[]` behind it where it is a List of that kind.
    fn attribute(&self, shown: &str, group: Option<String>, kind: &str) -> Attribute {
        let is_list = self.is_nested() && shown.ends_with("[]");
        let kind = if is_list {
            AttributeType::new(ValueKind::List.word(), Some(kind))
        } else {
            AttributeType::new(kind, None)
        };
        Attribute { technical_name: self.path(shown), group, kind: Some(kind), ..Attribute::default() }
    }

    /// 1.3: points, pairs of coordinates, addresses. Where nothing declares the fields and none is found, nobody knows.
    fn geo_link(&self) -> GeoLink {
        let has =
            |is: &dyn Fn(&FieldReport) -> bool| self.fields.iter().any(|field| field.values > 0 && is(field));
        let is_axis = |field: &FieldReport, axis| {
            matches!(field.kind, "Int" | "Double") && coordinate(&field.field) == Some(axis)
        };
        let has_points = has(&|field| field.kind == ValueKind::Geoposition.word())
            || has(&|field| is_axis(field, 0)) && has(&|field| is_axis(field, 1));
        let address = self.fields.iter().find(|field| field.is_address).map(|field| self.path(&field.field));
        let mut kinds = Vec::new();
        kinds.extend(has_points.then_some(GeoLinkKind::Coordinates));
        kinds.extend(address.as_ref().map(|_| GeoLinkKind::Address));
        let is_declared = self.fields.iter().any(|field| field.is_declared);
        GeoLink {
            is_present: (is_declared || !kinds.is_empty()).then_some(!kinds.is_empty()),
            geometry: has_points.then_some(Geometry::Point),
            kinds,
            address_attribute: address,
        }
    }

    /// A checked record with the paths that passports have.
    fn renamed(&self, check: &RecordCheck) -> RecordCheck {
        let values =
            check.values.iter().map(|it| CheckedValue { attribute: self.path(&it.attribute), ..it.clone() });
        let broken =
            check.broken.iter().map(|it| BrokenRule { attribute: self.path(&it.attribute), ..it.clone() });
        RecordCheck { values: values.collect(), broken: broken.collect(), ..check.clone() }
    }

    fn restricted_kinds(&self) -> Restriction {
        let hits = self.fields.iter().flat_map(|field| field.restricted.iter().map(move |hit| (field, hit)));
        let found = hits.filter(|(_, hit)| hit.is_beyond_chance).filter_map(|(field, hit)| {
            let kind = Kind::ALL.into_iter().find(|kind| kind.code() == hit.rule && kind.is_personal())?;
            Some(FoundKind {
                attribute: self.path(&field.field),
                kind,
                hits: hit.count,
                values: field.values,
                is_restricting: hit.is_restricting,
            })
        });
        let elsewhere = self.found_in_sheets().map(|(attribute, kind, it)| FoundKind {
            attribute,
            kind,
            hits: it.hit.count,
            values: it.values,
            is_restricting: it.hit.is_restricting,
        });
        Restriction {
            rows: self.rows,
            scanned: self.rows,
            step: 1,
            found: found.chain(elsewhere).collect(),
            lifted: self.not_restricted.clone(),
        }
    }
}

/// What the values of a field are; of a masked one no value.
fn requirements(field: &FieldReport) -> Vec<Requirement> {
    let mut found = Vec::new();
    let is_text = field.kind == ValueKind::String.word();
    let listed = listed(field).filter(|_| !field.is_masked);
    let is_ordered = matches!(field.kind, "Int" | "Double" | "Date");
    if let (Some(least), Some(most), false) = (&field.least, &field.greatest, field.is_masked)
        && is_ordered
        && (listed.is_none() || field.kind == ValueKind::Date.word())
    {
        found.push(Requirement::Range { least: least.clone(), most: most.clone() });
    }
    if is_text {
        let pattern = pattern(field);
        if let (None, None, Some(least), Some(most)) =
            (&pattern, &listed, field.least_length, field.greatest_length)
        {
            found.push(Requirement::Length { least, most });
        }
        found.extend(pattern);
    }
    found.extend(listed);
    if is_text {
        found.push(Requirement::Alphabet { beyond: field.beyond_alphabet.clone() });
    }
    found
}

/// What nearly all texts look like.
fn pattern(field: &FieldReport) -> Option<Requirement> {
    let first = field.patterns.first().filter(|it| it.count * 100 >= field.values * PATTERN_PER_CENT)?;
    Some(Requirement::Pattern { pattern: first.text.clone(), values: first.count, of: field.values })
}

/// The different values, where all of them are shown and each is there twice on average.
fn listed(field: &FieldReport) -> Option<Requirement> {
    let is_whole = field.is_distinct_exact && field.top.len() as u64 == field.distinct;
    let is_list = is_whole && field.distinct > 0 && field.values >= 2 * field.distinct;
    let is_point = field.kind == ValueKind::Geoposition.word();
    (is_list && !is_point).then(|| {
        let values = field.top.iter().map(|it| ListedValue { value: it.text.clone(), rows: it.count });
        Requirement::Values { values: values.collect(), is_complete: true }
    })
}
