//! Fields and tables: counts, chance, samples, the rule.

use derek::assess::restricted::{FieldHit, FieldScan, Kind, is_restricted, restricting};
use fastrand::Rng;

use super::{as_of, numbers};

fn scan<S: AsRef<str>>(values: impl IntoIterator<Item = S>) -> Vec<FieldHit> {
    let mut scan = FieldScan::new(as_of());
    values.into_iter().for_each(|value| scan.add(value.as_ref()));
    scan.finish()
}

fn hit(hits: &[FieldHit], kind: Kind) -> &FieldHit {
    hits.iter().find(|hit| hit.kind == kind).expect("a hit of the kind")
}

#[test]
fn counts_are_of_values_that_are_not_empty() {
    let hits = scan(["900101300017", "", "  ", "900101300017 900101300017", "жоқ"]);
    let iin = hit(&hits, Kind::Iin);
    // Two of three values; the second holds two numbers, but counts once.
    assert_eq!((iin.values, iin.hits, hits.len()), (3, 2, 1));
    assert!((iin.share - 2.0 / 3.0).abs() < 1e-12);
    assert!(iin.is_beyond_chance && iin.is_restricting);
    assert_eq!(scan(["", " "]), []);
    assert_eq!(scan(["жоқ", "12", "Абай көшесі"]), []);
}

#[test]
fn samples_never_show_a_value() {
    let samples = |text: &str, kind| hit(&scan([text]), kind).samples.clone();
    assert_eq!(samples("ЖСН 900101300017", Kind::Iin), ["90**********"]);
    assert_eq!(samples("900101-300 017", Kind::Iin), ["90****-*** ***"]);
    assert_eq!(samples("ахметов болат серікұлы", Kind::FullName), ["а****** б**** с*******"]);
    assert_eq!(samples("+7 701 000 00 01", Kind::Phone), ["+7 7** *** ** **"]);
    assert_eq!(samples("Үлгіев Болат Серікұлы", Kind::FullName), ["Ү***** Б**** С*******"]);
    assert_eq!(samples("Ахметов Б.С.", Kind::FullName), ["А****** *.*."]);
    assert_eq!(samples("Абай көшесі 10, пәтер 5", Kind::FlatAddress), ["к***** **, п**** *"]);
    assert_eq!(samples("a@bc.kz", Kind::Email), ["*@b*.k*"]);
    assert_eq!(samples("KZ86125KZT5004100100", Kind::Iban), ["K*86***K************"]);
    // Five at most, each once.
    let names = ["Болат", "Серік", "Ерлан", "Айдос", "Марат", "Қайрат", "Олжас", "Мәди"];
    let many = scan(names.iter().flat_map(|name| [format!("{name} Серікұлы"), format!("{name} Серікұлы")]));
    assert_eq!(hit(&many, Kind::FullName).samples.len(), 5);
}

#[test]
fn arbitrary_numbers_pass_by_chance() {
    // Of 1,000 arbitrary numbers 0.9 pass; whether none or a few do, it is chance.
    for seed in 0..50 {
        let mut rng = Rng::with_seed(seed);
        for hit in scan((0..1_000).map(|_| numbers::digits(&mut rng, 12))) {
            assert!(!hit.is_beyond_chance, "{seed} {hit:?}");
        }
    }
    // Numbers that start with a day of birth and a century: one of ten passes.
    let mut rng = Rng::with_seed(1);
    let dated = (0..1_000).map(|_| {
        format!(
            "9{}0{}1{}{}{}",
            rng.digit(10),
            rng.u8(1..10),
            rng.u8(0..9),
            rng.u8(3..5),
            numbers::digits(&mut rng, 5)
        )
    });
    let dated: Vec<String> = dated.collect();
    let hits = scan(&dated);
    let iin = hit(&hits, Kind::Iin);
    assert!((50..150).contains(&iin.hits) && !iin.is_restricting, "{iin:?}");
    // The same with thirty real ones among 1,000 arbitrary ones.
    let arbitrary = (0..1_000).map(|_| numbers::digits(&mut rng, 12)).collect::<Vec<_>>();
    let real = (0..30).map(|_| numbers::iin(&mut rng, false)).collect::<Vec<_>>();
    let hits = scan(arbitrary.iter().chain(&real));
    assert!(hit(&hits, Kind::Iin).is_restricting, "{hits:?}");
}

/// Who names a number of a person may have mistyped it: it is told, and restricts nothing.
#[test]
fn numbers_that_only_their_name_tells_are_weak() {
    let hits = scan((0..20).map(|at| format!("ЖСН 9001013000{at:02}")).filter(|text| !text.ends_with('7')));
    let iin = hit(&hits, Kind::Iin);
    assert!((iin.hits, iin.values) == (18, 18) && !iin.is_restricting, "{iin:?}");
    assert_eq!(iin.samples, ["90**********"]);
    assert_eq!(scan(["900101300018", "Тіркеу нөмірі 900101300018"]), []);
}

#[test]
fn one_number_alone_is_believed() {
    // In a field of notes there is one number of twelve digits, and it passes: 1 of 1,100 arbitrary ones does.
    let notes = (0..500).map(|at| format!("Ескерту {at}")).chain(["ЖСН 900101300017 тексерілді".to_owned()]);
    assert!(hit(&scan(notes), Kind::Iin).is_restricting);
    // Names: 10 of 1,000 texts are believed, 3 are not (3 of 1,000 is what the scan might get wrong).
    let names = |count: usize| {
        let texts = (0..1_000 - count).map(|at| format!("Ескерту {at}"));
        let hits = scan(texts.chain((0..count).map(|_| "Үлгіев Болат Серікұлы".to_owned())));
        (hit(&hits, Kind::FullName).hits, hit(&hits, Kind::FullName).is_restricting)
    };
    assert_eq!((names(10), names(3)), ((10, true), (3, false)));
    // One telephone in one, of ten digits, is not.
    assert!(!hit(&scan(["7010000001"]), Kind::Phone).is_beyond_chance);
    assert!(hit(&scan(["7010000001", "7010000002", "7770000003"]), Kind::Phone).is_beyond_chance);
}

#[test]
fn patronymics_alone_are_a_part_of_names() {
    let hits = scan(["Серікұлы", "Болатқызы", "Сергеевич", "Ивановна", ""]);
    let names = hit(&hits, Kind::FullName);
    assert_eq!((names.hits, names.values), (4, 4));
    assert!(names.is_restricting);
    assert_eq!(names.samples[0], "С*******");
    let small = scan(["серікұлы", "болатқызы", "сергеевич", "ивановна"]);
    assert!(hit(&small, Kind::FullName).is_restricting);
    // A street that is called so, among others.
    assert_eq!(scan(["Момышұлы", "Абай", "Достық", "Сарыарқа"]), []);
}

#[test]
fn contacts_restrict_only_beside_persons() {
    let phones = || scan(["+7 (7172) 00-00-01", "8 701 000 00 02", ""]);
    let flats = || scan(["Абай көшесі 10, пәтер 5", "Абай көшесі 12, пәтер 7"]);
    let mails = || scan(["info@example.kz"]);
    let names = || scan(["Үлгіев Болат Серікұлы", "Ким В.А."]);
    let numbers = || scan(["900101300017"]);
    let organisations = || scan(["990140000017", "990140000017", "990140000017"]);
    let pharmacies =
        [("name", scan(["Гиппократ"])), ("c2", phones()), ("c3", mails()), ("c4", organisations())];
    assert!(!is_restricted(&pharmacies));
    assert!(!is_restricted(&[("flats", flats()), ("phones", phones())]));
    assert!(!is_restricted(&[]));
    for persons in [names(), numbers()] {
        let table =
            [("c1", persons), ("c2", phones()), ("c3", mails()), ("c4", flats()), ("c5", organisations())];
        let fields: Vec<(&str, Kind)> = restricting(&table).map(|(field, hit)| (field, hit.kind)).collect();
        let kinds = [table[0].1[0].kind, Kind::Phone, Kind::Email, Kind::FlatAddress];
        assert_eq!(fields, ["c1", "c2", "c3", "c4"].into_iter().zip(kinds).collect::<Vec<_>>());
    }
    // An account is a secret of the bank; it says nothing of whose the telephone is.
    let table = [("c1", scan(["KZ86125KZT5004100100"])), ("c2", phones())];
    assert_eq!(restricting(&table).map(|(field, _)| field).collect::<Vec<_>>(), ["c1"]);
}
