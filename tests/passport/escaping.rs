//! Values that HTML or Markdown would take for their own.

use derek::assess::passport::{
    Attribute, AttributeRequirements, AttributeType, Bilingual, BrokenRule, CheckedValue, FoundKind,
    FromPlan, GeoLink, History, Item, Language, ListedValue, Passport, PassportState, PlanRow, RecordCheck,
    Requirement, Restriction, Step,
};
use derek::assess::restricted::Kind;

const HOSTILE: &str = "<script>alert('Ә')</script> a|b `c` *d* _e_ [f](g) \"h\" & &lt; \\ ~~i~~ $j$ </style></td>\r\n\
                       # k\n- l\n\u{0}m";

/// A passport in which every text is the same.
fn filled(with: &str) -> Passport {
    let own = || with.to_owned();
    let both = || Bilingual::new(with, with);
    let attribute = Attribute {
        technical_name: own(),
        name: both(),
        group: Some(own()),
        kind: Some(AttributeType::new(with, Some(with))),
        is_mandatory: Some(true),
    };
    let requirements = vec![
        Requirement::Key { together_with: vec![own()] },
        Requirement::Reference { dataset: own(), field: own() },
        Requirement::Format { format: own() },
        Requirement::Range { least: own(), most: own() },
        Requirement::Pattern { pattern: own(), values: 1, of: 2 },
        Requirement::Values { values: vec![ListedValue { value: own(), rows: 1 }], is_complete: false },
        Requirement::Alphabet { beyond: with.chars().collect() },
        Requirement::Stated { text: both() },
    ];
    let value = CheckedValue { attribute: own(), value: Some(own()) };
    let broken = BrokenRule { attribute: own(), code: own(), expected: both(), found: Some(own()) };
    let check = |broken| RecordCheck { row: 1, key: Some(own()), values: vec![value.clone()], broken };
    let at = chrono::NaiveDate::from_ymd_opt(2026, 11, 2).expect("a day");
    let state = PassportState { step: Step::Draft, at, by: Some(own()), note: Some(own()) };
    let kind = Kind::FullName;
    let found = FoundKind { attribute: own(), kind, hits: 1, values: 1, is_restricting: true };
    let restriction = Restriction { rows: 1, scanned: 1, step: 1, found: vec![found], lifted: Some(own()) };
    let row = PlanRow {
        list: own(),
        name: own(),
        unit: own(),
        deadline: own(),
        matched_by: own(),
        ..PlanRow::default()
    };
    Passport {
        dataset: Some(own()),
        source: both(),
        city: both(),
        year: Some(2026),
        full_name: both(),
        short_name: both(),
        category: both(),
        provider: both(),
        description: both(),
        keywords: vec![own()],
        update_frequency: both(),
        geo_link: GeoLink { is_present: Some(true), address_attribute: Some(own()), ..GeoLink::default() },
        attributes: vec![attribute],
        requirements: vec![AttributeRequirements { attribute: own(), requirements }],
        profiled_rows: Some(1),
        record_checks: Some(vec![check(vec![]), check(vec![broken])]),
        restriction: Some(restriction),
        plan: Some(FromPlan { row, items: vec![Item::Provider, Item::UpdateFrequency] }),
        history: History::new([state]).expect("a draft"),
        is_history_unread: false,
    }
}

/// The names of the tags, in order, without line breaks, which a value may have.
fn tags(html: &str) -> Vec<String> {
    let names = html.split('<').skip(1).map(|tag| tag.split([' ', '>']).next().unwrap_or_default());
    names.filter(|name| *name != "br").map(str::to_owned).collect()
}

#[test]
fn no_value_becomes_a_part_of_the_page() {
    for language in Language::ALL {
        let html = filled(HOSTILE).to_html(language);
        assert_eq!(tags(&html), tags(&filled("Ә").to_html(language)), "the same tags as with a plain value");
        assert!(!html.contains("<script") && !html.contains('\u{0}'));
        assert!(html.contains("&lt;script&gt;alert(&#39;Ә&#39;)&lt;/script&gt;"));
        assert!(html.contains("&amp; &amp;lt;") && html.contains("<br># k<br>- l<br>\u{fffd}m"));
    }
}

#[test]
fn the_page_asks_nobody_for_anything() {
    let html = filled(HOSTILE).to_html(Language::Kk);
    for word in ["http:", "https:", "url(", "@import", "src=", "href=", "<link", "<script", "onload"] {
        assert!(!html.contains(word), "{word}");
    }
    assert!(html.contains("default-src 'none'"));
    assert!(html.starts_with("<!DOCTYPE html>\n<html lang=\"kk\">\n<head>\n<meta charset=\"utf-8\">"));
}

/// What kind of line it is, and how many cells it has.
fn shape(markdown: &str) -> Vec<(String, usize)> {
    let line = |line: &str| {
        let start = line.chars().take_while(|letter| "#|->".contains(*letter)).collect();
        (start, line.replace("\\\\", "").replace("\\|", "").matches('|').count())
    };
    markdown.lines().map(line).collect()
}

#[test]
fn no_value_becomes_a_part_of_the_markdown() {
    for language in Language::ALL {
        let markdown = filled(HOSTILE).to_markdown(language);
        assert_eq!(shape(&markdown), shape(&filled("Ә").to_markdown(language)), "the same lines and cells");
        assert!(
            markdown
                .contains("&lt;script&gt;alert('Ә')&lt;/script&gt; a\\|b \\`c\\` \\*d\\* \\_e\\_ \\[f\\](g)")
        );
        assert!(markdown.contains("<br>\\# k<br>- l<br>\u{fffd}m"));
        let tags: Vec<&str> = markdown.split('<').skip(1).filter(|tag| !tag.starts_with("br>")).collect();
        assert!(tags.is_empty(), "{tags:?}");
    }
}

/// What would make a list, a heading or code of a paragraph stands in one of its own here: the title page.
#[test]
fn a_paragraph_stays_a_paragraph() {
    for (start, expected) in
        [("1. а", "1\\. а"), ("- а", "\\- а"), ("    а", "а"), ("+ а", "\\+ а"), ("2025 ж", "2025 ж")]
    {
        let passport =
            Passport { city: Bilingual::new(start, start), year: Some(2026), ..Passport::default() };
        let markdown = passport.to_markdown(Language::Kk);
        assert!(markdown.contains(&format!("\n\n{expected}, 2026\n\n")), "{start}");
    }
}

#[test]
fn letters_of_kazakh_are_kept() {
    let letters = "ӘәҒғҚқҢңӨөҰұҮүҺһІі № «»";
    let passport = filled(letters);
    for language in Language::ALL {
        assert!(passport.to_html(language).contains(&format!("<dd>{letters}</dd>")));
        assert!(passport.to_markdown(language).contains(&format!(":** {letters}\n")));
    }
    assert_eq!(passport.to_json()["1.1.2"]["short_name"]["kk"], letters);
}

/// A page is no place for a megabyte; JSON has the value whole.
#[test]
fn a_long_value_is_cut_on_the_page_only() {
    let long = "ә".repeat(10_000);
    let passport = filled(&long);
    let cut = format!(">{}…</mark>", "ә".repeat(300));
    assert!(passport.to_html(Language::Kk).contains(&cut));
    assert_eq!(passport.to_json()["3"]["record_checks"][1]["values"][0]["value"], long);
}
