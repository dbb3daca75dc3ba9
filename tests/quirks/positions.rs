//! What points look like, and which of their numbers is the latitude.

use derek::document::Document;
use serde_json::{Value, json};

use super::{NOTHING, column, dataset, findings, found, rows, values};

const FIELD: &str = r#"{"type": "Geoposition"}"#;

/// Checks that a value is the point 51.117469 north, 71.428171 east, without a finding.
fn is_astana(value: &str) {
    let document = column(FIELD, &[value]);
    assert_eq!(values(&document, "v"), [json!({"lon": 71.428171, "lat": 51.117469})], "{value}");
    assert_eq!(findings(&document), NOTHING, "{value}");
}

fn point(lat: f64, lon: f64) -> Value {
    json!({"lon": lon, "lat": lat})
}

#[test]
fn latitude_and_longitude_with_a_comma() {
    is_astana(r#""51.117469,71.428171""#);
}

#[test]
fn latitude_and_longitude_with_a_comma_and_a_space() {
    is_astana(r#""51.117469, 71.428171""#);
}

#[test]
fn latitude_and_longitude_with_a_semicolon() {
    is_astana(r#""51.117469;71.428171""#);
    is_astana(r#""51.117469; 71.428171""#);
}

#[test]
fn latitude_and_longitude_with_white_space() {
    is_astana(r#""51.117469 71.428171""#);
    is_astana(r#""51.117469  71.428171""#);
    is_astana(r#""51.117469\t71.428171""#);
    is_astana("\"51.117469\u{a0}71.428171\"");
}

/// The order's own `X:Y`: X is the longitude.
#[test]
fn longitude_and_latitude_with_a_colon() {
    is_astana(r#""71.428171:51.117469""#);
    is_astana(r#""71.428171 : 51.117469""#);
}

#[test]
fn decimal_commas_where_the_separator_is_no_comma() {
    is_astana(r#""51,117469;71,428171""#);
    is_astana(r#""51,117469; 71,428171""#);
    is_astana(r#""51,117469 71,428171""#);
    is_astana(r#""71,428171:51,117469""#);
}

#[test]
fn a_json_array_of_longitude_and_latitude() {
    is_astana("[71.428171, 51.117469]");
    is_astana(r#"["71.428171", "51.117469"]"#);
}

#[test]
fn a_geojson_point() {
    is_astana(r#"{"type": "Point", "coordinates": [71.428171, 51.117469]}"#);
    is_astana(r#"{"coordinates": [71.428171, 51.117469], "type": "Point"}"#);
}

#[test]
fn an_object_that_names_lat_and_lon() {
    is_astana(r#"{"lat": 51.117469, "lon": 71.428171}"#);
    is_astana(r#"{"lon": "71.428171", "lat": "51.117469"}"#);
}

#[test]
fn an_object_that_names_latitude_and_longitude() {
    is_astana(r#"{"latitude": 51.117469, "longitude": 71.428171}"#);
    is_astana(r#"{"longitude": "71.428171", "latitude": "51.117469"}"#);
}

#[test]
fn an_object_that_names_x_and_y() {
    is_astana(r#"{"x": 71.428171, "y": 51.117469}"#);
    is_astana(r#"{"y": "51.117469", "x": "71.428171"}"#);
}

/// Checks that all points of a column are turned round, and that the column has one finding.
fn is_swapped(written: &[&str], expected: &[Value]) {
    let document = column(FIELD, written);
    assert_eq!(values(&document, "v"), expected, "{written:?}");
    let rules: Vec<_> = findings(&document).into_iter().map(|(rule, row, _)| (rule, row)).collect();
    assert_eq!(rules, [("position.order", None)], "{written:?}");
    assert_eq!(found(&document, "position.order")[0].0, "v");
    assert!(document.is_swapped("v"));
}

#[test]
fn a_column_with_a_comma_has_longitude_first() {
    is_swapped(
        &[r#""71.4,51.1""#, r#""76.9,43.2""#, r#""69.6,42.3""#],
        &[point(51.1, 71.4), point(43.2, 76.9), point(42.3, 69.6)],
    );
}

#[test]
fn a_column_with_a_colon_has_latitude_first() {
    is_swapped(
        &[r#""51.1:71.4""#, r#""43.2:76.9""#, r#""42.3:69.6""#],
        &[point(51.1, 71.4), point(43.2, 76.9), point(42.3, 69.6)],
    );
}

#[test]
fn a_column_of_json_arrays_has_latitude_first() {
    is_swapped(
        &["[51.1, 71.4]", "[43.2, 76.9]", "[42.3, 69.6]"],
        &[point(51.1, 71.4), point(43.2, 76.9), point(42.3, 69.6)],
    );
}

/// The column is judged as a whole: a point that fits both ways goes the way of the others.
#[test]
fn a_point_of_the_far_west_follows_its_column() {
    is_swapped(
        &[r#""71.4,51.1""#, r#""51.9,47.1""#, r#""76.9,43.2""#],
        &[point(51.1, 71.4), point(47.1, 51.9), point(43.2, 76.9)],
    );
}

/// Objects say themselves which number is which: no verdict turns them round.
#[test]
fn named_coordinates_are_never_swapped() {
    let document = column(
        FIELD,
        &[
            r#"{"lat": 71.4, "lon": 51.1}"#,
            r#"{"x": 43.2, "y": 76.9}"#,
            r#"{"latitude": 69.6, "longitude": 42.3}"#,
        ],
    );
    assert_eq!(values(&document, "v"), [point(71.4, 51.1), point(76.9, 43.2), point(69.6, 42.3)]);
    let rules: Vec<_> = findings(&document).into_iter().map(|(rule, row, _)| (rule, row)).collect();
    assert_eq!(rules, [1, 2, 3].map(|row| ("position.outside_country", Some(row))));
}

/// Latitude and longitude are both between 46.4 and 55.5 there.
#[test]
fn a_few_points_of_the_far_west_prove_nothing() {
    let document = column(FIELD, &[r#""47.1,51.9""#, r#""51.2,51.4""#, r#""51.9,47.1""#]);
    assert_eq!(values(&document, "v"), [point(47.1, 51.9), point(51.2, 51.4), point(51.9, 47.1)]);
    assert_eq!(findings(&document), NOTHING);
    let counts = document.orders["v"];
    assert_eq!((counts.as_read, counts.swapped, counts.undecided), (0, 0, 3));
    assert!(!document.is_swapped("v"));
}

#[test]
fn the_counts_of_the_verdict_are_shown() {
    let document =
        column(FIELD, &[r#""51.1,71.4""#, r#""43.2,76.9""#, r#""71.4,51.1""#, r#""47.1,51.9""#, r#""-""#]);
    let counts = document.orders["v"];
    assert_eq!((counts.as_read, counts.swapped, counts.undecided), (2, 1, 1));
    assert_eq!(values(&document, "v")[0], point(51.1, 71.4), "one point is not clearly more than two");
    assert_eq!(found(&document, "position.order"), NOTHING);
    assert_eq!(findings(&document), [("position.outside_country", Some(3), Some("71.4,51.1"))]);
}

/// A publisher in the far west knows better than any verdict.
#[test]
fn the_publisher_states_the_order() {
    let stated = |order: &str, value: &str| {
        let document = column(&format!(r#"{{"type": "Geoposition", "order": "{order}"}}"#), &[value]);
        assert_eq!(findings(&document), NOTHING, "{order} {value}");
        values(&document, "v")[0].clone()
    };
    for value in [r#""47.1,51.9""#, r#""47.1;51.9""#, r#""47.1 51.9""#, r#""47.1:51.9""#, "[47.1, 51.9]"] {
        assert_eq!(stated("latlon", value), point(47.1, 51.9), "{value}");
        assert_eq!(stated("lonlat", value), point(51.9, 47.1), "{value}");
    }
}

#[test]
fn the_publishers_order_outweighs_the_columns_verdict() {
    let document = column(
        r#"{"type": "Geoposition", "order": "latlon"}"#,
        &[r#""71.4,51.1""#, r#""76.9,43.2""#, r#""69.6,42.3""#],
    );
    assert_eq!(values(&document, "v"), [point(71.4, 51.1), point(76.9, 43.2), point(69.6, 42.3)]);
    assert_eq!(found(&document, "position.order"), NOTHING);
    assert_eq!(found(&document, "position.outside_country").len(), 3);
}

#[test]
fn a_point_outside_the_country() {
    let document = column(FIELD, &[r#""51.1,71.4""#, r#""40.7,-74.0""#]);
    assert_eq!(values(&document, "v"), [point(51.1, 71.4), point(40.7, -74.0)]);
    assert_eq!(findings(&document), [("position.outside_country", Some(2), Some("40.7,-74.0"))]);
}

/// The corners of the box are inside.
#[test]
fn a_point_on_the_edge_of_the_country() {
    let corners = [(40.5, 46.4), (40.5, 87.4), (55.5, 46.4), (55.5, 87.4)];
    let written: Vec<String> = corners.iter().map(|(lat, lon)| format!(r#""{lat},{lon}""#)).collect();
    let document = column(FIELD, &written.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(values(&document, "v"), corners.map(|(lat, lon)| point(lat, lon)));
    assert_eq!(findings(&document), NOTHING);
}

#[test]
fn a_point_at_zero_zero() {
    for zero in ["0,0", "0.0, 0.0", "0:0"] {
        let document = column(FIELD, &[r#""51.1,71.4""#, &format!(r#""{zero}""#)]);
        assert_eq!(values(&document, "v"), [point(51.1, 71.4), point(0.0, 0.0)], "{zero}");
        assert_eq!(findings(&document), [("position.zero", Some(2), Some(zero))]);
    }
}

#[test]
fn a_point_outside_the_globe() {
    for raw in ["95,200", "51.1,714.28171", "5111.7469,71.428171"] {
        let document = column(FIELD, &[r#""51.1,71.4""#, &format!(r#""{raw}""#)]);
        assert_eq!(values(&document, "v"), [point(51.1, 71.4), Value::Null], "{raw}");
        assert_eq!(findings(&document), [("position.outside_globe", Some(2), Some(raw))]);
    }
}

/// A document of two fields, described as `kind` or not at all, with a point in its first row.
fn in_two_fields(lat: &str, lon: &str, kind: Option<&str>, values: [&str; 2]) -> Document {
    let declared = kind.map_or(String::new(), |kind| {
        format!(r#", "{lat}": {{"type": "{kind}"}}, "{lon}": {{"type": "{kind}"}}"#)
    });
    let [first, second] = values;
    dataset(
        &format!(r#""id": {{"type": "Int"}}{declared}"#),
        &format!(
            r#"{{"id": 1, "{lat}": {first}, "{lon}": {second}}}, {{"id": 2, "{lat}": {first}}}, {{"id": 3}}"#
        ),
    )
}

/// Checks that the two fields stay and that the point is added, with a note.
fn is_added(lat: &str, lon: &str) {
    for (kind, quote, first, second) in [
        (Some("Double"), "", json!(51.117469), json!(71.428171)),
        (Some("Double"), "\"", json!(51.117469), json!(71.428171)),
        (Some("String"), "\"", json!("51.117469"), json!("71.428171")),
        (None, "", json!("51.117469"), json!("71.428171")),
        (None, "\"", json!("51.117469"), json!("71.428171")),
    ] {
        let values = [format!("{quote}51.117469{quote}"), format!("{quote}71.428171{quote}")];
        let document = in_two_fields(lat, lon, kind, [&values[0], &values[1]]);
        assert_eq!(
            rows(&document),
            json!([
                {"id": 1, lat: first, lon: second, "geoposition": point(51.117469, 71.428171)},
                {"id": 2, lat: first, lon: null, "geoposition": null},
                {"id": 3, lat: null, lon: null, "geoposition": null}
            ]),
            "{kind:?}"
        );
        let notes = found(&document, "position.from_pair");
        assert_eq!(
            notes.iter().map(|(field, row, _)| (*field, *row)).collect::<Vec<_>>(),
            [("geoposition", None)]
        );
        let field = document.schema.field_with_name("geoposition").expect("it was added");
        assert_eq!(field.metadata().get("ARROW:extension:name").map(String::as_str), Some("geoarrow.point"));
    }
}

#[test]
fn a_point_in_latitude_and_longitude() {
    is_added("latitude", "longitude");
}

#[test]
fn a_point_in_lat_and_long() {
    is_added("lat", "long");
}

#[test]
fn a_point_in_lat_and_lon() {
    is_added("lat", "lon");
}

#[test]
fn a_point_in_two_fields_is_judged_as_any_other() {
    let document = dataset(
        r#""lat": {"type": "Double"}, "lon": {"type": "Double"}"#,
        r#"{"lat": 51.1, "lon": 71.4}, {"lat": 40.7, "lon": -74.0}, {"lat": 0, "lon": 0}, {"lat": 95, "lon": 200}"#,
    );
    let expected = [point(51.1, 71.4), point(40.7, -74.0), point(0.0, 0.0), Value::Null];
    assert_eq!(values(&document, "geoposition"), expected);
    let rules: Vec<_> = findings(&document).into_iter().map(|(rule, row, _)| (rule, row)).collect();
    assert_eq!(
        rules,
        [
            ("position.zero", Some(3)),
            ("position.outside_country", Some(2)),
            ("position.outside_globe", Some(4))
        ]
    );
}

#[test]
fn a_point_in_two_fields_beside_one_that_is_whole() {
    let document = dataset(
        r#""geoposition": {"type": "Geoposition"}, "lat": {"type": "Double"}, "lon": {"type": "Double"}"#,
        r#"{"geoposition": "43.2,76.9", "lat": 51.1, "lon": 71.4}"#,
    );
    assert_eq!(rows(&document), json!([{"geoposition": point(43.2, 76.9), "lat": 51.1, "lon": 71.4}]));
    assert_eq!(found(&document, "position.from_pair"), NOTHING);
}
