//! The order's own words, letter by letter, in the order's sequence.

use derek::assess::passport::{Item, Language, Passport, Step};

use super::pharmacies::passport;

/// Annex 2 of the rules of order 111/НҚ of 31 March 2021, with its broken lines put together.
const ANNEX: &str = include_str!("annex-2.kk.txt");

/// Paragraphs 7, 8, 10 and 11 of the rules.
const PARAGRAPHS: &str = include_str!("paragraphs.kk.txt");

/// The text of a page without its tags and its style.
fn words(html: &str) -> String {
    let body = html.split_once("<main>").expect("it has a body").1;
    let mut texts = body.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text);
    let text = texts.by_ref().collect::<Vec<_>>().join(" ");
    text.replace("&quot;", "\"").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_headings_are_the_annexes_in_its_sequence() {
    for passport in [passport(), Passport::default()] {
        let text = words(&passport.to_html(Language::Kk));
        let mut rest = text.as_str();
        let tables_are_there = !passport.attributes.is_empty();
        for line in ANNEX.lines().filter(|line| tables_are_there || !line.starts_with("р\\с")) {
            for part in line.split(" | ") {
                let at = rest.find(part);
                rest = at.and_then(|at| rest.get(at + part.len()..)).unwrap_or_else(|| {
                    panic!(
                        "'{part}' does not follow; the rest is '{}'",
                        rest.chars().take(200).collect::<String>()
                    )
                });
            }
        }
    }
}

#[test]
fn markdown_has_the_same_headings() {
    let markdown = passport().to_markdown(Language::Kk);
    for item in Item::ALL {
        let title = item.title(Language::Kk);
        let numbered = format!("{} {title}", item.number());
        assert!(markdown.contains(&numbered), "{numbered}");
        assert!(ANNEX.contains(&numbered), "{numbered}");
    }
}

/// Three dots stand for what a quotation leaves out.
#[test]
fn the_steps_quote_the_order() {
    for step in Step::ALL {
        let paragraph = PARAGRAPHS.lines().find(|line| line.starts_with(&format!("{}. ", step.paragraph())));
        let mut rest = paragraph.expect("the paragraph is there");
        for part in step.quotation(Language::Kk).split('…').map(str::trim).filter(|part| !part.is_empty()) {
            let at =
                rest.find(part).unwrap_or_else(|| panic!("{step:?}: '{part}' is not in paragraph: {rest}"));
            rest = rest.get(at + part.len()..).unwrap_or_default();
        }
    }
}

#[test]
fn both_languages_have_the_same_numbers() {
    let numbers = |language| -> Vec<String> {
        let markdown = passport().to_markdown(language);
        let lines = markdown.lines().filter(|line| line.starts_with('#') || line.starts_with("- **"));
        let number = |line: &str| {
            let words = line.trim_start_matches(['#', ' ', '-', '*']);
            words
                .split(' ')
                .next()
                .filter(|word| word.starts_with(|it: char| it.is_ascii_digit()))
                .map(str::to_owned)
        };
        lines.filter_map(number).collect()
    };
    let kk = numbers(Language::Kk);
    assert_eq!(kk, numbers(Language::Ru));
    let expected =
        "1 1.1 1.1.1 1.1.2 1.1.3 1.1.4 1.1.5 1.1.6 1.2 1.2.1 1.3 1.3.1 1.3.2 1.3.3 1.3.4 2 2.1 2.2 3";
    assert_eq!(kk.join(" "), expected);
}
