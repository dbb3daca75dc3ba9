//! The parameters that routes take, each written once.

use super::format::formats;
use super::links::Picture;
use super::route::{Kind, Parameter};
use crate::assess::{passport, requests};
use crate::document::{Rule, Severity};
use crate::encode::{Format, Language};

pub(super) const API_URI: Parameter =
    Parameter::new("apiUri", Kind::Text, "The dataset's name.").in_path().such_as("regions");
pub(super) const REQUEST: Parameter =
    Parameter::new("id", Kind::Text, "The name that POST /requests answered.").in_path().such_as("0");
pub(super) const AS_OF_EXTRACT: Parameter = Parameter::new(
    "as_of",
    Kind::Text,
    "The day on which it is judged, YYYY-MM-DD: nobody in it was born later; today where it is missing.",
);
pub(super) const TOPIC: Parameter = Parameter::new(
    "topic",
    Kind::Text,
    "What the extract is about, in the words of requests, or an apiUri: tells whether people ask for it.",
);
pub(super) const NOT_RESTRICTED: Parameter = Parameter::new(
    "not_restricted",
    Kind::Text,
    "Why it is not restricted, whatever the scan finds: the ground that a person gives.",
);
pub(super) const PUBLISHED_AT: Parameter = Parameter::new(
    "published_at",
    Kind::Text,
    "Where its data are published already, in a form that no machine reads: a person says so.",
);
pub(super) const PASSPORT: Parameter = Parameter::new(
    "passport",
    FORMAT_OF_PASSPORT.kind,
    "The answer gets a member passport, the draft of the technological passport, in this form.",
);
pub(super) const VERSION: Parameter = Parameter::new(
    "version",
    Kind::Text,
    "The dataset's version, from 1, where a store has it; the last one where it is missing.",
);
pub(super) const FROM: Parameter =
    Parameter::new("from", Kind::Text, "The earlier version.").required().such_as("1");
pub(super) const TO: Parameter =
    Parameter::new("to", Kind::Text, "The later version; the last one where it is missing.");
pub(super) const PKEY: Parameter =
    Parameter::new("pkey", Kind::Text, "The object's key.").in_path().such_as("75");
pub(super) const QUERY: Parameter =
    Parameter::new("name", Kind::Text, "The query's name.").in_path().such_as("datasets");
pub(super) const SEARCH: Parameter =
    Parameter::new("q", Kind::Text, "Words, in any of the three languages and any letter case.");
pub(super) const KEYWORD: Parameter =
    Parameter::new("keyword", Kind::Text, "A keyword that the datasets have.");
pub(super) const SELECT: Parameter =
    Parameter::new("select", Kind::Text, "Names of columns, separated by commas; all where it is missing.");
pub(super) const SELECT_NESTED: Parameter = Parameter::new(
    "select",
    Kind::Text,
    "Names of columns, separated by commas; all where it is missing. region(nameRu) selects of the object that \
     region refers to, oblast:region(nameRu) calls it oblast, * is every column.",
);
pub(super) const EXPAND: Parameter = Parameter::new(
    "expand",
    Kind::Text,
    "Fields whose objects are given in their place, separated by commas, also over several datasets: \
     region.country; or datasets whose rows refer to this one.",
);
pub(super) const EXPAND_LIMIT: Parameter = Parameter::new(
    "expand_limit",
    Kind::Count { default: 10, most: 1_000 },
    "With expand: how many rows that refer to one are given with it; count is of all.",
);
pub(super) const WHERE: Parameter = Parameter::new("where", Kind::Text, "A condition in SQL.");
pub(super) const ORDER: Parameter = Parameter::new(
    "order",
    Kind::Text,
    "The terms of an ORDER BY; the document's order where it is missing.",
);
pub(super) const LIMIT: Parameter =
    Parameter::new("limit", Kind::Count { default: 100, most: 10_000 }, "Rows of the page.");
pub(super) const AFTER: Parameter =
    Parameter::new("after", Kind::Text, "The member next of the page before, with the same where and order.");
pub(super) const COUNT: Parameter =
    Parameter::new("count", Kind::OneOf(|| vec!["exact"]), "Whether all rows are counted: the member count.");
pub(super) const LAT: Parameter =
    Parameter::new("lat", Kind::Degrees(90.0), "Latitude in degrees, WGS 84.").required().such_as("51.128");
pub(super) const LON: Parameter =
    Parameter::new("lon", Kind::Degrees(180.0), "Longitude in degrees, WGS 84.").required().such_as("71.43");
pub(super) const K: Parameter =
    Parameter::new("k", Kind::Count { default: 10, most: 1_000 }, "How many rows.");
pub(super) const MAX_M: Parameter =
    Parameter::new("max_m", Kind::Metres(f64::INFINITY), "Not farther than this, in metres.");
/// Half the way around the Earth: everything is within it.
const MOST_RADIUS_M: f64 = 20_037_509.0;
pub(super) const RADIUS_M: Parameter = Parameter::new(
    "radius_m",
    Kind::Metres(MOST_RADIUS_M),
    "With lat and lon: not farther than this, in metres on the ellipsoid.",
)
.such_as("2000");
pub(super) const LAT_OF_CIRCLE: Parameter =
    Parameter::new("lat", Kind::Degrees(90.0), "With lon and radius_m: latitude in degrees, WGS 84.")
        .such_as("51.128");
pub(super) const LON_OF_CIRCLE: Parameter =
    Parameter::new("lon", Kind::Degrees(180.0), "With lat and radius_m: longitude in degrees, WGS 84.")
        .such_as("71.43");
pub(super) const BBOX: Parameter = Parameter::new(
    "bbox",
    Kind::Box,
    "A box in degrees: minlon,minlat,maxlon,maxlat; with a west beyond the east it crosses the date line.",
);
pub(super) const POLYGON: Parameter =
    Parameter::new("polygon", Kind::Text, "An area as WKT or GeoJSON, longitude first.")
        .such_as("POLYGON((71 51, 72 51, 72 52, 71 51))");
pub(super) const IN: Parameter = Parameter::new(
    "in",
    Kind::Text,
    "The area of an object of another dataset, apiUri.key: its first text that is WKT or GeoJSON.",
)
.such_as("service_areas.1");
pub(super) const Z: Parameter = Parameter::new("z", Kind::Text, "The zoom, 0 to 30.").in_path().such_as("4");
pub(super) const X: Parameter =
    Parameter::new("x", Kind::Text, "The tile's column from the west.").in_path().such_as("11");
pub(super) const Y: Parameter =
    Parameter::new("y", Kind::Text, "The tile's row from the north, and .mvt.").in_path().such_as("5.mvt");
pub(super) const STRICT: Parameter = Parameter::new(
    "strict",
    Kind::OneOf(|| vec!["true"]),
    "Refuse a document with findings of severity error.",
);
pub(super) const DRY_RUN: Parameter = Parameter::new(
    "dry_run",
    Kind::OneOf(|| vec!["true"]),
    "Read the document, tell what was found, and publish nothing.",
);
pub(super) const SQL: Parameter =
    Parameter::new("q", Kind::Text, "The query.").required().such_as("SELECT 1");
pub(super) const RULE: Parameter =
    Parameter::new("rule", Kind::OneOf(|| Rule::ALL.iter().map(|rule| rule.code()).collect()), "The rule.");
pub(super) const SEVERITY: Parameter = Parameter::new(
    "severity",
    Kind::OneOf(|| Severity::ALL.iter().map(|severity| severity.as_str()).collect()),
    "The severity.",
);
pub(super) const FIELD: Parameter = Parameter::new("field", Kind::Text, "The field's path.");
pub(super) const LANG: Parameter = Parameter::new(
    "lang",
    Kind::OneOf(|| Language::ALL.iter().map(|language| language.code()).collect()),
    "The language of labels and messages: in place of names in CSV, beside them in JSON.",
);
pub(super) const LANG_OF_REPORT: Parameter =
    Parameter::new("lang", LANG.kind, "The language of the report; Kazakh where it is missing.");
pub(super) const AS_OF: Parameter = Parameter::new(
    "as_of",
    Kind::Text,
    "The day that the report speaks of, up to its end in Kazakhstan (UTC+5), as YYYY-MM-DD; now where it is missing.",
)
.such_as("2026-11-01");
pub(super) const FORMAT_OF_LINKS: Parameter = Parameter::new(
    "format",
    Kind::OneOf(|| formats().map(Format::name).chain(Picture::ALL.map(Picture::name)).collect()),
    "The form of the answer, before the header Accept; dot and mermaid are texts for a picture.",
);
pub(super) const FORMAT: Parameter = Parameter::new(
    "format",
    Kind::OneOf(|| formats().map(Format::name).collect()),
    "The form of the answer, before the header Accept.",
);
pub(super) const FORMAT_OF_PASSPORT: Parameter = Parameter::new(
    "format",
    Kind::OneOf(|| passport::Form::ALL.map(passport::Form::name).to_vec()),
    "The form of the answer, before the header Accept; html is a page for print, json has both languages.",
);
pub(super) const LANG_OF_PASSPORT: Parameter = Parameter::new(
    "lang",
    Kind::OneOf(|| passport::Language::ALL.map(passport::Language::code).to_vec()),
    "The language of the passport; Kazakh, that of the order, where it is missing.",
);
pub(super) const FORMAT_OF_STATUS: Parameter = Parameter::new(
    "format",
    Kind::OneOf(|| requests::Form::ALL.map(requests::Form::name).to_vec()),
    "The form of the answer, before the header Accept; html is a page for who asked.",
);
pub(super) const LANG_OF_STATUS: Parameter =
    Parameter::new("lang", LANG_OF_PASSPORT.kind, "The language of the page; Kazakh where it is missing.");
