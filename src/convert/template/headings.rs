//! The words of the template: titles, headings and labels (order 144, annex 2).
//!
//! The Kazakh words are the order's own. The Russian ones are a translation of them.

use crate::encode::Language;

/// A word in Kazakh and in Russian.
pub(super) type Words = [&'static str; 2];

/// The word of a language: Russian where that is asked for, else Kazakh, the language of the order's text.
pub(super) const fn said(language: Language, words: Words) -> &'static str {
    let [kazakh, russian] = words;
    match language {
        Language::Russian => russian,
        Language::Kazakh | Language::English => kazakh,
    }
}

/// The names of the three sheets.
pub(super) const SHEETS: [Words; 3] = [["Сипаттама", "Описание"], ["Жолдар", "Поля"], ["Деректер", "Данные"]];

/// The titles of the three parts; the second and the third are those of the annex with its numbers.
pub(super) const TITLES: [Words; 3] = [
    ["1. Ашық деректердің сипаттамасы", "1. Описание открытых данных"],
    ["2. Ашық деректер жолдарының сипаттамасы", "2. Описание полей открытых данных"],
    ["3. Ашық деректерін қалыптастыру шаблоны", "3. Шаблон формирования открытых данных"],
];

/// The columns of the description.
pub(super) const DESCRIPTION: [Words; 3] =
    [["Жолдың атауы", "Наименование поля"], ["Мәні", "Значение"], ["Мысалы", "Пример"]];

/// A line of the description.
pub(super) struct Line {
    /// Its member of `meta`, with dots.
    pub(super) key: &'static str,
    pub(super) label: Words,
    /// The annex's example; no person's name or contact is taken from it.
    pub(super) example: &'static str,
    /// The most characters (annex 1 part 2), where there is a bound.
    pub(super) most: Option<u32>,
}

/// The lines of the description, in the annex's sequence.
pub(super) const LINES: [Line; 10] = [
    Line {
        key: "apiUri",
        label: ["Ашық деректердің сәйкестендіргіші", "Идентификатор открытых данных"],
        example: "№",
        most: Some(100),
    },
    Line {
        key: "nameKk",
        label: ["Қазақ тілдегі ашық деректердің атауы*", "Наименование открытых данных на казахском языке*"],
        example: "Астана қаласының дәріханалары",
        most: Some(255),
    },
    Line {
        key: "nameRu",
        label: ["Орыс тіліндегі ашық деректердің атауы*", "Наименование открытых данных на русском языке*"],
        example: "Аптеки города Астана",
        most: Some(255),
    },
    Line {
        key: "descriptionKk",
        label: [
            "Қазақ тілдегі ашық деректердің сипаттамасы*",
            "Описание открытых данных на казахском языке*",
        ],
        example: "Көрсетілген ашық деректер Астана қаласының дәріханалар ақпаратын қамтиды",
        most: None,
    },
    Line {
        key: "descriptionRu",
        label: ["Орыс тіліндегі ашық деректердің сипаттамасы*", "Описание открытых данных на русском языке*"],
        example: "Указанные открытые данные содержат информацию об аптеках города г. Астана",
        most: None,
    },
    Line {
        key: "keywords",
        label: [
            "Қазақ және орыс тілдеріндегі түйінді сөздер*",
            "Ключевые слова на казахском и русском языках*",
        ],
        example: "Дәріхана, аптека",
        most: None,
    },
    Line {
        key: "responsible.fullnameKk",
        label: [
            "Жауапты адамның қазақ тілдегі тегі, аты, әкесінің аты (бар болған жағдайда)*",
            "Фамилия, имя, отчество (при наличии) ответственного лица на казахском языке*",
        ],
        example: "Үлгиев Үлгі Үлгіұлы",
        most: Some(100),
    },
    Line {
        key: "responsible.fullnameRu",
        label: [
            "Жауапты адамның орыс тіліндегі тегі, аты, әкесінің аты (болған жағдайда)*",
            "Фамилия, имя, отчество (при наличии) ответственного лица на русском языке*",
        ],
        example: "Примеров Пример Примерович",
        most: Some(100),
    },
    Line {
        key: "responsible.phone",
        label: ["Жауапты адамның телефон нөмірі*", "Номер телефона ответственного лица*"],
        example: "8 (7172) 000000",
        most: Some(50),
    },
    Line {
        key: "responsible.email",
        label: ["Жауапты адамның электрондық поштасы*", "Электронная почта ответственного лица*"],
        example: "sample@example.org",
        most: Some(50),
    },
];

/// The columns of the fields with the attributes they hold, in the annex's sequence; the first one is the field's
/// name, the last one an example that is not read.
pub(super) const FIELDS: [(&str, Words); 9] = [
    (NAME, ["Жол", "Поле"]),
    ("labelKk", ["*Қазақ тілдегі жолдың атауы", "*Наименование поля на казахском языке"]),
    ("labelRu", ["*Орыс тіліндегі жолдың атауы", "*Наименование поля на русском языке"]),
    ("type", ["Жолдың типі", "Тип поля"]),
    ("format", ["*Күнінің форматы (жолдың типі күні болса)", "*Формат даты (если тип поля дата)"]),
    (
        "datapath",
        [
            "Ашық деректердің ішіндегі нақты объектіге сілтеме",
            "Ссылка на конкретный объект внутри открытых данных",
        ],
    ),
    (
        "pkey",
        [
            "Жол бірегей сәйкестендіргіш болып табылатын белгіні көрсету",
            "Указание признака, что поле является уникальным идентификатором",
        ],
    ),
    ("elementType", ["Массив ішіндегі объектінің типін көрсету", "Указание типа объекта внутри массива"]),
    (EXAMPLE, ["Үлгі", "Образец"]),
];

/// What stands in [`FIELDS`] for the field's name.
pub(super) const NAME: &str = "\\name";

/// What stands in [`FIELDS`] for the example.
pub(super) const EXAMPLE: &str = "\\example";

/// The start of the annex's notes below a table.
const NOTES: Words = ["ескертпе", "примечание"];

/// A text as it is compared: without asterisks, in lower case, with single spaces.
fn folded(text: &str) -> String {
    let text = text.replace('*', " ").to_lowercase();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(super) fn is_one_of(text: &str, words: Words) -> bool {
    let text = folded(text);
    words.iter().any(|word| folded(word) == text)
}

/// The part whose title a text is, with or without its number.
pub(super) fn titled(text: &str) -> Option<usize> {
    let bare =
        |text: &str| folded(text.trim().trim_start_matches(|it: char| it.is_ascii_digit() || it == '.'));
    let text = bare(text);
    TITLES.iter().position(|words| words.iter().any(|title| bare(title) == text))
}

/// Whether a text starts a note below a table.
pub(super) fn is_note(text: &str) -> bool {
    let text = folded(text);
    NOTES
        .iter()
        .any(|word| text.strip_prefix(word).is_some_and(|rest| rest.trim_start().starts_with([':', '.'])))
}

/// The member of `meta` that a label stands for.
pub(super) fn member(label: &str) -> Option<&'static str> {
    LINES.iter().find(|line| is_one_of(label, line.label)).map(|line| line.key)
}

/// The attribute that a heading of the fields stands for.
pub(super) fn attribute(heading: &str) -> Option<&'static str> {
    FIELDS.iter().find(|(_, words)| is_one_of(heading, *words)).map(|(key, _)| *key)
}
