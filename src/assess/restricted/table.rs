//! One table: whether what its fields hold together restricts it.
//!
//! The rule. Order 111, paragraph 7, 1) asks that data be "no information of restricted access"; paragraph 2, 6)
//! counts among that personal data of restricted access and the secrets of the bank.
//!
//! 1. A field of identification numbers of persons, of full names, of bank cards or of bank accounts, beyond
//!    chance, restricts its table.
//! 2. Telephones, addresses of mail and of flats are personal data only of a person. They restrict where the same
//!    table holds identification numbers or full names of persons, beyond chance. Alone they are contacts, as the
//!    telephone of a pharmacy is, which is officially published: shown, but no restriction.
//! 3. Numbers of organisations restrict nothing.
//!
//! A restricted table stays so until a person says otherwise: heads of organisations, say, are officially named.

use super::field::FieldHit;
use super::kind::{Kind, Role};

/// What restricts a table: fields, by their names, with what they hold.
///
/// ```
/// # use derek::assess::restricted::{Day, FieldScan, is_restricted, restricting};
/// let scan = |values: &[&str]| {
///     let mut scan = FieldScan::new(Day::new(2026, 11, 1).expect("a day"));
///     values.iter().for_each(|value| scan.add(value));
///     scan.finish()
/// };
/// let phones = scan(&["+7 (7172) 00-00-01", "+7 (7172) 00-00-02"]);
/// let pharmacies = [("name", scan(&["Дәріхана № 1", "Гиппократ"])), ("phones", phones.clone())];
/// assert!(!is_restricted(&pharmacies));
/// let patients = [("c1", scan(&["Үлгіұлы Болат", "Үлгіев Серік Болатұлы"])), ("c2", phones)];
/// let names: Vec<&str> = restricting(&patients).map(|(field, _)| field).collect();
/// assert_eq!(names, ["c1", "c2"]);
/// ```
pub fn restricting<'a>(
    fields: &'a [(&'a str, Vec<FieldHit>)],
) -> impl Iterator<Item = (&'a str, &'a FieldHit)> {
    let hits = || fields.iter().flat_map(|(field, hits)| hits.iter().map(move |hit| (*field, hit)));
    let has_persons =
        hits().any(|(_, hit)| hit.is_restricting && matches!(hit.kind, Kind::Iin | Kind::FullName));
    hits().filter(move |(_, hit)| match hit.kind.role() {
        Role::Identifies => hit.is_restricting,
        Role::Contact => has_persons && hit.is_beyond_chance,
        Role::Information => false,
    })
}

/// Whether a table is restricted: whether anything in it is [`restricting`].
#[must_use]
pub fn is_restricted(fields: &[(&str, Vec<FieldHit>)]) -> bool {
    restricting(fields).next().is_some()
}
