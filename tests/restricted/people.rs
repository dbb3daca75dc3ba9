//! Made-up persons: names put together at random, a part of them rare ones that no list has.

use fastrand::Rng;

/// Given names of men with what follows in a Kazakh patronymic.
const MEN: [&str; 24] = [
    "Болат",
    "Серік",
    "Ерлан",
    "Нұрлан",
    "Айдос",
    "Қайрат",
    "Марат",
    "Данияр",
    "Асхат",
    "Бауыржан",
    "Тимур",
    "Арман",
    "Ерсұлтан",
    "Ыдырыс",
    "Қобыланды",
    "Нұрғиса",
    "Рауан",
    "Мағжан",
    "Олжас",
    "Әбілхайыр",
    "Дінмұхамед",
    "Жүсіп",
    "Мәди",
    "Бейбіт",
];
const WOMEN: [&str; 18] = [
    "Айгүл",
    "Әсел",
    "Сәуле",
    "Гүлнар",
    "Динара",
    "Айнұр",
    "Ботагөз",
    "Мәдина",
    "Жанар",
    "Раушан",
    "Әйгерім",
    "Назгүл",
    "Мақпал",
    "Жаңыл",
    "Аружан",
    "Тұрсынай",
    "Нұршат",
    "Балжан",
];
/// Given names of men and their patronymics in Russian.
const RUSSIANS: [(&str, &str, &str); 12] = [
    ("Сергей", "Сергеевич", "Сергеевна"),
    ("Иван", "Иванович", "Ивановна"),
    ("Пётр", "Петрович", "Петровна"),
    ("Илья", "Ильич", "Ильинична"),
    ("Андрей", "Андреевич", "Андреевна"),
    ("Николай", "Николаевич", "Николаевна"),
    ("Болат", "Болатович", "Болатовна"),
    ("Кайрат", "Кайратович", "Кайратовна"),
    ("Савелий", "Савельевич", "Савельевна"),
    ("Иннокентий", "Иннокентьевич", "Иннокентьевна"),
    ("Никита", "Никитич", "Никитична"),
    ("Алексей", "Алексеевич", "Алексеевна"),
];
const RUSSIAN_WOMEN: [&str; 10] =
    ["Анна", "Елена", "Ольга", "Марина", "Татьяна", "Айгуль", "Лукерья", "Снежана", "Алевтина", "Вера"];
/// Surnames that take an ending.
const STEMS: [&str; 20] = [
    "Ахмет",
    "Бекмұхамед",
    "Сәрсен",
    "Қасым",
    "Оспан",
    "Жұмабек",
    "Ибраим",
    "Үлгі",
    "Смирн",
    "Кузнец",
    "Попов",
    "Тілеубек",
    "Нұрпейіс",
    "Мұқаш",
    "Әбен",
    "Петр",
    "Садық",
    "Жақып",
    "Омар",
    "Ескенді",
];
/// Surnames that have none.
const BARE: [&str; 8] = ["Әлімбай", "Ким", "Цой", "Мұқан", "Бондарь", "Шевчук", "Төлеген", "Гросс"];

/// One of a list.
pub(super) fn one<'a>(rng: &mut Rng, list: &[&'a str]) -> &'a str {
    list[rng.usize(..list.len())]
}

/// A surname: four of five with an ending, the others without.
pub(super) fn surname(rng: &mut Rng, is_woman: bool) -> String {
    if rng.u8(..5) == 0 {
        return one(rng, &BARE).to_owned();
    }
    let stem = one(rng, &STEMS);
    let ending = match (stem, is_woman) {
        ("Үлгі" | "Ескенді", false) => "ев",
        ("Үлгі" | "Ескенді", true) => "ева",
        ("Попов", false) => "",
        ("Попов", true) => "а",
        (_, false) => "ов",
        (_, true) => "ова",
    };
    format!("{stem}{ending}")
}

/// Given name and patronymic in Kazakh.
pub(super) fn kazakh(rng: &mut Rng, is_woman: bool) -> (String, String) {
    let father = one(rng, &MEN);
    let given = if is_woman { one(rng, &WOMEN) } else { one(rng, &MEN) };
    (given.to_owned(), format!("{father}{}", if is_woman { "қызы" } else { "ұлы" }))
}

/// Given name and patronymic in Russian.
pub(super) fn russian(rng: &mut Rng, is_woman: bool) -> (String, String) {
    let (_, son, daughter) = RUSSIANS[rng.usize(..RUSSIANS.len())];
    let given = if is_woman { one(rng, &RUSSIAN_WOMEN) } else { RUSSIANS[rng.usize(..RUSSIANS.len())].0 };
    (given.to_owned(), if is_woman { daughter } else { son }.to_owned())
}

/// Surname, given name, patronymic.
pub(super) fn full(rng: &mut Rng, is_kazakh: bool) -> String {
    let is_woman = rng.bool();
    let surname = surname(rng, is_woman);
    let (given, patronymic) = if is_kazakh { kazakh(rng, is_woman) } else { russian(rng, is_woman) };
    format!("{surname} {given} {patronymic}")
}

/// Surname and initials; the initials first where asked.
pub(super) fn initials(rng: &mut Rng, are_first: bool) -> String {
    let is_woman = rng.bool();
    let surname = surname(rng, is_woman);
    let (given, patronymic) = kazakh(rng, is_woman);
    let letters: String = [given, patronymic]
        .iter()
        .filter_map(|name| name.chars().next())
        .fold(String::new(), |letters, letter| format!("{letters}{letter}."));
    if are_first { format!("{letters} {surname}") } else { format!("{surname} {letters}") }
}

/// A text with a name in it, in one of several cases.
pub(super) fn text(rng: &mut Rng, is_kazakh: bool) -> String {
    let name = full(rng, is_kazakh);
    let (given, patronymic) = kazakh(rng, false);
    let are_first = rng.bool();
    if is_kazakh {
        match rng.u8(..4) {
            0 => format!("Өтініш беруші {name} құжаттарын 12.03.2024 күні тапсырды"),
            1 => format!("{given} {patronymic}ның өтініші бойынша тексеру жүргізілді"),
            2 => format!("Жауапты орындаушы: {}, бөлім басшысы", initials(rng, false)),
            _ => format!("Шағым {name} атынан келіп түсті, жауап берілді"),
        }
    } else {
        match rng.u8(..4) {
            0 => format!("Заявитель {name} обратился по вопросу ремонта дороги"),
            1 => "Справка выдана Иванову Сергею Петровичу 12.03.2024".to_owned(),
            2 => format!("Исполнитель: {}, отдел земельных отношений", initials(rng, are_first)),
            _ => format!("Жалоба от {name} рассмотрена, дан ответ"),
        }
    }
}

/// A name in Latin letters, with a patronymic or without.
pub(super) fn latin(rng: &mut Rng, has_patronymic: bool) -> String {
    let surname = one(rng, &["Akhmetov", "Bekov", "Kim", "Ospanov", "Ivanov", "Alimbay", "Smirnov"]);
    let given = one(rng, &["Bolat", "Serik", "Olzhas", "Magzhan", "Yerlan", "Zhuldyz", "Petr"]);
    let patronymic = one(rng, &["Serikuly", "Bolatuly", "Sergeevich", "Petrovich", "Maratuly"]);
    if has_patronymic { format!("{surname} {given} {patronymic}") } else { format!("{surname} {given}") }
}
