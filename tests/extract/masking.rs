//! What restricts an extract, and that no personal value stands in what is said of it.

use derek::assess::extract::{Form, Verdict};
use derek::error::Code;

use super::{PERSONS, PHARMACIES, SECRETS, field, judged, report, top};

#[track_caller]
fn hides(text: &str, secrets: &[&str]) {
    for secret in secrets {
        assert!(!text.contains(secret), "{secret} stands in {text}");
    }
}

#[test]
fn a_table_of_persons_is_restricted_and_says_by_what() {
    let report = report(Form::Csv, PERSONS);
    assert_eq!((report.verdict, report.rows), (Verdict::Restricted, 2));
    let by: Vec<(&str, Option<&str>)> =
        report.reasons.iter().map(|reason| (reason.code, reason.field.as_deref())).collect();
    let expected = [
        ("iin", Some("ЖСН")),
        ("full_name", Some("аты-жөні")),
        ("phone", Some("телефон")),
        ("email", Some("пошта")),
    ];
    assert_eq!(by[..4], expected);
    let name = &field(&report, "аты-жөні").restricted[0];
    assert_eq!((name.rule, name.count, name.is_restricting), ("full_name", 2, true));
    assert!((name.share - 1.0).abs() < 1e-9);
    assert_eq!(name.samples, ["Ү***** Б**** С*******", "Ү****** А**** С********"]);
}

#[test]
fn nothing_personal_stands_in_any_output() {
    let report = report(Form::Csv, PERSONS);
    let json = serde_json::to_string(&report).expect("it is JSON");
    hides(&json, &SECRETS);
    hides(&report.text(), &SECRETS);
    // In a restricted table no field's values are shown: a surname alone is known to no rule.
    assert!(report.fields.iter().all(|field| field.is_masked));
    assert_eq!(top(field(&report, "аудан")), [("А*****", 1), ("Е***", 1)]);
    assert_eq!(field(&report, "ЖСН").greatest.as_deref(), Some("90**********"));
    assert_eq!(field(&report, "аты-жөні").patterns[0].count, 1);
    assert!(report.text().contains("restricted, score ") && report.text().contains("Ү***** Б**** С*******"));
}

#[test]
fn a_field_with_one_personal_value_is_masked_though_it_restricts_nothing() {
    // Of 400 notes one has a name: no more than the scan may get wrong.
    let notes = (0..399).map(|at| format!("Ескерту {at}\n")).collect::<Vec<_>>().concat();
    let report = report(Form::Csv, format!("мәтін\n{notes}Үлгіев Болат Серікұлы\n"));
    let text = &report.fields[0];
    assert_ne!(report.verdict, Verdict::Restricted);
    assert!(text.is_masked && !text.restricted[0].is_beyond_chance);
    hides(&serde_json::to_string(&report).expect("it is JSON"), &["Болат", "Үлгіев", "Серікұлы"]);
}

#[test]
fn contacts_alone_restrict_nothing_and_are_masked_all_the_same() {
    let contacts = "аты,телефон\nГиппократ,8 (7172) 00-00-01\nҒасыр,8 (7172) 00-00-02\n";
    let report = report(Form::Csv, contacts);
    assert_ne!(report.verdict, Verdict::Restricted);
    assert_eq!((field(&report, "аты").is_masked, field(&report, "телефон").is_masked), (false, true));
    hides(&serde_json::to_string(&report).expect("it is JSON"), &["7172", "00-00"]);
    assert!(field(&report, "телефон").restricted[0].is_beyond_chance);
    assert!(report_of_pharmacies_is_open());
}

fn report_of_pharmacies_is_open() -> bool {
    report(Form::Csv, PHARMACIES).fields.iter().all(|field| field.restricted.is_empty())
}

/// Neither column says anything alone: `restricted/parts.rs`.
#[test]
fn surnames_and_given_names_in_two_columns_are_persons() {
    let (surnames, given) = (["Қасымов", "Иванов", "Ахметова", "Ким"], ["Ерлан", "Пётр", "Айгүл"]);
    let row = |at: usize| format!("{},{},87010000{at:03},Есіл\n", surnames[at % 4], given[at % 3]);
    let rows: String = (0..300).map(row).collect();
    let judged = report(Form::Csv, format!("fam,im,tel,аудан\n{rows}"));
    let by: Vec<(&str, Option<&str>)> =
        judged.reasons.iter().map(|reason| (reason.code, reason.field.as_deref())).collect();
    let names = [("full_name", Some("fam")), ("full_name", Some("im")), ("phone", Some("tel"))];
    assert_eq!((judged.verdict, &by[..3]), (Verdict::Restricted, &names[..]));
    assert_eq!(field(&judged, "fam").restricted[0].count, 225);
    hides(&serde_json::to_string(&judged).expect("it is JSON"), &["Қасымов", "Ким", "Ерлан", "Айгүл"]);
    let member = |at: usize| {
        format!(r#"{{"адам": {{"fam": "{}", "im": "{}"}}, "реті": {at}}}"#, surnames[at % 4], given[at % 3])
    };
    let members = (0..8).map(member).collect::<Vec<_>>().join(",");
    assert_eq!(report(Form::Json, format!("[{members}]")).verdict, Verdict::Restricted);
    let shop = |at: usize| format!("{},Павлодар\n", given[at % 3]);
    let shops: String = (0..300).map(shop).collect();
    assert_ne!(report(Form::Csv, format!("дүкен,қала\n{shops}")).verdict, Verdict::Restricted);
}

/// 900101300018 fails its check digit: it is masked, and restricts nothing.
#[test]
fn a_number_with_its_name_is_masked_though_it_fails_its_check() {
    let judged = report(Form::Csv, "ескерту\nЖСН 900101300018\nТапсырыс 900101300018\n");
    let hit = &field(&judged, "ескерту").restricted[0];
    assert_eq!((hit.rule, hit.count, hit.is_beyond_chance, hit.is_restricting), ("iin", 1, false, false));
    assert_ne!(judged.verdict, Verdict::Restricted);
    hides(&serde_json::to_string(&judged).expect("it is JSON"), &["900101300018"]);
}

#[test]
fn a_table_without_a_head_is_refused_without_its_values() {
    let rows = PERSONS.split_once('\n').map(|(_, rows)| rows).expect("it has a head");
    for (form, text) in [
        (Form::Csv, rows.to_owned()),
        (Form::Json, r#"[{"Үлгіев Болат Серікұлы": 1, "900101300017": 2}]"#.to_owned()),
        (Form::Json, r#"[{"a": "900101300017"}, "Үлгіев Болат Серікұлы"]"#.to_owned()),
        (Form::Json, r#""Үлгіев Болат Серікұлы 900101300017""#.to_owned()),
        (Form::Json, r#"[{"a": "900101300017" "Үлгіев Болат Серікұлы"}]"#.to_owned()),
    ] {
        let error = judged(form, text.as_bytes()).expect_err("it is no extract");
        assert_eq!(error.code, Code::RequestBody, "{error}");
        hides(&format!("{error} {error:?}"), &SECRETS);
    }
}

#[test]
fn control_characters_of_an_extract_reach_no_terminal() {
    let report = report(Form::Csv, "а\u{1b}[2J,b\n\u{1b}[31mқызыл\u{7},\"x\ny\"\n");
    assert!(!report.text().contains(['\u{1b}', '\u{7}']), "{:?}", report.text());
}
