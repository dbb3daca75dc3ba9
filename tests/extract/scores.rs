//! Types, counts and scores, worked out by hand.

use derek::assess::extract::{Form, Report, Verdict, WEIGHTS};

use super::{DOCUMENT, PHARMACIES, field, report, top};

/// A part of a score: how many are in order, and of how many.
fn counts(report: &Report) -> Vec<(u64, u64)> {
    report.readiness.parts.iter().map(|part| (part.count, part.of)).collect()
}

#[test]
fn the_weights_are_a_hundred_together() {
    assert!((WEIGHTS.iter().map(|(_, weight)| weight).sum::<f64>() - 100.0).abs() < 1e-9);
}

#[test]
fn an_open_table_is_ready_and_each_part_is_counted() {
    let report = report(Form::Csv, PHARMACIES);
    let kinds: Vec<(&str, &str)> = report.fields.iter().map(|it| (it.field.as_str(), it.kind)).collect();
    let expected = [("id", "Int"), ("атауы", "String"), ("мекенжай", "String"), ("ашылған күні", "Date")];
    assert_eq!((&kinds[..4], kinds[4]), (&expected[..], ("бағасы", "Double")));
    // Typed: 4 + 4 + 3 + 3 (one date cannot be read) + 3 of 18 values. Cells: 18 of 20. A key. Dates: 3 of 4.
    // Addresses. No labels, of 5 × 2. No references: their 10 are spread over the other 90.
    assert_eq!(counts(&report), [(17, 18), (18, 20), (1, 1), (3, 4), (1, 1), (0, 10), (0, 0)]);
    // (25 × 17/18 + 15 × 18/20 + 15 + 10 × 3/4 + 10 + 0) × 100/90 = 69.61 × 100/90 = 77.3.
    assert!((report.readiness.score - 77.3).abs() < 1e-9, "{}", report.readiness.score);
    let weights: f64 = report.readiness.parts.iter().map(|part| part.counted_weight).sum();
    assert!((weights - 100.0).abs() < 1e-9 && report.readiness.parts[6].share.is_none());
    assert_eq!((report.rows, report.verdict), (4, Verdict::Ready));
    let reasons: Vec<&str> = report.reasons.iter().map(|reason| reason.code).collect();
    assert_eq!(reasons, ["typed", "nulls", "dates", "labels"]);
    assert_eq!(report.reasons[0].text, "values of their field's type: 17 of 18");
}

#[test]
fn a_field_tells_its_range_lengths_patterns_and_frequent_values() {
    let open = report(Form::Csv, PHARMACIES);
    let (price, opened) = (field(&open, "бағасы"), field(&open, "ашылған күні"));
    // By number, not by letters: 12.5 is the greatest.
    assert_eq!((price.least.as_deref(), price.greatest.as_deref()), (Some("3.25"), Some("12.5")));
    assert_eq!((price.values, price.nulls, price.distinct, price.is_key), (3, 1, 3, false));
    // By time; what is no date is not among them.
    assert_eq!(
        (opened.least.as_deref(), opened.greatest.as_deref()),
        (Some("15.06.2022"), Some("31.12.2024"))
    );
    assert_eq!((opened.patterns[0].text.as_str(), opened.patterns[0].count), ("99.99.9999", 3));
    assert_eq!((opened.least_length, opened.greatest_length), (Some(8), Some(10)));
    assert!(field(&open, "id").is_key && field(&open, "атауы").is_key && !field(&open, "id").is_masked);
    let colours = report(Form::Csv, "түсі\nкөк\nкөк\nқызыл\n-\nқызыл\nкөк\nАқ 1\n");
    let colour = &colours.fields[0];
    assert_eq!(top(colour), [("көк", 3), ("қызыл", 2), ("Ақ 1", 1)]);
    assert_eq!((colour.values, colour.nulls, colour.distinct), (6, 1, 3), "a hyphen is no value");
    assert_eq!(colour.patterns[2].text, "Aa 9");
}

#[test]
fn a_field_has_the_type_of_more_than_half_of_its_values() {
    let kind = |values: &str| {
        let report = report(Form::Csv, format!("сан\n{}\n", values.replace(' ', "\n")));
        (report.fields[0].kind, report.fields[0].typed)
    };
    assert_eq!(kind("1 2 3"), ("Int", 3));
    assert_eq!(kind("1 2 3.5"), ("Double", 3));
    assert_eq!(kind("1 2 көп"), ("Int", 2));
    // Two of four are no more than half; of a String only texts are of its type.
    assert_eq!(kind("1 2 көп аз"), ("String", 2));
    assert_eq!(kind("true false TRUE"), ("Boolean", 3));
    // Numbers that begin with a zero are texts.
    assert_eq!(kind("007 008"), ("String", 2));
}

#[test]
fn what_says_where_a_row_is_counts_as_a_place() {
    let has_place = |form, text: &str| report(form, text).readiness.parts[4].count == 1;
    assert!(has_place(Form::Csv, "орны;x\n51.128,71.43;1\n51.129,71.44;2\n"));
    assert!(has_place(Form::Csv, "ендік,бойлық\n51.128,71.43\n"));
    assert!(has_place(Form::Json, r#"[{"geo": {"lat": 51.1, "lon": 71.4}}]"#));
    assert!(!has_place(Form::Csv, "ендік,x\n51.128,71.43\n"));
    assert!(!has_place(Form::Csv, "аты\nДәріхана 5\n"));
}

#[test]
fn a_document_has_labels_and_references_need_datasets() {
    let report = report(Form::Json, DOCUMENT);
    // Typed: 2 + 2 + 1. Cells: 5 of 6. A key. No dates. A point. Labels: 2 + 1 + 2 of 6. No datasets at hand.
    assert_eq!(counts(&report), [(5, 5), (5, 6), (1, 1), (0, 0), (1, 1), (5, 6), (0, 0)]);
    // (25 + 15 × 5/6 + 15 + 10 + 15 × 5/6) × 100/80 = 75 × 100/80 = 93.75, which is rounded to a tenth.
    assert!((report.readiness.score - 93.75).abs() < 0.051, "{}", report.readiness.score);
    assert!(report.fields.iter().all(|field| field.is_declared));
}

#[test]
fn a_poor_table_is_not_ready() {
    // Typed: 4 of 4, nulls: 4 of 8, no key, no place, no labels: (25 + 7.5) × 100/80 = 40.6.
    let report = report(Form::Csv, "a,b,c,d\n1,,x,\n1,,x,\n");
    assert!((report.readiness.score - 40.6).abs() < 1e-9, "{}", report.readiness.score);
    assert_eq!(report.verdict, Verdict::NotReady);
}

#[test]
fn many_different_values_are_counted_to_a_bound_and_keys_beyond_it() {
    let rows = (0..10_500).map(|at| format!("{at},{}\n", at * 99 / 100)).collect::<Vec<_>>().concat();
    let report = report(Form::Csv, format!("кілт,басқа\n{rows}"));
    let (key, other) = (field(&report, "кілт"), field(&report, "басқа"));
    assert_eq!((key.distinct, key.is_distinct_exact, key.is_key), (10_500, true, true));
    assert!(!other.is_distinct_exact && !other.is_key && other.distinct >= 10_000, "{}", other.distinct);
}
