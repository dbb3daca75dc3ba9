//! All that annex 2 asks for.

use serde::{Serialize, Serializer};

use super::attribute::Attribute;
use super::geo_link::GeoLink;
use super::language::Bilingual;
use super::plan::FromPlan;
use super::record::RecordCheck;
use super::requirement::AttributeRequirements;
use super::restriction::Restriction;
use super::state::History;

/// The technological passport of a set of open data. The default one has nothing filled in.
///
/// Serialized, it is what [`Passport::to_json`] returns.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Passport {
    /// What the set is known by: its `apiUri`, or the name of an extract's file. Not of the annex.
    pub dataset: Option<String>,
    /// Title page: name of the source.
    pub source: Bilingual,
    /// Title page: the city in which the passport was drawn up.
    pub city: Bilingual,
    /// Title page: the year.
    pub year: Option<i32>,
    /// 1.1.1, and the set's name on the title page.
    pub full_name: Bilingual,
    /// 1.1.2
    pub short_name: Bilingual,
    /// 1.1.3
    pub category: Bilingual,
    /// 1.1.4
    pub provider: Bilingual,
    /// 1.1.5
    pub description: Bilingual,
    /// 1.1.6, in whatever languages they are; none where they are missing.
    pub keywords: Vec<String>,
    /// 1.2.1
    pub update_frequency: Bilingual,
    /// 1.3
    pub geo_link: GeoLink,
    /// 2.1; none where they are missing.
    pub attributes: Vec<Attribute>,
    /// 2.2: attributes with requirements only, in the order of 2.1; none where they are missing.
    pub requirements: Vec<AttributeRequirements>,
    /// Over how many rows the values were looked at; none where nobody looked.
    pub profiled_rows: Option<u64>,
    /// 3; none where no rows were checked.
    pub record_checks: Option<Vec<RecordCheck>>,
    /// What the scan for restricted data found; none where nobody scanned. Not of the annex.
    pub restriction: Option<Restriction>,
    /// Its row of a publication plan; none where it is in none. Not of the annex.
    pub plan: Option<FromPlan>,
    /// The steps that it has taken, with their dates.
    pub history: History,
    /// Whether the steps that it has taken cannot be read, so that nobody knows which are in `history`.
    pub is_history_unread: bool,
}

impl Passport {
    /// The same passport with its steps; none where they cannot be read, which it then says.
    #[must_use]
    pub fn with_history(self, history: Option<History>) -> Self {
        Self { is_history_unread: history.is_none(), history: history.unwrap_or_default(), ..self }
    }
}

impl Serialize for Passport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}
