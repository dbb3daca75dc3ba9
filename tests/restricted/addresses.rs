//! Made-up addresses, with flats and without.

use fastrand::Rng;

use super::people::one;

const KAZAKH_STREETS: [&str; 9] = [
    "Абай",
    "Абай Құнанбайұлы",
    "Бауыржан Момышұлы",
    "Қаныш Сәтбаев",
    "Сарыарқа",
    "Тәуелсіздік",
    "Ыбырай Алтынсарин",
    "Сәкен Сейфуллин",
    "Достық",
];
const RUSSIAN_STREETS: [&str; 9] = [
    "Абая",
    "Кунанбаева",
    "Бауыржана Момышулы",
    "Сатпаева К.И.",
    "академика Сатпаева",
    "Сейфуллина С.",
    "Победы",
    "Ивана Панфилова",
    "Ленина В.И.",
];

/// A street named after somebody or something, with its word.
pub(super) fn kazakh_street(rng: &mut Rng) -> String {
    let word = one(rng, &["көшесі", "даңғылы", "к-сі", "көшесі", "к."]);
    format!("{} {word}", one(rng, &KAZAKH_STREETS))
}

/// The same in Russian.
pub(super) fn russian_street(rng: &mut Rng) -> String {
    let word = one(rng, &["ул.", "улица", "пр.", "проспект", "пр-т", "пер."]);
    format!("{word} {}", one(rng, &RUSSIAN_STREETS))
}

/// An address of a house or of an office.
pub(super) fn house(rng: &mut Rng) -> String {
    let (house, office) = (rng.u8(1..200), rng.u8(1..60));
    match rng.u8(..8) {
        7 => format!("{} {house}-{}", russian_street(rng), house + 2),
        0 => format!("{} {house}", kazakh_street(rng)),
        1 => format!("Астана қаласы, {}, {house}-үй", kazakh_street(rng)),
        2 => format!("г. Астана, {}, {house}", russian_street(rng)),
        3 => format!("{}, д. {house}, офис {office}", russian_street(rng)),
        4 => format!("Бауыржан Момышұлы {house}"),
        5 => format!("мкр. Самал, {house}/{}", rng.u8(1..5)),
        _ => format!("п. Үлгі, {}, {house}, каб. {office}", russian_street(rng)),
    }
}

/// An address with a flat, in Kazakh.
pub(super) fn kazakh_flat(rng: &mut Rng) -> String {
    let (street, house, flat) = (kazakh_street(rng), rng.u8(1..200), rng.u8(1..=200));
    match rng.u8(..5) {
        0 => format!("{street} {house}, пәтер {flat}"),
        1 => format!("{street}, {house}-үй, {flat}-пәтер"),
        2 => format!("Астана қаласы, {street}, {house} үй, {flat} пәтер"),
        3 => format!("{street} {house}, п. {flat}"),
        _ => format!("{street}, {house}, пәт. {flat}"),
    }
}

/// An address with a flat, in Russian.
pub(super) fn russian_flat(rng: &mut Rng) -> String {
    let (street, house, flat) = (russian_street(rng), rng.u8(1..200), rng.u8(1..=200));
    match rng.u8(..6) {
        0 => format!("{street}, д. {house}, кв. {flat}"),
        1 => format!("{street} {house} кв {flat}"),
        2 => format!("г. Алматы, {street}, дом {house}, квартира {flat}"),
        3 => format!("мкр Самал-2, {house}, кв.{flat}"),
        4 => format!("Абая {house}, кв. {flat}"),
        _ => format!("{street} {house}, кв. № {flat}"),
    }
}

/// An address whose flat stands behind a hyphen, which is now and then taken for a range of houses.
pub(super) fn hyphened_flat(rng: &mut Rng) -> String {
    format!("{} {}-{}", russian_street(rng), rng.u8(1..200), rng.u8(1..=200))
}
