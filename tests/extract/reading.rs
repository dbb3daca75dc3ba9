//! CSV, JSON and workbooks, as they come.

use std::fmt::Write as _;

use derek::assess::extract::{Form, MOST_FIELDS, MOST_ROWS};
use derek::error::Code;

use super::{PHARMACIES, field, judged, names, report, top};

#[test]
fn cells_are_parted_by_commas_semicolons_or_tabs() {
    for delimiter in [",", ";", "\t"] {
        for mark in ["", "\u{feff}"] {
            let text = format!("{mark}\"атауы, толық; ресми\"|саны\r\n\"Дәріхана; № 1,\"|5\r\n")
                .replace('|', delimiter);
            let report = report(Form::Csv, text);
            assert_eq!(names(&report), ["атауы, толық; ресми", "саны"], "{delimiter:?}");
            assert_eq!(top(&report.fields[0]), [("Дәріхана; № 1,", 1)]);
        }
    }
    assert_eq!(names(&report(Form::Csv, "бір баған\nқала\n")), ["бір баған"]);
}

#[test]
fn a_table_that_is_not_utf_8_is_windows_1251_with_kazakh_letters() {
    // In KZ-1048 Қ stands where windows-1251 has Ќ, and Ө where it has Ґ.
    let (bytes, ..) = encoding_rs::WINDOWS_1251.encode("город;саны\nАЌКҐЛ;5\nМосква;6\n");
    let report = report(Form::Csv, bytes);
    assert_eq!(top(field(&report, "город")), [("АҚКӨЛ", 1), ("Москва", 1)]);
    let error = judged(Form::Csv, b"\xFF\xFEa\0\n\0").expect_err("it is UTF-16");
    assert!(error.message.contains("UTF-16"), "{error}");
}

#[test]
fn odd_heads_and_ragged_rows_lose_no_cell() {
    let report = report(Form::Csv, "аты,аты,,d\n1,2,3,4,5\n\n6\n");
    assert_eq!(names(&report), ["аты", "аты (2)", "d", "column 3", "column 5"]);
    let values = |name: &str| (field(&report, name).values, field(&report, name).nulls);
    assert_eq!(
        [values("аты"), values("column 3"), values("column 5"), values("d")],
        [(2, 0), (1, 1), (1, 1), (1, 1)]
    );
    assert_eq!(report.rows, 2);
}

#[test]
fn objects_and_lists_are_taken_apart() {
    let text = r#"[{"a": {"b": 1, "c": null}, "phones": ["x", "y"], "d": null, "e": null},
                   {"a": null, "phones": null, "e": {"f": true}, "тізім": [{"g": 1.5}, {"g": 2}]}]"#;
    let report = report(Form::Json, text);
    // What is null first and an Object later is no field of its own.
    assert_eq!(names(&report), ["a.b", "a.c", "phones[]", "d", "e.f", "тізім[].g"]);
    let phones = field(&report, "phones[]");
    assert_eq!((phones.values, phones.nulls, phones.is_key), (2, 1, false));
    assert_eq!(field(&report, "тізім[].g").kind, "Double");
    assert_eq!(names(&super::report(Form::Json, r#"[{"": 1, "x": {"": 2}}]"#)), [".", "x."]);
    for text in [r#"{"error": false, "items": [{"id": 7}]}"#, r#"{"x": [], "data": [{"id": 7}]}"#] {
        assert_eq!(top(&super::report(Form::Json, text).fields[0]), [("7", 1)]);
    }
}

#[test]
fn what_is_no_extract_says_where_and_what_to_try() {
    for (form, text, code) in [
        (Form::Csv, "", Code::RequestBody),
        (Form::Csv, "a,b\n", Code::RequestBody),
        (Form::Json, "[]", Code::RequestBody),
        (Form::Json, "{}", Code::RequestBody),
        (Form::Json, "[{}]", Code::RequestBody),
        (Form::Json, "[{\"a\": 1},\n {\"a\" 2}]", Code::RequestBody),
        (Form::Json, "[{\"a\": 1}] x", Code::RequestBody),
        (Form::Xlsx, "a,b\n1,2\n", Code::RequestBody),
    ] {
        let error = judged(form, text.as_bytes()).expect_err(text);
        assert_eq!(error.code, code, "{text}: {error}");
    }
    let error = judged(Form::Json, b"[{\"a\": 1},\n {\"a\" 2}]").expect_err("a colon is missing");
    assert_eq!(error.place.and_then(|place| place.line), Some(2));
    let error = judged(Form::Json, b"[{\"a\": 1}, 5]").expect_err("5 is no object");
    assert_eq!(error.place.and_then(|place| place.row), Some(2));
}

#[test]
fn fields_have_a_bound() {
    let head: Vec<String> = (0..=MOST_FIELDS).map(|at| format!("f{at}")).collect();
    let error = judged(Form::Csv, format!("{}\n1\n", head.join(",")).as_bytes()).expect_err("too many");
    assert_eq!(error.code, Code::RequestTooLarge);
    let long = format!("[{{\"{}\": 1}}]", "ә".repeat(501));
    assert_eq!(judged(Form::Json, long.as_bytes()).expect_err("a long name").code, Code::RequestBody);
    let wide = format!("{{\"fields\": [{}1], \"data\": [{{\"a\": 1}}]}}", "1,".repeat(100_000));
    assert_eq!(judged(Form::Json, wide.as_bytes()).expect_err("no fields").code, Code::RequestBody);
    let deep = format!("[{}1{}]", "{\"a\":".repeat(200), "}".repeat(200));
    assert_eq!(judged(Form::Json, deep.as_bytes()).expect_err("too deep").code, Code::RequestBody);
}

#[test]
#[ignore = "a million rows take long in a debug build"]
fn rows_have_a_bound() {
    let rows = usize::try_from(MOST_ROWS).expect("it fits");
    let text = format!("a\n{}", "1\n".repeat(rows));
    assert_eq!(report(Form::Csv, &text).rows, MOST_ROWS);
    let error = judged(Form::Csv, format!("{text}1\n").as_bytes()).expect_err("one too many");
    assert_eq!(
        (error.code, error.place.and_then(|place| place.row)),
        (Code::RequestTooLarge, Some(MOST_ROWS + 1))
    );
}

/// An archive of files that are packed, or stored as they are.
pub(super) fn archive(files: &[(&str, Vec<u8>)], is_packed: bool) -> Vec<u8> {
    let (mut bytes, mut list) = (Vec::new(), Vec::new());
    for (name, content) in files {
        let mut crc = flate2::Crc::new();
        crc.update(content);
        let packed = if is_packed {
            let mut packer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
            std::io::Write::write_all(&mut packer, content).expect("memory takes all");
            packer.finish().expect("memory takes all")
        } else {
            content.clone()
        };
        let size = |length: usize| u32::try_from(length).expect("it is small").to_le_bytes();
        // Version, flags, method, time, date; checksum and sizes; lengths of the name and of what follows it.
        let mut head = vec![20, 0, 0, 0, if is_packed { 8 } else { 0 }, 0, 0, 0, 0x21, 0];
        head.extend(crc.sum().to_le_bytes());
        head.extend([size(packed.len()), size(content.len())].concat());
        head.extend([u8::try_from(name.len()).expect("it is short"), 0, 0, 0]);
        let place = size(bytes.len());
        bytes
            .extend([b"PK\x03\x04".as_slice(), head.as_slice(), name.as_bytes(), packed.as_slice()].concat());
        list.extend(
            [b"PK\x01\x02\x14\0".as_slice(), head.as_slice(), &[0; 10], &place, name.as_bytes()].concat(),
        );
    }
    let size = |length: usize| u32::try_from(length).expect("it is small").to_le_bytes();
    let count = u8::try_from(files.len()).expect("they are few");
    let (place, length) = (size(bytes.len()), size(list.len()));
    bytes.extend(list);
    bytes.extend(
        [b"PK\x05\x06".as_slice(), &[0, 0, 0, 0, count, 0, count, 0], &length, &place, &[0, 0]].concat(),
    );
    bytes
}

/// A workbook of one sheet; cells are shared texts, but for numbers.
pub(super) fn workbook(rows: &[&[&str]], is_packed: bool) -> Vec<u8> {
    let (mut sheet, mut shared, mut texts) = (String::new(), String::new(), 0);
    for (row, cells) in (1..).zip(rows) {
        write!(sheet, "<row r=\"{row}\">").expect("a text takes all");
        for (column, cell) in ('A'..).zip(*cells).filter(|(_, cell)| !cell.is_empty()) {
            if cell.parse::<f64>().is_ok() {
                write!(sheet, "<c r=\"{column}{row}\"><v>{cell}</v></c>").expect("a text takes all");
            } else {
                write!(sheet, "<c r=\"{column}{row}\" t=\"s\"><v>{texts}</v></c>").expect("a text takes all");
                write!(shared, "<si><t>{cell}</t></si>").expect("a text takes all");
                texts += 1;
            }
        }
        sheet.push_str("</row>");
    }
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let relation = |id: u8, kind: &str, target: &str| {
        format!("<Relationship Id=\"rId{id}\" Type=\"{office}/{kind}\" Target=\"{target}\"/>")
    };
    let relations = |all: String| format!("<Relationships xmlns=\"{package}\">{all}</Relationships>");
    let files = [
        ("_rels/.rels", relations(relation(1, "officeDocument", "xl/workbook.xml"))),
        (
            "xl/_rels/workbook.xml.rels",
            relations(
                relation(1, "worksheet", "worksheets/sheet1.xml")
                    + &relation(2, "sharedStrings", "sharedStrings.xml"),
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{office}\"><sheets>\
                 <sheet name=\"Деректер\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!("<worksheet xmlns=\"{main}\"><sheetData>{sheet}</sheetData></worksheet>"),
        ),
        ("xl/sharedStrings.xml", format!("<sst xmlns=\"{main}\">{shared}</sst>")),
    ];
    let files = files.map(|(name, text)| {
        (name, format!("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>{text}").into_bytes())
    });
    archive(&files, is_packed)
}

#[test]
fn a_workbook_says_what_the_same_csv_says() {
    let rows: Vec<Vec<&str>> = PHARMACIES.lines().map(|line| line.split(';').collect()).collect();
    let mut rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
    let csv = report(Form::Csv, PHARMACIES);
    for is_packed in [false, true] {
        assert_eq!(report(Form::Xlsx, workbook(&rows, is_packed)), csv);
    }
    // A title over the head is none of it, and neither are empty rows.
    rows.insert(0, &[]);
    rows.insert(0, &["Дәріханалар тізілімі"]);
    assert_eq!(report(Form::Xlsx, workbook(&rows, true)), csv);
    let one = report(Form::Xlsx, workbook(&[&["қала"], &["Астана"], &["Шымкент"]], true));
    assert_eq!((names(&one), one.rows), (vec!["қала"], 2));
}

#[test]
fn a_workbook_that_unpacks_to_too_much_is_refused() {
    let zeros = vec![b' '; (256 << 20) + 1];
    let bytes = archive(&[("xl/sharedStrings.xml", zeros)], true);
    assert!(bytes.len() < 8 << 20);
    assert_eq!(judged(Form::Xlsx, &bytes).expect_err("it is a bomb").code, Code::RequestBody);
    for bytes in [&b"PK\x05\x06"[..], b"PK", &[0; 64]] {
        assert_eq!(judged(Form::Xlsx, bytes).expect_err("it is no workbook").code, Code::RequestBody);
    }
    // Cut anywhere, a workbook is refused and nothing breaks.
    let whole = workbook(&[&["аты", "саны"], &["Ғасыр", "5"]], true);
    for end in 0..whole.len() {
        assert!(judged(Form::Xlsx, &whole[..end]).is_err(), "{end}");
    }
}
