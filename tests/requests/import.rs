//! `derek assess requests`: files of requests and events into a store, by the real program.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use derek::catalog::{Access, Store};
use serde_json::json;

use super::Office;

fn import(store: &Path, files: &[(&str, &Path)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_derek"));
    command.args(["assess", "requests", "--store"]).arg(store);
    for (option, file) in files {
        command.arg(option).arg(file);
    }
    command.output().expect("the program starts")
}

/// A store in a folder, with nothing in it.
fn store(folder: &Path) -> PathBuf {
    let store = folder.join("store");
    drop(Store::open(&store, Access::Write).expect("it can be made"));
    store
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("output is UTF-8")
}

const REQUESTS: &str = "id;kind;requester;text;body;received_at;contact\n\
    r1;publish;citizen;Менің ЖСН 900101300017, мектептер керек;Әкімдік;2025-03-10T12:00:00+05:00;Айгүл@example.kz\n\
    r2;update;business;Жаңарту;Әкімдік;2025-03-11;\n";

#[test]
fn files_of_requests_and_events_are_kept() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let (store, requests, events) =
        (store(folder.path()), folder.path().join("requests.csv"), folder.path().join("events.JSON"));
    std::fs::write(&requests, REQUESTS).expect("it can be written");
    let happened = json!([
        {"request": "r1", "event": "sent", "at": "2025-03-10"},
        {"request": "r1", "event": "published", "at": "2025-04-20T06:00:00Z", "dataset": "мектептер"},
        {"request": "r2", "event": "processed", "at": "2025-04-05"},
    ]);
    std::fs::write(&events, happened.to_string()).expect("it can be written");
    let output = import(&store, &[("--requests", &requests), ("--events", &events)]);
    let said = format!("2 requests kept in {0}\n3 events kept in {0}\n", store.display());
    assert_eq!(
        (output.status.code(), text(&output.stdout)),
        (Some(0), ""),
        "all came with names: {output:?}"
    );
    assert!(text(&output.stderr).starts_with(&said), "{output:?}");
    assert!(text(&output.stderr).contains("warning: row 2: no dataset 'мектептер' is published here"));
    let office = Office::over(&store, "office");
    let status = office.site.get("/requests/r1").json();
    assert_eq!(
        (&status["state"], &status["events"][1]["dataset"]),
        (&json!("published"), &json!("мектептер"))
    );
    let told = office.site.sql("SELECT id, text, requester_hash FROM system.requests ORDER BY id");
    let masked = told[0]["text"].as_str().expect("it is a text");
    assert!(masked.contains("мектептер керек") && !masked.contains("900101300017"), "{masked}");
    assert_eq!((&told[1]["id"], told[0]["requester_hash"].as_str().map(str::len)), (&json!("r2"), Some(16)));
    // A server holds the store: the files are for it.
    let again = import(&store, &[("--events", &events)]);
    assert_eq!(again.status.code(), Some(1));
    let said = text(&again.stderr);
    assert!(said.contains("error[store.locked]") && said.contains("POST /requests/events"), "{said}");
    drop(office);
    let again = import(&store, &[("--requests", &requests)]);
    let said = text(&again.stderr);
    assert!(
        again.status.code() == Some(1) && said.contains("'r1'") && said.contains("requests.csv"),
        "{said}"
    );
}

#[test]
fn all_of_a_file_is_kept_or_none() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let (store, requests, events) =
        (store(folder.path()), folder.path().join("requests.csv"), folder.path().join("events.csv"));
    std::fs::write(&requests, REQUESTS.replace("update", "delete")).expect("it can be written");
    std::fs::write(&events, "request,event\nr1,processed\nr3,sent\n").expect("it can be written");
    let output = import(&store, &[("--requests", &requests), ("--events", &events)]);
    let said = text(&output.stderr);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(1), ""), "{said}");
    assert!(said.contains("error[request.body]: 'kind': unknown variant `delete`"), "{said}");
    assert!(said.contains("requests.csv, row 2, field kind"), "{said}");
    std::fs::write(&requests, REQUESTS).expect("it can be written");
    let output = import(&store, &[("--requests", &requests), ("--events", &events)]);
    let said = text(&output.stderr);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(1), ""), "{said}");
    assert!(said.contains("no request 'r3'") && said.contains("events.csv, row 2"), "{said}");
    assert!(!said.contains("kept in"), "nothing is, of either file: {said}");
    // What was mended is taken by the same command.
    std::fs::write(&events, "request,event\nr1,processed\nr2,sent\n").expect("it can be written");
    let output = import(&store, &[("--requests", &requests), ("--events", &events)]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let office = Office::over(&store, "office");
    let count =
        |table: &str| office.site.sql(&format!("SELECT count(*) AS n FROM system.{table}"))[0]["n"].clone();
    assert_eq!((count("requests"), count("request_events")), (json!(2), json!(2)));
    drop(office);
    let none = import(&store, &[]);
    assert!(none.status.code() == Some(2) && text(&none.stderr).contains("--requests <FILE>"), "{none:?}");
    let other = import(&store, &[("--requests", Path::new("сұрау.xlsx"))]);
    assert!(
        other.status.code() == Some(1) && text(&other.stderr).contains("expected .json or .csv"),
        "{other:?}"
    );
    assert!(Store::open(&store, Access::Write).is_ok(), "nobody holds it");
}

#[test]
fn the_names_that_were_made_are_printed() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let (store, requests) = (store(folder.path()), folder.path().join("requests.csv"));
    std::fs::write(&requests, REQUESTS.replace("\nr2;", "\n;")).expect("it can be written");
    let output = import(&store, &[("--requests", &requests)]);
    let names = text(&output.stdout);
    let id =
        names.strip_prefix("row,id\n2,").and_then(|rest| rest.strip_suffix('\n')).expect("the second row");
    assert!(output.status.code() == Some(0) && id.len() == 16, "{output:?}");
    assert!(text(&output.stderr).starts_with("2 requests kept in "), "{output:?}");
    let office = Office::over(&store, "office");
    assert_eq!(office.site.get(&format!("/requests/{id}")).json()["text"], "Жаңарту");
}

#[test]
fn a_mistyped_store_is_none() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let (mistyped, requests) = (folder.path().join("қойма"), folder.path().join("requests.csv"));
    std::fs::write(&requests, REQUESTS).expect("it can be written");
    let output = import(&mistyped, &[("--requests", &requests)]);
    let said = text(&output.stderr);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(1), ""), "{said}");
    assert!(
        said.contains("error[store.io]") && said.contains("is no store: it has no ledger.sqlite"),
        "{said}"
    );
    assert!(!mistyped.exists(), "none is made");
}
