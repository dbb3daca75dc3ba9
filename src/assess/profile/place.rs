//! Points.

use arrow::array::{Array, ArrayRef};
use arrow::buffer::NullBuffer;

use super::number::{double, ordered};
use super::tally::{MOST_VALUES, Tally};
use super::{ColumnProfile, Extent, ValueCount};
use crate::geo::Points;

/// The points of one column.
#[derive(Debug)]
pub(super) struct Places {
    tally: Tally<[i64; 2]>,
    extent: Option<Extent>,
}

impl Places {
    pub(super) fn new() -> Self {
        Self { tally: Tally::new(MOST_VALUES), extent: None }
    }

    /// Takes over what is there; how many points.
    pub(super) fn add(&mut self, array: &ArrayRef, nulls: Option<&NullBuffer>) -> u64 {
        let Some(points) = Points::of(array.as_ref()) else { return 0 };
        let mut values = 0;
        for row in (0..array.len()).filter(|row| nulls.is_none_or(|nulls| nulls.is_valid(*row))) {
            let Some(point) = points.get(row).filter(|point| point.is_on_globe()) else { continue };
            values += 1;
            let (lon, lat) = (point.lon, point.lat);
            self.tally.add(&[ordered(lat), ordered(lon)]);
            let before = self.extent.unwrap_or(Extent { south: lat, north: lat, west: lon, east: lon });
            self.extent = Some(Extent {
                south: before.south.min(lat),
                north: before.north.max(lat),
                west: before.west.min(lon),
                east: before.east.max(lon),
            });
        }
        values
    }

    pub(super) fn finish(&self, into: &mut ColumnProfile) {
        into.distinct = Some(self.tally.distinct());
        into.extent = self.extent;
        let top = self.tally.top(super::column::MOST_TOP).into_iter();
        let value = |[lat, lon]: &[i64; 2]| format!("{},{}", double(*lat), double(*lon));
        into.top = top.map(|(place, count)| ValueCount { value: value(place), count }).collect();
    }
}
