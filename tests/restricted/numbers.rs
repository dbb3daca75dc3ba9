//! Made-up numbers, with check digits that are worked out apart from the scan.

use fastrand::Rng;

/// Decimal digits at random.
pub(super) fn digits(rng: &mut Rng, length: usize) -> String {
    (0..length).map(|_| rng.digit(10)).collect()
}

/// The last digit that makes a number one that `is_valid` accepts; nothing if none does.
fn completed(head: &str, is_valid: impl Fn(&[u32]) -> bool) -> Option<String> {
    (0..10).map(|last| format!("{head}{last}")).find(|number| is_valid(&values(number)))
}

fn values(number: &str) -> Vec<u32> {
    number.chars().filter_map(|digit| digit.to_digit(10)).collect()
}

/// Whether twelve digits have the right check digit.
pub(super) fn is_checked(digits: &[u32]) -> bool {
    let sum =
        |shift: u32| -> u32 { (0..11).zip(digits).map(|(at, digit)| digit * ((at + shift) % 11 + 1)).sum() };
    let first = sum(0) % 11;
    let check = if first == 10 { sum(2) % 11 } else { first };
    check < 10 && check == digits[11]
}

/// A person's number, born in 1930 to 2020; `in_2000s` for years 2001 to 2009 only.
pub(super) fn iin(rng: &mut Rng, in_2000s: bool) -> String {
    loop {
        let year = if in_2000s { rng.u32(2001..=2009) } else { rng.u32(1930..=2020) };
        let (month, day) = (rng.u32(1..=12), rng.u32(1..=28));
        let century = if year < 2000 { rng.u32(3..=4) } else { rng.u32(5..=6) };
        let head = format!("{:02}{month:02}{day:02}{century}{}", year % 100, digits(rng, 4));
        if let Some(number) = completed(&head, is_checked) {
            return number;
        }
    }
}

/// An organisation's number.
pub(super) fn bin(rng: &mut Rng) -> String {
    loop {
        let year = rng.u32(1991..=2025) % 100;
        let (month, kind, part) = (rng.u32(1..=12), rng.u32(4..=6), rng.u32(0..=3));
        let head = format!("{year:02}{month:02}{kind}{part}{}", digits(rng, 5));
        if let Some(number) = completed(&head, is_checked) {
            return number;
        }
    }
}

/// Twelve digits as people part them: behind the date, or in fours.
pub(super) fn in_groups(rng: &mut Rng, number: &str) -> String {
    let (date, rest) = number.split_at(6);
    let (three, last) = rest.split_at(3);
    match rng.u8(..4) {
        0 => format!("{date} {three} {last}"),
        1 => format!("{date}-{rest}"),
        2 => format!("{date} {rest}"),
        _ => in_fours(number, " "),
    }
}

fn is_luhn(digits: &[u32]) -> bool {
    let doubled = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .fold(0, |sum, (at, digit)| sum + if at % 2 == 1 { doubled[*digit as usize] } else { *digit });
    sum.is_multiple_of(10)
}

/// A card's number of sixteen digits.
pub(super) fn card(rng: &mut Rng) -> String {
    let prefix = ["4400", "4000", "5169", "5584", "2203", "6221", "2404"][rng.usize(..7)];
    let head = format!("{prefix}{}", digits(rng, 11));
    completed(&head, is_luhn).unwrap_or_default()
}

/// Any number of a card's length, with a prefix; one of ten passes the check.
pub(super) fn no_card(rng: &mut Rng, prefix: &str) -> String {
    format!("{prefix}{}", digits(rng, 16 - prefix.len()))
}

/// A bar code of goods from Kazakhstan.
pub(super) fn barcode(rng: &mut Rng) -> String {
    let is_valid = |digits: &[u32]| {
        digits.iter().enumerate().map(|(at, digit)| digit * [1, 3][at % 2]).sum::<u32>() % 10 == 0
    };
    completed(&format!("487{}", digits(rng, 9)), is_valid).unwrap_or_default()
}

/// Groups of four with a separator.
pub(super) fn in_fours(number: &str, separator: &str) -> String {
    let signs: Vec<char> = number.chars().collect();
    signs.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(separator)
}

/// A bank account; with a check that is wrong by `off`.
pub(super) fn iban(rng: &mut Rng, off: u32) -> String {
    let account: String =
        (0..13).map(|_| if rng.u8(..4) == 0 { rng.uppercase() } else { rng.digit(10) }).collect();
    let bank = format!("{}{account}", digits(rng, 3));
    // Letters are 10 to 35; K is 20, Z is 35.
    let whole: String =
        format!("{bank}KZ00").chars().filter_map(|sign| Some(sign.to_digit(36)?.to_string())).collect();
    let rest = values(&whole).iter().fold(0, |rest, digit| (rest * 10 + digit) % 97);
    format!("KZ{:02}{bank}", (98 - rest + off - 2) % 97 + 2)
}

/// Ten digits of a mobile or of an area's telephone.
pub(super) fn national(rng: &mut Rng, is_mobile: bool) -> String {
    let mobile = ["700", "701", "702", "705", "707", "708", "747", "771", "775", "776", "777", "778"];
    let code = if is_mobile {
        mobile[rng.usize(..12)]
    } else {
        ["7172", "7273", "7212", "7252", "7182"][rng.usize(..5)]
    };
    format!("{code}{}", digits(rng, 10 - code.len()))
}

/// A telephone as people write it; `form` 0 to 6.
pub(super) fn phone(rng: &mut Rng, form: u8) -> String {
    let is_mobile = form < 4;
    let number = national(rng, is_mobile);
    let (code, rest) = number.split_at(if is_mobile { 3 } else { 4 });
    let (a, b) = rest.split_at(rest.len() - 4);
    let (b, c) = b.split_at(2);
    match form {
        0 => format!("+7 {code} {a} {b} {c}"),
        1 => format!("+7 ({code}) {a}-{b}-{c}"),
        2 => format!("8 {code} {a} {b} {c}"),
        3 => format!("+7{number}"),
        4 => format!("8 ({code}) {a}-{b}-{c}"),
        5 => format!("({code}) {a}-{b}-{c}"),
        _ => format!("8-{code}-{a}-{b}-{c}"),
    }
}
