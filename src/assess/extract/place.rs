//! Whether a field says where something is.

/// Words of an address, in lower case: streets, avenues, quarters, towns.
const WORDS: [&str; 32] = [
    "көшесі",
    "көше",
    "к-сі",
    "даңғылы",
    "даңғ",
    "д-лы",
    "мөлтек",
    "ықшам",
    "шағын",
    "ауданы",
    "ауылы",
    "қаласы",
    "тұйығы",
    "алаңы",
    "бульвары",
    "улица",
    "ул",
    "проспект",
    "просп",
    "пр-т",
    "пр",
    "пер",
    "переулок",
    "бульвар",
    "шоссе",
    "мкр",
    "мкрн",
    "микрорайон",
    "площадь",
    "город",
    "село",
    "street",
];

/// Names of fields that hold latitudes, then longitudes, in lower case: a pair of numbers says nothing by itself.
const COORDINATES: [&[&str]; 2] = [
    &["lat", "latitude", "ендік", "endik", "широта", "shirota"],
    &["lon", "lng", "long", "longitude", "бойлық", "boylyq", "долгота", "dolgota"],
];

/// Whether a text is an address: it has a word of one and the number of a house.
pub(super) fn is_address(text: &str) -> bool {
    if !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let text = text.to_lowercase();
    let mut words = text.split(|sign: char| !(sign.is_alphanumeric() || sign == '-'));
    words.any(|word| WORDS.contains(&word))
}

/// Whether the last name of a field's path is that of latitudes (0) or of longitudes (1).
pub(super) fn coordinate(path: &str) -> Option<usize> {
    let name = path.rsplit('.').next().unwrap_or_default().to_lowercase();
    COORDINATES.iter().position(|names| names.contains(&name.as_str()))
}
