//! Kinds of columns with what they hold: the labelled set's contents.

use derek::assess::restricted::Kind::{self, BankCard, Bin, Email, FlatAddress, FullName, Iban, Iin, Phone};
use fastrand::Rng;

use super::{addresses, numbers, people, things};

/// A value with the kinds in it.
pub(super) type Labelled = (String, &'static [Kind]);

/// A kind of column.
pub(super) struct ColumnKind {
    /// What it is.
    pub(super) code: &'static str,
    /// Names that such fields have in extracts: telling ones, others, misleading ones.
    pub(super) names: &'static [&'static str],
    /// What it holds.
    pub(super) kinds: &'static [Kind],
    /// One value.
    pub(super) make: fn(&mut Rng) -> Labelled,
}

/// `code: names => kinds, |rng| text`: every value holds what the column holds.
macro_rules! columns {
    ($($code:literal: $names:expr => $kinds:expr, $make:expr;)*) => {
        &[$(ColumnKind { code: $code, names: &$names, kinds: &$kinds, make: |rng| {
            let make: fn(&mut Rng) -> String = $make;
            (make(rng), &$kinds)
        } },)*]
    };
}

/// Columns all of whose values hold the same.
pub(super) const PURE: &[ColumnKind] = columns! {
    "iin": ["iin", "zhsn", "number", "code", "ИИН"] => [Iin], |rng| numbers::iin(rng, false);
    "iin_zeros_dropped": ["iin", "col3", "nomer"] => [Iin], |rng| numbers::iin(rng, true).trim_start_matches('0').to_owned();
    "iin_in_kk": ["note", "mazmuny", "text"] => [Iin], |rng| format!("Өтініш беруші, ЖСН {}, құжат тапсырды", numbers::iin(rng, false));
    "iin_in_ru": ["note", "opisanie", "text"] => [Iin], |rng| format!("Получатель пособия (ИИН: {})", numbers::iin(rng, false));
    "bin": ["bin", "bsn", "iin_bin", "code", "org"] => [Bin], numbers::bin;
    "bin_in_text": ["supplier", "note", "text"] => [Bin], |rng| format!("БСН {} ЖШС", numbers::bin(rng));
    "phone_mobile": ["phone", "tel", "mobile", "contact", "col5"] => [Phone], |rng| { let form = rng.u8(..4); numbers::phone(rng, form) };
    "phone_town": ["phone", "telefon", "baylanys", "contact"] => [Phone], |rng| { let form = rng.u8(4..7); numbers::phone(rng, form) };
    "phone_bare_11": ["phone", "number", "tel", "login"] => [Phone], |rng| format!("{}{}", rng.u8(7..9), numbers::national(rng, true));
    "phone_bare_10": ["phone", "number", "col2"] => [Phone], |rng| numbers::national(rng, true);
    "phone_in_text": ["note", "contacts", "mazmuny"] => [Phone], |rng| { let form = rng.u8(..7); format!("Қабылдау бөлмесі: {}, 09:00-18:00", numbers::phone(rng, form)) };
    "phones_two": ["phones", "contacts", "tel"] => [Phone], |rng| format!("{}; {}", numbers::phone(rng, 1), numbers::phone(rng, 4));
    "email": ["email", "e_mail", "pochta", "contact", "login"] => [Email], |rng| format!("{}.{}@example{}.kz", people::one(rng, &["bolat", "info", "a", "serik_k"]), numbers::digits(rng, 2), rng.u8(..9));
    "email_in_text": ["note", "contacts", "text"] => [Email], |rng| format!("пошта: user{}@mail.example.kz, кеңсе", numbers::digits(rng, 3));
    "name_kk": ["fio", "aty_zhoni", "name", "person", "col1"] => [FullName], |rng| people::full(rng, true);
    "name_ru": ["fio", "fullname", "name", "zayavitel"] => [FullName], |rng| people::full(rng, false);
    "name_upper": ["fio", "FIO", "owner", "title"] => [FullName], |rng| { let is_kazakh = rng.bool(); people::full(rng, is_kazakh).to_uppercase() };
    "name_given_first": ["name", "director", "basshy"] => [FullName], |rng| { let (given, patronymic) = people::kazakh(rng, false); format!("{given} {patronymic}") };
    "name_initials": ["fio", "director", "author", "otvetstvennyi"] => [FullName], |rng| people::initials(rng, false);
    "name_initials_first": ["fio", "author", "col4"] => [FullName], |rng| people::initials(rng, true);
    "name_two_words": ["name", "fio", "kyzmetker"] => [FullName], |rng| { let is_woman = rng.bool(); format!("{} {}", people::surname(rng, is_woman), people::kazakh(rng, is_woman).0) };
    "name_son_of": ["fio", "name", "person"] => [FullName], |rng| format!("Мамедов {} {} оглы", people::kazakh(rng, false).0, people::russian(rng, false).0);
    "name_entrepreneur": ["title", "supplier", "name"] => [FullName], |rng| format!("{} {}", people::one(rng, &["ИП", "ЖК"]), people::full(rng, true));
    "name_latin": ["fio", "name", "holder"] => [FullName], |rng| people::latin(rng, true);
    "name_latin_two": ["holder", "name", "fio"] => [FullName], |rng| people::latin(rng, false);
    "name_in_kk": ["mazmuny", "note", "text"] => [FullName], |rng| people::text(rng, true);
    "name_in_ru": ["opisanie", "note", "text"] => [FullName], |rng| people::text(rng, false);
    "flat_kk": ["address", "mekenzhai", "place", "col6"] => [FlatAddress], addresses::kazakh_flat;
    "flat_ru": ["address", "adres", "place", "location"] => [FlatAddress], addresses::russian_flat;
    "flat_hyphen": ["address", "adres", "place"] => [FlatAddress], addresses::hyphened_flat;
    "card": ["card", "karta", "number", "pan"] => [BankCard], numbers::card;
    "card_in_fours": ["card", "payment", "number"] => [BankCard], |rng| numbers::in_fours(&numbers::card(rng), " ");
    "card_in_text": ["note", "text", "payment"] => [BankCard], |rng| format!("Төлем {} картасына аударылды", numbers::card(rng));
    "iban": ["iban", "iik", "schet", "account"] => [Iban], |rng| numbers::iban(rng, 0);
    "iban_in_fours": ["iban", "iik", "requisites"] => [Iban], |rng| numbers::in_fours(&numbers::iban(rng, 0), " ");
    "iban_in_text": ["note", "requisites", "text"] => [Iban], |rng| format!("ЖСК {}, БСК EXAMKZKA", numbers::iban(rng, 0));
    "random_12": ["number", "code", "iin_doc", "account"] => [], |rng| numbers::digits(rng, 12);
    "dated_12": ["order_no", "number", "reg_number"] => [], |rng| format!("{:02}{:02}{:02}{}", rng.u8(10..26), rng.u8(1..=12), rng.u8(1..=28), numbers::digits(rng, 6));
    "object_id": ["id", "objectid", "code"] => [], |rng| format!("{}", rng.u32(1..9_000_000));
    "account_10": ["account", "number", "phone_id"] => [], |rng| numbers::digits(rng, 10);
    "account_10_from_7": ["account", "licevoi_schet", "number"] => [], |rng| format!("7{}", numbers::digits(rng, 9));
    "random_11": ["code", "number", "telemetry"] => [], |rng| numbers::digits(rng, 11);
    "random_16": ["code", "number", "card_type"] => [], |rng| numbers::no_card(rng, "");
    "from_4_16": ["ticket", "number", "karta_no"] => [], |rng| numbers::no_card(rng, "4");
    "barcode": ["barcode", "shtrihkod", "code"] => [], numbers::barcode;
    "street_kk": ["koshe", "street", "address"] => [], addresses::kazakh_street;
    "street_ru": ["ulitsa", "street", "address"] => [], addresses::russian_street;
    "house": ["address", "adres", "mekenzhai", "place"] => [], addresses::house;
    "bare_street": ["ulitsa", "koshe", "street"] => [], things::bare_street;
    "history": ["title", "event", "name"] => [], things::history;
    "organisation": ["name", "org", "supplier", "fullname"] => [], things::organisation;
    "named_after": ["name", "school", "title"] => [], things::named_after;
    "place": ["name", "region", "city"] => [], things::place;
    "goods": ["name", "title", "brand"] => [], things::goods;
    "text": ["text", "note", "email_text"] => [], things::text;
    "like_mail": ["social", "contact", "email"] => [], things::like_mail;
    "like_iban": ["iik", "code", "number"] => [], things::like_iban;
    "cadastral": ["cadastral", "kadastr", "number"] => [], things::cadastral;
    "uuid": ["uuid", "guid", "id"] => [], things::uuid;
    "date": ["date", "kuni", "created"] => [], things::date;
    "coordinates": ["geoposition", "coord", "point"] => [], things::coordinates;
    "amount": ["amount", "summa", "budget"] => [], things::amount;
    "link": ["url", "link", "source"] => [], things::link;
    "job": ["position", "lauazym", "job"] => [], things::job;
    "hours": ["schedule", "hours", "tel_hours"] => [], |rng| format!("0{}:00-1{}:30", rng.u8(7..10), rng.u8(7..10));
};

/// Columns whose values differ in what they hold.
pub(super) const MIXED: &[ColumnKind] = &[
    ColumnKind {
        code: "iin_and_bin",
        names: &["iin_bin", "bin_iin", "number", "code"],
        kinds: &[Iin, Bin],
        make: |rng| if rng.bool() { (numbers::iin(rng, false), &[Iin]) } else { (numbers::bin(rng), &[Bin]) },
    },
    ColumnKind {
        code: "iin_with_slips",
        names: &["iin", "number", "col1"],
        kinds: &[Iin],
        // One of six has a digit wrong.
        make: |rng| match (rng.u8(..6), numbers::iin(rng, false)) {
            (0, number) => (format!("{}{}", &number[..11], (number.as_bytes()[11] - b'0' + 1) % 10), &[]),
            (_, number) => (number, &[Iin]),
        },
    },
    ColumnKind {
        code: "notes_with_some_names",
        names: &["note", "text", "comment"],
        kinds: &[FullName],
        make: |rng| {
            if rng.u8(..3) == 0 { (people::text(rng, true), &[FullName]) } else { (things::text(rng), &[]) }
        },
    },
    ColumnKind {
        code: "contacts",
        names: &["contacts", "contact", "baylanys"],
        kinds: &[Phone, Email, FullName],
        make: |rng| {
            let text = format!(
                "{}, {}, a{}@example.kz",
                people::initials(rng, false),
                numbers::phone(rng, 1),
                rng.u8(..9)
            );
            (text, &[FullName, Phone, Email])
        },
    },
    ColumnKind {
        code: "addresses_mixed",
        names: &["address", "mekenzhai", "place"],
        kinds: &[FlatAddress],
        make: |rng| {
            if rng.bool() {
                (addresses::kazakh_flat(rng), &[FlatAddress])
            } else {
                (addresses::house(rng), &[])
            }
        },
    },
    ColumnKind {
        code: "patronymics_alone",
        names: &["otchestvo", "middle_name", "col3"],
        kinds: &[FullName],
        // A patronymic alone names nobody: the value holds nothing, the field does.
        make: |rng| {
            let is_woman = rng.bool();
            (if rng.bool() { people::kazakh(rng, is_woman).1 } else { people::russian(rng, is_woman).1 }, &[])
        },
    },
];

/// Columns whose values are written as few people do.
pub(super) const UNUSUAL: &[ColumnKind] = columns! {
    "iin_in_groups": ["iin", "zhsn", "number", "text"] => [Iin], |rng| { let number = numbers::iin(rng, false); numbers::in_groups(rng, &number) };
    "iin_glued": ["note", "text", "iin"] => [Iin], |rng| { let word = people::one(rng, &["ИИН", "ЖСН", "жсн", "иин:", "Нөмірі"]); format!("{word}{}", numbers::iin(rng, false)) };
    "bin_in_groups": ["org", "bsn", "number"] => [Bin], |rng| { let number = numbers::bin(rng); numbers::in_groups(rng, &number) };
    "name_small_kk": ["fio", "aty_zhoni", "name"] => [FullName], |rng| people::full(rng, true).to_lowercase();
    "name_small_ru": ["fio", "name", "zayavitel"] => [FullName], |rng| people::full(rng, false).to_lowercase();
    "small_text": ["text", "note", "person"] => [], things::small_text;
};
