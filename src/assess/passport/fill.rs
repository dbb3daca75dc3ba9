//! What a dataset tells of its passport: by its metadata, its fields, its profile and its findings.
//!
//! **Nothing is guessed**: what only a person can tell stays missing, and a text in one language is never taken for
//! one in the other.

use serde_json::{Map, Value};

use super::attribute::{Attribute, AttributeType};
use super::contents::Passport;
use super::examples::Examples;
use super::geo_link::{GeoLink, GeoLinkKind, Geometry};
use super::language::Bilingual;
use super::placed::{Placed, is_derived, placed};
use super::plan::PlanRow;
use super::privacy::Privacy;
use super::requirement::AttributeRequirements;
use super::restriction::Restriction;
use super::values::{Seen, requirements};
use crate::assess::profile::{Profile, profile_checked};
use crate::assess::restricted::Day;
use crate::catalog::Dataset;
use crate::document::{Document, FieldSpec, Meta, Type};
use crate::error::Result;

/// What is known of a dataset beside what it says itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    /// Its row of a publication plan.
    pub plan: Option<&'a PlanRow>,
    /// Paths of attributes with restricted data, such as `owner.name`: their values are not shown.
    pub restricted: &'a [String],
    /// The day after which nobody in its rows was born: single values that say who a person is are masked. None where
    /// they are shown as they are.
    pub as_of: Option<Day>,
}

impl Passport {
    /// The passport of a dataset as far as it can be filled; [`Passport::missing`] lists the rest. There is no
    /// state, since nobody has drawn up the draft yet.
    ///
    /// Requirements that the profile tells are marked as such: they say what the values are, and count when the body
    /// agrees (order 111/НҚ/2021, paragraph 8). Cost: at most 10,000 rows are looked at for part 3.
    ///
    /// # Errors
    /// `store.damaged`, `store.io` where rows cannot be read.
    ///
    /// ```
    /// use derek::assess::{passport::{Known, Passport}, profile::profile};
    /// use derek::catalog::{Catalog, LoadOptions};
    /// let (catalog, _) = Catalog::open(&["fixtures/regions.json".into()], LoadOptions::default())?;
    /// let snapshot = catalog.snapshot();
    /// let dataset = snapshot.require("regions")?;
    /// let passport = Passport::of_dataset(dataset, &profile(dataset)?, Known::default())?;
    /// assert_eq!(passport.profiled_rows, Some(20));
    /// assert!(passport.missing().iter().any(|it| it.number == "1.1.2"), "nobody told a short name");
    /// # Ok::<(), derek::error::Error>(())
    /// ```
    pub fn of_dataset(dataset: &Dataset, profile: &Profile, known: Known<'_>) -> Result<Self> {
        let document = &dataset.document;
        let (meta, fields) = (&document.meta, placed(&document.fields));
        let privacy = Privacy::new(known);
        let [name_kk, name_ru, _] = &meta.names;
        let [description_kk, description_ru, _] = &meta.descriptions;
        let passport = Self {
            dataset: Some(dataset.name().to_owned()),
            source: member(&meta.members, "source"),
            full_name: Bilingual::new(name_kk, name_ru),
            short_name: member(&meta.members, "shortName"),
            category: member(&meta.members, "category"),
            provider: provider(meta),
            description: Bilingual::new(description_kk, description_ru),
            keywords: meta.keywords.clone(),
            update_frequency: member(&meta.members, "updateFrequency"),
            geo_link: geo_link(document, &fields, profile),
            attributes: fields.iter().map(|field| attribute(field, profile)).collect(),
            requirements: all_requirements(document, &fields, profile, privacy),
            profiled_rows: Some(profile.rows),
            record_checks: Some(Examples::new(dataset, privacy).checks()?),
            ..Self::default()
        };
        Ok(match known.plan {
            Some(plan) => passport.with_plan(plan),
            None => passport,
        })
    }

    /// What a dataset tells of its passport by its metadata, fields and rows, after these were profiled and scanned for
    /// restricted data; without plan and state. Attributes that hold personal data have no values here, and a value of
    /// any other that says who a person is is masked.
    ///
    /// Cost: that of [`profile_checked`], of [`Restriction::of_dataset`] and of [`Passport::of_dataset`]; `check` is
    /// asked again and again whether somebody still waits.
    ///
    /// # Errors
    /// `store.damaged`, `store.io` where rows cannot be read, and what `check` says.
    pub fn draft(dataset: &Dataset, as_of: Day, check: &dyn Fn() -> Result<()>) -> Result<Self> {
        let profile = profile_checked(dataset, check)?;
        let restriction = Restriction::of_dataset(dataset, as_of, check)?;
        let masked = restriction.masked();
        let known = Known { plan: None, restricted: &masked, as_of: Some(as_of) };
        let passport = Self::of_dataset(dataset, &profile, known)?;
        Ok(Self { restriction: Some(restriction), ..passport })
    }
}

/// A member of the metadata that is there once in each language: `shortNameKk`, `shortNameRu`.
fn member(members: &Map<String, Value>, name: &str) -> Bilingual {
    let text = |code: &str| members.get(&format!("{name}{code}")).and_then(Value::as_str).unwrap_or_default();
    Bilingual::new(text("Kk"), text("Ru"))
}

/// The owner, who stands beside the person responsible or inside it.
fn provider(meta: &Meta) -> Bilingual {
    let responsible = meta.members.get("responsible");
    let owner = meta.members.get("owner").or_else(|| responsible.and_then(|it| it.get("owner")));
    owner.and_then(Value::as_object).map(|owner| member(owner, "fullname")).unwrap_or_default()
}

fn attribute(field: &Placed<'_>, profile: &Profile) -> Attribute {
    let spec = field.spec;
    let [kk, ru, _] = &spec.labels;
    let word = |spec: &FieldSpec| match spec.declared_type.trim() {
        "" => spec.kind.word().to_owned(),
        word => word.to_owned(),
    };
    let element = spec.element.as_deref().map(word);
    let column = profile.column(&field.shown).filter(|column| column.values + column.nulls > 0);
    Attribute {
        technical_name: spec.name.clone(),
        name: Bilingual::new(kk, ru),
        group: field.group.clone(),
        kind: Some(AttributeType::new(&word(spec), element.as_deref())),
        is_mandatory: column.map(|column| column.nulls + column.blank == 0),
    }
}

fn all_requirements(
    document: &Document,
    fields: &[Placed<'_>],
    profile: &Profile,
    privacy: Privacy<'_>,
) -> Vec<AttributeRequirements> {
    let keys = document.fields.iter().filter(|field| field.is_key).map(|field| field.name.as_str());
    let keys: Vec<&str> = keys.collect();
    let of = |field: &Placed<'_>| {
        let seen = Seen {
            keys: &keys,
            column: profile.column(&field.values_shown()),
            is_swapped: document.is_swapped(&field.values_shown()),
            privacy,
        };
        AttributeRequirements { attribute: field.path(), requirements: requirements(field, &seen) }
    };
    fields.iter().map(of).filter(|it| !it.requirements.is_empty()).collect()
}

/// 1.3: points, outlines and addresses. A document that declares no fields may have addresses that nobody called so.
fn geo_link(document: &Document, fields: &[Placed<'_>], profile: &Profile) -> GeoLink {
    let is_point = |spec: &FieldSpec| spec.kind == Type::Geoposition;
    let has_points = fields.iter().any(|field| is_point(field.value()))
        || document.fields.iter().any(|spec| is_derived(spec) && is_point(spec));
    let outlines = profile.columns.iter().flat_map(|column| &column.geometries).map(|kind| drawn(kind));
    let mut shapes: Vec<Geometry> = has_points.then_some(Geometry::Point).into_iter().collect();
    for outline in outlines {
        if !shapes.contains(&outline) {
            shapes.push(outline);
        }
    }
    let is_address = |field: &&Placed<'_>| field.value().declared_type.trim().eq_ignore_ascii_case("address");
    let address = fields.iter().find(is_address).map(Placed::path);
    let mut kinds = Vec::new();
    kinds.extend((!shapes.is_empty()).then_some(GeoLinkKind::Coordinates));
    kinds.extend(address.as_ref().map(|_| GeoLinkKind::Address));
    let is_declared = document.fields.iter().any(|spec| spec.declared);
    GeoLink {
        is_present: (is_declared || !kinds.is_empty()).then_some(!kinds.is_empty()),
        geometry: match shapes.as_slice() {
            [] => None,
            [only] => Some(*only),
            _ => Some(Geometry::Mixed),
        },
        kinds,
        address_attribute: address,
    }
}

/// What a kind of geometry, such as `ST_MultiPolygon`, is drawn as.
fn drawn(kind: &str) -> Geometry {
    match kind {
        "ST_Point" | "ST_MultiPoint" => Geometry::Point,
        "ST_LineString" | "ST_MultiLineString" => Geometry::Line,
        "ST_Polygon" | "ST_MultiPolygon" => Geometry::Polygon,
        _ => Geometry::Mixed,
    }
}
