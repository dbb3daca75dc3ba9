//! What looks like personal data, and is none.

use fastrand::Rng;

use super::numbers::{digits, iban};
use super::people::{one, surname};

/// The name of an organisation.
pub(super) fn organisation(rng: &mut Rng) -> String {
    let form = one(rng, &["ЖШС", "ТОО", "АҚ", "АО", "КГП на ПХВ", "ШҚ"]);
    let owner = surname(rng, false);
    match rng.u8(..7) {
        0 => format!("{form} \"{owner} и К\""),
        1 => format!("{form} «{owner}»"),
        2 => format!("{form} \"{owner} және серіктестер\""),
        3 => format!("{form} \"{}\"", one(rng, &["Айгүл", "Болат-Сервис", "Нұрлан Құрылыс", "Вера Плюс"])),
        4 => format!("\"{}\" {form}", one(rng, &["Қазақстан темір жолы", "Алтын Орда", "Аптека Сервис"])),
        5 => format!("Торговый дом \"{owner}\""),
        _ => "Қалалық емхана № 5 ШЖҚ МКК".to_owned(),
    }
}

/// A school, a library, a square that is named after a person.
pub(super) fn named_after(rng: &mut Rng) -> String {
    let whom = ["Ыбырай Алтынсарин", "Абай Құнанбайұлы", "Бауыржан Момышұлы", "Қ.И. Сәтбаев", "А.С. Пушкин"];
    let whose =
        ["А.С. Пушкина", "Абая Кунанбаева", "академика К.И. Сатпаева", "И. Алтынсарина", "Панфилова И.В."];
    match rng.u8(..5) {
        0 => format!("{} атындағы № {} мектеп", one(rng, &whom), rng.u8(1..90)),
        1 => format!("{} ат. кітапхана", one(rng, &whom)),
        2 => format!("Школа-гимназия № {} им. {}", rng.u8(1..90), one(rng, &whose)),
        3 => format!("Библиотека имени {}", one(rng, &whose)),
        _ => format!("{} ескерткіші", one(rng, &whom)),
    }
}

/// The name of a place.
pub(super) fn place(rng: &mut Rng) -> String {
    let places = [
        "Астана",
        "Алматы қаласы",
        "Павлодар",
        "Абай ауданы",
        "Шет Ырғыз",
        "Нижний Тагил",
        "Үлкен Алматы көлі",
        "Петропавл",
        "Жамбыл облысы",
        "Батыс Қазақстан",
        "Риддер",
        "Сарыағаш",
        "г. Аксай",
        "Новый Узень",
        "Углич",
        "Королёв",
        "Александров Гай",
        "Камышин",
        "Щучинск-Бурабай",
        "Мырзашөл Ауданы",
    ];
    one(rng, &places).to_owned()
}

/// The name of a shop, a drink, a medicine.
pub(super) fn goods(rng: &mut Rng) -> String {
    let goods = [
        "Магазин Айгүл",
        "Дүкен Арман",
        "Омепразол Капсулы 20 мг",
        "Витамин Роза",
        "Кофейня Анна",
        "Салон Марина",
        "Аптека Вера",
        "Гиппократ",
        "Долина Роз",
        "Асыл-Мұра",
        "Ақ Отау Құрылыс",
        "Инсулин Аспарт",
        "Кафе Динара",
        "Europharma",
        "Green Apple",
        "Coca Cola Zero",
        "Анальгин Ультра",
        "Ампулы Новокаин",
        "Пирожок Вишня",
    ];
    one(rng, &goods).to_owned()
}

/// A text in Kazakh or in Russian without any person.
pub(super) fn text(rng: &mut Rng) -> String {
    let (number, year) = (rng.u8(1..90), rng.u16(2015..2026));
    match rng.u8(..9) {
        0 => format!("{year} жылы {number} үйде 120 пәтер пайдалануға берілді"),
        1 => format!("Ремонт дороги завершён в {year} году, протяжённость {number},5 км"),
        2 => "Мектеп жөндеуден өтті, жаңа жиһаз алынды".to_owned(),
        3 => format!("Согласно п. {number} ст. 10 Закона Республики Казахстан"),
        4 => format!("Введён 48-квартирный жилой дом, площадь {number} кв. м"),
        5 => format!("{} жөндеу жұмыстары жүргізілуде", super::addresses::kazakh_street(rng)),
        6 => format!("План на {} кв. {year} года выполнен", ["I", "II", "1", "4"][rng.usize(..4)]),
        7 => "Республика Казахстан, Министерство Цифрового Развития".to_owned(),
        _ => format!("Астана қаласының {number} ауданында сауалнама жүргізілді"),
    }
}

/// What has an `@`, but is no address.
pub(super) fn like_mail(rng: &mut Rng) -> String {
    let number = digits(rng, 2);
    match rng.u8(..7) {
        0 => format!("@astana_{number}"),
        1 => format!("user{number}@localhost"),
        2 => format!("icon{number}@2x.png"),
        3 => format!("{number} дана @ 100.50 тг"),
        4 => format!("git@example.kz:data/set{number}"),
        5 => format!("https://data{number}@example.kz/set"),
        _ => format!("пошта{number}(at)example.kz"),
    }
}

/// Accounts that do not pass, and other ids that start with the country.
pub(super) fn like_iban(rng: &mut Rng) -> String {
    let off = rng.u32(1..96);
    if rng.u8(..4) == 0 { format!("KZ{}", digits(rng, 18)) } else { iban(rng, off) }
}

/// A cadastral number, in its old form and its new one.
pub(super) fn cadastral(rng: &mut Rng) -> String {
    let part = |rng: &mut Rng, length| digits(rng, length);
    match rng.u8(..3) {
        0 => format!("{}:{}:{}:{}", part(rng, 2), part(rng, 3), part(rng, 3), part(rng, 4)),
        1 => format!("{}-{}-{}-{}", part(rng, 2), part(rng, 3), part(rng, 3), part(rng, 4)),
        _ => {
            format!("{}:{}:{}:{}:{}/A", part(rng, 2), part(rng, 3), part(rng, 3), part(rng, 3), part(rng, 2))
        }
    }
}

/// A UUID.
pub(super) fn uuid(rng: &mut Rng) -> String {
    // Digits only now and then: the last part may look like an identification number.
    let part = |rng: &mut Rng, length: usize| -> String { (0..length).map(|_| rng.digit(11)).collect() };
    let parts: Vec<String> = [8, 4, 4, 4, 12].map(|length| part(rng, length)).into();
    parts.join("-")
}

/// A day or a moment.
pub(super) fn date(rng: &mut Rng) -> String {
    let (year, month, day) = (rng.u16(1950..2026), rng.u8(1..=12), rng.u8(1..=28));
    match rng.u8(..5) {
        0 => format!("{day:02}.{month:02}.{year}"),
        1 => format!("{year}-{month:02}-{day:02} 1{}:0{}", rng.u8(..10), rng.u8(..10)),
        2 => format!("{year} ж. {day:02}.{month:02}."),
        3 => format!("{year}{month:02}{day:02}{:02}{:02}", rng.u8(..24), rng.u8(..60)),
        _ => format!(
            "{:02}{month:02}{day:02}{:02}{:02}{:02}",
            year % 100,
            rng.u8(..24),
            rng.u8(..60),
            rng.u8(..60)
        ),
    }
}

/// Coordinates, short and long.
pub(super) fn coordinates(rng: &mut Rng) -> String {
    let length = rng.usize(4..14);
    format!("{}.{},{}.{}", rng.u8(40..55), digits(rng, length), rng.u8(47..87), digits(rng, length))
}

/// An amount with its thousands apart.
pub(super) fn amount(rng: &mut Rng) -> String {
    let (a, b, c) = (digits(rng, 3), digits(rng, 3), digits(rng, 3));
    match rng.u8(..3) {
        0 => format!("{} {a} {b} {c}", rng.u8(1..100)),
        1 => format!("7 {a} {b} {c},00"),
        _ => format!("{} {a} {b} {c} тг", rng.u8(7..9)),
    }
}

/// A link, with ids in it.
pub(super) fn link(rng: &mut Rng) -> String {
    format!("https://example.kz/data/{}?id={}&v={}", digits(rng, 12), digits(rng, 10), digits(rng, 16))
}

/// Streets without their word: nothing in the values tells some of them from persons.
pub(super) fn bare_street(rng: &mut Rng) -> String {
    let streets = [
        "Достық",
        "Сарыарқа",
        "Тәуелсіздік",
        "Бауыржан Момышұлы",
        "Абай Құнанбайұлы",
        "Кенесары",
        "Республика",
        "Қабанбай батыр",
        "Мәңгілік Ел",
        "Шакен Айманов",
        "Темірбек Жүргенов",
        "Кенен Әзірбайұлы",
        "Бейбітшілік",
    ];
    one(rng, &streets).to_owned()
}

/// Persons of history, in texts about events and monuments; the scan knows most of them, not all.
pub(super) fn history(rng: &mut Rng) -> String {
    let whose = [
        "Абай Құнанбайұлы",
        "Бауыржан Момышұлы",
        "Шоқан Уәлиханов",
        "Қ.И. Сәтбаев",
        "Махамбет Өтемісұлы",
        "Кенесары Қасымұлы",
    ];
    let year = rng.u8(20..200);
    match rng.u8(..4) {
        0 => format!("{}ның {year} жылдығы", one(rng, &whose)),
        1 => format!("Көрме: {}", one(rng, &whose)),
        2 => format!("Күй кеші, {year} орын"),
        _ => "Наурыз мейрамы".to_owned(),
    }
}

/// A job, a unit.
pub(super) fn job(rng: &mut Rng) -> String {
    let jobs = [
        "Бас маман",
        "Главный Специалист",
        "Директордың орынбасары",
        "Заместитель директора",
        "Бухгалтер",
        "Отдел Кадров",
        "Қаржы Басқармасы",
        "Врач-терапевт",
        "Мұғалім",
        "И.О. Руководителя",
        "И.о. директора",
    ];
    one(rng, &jobs).to_owned()
}

/// Texts in small letters with words that end as patronymics do, or as surnames.
pub(super) fn small_text(rng: &mut Rng) -> String {
    let texts = [
        "қарулы күштердің арнаулы бөлімі",
        "таулы аймақтарға жазулы тақта орнатылды",
        "ұлы отан соғысының ардагерлері",
        "ауылдың үлкен қызы мен ұлы оқиды",
        "вопросов на уровне района нет",
        "условия договоров об основной деятельности",
        "у школьников зимние каникулы",
        "сделка условна, решение обосновано",
        "абай құнанбайұлы көшесі",
        "ул. бауыржана момышулы",
    ];
    one(rng, &texts).to_owned()
}
