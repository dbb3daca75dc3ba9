//! A passport of `astana_pharmacies`, filled in by hand from the document's meta, fields and 24 rows.
//!
//! Missing on purpose, since the document does not tell: the source, 1.1.2, 1.1.3 and 1.2.1.

use chrono::NaiveDate;
use derek::assess::passport::{
    Attribute, AttributeRequirements, AttributeType, Bilingual, BrokenRule, CheckedValue, GeoLink,
    GeoLinkKind, Geometry, History, ListedValue, Passport, PassportState, RecordCheck, Requirement, Step,
};

pub(crate) fn passport() -> Passport {
    Passport {
        dataset: Some("astana_pharmacies".to_owned()),
        city: Bilingual::new("Астана", "Астана"),
        year: Some(2026),
        full_name: Bilingual::new("Астана қаласының дәріханалары", "Аптеки города Астана"),
        provider: Bilingual::new("derek жобасы", "Проект derek"),
        description: Bilingual::new(
            "Көрсетілген ашық деректер Астана қаласының дәріханалар ақпаратын қамтиды. Алғашқы екі жол № 144 \
             бұйрықтың үлгісінен алынған, қалған 22 жол ойдан шығарылған (madeUp өрісі).",
            "Указанные открытые данные содержат информацию об аптеках города г. Астана. Первые две строки взяты \
             из шаблона приказа № 144, остальные 22 строки вымышлены (поле madeUp).",
        ),
        keywords: ["Дәріхана", "аптека"].map(str::to_owned).to_vec(),
        geo_link: GeoLink {
            is_present: Some(true),
            geometry: Some(Geometry::Point),
            kinds: vec![GeoLinkKind::Coordinates, GeoLinkKind::Address],
            address_attribute: Some("address".to_owned()),
        },
        attributes: attributes(),
        requirements: requirements(),
        profiled_rows: Some(24),
        record_checks: Some(record_checks()),
        history: history(),
        ..Passport::default()
    }
}

/// Mandatory are the fields that all 24 rows have: the law's two rows have no schedule, phones, `open24h`, area and
/// dates.
fn attributes() -> Vec<Attribute> {
    let attribute = |(group, name, kind, kk, ru, is_mandatory): (&str, &str, &str, &str, &str, bool)| {
        let element = (kind == "List").then_some("String");
        Attribute {
            technical_name: name.to_owned(),
            name: Bilingual::new(kk, ru),
            group: Some(group.to_owned()).filter(|group| !group.is_empty()),
            kind: Some(AttributeType::new(kind, element)),
            is_mandatory: Some(is_mandatory),
        }
    };
    [
        ("", "id", "Int", "сәйкестендіргіш", "идентификатор", true),
        ("", "name", "String", "Атауы", "Название", true),
        ("", "region", "Int", "Өңір", "Регион", true),
        ("", "address", "Address", "Мекенжайы", "Адрес", true),
        ("", "geoposition", "Geoposition", "Геонүкте", "Геопозиция", true),
        ("", "schedule", "Object", "Жұмыс істеу кестесі", "График работы", false),
        ("schedule", "open", "String", "Ашылуы", "Открытие", false),
        ("schedule", "close", "String", "Жабылуы", "Закрытие", false),
        ("", "phones", "List", "Телефондар", "Телефоны", false),
        ("", "open24h", "Boolean", "Тәулік бойы", "Круглосуточно", false),
        ("", "area", "Double", "Ауданы, шаршы метр", "Площадь, квадратных метров", false),
        ("", "licenceDate", "Date", "Лицензия берілген күн", "Дата выдачи лицензии", false),
        ("", "expireDate", "Date", "Лицензияның аяқталу мерзімі", "Срок истечения лицензии", false),
        ("", "madeUp", "Boolean", "Ойдан шығарылған жол", "Вымышленная строка", true),
    ]
    .map(attribute)
    .to_vec()
}

fn values(values: &[(&str, u64)]) -> Requirement {
    let value = |(value, rows): &(&str, u64)| ListedValue { value: (*value).to_owned(), rows: *rows };
    Requirement::Values { values: values.iter().map(value).collect(), is_complete: true }
}

fn range(least: &str, most: &str) -> Requirement {
    Requirement::Range { least: least.to_owned(), most: most.to_owned() }
}

fn format(format: &str) -> Requirement {
    Requirement::Format { format: format.to_owned() }
}

fn pattern(pattern: &str, values: u64) -> Requirement {
    Requirement::Pattern { pattern: pattern.to_owned(), values, of: values }
}

fn alphabet(beyond: &[char]) -> Requirement {
    Requirement::Alphabet { beyond: beyond.to_vec() }
}

/// Counted over the 24 rows: 22 have a schedule, a licence and `open24h`, 20 an area (null in row 11, `-` in row 13),
/// and 20 have telephones, five of them two each: 25 numbers.
fn requirements() -> Vec<AttributeRequirements> {
    let region = Requirement::Reference { dataset: "regions".to_owned(), field: "id".to_owned() };
    // Row 18 lies in Almaty: the least latitude and the greatest longitude are its.
    let extent = Requirement::Extent { latitude: [43.2486, 51.189_76], longitude: [71.362_859, 76.9275] };
    let later = Requirement::Stated {
        text: Bilingual::new("Күні licenceDate күнінен кейін", "Дата позже даты licenceDate"),
    };
    let opens = [("00:00", 7), ("08:00", 4), ("08:30", 4), ("10:00", 4), ("09:00", 3)];
    let closes = [("24:00", 7), ("20:00", 6), ("21:00", 5), ("22:00", 4)];
    let of = |(attribute, requirements): (&str, Vec<Requirement>)| AttributeRequirements {
        attribute: attribute.to_owned(),
        requirements,
    };
    [
        ("id", vec![Requirement::Key { together_with: Vec::new() }, range("11", "122")]),
        // "Гиппократ" has 9 characters, "Дәріхана № 10 (үлгі)" 20.
        ("name", vec![Requirement::Length { least: 9, most: 20 }, alphabet(&[])]),
        ("region", vec![region, values(&[("71", 23), ("75", 1)])]),
        // Row 3 has the shortest address, row 1 the longest, with the law's straight quotation marks.
        ("address", vec![Requirement::Length { least: 31, most: 54 }, alphabet(&['"'])]),
        ("geoposition", vec![format("lat,lon"), extent]),
        ("schedule.open", vec![pattern("99:99", 22), values(&opens), alphabet(&[':'])]),
        ("schedule.close", vec![pattern("99:99", 22), values(&closes), alphabet(&[':'])]),
        ("phones", vec![pattern("+9 (9999) 99-99-99", 25), alphabet(&['+'])]),
        ("open24h", vec![values(&[("false", 15), ("true", 7)])]),
        // Rows 21 and 7.
        ("area", vec![range("38.9", "310.6")]),
        // Rows 12 and 9.
        ("licenceDate", vec![format("DD.MM.YYYY"), range("27.03.2014", "22.12.2023")]),
        // Rows 5 and 19.
        ("expireDate", vec![format("DD.MM.YYYY"), range("06.04.2020", "20.02.2038"), later]),
        ("madeUp", vec![values(&[("true", 22), ("false", 2)])]),
    ]
    .map(of)
    .to_vec()
}

/// Rows 2, 1 and 3. Quotation marks, colons and plus signs are not in the order's alphabet of String.
fn record_checks() -> Vec<RecordCheck> {
    let hippocrates = "Астана қаласы, \"Ильинка\" Т.А. Есет батыр көшесі 18-үй";
    let green = "Астана қаласы, Достык шағын ауданы, Сауран көшесі 5-үй";
    let sample = "Астана қаласы, Үлгі көшесі 4-үй";
    let phone = "+7 (7172) 00-00-01";
    let no = [None; 8];
    let of_sample = [
        Some("09:00"),
        Some("21:00"),
        Some(phone),
        Some("false"),
        Some("48.5"),
        Some("12.06.2021"),
        Some("12.06.2031"),
        Some("true"),
    ];
    vec![
        record((2, "22"), ["Зеленая аптека", "71", green, "51.121077,71.419938"], no, &[]),
        record(
            (1, "11"),
            ["Гиппократ", "71", hippocrates, "51.117469,71.428171"],
            no,
            &[("address", hippocrates)],
        ),
        record(
            (3, "101"),
            ["Дәріхана № 1 (үлгі)", "71", sample, "51.095829,71.369130"],
            of_sample,
            &[("schedule.open", "09:00"), ("schedule.close", "21:00"), ("phones", phone)],
        ),
    ]
}

fn record(
    (row, key): (u64, &str),
    [name, region, address, point]: [&str; 4],
    rest: [Option<&str>; 8],
    broken: &[(&str, &str)],
) -> RecordCheck {
    let names = ["schedule.open", "schedule.close", "phones", "open24h", "area", "licenceDate", "expireDate"];
    let first =
        [("id", key), ("name", name), ("region", region), ("address", address), ("geoposition", point)];
    let first = first.map(|(name, value)| (name, Some(value)));
    let made_up = [("madeUp", rest[7].or(Some("false")))];
    let all = first.into_iter().chain(names.into_iter().zip(rest)).chain(made_up);
    let value = |(attribute, value): (&str, Option<&str>)| CheckedValue {
        attribute: attribute.to_owned(),
        value: value.map(str::to_owned),
    };
    let breach = |(attribute, found): &(&str, &str)| BrokenRule {
        attribute: (*attribute).to_owned(),
        code: "text.alphabet".to_owned(),
        expected: Bilingual::new(
            "String мәнінде қазақ пен орыс әріптері, цифрлар, №, дефис, дөңгелек жақшалар, бос орын, үтір мен \
             нүкте болады",
            "String состоит из казахских и русских букв, цифр, №, дефиса, круглых скобок, пробела, запятой и \
             точки",
        ),
        found: Some((*found).to_owned()),
    };
    RecordCheck {
        row,
        key: Some(key.to_owned()),
        values: all.map(value).collect(),
        broken: broken.iter().map(breach).collect(),
    }
}

fn history() -> History {
    let state = |(step, month, day, by): (Step, u32, u32, &str)| PassportState {
        step,
        at: NaiveDate::from_ymd_opt(2026, month, day).expect("a day of the calendar"),
        by: Some(by.to_owned()),
        note: None,
    };
    let states = [(Step::Draft, 11, 2, "Сервистік интегратор"), (Step::Agreed, 11, 16, "derek жобасы")];
    History::new(states.map(state)).expect("each step may follow the one before")
}
