//! What columns are called.

use super::table::Column;
use super::words::Words;
use crate::encode::Language;

/// What the numbers of `rules` are counted in; `unit` is a body's elsewhere.
const UNIT_OF_RULES: Words = ["Counted in", "Өлшем бірлігі", "Единица"];

/// Names of columns; of two columns with one name in different tables, both mean the same.
const HEADINGS: &[(&str, Words)] = &[
    ("subject", ["Subject", "Тақырып", "Тема"]),
    ("dataset", ["Dataset", "Жиынтық", "Набор"]),
    ("requests", ["Requests", "Өтінімдер", "Запросы"]),
    ("citizens", ["Citizens", "Азаматтар", "Граждане"]),
    ("businesses", ["Businesses", "Бизнес", "Бизнес"]),
    ("to_publish", ["To publish", "Жариялауға", "На публикацию"]),
    ("to_update", ["To update", "Жаңартуға", "На обновление"]),
    ("window_from", ["Window from", "Кезең басы", "Начало периода"]),
    ("window_to", ["Window to", "Кезең соңы", "Конец периода"]),
    ("first_from", ["First window from", "Алғашқы кезеңнің басы", "Начало первого периода"]),
    ("first_to", ["First window to", "Алғашқы кезеңнің соңы", "Конец первого периода"]),
    ("last_from", ["Last window from", "Соңғы кезеңнің басы", "Начало последнего периода"]),
    ("last_to", ["Last window to", "Соңғы кезеңнің соңы", "Конец последнего периода"]),
    ("most_in_window", ["Most in a window", "Бір кезеңдегі ең көбі", "Наибольшее за период"]),
    ("merged", ["As written", "Жазылу түрлері", "Как написано"]),
    ("queries", ["Uses", "Пайдалану саны", "Использований"]),
    ("clients", ["Clients", "Пайдаланушылар", "Пользователей"]),
    ("is_needed", ["Needed", "Қажетті", "Нужный"]),
    ("body", ["Body", "Орган", "Орган"]),
    ("received", ["Received", "Түскені", "Поступило"]),
    ("published", ["Published", "Жарияланғаны", "Опубликовано"]),
    ("refused", ["Refused", "Бас тартылғаны", "Отказано"]),
    ("open", ["Open", "Қаралуда", "В работе"]),
    ("overdue", ["Overdue", "Мерзімі өткені", "Просрочено"]),
    ("in_time_share", ["Share in time", "Мерзіміндегі үлесі", "Доля в срок"]),
    ("median_days", ["Median time", "Уақыт медианасы", "Медиана срока"]),
    ("mean_days", ["Mean time", "Орташа уақыт", "Средний срок"]),
    ("month", ["Month", "Ай", "Месяц"]),
    ("list", ["List", "Тізбе", "Перечень"]),
    ("number", ["No.", "№", "№"]),
    ("name", ["Name", "Атауы", "Наименование"]),
    ("part", ["Part", "Бөлігі", "Часть"]),
    ("rule", ["Rule", "Ереже", "Правило"]),
    ("matched_by", ["Matched by", "Сәйкестендіру негізі", "Сопоставлено по"]),
    ("last_due", ["Last due", "Соңғы мерзім", "Последний срок"]),
    ("next_due", ["Next due", "Келесі мерзім", "Следующий срок"]),
    ("met_version", ["Version", "Нұсқа", "Версия"]),
    ("met_at", ["Published on", "Жарияланған күні", "Дата публикации"]),
    ("clock", ["Clock", "Мерзім", "Срок"]),
    ("late", ["Late", "Кешіктірілгені", "С опозданием"]),
    ("running", ["Running", "Мерзімі жүріп жатқаны", "Срок идёт"]),
    ("longest_days", ["Longest delay", "Ең ұзақ кешігу", "Самая долгая просрочка"]),
    ("met", ["Met", "Орындалғаны", "Выполнено"]),
    ("of_last", ["Of the last", "Соңғы мерзімдерден", "Из последних"]),
    ("days_late", ["Late by", "Кешігуі", "Опоздание"]),
    ("state", ["State", "Күйі", "Состояние"]),
    ("age_days", ["Age", "Нұсқаның жасы", "Возраст версии"]),
    ("period_days", ["Period", "Жаңарту кезеңі", "Период обновления"]),
    ("is_unchanged", ["Unchanged", "Өзгермеген", "Без изменений"]),
    ("unit", ["Unit", "Бөлімше", "Подразделение"]),
    ("planned", ["Planned", "Жоспарланғаны", "Запланировано"]),
    ("on_time", ["On time", "Мерзімінде", "В срок"]),
    ("score", ["Score", "Балл", "Балл"]),
    ("change", ["Change in a month", "Бір айдағы өзгеріс", "Изменение за месяц"]),
    ("metadata", ["Metadata", "Метадеректер", "Метаданные"]),
    ("types", ["Types", "Типтер", "Типы"]),
    ("nulls", ["Nulls", "Бос мәндер", "Пропуски"]),
    ("key", ["Key", "Кілт", "Ключ"]),
    ("refs", ["References", "Сілтемелер", "Ссылки"]),
    ("geo", ["Geo", "Гео", "Гео"]),
    ("freshness", ["Freshness", "Өзектілік", "Актуальность"]),
    ("reasons", ["Reasons", "Себептер", "Причины"]),
    ("code", ["Code", "Коды", "Код"]),
    ("value", ["Value", "Мәні", "Значение"]),
    ("order", ["Order", "Бұйрық", "Приказ"]),
    ("law_order", ["Order", "Бұйрық", "Приказ"]),
    ("paragraph", ["Paragraph", "Тармақ", "Пункт"]),
    ("in_force_from", ["In force from", "Күшіне енген күні", "Действует с"]),
    ("in_force_until", ["In force until", "Күші жойылған күні", "Действует до"]),
    ("sentence", ["Sentence", "Норманың мәтіні", "Текст нормы"]),
];

/// What a column is called; an unknown one by its own name.
pub(crate) fn heading(name: &str, language: Language) -> &str {
    HEADINGS.iter().find(|(known, _)| *known == name).map_or(name, |(_, words)| language.of(*words))
}

/// The heading of a table's column with what its numbers are in.
pub(crate) fn with_unit(table: &str, column: &Column, language: Language) -> String {
    let heading = match (table, column.name.as_str()) {
        ("rules", "unit") => language.of(UNIT_OF_RULES),
        (_, name) => heading(name, language),
    };
    let of_days = matches!(column.name.as_str(), "median_days" | "mean_days" | "days_late" | "age_days");
    match column.unit.as_deref().filter(|unit| !unit.trim().is_empty()).or(of_days.then_some("days")) {
        None => heading.to_owned(),
        Some(unit) => match self::unit(unit, language) {
            Some(unit) => format!("{heading}, {unit}"),
            None => heading.to_owned(),
        },
    }
}

/// Whether a column's numbers are shares of 0 to 1, which are shown in per cent.
pub(crate) fn is_share(column: &Column) -> bool {
    match column.unit.as_deref() {
        Some(unit) => unit == "share",
        None => column.name.ends_with("_share"),
    }
}

/// What a unit is called; nothing where the heading says it already.
fn unit(unit: &str, language: Language) -> Option<String> {
    let words: Words = match unit {
        "days" => ["days", "күн", "дней"],
        "share" | "%" => ["%", "%", "%"],
        "points" => ["points", "балл", "баллов"],
        "months" => ["months", "ай", "месяцев"],
        "requests" | "datasets" | "queries" | "clients" => return None,
        full if full.parse::<f64>().is_ok() => {
            return Some(match language {
                Language::Kazakh => format!("макс. {full}"),
                Language::Russian => format!("из {full}"),
                Language::English => format!("of {full}"),
            });
        }
        other => return Some(other.to_owned()),
    };
    Some(language.of(words).to_owned())
}
