//! Is there personal data in an extract? Told by what the values are, never by what a field is called.
//!
//! Order 111 of 2021, paragraph 7, 1): data that are opened are no information of restricted access, among which
//! paragraph 2, 6) counts personal data of restricted access and the secrets of the bank. Looked for are
//! identification numbers of persons ([`Kind::Iin`], told apart from those of organisations), telephones, addresses
//! of mail, full names in Kazakh and in Russian, addresses with flats, bank cards and bank accounts.
//!
//! [`kinds_of`] says what one text holds; a [`FieldScan`] counts over a field and says what is beyond chance;
//! [`finish_together`] says it of fields side by side, which may be parts of names; [`is_restricted`] judges a table.

mod border;
mod card;
mod chance;
mod day;
mod email;
mod ending;
mod field;
mod flat;
mod iban;
mod identity;
mod kind;
mod label;
mod letter;
mod mask;
mod name;
mod number;
mod part;
mod phone;
mod scanner;
mod sighting;
mod table;
mod vocabulary;
mod word;

use std::ops::Range;

pub use self::day::Day;
pub use self::field::{FieldHit, FieldScan};
pub use self::kind::{Kind, Role};
pub use self::mask::{mask_persons, masked, without_persons};
pub use self::part::finish_together;
pub use self::table::{is_restricted, restricting};

use self::scanner::Scanner;
use self::sighting::Sighting;

/// What a text holds, with the bytes where it stands, from left to right; at most what the text says by itself: a
/// number of twelve digits that passes every check is an [`Kind::Iin`] here, though in a field of arbitrary numbers
/// one of 1,100 does ([`FieldHit::is_beyond_chance`]). One that fails a check is an [`Kind::Iin`] where the words before
/// it call it so: «ЖСН», «ИИН», «IIN», «жеке сәйкестендіру нөмірі».
///
/// ```
/// # use derek::assess::restricted::{Day, Kind, kinds_of};
/// let as_of = Day::new(2026, 11, 1).expect("a day");
/// let text = "Өтініш беруші: Үлгіев Болат Серікұлы, тел. 8 (7172) 00-00-01";
/// let found: Vec<(Kind, &str)> = kinds_of(text, as_of).map(|(kind, at)| (kind, &text[at])).collect();
/// assert_eq!(found, [(Kind::FullName, "Үлгіев Болат Серікұлы"), (Kind::Phone, "8 (7172) 00-00-01")]);
/// ```
pub fn kinds_of(value: &str, as_of: Day) -> impl Iterator<Item = (Kind, Range<usize>)> {
    let mut scanner = Scanner::default();
    scanner.scan(value, as_of);
    let mut found = scanner.into_found();
    found.retain(Sighting::is_hit);
    found.sort_by_key(|sighting| sighting.range.start);
    found.into_iter().map(|sighting| (sighting.kind, sighting.range))
}
