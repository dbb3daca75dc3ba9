//! Single values, worked out by hand.

use derek::assess::restricted::Kind::{self, BankCard, Bin, Email, FlatAddress, FullName, Iban, Iin, Phone};

use super::found;

fn holds(text: &str, expected: &[(Kind, &str)]) {
    assert_eq!(found(text), expected, "{text}");
}

fn holds_nothing(texts: &[&str]) {
    for text in texts {
        holds(text, &[]);
    }
}

#[test]
fn identification_numbers_are_checked() {
    // 900101300017: 9×1 + 0 + 0 + 1×4 + 0 + 1×6 + 3×7 + 0 + 0 + 0 + 1×11 = 51 = 4×11 + 7.
    holds("900101300017", &[(Iin, "900101300017")]);
    // A last digit that is not 7.
    holds_nothing(&["900101300018", "900101300010"]);
    // 31 April is no day: none passes, whatever its check digit.
    for last in 0..10 {
        holds(&format!("90043130001{last}"), &[]);
    }
    // 2×2 + 1×4 + 1×6 + 5×7 + 1×11 = 60 = 5×11 + 5: century 5 is the twenty-first.
    holds("020101500015", &[(Iin, "020101500015")]);
    // 2×1 + 7×2 + 1×4 + 1×6 + 5×7 + 1×11 = 72 = 6×11 + 6: it would be valid, but 2027 is yet to come.
    holds_nothing(&["270101500016"]);
    // As the first, with century 1, the nineteenth: 51 − 14 = 37 = 3×11 + 4.
    holds_nothing(&["900101100014"]);
}

#[test]
fn the_second_row_of_weights_counts() {
    // 90010130400: 9×1 + 1×4 + 1×6 + 3×7 + 4×9 = 76 = 6×11 + 10, so weights 3 4 5 6 7 8 9 10 11 1 2 instead:
    // 9×3 + 1×6 + 1×8 + 3×9 + 4×11 = 112 = 10×11 + 2.
    holds("900101304002", &[(Iin, "900101304002")]);
    holds_nothing(&["900101304000", "900101304001", "900101304003"]);
}

#[test]
fn organisations_are_told_apart() {
    // 9×1 + 9×2 + 1×4 + 4×5 + 1×11 = 62 = 5×11 + 7.
    holds("БСН 990140000017, Қазақстан", &[(Bin, "990140000017")]);
    holds_nothing(&["990140000018"]);
    // Month 13, type 7, and what of it is 4: none is given to an organisation, whatever the check digit.
    for last in 0..10 {
        for start in ["99134000001", "99017000001", "99014400001"] {
            holds(&format!("{start}{last}"), &[]);
        }
    }
}

#[test]
fn numbers_inside_other_numbers_are_none() {
    holds_nothing(&[
        "51.900101300017",
        "3f2a-900101300017",
        "A900101300017",
        "9001013000170",
        "550e8400-e29b-41d4-a716-900101300017",
        "01:900101300017:5",
    ]);
    holds("ЖСН:900101300017.", &[(Iin, "900101300017")]);
    holds("«900101300017»;", &[(Iin, "900101300017")]);
    // A spreadsheet has dropped the leading zero of 020101500015.
    holds("20101500015", &[(Iin, "20101500015")]);
    holds_nothing(&["саны 20101500015", "20101500016"]);
}

#[test]
fn telephones_in_their_usual_spellings() {
    for phone in [
        "+7 701 000 00 01",
        "+7 (701) 000-00-01",
        "+77010000001",
        "+7(7172)00-00-01",
        "8 (7172) 00-00-01",
        "8(727)2000001",
        "8-701-000-00-01",
        "8 7172 00 00 01",
        "87010000001",
        "77010000001",
        "7010000001",
        "701 000 00 01",
        "(7172) 00-00-01",
        "7172 00-00-01",
        "8 (72622) 0-00-01",
        "8 800 000 00 01",
        "+7\u{a0}701\u{a0}000\u{a0}00\u{a0}01",
    ] {
        holds(phone, &[(Phone, phone)]);
        holds(&format!("Қабылдау: {phone}, әкімдік"), &[(Phone, phone)]);
    }
    holds(
        "8 701 000 00 01, 8 701 000 00 02; +7 727 000 00 03",
        &[(Phone, "8 701 000 00 01"), (Phone, "8 701 000 00 02"), (Phone, "+7 727 000 00 03")],
    );
    holds_nothing(&[
        "1414",
        "00-00-01",
        "8 (495) 000-00-01",
        "+1 701 000 00 01",
        "7 715 000 000",
        "87 715 000 000",
        "7012 345 678,50",
        "6010000001",
        "8 701 000 00",
        "8701000000123",
        "21-318-077-7123",
        "7.701.000.00.01",
        "71.4281711234",
    ]);
}

#[test]
fn mail_is_an_address_with_a_domain() {
    holds("үлгі a.b-c@mail.example.kz.", &[(Email, "a.b-c@mail.example.kz")]);
    holds("mailto:info@example.kz", &[(Email, "info@example.kz")]);
    holds("info@үлгі.қаз", &[(Email, "info@үлгі.қаз")]);
    holds("a1@example.kz;b2@example.kz", &[(Email, "a1@example.kz"), (Email, "b2@example.kz")]);
    holds_nothing(&[
        "@astana_news",
        "user@localhost",
        "a@b.c",
        "5 дана @ 100.00 тг",
        "icon@2x.png",
        "git@example.kz:folder/file",
        "https://user@example.kz/",
        "v1@2.3",
        "a@-b.kz",
        "a@.kz",
        "@",
    ]);
}

#[test]
fn names_of_persons_in_both_languages() {
    for name in [
        "Үлгіев Болат Серікұлы",
        "Үлгіева Айгүл Серікқызы",
        "ҮЛГІЕВ БОЛАТ СЕРІКҰЛЫ",
        "Болат Серікұлы",
        "Болат Серікұлы Үлгіев",
        "Иванов Пётр Сергеевич",
        "Ким Анна Викторовна",
        "Петров Илья Ильич",
        "Мамедов Ариф Расим оглы",
        "Әлиев Ариф Расим-оғлы",
        "Үлгіев Болат Серікұл",
        "Ахметов Б.С.",
        "Ахметов Б. С.",
        "Б.С. Ахметов",
        "Ким В.А.",
        "Ахметова А.",
        "Ахметов Болат",
        "Болат Ахметов",
        "Akhmetov Bolat Serikuly",
        "Ivanov Petr Sergeevich",
        "Ахметова-Ким Анна Викторовна",
    ] {
        holds(name, &[(FullName, name)]);
    }
    holds("Өтініш иесі Болат Серікұлының құжаты", &[(FullName, "Болат Серікұлының")]);
    holds("Выдано Иванову Петру Сергеевичу лично", &[(FullName, "Иванову Петру Сергеевичу")]);
    holds("Жауапты: Ахметов Б.С., тел. 1414", &[(FullName, "Ахметов Б.С.")]);
    holds("ЖК Ахметов Б.С.", &[(FullName, "Ахметов Б.С.")]);
    // A person of history has no third word.
    holds("Уәлиханов Шоқан Болатұлы", &[(FullName, "Уәлиханов Шоқан Болатұлы")]);
    holds("Үлгіев Болат Серікұлы, Абай көшесі 10", &[(FullName, "Үлгіев Болат Серікұлы")]);
}

#[test]
fn things_named_after_persons_are_no_persons() {
    holds_nothing(&[
        "Абай көшесі",
        "ул. Кунанбаева",
        "Абай Құнанбайұлы көшесі",
        "Бауыржан Момышұлы даңғылы, 12",
        "Бауыржан Момышұлы 12",
        "Бауыржан Момышұлы, 12/1",
        "ул. Сейфуллина С.К., 5",
        "пр. академика Сатпаева К.И.",
        "Ыбырай Алтынсарин атындағы мектеп",
        "А.С. Пушкин атындағы кітапхана",
        "школа им. А.С. Пушкина",
        "Шоқан Уәлиханов алаңы",
        "ЖШС \"Ахметов и К\"",
        "ТОО Болатұлы",
        "Магазин Айгүл",
        "Долина Роза",
        "Омепразол Капсулы",
        "Ұлы дала елі",
        "Астана қаласы, \"Ильинка\" Т.А. Есет батыр көшесі 18-үй",
        "Europharma Group",
        "Абай Құнанбайұлының 175 жылдығы",
        "Бауыржан Момышұлы",
        "Серікұлы",
        "ТОВАРИЩЕСТВО С ОГРАНИЧЕННОЙ ОТВЕТСТВЕННОСТЬЮ",
    ]);
}

#[test]
fn addresses_are_personal_with_a_flat_only() {
    holds("Абай көшесі 10, пәтер 5", &[(FlatAddress, "көшесі 10, пәтер 5")]);
    holds("Абай көшесі, 10-үй, 5-пәтер", &[(FlatAddress, "көшесі, 10-үй, 5-пәтер")]);
    holds("ул. Абая, д. 10, кв. 12", &[(FlatAddress, "ул. Абая, д. 10, кв. 12")]);
    holds("Абая 10, кв.12а", &[(FlatAddress, "кв.12")]);
    holds("Абай к-сі 10 үй, п. 5", &[(FlatAddress, "к-сі 10 үй, п. 5")]);
    holds("ул. Абая, 10-25", &[(FlatAddress, "ул. Абая, 10-25")]);
    holds("пәтер № 7", &[(FlatAddress, "пәтер № 7")]);
    holds_nothing(&[
        "Абай көшесі, 10-үй",
        "ул. Абая 10, офис 12",
        "п. 5 ст. 10",
        "п. Северный, ул. Абая 5",
        "квартира 54,3 кв. м",
        "54 кв. м",
        "1 кв. 22",
        "II кв. 2022",
        "4кв2022",
        "ул. Абая 10-12",
        "ул. Абая 5, 9-18",
        "ул. Абая, 09:00-18:00",
        "ул. Абая 10, 2019-2020",
        "бөлме 10-25",
        "Абай көшесі 5 үйде 120 пәтер пайдалануға берілді",
        "ЛЭП 110 кВ 5",
        "2-комнатная квартира",
        "48 пәтерлі тұрғын үй",
        "мкр. Самал, кв. 11, дом 5",
    ]);
}

#[test]
fn cards_pass_luhn_and_have_a_prefix() {
    // 4000 0000 0000 0002: 4 doubled is 8, and 2: 10.
    holds("4000000000000002", &[(BankCard, "4000000000000002")]);
    holds("4000 0000 0000 0002", &[(BankCard, "4000 0000 0000 0002")]);
    holds("Карта 4000-0000-0000-0002.", &[(BankCard, "4000-0000-0000-0002")]);
    // 3700 000000 00002: fifteen digits; from the right: 2, …, 7 doubled is 14 → 5, 3: 2 + 5 + 3 = 10.
    holds("3700 000000 00002", &[(BankCard, "3700 000000 00002")]);
    holds_nothing(&[
        "4000000000000003",
        // No system's prefix; Luhn is 9 doubled → 9, and 1: 10.
        "9000000000000001",
        "4000 0000 0000 0003",
        "4000 0000-0000 0002",
        "40000000000000020000",
        "2024 2025 2026 2027",
        // A bar code: 4 + 8×3 + 7 + 3×3 + 6 = 50. Luhn, by chance: 6 + 3×2 + 7 + 8×2 − 9 + 4 = 30.
        "4870000000036",
    ]);
}

#[test]
fn accounts_pass_their_check() {
    // The example of the standard's register: KZ86 125K ZT50 0410 0100.
    holds("KZ86125KZT5004100100", &[(Iban, "KZ86125KZT5004100100")]);
    holds("ЖСК KZ86 125K ZT50 0410 0100, банк", &[(Iban, "KZ86 125K ZT50 0410 0100")]);
    holds("kz86125kzt5004100100", &[(Iban, "kz86125kzt5004100100")]);
    holds_nothing(&[
        "KZ87125KZT5004100100",
        "KZ86125KZT50041001001",
        "AKZ86125KZT5004100100",
        "KZ86125KZT5004",
    ]);
}

#[test]
fn nothing_breaks_on_odd_texts() {
    for text in
        ["", " ", "+", "(", "@", "KZ", "№", "\u{1f600}", "ұлы", "Б.", "пәтер", "8 (", "+7 ", "İ.Ş. Ёлка"]
    {
        holds(text, &[]);
    }
    // Any signs in any order.
    let signs: Vec<char> = "0178 +-()№.,:@KZkz/_БбұлықКккв.пәтер\u{a0}–Ёё\u{1f600}Ӏ".chars().collect();
    let mut rng = fastrand::Rng::with_seed(8);
    for _ in 0..50_000 {
        let length = rng.usize(..40);
        let text: String = (0..length).map(|_| signs[rng.usize(..signs.len())]).collect();
        for (_, place) in found(&text) {
            assert!(!place.is_empty(), "{text}");
        }
    }
    // Every cut of a text, at every letter.
    let text = "Үлгіев Болат Серікұлы, 8 (7172) 00-00-01, a@b.kz, KZ86 125K ZT50 0410 0100, 5-пәтер, 4000 0000 0000 0002";
    for (from, _) in text.char_indices() {
        for (to, _) in text.char_indices().filter(|(to, _)| *to >= from) {
            let _ = found(&text[from..to]);
        }
    }
}
