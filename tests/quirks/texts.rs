//! What texts and whole rows look like.

use derek::document::{self, Document, ReadOptions, Rule, Severity};
use serde_json::{Value, json};

use super::{NOTHING, column, dataset, findings, found, rows, total, values};

const FIELD: &str = r#"{"type": "String"}"#;

/// Each letter that a Kazakh one is read as, with that one.
const PAIRS: &str = "Ќ→Қ ќ→қ Ћ→Һ ћ→һ Ў→Ұ ў→ұ Ј→Ә ј→ә Ґ→Ө ґ→ө Є→Ғ є→ғ Ї→Ү ї→ү Ѕ→Ң ѕ→ң";

/// The same rows with `--repair-text`.
fn repaired(texts: &[&str]) -> Document {
    let data: Vec<Value> = texts.iter().map(|text| json!({"v": text})).collect();
    let text = json!({"fields": {"v": {"type": "String"}}, "data": data}).to_string();
    let options = ReadOptions { repairs_text: true, ..ReadOptions::new("test") };
    document::read(text.as_bytes(), &options).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn kazakh_letters_read_as_windows_1251() {
    let document = column(FIELD, &[r#""Алматы""#, r#""АЌКҐЛ""#]);
    assert_eq!(values(&document, "v"), ["Алматы", "АЌКҐЛ"]);
    assert_eq!(findings(&document), [("text.mojibake", Some(2), Some("АЌКҐЛ"))]);
    assert_eq!(values(&repaired(&["Алматы", "АЌКҐЛ"]), "v"), ["Алматы", "АҚКӨЛ"]);
}

#[test]
fn each_of_the_16_letters_is_found_and_mended() {
    let pairs: Vec<(&str, &str)> = PAIRS.split(' ').filter_map(|pair| pair.split_once('→')).collect();
    assert_eq!(pairs.len(), 16);
    for (damaged, letter) in pairs {
        let is_capital = damaged.to_lowercase() != damaged;
        let word =
            |letter: &str| if is_capital { format!("БА{letter}Ы") } else { format!("ба{letter}ы") };
        let document = column(FIELD, &[&Value::from(word(damaged)).to_string()]);
        assert_eq!(values(&document, "v"), [word(damaged)]);
        assert_eq!(findings(&document), [("text.mojibake", Some(1), Some(word(damaged).as_str()))]);
        assert_eq!(values(&repaired(&[&word(damaged)]), "v"), [word(letter)]);
    }
}

/// A sound text stays as it is where others are mended.
#[test]
fn sound_texts_are_not_mended() {
    let texts = ["АҚКӨЛ ауданы", "Іле көшесі, 5", "Hello, № 7", "", "-", " Ә\n"];
    assert_eq!(values(&repaired(&texts), "v"), texts);
    assert_eq!(total(&repaired(&texts), "text.mojibake", "v"), 0);
}

#[test]
fn a_latin_letter_in_a_cyrillic_word() {
    let document = column(FIELD, &[r#""әлеуметтік""#, r#""әлеуметтiк""#]);
    assert_eq!(values(&document, "v"), ["әлеуметтік", "әлеуметтiк"]);
    assert_eq!(findings(&document), NOTHING, "it is a note");
    assert_eq!(found(&document, "text.look_alike"), [("v", Some(2), Some("әлеуметтiк"))]);
}

#[test]
fn latin_and_cyrillic_words_side_by_side_are_no_look_alikes() {
    let document = column(FIELD, &[r#""компания Kaspi Bank""#]);
    assert_eq!(total(&document, "text.look_alike", "v"), 0);
}

#[test]
fn a_text_of_the_orders_letters_and_signs() {
    let alphabet = "АӘБВГҒДЕЁЖЗИЙКҚЛМНҢОӨПРСТУҰҮФХҺЦЧШЩЪЫІЬЭЮЯ";
    let document = column(FIELD, &[&format!(r#""{alphabet}{}0123456789№-() ,.""#, alphabet.to_lowercase())]);
    assert_eq!(total(&document, "text.alphabet", "v"), 0);
    assert_eq!(total(&document, "text.look_alike", "v"), 0);
    assert_eq!(findings(&document), NOTHING);
}

#[test]
fn a_character_outside_the_orders_list() {
    for text in
        ["«Гиппократ»", "д/с", "а:б", "а;б", "5%", "а+б", "а_б", "—", "Kaspi", "а\nб", "ә\u{a0}ү", "а!", "😀"]
    {
        let document = column(FIELD, &[&Value::from(text).to_string()]);
        assert_eq!(values(&document, "v"), [text]);
        assert_eq!(findings(&document), NOTHING, "it is a note");
        assert_eq!(found(&document, "text.alphabet"), [("v", Some(1), Some(text))]);
    }
}

#[test]
fn notes_about_letters_are_counted_and_not_listed() {
    let texts = vec![r#""әлеуметтiк «қолдау»""#; 5_000];
    let document = column(FIELD, &texts);
    assert_eq!(document.rows, 5_000);
    for rule in ["text.look_alike", "text.alphabet"] {
        assert_eq!(total(&document, rule, "v"), 5_000, "{rule}");
        assert!(found(&document, rule).len() <= 10, "{rule} is told by example");
    }
}

/// The rules of a document about whole rows, with the row of each.
fn about_rows(document: &Document) -> Vec<(&str, Option<u64>)> {
    let found = findings(document).into_iter().filter(|(rule, ..)| rule.starts_with("row."));
    found.map(|(rule, row, _)| (rule, row)).collect()
}

const LABELLED: &str = r#""id": {"type": "Int", "labelKk": "ИД", "labelRu": "Номер"}, "name": {"type": "String", "labelKk": "Атауы", "labelRu": "Название"},
    "city": {"type": "String", "labelKk": "Қала", "labelRu": "Город"}"#;

#[test]
fn a_header_row_is_repeated_as_data() {
    for (id, name, city) in [("id", "name", "city"), ("ИД", "Атауы", "Қала"), ("Номер", "Название", "Город")]
    {
        let header = format!(r#"{{"id": "{id}", "name": "{name}", "city": "{city}"}}"#);
        let sound = r#"{"id": "1", "name": "Парк", "city": "Астана"}"#;
        for (data, row) in [(format!("{header}, {sound}"), 1), (format!("{sound}, {header}"), 2)] {
            let document = dataset(LABELLED, &data);
            assert_eq!(document.rows, 2, "the row stays");
            let at = usize::from(row == 2);
            assert_eq!(rows(&document)[at], json!({"id": null, "name": name, "city": city}));
            assert_eq!(rows(&document)[1 - at], json!({"id": 1, "name": "Парк", "city": "Астана"}));
            assert_eq!(about_rows(&document), [("row.header", Some(row))]);
            assert_eq!(found(&document, "value.not_an_int"), [("id", Some(row), Some(id))]);
        }
    }
}

#[test]
fn a_totals_row() {
    let document = dataset(
        r#""name": {"type": "String"}, "n": {"type": "Int"}"#,
        r#"{"name": "Парк", "n": "10"}, {"name": "Бақ", "n": "20"}, {"name": "Итог:", "n": "30"}"#,
    );
    assert_eq!(rows(&document)[2], json!({"name": "Итог:", "n": 30}), "the row stays");
    assert_eq!(about_rows(&document), [("row.totals", Some(3))]);
    assert_eq!(findings(&document).len(), 1);
}

/// The word may stand where a number is due.
#[test]
fn a_totals_row_with_its_word_in_a_number() {
    let document = dataset(
        r#""id": {"type": "Int"}, "n": {"type": "Int"}"#,
        r#"{"id": "1", "n": "10"}, {"id": "Итог:", "n": "10"}"#,
    );
    assert_eq!(rows(&document)[1], json!({"id": null, "n": 10}), "the row stays");
    assert_eq!(about_rows(&document), [("row.totals", Some(2))]);
    assert_eq!(found(&document, "value.not_an_int"), [("id", Some(2), Some("Итог:"))]);
}

#[test]
fn a_word_of_totals_inside_a_text_is_no_totals_row() {
    let document = column(FIELD, &[r#""Итоговый отчёт""#, r#""Подведение итогов""#]);
    assert_eq!(about_rows(&document), []);
}

#[test]
fn a_whole_row_is_repeated() {
    let fields = r#""id": {"type": "Int"}, "name": {"type": "String"}, "on": {"type": "Date"}"#;
    let row = r#"{"id": "1", "name": "Парк", "on": "01.01.2020"}"#;
    let other = r#"{"id": "1", "name": "Парк", "on": "02.01.2020"}"#;
    let document = dataset(fields, &format!("{row}, {other}, {row}, {row}"));
    let expected = json!({"id": 1, "name": "Парк", "on": "2020-01-01"});
    assert_eq!(document.rows, 4, "the rows stay");
    assert_eq!((&rows(&document)[2], &rows(&document)[3]), (&expected, &expected));
    assert_eq!(about_rows(&document), [("row.duplicate", Some(3)), ("row.duplicate", Some(4))]);
    assert_eq!(findings(&document).len(), 2);
}

#[test]
fn what_is_a_warning_and_what_a_note() {
    for (rule, severity) in [
        (Rule::RowHeader, Severity::Warning),
        (Rule::RowTotals, Severity::Warning),
        (Rule::RowDuplicate, Severity::Warning),
        (Rule::TextLookAlike, Severity::Note),
        (Rule::TextAlphabet, Severity::Note),
        (Rule::PositionFromPair, Severity::Note),
    ] {
        assert_eq!(rule.severity(), severity, "{}", rule.code());
    }
}
