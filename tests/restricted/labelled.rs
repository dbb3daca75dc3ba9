//! The labelled set: columns of every kind, from a seed.

use derek::assess::restricted::{FieldHit, FieldScan, Kind};
use fastrand::Rng;

use super::as_of;
use super::columns::{ColumnKind, Labelled, MIXED, PURE, UNUSUAL};

/// Columns of each kind.
const COPIES: usize = 6;

/// A column with what is in it.
pub(super) struct Column {
    /// The kind of column.
    pub(super) code: &'static str,
    /// What the field is called.
    pub(super) name: &'static str,
    /// What the column holds.
    pub(super) kinds: &'static [Kind],
    /// Its values with what they hold; some are empty.
    pub(super) values: Vec<Labelled>,
}

/// All columns of a seed: ten values or more each, 60 at most, but 1,000 in one of each kind.
pub(super) fn columns(seed: u64) -> Vec<Column> {
    let mut rng = Rng::with_seed(seed);
    // In this order: what one kind takes from the seed is not to change the others.
    let kinds = PURE.iter().chain(MIXED).chain(UNUSUAL);
    kinds
        .flat_map(|kind| (0..COPIES).map(move |copy| (kind, copy)))
        .map(|(kind, copy)| column(kind, copy, &mut rng))
        .collect()
}

fn column(kind: &ColumnKind, copy: usize, rng: &mut Rng) -> Column {
    let rows = if copy == 0 { 1_000 } else { rng.usize(10..=60) };
    // One column of six has empty values.
    let has_gaps = copy == 1;
    let empty: Labelled = (String::new(), &[]);
    let values =
        (0..rows).map(|_| if has_gaps && rng.u8(..4) == 0 { empty.clone() } else { (kind.make)(rng) });
    Column {
        code: kind.code,
        name: kind.names[copy % kind.names.len()],
        kinds: kind.kinds,
        values: values.collect(),
    }
}

/// What the scan says of a column.
pub(super) fn scanned(column: &Column) -> Vec<FieldHit> {
    let mut scan = FieldScan::new(as_of());
    column.values.iter().for_each(|(value, _)| scan.add(value));
    scan.finish()
}

/// What the name of a field says by itself: the rules that one would write without a look at the values.
pub(super) fn said_by_name(name: &str) -> impl Iterator<Item = Kind> + '_ {
    let name = name.to_lowercase();
    let says = move |words: &[&str]| words.iter().any(|word| name.contains(word));
    Kind::ALL.into_iter().filter(move |kind| match kind {
        Kind::Iin => says(&["iin", "zhsn", "иин", "жсн"]),
        Kind::Bin => says(&["bin", "bsn", "бин", "бсн"]),
        Kind::Phone => says(&["phone", "tel", "mobile", "baylanys"]),
        Kind::Email => says(&["mail", "pochta"]),
        Kind::FullName => {
            says(&[
                "fio",
                "fullname",
                "aty_zhoni",
                "person",
                "director",
                "owner",
                "author",
                "otchestvo",
                "middle_name",
            ]) || says(&["holder", "zayavitel", "kyzmetker", "otvetstvennyi", "basshy"])
        }
        Kind::FlatAddress => says(&["address", "adres", "mekenzhai"]),
        Kind::BankCard => says(&["card", "karta", "pan"]),
        Kind::Iban => says(&["iban", "iik", "schet"]),
    })
}
