//! What people write into the template, against documents worked out by hand.

use calamine::{Data, Reader, Xlsx};
use derek::convert::template;
use derek::encode::Language;
use rust_xlsxwriter::{Format, Workbook, Worksheet};
use serde_json::Value;

use crate::convert::{json, read_xlsx};

/// The tables of order 144, annex 2, as its text has them, in one file.
const ANNEX: &str = "1. Ашық деректердің сипаттамасы,,
Жолдың атауы,Мәні,Мысалы
Ашық деректердің сәйкестендіргіші,dari,№
Қазақ тілдегі ашық деректердің атауы*,Астана қаласының дәріханалары,
Орыс тіліндегі ашық деректердің атауы*,Аптеки города Астана,
Қазақ тілдегі ашық деректердің сипаттамасы*,Дәріханалар,
Орыс тіліндегі ашық деректердің сипаттамасы*,Аптеки,
Қазақ және орыс тілдеріндегі түйінді сөздер*,\"Дәріхана, аптека\",
\"Жауапты адамның қазақ тілдегі тегі, аты, әкесінің аты (бар болған жағдайда)*\",Үлгі,
\"Жауапты адамның орыс тіліндегі тегі, аты, әкесінің аты (болған жағдайда)*\",Пример,
Жауапты адамның телефон нөмірі*,8 (7172) 000000,
Жауапты адамның электрондық поштасы*,a@example.org,
nameEn,Pharmacies,
Ескертпе: * міндетті түрде толтырылуы тиіс жолдар,,
,,
2. Ашық деректер жолдарының сипаттамасы,,
Жол,*Қазақ тілдегі жолдың атауы,*Орыс тіліндегі жолдың атауы,Жолдың типі,*Күнінің форматы (жолдың типі күні болса),Ашық деректердің ішіндегі нақты объектіге сілтеме,Жол бірегей сәйкестендіргіш болып табылатын белгіні көрсету,Массив ішіндегі объектінің типін көрсету,Үлгі
id,сәйкестендіргіш,индентификатор,String,,,true,,11
name,Атауы,Название,String,,,false,,
count,Саны,Количество,Int,,,,,
area,Ауданы,Площадь,Double,,,,,
open,Ашық,Открыта,Boolean,,,,,
geoposition,Геонүкте,Геопозиция,Geoposition,,,false,,
expireDate,Лицензияның аяқталу мерзімі,Срок истечения лицензии,Date,DD.MM.YYYY,,false,,
schedule,Жұмыс істеу кестесі,График работы,Object,,,,,
schedule.open,Ашылуы,Открытие,String,,,,,
phones,Телефондар,Телефоны,List,,,,String,
3. Ашық деректерін қалыптастыру шаблоны,,
id,name,count,area,open,geoposition,expireDate,schedule.open,phones
007,Гиппократ,32 685,\"164,8\",TRUE,\"51.117469,71.428171\",31.12.2024,09:00,\"+7 1; +7 2\"
22,\"Астана қаласы, \"\"Ильинка\"\" Т.А.\",-,,ЛОЖЬ,,,,
,,,,,,,,
";

fn annex_document() -> Value {
    json(
        r#"{"meta": {"apiUri": "dari", "nameKk": "Астана қаласының дәріханалары", "nameRu": "Аптеки города Астана",
          "descriptionKk": "Дәріханалар", "descriptionRu": "Аптеки", "keywords": ["Дәріхана", "аптека"],
          "responsible": {"fullnameKk": "Үлгі", "fullnameRu": "Пример", "phone": "8 (7172) 000000", "email": "a@example.org"},
          "nameEn": "Pharmacies"},
        "fields": {
          "id": {"type": "String", "labelKk": "сәйкестендіргіш", "labelRu": "индентификатор", "pkey": true},
          "name": {"type": "String", "labelKk": "Атауы", "labelRu": "Название", "pkey": false},
          "count": {"type": "Int", "labelKk": "Саны", "labelRu": "Количество"},
          "area": {"type": "Double", "labelKk": "Ауданы", "labelRu": "Площадь"},
          "open": {"type": "Boolean", "labelKk": "Ашық", "labelRu": "Открыта"},
          "geoposition": {"type": "Geoposition", "labelKk": "Геонүкте", "labelRu": "Геопозиция", "pkey": false},
          "expireDate": {"type": "Date", "format": "DD.MM.YYYY", "labelKk": "Лицензияның аяқталу мерзімі",
                         "labelRu": "Срок истечения лицензии", "pkey": false},
          "schedule": {"type": "Object", "labelKk": "Жұмыс істеу кестесі", "labelRu": "График работы",
                       "fields": {"open": {"type": "String", "labelKk": "Ашылуы", "labelRu": "Открытие"}}},
          "phones": {"type": "List", "elementType": "String", "labelKk": "Телефондар", "labelRu": "Телефоны"}},
        "data": [
          {"id": "007", "name": "Гиппократ", "count": 32685, "area": 164.8, "open": true,
           "geoposition": "51.117469,71.428171", "expireDate": "31.12.2024", "schedule": {"open": "09:00"},
           "phones": ["+7 1", "+7 2"]},
          {"id": "22", "name": "Астана қаласы, \"Ильинка\" Т.А.", "count": null, "open": false}]}"#,
    )
}

#[test]
fn the_annex_in_csv_is_its_document() {
    let document = template::read_csv(ANNEX.as_bytes()).unwrap();
    assert_eq!(document, annex_document());
    let keys: Vec<&String> = document["fields"]["id"].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["type", "labelKk", "labelRu", "pkey"]);
}

#[test]
fn a_byte_order_mark_semicolons_and_crlf_make_no_difference() {
    let mut semicolons = csv::WriterBuilder::new().delimiter(b';').flexible(true).from_writer(Vec::new());
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(ANNEX.as_bytes());
    for record in reader.records() {
        semicolons.write_record(&record.unwrap()).unwrap();
    }
    let text = String::from_utf8(semicolons.into_inner().unwrap()).unwrap().replace('\n', "\r\n");
    let bytes = [b"\xef\xbb\xbf", text.as_bytes()].concat();
    assert_eq!(template::read_csv(&bytes).unwrap(), annex_document());
}

#[test]
fn russian_words_without_numbers_are_read_too() {
    let text = "Описание открытых данных\nНаименование поля;Значение\nНаименование открытых данных на русском языке;Аптеки\n\
                Описание полей открытых данных\nПоле;Тип поля\nid;Int\nШаблон формирования открытых данных\nid\n5\n";
    let expected =
        json(r#"{"meta": {"nameRu": "Аптеки"}, "fields": {"id": {"type": "Int"}}, "data": [{"id": 5}]}"#);
    assert_eq!(template::read_csv(text.as_bytes()).unwrap(), expected);
}

/// A workbook with three sheets, filled by `fill` with the data's sheet in hand.
pub(crate) fn workbook(names: [&str; 3], fields: &[[&str; 3]], fill: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let description = workbook.add_worksheet().set_name(names[0]).unwrap();
    description.write_string(0, 0, "Жолдың атауы").unwrap().write_string(0, 1, "Мәні").unwrap();
    description
        .write_string(1, 0, "Ашық деректердің сәйкестендіргіші")
        .unwrap()
        .write_string(1, 1, "t")
        .unwrap();
    let sheet = workbook.add_worksheet().set_name(names[1]).unwrap();
    for (column, heading) in (0..).zip(["Жол", "Жолдың типі", "Күнінің форматы (жолдың типі күні болса)"])
    {
        sheet.write_string(0, column, heading).unwrap();
    }
    for (row, field) in (1..).zip(fields) {
        for (column, text) in (0..).zip(field) {
            sheet.write_string(row, column, *text).unwrap();
        }
    }
    fill(workbook.add_worksheet().set_name(names[2]).unwrap());
    workbook.save_to_buffer().unwrap()
}

/// Day 45657 of a workbook is 31 December 2024: 45292 is 1 January 2024, and 2024 has 366 days.
#[test]
fn a_workbook_filled_by_a_person_is_read_by_the_fields_types() {
    let fields = [
        ["id", "String", ""],
        ["n", "Int", ""],
        ["d", "Date", "DD.MM.YYYY"],
        ["t", "Date", ""],
        ["b", "Boolean", ""],
        ["open", "String", ""],
        ["x", "Double", ""],
    ];
    let bytes = workbook(["Описание", "Поля", "Данные"], &fields, |sheet| {
        let date = Format::new().set_num_format("dd.mm.yyyy");
        let moment = Format::new().set_num_format("yyyy-mm-dd hh:mm");
        let clock = Format::new().set_num_format("h:mm");
        for (column, heading) in (0..).zip(["id", "n", "d", "t", "b", "open", "x"]) {
            sheet.write_string(2, column, heading).unwrap();
        }
        sheet.write_string(3, 0, "007").unwrap().write_number(3, 1, 12.0).unwrap();
        sheet.write_number_with_format(3, 2, 45657, &date).unwrap();
        sheet.write_number_with_format(3, 3, 45657.25, &moment).unwrap();
        sheet.write_boolean(3, 4, true).unwrap();
        sheet.write_number_with_format(3, 5, 0.375, &clock).unwrap();
        sheet.write_number(3, 6, 310.6).unwrap();
        sheet.write_number(9, 0, 7).unwrap().write_string(9, 1, " 1\u{a0}234 ").unwrap();
        sheet.write_string(9, 2, "01.02.2025").unwrap().write_string(9, 4, "False").unwrap();
        sheet.write_number_with_format(9, 5, 45657, &date).unwrap();
        sheet.write_string(9, 6, "-").unwrap();
    });
    let expected = json(
        r#"[{"id": "007", "n": 12, "d": "31.12.2024", "t": "2024-12-31T06:00:00", "b": true, "open": "09:00", "x": 310.6},
            {"id": "7", "n": 1234, "d": "01.02.2025", "b": false, "open": "2024-12-31", "x": null}]"#,
    );
    assert_eq!(read_xlsx(&bytes).unwrap()["data"], expected);
}

/// A quarter of day 45657 is 6 o'clock. What a format has no place for is not dropped.
#[test]
fn dates_of_a_workbook_are_written_in_the_fields_format() {
    let fields = [
        ["a", "Date", "КК-АА-ЖЖЖЖ сс:мм"],
        ["b", "Date", "ДД.ММ.ГГГГ"],
        ["c", "Date", "D.M.YY"],
        ["d", "Date", "DD.MM.YYYY HH:MM:SS"],
        ["e", "Date", "қате"],
        ["f", "Date", "MM/DD/YYYY г."],
    ];
    let bytes = workbook(["Сипаттама", "Жолдар", "Деректер"], &fields, |sheet| {
        let date = Format::new().set_num_format("dd.mm.yyyy hh:mm");
        for (column, [heading, ..]) in (0..).zip(fields) {
            sheet.write_string(0, column, heading).unwrap();
            sheet.write_number_with_format(1, column, 45657.25, &date).unwrap();
            sheet.write_number_with_format(2, column, 45657, &date).unwrap();
        }
    });
    let expected = json(
        r#"[{"a": "31-12-2024 06:00", "b": "2024-12-31T06:00:00", "c": "2024-12-31T06:00:00", "d": "31.12.2024 06:00:00",
             "e": "2024-12-31T06:00:00", "f": "2024-12-31T06:00:00"},
            {"a": "31-12-2024 00:00", "b": "31.12.2024", "c": "31.12.24", "d": "31.12.2024 00:00:00", "e": "2024-12-31",
             "f": "12/31/2024 г."}]"#,
    );
    assert_eq!(read_xlsx(&bytes).unwrap()["data"], expected);
}

/// Workbooks write letters as `_xHHHH_`: a text that looks so must not become a letter.
#[test]
fn a_text_that_looks_like_a_code_is_kept_from_being_one() {
    let document = json(r#"{"data": [{"a": "_x0041_", "b": "a\rb", "c": "\u0001"}]}"#);
    let texts: Vec<String> = cells(&document).iter().map(ToString::to_string).collect();
    assert_eq!(texts, [r#"\"_\u00780041_""#, r#"\"a\rb""#, r#"\"\u0001""#]);
}

/// Names that are words of the template itself.
#[test]
fn fields_and_members_named_like_the_templates_words_come_back() {
    let words = [
        "3. Ашық деректерін қалыптастыру шаблоны",
        "Ескертпе: x",
        "Жол",
        "Мәні",
        "Жолдың атауы",
        "nameKk",
        "\\field",
    ];
    let named: serde_json::Map<String, Value> =
        words.iter().map(|word| ((*word).to_owned(), json("{}"))).collect();
    let texts: serde_json::Map<String, Value> =
        words.iter().map(|word| ((*word).to_owned(), "Мәні".into())).collect();
    let document = serde_json::json!({"meta": texts, "fields": named, "data": [texts]});
    let mut with_attributes = document.clone();
    with_attributes["fields"] = serde_json::json!({"id": texts});
    for document in [document, with_attributes] {
        assert_eq!(template::read_csv(&template::write_csv(&document).unwrap()).unwrap(), document);
        assert_eq!(read_xlsx(template::write_xlsx(&document).unwrap()).unwrap(), document);
    }
}

/// What a written workbook holds in the second row of its data.
fn cells(document: &Value) -> Vec<Data> {
    let bytes = template::write_xlsx(document).unwrap();
    let mut workbook: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
    assert_eq!(workbook.sheet_names(), ["Сипаттама", "Жолдар", "Деректер"]);
    workbook.worksheet_range("Деректер").unwrap().rows().nth(1).unwrap().to_vec()
}

#[test]
fn a_workbook_has_numbers_as_numbers_dates_as_dates_and_formulas_as_texts() {
    let document = json(
        r#"{"fields": {"a": {"type": "String"}, "b": {"type": "Int"}, "c": {"type": "Int"}, "d": {"type": "Boolean"},
                       "e": {"type": "Date", "format": "DD.MM.YYYY"}, "f": {"type": "String"}, "g": {"type": "Double"}},
            "data": [{"a": "007", "b": "12", "c": 9007199254740993, "d": true, "e": "31.12.2024", "f": "'=1+1", "g": 60.0}]}"#,
    );
    let cells = cells(&document);
    assert_eq!(cells[0], Data::String("007".to_owned()));
    assert_eq!(cells[1], Data::Float(12.0));
    assert_eq!(cells[2], Data::String("9007199254740993".to_owned()));
    assert_eq!(cells[3], Data::Bool(true));
    assert!(
        matches!(&cells[4], Data::DateTime(date) if date.as_f64().to_bits() == 45657_f64.to_bits()),
        "{:?}",
        cells[4]
    );
    assert_eq!(cells[5], Data::String("''=1+1".to_owned()));
    assert_eq!(cells[6], Data::Float(60.0));
}

/// The plainest form that reads back as the same value.
#[test]
fn a_value_is_marked_only_where_it_must_be() {
    let document = json(
        r#"{"fields": {"s": {"type": "String"}, "i": {"type": "Int"}, "b": {"type": "Boolean"}, "d": {"type": "Date"},
             "l": {"type": "List", "elementType": "String"}, "o": {"type": "Object", "fields": {"a": {"type": "Int"}}}},
            "data": [{"s": "007", "i": "007", "b": "иә", "d": "сентябрь", "l": ["а", "ә"], "o": {"a": 1}},
                     {"s": "", "i": null, "b": 0, "d": "", "l": ["+7"], "o": {}},
                     {}, {"s": 7, "i": 12.5, "l": [], "o": null},
                     {"s": "'Алма'", "i": -5, "l": ["а;б"]}, {"s": "\\\\бума"}]}"#,
    );
    let text = String::from_utf8(template::write_csv(&document).unwrap()).unwrap();
    let (_, data) = text.split_once("шаблоны\r\n").unwrap();
    // The Object has a column of its own only because {} and null are there.
    let expected = "s,i,b,d,l,o,o.a\r\n007,'007,'иә,'сентябрь,а; ә,,1\r\n',\\null,\\0,',\"[\"\"+7\"\"]\",{},\r\n\\row\r\n\
        \\7,\\12.5,,,[],\\null,\r\n'Алма',-5,,,\"[\"\"а;б\"\"]\",,\r\n\\\\бума,,,,,,\r\n";
    assert_eq!(data, expected);
    assert_eq!(template::read_csv(text.as_bytes()).unwrap(), derek::convert::normal(&document).unwrap());
}

/// Whatever separator a reader takes, no cell is a formula.
#[test]
fn no_cell_of_a_csv_file_is_a_formula() {
    let texts = [
        "=1+1",
        "+7 (7172) 00-00-00",
        "-2+3+cmd|' /C calc'!A0",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "a\n=1",
        "a;=1",
        "a;\"=1",
        "a\"\n\"@x",
        " =1",
        "＝1",
        "a;b;+c",
        ";-1",
    ];
    for text in texts {
        let document = serde_json::json!({"meta": {"nameKk": text, text: text}, "fields": {text: {"type": "String", "labelKk": text},
            "l": {"type": "List", "elementType": "String"}, "n": {"type": "Int"}},
            "data": [{text: text, "l": [text, text], "n": -5, "x": {text: [text]}}]});
        let bytes = template::write_csv(&document).unwrap();
        assert_eq!(
            template::read_csv(&bytes).unwrap(),
            derek::convert::normal(&document).unwrap(),
            "{text:?}"
        );
        for delimiter in *b",;\t" {
            let mut reader = csv::ReaderBuilder::new()
                .has_headers(false)
                .flexible(true)
                .delimiter(delimiter)
                .from_reader(bytes.as_slice());
            for record in reader.records() {
                for cell in &record.unwrap() {
                    let cell = cell.trim_start_matches('\u{feff}').trim_start();
                    assert!(
                        cell == "-5" || !cell.starts_with(['=', '+', '-', '@', '＝']),
                        "{text:?} gives the cell {cell:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn an_empty_template_has_the_annexs_words_and_reads_as_an_empty_document() {
    for (language, heading, label) in [
        (Language::Kazakh, "Жолдың типі", "Ашық деректердің сәйкестендіргіші"),
        (Language::Russian, "Тип поля", "Идентификатор открытых данных"),
    ] {
        let bytes = template::empty_xlsx(language).unwrap();
        assert_eq!(read_xlsx(&bytes).unwrap(), json(r#"{"meta": {}, "fields": {}, "data": []}"#));
        assert_eq!(bytes, template::empty_xlsx(language).unwrap(), "the same file each time");
        let mut workbook: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
        let names = workbook.sheet_names();
        let description = workbook.worksheet_range(&names[0]).unwrap();
        assert_eq!(description.get_value((1, 0)), Some(&Data::String(label.to_owned())));
        assert_eq!(
            description.get_value((2, 2)),
            Some(&Data::String("Астана қаласының дәріханалары".to_owned()))
        );
        assert_eq!(
            workbook.worksheet_range(&names[1]).unwrap().get_value((0, 3)),
            Some(&Data::String(heading.to_owned()))
        );
    }
}
