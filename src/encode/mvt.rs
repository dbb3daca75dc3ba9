//! Mapbox Vector Tile 2.1: points with properties, for any map client.

use prost::Message;

/// A value of a property.
#[derive(Clone, PartialEq, Message)]
pub struct TileValue {
    /// A text.
    #[prost(string, optional, tag = "1")]
    pub text: Option<String>,
    /// A number.
    #[prost(double, optional, tag = "3")]
    pub double: Option<f64>,
    /// A whole number.
    #[prost(sint64, optional, tag = "6")]
    pub int: Option<i64>,
    /// True or false.
    #[prost(bool, optional, tag = "7")]
    pub boolean: Option<bool>,
}

#[derive(Clone, PartialEq, Message)]
struct Tile {
    #[prost(message, repeated, tag = "3")]
    layers: Vec<Layer>,
}

#[derive(Clone, PartialEq, Message)]
struct Layer {
    #[prost(uint32, required, tag = "15")]
    version: u32,
    #[prost(string, required, tag = "1")]
    name: String,
    #[prost(message, repeated, tag = "2")]
    features: Vec<Feature>,
    #[prost(string, repeated, tag = "3")]
    keys: Vec<String>,
    #[prost(message, repeated, tag = "4")]
    values: Vec<TileValue>,
    #[prost(uint32, optional, tag = "5")]
    extent: Option<u32>,
}

#[derive(Clone, PartialEq, Message)]
struct Feature {
    #[prost(uint64, optional, tag = "1")]
    id: Option<u64>,
    #[prost(uint32, repeated, packed = "true", tag = "2")]
    tags: Vec<u32>,
    #[prost(int32, optional, tag = "3")]
    kind: Option<i32>,
    #[prost(uint32, repeated, packed = "true", tag = "4")]
    geometry: Vec<u32>,
}

/// The number of the geometries that are points.
const POINT: i32 = 1;
/// The command that starts at one place.
const MOVE_TO_ONE: u32 = 1 | 1 << 3;

/// One layer of points, to which points are added one by one.
#[derive(Debug)]
pub struct TileLayer {
    layer: Layer,
}

impl TileLayer {
    /// An empty layer whose coordinates go from 0 to `units`.
    #[must_use]
    pub fn new(name: &str, units: u32) -> Self {
        let layer = Layer { version: 2, name: name.to_owned(), extent: Some(units), ..Layer::default() };
        Self { layer }
    }

    /// Adds a point at a place in the tile with its properties.
    pub fn point(
        &mut self,
        (x, y): (i32, i32),
        id: Option<u64>,
        properties: impl IntoIterator<Item = (usize, TileValue)>,
    ) {
        let mut tags = Vec::new();
        for (key, value) in properties {
            tags.push(u32::try_from(key).unwrap_or(u32::MAX));
            tags.push(u32::try_from(self.layer.values.len()).unwrap_or(u32::MAX));
            self.layer.values.push(value);
        }
        let geometry = vec![MOVE_TO_ONE, zigzag(x), zigzag(y)];
        self.layer.features.push(Feature { id, tags, kind: Some(POINT), geometry });
    }

    /// Names a property; the number is what [`Self::point`] takes.
    pub fn key(&mut self, name: &str) -> usize {
        if let Some(known) = self.layer.keys.iter().position(|known| known == name) {
            return known;
        }
        self.layer.keys.push(name.to_owned());
        self.layer.keys.len() - 1
    }

    /// The tile with this layer alone, as bytes.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        Tile { layers: vec![self.layer] }.encode_to_vec()
    }
}

/// A signed number as vector tiles have them.
fn zigzag(value: i32) -> u32 {
    ((value << 1) ^ (value >> 31)).cast_unsigned()
}
