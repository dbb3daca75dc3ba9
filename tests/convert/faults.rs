//! What is refused, and what is said about it.

use derek::convert::bounds::MOST_CELL_BYTES;
use derek::convert::quotation::{FlawKind, flaw};
use derek::convert::{Fault, template, xml};
use rust_xlsxwriter::Formula;
use serde_json::{Value, json};

use crate::convert::template::workbook;
use crate::convert::{fixture, json as parsed, read_xlsx};

/// A CSV file with a field `v` of a type and one value of it, in line 8.
fn csv(kind: &str, value: &str) -> Result<Value, Fault> {
    let text = format!(
        "1. Ашық деректердің сипаттамасы\nЖолдың атауы,Мәні\n2. Ашық деректер жолдарының сипаттамасы\nЖол,Жолдың типі\nv,{kind}\n\
         3. Ашық деректерін қалыптастыру шаблоны\nv\n{value}\n"
    );
    template::read_csv(text.as_bytes()).map(|document| document["data"][0]["v"].clone())
}

#[test]
fn a_value_of_another_type_is_told_with_its_place() {
    let fault = csv("Int", "\"86,4%\"").unwrap_err();
    assert_eq!(fault.sheet.as_deref(), Some("3. Ашық деректерін қалыптастыру шаблоны"));
    assert_eq!((fault.row, fault.column.as_deref()), (Some(8), Some("A (v)")));
    assert_eq!(fault.message, "found '86,4%', expected a whole number");
    let said = "sheet '3. Ашық деректерін қалыптастыру шаблоны', row 8, column A (v): found '86,4%', expected a whole number";
    assert!(fault.to_string().starts_with(said), "{fault}");
    for (kind, value) in [
        ("Int", "12.5"),
        ("Int", "007"),
        ("Double", "1.2.3"),
        ("Boolean", "иә"),
        ("Date", "31.02.2024"),
        ("Date", "сентябрь 2024 год"),
        ("Geoposition", "Астана"),
        ("Object", "x"),
        ("List", "[1"),
    ] {
        assert!(csv(kind, value).is_err(), "{kind} {value}");
    }
    let hint = csv("Int", "007").unwrap_err().hint.unwrap();
    assert!(hint.contains("leading zeros"), "{hint}");
}

#[test]
fn a_quoted_cell_that_nothing_closes_is_told_by_its_row() {
    for (value, row) in [("\"Үлгі", 8), ("\"бір\nекі\"\n\"ашық\nжол", 10), ("А\n\"\"\"Б\"\"\n\nВ\n", 9)]
    {
        let fault = csv("String", value).unwrap_err();
        assert!(fault.message.contains("quotation mark that opens a cell"), "{fault}");
        assert_eq!((fault.row, fault.column.as_deref()), (Some(row), Some("A")), "{value}");
    }
    // Inside of a cell that began without one it is a letter, however many there are.
    for value in ["ЖШС \"Үлгі", "ЖШС \"Үлгі\"", "15\" экран", "а\"\"б"] {
        assert_eq!(csv("String", value).unwrap(), json!(value));
    }
    assert_eq!(csv("String", "\"ЖШС \"\"Үлгі\"\"\"").unwrap(), json!("ЖШС \"Үлгі\""));
}

#[test]
fn a_cell_has_a_length() {
    let longest = "ә".repeat(MOST_CELL_BYTES / 2);
    for end in ["", "\n", ",б\n", "\r\nб"] {
        assert_eq!(flaw(format!("{longest}{end}").as_bytes(), b','), None, "{end:?}");
        let found = flaw(format!("а\nб,{longest}x{end}").as_bytes(), b',').unwrap();
        let place = (found.kind, found.line, found.record, found.column);
        assert_eq!(place, (FlawKind::TooLong, 2, 2, 1), "{end:?}");
    }
    // A mark that opens a cell, and the next one far below.
    let swallowed = format!("а\n\"б\n{}\"\n", "жол\n".repeat(MOST_CELL_BYTES / 7 + 1));
    let found = flaw(swallowed.as_bytes(), b',').unwrap();
    assert_eq!((found.kind, found.line, found.column), (FlawKind::TooLong, 2, 0));
    let fault = csv("String", &format!("{longest}x")).unwrap_err();
    assert_eq!((fault.row, fault.column.as_deref()), (Some(8), Some("A")));
    assert!(fault.message.contains("more than 16777216 bytes"), "{}", fault.message);
}

#[test]
fn what_a_person_means_is_taken() {
    for (kind, value, expected) in [
        ("Int", "12.0", "12"),
        ("Int", "\" 32 685 318 \"", "32685318"),
        ("Int", "12345678901234567890123", "\"12345678901234567890123\""),
        ("Double", "\"164,8\"", "164.8"),
        ("Double", "310.60000000000002", "310.6"),
        ("Double", "1.50", "1.5"),
        ("Double", "1e400", "\"1e400\""),
        ("Boolean", "ИСТИНА", "true"),
        ("Boolean", "0", "false"),
        ("Date", "29.02.2024", "\"29.02.2024\""),
        ("Date", "01-03-2025 09:05", "\"01-03-2025 09:05\""),
        ("String", "007", "\"007\""),
        ("String", "'", "\"\""),
        ("String", "'Алма'", "\"'Алма'\""),
        ("String", "'=1+1", "\"=1+1\""),
        ("Int", "'86", "\"86\""),
        ("Int", "\\null", "null"),
        ("Geoposition", "\"51.1, 71.4\"", "\"51.1, 71.4\""),
        ("Қате", "5", "\"5\""),
    ] {
        // A text that spells a number is one in the normal form.
        let expected = if value == "'86" { "86" } else { expected };
        assert_eq!(csv(kind, value).unwrap().to_string(), expected, "{kind} {value}");
    }
}

#[test]
fn a_workbook_tells_sheet_row_and_column() {
    let fields = [["v", "Int", ""], ["s", "String", ""]];
    let fault = |fill: fn(&mut rust_xlsxwriter::Worksheet)| {
        let bytes = workbook(["Сипаттама", "Жолдар", "Деректер"], &fields, |sheet| {
            sheet.write_string(0, 0, "v").unwrap().write_string(0, 1, "s").unwrap();
            fill(sheet);
        });
        let fault = read_xlsx(&bytes).unwrap_err();
        (
            fault.sheet.unwrap_or_default(),
            fault.row.unwrap_or_default(),
            fault.column.unwrap_or_default(),
            fault.message,
        )
    };
    let (sheet, row, column, message) = fault(|sheet| drop(sheet.write_number(41, 0, 12.5).map(|_| ())));
    assert_eq!((sheet.as_str(), row, column.as_str()), ("Деректер", 42, "A (v)"));
    assert_eq!(message, "found '12.5', expected a whole number");
    let (.., column, message) = fault(|sheet| drop(sheet.write_string(1, 2, "қате").map(|_| ())));
    assert_eq!((column.as_str(), message.contains("without a heading")), ("C", true), "{message}");
    let (.., message) = fault(|sheet| drop(sheet.write_number(1, 1, 1_234_567_890_123_456.0).map(|_| ())));
    assert!(message.contains("15 digits"), "{message}");
    let error = |sheet: &mut rust_xlsxwriter::Worksheet| {
        sheet.write_formula(1, 0, Formula::new("=1/0").set_result("#DIV/0!")).unwrap();
    };
    let (.., message) = fault(error);
    assert!(message.contains("#DIV/0!"), "{message}");
}

#[test]
fn misspelt_words_and_missing_parts_are_told() {
    let fault = |text: &str| template::read_csv(text.as_bytes()).unwrap_err();
    let start = "1. Ашық деректердің сипаттамасы\nЖолдың атауы,Мәні\n";
    assert!(fault("id,name\n1,x\n").message.contains("Жолдың атауы"));
    assert!(fault(start).message.contains("2. Ашық деректер жолдарының сипаттамасы"));
    let label = fault(&format!(
        "{start}Қазақ тілдегі атауы,x\n2. Ашық деректер жолдарының сипаттамасы\n3. Ашық деректерін қалыптастыру шаблоны\n"
    ));
    assert_eq!((label.row, label.column.as_deref()), (Some(3), Some("A")), "{label}");
    let heading = fault(&format!(
        "{start}2. Ашық деректер жолдарының сипаттамасы\nЖол,Жолдын типи\n3. Ашық деректерін қалыптастыру шаблоны\n"
    ));
    assert_eq!((heading.row, heading.column.as_deref()), (Some(4), Some("B")), "{heading}");
    let twice = fault(&format!(
        "{start}2. Ашық деректер жолдарының сипаттамасы\nЖол\nid\nid\n3. Ашық деректерін қалыптастыру шаблоны\n"
    ));
    assert!(twice.message.contains("second time") && twice.row == Some(6), "{twice}");
    let owner = fault(&format!(
        "{start}2. Ашық деректер жолдарының сипаттамасы\nЖол\na.b\n3. Ашық деректерін қалыптастыру шаблоны\n"
    ));
    assert!(owner.message.contains("expected the field 'a' above"), "{owner}");
    assert!(fault(&format!("{start}a,\"b\n")).message.contains("quotation mark"));
    assert!(template::read_csv(b"\xcf\xf0\xe8").unwrap_err().message.contains("UTF-8"));
    assert!(read_xlsx(b"id,name").unwrap_err().message.contains("XLSX"));
}

#[test]
fn a_workbook_has_bounds_that_are_told() {
    let rows = vec![json!({}); 1_048_576];
    let fault = template::write_xlsx(&json!({"data": rows})).unwrap_err();
    assert!(fault.message.contains("1048576 rows"), "{fault}");
    assert!(fault.hint.unwrap().contains("CSV"));
    let long = "ә".repeat(32_768);
    let fault = template::write_xlsx(&json!({"data": [{}, {"x": long}]})).unwrap_err();
    assert_eq!((fault.row, fault.column.as_deref()), (Some(2), Some("x")), "{fault}");
    let wide: serde_json::Map<String, Value> = (0..16_385).map(|at| (format!("c{at}"), json!(1))).collect();
    assert!(template::write_xlsx(&json!({"data": [wide]})).unwrap_err().message.contains("16385 columns"));
}

#[test]
fn a_document_of_another_shape_is_refused() {
    for document in [
        json!([]),
        json!({}),
        json!({"data": [1]}),
        json!({"data": [], "total": 5}),
        json!({"meta": 1, "data": []}),
    ] {
        assert!(template::write_csv(&document).is_err(), "{document}");
        assert!(xml::from_document(&document).is_err(), "{document}");
    }
    let fault = derek::convert::normal(&json!({"data": [{}, 1]})).unwrap_err();
    assert_eq!(fault.row, Some(2));
}

/// Files that are damaged, or made to do harm, are read or refused: nothing else happens.
#[test]
fn damaged_files_are_told_or_read() {
    let document = parsed(fixture("same/same.json"));
    let rng = &mut fastrand::Rng::with_seed(8);
    let mut damaged = |bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        for _ in 0..rng.usize(1..6) {
            let at = rng.usize(..bytes.len());
            match rng.u8(..4) {
                0 => bytes[at] = rng.u8(..),
                1 => bytes.truncate(at.max(1)),
                2 => bytes.insert(at, *rng.choice(b"\"\n,;'\\<>&?/[{").unwrap()),
                _ => drop(bytes.remove(at.min(bytes.len() - 1))),
            }
            if bytes.is_empty() {
                bytes.push(b' ');
            }
        }
        bytes
    };
    let (csv, xml_, xlsx) = (
        template::write_csv(&document).unwrap(),
        xml::from_document(&document).unwrap(),
        template::write_xlsx(&document).unwrap(),
    );
    for _ in 0..2000 {
        let _ = template::read_csv(&damaged(&csv));
        let _ = xml::to_document(&damaged(&xml_));
        let _ = xml::text_to_document(&String::from_utf8_lossy(&damaged(&xml_)));
    }
    for _ in 0..500 {
        let _ = read_xlsx(damaged(&xlsx));
    }
}

/// A million columns and rows in between cost nothing where nothing is in them.
#[test]
fn one_cell_far_away_is_a_value_without_a_heading() {
    let bytes =
        workbook(["Сипаттама", "Жолдар", "Деректер"], &[["v", "Int", ""]], |sheet| {
            sheet.write_string(0, 0, "v").unwrap().write_string(1_048_575, 16_383, "x").unwrap();
        });
    let fault = read_xlsx(&bytes).unwrap_err();
    assert_eq!((fault.row, fault.column.as_deref()), (Some(1_048_576), Some("XFD")), "{fault}");
}

/// 64 MiB of spaces behind the first sheet pack to some kilobytes. What they unpack to is counted, whatever the
/// directory of the archive says.
#[test]
fn a_workbook_that_unpacks_to_more_than_the_limit_is_refused() {
    let sound = template::write_xlsx(&json!({"data": [{"x": "а"}]})).unwrap();
    let mut archive = zip::ZipWriter::new_append(std::io::Cursor::new(sound.clone())).unwrap();
    archive.start_file("xl/media/big.xml", zip::write::SimpleFileOptions::default()).unwrap();
    std::io::copy(&mut std::io::Read::take(std::io::repeat(b' '), 64 << 20), &mut archive).unwrap();
    let packed = archive.finish().unwrap().into_inner();
    assert!(packed.len() < 1 << 20, "{} bytes", packed.len());
    assert!(template::read_xlsx(&packed, 128 << 20).is_ok());
    let fault = template::read_xlsx(&packed, 64 << 20).unwrap_err();
    assert!(fault.message.contains("unpacks to more than 67108864 bytes"), "{fault}");
    assert!(template::read_xlsx(&sound, 64 << 20).is_ok());
}

/// A text of 257 MiB in a file that is not called XML: where its sheets lie, a workbook says itself.
#[test]
fn a_text_of_no_sensible_length_is_refused_in_any_file_of_a_workbook() {
    let sound = template::write_xlsx(&json!({"data": [{"x": "ә"}]})).unwrap();
    let mut archive = zip::ZipWriter::new_append(std::io::Cursor::new(sound)).unwrap();
    archive.start_file("xl/worksheets/sheet9.bin", zip::write::SimpleFileOptions::default()).unwrap();
    std::io::copy(&mut std::io::Read::take(std::io::repeat(b' '), 257 << 20), &mut archive).unwrap();
    let packed = archive.finish().unwrap().into_inner();
    let fault = template::read_xlsx(&packed, 1 << 30).unwrap_err();
    assert!(
        fault.message.contains("a text of more than 268435456 bytes in 'xl/worksheets/sheet9.bin'"),
        "{fault}"
    );
}
