//! Words → datasets.

use std::fs;
use std::sync::Arc;

use derek::catalog::{Catalog, LoadOptions, Snapshot, search};

/// A catalog of documents with these `meta`.
fn snapshot(metas: &[&str]) -> Arc<Snapshot> {
    let folder = tempfile::tempdir().expect("a folder can be made");
    for (number, meta) in metas.iter().enumerate() {
        let text = format!(r#"{{"meta": {{{meta}}}, "fields": {{"id": {{"type": "Int"}}}}, "data": []}}"#);
        fs::write(folder.path().join(format!("{number}.json")), text).expect("it can be written");
    }
    let (catalog, _) =
        Catalog::open(&[folder.path().to_owned()], LoadOptions::default()).expect("it is there");
    assert_eq!(catalog.snapshot().datasets().len(), metas.len());
    catalog.snapshot()
}

fn names(snapshot: &Snapshot, q: Option<&str>, keyword: Option<&str>) -> Vec<String> {
    search(snapshot, q, keyword).iter().map(|dataset| dataset.name().to_owned()).collect()
}

#[track_caller]
fn check(snapshot: &Snapshot, cases: &[(&str, &[&str])]) {
    for (q, expected) in cases {
        assert_eq!(names(snapshot, Some(q), None), *expected, "{q}");
    }
}

const SCHOOLS: &str = r#""apiUri": "astana_schools", "nameKk": "Қаланың мектептері", "nameRu": "Школы, лицеи и гимназии",
    "nameEn": "Schools of Astana", "descriptionKk": "Әр мектептің орны мен оқушылар саны",
    "descriptionRu": "Адреса школ; ёмкость, «чай-кофе»", "keywords": ["Білім беру", "школа"], "keywordsKk": ["мектеп үйі"]"#;
const KITCHENS: &str = r#""apiUri": "kitchens", "nameKk": "Асханалар", "nameRu": "Столовые", "nameEn": "",
    "descriptionKk": "Мектеп асханалары", "descriptionRu": "Где едят", "keywords": ["тамақ", "school meals"]"#;
const BUSES: &str = r#""apiUri": "a_buses", "nameKk": "Автобустар", "nameRu": "Автобусы", "nameEn": "Buses",
    "descriptionKk": "Мектеп автобустары", "descriptionRu": "Школьные автобусы", "keywords": "көлік; Қала"#;

#[test]
fn every_word_is_a_part_of_a_word_in_any_language() {
    let snapshot = snapshot(&[SCHOOLS, KITCHENS, &format!("{BUSES}\"")]);
    check(
        &snapshot,
        &[
            ("мектеп", &["astana_schools", "a_buses", "kitchens"]),
            ("school meals", &["kitchens"]),
            ("лицеи оқушы білім", &["astana_schools"]),
            ("лицеи автобус", &[]),
            ("astana_sch", &["astana_schools"]),
            ("столов", &["kitchens"]),
            ("көлік", &["a_buses"]),
            ("үйі", &["astana_schools"]),
        ],
    );
}

#[test]
fn a_hit_in_the_name_comes_before_keywords_before_descriptions() {
    let meta = |name: &str, ru: &str, description: &str, keyword: &str| {
        format!(
            r#""apiUri": "{name}", "nameKk": "Атауы", "nameRu": "{ru}", "descriptionKk": "{description}", "keywords": ["{keyword}"]"#
        )
    };
    let metas = [
        meta("a", "Мәтін", "Су қоймалары", "өзен"),
        meta("b", "Мәтін", "Мәтін", "су, жер"),
        meta("c", "Су көздері", "Мәтін", "өзен"),
        meta("d_су", "Мәтін", "Мәтін", "өзен"),
        meta("e", "Су", "Су", "су"),
    ];
    let snapshot = snapshot(&metas.each_ref().map(String::as_str));
    check(
        &snapshot,
        &[
            ("су", &["c", "d_су", "e", "b", "a"]),
            ("су мәтін", &["d_су", "b", "a", "c"]),
            ("өзен", &["a", "c", "d_су"]),
        ],
    );
}

#[test]
fn letters_are_folded_but_not_into_others() {
    let snapshot = snapshot(&[
        r#""apiUri": "a", "nameKk": "ҚЫЗЫЛОРДА ӘУЕЖАЙЫ", "nameRu": "Берёзовый Край: за́мок", "nameEn": "Qazaqstan äuejaıy""#,
        r#""apiUri": "b", "nameKk": "Кызылорда", "nameRu": "Березовыи", "nameEn": """#,
    ]);
    check(
        &snapshot,
        &[
            ("қызылорда", &["a"]),
            ("КЫЗЫЛОРДА", &["b"]),
            ("әуежай", &["a"]),
            ("ауежай", &[]),
            ("берез", &["a", "b"]),
            ("бере\u{308}з", &["a", "b"]),
            ("БЕРЁЗОВЫЙ", &["a"]),
            ("березовыи\u{306}", &["a"]),
            ("КРАИ\u{306}", &["a"]),
            ("замок", &["a"]),
            ("за\u{AD}мок", &["a"]),
            ("a\u{308}uejaıy", &["a"]),
        ],
    );
}

#[test]
fn white_space_and_punctuation_stand_between_words() {
    let snapshot = snapshot(&[SCHOOLS, KITCHENS]);
    check(
        &snapshot,
        &[
            ("  чай\u{a0}КОФЕ\t", &["astana_schools"]),
            ("кофе-чай", &["astana_schools"]),
            ("«чай", &["astana_schools"]),
            ("%школы%", &["astana_schools"]),
            ("шко_лы", &["astana_schools"]),
            ("школы;лицеи", &["astana_schools"]),
            ("школылицеи", &[]),
            ("— …", &["astana_schools", "kitchens"]),
            ("", &["astana_schools", "kitchens"]),
        ],
    );
}

#[test]
fn a_keyword_is_there_as_a_whole() {
    let snapshot = snapshot(&[SCHOOLS, KITCHENS, &format!("{BUSES}\"")]);
    for (keyword, expected) in [
        ("білім  БЕРУ", &["astana_schools"][..]),
        ("білім", &[]),
        ("Мектеп үйі", &["astana_schools"]),
        ("қала", &["a_buses"]),
        ("кала", &[]),
        ("", &[]),
    ] {
        assert_eq!(names(&snapshot, None, Some(keyword)), expected, "{keyword}");
    }
    assert_eq!(names(&snapshot, None, None), ["a_buses", "astana_schools", "kitchens"]);
    assert_eq!(names(&snapshot, Some("мектеп"), Some("тамақ")), ["kitchens"]);
    assert!(names(&snapshot, Some("лицеи"), Some("тамақ")).is_empty());
}
