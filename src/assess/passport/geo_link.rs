//! How the rows are tied to places: items 1.3.1 to 1.3.4.

use serde::Serialize;

use super::annex::Item;
use super::language::Language;

/// Items 1.3.1 to 1.3.4.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GeoLink {
    /// 1.3.1: whether the rows are tied to places at all.
    pub is_present: Option<bool>,
    /// 1.3.2: what the places are.
    pub geometry: Option<Geometry>,
    /// 1.3.3: by what they are tied; none where nobody said.
    pub kinds: Vec<GeoLinkKind>,
    /// 1.3.4: path of the attribute that holds the address.
    pub address_attribute: Option<String>,
}

impl GeoLink {
    /// Whether an item has nothing to be filled with: 1.3.2 to 1.3.4 without a link to places, 1.3.2 where the
    /// link is an address alone, 1.3.4 where it is coordinates alone. What is filled all the same applies.
    #[must_use]
    pub fn is_idle(&self, item: Item) -> bool {
        let is_absent = self.is_present == Some(false);
        let is_only = |kind| !self.kinds.is_empty() && self.kinds.iter().all(|it| *it == kind);
        match item {
            Item::GeometryType => self.geometry.is_none() && (is_absent || is_only(GeoLinkKind::Address)),
            Item::GeoLinkKind => self.kinds.is_empty() && is_absent,
            Item::AddressAttribute => {
                self.address_attribute.is_none() && (is_absent || is_only(GeoLinkKind::Coordinates))
            }
            _ => false,
        }
    }
}

/// What a place is drawn as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Geometry {
    /// A point: the order's Geoposition.
    Point,
    /// A line.
    Line,
    /// An area.
    Polygon,
    /// More than one of these.
    Mixed,
}

impl Geometry {
    /// The word in a language.
    #[must_use]
    pub const fn word(self, language: Language) -> &'static str {
        language.of(match self {
            Self::Point => ["нүкте", "точка"],
            Self::Line => ["сызық", "линия"],
            Self::Polygon => ["көпбұрыш", "многоугольник"],
            Self::Mixed => ["аралас", "смешанная"],
        })
    }
}

/// By what a row is tied to a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GeoLinkKind {
    /// By latitude and longitude, or an outline.
    Coordinates,
    /// By a postal address.
    Address,
}

impl GeoLinkKind {
    /// The word in a language.
    #[must_use]
    pub const fn word(self, language: Language) -> &'static str {
        language.of(match self {
            Self::Coordinates => ["координаттар", "координаты"],
            Self::Address => ["мекенжай", "адрес"],
        })
    }
}
