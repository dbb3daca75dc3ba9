//! The empty workbook that a publisher fills in.

use rust_xlsxwriter::{Color, DataValidation, DataValidationRule, Format, Note, Worksheet, XlsxError};

use super::headings::{DESCRIPTION, FIELDS, LINES, Words, said};
use super::sheet::Cell;
use super::workbook::{Writer, fault};
use crate::convert::fault::Fault;
use crate::encode::Language;

/// The fields of the data's sheet that are kept as texts, whatever a person writes.
const TEXT_COLUMNS: u16 = 256;

/// How to fill in the fields, with the annex's example.
const FIELDS_NOTE: Words = [
    "Әр жолға бір өріс. Үлгі:\nid | сәйкестендіргіш | идентификатор | Int | | | true |\nexpireDate | Лицензияның аяқталу \
     мерзімі | Срок истечения лицензии | Date | DD.MM.YYYY | | false |\nregion | Өңір | Регион | Int | | regions.id | \
     false |\nphones | Телефондар | Телефоны | List | | | false | String\nObject ішіндегі жол: schedule.open\nБасқа \
     атрибут (мысалы, labelEn): өз атымен жаңа баған.",
    "Одна строка на поле. Образец:\nid | сәйкестендіргіш | идентификатор | Int | | | true |\nexpireDate | Лицензияның \
     аяқталу мерзімі | Срок истечения лицензии | Date | DD.MM.YYYY | | false |\nregion | Өңір | Регион | Int | | \
     regions.id | false |\nphones | Телефондар | Телефоны | List | | | false | String\nПоле внутри Object: \
     schedule.open\nДругой атрибут (например, labelEn): новый столбец с его именем.",
];

/// How to fill in the data, with the annex's example.
const DATA_NOTE: Words = [
    "Бірінші жолда – «Жолдар» парағындағы атаулар, одан төмен – деректер. Үлгі:\nid | name | region | geoposition | \
     address\n11 | Гиппократ | Астана | 51.117469,71.428171 | Астана қаласы, «Ильинка» Т.А. Есет батыр көшесі \
     18-үй\nБос ұяшық – мән жоқ. Тізім элементтері «;» белгісімен бөлінеді.",
    "В первой строке – имена с листа «Поля», ниже – данные. Образец:\nid | name | region | geoposition | \
     address\n11 | Гиппократ | Астана | 51.117469,71.428171 | Астана қаласы, «Ильинка» Т.А. Есет батыр көшесі \
     18-үй\nПустая ячейка – значения нет. Элементы списка разделяются знаком «;».",
];

/// The empty workbook in a language.
pub(super) fn write(language: Language) -> Result<Vec<u8>, Fault> {
    let mut writer = Writer::new(language)?;
    let words = |words: Words| Some(Cell::Text(said(language, words).to_owned()));
    writer.row(0, &DESCRIPTION.map(words))?;
    for line in &LINES {
        writer.row(0, &[words(line.label)])?;
    }
    writer.row(1, &FIELDS.map(|(_, heading)| words(heading)))?;
    describe(writer.sheet(0)?).map_err(|error| fault(&error))?;
    note(writer.sheet(1)?, said(language, FIELDS_NOTE)).map_err(|error| fault(&error))?;
    note(writer.sheet(2)?, said(language, DATA_NOTE)).map_err(|error| fault(&error))?;
    writer.keep_texts(&(0..TEXT_COLUMNS).collect::<Vec<_>>())?;
    writer.end()
}

/// Puts the annex's examples beside the values in grey, and bounds the values' length (annex 1 part 2).
fn describe(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    let grey = Format::new().set_font_color(Color::Gray).set_italic();
    for (line, row) in LINES.iter().zip(1..) {
        sheet.write_string_with_format(row, 2, line.example, &grey)?;
        if let Some(most) = line.most {
            let bound = DataValidation::new().allow_text_length(DataValidationRule::LessThanOrEqualTo(most));
            sheet.add_data_validation(row, 1, row, 1, &bound)?;
        }
    }
    Ok(())
}

/// Hangs a note on the first cell, which nobody reads as data.
fn note(sheet: &mut Worksheet, text: &str) -> Result<(), XlsxError> {
    sheet.insert_note(0, 0, &Note::new(text).set_width(480).set_height(240).set_author("derek"))?;
    Ok(())
}
