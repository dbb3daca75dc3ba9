//! Rows in an area, the nearest in one, and vector tiles, over HTTP.

use std::collections::BTreeSet;

use prost::Message;
use serde_json::{Value, json};

use crate::site::{Answer, Site};

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn ids(answer: &Answer) -> Vec<i64> {
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["rows"].as_array().expect("rows").iter().filter_map(|row| row["id"].as_i64()).collect()
}

const PHARMACIES: &str = "/datasets/astana_pharmacies";

#[test]
fn an_area_can_be_given_in_four_forms_and_sql_agrees() {
    let site = Site::over_fixtures();
    let polygon = "POLYGON((71.34 51.05, 71.54 51.05, 71.54 51.128, 71.34 51.14, 71.34 51.05))";
    let geojson = r#"{"type":"Polygon","coordinates":[[[71.34,51.05],[71.54,51.05],[71.54,51.128],[71.34,51.14],[71.34,51.05]]]}"#;
    let forms = [
        (
            "bbox=71.35,51.1,71.45,51.15".to_owned(),
            "ST_CoveredBy(geoposition, ST_MakeEnvelope(71.35, 51.1, 71.45, 51.15))",
        ),
        (
            "lat=51.128&lon=71.43&radius_m=3000".to_owned(),
            "ST_DWithin(geoposition, ST_Point(71.43, 51.128), 3000)",
        ),
        (
            format!("polygon={}", encoded(polygon)),
            "ST_CoveredBy(geoposition, (SELECT area FROM service_areas WHERE id = 1))",
        ),
        (
            format!("polygon={}", encoded(geojson)),
            "ST_CoveredBy(geoposition, (SELECT area FROM service_areas WHERE id = 1))",
        ),
        (
            "in=service_areas.1".to_owned(),
            "ST_CoveredBy(geoposition, (SELECT area FROM service_areas WHERE id = 1))",
        ),
        (
            "in=Service_Areas.2".to_owned(),
            "ST_CoveredBy(geoposition, (SELECT area FROM service_areas WHERE id = 2))",
        ),
    ];
    for (form, condition) in forms {
        let within = site.get(&format!("{PHARMACIES}/within?{form}&select=id"));
        let sql = format!("SELECT id FROM astana_pharmacies WHERE {condition}");
        let expected = ids(&site.get(&format!("/sql?q={}", encoded(&sql))));
        assert_eq!(ids(&within), expected, "{form}");
        assert!(expected.len() > 2, "{form}");
        assert_eq!(within.json()["bounds"], json!({"limit": 10_000, "radius_m": 20_037_509}));
    }
}

#[test]
fn a_page_of_an_area_goes_on_where_it_ended_in_any_order() {
    let site = Site::over_fixtures();
    let all = ids(&site.get(&format!("{PHARMACIES}/within?in=service_areas.1&select=id&where=id+%3E+100")));
    for order in ["", "&order=name+DESC", "&order=area"] {
        let (mut found, mut after) = (Vec::new(), String::new());
        loop {
            let page = site.get(&format!(
                "{PHARMACIES}/within?in=service_areas.1&select=id&where=id+%3E+100&limit=3&count=exact{order}{after}"
            ));
            assert_eq!(page.json()["count"], json!(all.len()));
            found.extend(ids(&page));
            let Some(next) = page.json()["next"].as_str().map(str::to_owned) else { break };
            after = format!("&after={next}");
        }
        assert_eq!(found.len(), all.len(), "{order}");
        assert_eq!(found.iter().collect::<BTreeSet<_>>(), all.iter().collect(), "{order}");
        assert!(!order.is_empty() || found == all);
    }
}

#[test]
fn the_nearest_in_an_area_are_in_it_and_meet_the_condition() {
    let site = Site::over_fixtures();
    let nearest = site.get(&format!(
        "{PHARMACIES}/nearest?lat=51.128&lon=71.43&k=4&in=service_areas.2&where=id+%3E+104&select=id"
    ));
    let sql = "SELECT id FROM astana_pharmacies WHERE id > 104 AND ST_CoveredBy(geoposition, (SELECT area FROM service_areas WHERE id = 2)) ORDER BY ST_Distance(geoposition, ST_Point(71.43, 51.128)) LIMIT 4";
    assert_eq!(ids(&nearest), ids(&site.get(&format!("/sql?q={}", encoded(sql)))));
    assert_eq!(nearest.json()["bounds"], json!({"k": 1_000}));
}

#[test]
fn other_forms_and_tags() {
    let site = Site::over_fixtures();
    let address = format!("{PHARMACIES}/within?in=service_areas.1&select=id,geoposition");
    let geojson = site.get(&format!("{address}&format=geojson"));
    assert_eq!(geojson.json()["features"][0]["geometry"]["type"], "Point");
    let tag = site.get(&address).header("etag").expect("it has a tag").to_owned();
    assert_eq!(site.ask("GET", &address, &[("if-none-match", tag.as_str())]).status, 304);
    let other = site.get(&address.replace("areas.1", "areas.2")).header("etag").map(str::to_owned);
    assert_ne!(other, Some(tag));
}

#[test]
fn what_is_no_area_is_told() {
    let site = Site::over_fixtures();
    for (query, status, field, says) in [
        ("", 400, json!(null), "one form"),
        ("bbox=71,51,72,52&in=service_areas.1", 400, json!(null), "one form"),
        ("bbox=71,51,72", 400, json!("bbox"), "3 numbers"),
        ("bbox=71,51,72,x", 400, json!("bbox"), "expected a number"),
        ("bbox=71,52,72,51", 400, json!("bbox"), "no box"),
        ("lat=51&lon=71", 400, json!("radius_m"), "missing"),
        ("lat=51&radius_m=5", 400, json!("lon"), "missing"),
        ("lat=51&lon=71&radius_m=20037510", 400, json!("radius_m"), "from 0 to 20037509"),
        ("lat=51&lon=71&radius_m=-1", 400, json!("radius_m"), "from 0 to"),
        ("polygon=POLYGON((1+2", 400, json!("polygon"), "character"),
        ("polygon=POINT(1+2)", 400, json!("polygon"), "expected a polygon"),
        ("in=service_area.1", 404, json!("in"), "service_areas"),
        ("in=service_areas.77", 404, json!("in"), "no object '77'"),
        ("in=regions.71", 400, json!("in"), "no text that is an area"),
        ("in=nothing", 404, json!("in"), "no dataset"),
        ("bbox=71,51,72,52&limit=10001", 400, json!("limit"), "10000"),
        ("bbox=71,51,72,52&where=nam+%3D+1", 400, json!(null), "nam"),
    ] {
        let answer = site.get(&format!("{PHARMACIES}/within?{query}"));
        assert_eq!(answer.status, status, "{query}: {}", answer.text());
        assert!(answer.text().contains(says), "{query}: {}", answer.text());
        let found = answer.json()["error"]["place"].get("field").cloned().unwrap_or(Value::Null);
        assert!(field.is_null() || found == field, "{query}: {}", answer.text());
    }
    let pointless = site.get("/datasets/service_areas/within?bbox=1,2,3,4");
    assert!(pointless.status == 400 && pointless.text().contains("no Geoposition"));
}

/// The parts of a vector tile that tests look at.
#[derive(Clone, PartialEq, Message)]
struct Tile {
    #[prost(message, repeated, tag = "3")]
    layers: Vec<Layer>,
}

#[derive(Clone, PartialEq, Message)]
struct Layer {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(message, repeated, tag = "2")]
    features: Vec<Feature>,
    #[prost(string, repeated, tag = "3")]
    keys: Vec<String>,
    #[prost(message, repeated, tag = "4")]
    values: Vec<derek::encode::TileValue>,
    #[prost(uint32, tag = "15")]
    version: u32,
}

#[derive(Clone, PartialEq, Message)]
struct Feature {
    #[prost(uint32, repeated, tag = "2")]
    tags: Vec<u32>,
    #[prost(uint32, repeated, tag = "4")]
    geometry: Vec<u32>,
}

/// The rows that the features of a tile stand for, and the names that single ones have.
fn drawn(answer: &Answer) -> (i64, Vec<String>) {
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/vnd.mapbox-vector-tile"));
    let tile = Tile::decode(answer.body.as_slice()).expect("it is a tile");
    let [layer] = tile.layers.as_slice() else { panic!("one layer") };
    assert_eq!((layer.name.as_str(), layer.version), ("astana_pharmacies", 2));
    let (mut rows, mut names) = (0, Vec::new());
    for feature in &layer.features {
        assert_eq!(feature.geometry.len(), 3);
        let value = |key: &str| {
            let mut tags = feature.tags.chunks(2).filter(|tag| layer.keys[tag[0] as usize] == key);
            tags.next().map(|tag| layer.values[tag[1] as usize].clone())
        };
        if let Some(count) = value("point_count") {
            rows += count.int.expect("a count");
        } else {
            rows += 1;
            names.extend(value("name").and_then(|name| name.text));
        }
    }
    (rows, names)
}

#[test]
fn tiles_hold_every_point_once_clustered_from_afar_and_single_near_by() {
    let site = Site::over_fixtures();
    let (all, _) = drawn(&site.get(&format!("{PHARMACIES}/tiles/0/0/0.mvt?select=name")));
    assert_eq!(all, 24);
    let (of_astana, _) = drawn(&site.get(&format!("{PHARMACIES}/tiles/6/44/21.mvt?select=name")));
    assert_eq!(of_astana, 23, "one lies in Almaty");
    let (one, names) = drawn(&site.get(&format!("{PHARMACIES}/tiles/16/45771/21905.mvt?select=name,id")));
    assert!(one >= 1 && names.len() == usize::try_from(one).unwrap_or_default(), "{one} {names:?}");
    let (none, _) = drawn(&site.get(&format!("{PHARMACIES}/tiles/6/0/0.mvt")));
    assert_eq!(none, 0);
    let (some, _) = drawn(&site.get(&format!("{PHARMACIES}/tiles/0/0/0.mvt?where=id+%3C+100")));
    assert_eq!(some, 2);
    let tag = site.get(&format!("{PHARMACIES}/tiles/0/0/0.mvt")).header("etag").expect("a tag").to_owned();
    let again = site.ask("GET", &format!("{PHARMACIES}/tiles/0/0/0.mvt"), &[("if-none-match", tag.as_str())]);
    assert_eq!(again.status, 304);
    for wrong in [
        "tiles/0/1/0.mvt",
        "tiles/31/0/0.mvt",
        "tiles/0/0/0",
        "tiles/0/0/0.png",
        "tiles/x/0/0.mvt",
        "tiles/0/-1/0.mvt",
    ] {
        let answer = site.get(&format!("{PHARMACIES}/{wrong}"));
        assert_eq!(answer.error(), (400, "request.parameter".to_owned()), "{wrong}");
    }
}
