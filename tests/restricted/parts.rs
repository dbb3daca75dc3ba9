//! Surnames and given names in two fields.

use derek::assess::restricted::{FieldHit, FieldScan, Kind, finish_together, is_restricted};

use super::as_of;

const SURNAMES: [&str; 5] = ["Қасымов", "Иванов", "Ахметова", "Ким", "СЕЙФУЛЛИН"];
const GIVEN: [&str; 5] = ["Ерлан", "Пётр", "Айгүл", "Анна", "БОЛАТ"];
const SHOPS: [&str; 5] = ["Айгүл", "Дана", "Жанар", "Алия", "Гиппократ"];

fn scan(values: &[&str]) -> FieldScan {
    let mut scan = FieldScan::new(as_of());
    for value in values {
        scan.add(value);
    }
    scan
}

fn side_by_side(columns: [&[&str]; 2]) -> Vec<Vec<FieldHit>> {
    finish_together(columns.map(|values| ("", scan(values))))
}

#[test]
fn two_fields_side_by_side_are_full_names() {
    for columns in [[&SURNAMES[..], &GIVEN[..]], [&GIVEN[..], &SURNAMES[..]]] {
        let found = side_by_side(columns);
        for hits in &found {
            assert_eq!((hits.len(), hits[0].kind), (1, Kind::FullName));
            assert!(hits[0].is_beyond_chance && hits[0].is_restricting, "{hits:?}");
        }
        let table: Vec<(&str, Vec<FieldHit>)> = ["c1", "c2"].into_iter().zip(found).collect();
        assert!(is_restricted(&table));
    }
    let found = side_by_side([&SURNAMES, &GIVEN]);
    // Ким has no ending.
    assert_eq!((found[0][0].hits, found[0][0].values, found[1][0].hits), (4, 5, 5));
    assert_eq!(found[0][0].samples, ["Қ******", "И*****", "А*******", "С********"]);
    assert_eq!(found[1][0].samples[..2], ["Е****", "П***"]);
}

#[test]
fn patronymics_are_surnames_too() {
    let surnames = ["Қасымұлы", "Иванов", "Серікқызы", "Ахметова", "Сейфуллин"];
    let found = side_by_side([&surnames, &GIVEN]);
    assert_eq!((found[0][0].hits, found[0][0].is_restricting), (5, true));
}

#[test]
fn one_of_both_alone_is_nobody() {
    assert_eq!(scan(&SURNAMES).finish(), []);
    assert_eq!(scan(&GIVEN).finish(), []);
    let apart = finish_together([("fam", scan(&SURNAMES)), ("im", scan(&GIVEN))]);
    assert!(apart.iter().all(Vec::is_empty), "members of two Objects do not stand side by side");
}

#[test]
fn towns_streets_regions_and_shops_are_no_persons() {
    let columns: [[&[&str]; 2]; 6] = [
        [&["Павлодар", "Саратов", "Тараз", "Семей", "Псков"], &SHOPS],
        [&["Абай", "Сейфуллин", "Достық", "Сәтбаев", "Кенесары"], &SHOPS],
        [&["Сарыарқа", "Есіл", "Алматы", "Байқоңыр", "Нұра"], &GIVEN],
        // One region throughout is no given name.
        [&SURNAMES, &["Абай"; 5]],
        // Two of five are known.
        [&SURNAMES, &["Ерлан", "Пётр", "Шипагер", "Гиппократ", "Ғасыр"]],
        [&["Иванов көшесі", "Сәтбаев к.", "«Иванов»", "Ахметов 5", "қасымов"], &GIVEN],
    ];
    for columns in columns {
        assert!(side_by_side(columns).iter().all(Vec::is_empty), "{columns:?}");
    }
    let four = side_by_side([&SURNAMES[..4], &GIVEN[..4]]);
    assert!(four.iter().all(Vec::is_empty), "four rows are too few");
}
