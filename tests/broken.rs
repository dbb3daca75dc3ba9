//! Every rule has a document that breaks it and no other, and every refusal that a document can earn
//! has one that earns it: `fixtures/broken`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use derek::catalog::{ENDINGS, LoadOptions, find, read_document};
use derek::document::Rule;
use derek::error::Code;

/// Refusals that no small document earns by itself: they take a disk, a file that changes while it is
/// read, an option, or a size.
const NOT_ITS_OWN: [Code; 4] =
    [Code::DocumentIo, Code::DocumentStrict, Code::DocumentTooLarge, Code::DocumentChanged];

/// The documents in a folder under `fixtures`, but not those in the folders in it.
fn documents(folder: &str) -> Vec<PathBuf> {
    let folder = crate::fixtures().join(folder);
    let mut found = find(std::slice::from_ref(&folder)).expect("the folder is there");
    found.retain(|path| path.parent() == Some(&folder));
    assert!(!found.is_empty(), "{} has documents", folder.display());
    found
}

/// The code that a file is named after.
fn code(path: &Path) -> &str {
    let name = path.file_name().and_then(|name| name.to_str()).expect("the name is a text");
    ENDINGS.iter().find_map(|ending| name.strip_suffix(ending)).expect("the name has an ending")
}

/// The codes of which no file has the name.
fn missing<'a>(wanted: impl Iterator<Item = &'a str>, files: &[PathBuf]) -> Vec<&'a str> {
    let there: BTreeSet<&str> = files.iter().map(|path| code(path)).collect();
    wanted.filter(|code| !there.contains(code)).collect()
}

#[test]
fn every_document_breaks_the_rule_that_it_is_named_after_and_no_other() {
    for path in documents("broken") {
        let rule = Rule::ALL.iter().find(|rule| rule.code() == code(&path));
        let rule = *rule.unwrap_or_else(|| panic!("{} is named after no rule", path.display()));
        let (document, _) = read_document(&path, &LoadOptions::default())
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut found: BTreeSet<Rule> = document.findings.totals().map(|(rule, ..)| rule).collect();
        if rule.code().starts_with("link.") {
            assert!(found.is_empty(), "{}: the document itself is sound", path.display());
            // Where references lead is known among the datasets of a catalog.
            let catalog = crate::catalog(&[&path]);
            let snapshot = catalog.snapshot();
            let datasets = snapshot.datasets();
            found = datasets.flat_map(|it| it.findings().totals().map(|(rule, ..)| rule)).collect();
        }
        assert_eq!(found, BTreeSet::from([rule]), "{}", path.display());
    }
}

#[test]
fn every_rule_has_a_document_that_breaks_it() {
    let missing = missing(Rule::ALL.iter().map(|rule| rule.code()), &documents("broken"));
    assert!(missing.is_empty(), "fixtures/broken has no document for {}", missing.join(", "));
}

#[test]
fn every_refused_document_says_why_and_where() {
    for path in documents("broken/refused") {
        let Err(error) = read_document(&path, &LoadOptions::default()) else {
            panic!("{} is not refused", path.display())
        };
        assert_eq!(error.code.as_str(), code(&path), "{}: {error}", path.display());
        let place = error.place.as_ref().unwrap_or_else(|| panic!("{error} has no place"));
        assert_eq!(place.file, Some(path.display().to_string()));
        let is_at_a_byte = matches!(
            error.code,
            Code::DocumentSyntax
                | Code::DocumentNotUtf8
                | Code::DocumentTooDeep
                | Code::DocumentDtdRefused
                | Code::DocumentEncoding
        );
        if is_at_a_byte {
            assert!(place.line.is_some_and(|line| line > 0), "{error} has a line");
            assert!(place.column.is_some_and(|column| column > 0), "{error} has a column");
        }
    }
}

#[test]
fn every_refusal_that_a_document_earns_has_one() {
    let own = Code::ALL.iter().filter(|code| !NOT_ITS_OWN.contains(code)).map(|code| code.as_str());
    let missing = missing(own.filter(|code| code.starts_with("document.")), &documents("broken/refused"));
    assert!(missing.is_empty(), "fixtures/broken/refused has no document for {}", missing.join(", "));
}
