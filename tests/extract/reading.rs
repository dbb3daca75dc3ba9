//! CSV, JSON and workbooks, as they come.

use std::fmt::Write as _;

use derek::assess::extract::{Form, MOST_FIELDS, MOST_ROWS, Report};
use derek::convert::bounds::MOST_CELL_BYTES;
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
fn a_quotation_mark_opens_a_cell_only_at_its_beginning() {
    let open =
        judged(Form::Csv, "аты;саны\nАлма;5\n\"Өрік;7\nАлмұрт;8\n".as_bytes()).expect_err("it is open");
    let place = open.place.as_deref().expect("it has a place");
    assert_eq!(
        (open.code, place.row, place.field.as_deref()),
        (Code::RequestBody, Some(2), Some("column 1"))
    );
    assert!(open.message.contains("line 3, column 1") && open.message.contains("quotation mark"), "{open}");
    assert!(!open.to_string().contains("Өрік"), "no cell is shown: {open}");
    let head = judged(Form::Csv, "\"аты;саны\nАлма;5\n".as_bytes()).expect_err("it is open");
    assert!(head.message.contains("line 1, column 1"), "{head}");
    assert_eq!(head.place.and_then(|place| place.row), None, "the head is no row");
    let bare = report(Form::Csv, "экран 5\";атауы\n15\";ЖШС \"Үлгі\n27\";\"ЖШС \"\"Алма\"\"\"\n");
    assert_eq!((names(&bare), bare.rows), (vec!["экран 5\"", "атауы"], 2));
    assert_eq!(top(&bare.fields[1]), [("ЖШС \"Алма\"", 1), ("ЖШС \"Үлгі", 1)]);
    assert_eq!(names(&report(Form::Csv, "\"а\"\"б;в\",г\n1,2\n")), ["а\"б;в", "г"]);
}

#[test]
fn a_value_has_a_length() {
    let long = "ә".repeat(MOST_CELL_BYTES / 2 + 1);
    let sheet = "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row><row r=\"2\"><c r=\"A2\" t=\"s\"><v>1</v></c></row>";
    let workbook = workbook_of(sheet, &format!("<si><t>аты</t></si><si><t>{long}</t></si>"), true);
    for (form, bytes, row) in [
        (Form::Csv, format!("саны,аты\n1,а\n2,{long}\n").into_bytes(), 2),
        (Form::Json, format!("[{{\"аты\": \"{long}\"}}]").into_bytes(), 1),
        (Form::Xlsx, workbook, 2),
    ] {
        let error = judged(form, &bytes).expect_err("it is too long");
        let place = error.place.as_deref().expect("it has a place");
        assert_eq!((error.code, place.row), (Code::RequestTooLarge, Some(row)), "{}", form.media_type());
        assert!(place.field.is_some(), "{}", form.media_type());
    }
}

#[test]
fn a_cell_far_away_costs_nothing_and_one_beyond_the_sheet_is_refused() {
    let sheet = |row: u64, cell: &str| {
        let head =
            "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row><row r=\"2\"><c r=\"A2\"><v>7</v></c></row>";
        let far = format!("{head}<row r=\"{row}\"><c r=\"{cell}\"><v>5</v></c></row>");
        workbook_of(&far, "<si><t>саны</t></si>", true)
    };
    let far = report(Form::Xlsx, sheet(1_048_576, "XFD1048576"));
    assert_eq!((names(&far), far.rows), (vec!["саны", "column 16384"], 2));
    for (row, cell) in [(1_048_577, "A1048577"), (3, "XFE3"), (3, "ZZZZZ3")] {
        let error = judged(Form::Xlsx, &sheet(row, cell)).expect_err("no sheet has it");
        assert_eq!(error.code, Code::RequestBody, "{cell}");
        assert_eq!(error.place.and_then(|place| place.row), Some(row), "{cell}");
    }
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
    workbook_of(&sheet, &shared, is_packed)
}

/// A workbook of one sheet with these rows and shared texts in XML.
fn workbook_of(sheet: &str, shared: &str, is_packed: bool) -> Vec<u8> {
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
    // But for the form itself, which is told.
    let of_workbook = |rows: &[&[&str]], is_packed| Report {
        form: Form::Csv,
        ..report(Form::Xlsx, workbook(rows, is_packed))
    };
    for is_packed in [false, true] {
        assert_eq!(of_workbook(&rows, is_packed), csv);
    }
    // A title over the head is none of it, and neither are empty rows.
    rows.insert(0, &[]);
    rows.insert(0, &["Дәріханалар тізілімі"]);
    assert_eq!(of_workbook(&rows, true), csv);
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
