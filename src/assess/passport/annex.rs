//! The wording of annex 2: headings, items and columns with their numbers.
//!
//! Kazakh: the order's own, letter by letter. Russian: a translation.

use super::language::Language;

/// Where the annex belongs, as its first lines say.
pub(crate) const ANNEX: [&str; 2] = [
    "Мемлекеттік органдардың ақпараттандыру объектілеріндегі қолжетімділігі шектеулі ақпаратты қоспағанда, \
     деректерге талдау жүргізу қағидаларына 2-қосымша",
    "Приложение 2 к Правилам проведения анализа данных в объектах информатизации государственных органов, \
     за исключением информации с ограниченным доступом",
];

pub(crate) const TITLE: [&str; 2] = ["ТЕХНОЛОГИЯЛЫҚ ПАСПОРТ", "ТЕХНОЛОГИЧЕСКИЙ ПАСПОРТ"];
pub(crate) const OF_WHAT: [&str; 2] = ["ашық деректер жиынтығы", "набора открытых данных"];

/// What the title page asks for.
pub(crate) const DATASET: [&str; 2] = ["Жинақтың атауы", "Наименование набора"];
pub(crate) const SOURCE: [&str; 2] = ["Дереккөздің атауы", "Наименование источника"];
pub(crate) const CITY: [&str; 2] = ["Әзірлеу қаласының атауы", "Наименование города разработки"];
pub(crate) const YEAR: [&str; 2] = ["әзірлеу жылы", "год разработки"];

/// A heading over items: number, then its words.
pub(crate) type Heading = (&'static str, [&'static str; 2]);

pub(crate) const GENERAL: Heading = ("1", ["ЖАЛПЫ БӨЛІМ", "ОБЩАЯ ЧАСТЬ"]);
pub(crate) const BASICS: Heading = ("1.1", ["Негізгі мәліметтер", "Основные сведения"]);
pub(crate) const UPDATE: Heading = ("1.2", ["Деректерді өзектендіру", "Актуализация данных"]);
pub(crate) const GEO: Heading = ("1.3", ["Геобайланыс", "Геопривязка"]);
pub(crate) const STRUCTURE: Heading = ("2", ["ҚҰРЫЛЫМНЫҢ СИПАТТАМАСЫ", "ОПИСАНИЕ СТРУКТУРЫ"]);

/// The columns of table 2.1.
pub(crate) const ATTRIBUTE_COLUMNS: [[&str; 2]; 6] = [
    NUMBER,
    ATTRIBUTE_NAME,
    ["Атауы", "Наименование"],
    ["Топтық атрибут", "Групповой атрибут"],
    ["Түрі", "Тип"],
    ["Міндеттілік", "Обязательность"],
];

/// The columns of table 2.2.
pub(crate) const REQUIREMENT_COLUMNS: [[&str; 2]; 3] = [
    NUMBER,
    ATTRIBUTE_NAME,
    [
        "Атрибуттардың мәндеріне қойылатын қосымша (арнайы) талаптар",
        "Дополнительные (специальные) требования к значениям атрибутов",
    ],
];

/// The column of running numbers.
pub(crate) const NUMBER: [&str; 2] = ["р\\с №", "№ п/п"];
const ATTRIBUTE_NAME: [&str; 2] = ["Атрибуттың технологиялық атауы", "Технологическое наименование атрибута"];

/// What the annex asks for, under its own numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Item {
    /// 1.1.1
    FullName,
    /// 1.1.2
    ShortName,
    /// 1.1.3
    Category,
    /// 1.1.4
    Provider,
    /// 1.1.5
    Description,
    /// 1.1.6
    Keywords,
    /// 1.2.1
    UpdateFrequency,
    /// 1.3.1
    HasGeoLink,
    /// 1.3.2
    GeometryType,
    /// 1.3.3
    GeoLinkKind,
    /// 1.3.4
    AddressAttribute,
    /// 2.1
    Attributes,
    /// 2.2
    Requirements,
    /// 3
    RecordChecks,
}

impl Item {
    /// Every item, in the annex's order.
    pub const ALL: [Self; 14] = [
        Self::FullName,
        Self::ShortName,
        Self::Category,
        Self::Provider,
        Self::Description,
        Self::Keywords,
        Self::UpdateFrequency,
        Self::HasGeoLink,
        Self::GeometryType,
        Self::GeoLinkKind,
        Self::AddressAttribute,
        Self::Attributes,
        Self::Requirements,
        Self::RecordChecks,
    ];

    /// The annex's number, such as `1.3.4`.
    #[must_use]
    pub const fn number(self) -> &'static str {
        self.entry().0
    }

    /// The name that programs know it by, such as `address_attribute`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.entry().1
    }

    /// The annex's words without the colon: the order's own in Kazakh, a translation in Russian.
    #[must_use]
    pub const fn title(self, language: Language) -> &'static str {
        language.of(self.entry().2)
    }

    const fn entry(self) -> (&'static str, &'static str, [&'static str; 2]) {
        match self {
            Self::FullName => ("1.1.1", "full_name", ["Толық атауы", "Полное наименование"]),
            Self::ShortName => ("1.1.2", "short_name", ["Қысқартылған атауы", "Сокращённое наименование"]),
            Self::Category => ("1.1.3", "category", ["Категория", "Категория"]),
            Self::Provider => ("1.1.4", "provider", ["Ақпарат жеткізуші", "Поставщик информации"]),
            Self::Description => ("1.1.5", "description", ["Қысқаша сипаттамасы", "Краткое описание"]),
            Self::Keywords => ("1.1.6", "keywords", ["Түйін сөздер", "Ключевые слова"]),
            Self::UpdateFrequency => ("1.2.1", "update_frequency", ["Жаңарту жиілігі", "Частота обновления"]),
            Self::HasGeoLink => ("1.3.1", "has_geo_link", ["Геобайланыстың болуы", "Наличие геопривязки"]),
            Self::GeometryType => ("1.3.2", "geometry_type", ["Геометрия түрі", "Тип геометрии"]),
            Self::GeoLinkKind => ("1.3.3", "geo_link_kind", ["Геобайланыс түрі", "Вид геопривязки"]),
            Self::AddressAttribute => (
                "1.3.4",
                "address_attribute",
                [
                    "Адрес сақталатын атрибуттың технологиялық атауы",
                    "Технологическое наименование атрибута, в котором хранится адрес",
                ],
            ),
            Self::Attributes => (
                "2.1",
                "attributes",
                [
                    "Атрибуттар тізімі және олардың негізгі қасиеттері",
                    "Перечень атрибутов и их основные свойства",
                ],
            ),
            Self::Requirements => (
                "2.2",
                "requirements",
                [
                    "Атрибуттардың мәндеріне қойылатын қосымша (арнайы) талаптар",
                    "Дополнительные (специальные) требования к значениям атрибутов",
                ],
            ),
            Self::RecordChecks => {
                ("3", "record_checks", ["ЖАЗБАЛАРДЫ ТЕКСЕРУ МЫСАЛДАРЫ", "ПРИМЕРЫ ПРОВЕРКИ ЗАПИСЕЙ"])
            }
        }
    }
}
