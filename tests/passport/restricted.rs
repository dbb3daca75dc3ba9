//! What a plan and the scan for personal data add to the passport of a dataset.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use derek::assess::NamedQueries;
use derek::assess::passport::{MOST_SCANNED, Restriction};
use derek::assess::restricted::Day;
use derek::catalog::{Access, Catalog, LoadOptions, Store};
use derek::query::{QueryLimits, QueryService};
use derek::serve::{App, router};
use serde_json::json;

use super::steps::Desk;
use crate::site::Site;
use crate::{catalog, fixtures};

/// 900101300017 and 020101500015 are worked out in `restricted/values.rs`.
const PERSONS: &str = r#"{"meta": {"apiUri": "patients", "nameKk": "Науқастар", "nameRu": "Пациенты"},
    "fields": {"id": {"type": "Int", "pkey": true}, "iin": {"type": "String"}, "owner": {"type": "Object",
        "fields": {"name": {"type": "String"}}}, "district": {"type": "String"}},
    "data": [
        {"id": 1, "iin": "900101300017", "owner": {"name": "Үлгіев Болат Серікұлы"}, "district": "Алматы"},
        {"id": 2, "iin": "020101500015", "owner": {"name": "Үлгіева Айгүл Серікқызы"}, "district": "Есіл"}]}"#;

const SECRETS: [&str; 6] = ["900101300017", "020101500015", "Болат", "Серікұлы", "Айгүл", "Үлгіев"];

#[test]
fn a_table_of_persons_says_so_and_shows_none() {
    let site = Site::of_files([("patients.json", PERSONS.as_bytes().to_vec())]);
    let json = site.get("/datasets/patients/passport").json();
    let restriction = &json["restriction"];
    assert_eq!((&restriction["is_restricted"], &restriction["scanned_rows"]), (&json!(true), &json!(2)));
    let found: Vec<_> = restriction["found"].as_array().expect("a list").iter().collect();
    let attributes: Vec<_> = found.iter().map(|it| (&it["attribute"], &it["rule"])).collect();
    assert!(attributes.contains(&(&json!("iin"), &json!("iin"))), "{attributes:?}");
    assert!(attributes.contains(&(&json!("owner.name"), &json!("full_name"))), "{attributes:?}");
    for (parameters, said) in [
        ("?format=json", "is_restricted"),
        ("?format=html&lang=kk", "Дербес деректер табылды"),
        ("?format=html&lang=ru", "Найдены персональные данные"),
        ("?format=md&lang=kk", "Тексерілген жолдар: барлығы, 2."),
    ] {
        let answer = site.get(&format!("/datasets/patients/passport{parameters}"));
        assert!(answer.status == 200 && answer.text().contains(said), "{parameters}: {}", answer.text());
        for secret in SECRETS {
            assert!(!answer.text().contains(secret), "{parameters} {secret}");
        }
    }
    assert!(json.to_string().contains("Есіл"), "what is not personal is an example");
    // On the title page, and where the scan is told of.
    let html = site.get("/datasets/patients/passport?format=html").text().to_owned();
    assert_eq!(html.matches("Дербес деректер табылды").count(), 2);
}

/// A surname in one field and a given name in another are a person, in one row or one Object; in two of them they are not.
#[test]
fn names_in_two_fields_are_persons() {
    let names = [
        ("Қасымов", "Ерлан"),
        ("Иванов", "Пётр"),
        ("Ахметова", "Анна"),
        ("Серікқызы", "Айгүл"),
        ("Оспанов", "Болат"),
    ];
    let document = |fields: &str, row: &dyn Fn((&str, &str)) -> serde_json::Value| {
        let rows: Vec<String> = names.iter().map(|name| row(*name).to_string()).collect();
        format!(r#"{{"meta": {{"apiUri": "staff"}}, "fields": {fields}, "data": [{}]}}"#, rows.join(","))
    };
    let flat = document(
        r#"{"fam": {"type": "String"}, "im": {"type": "String"}}"#,
        &|(surname, given)| json!({"fam": surname, "im": given}),
    );
    let apart = document(
        r#"{"street": {"type": "Object", "fields": {"fam": {"type": "String"}}}, "shop": {"type": "Object", "fields": {"im": {"type": "String"}}}}"#,
        &|(surname, given)| json!({"street": {"fam": surname}, "shop": {"im": given}}),
    );
    let is_restricted = |text: String| {
        let site = Site::of_files([("staff.json", text.into_bytes())]);
        let passport = site.get("/datasets/staff/passport").json();
        (passport["restriction"]["is_restricted"].clone(), passport.to_string().contains("Қасымов"))
    };
    assert_eq!(is_restricted(flat), (json!(true), false));
    assert_eq!(is_restricted(apart), (json!(false), true));
}

#[test]
fn contacts_of_pharmacies_restrict_nothing() {
    let site = Site::over_fixtures();
    let json = site.get("/datasets/astana_pharmacies/passport").json();
    let restriction = &json["restriction"];
    assert_eq!((&restriction["is_restricted"], &restriction["scanned_rows"]), (&json!(false), &json!(24)));
    let html = site.get("/datasets/astana_pharmacies/passport?format=html&lang=ru").text().to_owned();
    assert!(!html.contains("Найдены персональные данные") && html.contains("Проверены все строки: 24."));
}

/// What stands in place of an Object, or of a whole row, may be what the set is restricted by.
#[test]
fn what_is_found_in_place_of_an_object_or_a_row_is_hidden() {
    let broken = r#"{"id": 3, "iin": null, "owner": "Үлгіев Ерлан Болатұлы", "district": "Сарыарқа"},
        "Үлгіев, Ерлан; 12-үй"]}"#;
    let (start, end) = PERSONS.rsplit_once("]}").expect("it ends so");
    assert!(end.is_empty());
    let site = Site::of_files([("patients.json", format!("{start}, {broken}").into_bytes())]);
    let json = site.get("/datasets/patients/passport").json();
    let checks = json["3"]["record_checks"].as_array().expect("rows were checked").clone();
    let found = |rule: &str| {
        let broken = checks.iter().flat_map(|check| check["broken"].as_array().expect("a list"));
        let found: Vec<_> = broken.filter(|it| it["rule"] == rule).map(|it| it["found"].clone()).collect();
        found
    };
    assert_eq!(found("value.not_an_object"), [json!("•••")], "{json}");
    assert_eq!(found("row.not_an_object"), [json!("•••")], "{json}");
    for parameters in ["?format=json", "?format=html&lang=kk", "?format=html&lang=ru", "?format=md&lang=kk"] {
        let answer = site.get(&format!("/datasets/patients/passport{parameters}"));
        assert!(!answer.text().contains("Ерлан") && !answer.text().contains("12-үй"), "{}", answer.text());
    }
}

/// Rows of a set without `meta`, called `d`.
fn rows_of(fields: &str, row: impl Fn(u64) -> serde_json::Value) -> Site {
    let rows: Vec<String> = (0..MOST_SCANNED + 5_000).map(|at| row(at).to_string()).collect();
    let text = format!(
        r#"{{"fields": {{"id": {{"type": "Int", "pkey": true}}, {fields}}}, "data": [{}]}}"#,
        rows.join(",")
    );
    Site::of_files([("d.json", text.into_bytes())])
}

/// Persons stand in the last 3,000 of 25,000 rows.
#[test]
fn a_long_table_is_scanned_to_its_end() {
    let site = rows_of(
        r#""аты": {"type": "String"}"#,
        |at| json!({"id": at, "аты": if at < 22_000 { "Дәріхана" } else { "Үлгіев Болат Серікұлы" }}),
    );
    let json = site.get("/datasets/d/passport").json();
    let restriction = &json["restriction"];
    // 2,000 at each end, every second of the 21,000 between.
    assert_eq!((&restriction["rows"], &restriction["scanned_rows"]), (&json!(25_000), &json!(14_500)));
    assert_eq!((&restriction["step"], &restriction["is_restricted"]), (&json!(2), &json!(true)));
    let found = &restriction["found"][0];
    // The last 2,000, and 500 of the 1,000 before them.
    assert_eq!((&found["attribute"], &found["hits"]), (&json!("аты"), &json!(2_500)));
    let russian = site.get("/datasets/d/passport?format=html&lang=ru").text().to_owned();
    let rows = "Проверено строк: 14500 из 25000 – первые и последние 2000, между ними каждая 2-я.";
    assert!(russian.contains(rows) && !russian.contains("Болат"), "{russian}");
}

/// Rows 2,001, 2,003 and 2,005, counted from 0, are not scanned: lists and examples show them all the same.
#[test]
fn a_person_in_a_row_that_is_not_scanned_is_masked() {
    let fields = r#""кім": {"type": "String"}, "саны": {"type": "Int"}, "байланыс": {"type": "String"}"#;
    let site = rows_of(fields, |at| {
        let who = if matches!(at, 2_001 | 2_003) {
            "Үлгіев Болат Серікұлы"
        } else {
            "Әкімдік"
        };
        let phone = format!("+7 (7172) {:02}-{:02}-{:02}", at / 10_000, at / 100 % 100, at % 100);
        match at {
            2_005 => {
                json!({"id": at, "кім": who, "саны": "Үлгіева Айгүл Серікқызы", "байланыс": "+7 701 000 00 01"})
            }
            _ => json!({"id": at, "кім": who, "саны": at % 7, "байланыс": phone}),
        }
    });
    let json = site.get("/datasets/d/passport").json();
    assert_eq!(json["restriction"]["is_restricted"], false, "three of 25,000 are no attribute of persons");
    let text = json.to_string();
    for secret in ["Болат", "Айгүл", "Серік", "701 000 00 01"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    // In the list, in the example, and what stands beside the person there.
    for masked in ["Ү***** Б**** С*******", "Ү****** А**** С********", "+7 7** *** ** **"] {
        assert!(text.contains(masked), "{masked}: {text}");
    }
    assert!(text.contains("+7 (7172) 00-00-0"), "a telephone alone is that of an organisation");
}

#[test]
fn who_left_is_not_waited_for() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    std::fs::write(folder.path().join("patients.json"), PERSONS).expect("it can be written");
    let snapshot = catalog(&[folder.path()]).snapshot();
    let dataset = snapshot.require("patients").expect("it is there");
    let as_of = Day::new(2026, 11, 1).expect("a day");
    let stopped = Restriction::of_dataset(dataset, as_of, &|| {
        Err(derek::error::Error::new(derek::error::Code::QueryCancelled, "nobody waits"))
    });
    assert!(stopped.is_err());
}

/// A draft takes a look at every value, so that it is kept: nothing is read for whoever asks next.
#[test]
fn a_draft_is_kept() {
    let (documents, store) = (tempfile::tempdir().expect("made"), tempfile::tempdir().expect("made"));
    std::fs::write(documents.path().join("patients.json"), PERSONS).expect("it can be written");
    let over = |paths: &[std::path::PathBuf], access| {
        let opened = Store::open(store.path(), access).expect("it is a store").with_memory_bytes(0);
        let catalog = Catalog::new(paths, LoadOptions::default()).with_store(Arc::new(opened));
        catalog.load_all(None).expect("it can be read");
        Arc::new(catalog)
    };
    drop(over(&[documents.path().to_owned()], Access::Write));
    let catalog = over(&[], Access::Read);
    let site = Site::of_catalog(&catalog);
    let page = "/datasets/patients/passport?format=html&lang=kk";
    let first = site.get(page);
    assert_eq!(first.status, 200, "{}", first.text());
    let table = table_of(store.path()).expect("its rows are on disk");
    std::fs::write(&table, "").expect("it can be written");
    assert_eq!(site.get(page).text(), first.text(), "what is kept is the same");
    assert_eq!(site.get("/datasets/patients/passport?format=md&lang=ru").status, 200, "in another form, too");
    let anew = Site::of_catalog(&catalog).get(page);
    assert_eq!(anew.error(), (500, "store.damaged".to_owned()), "else the rows are read");
}

/// The first file of rows in a folder.
fn table_of(folder: &Path) -> Option<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).expect("it can be read");
    let mut paths = entries.map(|entry| entry.expect("it can be read").path());
    paths.find_map(|path| {
        if path.is_dir() {
            table_of(&path)
        } else {
            Some(path).filter(|path| path.ends_with("table.parquet"))
        }
    })
}

#[test]
fn a_version_published_anew_has_another_draft_and_another_tag() {
    let store = tempfile::tempdir().expect("a folder can be made");
    let desk = Desk::over(store.path(), "office");
    let publish = |place: &str| {
        let document = json!({
            "meta": {"apiUri": "regions", "nameKk": "Өңірлер"},
            "fields": {"id": {"type": "Int", "pkey": true}, "орны": {"type": "String"}},
            "data": [{"id": 1, "орны": place}],
        });
        let request =
            Request::put("/datasets/regions").header("authorization", format!("Bearer {}", desk.token));
        let answer = desk.site.send(request.body(Body::from(document.to_string())).expect("a request"));
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()["version"].as_u64().expect("a number")
    };
    let page = "/datasets/regions/passport?format=html&lang=kk";
    let version = publish("Есіл");
    let first = desk.site.get(page);
    let tag = first.header("etag").expect("it has a tag").to_owned();
    assert!(first.text().contains("Есіл"), "{}", first.text());
    assert_eq!(desk.site.ask("GET", page, &[("if-none-match", &tag)]).status, 304);
    publish("Сарайшық");
    let second = desk.site.ask("GET", page, &[("if-none-match", &tag)]);
    assert_eq!(second.status, 200, "the passport is another one");
    assert!(second.text().contains("Сарайшық") && !second.text().contains("Есіл"), "{}", second.text());
    assert_ne!(second.header("etag"), Some(tag.as_str()));
    let before = desk.site.get(&format!("{page}&version={version}"));
    assert!(before.text().contains("Есіл") && !before.text().contains("Сарайшық"), "{}", before.text());
}

/// The plan of the program, in which one row is the regions.
fn plan() -> tempfile::TempDir {
    let own = NamedQueries::open(None).expect("they are sound").get("plan").expect("it is there").sql.clone();
    let regions = "CASE WHEN list = 'agency-113' AND number = 4 THEN 'regions' END AS dataset";
    let changed = own.replace("CAST(NULL AS TEXT) AS dataset", regions);
    assert_ne!(changed, own);
    let folder = tempfile::tempdir().expect("a folder can be made");
    std::fs::write(folder.path().join("plan.sql"), changed).expect("it can be written");
    folder
}

#[test]
fn a_plan_fills_what_the_document_lacks_and_is_named() {
    let folder = plan();
    let named = NamedQueries::open(Some(folder.path())).expect("they are sound");
    let limits = QueryLimits { is_yielding: false, ..QueryLimits::for_machine(4 << 30, 2) };
    let queries = QueryService::with_views(catalog(&[fixtures()]), limits, named.views());
    let site = Site::of_router(router(App::new(queries.expect("threads can be started"), named)));
    let json = site.get("/datasets/regions/passport").json();
    assert_eq!(json["1.2.1"]["update_frequency"], json!({"kk": "тоқсан сайын", "ru": "ежеквартально"}));
    assert_ne!(json["1.1.4"]["provider"], json!(null));
    let plan = &json["plan"];
    assert_eq!(
        (&plan["list"], &plan["number"], &plan["filled"]),
        (&json!("agency-113"), &json!(4), &json!(["1.2.1"]))
    );
    assert_eq!((&plan["matched_by"], &plan["score"]), (&json!("apiUri"), &json!(1.0)));
    assert_eq!(plan["deadline"], "есеп беру кезеңінен кейінгі айдың 15 күніне");
    assert!(!json["missing"].to_string().contains("1.2.1"));
    let kazakh = site.get("/datasets/regions/passport?format=html&lang=kk").text().to_owned();
    let row = "жариялау жоспары бойынша: Мемлекеттік қызмет істері және сыбайлас жемқорлыққа қарсы іс-қимыл агенттігі \
               (№ 113 бұйрық), 4-жол; сәйкестік: apiUri, 100 %";
    assert!(kazakh.contains(row), "{kazakh}");
    assert!(kazakh.contains("Мерзімі: есеп беру кезеңінен кейінгі айдың 15 күніне"));
    let russian = site.get("/datasets/regions/passport?format=md&lang=ru").text().to_owned();
    let row = "противодействию коррупции (приказ № 113), строка 4; соответствие: apiUri, 100 %";
    assert!(
        russian.contains("по плану публикации: Агентство по делам") && russian.contains(row),
        "{russian}"
    );
    assert!(!kazakh.contains("agency-113") && !russian.contains("agency-113"), "a code is for programs");
    let other = site.get("/datasets/cities/passport").json();
    assert!(other.get("plan").is_none() && other["1.2.1"]["update_frequency"].is_null());
    let printed = Command::new(env!("CARGO_BIN_EXE_derek"))
        .args(["passport", "--dataset", "regions", "--format", "json", "--queries"])
        .arg(folder.path())
        .arg(fixtures())
        .output()
        .expect("the program starts");
    let sent = site.get("/datasets/regions/passport");
    assert_eq!(String::from_utf8_lossy(&printed.stdout), sent.text(), "{printed:?}");
}

/// A plan that cannot be asked leaves the passport without it.
#[test]
fn a_plan_at_fault_is_left_out() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let query = "-- Жоспар?\n-- param dataset String: жиынтық\n-- column n Int: сан\nSELECT жоқ AS n FROM regions WHERE $dataset = ''";
    std::fs::write(folder.path().join("passport_plan.sql"), query).expect("it can be written");
    let named = NamedQueries::open(Some(folder.path())).expect("they are sound");
    let limits = QueryLimits { is_yielding: false, ..QueryLimits::for_machine(4 << 30, 2) };
    let queries = QueryService::with_views(catalog(&[fixtures()]), limits, named.views());
    let site = Site::of_router(router(App::new(queries.expect("threads can be started"), named)));
    let answer = site.get("/datasets/regions/passport");
    assert!(answer.status == 200 && answer.json().get("plan").is_none(), "{}", answer.text());
}
