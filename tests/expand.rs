//! References in addresses: `expand`, nested `select`, conditions and orders through links, `/links`.

use arrow::array::AsArray;
use arrow::ipc::reader::StreamReader;
use serde_json::{Value, json};

use crate::site::{Site, with};

fn document(name: &str, fields: &Value, rows: &Value) -> Vec<u8> {
    json!({"meta": {"apiUri": name}, "fields": fields, "data": rows}).to_string().into_bytes()
}

/// Shops in places, places in countries and near one another; the third shop's place is not there.
fn world() -> Site {
    let key = |kind: &str| json!({"type": kind, "pkey": true});
    let to = |kind: &str, datapath: &str| json!({"type": kind, "datapath": datapath});
    let text = json!({"type": "String"});
    let countries = json!({"code": key("String"), "name": text});
    let places = json!({
        "id": key("Int"), "name": text, "country": to("String", "countries.code"), "near": to("Int", "places.id"),
    });
    let shops = json!({
        "id": key("Int"),
        "place": to("Int", "places.id"),
        "owner": {"type": "Object", "fields": {"name": text, "home": to("Int", "places.id")}},
        "branches": {"type": "List", "elementType": "Int", "datapath": "places.id"},
        "lost": to("Int", "nowhere.id"),
    });
    Site::of_files([
        ("countries.json", document("countries", &countries, &json!([{"code": "KZ", "name": "Қазақстан"}]))),
        (
            "places.json",
            document(
                "places",
                &places,
                &json!([
                    {"id": 1, "name": "Астана", "country": "KZ", "near": 2},
                    {"id": 2, "name": "Қарағанды", "country": "KZ", "near": 1},
                    {"id": 3, "name": "Омск", "country": "RU"},
                ]),
            ),
        ),
        (
            "shops.json",
            document(
                "shops",
                &shops,
                &json!([
                    {"id": 1, "place": 1, "owner": {"name": "А", "home": 2}, "branches": [1, 2, 1], "lost": 5},
                    {"id": 2, "place": 3, "branches": []},
                    {"id": 3, "place": 9, "owner": {"name": "Ә", "home": 9}, "branches": [9, 3]},
                ]),
            ),
        ),
    ])
}

#[test]
fn a_field_gives_way_to_its_object_over_several_datasets() {
    let site = world();
    let rows = site.get("/datasets/shops/rows?expand=place.country&select=id").rows();
    let expected = json!([
        {"id": 1, "place": {"id": 1, "name": "Астана", "country": {"code": "KZ", "name": "Қазақстан"}, "near": 2}},
        {"id": 2, "place": {"id": 3, "name": "Омск", "country": null, "near": null}},
        {"id": 3, "place": null},
    ]);
    assert_eq!(json!(rows), expected, "what leads nowhere is null, and no row is lost");
    let all = site.get("/datasets/shops/rows/1?expand=owner.home,branches").json();
    assert_eq!(all["owner"]["home"]["name"], "Қарағанды");
    assert_eq!(all["branches"][1]["name"], "Қарағанды");
    assert_eq!((&all["place"], &all["lost"]), (&json!(1), &json!(5)), "what is not named stays as it is");
    let dangling = site.get("/datasets/shops/rows/3?expand=branches,owner.home").json();
    assert_eq!(dangling["branches"], json!([null, {"id": 3, "name": "Омск", "country": "RU", "near": null}]));
    assert_eq!(dangling["owner"], json!({"name": "Ә", "home": null}));
}

#[test]
fn select_takes_fields_of_objects_under_other_names() {
    let site = world();
    let one = |select: &str| site.get(&with("/datasets/shops/rows/1", &[("select", select)])).json();
    assert_eq!(
        one("id,place(name,country(name))"),
        json!({"id": 1, "place": {"name": "Астана", "country": {"name": "Қазақстан"}}})
    );
    assert_eq!(one("oblast:place(name), ИД:id"), json!({"oblast": {"name": "Астана"}, "ИД": 1}));
    assert_eq!(one("place.name,place.country.name"), one("place(name,country(name))"));
    assert_eq!(one("owner(home(name))"), json!({"owner": {"home": {"name": "Қарағанды"}}}));
    assert_eq!(
        one("branches(name)"),
        json!({"branches": [{"name": "Астана"}, {"name": "Қарағанды"}, {"name": "Астана"}]})
    );
    assert_eq!(one("*,place(near(near(name)))")["place"], json!({"near": {"near": {"name": "Астана"}}}));
    assert_eq!(one("PLACE(NAME)"), json!({"place": {"name": "Астана"}}));
    assert_eq!(one("a:place,b:place(id)"), json!({"a": 1, "b": {"id": 1}}));
    let ndjson = site.get("/datasets/shops/rows?select=place.name&format=ndjson&limit=1");
    assert_eq!(ndjson.text(), "{\"place\":{\"name\":\"Астана\"}}\n");
}

#[test]
fn forms_by_column_have_a_column_for_each_field() {
    let site = world();
    let csv = site.get("/datasets/shops/rows?select=id,oblast:place(name,country(name))&format=csv");
    assert_eq!(csv.text(), "id,oblast.name,oblast.country.name\n1,Астана,Қазақстан\n2,Омск,\n3,,\n");
    let arrow = site.get("/datasets/shops/rows?select=id,place(name)&format=arrow");
    let reader = StreamReader::try_new(arrow.body.as_slice(), None).expect("it is a stream");
    let names: Vec<String> = reader.schema().fields().iter().map(|field| field.name().clone()).collect();
    assert_eq!(names, ["id", "place.name"]);
    let batch = reader.last().expect("there is a batch").expect("it is sound");
    let texts: Vec<Option<&str>> = batch.column(1).as_string::<i32>().iter().collect();
    assert_eq!(texts, [Some("Астана"), Some("Омск"), None]);
    let parquet = site.get("/datasets/shops/rows?select=place(name)&format=parquet");
    assert!(parquet.status == 200 && parquet.body.starts_with(b"PAR1"));
    let near = site.get("/datasets/places/rows?expand=shops.place&select=id&format=csv&limit=1");
    assert!(near.text().starts_with("id,shops.count,shops.rows\n1,1,"), "{}", near.text());
}

#[test]
fn what_refers_to_an_object_is_counted_and_limited_for_each() {
    let site = world();
    let place = site.get("/datasets/places/rows/1?expand=shops.place&select=name").json();
    assert_eq!(place["name"], "Астана");
    assert_eq!((&place["shops"]["count"], &place["shops"]["rows"][0]["id"]), (&json!(1), &json!(1)));
    let several = site.get("/datasets/places/rows/1?expand=shops");
    assert_eq!(
        (several.error(), several.field()),
        ((400, "query.ambiguous_column".to_owned()), json!("expand"))
    );
    let hint = several.json()["error"]["hint"].as_str().expect("a hint").to_owned();
    assert_eq!(hint, "name one: shops.place, shops.owner.home, shops.branches");
    let branches = site.get("/datasets/places/rows/1?select=shops.branches(id)").json();
    assert_eq!(branches, json!({"shops": {"count": 1, "rows": [{"id": 1}]}}), "once, though named twice");
    let home = site.get("/datasets/places/rows?select=id,shops(owner(home(id)))").rows();
    let counts: Vec<&Value> = home.iter().map(|row| &row["shops"]["count"]).collect();
    assert_eq!(counts, [&json!(0), &json!(1), &json!(0)]);
    let fixtures = Site::over_fixtures();
    let regions = fixtures.get("/datasets/regions/rows?select=id,cities(nameRu)&expand_limit=2").rows();
    let known = fixtures.get("/sql?q=SELECT+region,+count(*)+AS+n+FROM+cities+GROUP+BY+region").rows();
    assert_eq!(regions.len(), 20);
    for region in &regions {
        let known = known.iter().find(|row| row["region"] == region["id"]).expect("each has cities");
        let cities = &region["cities"];
        let given = cities["rows"].as_array().expect("rows").len() as u64;
        assert_eq!((&cities["count"], given), (&known["n"], known["n"].as_u64().expect("a count").min(2)));
    }
    let around = fixtures.get("/datasets/cities/rows/1526273?select=region(cities(region(nameKk)))").json();
    assert_eq!(around["region"]["cities"]["rows"], json!([{"region": {"nameKk": "Астана қаласы"}}]));
    let most = fixtures.get("/datasets/regions/rows?expand=cities&expand_limit=1001");
    assert_eq!((most.error().0, most.field()), (400, json!("expand_limit")));
}

#[test]
fn conditions_and_orders_go_through_references() {
    let site = Site::over_fixtures();
    let astana = with(
        "/datasets/cities/rows",
        &[("where", "region.nameKk = 'Астана қаласы'"), ("select", "nameKk,region.kind"), ("count", "exact")],
    );
    let answer = site.get(&astana);
    assert_eq!(answer.json()["count"], 1);
    assert_eq!(answer.rows(), [json!({"nameKk": "Астана", "region": {"kind": "city"}})]);
    let order =
        [("order", "region.nameRu DESC, population"), ("select", "id,region(nameRu)"), ("limit", "7")];
    let (mut address, mut seen) = (with("/datasets/cities/rows", &order), Vec::new());
    loop {
        let page = site.get(&address);
        seen.extend(page.rows());
        let Some(next) = page.json()["next"].as_str().map(str::to_owned) else { break };
        address = with("/datasets/cities/rows", &[&order[..], &[("after", &next)]].concat());
    }
    let sql = "SELECT id, region.nameRu AS n FROM cities ORDER BY region.nameRu DESC, population, id";
    let known = site.get(&with("/sql", &[("q", sql)])).rows();
    let pairs = |rows: &[Value], name: fn(&Value) -> &Value| -> Vec<(Value, Value)> {
        rows.iter().map(|row| (row["id"].clone(), name(row).clone())).collect()
    };
    let names: Vec<Value> = pairs(&seen, |row| &row["region"]["nameRu"]).into_iter().map(|it| it.1).collect();
    assert_eq!(names, pairs(&known, |row| &row["n"]).into_iter().map(|it| it.1).collect::<Vec<_>>());
    let near = with(
        "/datasets/cities/nearest",
        &[
            ("lat", "51.1"),
            ("lon", "71.4"),
            ("k", "2"),
            ("where", "region.kind = 'city'"),
            ("expand", "region"),
        ],
    );
    let near = site.get(&near).rows();
    assert_eq!((&near[0]["nameKk"], &near[0]["region"]["id"]), (&json!("Астана"), &json!(71)));
    assert!(near[0]["distance_m"].is_number() && near.len() == 2);
    let within = with(
        "/datasets/astana_pharmacies/within",
        &[("bbox", "71,51,72,52"), ("where", "region.id = 71"), ("select", "region(id)"), ("limit", "1")],
    );
    assert_eq!(site.get(&within).rows(), [json!({"region": {"id": 71}})]);
    let tile = site
        .get("/datasets/astana_pharmacies/tiles/14/11442/5468.mvt?where=region.id+=+71&select=region.nameKk");
    assert_eq!(tile.status, 200, "{:?}", tile.body);
}

#[test]
fn what_is_wrong_is_named_with_what_there_is() {
    let site = world();
    for (address, code, field, message) in [
        (
            "/datasets/shops/rows?select=place(nam)",
            "query.unknown_column",
            "select",
            "no column 'nam' in places",
        ),
        ("/datasets/shops/rows?expand=plce", "query.unknown_column", "expand", "no column 'plce' in shops"),
        (
            "/datasets/shops/rows?expand=lost",
            "query.unresolved_link",
            "expand",
            "'nowhere.id', which is not published",
        ),
        ("/datasets/shops/rows?select=id(x)", "request.parameter", "select", "'id' refers to nothing"),
        ("/datasets/shops/rows?select=place(id", "request.parameter", "select", "a bracket is not closed"),
        ("/datasets/shops/rows?select=place(id))", "request.parameter", "select", "not opened"),
        ("/datasets/shops/rows?select=a.b:place", "request.parameter", "select", "no dots"),
        ("/datasets/shops/rows?select=place(),id", "request.parameter", "select", "a name is missing"),
        ("/datasets/shops/rows?select=a:id,a:place", "request.parameter", "select", "stands there twice"),
        ("/datasets/shops/rows?select=a:id,a:place(id)", "request.parameter", "select", "stands there twice"),
        ("/datasets/shops/rows?where=place.nam=1", "query.unknown_column", "", "no field 'nam' in places"),
        ("/datasets/shops/rows?where=lost.id=1", "query.unresolved_link", "", "'nowhere.id'"),
        ("/datasets/shops/rows?order=branches.id", "query.invalid", "", "is a List"),
    ] {
        let answer = site.get(address);
        let error = answer.json()["error"].clone();
        assert_eq!((answer.status, &error["code"]), (400, &json!(code)), "{address}: {error}");
        assert!(error["message"].as_str().is_some_and(|it| it.contains(message)), "{address}: {error}");
        assert!(field.is_empty() || error["place"]["field"] == field, "{address}: {error}");
    }
    let deep = (0..12).fold("id".to_owned(), |inner, _| format!("near({inner})"));
    assert_eq!(site.get(&format!("/datasets/places/rows?select={deep}")).error().0, 400, "nested too deeply");
    let lost = site.get("/datasets/shops/rows/1?select=lost").json();
    assert_eq!(lost, json!({"lost": 5}), "its own value can be read");
}

#[test]
fn a_new_version_of_what_is_referred_to_is_another_answer() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let write = |name: &str, fields: &Value, rows: &Value| {
        let file = folder.path().join(format!("{name}.json"));
        std::fs::write(file, document(name, fields, rows)).expect("it can be written");
    };
    let of = |to: &str| json!({"id": {"type": "Int", "pkey": true}, "up": {"type": "Int", "datapath": format!("{to}.id")}});
    let named = json!({"id": {"type": "Int", "pkey": true}, "name": {"type": "String"}});
    write("a", &of("b"), &json!([{"id": 1, "up": 1}, {"id": 2, "up": 1}, {"id": 3, "up": 2}]));
    write("b", &of("c"), &json!([{"id": 1, "up": 1}, {"id": 2, "up": 2}]));
    write("c", &of("d"), &json!([{"id": 1, "up": 1}, {"id": 2, "up": 2}]));
    write("d", &named, &json!([{"id": 1, "name": "Әсем"}, {"id": 2, "name": "Болат"}]));
    let catalog = crate::catalog(&[folder.path()]);
    let site = Site::of_catalog(&catalog);
    let addresses = [
        "/datasets/a/rows?select=up.up.up.name",
        "/datasets/a/rows/1?expan%64=up.up.up",
        "/datasets/a/rows?where=up.up.up.name+=+'Әсем'",
        "/datasets/d/rows/1?expand=c",
        "/sql?q=SELECT+up.up.up.name+FROM+a",
        "/datasets/b",
    ];
    let addresses = addresses.map(crate::site::address);
    let tag = |address: &String| site.get(address).header("etag").expect("it has a tag").to_owned();
    let before: Vec<String> = addresses.iter().map(tag).collect();
    for (address, tag) in addresses.iter().zip(&before) {
        assert_eq!(site.ask("GET", address, &[("if-none-match", tag)]).status, 304, "{address}");
    }
    let page = site.get("/datasets/a/rows?order=up.up.up.name&limit=1").json();
    let next = format!(
        "/datasets/a/rows?order=up.up.up.name&limit=1&after={}",
        page["next"].as_str().expect("more")
    );
    assert_eq!(site.get(&next).status, 200);
    // In the middle of the way.
    write("c", &of("d"), &json!([{"id": 1, "up": 2}, {"id": 2, "up": 1}, {"id": 3, "up": 1}]));
    catalog.refresh();
    for (address, tag) in addresses.iter().zip(&before) {
        assert_eq!(site.ask("GET", address, &[("if-none-match", tag)]).status, 200, "{address}");
    }
    assert_eq!(site.get(&addresses[0]).rows()[0]["up"]["up"]["up"]["name"], "Болат");
    assert_eq!(site.get(&addresses[2]).rows().len(), 1, "a kept condition is planned anew");
    assert_eq!(site.get(&addresses[3]).json()["c"]["count"], 2, "what refers to it is another");
    assert_eq!(site.sql("SELECT up.up.up.name AS n FROM a ORDER BY id")[0]["n"], "Болат");
    assert_eq!(site.get(&next).error(), (400, "request.parameter".to_owned()), "rows have another order now");
}

#[test]
fn what_a_short_request_can_ask_for_is_bounded() {
    let site = world();
    let deep = vec!["near"; 500].join(".");
    for parameter in ["select", "expand"] {
        let answer = site.get(&format!("/datasets/places/rows/1?{parameter}={deep}"));
        assert_eq!(
            (answer.error(), answer.field()),
            ((400, "request.parameter".to_owned()), json!(parameter))
        );
    }
    let fixtures = Site::over_fixtures();
    let wide: Vec<String> = (0..240).map(|at| format!("a{at}:region(*)")).collect();
    let answer = fixtures.get(&format!("/datasets/cities/rows?select={}", wide.join(",")));
    assert_eq!(answer.error(), (400, "request.parameter".to_owned()));
    assert!(answer.text().contains("more than 2000 columns"), "{}", answer.text());
    let heavy = "region(cities(region(cities(region(cities(*))))))";
    let heavy = format!("/datasets/cities/rows?limit=1000&expand_limit=1000&select={heavy}");
    assert_eq!(fixtures.get(&heavy).error(), (400, "query.too_complex".to_owned()));
}

#[test]
fn fields_that_are_shown_alike_are_told_apart_and_names_may_hold_any_sign() {
    let key = json!({"type": "Int", "pkey": true});
    let named = json!({"id": key, "name": {"type": "String"}});
    let odd = json!({
        "id": key,
        "owner": {"type": "Object", "fields": {"home": {"type": "Int", "datapath": "places.id"}}},
        "owner.home": {"type": "Int", "datapath": "people.id"},
        "a,b": {"type": "String"},
        "say \"hi\"": {"type": "Int", "datapath": "people.id"},
        "pl ace": {"type": "Int", "datapath": "places.id"},
    });
    let rows =
        json!([{"id": 1, "owner": {"home": 1}, "owner.home": 2, "a,b": "ab", "say \"hi\"": 1, "pl ace": 1}]);
    let site = Site::of_files([
        ("places.json", document("places", &named, &json!([{"id": 1, "name": "Астана"}]))),
        (
            "people.json",
            document("people", &named, &json!([{"id": 1, "name": "Әсем"}, {"id": 2, "name": "Болат"}])),
        ),
        ("odd.json", document("odd", &odd, &rows)),
    ]);
    let one = |select: &str| site.get(&with("/datasets/odd/rows/1", &[("select", select)])).json();
    assert_eq!(one("\"owner.home\"(name)"), json!({"owner.home": {"name": "Болат"}}));
    assert_eq!(one("owner(home(name))"), json!({"owner": {"home": {"name": "Астана"}}}));
    assert_eq!(one("\"a,b\""), json!({"a,b": "ab"}));
    assert_eq!(
        one("a:\"say \"\"hi\"\"\"(name),pl ace(name)"),
        json!({"a": {"name": "Әсем"}, "pl ace": {"name": "Астана"}})
    );
    let sql = "SELECT \"owner.home\".name AS a, owner.home.name AS b, odd.\"pl ace\".name AS c FROM odd WHERE owner.home.name = 'Астана'";
    assert_eq!(site.sql(sql), [json!({"a": "Болат", "b": "Астана", "c": "Астана"})]);
    let flat =
        site.get(&with("/datasets/odd/rows", &[("select", "id,owner(home(name))"), ("format", "csv")]));
    assert_eq!(flat.text(), "id,owner.home.name\n1,Астана\n");
    let hidden = site.get(&with("/datasets/odd/rows", &[("where", "\"pl ace→row\" = 0")]));
    assert_eq!(hidden.error(), (400, "query.unknown_column".to_owned()), "no query names it");
}

#[test]
fn a_condition_may_fail_for_objects_that_no_row_refers_to() {
    let key = json!({"type": "Int", "pkey": true});
    let places = json!({"id": key, "people": {"type": "Int"}, "code": {"type": "String"}});
    let shops = json!({"id": key, "place": {"type": "Int", "datapath": "places.id"}});
    let site = Site::of_files([
        (
            "places.json",
            document(
                "places",
                &places,
                &json!([{"id": 1, "people": 5, "code": "7"}, {"id": 2, "people": 0, "code": "жоқ"}]),
            ),
        ),
        ("shops.json", document("shops", &shops, &json!([{"id": 1, "place": 1}, {"id": 2, "place": null}]))),
    ]);
    assert_eq!(site.sql("SELECT id FROM shops WHERE 10 / place.people > 1"), [json!({"id": 1})]);
    assert_eq!(site.sql("SELECT id FROM shops WHERE CAST(place.code AS INT) = 7"), [json!({"id": 1})]);
    assert_eq!(site.sql("SELECT id FROM shops WHERE place.people IS NULL"), [json!({"id": 2})]);
    assert!(site.sql("SELECT id FROM shops WHERE NOT (place.people = 5)").is_empty());
}

#[test]
fn the_graph_of_links_is_a_list_and_a_picture() {
    let site = world();
    let rows = site.get("/links").rows();
    let named: Vec<String> = rows
        .iter()
        .map(|row| format!("{}.{} {}", row["dataset"], row["field"], row["to_dataset"]).replace('"', ""))
        .collect();
    let expected = [
        "places.country countries",
        "places.near places",
        "shops.place places",
        "shops.owner.home places",
        "shops.branches[] places",
        "shops.lost nowhere",
    ];
    assert_eq!(named, expected);
    let mermaid = site.get("/links?format=mermaid");
    assert_eq!(mermaid.header("content-type"), Some("text/plain; charset=utf-8"));
    assert!(mermaid.text().starts_with("graph LR\n  n0[\"countries\"]\n"), "{}", mermaid.text());
    assert!(mermaid.text().contains("-.->|\"lost: not published\"| n1\n"), "{}", mermaid.text());
    let dot = site.get("/links?format=dot");
    assert!(dot.text().starts_with("digraph links {\n") && dot.text().ends_with("}\n"), "{}", dot.text());
    assert!(dot.text().contains("[label=\"place: 66.6 %\"];"), "{}", dot.text());
    assert_eq!(site.get("/links?format=svg").status, 406);
    let page = site.get("/datasets/places").json();
    let (out, into) = (&page["links"]["out"], &page["links"]["in"]);
    assert_eq!((out[0]["to_dataset"].as_str(), &out[0]["dangling"]), (Some("countries"), &json!(1)));
    let from: Vec<&Value> = into.as_array().expect("a list").iter().map(|link| &link["field"]).collect();
    assert_eq!(json!(from), json!(["near", "place", "owner.home", "branches[]"]));
    let findings = site.get("/datasets/shops/findings?rule=link.dangling&lang=kk").rows();
    assert_eq!(findings.len(), 3);
    assert_eq!(site.get("/datasets/shops").json()["findings"]["errors"], 1, "nowhere is not published");
}
