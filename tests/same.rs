//! One dataset in six files: JSON and XML, as they are and packed, give one table and one list of findings.

use std::path::PathBuf;

use derek::catalog::{LoadOptions, read_document};
use derek::document::{Document, Finding};

fn document(name: &str) -> Document {
    let path: PathBuf = crate::fixtures().join("same").join(name);
    let (document, _) =
        read_document(&path, &LoadOptions::default()).unwrap_or_else(|error| panic!("{error}"));
    document
}

#[test]
fn json_xml_gzip_and_zstd_give_one_table_and_one_list_of_findings() {
    let json = document("same.json");
    assert_eq!((json.rows, json.name.as_str()), (7, "same"));
    let findings: Vec<&Finding> = json.findings.iter().collect();
    for name in ["same.json.gz", "same.json.zst", "same.xml", "same.xml.gz", "same.xml.zst"] {
        let other = document(name);
        assert_eq!(other.schema, json.schema, "{name}");
        assert_eq!(other.batches, json.batches, "{name}");
        assert_eq!(other.meta, json.meta, "{name}");
        assert_eq!(other.fields, json.fields, "{name}");
        assert_eq!(other.orders, json.orders, "{name}");
        assert_eq!(other.findings.iter().collect::<Vec<_>>(), findings, "{name}");
        let totals = |document: &Document| {
            document
                .findings
                .totals()
                .map(|(rule, field, total)| (rule, field.to_owned(), total))
                .collect::<Vec<_>>()
        };
        assert_eq!(totals(&other), totals(&json), "{name}");
    }
}
