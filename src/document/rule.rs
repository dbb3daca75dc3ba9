//! Every rule of the format that a document can break, in one list: its code, how much it matters,
//! where it comes from, and what was expected, in three languages.

use std::fmt;

use crate::encode::Language;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; nothing to mend.
    Note,
    /// Breaks the format, but the value was understood.
    Warning,
    /// A value, a row or a key could not be taken for what the document says it is.
    Error,
}

impl Severity {
    /// Every severity, the worst first.
    pub const ALL: [Self; 3] = [Self::Error, Self::Warning, Self::Note];

    /// `note`, `warning` or `error`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// The word in a language.
    #[must_use]
    pub const fn word(self, language: Language) -> &'static str {
        language.of(match self {
            Self::Note => ["note", "ескертпе", "замечание"],
            Self::Warning => ["warning", "ескерту", "предупреждение"],
            Self::Error => ["error", "қате", "ошибка"],
        })
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Declares the rules: name = code, severity, source, what was expected in English, Kazakh, Russian.
macro_rules! rules {
    ($($name:ident = $code:literal, $severity:ident, $source:literal, $en:literal, $kk:literal, $ru:literal;)*) => {
        /// A rule of the format that a document can break.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule { $(#[doc = concat!("`", $code, "`")] $name,)* }

        impl Rule {
            /// Every rule there is.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stable dotted code, such as `value.not_an_int`.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// How much breaking it matters.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }

            /// Where the rule comes from: annex, part and row of order 144 of 2021, or a standard.
            #[must_use]
            pub const fn source(self) -> &'static str {
                match self { $(Self::$name => $source,)* }
            }

            /// What was expected, as a sentence without a full stop.
            #[must_use]
            pub const fn sentence(self, language: Language) -> &'static str {
                language.of(match self { $(Self::$name => [$en, $kk, $ru],)* })
            }
        }
    };
}

impl Rule {
    /// [`Rule::source`] in a language.
    #[must_use]
    pub fn source_in(self, language: Language) -> String {
        let source = self.source();
        let Some(place) = source.strip_prefix("order 144/2021, annex 1, part ") else {
            let words = [
                ("the form in XML", ["the form in XML", "XML пішіні", "форма в XML"]),
                (
                    "the field's attribute order",
                    ["the field's attribute order", "өрістің order атрибуты", "атрибут поля order"],
                ),
            ];
            let known = words.iter().find(|(text, _)| *text == source);
            return known.map_or(source, |(_, words)| language.of(*words)).to_owned();
        };
        let (part, row) = place.split_once(", ").unwrap_or((place, ""));
        let rows = row.trim_start_matches("rows ").trim_start_matches("row ");
        match language {
            Language::English => source.to_owned(),
            Language::Kazakh => {
                let row = if rows.is_empty() {
                    String::new()
                } else {
                    format!(", {}-жол", rows.replace(" and ", " және "))
                };
                format!("144/2021 бұйрық, 1-қосымша, {part}-бөлім{row}")
            }
            Language::Russian => {
                let row = if rows.is_empty() {
                    String::new()
                } else {
                    format!(", строка {}", rows.replace(" and ", " и "))
                };
                format!("приказ 144/2021, приложение 1, часть {part}{row}")
            }
        }
    }

    /// How many findings of this rule in one field are kept one by one; the total is always exact.
    #[must_use]
    pub const fn kept(self) -> usize {
        match self.severity() {
            Severity::Note => 3,
            Severity::Warning | Severity::Error => super::KEPT_PER_RULE_AND_FIELD,
        }
    }
}

// "144" is order 144 of 2021; "order 144/2021, annex 1, part 3, row 3" its annex 1, part 3, row 3. Rules without a row there follow
// from the form of the document (144 1.1) or from the standard that is named.
rules! {
    DocumentNoFields = "document.no_fields", Warning, "order 144/2021, annex 1, part 1",
        "the document declares no fields: their types were taken from all rows",
        "құжатта fields сипаттамасы жоқ: түрлер барлық жолдар бойынша анықталды",
        "в документе нет описания полей fields: типы определены по всем строкам";
    DocumentDuplicateKey = "document.duplicate_key", Warning, "RFC 8259 4",
        "a key beside the rows stands twice: only one of its values is kept",
        "жолдардан тыс кілт екі рет берілген: мәндердің біреуі ғана сақталды",
        "ключ вне строк встречается дважды: сохранено только одно из значений";
    DocumentMetaFile = "document.meta_file", Error, "order 144/2021, annex 1, part 1",
        "the file with the dataset's metadata beside it must be a JSON object",
        "деректер жиынының қасындағы метадеректер файлы JSON объектісі болуы тиіс",
        "файл с метаданными рядом с набором данных должен быть объектом JSON";
    MetaMissing = "meta.missing", Warning, "order 144/2021, annex 1, part 1",
        "the document has no meta: the table is named after the file",
        "құжатта meta жоқ: кестеге файлдың аты берілді",
        "в документе нет meta: таблица названа по имени файла";
    MetaApiUri = "meta.api_uri", Warning, "order 144/2021, annex 1, part 2, row 1",
        "meta.apiUri is not an identifier of 1 to 100 characters: a table name was derived",
        "meta.apiUri 1–100 таңбалы сәйкестендіргіш емес: кесте атауы өзге деректен алынды",
        "meta.apiUri не является идентификатором от 1 до 100 символов: имя таблицы получено из других данных";
    MetaName = "meta.name", Warning, "order 144/2021, annex 1, part 2, row 2",
        "nameKk and nameRu are required and have at most 255 characters, as has nameEn",
        "nameKk мен nameRu міндетті, ұзындығы 255 таңбадан аспайды (nameEn де)",
        "nameKk и nameRu обязательны и не длиннее 255 символов, как и nameEn";
    MetaDescription = "meta.description", Warning, "order 144/2021, annex 1, part 2, row 3",
        "descriptionKk and descriptionRu are required",
        "descriptionKk пен descriptionRu міндетті",
        "descriptionKk и descriptionRu обязательны";
    MetaKeywords = "meta.keywords", Warning, "order 144/2021, annex 1, part 2, row 4",
        "keywords must be a list of words",
        "keywords сөздер тізімі болуы тиіс",
        "keywords должно быть списком слов";
    MetaResponsible = "meta.responsible", Warning, "order 144/2021, annex 1, part 2, row 5",
        "responsible.fullnameKk and responsible.fullnameRu are required and have at most 100 characters",
        "responsible.fullnameKk пен responsible.fullnameRu міндетті, ұзындығы 100 таңбадан аспайды",
        "responsible.fullnameKk и responsible.fullnameRu обязательны и не длиннее 100 символов";
    MetaContact = "meta.contact", Warning, "order 144/2021, annex 1, part 2, rows 6 and 7",
        "a phone and an email have at most 50 characters, the owner's names 100",
        "телефон мен электрондық пошта 50 таңбадан, иесінің атауы 100 таңбадан аспайды",
        "телефон и электронная почта не длиннее 50 символов, наименования владельца не длиннее 100";
    FieldUnknownType = "field.unknown_type", Warning, "order 144/2021, annex 1, part 4, row 1",
        "the type must be Int, String, Double, Boolean, Date, Geoposition, Object or List: read as String",
        "түрі Int, String, Double, Boolean, Date, Geoposition, Object немесе List болуы тиіс: String ретінде оқылды",
        "тип должен быть Int, String, Double, Boolean, Date, Geoposition, Object или List: прочитано как String";
    FieldNoElementType = "field.no_element_type", Warning, "order 144/2021, annex 1, part 4, row 4",
        "a List must state its elementType: String was assumed, or Object where it has fields",
        "List үшін elementType көрсетілуі тиіс: String деп (fields болса, Object деп) қабылданды",
        "для List должен быть указан elementType: принято String, а при наличии fields — Object";
    FieldNoMembers = "field.no_members", Warning, "order 144/2021, annex 1, part 4, row 6",
        "an Object must describe its members in fields",
        "Object ішкі өрістерін fields ішінде сипаттауы тиіс",
        "Object должен описывать вложенные поля в fields";
    FieldNoLabel = "field.no_label", Note, "order 144/2021, annex 1, part 4, rows 2 and 3",
        "a field has a label in Kazakh (labelKk) and in Russian (labelRu)",
        "өрістің қазақша (labelKk) және орысша (labelRu) атауы болуы тиіс",
        "у поля должны быть названия на казахском (labelKk) и русском (labelRu)";
    FieldDatapath = "field.datapath", Warning, "order 144/2021, annex 1, part 4, row 7",
        "datapath must be <apiUri>.<field> of another dataset",
        "datapath басқа деректер жиынының <apiUri>.<field> түрінде жазылуы тиіс",
        "datapath должен иметь вид <apiUri>.<field> другого набора данных";
    FieldOrder = "field.order", Warning, "the field's attribute order",
        "order must be latlon or lonlat: it was not heeded",
        "order мәні latlon немесе lonlat болуы тиіс: ескерілмеді",
        "атрибут order должен быть latlon или lonlat: он не учтён";
    FieldUndeclared = "field.undeclared", Warning, "order 144/2021, annex 1, part 1",
        "the rows have a key that fields does not declare: read as String",
        "жолдарда fields сипаттамаған кілт бар: String ретінде оқылды",
        "в строках есть ключ, не описанный в fields: прочитан как String";
    FieldAbsent = "field.absent", Warning, "order 144/2021, annex 1, part 1",
        "the field is declared, but no row has it: the column is null",
        "сипатталған өріс бірде-бір жолда жоқ: баған бос",
        "поле описано, но его нет ни в одной строке: столбец пуст";
    FieldCase = "field.case", Warning, "order 144/2021, annex 1, part 1",
        "the rows spell the field in another letter case",
        "жолдарда өрістің атауы басқа регистрмен жазылған",
        "в строках имя поля написано в другом регистре";
    FieldLookAlike = "field.look_alike", Note, "order 144/2021, annex 1, part 1",
        "a name mixes Latin and Cyrillic letters in one word",
        "атаудың бір сөзінде латын мен кирилл әріптері аралас",
        "в одном слове имени смешаны латинские и кириллические буквы";
    KeyMissing = "key.missing", Error, "order 144/2021, annex 1, part 4, row 5",
        "every row has a value in each field of the key",
        "әр жолда кілттің барлық бөлігінің мәні болуы тиіс",
        "в каждой строке должны быть значения всех полей ключа";
    KeyDuplicate = "key.duplicate", Error, "order 144/2021, annex 1, part 4, row 5",
        "the key identifies one row only: an earlier row has the same",
        "кілт бір ғана жолды анықтауы тиіс: алдыңғы жолда дәл осындай кілт бар",
        "ключ должен однозначно определять строку: такой же есть у более ранней";
    LinkUnknownDataset = "link.unknown_dataset", Error, "order 144/2021, annex 1, part 4, row 7",
        "datapath must name a published dataset and a field of it",
        "datapath жарияланған деректер жиынын және оның өрісін атауы тиіс",
        "datapath должен указывать на опубликованный набор данных и его поле";
    LinkNotAKey = "link.not_a_key", Warning, "order 144/2021, annex 1, part 4, row 7",
        "datapath must name the field that alone is the key of the dataset: the first row with the value is taken",
        "datapath деректер жиынының жалғыз кілт өрісін атауы тиіс: осы мәні бар алғашқы жол алынады",
        "datapath должен указывать на единственное ключевое поле набора: берётся первая строка с этим значением";
    LinkDangling = "link.dangling", Warning, "order 144/2021, annex 1, part 4, row 7",
        "the value must be the key of an object of the dataset that datapath names",
        "мән datapath атаған деректер жиынындағы объектінің кілті болуы тиіс",
        "значение должно быть ключом объекта набора данных, на который указывает datapath";
    RowNotAnObject = "row.not_an_object", Error, "order 144/2021, annex 1, part 1",
        "a row must be an object: it is kept as a row of nulls",
        "жол объект болуы тиіс: бос мәндер жолы ретінде сақталды",
        "строка должна быть объектом: сохранена как строка пустых значений";
    RowDuplicateKey = "row.duplicate_key", Warning, "RFC 8259 4",
        "the key stands twice in one object: its last value is kept",
        "кілт бір объектіде екі рет берілген: соңғы мәні сақталды",
        "ключ встречается в одном объекте дважды: сохранено последнее значение";
    RowText = "row.text", Warning, "the form in XML",
        "text between the elements of a row or a list belongs to no field: it was left out",
        "элементтер арасындағы мәтін ешбір өріске жатпайды: ескерілмеді",
        "текст между элементами не относится ни к одному полю: пропущен";
    RowAttribute = "row.attribute", Warning, "the form in XML",
        "an attribute of a value has no place in the table: it was left out",
        "мән атрибутына кестеде орын жоқ: ескерілмеді",
        "для атрибута значения нет места в таблице: атрибут пропущен";
    RowHeader = "row.header", Warning, "order 144/2021, annex 1, part 1",
        "the row repeats the names or labels of the fields instead of data",
        "жолда деректің орнына өрістердің атаулары қайталанған",
        "строка вместо данных повторяет имена или подписи полей";
    RowTotals = "row.totals", Warning, "order 144/2021, annex 1, part 1",
        "the row is a total of other rows, not data of its own",
        "бұл жол жеке дерек емес, басқа жолдардың қорытындысы",
        "строка содержит итог других строк, а не собственные данные";
    RowDuplicate = "row.duplicate", Warning, "order 144/2021, annex 1, part 1",
        "the whole row is the same as an earlier one",
        "жол бұрынғы жолды толық қайталайды",
        "строка полностью повторяет более раннюю";
    ValueNotAnInt = "value.not_an_int", Error, "order 144/2021, annex 1, part 3, row 1",
        "expected a whole number of at most 64 bits",
        "64 биттен аспайтын бүтін сан күтілді",
        "ожидалось целое число не более 64 бит";
    ValueNotADouble = "value.not_a_double", Error, "order 144/2021, annex 1, part 3, row 2",
        "expected a number",
        "сан күтілді",
        "ожидалось число";
    ValueNotABoolean = "value.not_a_boolean", Error, "order 144/2021, annex 1, part 3, row 4",
        "expected true, false, 0 or 1",
        "true, false, 0 немесе 1 күтілді",
        "ожидалось true, false, 0 или 1";
    ValueNotADate = "value.not_a_date", Error, "order 144/2021, annex 1, part 3, row 5",
        "expected a date such as 31-12-2024 10:00, 31.12.2024 or 2024-12-31T10:00",
        "31-12-2024 10:00, 31.12.2024 немесе 2024-12-31T10:00 тәрізді күн күтілді",
        "ожидалась дата вида 31-12-2024 10:00, 31.12.2024 или 2024-12-31T10:00";
    ValueExcelDate = "value.excel_date", Warning, "order 144/2021, annex 1, part 3, row 5",
        "a spreadsheet's day number was read as a date",
        "электрондық кестенің күн нөмірі күн ретінде оқылды",
        "номер дня из электронной таблицы прочитан как дата";
    ValueTimeDropped = "value.time_dropped", Warning, "order 144/2021, annex 1, part 3, row 5",
        "the field's format has no time of day: it was left out",
        "өрістің форматында тәулік уақыты жоқ: уақыт алып тасталды",
        "в формате поля нет времени суток: время отброшено";
    ValueNotAPosition = "value.not_a_geoposition", Error, "order 144/2021, annex 1, part 3, row 6",
        "expected a point such as 51.117469,71.428171",
        "51.117469,71.428171 тәрізді нүкте күтілді",
        "ожидалась точка вида 51.117469,71.428171";
    ValueNotAnObject = "value.not_an_object", Error, "order 144/2021, annex 1, part 3, row 8",
        "expected an object",
        "объект күтілді",
        "ожидался объект";
    ValueNotAList = "value.not_a_list", Error, "order 144/2021, annex 1, part 3, row 7",
        "expected a list",
        "тізім күтілді",
        "ожидался список";
    ValueNotAString = "value.not_a_string", Warning, "order 144/2021, annex 1, part 3, row 3",
        "expected a text: the object or list is kept as JSON text",
        "мәтін күтілді: объект немесе тізім JSON мәтіні ретінде сақталды",
        "ожидался текст: объект или список сохранён как текст JSON";
    PositionOrder = "position.order", Warning, "order 144/2021, annex 1, part 3, row 6",
        "the column's points lie in Kazakhstan only with the two numbers swapped: they were swapped",
        "бағандағы нүктелер екі сан ауыстырылғанда ғана Қазақстанда жатыр: ауыстырылды",
        "точки столбца лежат в Казахстане, только если поменять числа местами: они переставлены";
    PositionFromPair = "position.from_pair", Note, "order 144/2021, annex 1, part 3, row 6",
        "the point lies in two fields: a column geoposition was added",
        "нүкте екі өрісте берілген: geoposition бағаны қосылды",
        "точка записана в двух полях: добавлен столбец geoposition";
    PositionZero = "position.zero", Warning, "order 144/2021, annex 1, part 3, row 6",
        "0,0 is a point in the Atlantic Ocean: a missing point is left empty",
        "0,0 — Атлант мұхитындағы нүкте: белгісіз нүкте бос қалдырылады",
        "0,0 — точка в Атлантическом океане: неизвестную точку оставляют пустой";
    PositionOutsideCountry = "position.outside_country", Warning, "order 144/2021, annex 1, part 3, row 6",
        "the point is outside Kazakhstan (latitude 40.5 to 55.5, longitude 46.4 to 87.4)",
        "нүкте Қазақстаннан тыс (ендік 40,5–55,5, бойлық 46,4–87,4)",
        "точка вне Казахстана (широта 40,5–55,5, долгота 46,4–87,4)";
    PositionOutsideGlobe = "position.outside_globe", Error, "order 144/2021, annex 1, part 3, row 6",
        "latitude is at most 90 and longitude at most 180: the point is null",
        "ендік 90-нан, бойлық 180-нен аспайды: нүкте бос",
        "широта не больше 90, долгота не больше 180: точка пуста";
    TextMojibake = "text.mojibake", Warning, "STRK 1048-2002",
        "letters such as Ќ, Ґ and Ј are Kazakh letters that were read in a wrong encoding",
        "Ќ, Ґ, Ј тәрізді таңбалар — қате кодтаумен оқылған қазақ әріптері",
        "буквы вида Ќ, Ґ, Ј — казахские буквы, прочитанные в неверной кодировке";
    TextLoneSurrogate = "text.lone_surrogate", Warning, "RFC 8259 8.2",
        "half a surrogate pair is no character: U+FFFD stands in its place",
        "суррогат жұбының жартысы таңба емес: орнына U+FFFD қойылды",
        "половина суррогатной пары не является символом: вместо неё стоит U+FFFD";
    TextLookAlike = "text.look_alike", Note, "order 144/2021, annex 1, part 3, row 3",
        "a word mixes Latin and Cyrillic letters",
        "бір сөзде латын мен кирилл әріптері аралас",
        "в одном слове смешаны латинские и кириллические буквы";
    TextAlphabet = "text.alphabet", Note, "order 144/2021, annex 1, part 3, row 3",
        "a String has Kazakh and Russian letters, digits, №, hyphen, round brackets, space, comma and full stop",
        "String мәнінде қазақ пен орыс әріптері, цифрлар, №, дефис, дөңгелек жақшалар, бос орын, үтір мен нүкте болады",
        "String состоит из казахских и русских букв, цифр, №, дефиса, круглых скобок, пробела, запятой и точки";
}
