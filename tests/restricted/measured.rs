//! Precision and recall on the labelled set, of columns and of values, beside rules on the names of fields.

use std::collections::BTreeMap;

use derek::assess::restricted::{Kind, kinds_of};

use super::as_of;
use super::labelled::{Column, columns, said_by_name, scanned};

/// The seed whose figures are asserted, and others that have to keep the same floors: asked for with `--ignored`,
/// since a debug build takes seconds for each.
const SEEDS: [u64; 3] = [8, 111, 432];

/// Found rightly, found wrongly, missed.
#[derive(Debug, Default, Clone, Copy)]
struct Count {
    right: u32,
    wrong: u32,
    missed: u32,
}

impl Count {
    fn add(&mut self, is_there: bool, is_found: bool) {
        self.right += u32::from(is_there && is_found);
        self.wrong += u32::from(!is_there && is_found);
        self.missed += u32::from(is_there && !is_found);
    }

    fn precision(self) -> f64 {
        share(self.right, self.wrong)
    }

    fn recall(self) -> f64 {
        share(self.right, self.missed)
    }

    /// The harmonic mean of both.
    fn both(self) -> f64 {
        2.0 * self.precision() * self.recall() / (self.precision() + self.recall())
    }
}

/// Of nothing, all is right.
fn share(right: u32, other: u32) -> f64 {
    if right + other == 0 { 1.0 } else { f64::from(right) / f64::from(right + other) }
}

type Counts = BTreeMap<Kind, Count>;

/// Columns and values as the scan finds them, and as names of fields do.
#[derive(Default)]
struct Measured {
    columns: Counts,
    values: Counts,
    columns_by_name: Counts,
    values_by_name: Counts,
    /// Which kinds of columns went wrong, and how.
    slips: BTreeMap<(&'static str, Kind, &'static str), u32>,
}

impl Measured {
    fn add(&mut self, column: &Column) {
        let hits = scanned(column);
        let by_name: Vec<Kind> = said_by_name(column.name).collect();
        for kind in Kind::ALL {
            let is_there = column.kinds.contains(&kind);
            let is_found = hits.iter().any(|hit| hit.kind == kind && hit.is_beyond_chance);
            self.columns.entry(kind).or_default().add(is_there, is_found);
            self.columns_by_name.entry(kind).or_default().add(is_there, by_name.contains(&kind));
            match (is_there, is_found) {
                (true, false) => *self.slips.entry((column.code, kind, "column missed")).or_default() += 1,
                (false, true) => *self.slips.entry((column.code, kind, "column wrong")).or_default() += 1,
                _ => {}
            }
        }
        for (value, truth) in column.values.iter().filter(|(value, _)| !value.is_empty()) {
            let found: Vec<Kind> = kinds_of(value, as_of()).map(|(kind, _)| kind).collect();
            for kind in Kind::ALL {
                let (is_there, is_found) = (truth.contains(&kind), found.contains(&kind));
                self.values.entry(kind).or_default().add(is_there, is_found);
                self.values_by_name.entry(kind).or_default().add(is_there, by_name.contains(&kind));
                match (is_there, is_found) {
                    (true, false) => *self.slips.entry((column.code, kind, "value missed")).or_default() += 1,
                    (false, true) => *self.slips.entry((column.code, kind, "value wrong")).or_default() += 1,
                    _ => {}
                }
            }
        }
    }
}

fn measured(seed: u64) -> Measured {
    let mut measured = Measured::default();
    for column in columns(seed) {
        measured.add(&column);
    }
    measured
}

fn show(title: &str, counts: &Counts) {
    println!("{title}\n  kind           right  wrong missed precision recall");
    for (kind, count) in counts {
        let Count { right, wrong, missed } = *count;
        let (precision, recall) = (count.precision(), count.recall());
        println!("  {:<14} {right:>5} {wrong:>6} {missed:>6} {precision:>9.3} {recall:>6.3}", kind.code());
    }
}

/// Floors: precision and recall of columns, then of values; what was measured, rounded down.
const FLOORS: [(Kind, [f64; 4]); 8] = [
    (Kind::Iin, [1.0, 1.0, 0.99, 1.0]),
    (Kind::Bin, [1.0, 1.0, 0.99, 1.0]),
    (Kind::Phone, [0.97, 1.0, 0.93, 1.0]),
    (Kind::Email, [1.0, 1.0, 1.0, 1.0]),
    (Kind::FullName, [0.90, 1.0, 0.98, 0.89]),
    (Kind::FlatAddress, [1.0, 1.0, 1.0, 0.99]),
    (Kind::BankCard, [1.0, 1.0, 0.94, 1.0]),
    (Kind::Iban, [1.0, 1.0, 0.99, 1.0]),
];

#[test]
fn precision_and_recall_keep_their_floors() {
    keep_their_floors(&SEEDS[..1]);
}

#[test]
#[ignore = "takes seconds in a debug build"]
fn precision_and_recall_keep_their_floors_for_other_seeds() {
    keep_their_floors(&SEEDS[1..]);
}

fn keep_their_floors(seeds: &[u64]) {
    for seed in seeds.iter().copied() {
        let measured = measured(seed);
        println!("\nseed {seed}: {} columns", columns(seed).len());
        show("columns, by content", &measured.columns);
        show("columns, by the names of fields", &measured.columns_by_name);
        show("values, by content", &measured.values);
        show("values, by the names of fields", &measured.values_by_name);
        for ((code, kind, what), times) in &measured.slips {
            println!("  {code:<24} {:<12} {what:<14} {times}", kind.code());
        }
        for (kind, [precision, recall, value_precision, value_recall]) in FLOORS {
            let (column, value) = (measured.columns[&kind], measured.values[&kind]);
            assert!(column.precision() >= precision, "{seed} {kind:?} {column:?}");
            assert!(column.recall() >= recall, "{seed} {kind:?} {column:?}");
            assert!(value.precision() >= value_precision, "{seed} {kind:?} {value:?}");
            assert!(value.recall() >= value_recall, "{seed} {kind:?} {value:?}");
        }
    }
}

#[test]
fn names_of_fields_find_less_and_more_wrongly() {
    let measured = measured(SEEDS[0]);
    for kind in Kind::ALL {
        let (content, name) = (measured.columns[&kind], measured.columns_by_name[&kind]);
        assert!(content.recall() > name.recall(), "{kind:?} {content:?} {name:?}");
        // Names of streets without their word cost the scan some precision; together it is ahead everywhere.
        assert!(content.both() > name.both(), "{kind:?} {content:?} {name:?}");
    }
}

#[test]
fn texts_without_persons_are_seldom_taken_for_one_with() {
    are_seldom_taken_for_one_with(&SEEDS[..1]);
}

#[test]
#[ignore = "takes seconds in a debug build"]
fn texts_without_persons_are_seldom_taken_for_one_with_by_other_seeds() {
    are_seldom_taken_for_one_with(&SEEDS[1..]);
}

fn are_seldom_taken_for_one_with(seeds: &[u64]) {
    // The chance that the scan takes for granted, 3 in 1,000 for names and for flats, over fields of texts. Streets
    // without their word and persons of history are left out: those are names.
    let texts = [
        "street_kk",
        "street_ru",
        "house",
        "organisation",
        "named_after",
        "place",
        "goods",
        "text",
        "job",
        "link",
    ];
    let columns = seeds.iter().copied().flat_map(columns).filter(|column| texts.contains(&column.code));
    let (mut values, mut names, mut flats) = (0_u32, 0_u32, 0_u32);
    for (value, _) in columns.flat_map(|column| column.values) {
        let found: Vec<Kind> = kinds_of(&value, as_of()).map(|(kind, _)| kind).collect();
        values += 1;
        names += u32::from(found.contains(&Kind::FullName));
        flats += u32::from(found.contains(&Kind::FlatAddress));
    }
    println!("of {values} texts without persons, {names} have a name, {flats} a flat");
    assert!(values > 10_000 && names * 1_000 <= 3 * values && flats * 1_000 <= 3 * values);
}

#[test]
fn the_set_is_large_and_of_both_classes() {
    let columns = columns(SEEDS[0]);
    let kinds: std::collections::BTreeSet<&str> = columns.iter().map(|column| column.code).collect();
    let clean = columns.iter().filter(|column| column.kinds.is_empty()).count();
    assert!(kinds.len() >= 40 && columns.len() >= 200 && clean >= 100, "{} {}", kinds.len(), columns.len());
    assert!(columns.iter().all(|column| column.values.len() >= 10));
}
