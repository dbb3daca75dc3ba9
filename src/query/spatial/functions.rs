//! Every spatial function that computes a value for a row, with PostGIS's name and meaning for geography.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Float64Array, StringArray};
use datafusion::error::{DataFusionError, Result};

use super::function::Takes::{Binary, Double, Geometry as Shape, Int, Text};
use super::function::{Arguments, Returns, SpatialFunction};
use super::relate::{self, Relation};
use super::shapes::{binary, fault};
use super::{build, measure};
use crate::geo::{Geometry, geohash, h3};

/// A function of one geometry; the list says what differs.
const OF_A_GEOMETRY: SpatialFunction = SpatialFunction {
    name: "",
    aliases: &[],
    takes: &[Shape],
    optional: 0,
    returns: Returns::Double,
    about: "",
    example: "",
    call: |_| Err(DataFusionError::Internal("a spatial function has no code".to_owned())),
};

/// A relation of two geometries.
const OF_TWO: SpatialFunction =
    SpatialFunction { takes: &[Shape, Shape], returns: Returns::Boolean, ..OF_A_GEOMETRY };

/// Every spatial function of a row.
pub const FUNCTIONS: &[SpatialFunction] = &[
    SpatialFunction {
        name: "ST_Point",
        aliases: &["st_makepoint"],
        takes: &[Double, Double],
        returns: Returns::Point,
        about: "The point at a longitude and a latitude in degrees, in this order.",
        example: "ST_Point(71.43, 51.13)",
        call: |args| Ok(build::point(args)),
        ..OF_A_GEOMETRY
    },
    SpatialFunction {
        name: "ST_GeomFromText",
        aliases: &["st_geometryfromtext", "st_geogfromtext", "st_geographyfromtext"],
        takes: &[Text, Int],
        optional: 1,
        returns: Returns::Geometry,
        about: "The geometry of a WKT text, longitude first; the second argument can only be 4326.",
        example: "ST_GeomFromText('POLYGON((71 51, 72 51, 72 52, 71 51))')",
        call: |args| build::parsed(args, |args, row| Geometry::from_wkt(args.text(0, row)).map_err(fault)),
    },
    SpatialFunction {
        name: "ST_GeomFromGeoJSON",
        takes: &[Text],
        returns: Returns::Geometry,
        about: "The geometry of a GeoJSON text: a geometry, or what has one.",
        example: "ST_GeomFromGeoJSON('{\"type\":\"Point\",\"coordinates\":[71.43,51.13]}')",
        call: |args| {
            build::parsed(args, |args, row| Geometry::from_geojson(args.text(0, row)).map_err(fault))
        },
        ..OF_A_GEOMETRY
    },
    SpatialFunction {
        name: "ST_GeomFromWKB",
        aliases: &["st_geogfromwkb"],
        takes: &[Binary, Int],
        optional: 1,
        returns: Returns::Geometry,
        about: "The geometry of well-known binary (ISO or EWKB); the second argument can only be 4326.",
        example: "ST_GeomFromWKB(ST_AsBinary(ST_Point(71.43, 51.13)))",
        call: |args| build::parsed(args, |args, row| Geometry::from_wkb(args.bytes(0, row)).map_err(fault)),
    },
    SpatialFunction {
        name: "ST_MakeEnvelope",
        takes: &[Double, Double, Double, Double, Int],
        optional: 1,
        returns: Returns::Geometry,
        about: "The box from a west to an east and a south to a north, given as minlon, minlat, maxlon, \
                maxlat; with a west beyond the east it crosses the date line.",
        example: "ST_MakeEnvelope(71.2, 51.0, 71.6, 51.3)",
        call: build::envelope,
        ..OF_A_GEOMETRY
    },
    SpatialFunction {
        name: "ST_X",
        about: "The longitude of a point in degrees; of another geometry an error.",
        example: "ST_X(ST_Point(71.43, 51.13))",
        call: |args| build::coordinate(args, "ST_X", |point| point.lon),
        ..OF_A_GEOMETRY
    },
    SpatialFunction {
        name: "ST_Y",
        about: "The latitude of a point in degrees; of another geometry an error.",
        example: "ST_Y(ST_Point(71.43, 51.13))",
        call: |args| build::coordinate(args, "ST_Y", |point| point.lat),
        ..OF_A_GEOMETRY
    },
    SpatialFunction {
        name: "ST_AsText",
        aliases: &["st_aswkt"],
        returns: Returns::Text,
        about: "The geometry as WKT, longitude first.",
        example: "ST_AsText(ST_Point(71.43, 51.13))",
        call: |args| texts(args, |geometry| Some(geometry.to_wkt())),
        ..OF_A_GEOMETRY
    },
    SpatialFunction {
        name: "ST_AsGeoJSON",
        returns: Returns::Text,
        about: "The geometry as GeoJSON.",
        example: "ST_AsGeoJSON(ST_Point(71.43, 51.13))",
        call: |args| texts(args, |geometry| Some(geometry.to_geojson())),
        ..OF_A_GEOMETRY
    },
    SpatialFunction {
        name: "ST_AsBinary",
        aliases: &["st_aswkb"],
        returns: Returns::Binary,
        about: "The geometry as well-known binary, little endian.",
        example: "ST_AsBinary(ST_Point(71.43, 51.13))",
        call: |args| geometries(args, |geometry| Some(geometry.clone())),
        ..OF_A_GEOMETRY
    },
    SpatialFunction {
        name: "ST_GeometryType",
        returns: Returns::Text,
        about: "The kind of geometry, such as ST_Point.",
        example: "ST_GeometryType(ST_Point(71.43, 51.13))",
        call: |args| texts(args, |geometry| Some(geometry.kind().to_owned())),
        ..OF_A_GEOMETRY
    },
    SpatialFunction {
        name: "ST_IsValid",
        returns: Returns::Boolean,
        about: "Whether the geometry is on the globe and its rings are simple.",
        example: "ST_IsValid(ST_GeomFromText('POLYGON((0 0, 1 1, 1 0, 0 1, 0 0))'))",
        call: |args| booleans(args, |geometry| geometry.validity().is_ok()),
        ..OF_A_GEOMETRY
    },
    SpatialFunction {
        name: "ST_IsValidReason",
        returns: Returns::Text,
        about: "Why the geometry is not valid, or Valid Geometry.",
        example: "ST_IsValidReason(ST_GeomFromText('POLYGON((0 0, 1 1, 1 0, 0 1, 0 0))'))",
        call: |args| {
            texts(args, |geometry| Some(geometry.validity().err().unwrap_or("Valid Geometry".to_owned())))
        },
        ..OF_A_GEOMETRY
    },
    SpatialFunction {
        name: "ST_IsEmpty",
        returns: Returns::Boolean,
        about: "Whether the geometry has no position.",
        example: "ST_IsEmpty(ST_GeomFromText('POINT EMPTY'))",
        call: |args| booleans(args, Geometry::is_empty),
        ..OF_A_GEOMETRY
    },
    SpatialFunction {
        name: "ST_Envelope",
        returns: Returns::Geometry,
        about: "The box in longitude and latitude around a geometry; null of an empty one.",
        example: "ST_Envelope(ST_GeomFromText('LINESTRING(71 51, 72 52)'))",
        call: |args| geometries(args, |geometry| geometry.bounds().map(Geometry::of_bounds)),
        ..OF_A_GEOMETRY
    },
    SpatialFunction {
        name: "ST_Centroid",
        returns: Returns::Point,
        about: "The middle of the parts of highest dimension: of points in space, of lines by length, of \
                polygons by area in longitude and latitude. Of a group: ST_Centroid(ST_Collect(point)).",
        example: "ST_Centroid(ST_GeomFromText('MULTIPOINT(71 51, 73 51)'))",
        call: build::centroid,
        ..OF_A_GEOMETRY
    },
    SpatialFunction {
        name: "ST_Distance",
        takes: &[Shape, Shape],
        about: "Metres on the WGS 84 ellipsoid between the nearest places of two geometries, 0 where they \
                meet; null where one is empty or off the globe. Edges are straight in longitude and latitude \
                (RFC 7946), the distance to them is geodesic.",
        example: "ST_Distance(ST_Point(71.43, 51.13), ST_Point(76.93, 43.26))",
        call: measure::distance,
        ..OF_A_GEOMETRY
    },
    SpatialFunction {
        name: "ST_DistanceSphere",
        takes: &[Shape, Shape],
        about: "Metres between two points on a sphere of the Earth's mean radius: up to 0.6 % off.",
        example: "ST_DistanceSphere(ST_Point(71.43, 51.13), ST_Point(76.93, 43.26))",
        call: measure::distance_sphere,
        ..OF_A_GEOMETRY
    },
    SpatialFunction {
        name: "ST_Length",
        about: "Metres along the geodesics between the positions of a line; 0 for other kinds.",
        example: "ST_Length(ST_GeomFromText('LINESTRING(71 51, 72 52)'))",
        call: |args| doubles(args, |geometry| Some(geometry.length_m())),
        ..OF_A_GEOMETRY
    },
    SpatialFunction {
        name: "ST_Perimeter",
        about: "Metres along the geodesics between the positions of a polygon's rings; 0 for other kinds.",
        example: "ST_Perimeter(ST_MakeEnvelope(71, 51, 72, 52))",
        call: |args| doubles(args, |geometry| Some(geometry.perimeter_m())),
        ..OF_A_GEOMETRY
    },
    SpatialFunction {
        name: "ST_Area",
        about: "Square metres on the ellipsoid of polygons whose positions are joined by geodesics; 0 for \
                other kinds.",
        example: "ST_Area(ST_MakeEnvelope(71, 51, 72, 52))",
        call: |args| doubles(args, |geometry| Some(geometry.area_m2())),
        ..OF_A_GEOMETRY
    },
    SpatialFunction {
        name: "ST_Azimuth",
        takes: &[Shape, Shape],
        about: "The direction in which the geodesic from one point to another starts, in radians from north \
                clockwise; null from a place to itself.",
        example: "ST_Azimuth(ST_Point(71.43, 51.13), ST_Point(76.93, 43.26))",
        call: measure::azimuth,
        ..OF_A_GEOMETRY
    },
    SpatialFunction {
        name: "ST_DWithin",
        takes: &[Shape, Shape, Double],
        about: "Whether two geometries are within a number of metres on the ellipsoid. Through the R-tree.",
        example: "ST_DWithin(ST_Point(71.43, 51.13), ST_Point(71.44, 51.13), 1000)",
        call: measure::is_within,
        ..OF_TWO
    },
    SpatialFunction {
        name: "ST_Within",
        about: "Whether the first lies in the second and not only on its edge. Edges are straight in longitude \
                and latitude (RFC 7946); a polygon over the date line is split or goes beyond 180. Through the \
                R-tree.",
        example: "ST_Within(ST_Point(71.43, 51.13), ST_MakeEnvelope(71, 51, 72, 52))",
        call: |args| relate::relation(args, Relation::Within),
        ..OF_TWO
    },
    SpatialFunction {
        name: "ST_Contains",
        about: "Whether the second lies in the first and not only on its edge: ST_Within the other way round, \
                edges straight in longitude and latitude. Through the R-tree.",
        example: "ST_Contains(ST_MakeEnvelope(71, 51, 72, 52), ST_Point(71.43, 51.13))",
        call: |args| relate::relation(args, Relation::Contains),
        ..OF_TWO
    },
    SpatialFunction {
        name: "ST_Covers",
        about: "Whether no place of the second is outside the first, edges counted in; they are straight in \
                longitude and latitude. Through the R-tree.",
        example: "ST_Covers(ST_MakeEnvelope(71, 51, 72, 52), ST_Point(71, 51))",
        call: |args| relate::relation(args, Relation::Covers),
        ..OF_TWO
    },
    SpatialFunction {
        name: "ST_CoveredBy",
        about: "Whether no place of the first is outside the second, edges counted in; they are straight in \
                longitude and latitude. Through the R-tree.",
        example: "ST_CoveredBy(ST_Point(71, 51), ST_MakeEnvelope(71, 51, 72, 52))",
        call: |args| relate::relation(args, Relation::CoveredBy),
        ..OF_TWO
    },
    SpatialFunction {
        name: "ST_Intersects",
        about: "Whether two geometries have a place in common; edges are straight in longitude and latitude. \
                Through the R-tree.",
        example: "ST_Intersects(ST_Point(71, 51), ST_MakeEnvelope(71, 51, 72, 52))",
        call: |args| relate::relation(args, Relation::Intersects),
        ..OF_TWO
    },
    SpatialFunction {
        name: "ST_Disjoint",
        about: "Whether two geometries have no place in common; edges are straight in longitude and latitude.",
        example: "ST_Disjoint(ST_Point(70, 51), ST_MakeEnvelope(71, 51, 72, 52))",
        call: |args| relate::relation(args, Relation::Disjoint),
        ..OF_TWO
    },
    SpatialFunction {
        name: "ST_KNN",
        takes: &[Shape, Shape, Int],
        about: "In JOIN … ON: whether the second point is among the k nearest of the first, metres on the \
                ellipsoid; of points as far as the k-th those with the lowest row; k is at most 1,000. Conditions on the second \
                table are applied before the k are taken: those of ON, and those of WHERE in an inner join.",
        example: "SELECT s.id, p.id FROM schools s JOIN pharmacies p ON ST_KNN(s.geoposition, p.geoposition, 3)",
        call: |_| Err(DataFusionError::Plan(KNN_ALONE.to_owned())),
        ..OF_TWO
    },
    SpatialFunction {
        name: "ST_GeoHash",
        aliases: &["geohash"],
        takes: &[Shape, Int],
        optional: 1,
        returns: Returns::Text,
        about: "The geohash of a point with this many characters, 1 to 12 (without it 12).",
        example: "geohash(ST_Point(71.43, 51.13), 6)",
        call: |args| build::cell(args, 12, 1..=12, "a geohash of length", geohash),
    },
    SpatialFunction {
        name: "h3",
        takes: &[Shape, Int],
        returns: Returns::Text,
        about: "The H3 cell of a point at a resolution of 0 to 15.",
        example: "h3(ST_Point(71.43, 51.13), 7)",
        call: |args| {
            build::cell(args, 0, 0..=15, "the resolution", |point, resolution| {
                h3(point, u8::try_from(resolution).unwrap_or(u8::MAX))
            })
        },
        ..OF_A_GEOMETRY
    },
];

/// What a query is told that takes `ST_KNN` for a value.
pub(super) const KNN_ALONE: &str = "ST_KNN stands in JOIN … ON between points of two tables, with a k from 1 \
                                    to 1,000, and conditions that are each about one of the tables beside \
                                    it (AND): … ON ST_KNN(s.geoposition, p.geoposition, 3)";

fn texts(args: &Arguments, of: impl Fn(&Geometry) -> Option<String>) -> Result<ArrayRef> {
    let shapes = args.shapes(0)?;
    let texts = args.each(|row| Ok(shapes.get(row)?.and_then(|geometry| of(&geometry))))?;
    Ok(Arc::new(StringArray::from(texts)))
}

fn doubles(args: &Arguments, of: impl Fn(&Geometry) -> Option<f64>) -> Result<ArrayRef> {
    let shapes = args.shapes(0)?;
    let doubles = args.each(|row| Ok(shapes.get(row)?.and_then(|geometry| of(&geometry))))?;
    Ok(Arc::new(Float64Array::from(doubles)))
}

fn booleans(args: &Arguments, of: impl Fn(&Geometry) -> bool) -> Result<ArrayRef> {
    let shapes = args.shapes(0)?;
    let booleans = args.each(|row| Ok(shapes.get(row)?.map(|geometry| of(&geometry))))?;
    Ok(Arc::new(BooleanArray::from(booleans)))
}

fn geometries(args: &Arguments, of: impl Fn(&Geometry) -> Option<Geometry>) -> Result<ArrayRef> {
    let shapes = args.shapes(0)?;
    let found = args.each(|row| Ok(shapes.get(row)?.and_then(|geometry| of(&geometry))))?;
    Ok(binary(found.into_iter()))
}
