//! Relations of two geometries (DE-9IM), edges straight in longitude and latitude.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray};
use datafusion::error::Result;

use super::function::Arguments;
use super::shapes::{Shapes, too_much};
use crate::geo::{Geometry, Location, Points, Region};

/// How two geometries lie to one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Relation {
    Within,
    CoveredBy,
    Intersects,
    Disjoint,
    Contains,
    Covers,
}

impl Relation {
    /// The relation of the function with this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "st_within" => Self::Within,
            "st_coveredby" => Self::CoveredBy,
            "st_intersects" => Self::Intersects,
            "st_disjoint" => Self::Disjoint,
            "st_contains" => Self::Contains,
            "st_covers" => Self::Covers,
            _ => return None,
        })
    }

    /// The same relation with the two geometries in the other order.
    pub(super) fn turned(self) -> Self {
        match self {
            Self::Within => Self::Contains,
            Self::Contains => Self::Within,
            Self::CoveredBy => Self::Covers,
            Self::Covers => Self::CoveredBy,
            other => other,
        }
    }

    /// Whether a point at this location of a region has the relation to it; none where more than the
    /// location tells.
    pub(super) fn of_point(self, location: Location) -> Option<bool> {
        Some(match self {
            Self::Within => location == Location::Inside,
            Self::CoveredBy | Self::Intersects => location != Location::Outside,
            Self::Disjoint => location == Location::Outside,
            Self::Contains | Self::Covers => return None,
        })
    }

    /// Whether two geometries have the relation.
    ///
    /// # Errors
    /// Where one call cannot tell.
    fn of(self, one: &Geometry, other: &Geometry) -> Result<bool> {
        let has = match self {
            Self::Within => other.try_contains(one),
            Self::CoveredBy => other.try_covers(one),
            Self::Intersects => one.try_intersects(other),
            Self::Disjoint => one.try_intersects(other).map(|intersect| !intersect),
            Self::Contains => one.try_contains(other),
            Self::Covers => one.try_covers(other),
        };
        has.map_err(too_much)
    }
}

pub(super) fn relation(args: &Arguments, relation: Relation) -> Result<ArrayRef> {
    let (one, other) = (args.shapes(0)?, args.shapes(1)?);
    let quick = match (one, other) {
        (Shapes::Points(array), Shapes::Constant(Some(region))) => {
            Points::of(array).map(|points| (points, region, relation))
        }
        (Shapes::Constant(Some(region)), Shapes::Points(array)) => {
            Points::of(array).map(|points| (points, region, relation.turned()))
        }
        _ => None,
    };
    let quick = quick.filter(|(_, _, relation)| relation.of_point(Location::Outside).is_some());
    let values = if let Some((points, region, relation)) = quick {
        let region = Region::new(region);
        args.each(|row| Ok(points.get(row).and_then(|point| relation.of_point(region.locate(point)))))?
    } else {
        args.each(|row| match (one.get(row)?, other.get(row)?) {
            (Some(one), Some(other)) => relation.of(&one, &other).map(Some),
            _ => Ok(None),
        })?
    };
    Ok(Arc::new(BooleanArray::from(values)))
}
