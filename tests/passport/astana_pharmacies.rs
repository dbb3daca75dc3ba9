//! The filled example against the files in this folder. `DEREK_BLESS=1` writes them anew; read what changed.

use std::fs;
use std::path::Path;

use derek::assess::passport::{Attribute, Bilingual, GeoLink, GeoLinkKind, Item, Language, Passport};
use serde_json::Value;

use super::pharmacies::passport;

fn compare(name: &str, found: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/passport").join(name);
    if std::env::var_os("DEREK_BLESS").is_some() {
        fs::write(&file, found).expect("it can be written");
    }
    let expected = fs::read_to_string(&file).expect("it is there");
    let differs = expected.lines().zip(found.lines()).zip(1..).find(|((one, other), _)| one != other);
    assert!(differs.is_none(), "{name}: {differs:?}");
    assert_eq!(expected, found, "{name}: one of them is longer");
}

#[test]
fn it_is_rendered_as_before() {
    let passport = passport();
    compare("astana_pharmacies.kk.html", &passport.to_html(Language::Kk));
    compare("astana_pharmacies.ru.html", &passport.to_html(Language::Ru));
    compare("astana_pharmacies.kk.md", &passport.to_markdown(Language::Kk));
    let mut json = serde_json::to_string_pretty(&passport).expect("it is JSON");
    json.push('\n');
    compare("astana_pharmacies.json", &json);
}

#[test]
fn what_is_missing_is_null_and_named() {
    let json = passport().to_json();
    let named = |it: &Value| format!("{} {}", it["number"], it["name"]).replace('"', "");
    let missing: Vec<String> = json["missing"].as_array().expect("a list").iter().map(named).collect();
    assert_eq!(
        missing,
        ["title source", "1.1.2 short_name", "1.1.3 category", "1.2.1 update_frequency"],
        "the document does not tell these"
    );
    for (number, name) in [("1.1.2", "short_name"), ("1.1.3", "category"), ("1.2.1", "update_frequency")] {
        assert_eq!(json[number].as_object().expect("an object").get(name), Some(&Value::Null), "{number}");
    }
    for language in Language::ALL {
        let html = passport().to_html(language);
        assert_eq!(html.matches("class=\"missing\"").count(), missing.len());
    }
}

/// Nothing at all is known: 3 things of the title page, 14 items, and the state.
#[test]
fn an_empty_passport_has_an_empty_field_for_everything() {
    let empty = Passport::default();
    let missing = empty.missing();
    assert_eq!(missing.len(), 18, "{missing:?}");
    let json = empty.to_json();
    for item in Item::ALL {
        assert_eq!(json[item.number()][item.name()], Value::Null);
        assert!(missing.iter().any(|it| it.number == item.number() && it.name == item.name()), "{item:?}");
    }
    // The set's name has a field on the title page and another in 1.1.1.
    let fields = empty.to_html(Language::Kk).matches("class=\"missing\"").count();
    assert_eq!(fields, missing.len() + 1);
    for (language, words) in [(Language::Kk, "толтыру қажет"), (Language::Ru, "требуется заполнить")]
    {
        assert_eq!(empty.to_html(language).matches(&format!("{words}</span>")).count(), fields);
        assert_eq!(empty.to_markdown(language).matches(&format!("{words}**")).count(), fields);
    }
}

#[test]
fn a_text_in_one_language_is_missing_in_the_other_only() {
    let label = Bilingual { kk: Some("Өңір".to_owned()), ru: Some(" ".to_owned()) };
    let attribute = Attribute { technical_name: "region".to_owned(), name: label, ..Attribute::default() };
    let passport = Passport { attributes: vec![attribute], ..passport() };
    let missing = passport.missing();
    let of = |name: &str| missing.iter().find(|it| it.number == "2.1" && it.name == name).expect("missing");
    assert_eq!(of("name").language, Some(Language::Ru));
    assert_eq!(of("name").attribute.as_deref(), Some("region"));
    assert_eq!((of("type").language, of("mandatory").language), (None, None));
    assert!(passport.to_html(Language::Ru).contains("на казахском: Өңір"), "for whoever fills it in");
    assert!(passport.to_html(Language::Kk).contains("<td>Өңір</td>"));
    assert_eq!(passport.to_json()["2.1"]["attributes"][0]["name"]["ru"], Value::Null);
}

#[test]
fn what_cannot_be_filled_is_not_missing() {
    let geo = |is_present, kinds: &[GeoLinkKind]| Passport {
        geo_link: GeoLink { is_present, kinds: kinds.to_vec(), ..GeoLink::default() },
        ..passport()
    };
    let numbers = |passport: &Passport| -> (Vec<&'static str>, Vec<&'static str>) {
        let missing =
            passport.missing().iter().map(|it| it.number).filter(|it| it.starts_with("1.3")).collect();
        (missing, passport.not_applicable().iter().map(|item| item.number()).collect())
    };
    assert_eq!(numbers(&geo(Some(false), &[])), (vec![], vec!["1.3.2", "1.3.3", "1.3.4"]));
    assert_eq!(numbers(&geo(Some(true), &[])), (vec!["1.3.2", "1.3.3", "1.3.4"], vec![]));
    assert_eq!(numbers(&geo(Some(true), &[GeoLinkKind::Address])), (vec!["1.3.4"], vec!["1.3.2"]));
    assert_eq!(numbers(&geo(Some(true), &[GeoLinkKind::Coordinates])), (vec!["1.3.2"], vec!["1.3.4"]));
    assert!(geo(Some(false), &[]).to_html(Language::Ru).contains("<small>неприменимо</small>"));
}

/// A group attribute stands in its column, and 2.2 names the whole path.
#[test]
fn a_member_of_an_object_is_told_by_its_group() {
    let html = passport().to_html(Language::Kk);
    let row = "<td>7.</td><td><code>open</code></td><td>Ашылуы</td><td><code>schedule</code></td>";
    assert!(html.contains(row));
    // Rows 1 and 2 have no schedule; in row 3 three attributes break one rule, which is said once.
    let together =
        "<code>schedule.open</code>, <code>schedule.close</code>, <code>phones</code>: String мәнінде";
    assert_eq!(html.matches(together).count(), 1);
    assert_eq!(html.matches("<small>Мәні жоқ: </small><code>schedule.open</code>, ").count(), 2);
    assert!(
        html.contains("<td>6.</td><td><code>schedule.open</code></td><td>Үлгісі: 99:99 (мәндер: 22/22)*<br>")
    );
}
