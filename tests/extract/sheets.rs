//! Workbooks of several sheets: each is scanned, and those that are not are named.

use std::fmt::Write as _;

use derek::assess::extract::{Form, Report, Said, Verdict};

use super::reading::archive;
use super::{SECRETS, names, report, top};

/// A sheet: its name, and its rows with their numbers.
type Sheet<'a> = (&'a str, &'a [(u32, &'a [&'a str])]);

const SHOPS: Sheet<'_> =
    ("Дәріханалар", &[(1, &["id", "атауы"]), (2, &["1", "Гиппократ"]), (3, &["2", "Ғасыр"])]);

/// A workbook of sheets; cells are shared texts, but for numbers.
fn book(sheets: &[Sheet<'_>]) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let (mut shared, mut texts) = (String::new(), 0);
    let (mut list, mut relations, mut files) = (String::new(), String::new(), Vec::new());
    for (at, (name, rows)) in (1..).zip(sheets) {
        let mut sheet = String::new();
        for (row, cells) in *rows {
            write!(sheet, "<row r=\"{row}\">").expect("a text takes all");
            for (column, cell) in ('A'..).zip(*cells) {
                if cell.parse::<f64>().is_ok() {
                    write!(sheet, "<c r=\"{column}{row}\"><v>{cell}</v></c>").expect("a text takes all");
                } else {
                    write!(sheet, "<c r=\"{column}{row}\" t=\"s\"><v>{texts}</v></c>")
                        .expect("a text takes all");
                    write!(shared, "<si><t>{cell}</t></si>").expect("a text takes all");
                    texts += 1;
                }
            }
            sheet.push_str("</row>");
        }
        write!(list, "<sheet name=\"{name}\" sheetId=\"{at}\" r:id=\"rId{at}\"/>").expect("a text takes all");
        let target = format!("Type=\"{office}/worksheet\" Target=\"worksheets/sheet{at}.xml\"");
        write!(relations, "<Relationship Id=\"rId{at}\" {target}/>").expect("a text takes all");
        let path = format!("xl/worksheets/sheet{at}.xml");
        files.push((path, format!("<worksheet xmlns=\"{main}\"><sheetData>{sheet}</sheetData></worksheet>")));
    }
    let target = format!("Type=\"{office}/sharedStrings\" Target=\"sharedStrings.xml\"");
    write!(relations, "<Relationship Id=\"rId99\" {target}/>").expect("a text takes all");
    let root =
        format!("<Relationship Id=\"rId1\" Type=\"{office}/officeDocument\" Target=\"xl/workbook.xml\"/>");
    for (path, relations) in [("_rels/.rels", root), ("xl/_rels/workbook.xml.rels", relations)] {
        let text = format!("<Relationships xmlns=\"{package}\">{relations}</Relationships>");
        files.push((path.to_owned(), text));
    }
    let workbook =
        format!("<workbook xmlns=\"{main}\" xmlns:r=\"{office}\"><sheets>{list}</sheets></workbook>");
    files.push(("xl/workbook.xml".to_owned(), workbook));
    files.push(("xl/sharedStrings.xml".to_owned(), format!("<sst xmlns=\"{main}\">{shared}</sst>")));
    let head = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>";
    let files: Vec<(&str, Vec<u8>)> =
        files.iter().map(|(path, text)| (path.as_str(), format!("{head}{text}").into_bytes())).collect();
    archive(&files, true)
}

fn judged(sheets: &[Sheet<'_>]) -> Report {
    report(Form::Xlsx, book(sheets))
}

#[track_caller]
fn hides_all(report: &Report) {
    let (json, draft) = (serde_json::to_string(report).expect("it is JSON"), report.draft("d").to_json());
    for secret in SECRETS {
        assert!(!json.contains(secret) && !report.text().contains(secret), "{secret} stands in {json}");
        assert!(!draft.to_string().contains(secret), "{secret} stands in {draft}");
    }
}

#[test]
fn persons_of_another_sheet_restrict_the_workbook() {
    let staff: Sheet<'_> = (
        "Қызметкерлер",
        &[
            (1, &["аты-жөні", "телефон"]),
            (2, &["Үлгіев Болат Серікұлы", "+7 701 000 00 01"]),
            (3, &["Үлгіева Айгүл Серікқызы", "+7 701 000 00 02"]),
        ],
    );
    let report = judged(&[SHOPS, staff]);
    assert_eq!((report.verdict, report.rows, names(&report)), (Verdict::Restricted, 2, vec!["id", "атауы"]));
    let [sheet] = &report.sheets[..] else { panic!("one other sheet: {:?}", report.sheets) };
    assert_eq!((sheet.sheet.as_str(), sheet.rows, &sheet.not_judged), ("Қызметкерлер", 2, &None));
    let found: Vec<(&str, &str, u64, bool)> = sheet
        .restricted
        .iter()
        .map(|it| (it.field.as_str(), it.hit.rule, it.hit.count, it.hit.is_restricting))
        .collect();
    assert_eq!(found, [("аты-жөні", "full_name", 2, true), ("телефон", "phone", 2, true)]);
    let reason = &report.reasons[0];
    assert_eq!((reason.code, reason.sheet.as_deref()), ("full_name", Some("Қызметкерлер")));
    let criterion = &report.criteria[0];
    assert_eq!(criterion.is_met, Some(false));
    assert_eq!(
        criterion.ground_ru,
        "персональные данные на других листах («Қызметкерлер»), пока человек не решит иначе"
    );
    // The first sheet is a table of its own: nothing in it is masked.
    assert_eq!(top(&report.fields[1]), [("Гиппократ", 1), ("Ғасыр", 1)]);
    hides_all(&report);
    let restriction = report.draft("d").restriction.expect("it was scanned");
    assert!(restriction.is_restricted());
    assert_eq!(restriction.found[0].attribute, "Қызметкерлер: аты-жөні");
    let said = Said { not_restricted: Some("тізім ашық".to_owned()), ..Said::default() };
    let lifted = report.with_said(&said);
    assert_eq!((lifted.criteria[0].is_met, lifted.verdict == Verdict::Restricted), (Some(true), false));
    // Readiness and fields stay those of the first sheet.
    let alone = judged(&[SHOPS]);
    assert_eq!((&alone.fields, &alone.readiness), (&lifted.fields, &lifted.readiness));
    assert!(alone.sheets.is_empty());
}

#[test]
fn another_sheet_without_a_head_hides_nobody() {
    let rows: Sheet<'_> = (
        "Парақ2",
        &[(1, &["Үлгіев Болат Серікұлы", "900101300017"]), (2, &["Үлгіева Айгүл Серікқызы", "020101500015"])],
    );
    let report = judged(&[SHOPS, rows, ("Бос", &[]), ("Мұқаба", &[(1, &["Есеп"])])]);
    assert_eq!((report.verdict, report.sheets.len()), (Verdict::Restricted, 1));
    let fields: Vec<&str> = report.sheets[0].restricted.iter().map(|it| it.field.as_str()).collect();
    assert_eq!(fields, ["column 1", "column 2"]);
    hides_all(&report);
}

#[test]
fn a_sheet_that_is_not_judged_is_named() {
    let broken: Sheet<'_> = ("Қосымша", &[(1, &["саны"]), (2, &["5"]), (1_048_577, &["7"])]);
    let report = judged(&[SHOPS, broken]);
    let sheet = &report.sheets[0];
    assert_eq!((sheet.sheet.as_str(), sheet.rows, sheet.not_judged.is_some()), ("Қосымша", 1, true));
    assert_ne!(report.verdict, Verdict::Restricted);
    assert_eq!(report.criteria[0].is_met, None);
    assert_eq!(report.criteria[0].ground_kk, "белгісіз: мына парақтар толық тексерілмеді: «Қосымша»");
    assert!(report.reasons.iter().any(|it| it.code == "not_judged" && it.text.contains("Қосымша")));
    let said = Said { not_restricted: Some("бос парақ".to_owned()), ..Said::default() };
    assert_eq!(report.with_said(&said).criteria[0].is_met, Some(true));
}

/// The name of a sheet may be that of a person.
#[test]
fn the_name_of_a_sheet_is_masked() {
    let sheet: Sheet<'_> = ("Үлгіев Болат Серікұлы", &[(1, &["ай", "саны"]), (2, &["қаңтар", "5"])]);
    let report = judged(&[SHOPS, sheet]);
    assert_eq!((report.sheets[0].sheet.as_str(), report.sheets[0].rows), ("Ү***** Б**** С*******", 1));
    hides_all(&report);
}
