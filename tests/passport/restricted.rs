//! What a plan and the scan for personal data add to the passport of a dataset.

use std::process::Command;

use derek::assess::NamedQueries;
use derek::assess::passport::{MOST_SCANNED, Restriction};
use derek::assess::restricted::Day;
use derek::query::{QueryLimits, QueryService};
use derek::serve::{App, router};
use serde_json::json;

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
        ("?format=md&lang=kk", "2 жолдың алғашқы 2 жолы"),
    ] {
        let answer = site.get(&format!("/datasets/patients/passport{parameters}"));
        assert!(answer.status == 200 && answer.text().contains(said), "{parameters}: {}", answer.text());
        for secret in SECRETS {
            assert!(!answer.text().contains(secret), "{parameters} {secret}");
        }
        let again = site.get(&format!("/datasets/patients/passport{parameters}"));
        assert_eq!(again.text(), answer.text(), "what is kept is the same");
    }
    assert!(json.to_string().contains("Есіл"), "what is not personal is an example");
    // On the title page, and where the scan is told of.
    let html = site.get("/datasets/patients/passport?format=html").text().to_owned();
    assert_eq!(html.matches("Дербес деректер табылды").count(), 2);
}

#[test]
fn contacts_of_pharmacies_restrict_nothing() {
    let site = Site::over_fixtures();
    let json = site.get("/datasets/astana_pharmacies/passport").json();
    let restriction = &json["restriction"];
    assert_eq!((&restriction["is_restricted"], &restriction["scanned_rows"]), (&json!(false), &json!(24)));
    let html = site.get("/datasets/astana_pharmacies/passport?format=html&lang=ru").text().to_owned();
    assert!(
        !html.contains("Найдены персональные данные") && html.contains("Проверено строк: первые 24 из 24.")
    );
}

/// Only the first rows are scanned, and that is said.
#[test]
fn a_long_table_is_scanned_at_its_start() {
    let rows: Vec<String> =
        (0..MOST_SCANNED + 5_000).map(|at| format!("{{\"id\":{at},\"а\":\"Ә\"}}")).collect();
    let text = format!(
        r#"{{"fields": {{"id": {{"type": "Int"}}, "а": {{"type": "String"}}}}, "data": [{}]}}"#,
        rows.join(",")
    );
    let folder = tempfile::tempdir().expect("a folder can be made");
    std::fs::write(folder.path().join("d.json"), text).expect("it can be written");
    let snapshot = catalog(&[folder.path()]).snapshot();
    let dataset = snapshot.require("d").expect("it is the file's name");
    let as_of = Day::new(2026, 11, 1).expect("a day");
    let found = Restriction::of_dataset(dataset, as_of, &|| Ok(())).expect("it is in memory");
    assert_eq!((found.rows, found.scanned), (MOST_SCANNED + 5_000, MOST_SCANNED));
    assert!(found.found.is_empty() && !found.is_restricted());
    let stopped = Restriction::of_dataset(dataset, as_of, &|| {
        Err(derek::error::Error::new(derek::error::Code::QueryCancelled, "nobody waits"))
    });
    assert!(stopped.is_err(), "who left is not waited for");
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
    assert!(kazakh.contains("жариялау жоспары бойынша: agency-113, 4-жол"), "{kazakh}");
    assert!(kazakh.contains("Мерзімі: есеп беру кезеңінен кейінгі айдың 15 күніне"));
    let russian = site.get("/datasets/regions/passport?format=md&lang=ru").text().to_owned();
    assert!(russian.contains("по плану публикации: agency-113, строка 4"), "{russian}");
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
