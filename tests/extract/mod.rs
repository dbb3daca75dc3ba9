//! Extracts of information systems: how they are read, what is said of them, and what is never shown.

mod commas;
mod doors;
mod drafts;
mod masking;
mod reading;
mod scores;
mod sheets;
mod templates;

use derek::assess::extract::{FieldReport, Form, Options, Report, analyse};
use derek::assess::restricted::Day;
use derek::error::Result;

/// A table with persons: an IIN each, names, telephones, addresses of mail, and a district. 900101300017 and
/// 020101500015 are worked out in `restricted/values.rs`.
const PERSONS: &str = "\u{feff}ЖСН,аты-жөні,телефон,пошта,аудан\n\
    900101300017,Үлгіев Болат Серікұлы,+7 701 000 00 01,bolat@example.kz,Алматы\n\
    020101500015,Үлгіева Айгүл Серікқызы,+7 701 000 00 02,aigul@example.kz,Есіл\n";

/// What of it must stand nowhere: each value, and each word of the names.
const SECRETS: [&str; 14] = [
    "900101300017",
    "020101500015",
    "Үлгіев",
    "Болат",
    "Серікұлы",
    "Үлгіева",
    "Айгүл",
    "Серікқызы",
    "701 000",
    "00 01",
    "00 02",
    "bolat",
    "aigul",
    "example",
];

/// A table without persons: five fields, four rows.
const PHARMACIES: &str = "id;атауы;мекенжай;ашылған күні;бағасы\n\
    1;Дәріхана № 1;Абай көшесі, 10;31.12.2024;12.5\n\
    2;Гиппократ;Сарыарқа даңғылы, 5;01.02.2023;7\n\
    3;Ғасыр;Тәуелсіздік көшесі, 7;15.06.2022;\n\
    4;Қуаныш;;белгісіз;3.25\n";

/// A document whose fields stand after its rows: an id, a region, a point.
const DOCUMENT: &str = r#"{"meta": {"apiUri": "shops"},
    "data": [{"id": 1, "region": 71, "geo": "51.1,71.4"}, {"id": 2, "region": 99999, "geo": null}],
    "fields": {"id": {"type": "Int", "labelKk": "нөмірі", "labelRu": "номер"},
               "region": {"type": "Int", "labelKk": "өңір", "datapath": "regions.id"},
               "geo": {"type": "Geoposition", "labelKk": "орны", "labelRu": "место"}}}"#;

fn judged(form: Form, bytes: &[u8]) -> Result<Report> {
    let as_of = Day::new(2026, 11, 1).expect("a day of the calendar");
    analyse(bytes, &Options { form, as_of, datasets: None, check: &|| Ok(()) })
}

#[track_caller]
fn report(form: Form, text: impl AsRef<[u8]>) -> Report {
    judged(form, text.as_ref()).unwrap_or_else(|error| panic!("{error}"))
}

#[track_caller]
fn field<'r>(report: &'r Report, name: &str) -> &'r FieldReport {
    let field = report.fields.iter().find(|field| field.field == name);
    field.unwrap_or_else(|| panic!("no field {name}"))
}

fn names(report: &Report) -> Vec<&str> {
    report.fields.iter().map(|field| field.field.as_str()).collect()
}

/// Values that are shown as frequent, with their counts.
fn top(field: &FieldReport) -> Vec<(&str, u64)> {
    field.top.iter().map(|it| (it.text.as_str(), it.count)).collect()
}
