//! Documents that are small and ask for much: time and memory stay in proportion to the bytes.

use std::sync::mpsc;
use std::time::Duration;

use derek::document::{Document, Finding, ReadOptions, read};
use derek::error::Code;

use super::sources::Made;
use super::{Outcome, found};

/// A reading that takes less than a second takes less than this on a machine with much else to do.
const PATIENCE: Duration = Duration::from_mins(1);

/// The outcome of a document, which must not be long in coming.
fn soon(what: &str, bytes: Vec<u8>) -> Outcome {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || sender.send(super::read(&bytes)).is_ok());
    receiver.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("{what}: not read in {PATIENCE:?}"))
}

/// Read or refused for its size, but soon.
fn ends_soon(what: &str, bytes: Vec<u8>) {
    if let Err(error) = soon(what, bytes) {
        assert_eq!(error.code, Code::DocumentTooLarge, "{what}: {error}");
    }
}

fn list(times: usize, item: impl Fn(usize) -> String) -> String {
    (0..times).map(item).collect::<Vec<_>>().join(",")
}

#[test]
fn a_number_of_many_digits_and_a_space_takes_no_square_of_them() {
    for kind in ["Int", "Double", "Geoposition", "Date", "Boolean", "String"] {
        for number in [format!("1 {}", "1".repeat(300_000)), "1 111".repeat(60_000), "1,".repeat(150_000)] {
            let text = format!(r#"{{"fields":{{"a":{{"type":"{kind}"}}}},"data":[{{"a":"{number}"}}]}}"#);
            ends_soon(kind, text.into_bytes());
        }
    }
}

#[test]
fn many_declared_fields_take_no_square_of_them() {
    let fields = list(40_000, |at| format!(r#""field{at}":{{"type":"Int"}}"#));
    ends_soon("fields", format!(r#"{{"fields":{{{fields}}},"data":[{{"field1":1}}]}}"#).into_bytes());
    let nested =
        format!(r#"{{"fields":{{"o":{{"type":"Object","fields":{{{fields}}}}}}},"data":[{{"o":{{}}}}]}}"#);
    ends_soon("fields of an Object", nested.into_bytes());
    let elements: String = (0..40_000).map(|at| format!("<f{at}><type>Int</type></f{at}>")).collect();
    let xml = format!("<d><fields>{elements}</fields><data><r><f1>1</f1></r></data></d>");
    ends_soon("fields in XML", xml.into_bytes());
}

#[test]
fn an_undeclared_object_of_many_keys_takes_no_square_of_them() {
    let keys = list(60_000, |at| format!(r#""key{at}":1"#));
    ends_soon("an object", format!(r#"[{{"o":{{{keys}}}}}]"#).into_bytes());
    ends_soon("a list of objects", format!(r#"[{{"l":[{{{keys}}}]}}]"#).into_bytes());
    let objects = list(60_000, |at| format!(r#"{{"key{at}":1}}"#));
    ends_soon("objects of one key", format!(r#"[{{"l":[{objects}]}}]"#).into_bytes());
    let elements: String = (0..60_000).map(|at| format!("<k{at}>1</k{at}>")).collect();
    ends_soon("elements", format!("<d><data><r><o>{elements}</o></r></data></d>").into_bytes());
}

#[test]
fn a_long_key_around_many_small_ones_takes_no_product_of_them() {
    let key = "k".repeat(2_000_000);
    let small = list(300_000, |_| r#"{"a":1}"#.to_owned());
    ends_soon("meta", format!(r#"{{"meta":{{"{key}":[{small}]}},"data":[]}}"#).into_bytes());
    let small: String = "<a>1</a>".repeat(300_000);
    ends_soon("meta in XML", format!("<d><meta><{key}>{small}</{key}></meta><data/></d>").into_bytes());
}

#[test]
fn many_attributes_take_no_square_of_them() {
    let many = |times: usize| (0..times).map(|at| format!(" a{at}='1'")).collect::<String>();
    let text = format!("<d><meta{}/><data><r><a>1</a></r></data></d>", many(1_000_000));
    ends_soon("a million attributes", text.into_bytes());
    let attributes = many(100_000);
    for text in [
        format!("<d{attributes}><data><r><a>1</a></r></data></d>"),
        format!("<d><data{attributes}><r><a>1</a></r></data></d>"),
        format!("<d><data><r{attributes}><a>1</a></r></data></d>"),
        format!("<d><data><r><a{attributes}>1</a></r></data></d>"),
    ] {
        ends_soon("attributes", text.into_bytes());
    }
}

#[test]
fn rows_that_are_all_alike_take_no_square_of_them() {
    let fields = r#""fields":{"a":{"type":"Int","pkey":true},"b":{"type":"String","pkey":true}}"#;
    let rows = list(200_000, |_| "{}".to_owned());
    ends_soon("empty rows", format!(r#"{{{fields},"data":[{rows}]}}"#).into_bytes());
    let rows = list(50_000, |_| r#"{"a":1,"b":"x","a":1,"b":"y"}"#.to_owned());
    ends_soon("equal rows", format!(r#"{{{fields},"data":[{rows}]}}"#).into_bytes());
    let twice = list(100_000, |at| format!(r#""a":{at}"#));
    ends_soon("one row with a key many times", format!(r#"{{{fields},"data":[{{{twice}}}]}}"#).into_bytes());
    let twice = list(50_000, |_| r#""o":{"x":[1,2]}"#.to_owned());
    ends_soon("an object many times", format!(r#"{{"data":[{{{twice}}}]}}"#).into_bytes());
}

/// Parts so large that what is read twice around their ends is little.
const PART_BYTES: usize = 1 << 17;

/// How many times its own length a source is read.
fn passes(pieces: &[(&str, u64)]) -> u64 {
    let made = Made::new(pieces);
    let options = ReadOptions { part_bytes: PART_BYTES, threads: 2, ..ReadOptions::new("hostile") };
    let outcome = read(&made, &options);
    assert!(outcome.is_ok(), "{outcome:?}");
    made.passes()
}

const DECLARED: &str = r#"{"fields":{"a":{"type":"String"}},"data":[{"a":1}"#;
const DECLARED_XML: &str = "<d><fields><a><type>String</type></a></fields><data>";
const ROW: &str = ",\n{\"a\":\"y\"}";
const ROW_XML: &str = "<r><a>y</a></r>\n";

#[test]
fn one_long_row_does_not_make_every_part_after_it_long() {
    let long = "x".repeat(2 << 20);
    let row = format!(r#",{{"a":"{long}"}}"#);
    let read = passes(&[(DECLARED, 1), (ROW, 50_000), (&row, 1), (ROW, 500_000), ("]}", 1)]);
    assert!(read <= 8, "JSON is read {read} times");
    let row = format!("<r><a>{long}</a></r>");
    let read =
        passes(&[(DECLARED_XML, 1), (ROW_XML, 30_000), (&row, 1), (ROW_XML, 350_000), ("</data></d>", 1)]);
    assert!(read <= 8, "XML is read {read} times");
}

#[test]
fn a_wrong_guess_reads_no_more_than_its_part() {
    // What seems to be a row in a text, and never ends.
    let trap = format!("></r><r><!-- {}", " ".repeat(PART_BYTES));
    let row = [("<r><a><![CDATA[", 1), (&*trap, 64), ("]]></a></r>", 1)];
    let xml =
        [(DECLARED_XML, 1), (ROW_XML, 30_000), row[0], row[1], row[2], (ROW_XML, 30_000), ("</data></d>", 1)];
    let read = passes(&xml);
    assert!(read <= 8, "XML is read {read} times");
    // Objects in lists, as deep as may be, that go on to the end of the row.
    let trap = format!(r#"{{"a":2}}, {{"a":[{}"#, " ".repeat(PART_BYTES));
    let close = "]}".repeat(28);
    let row = [(",{\"b\":[", 1), (&*trap, 28), ("1", 1), (&*close, 1), ("]}", 1)];
    let json =
        [(DECLARED, 1), (ROW, 50_000), row[0], row[1], row[2], row[3], row[4], (ROW, 50_000), ("]}", 1)];
    let read = passes(&json);
    assert!(read <= 8, "JSON is read {read} times");
}

/// Declared names that one row has in two spellings are found out one by one; each costs no pass.
#[test]
fn many_names_in_two_spellings_do_not_cost_a_pass_each() {
    let fields = list(100, |at| format!(r#""f{at}":{{"type":"Int"}}"#));
    let last = list(100, |at| format!(r#""f{at}":1,"F{at}":2"#));
    let (start, end) = (format!(r#"{{"fields":{{{fields}}},"data":[{{"f0":1}}"#), format!(",{{{last}}}]}}"));
    let read = passes(&[(&start, 1), (",\n{\"f1\":1}", 20_000), (&end, 1)]);
    assert!(read <= 12, "read {read} times");
}

fn bytes_kept(findings: &Document) -> usize {
    let size = |it: &Finding| it.raw.as_ref().map_or(0, String::len) + it.key.as_ref().map_or(0, String::len);
    findings.findings.iter().map(size).sum()
}

/// A thousand findings keep a few kilobytes each, whatever the row's key and the values are.
#[test]
fn findings_keep_no_more_than_they_say() {
    let key = "k".repeat(100_000);
    let bad = list(1_000, |_| "\"x\"".to_owned());
    let fields = r#""fields":{"k":{"type":"String","pkey":true},"l":{"type":"List","elementType":"Int"}}"#;
    let text = format!(r#"{{{fields},"data":[{{"k":"{key}","l":[{bad}]}},{{"k":"{key}"}}]}}"#);
    let document = soon("findings", text.into_bytes()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(found(&document, "value.not_an_int").len(), 1_000);
    assert!(bytes_kept(&document) < 10 << 20, "{} bytes", bytes_kept(&document));
}

/// The most memory that the process ever had, in bytes.
fn peak_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux has it");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("it has the peak");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("it is a number") * 1024
}

fn takes_at_most(bytes: u64, text: &str) {
    let (before, length) = (peak_bytes(), text.len());
    let outcome = super::read(text.as_bytes()).map(|document| document.rows).map_err(|error| error.code);
    let more = peak_bytes() - before;
    assert!(more <= bytes, "{length} bytes take {more} bytes of memory: {outcome:?}");
}

/// A document of a megabyte may take a few hundred: what is more ends the process where it is a little
/// larger.
#[test]
#[ignore = "measures the whole process; run it alone"]
fn cells_that_no_row_has_take_no_memory() {
    let fields = list(10_000, |at| format!(r#""f{at}":{{"type":"Int"}}"#));
    let rows = list(40_000, |_| "{}".to_owned());
    takes_at_most(500 << 20, &format!(r#"{{"fields":{{{fields}}},"data":[{rows}]}}"#));
}

#[test]
#[ignore = "measures the whole process; run it alone"]
fn undeclared_cells_that_no_row_has_take_no_memory() {
    let keys = list(999, |at| format!(r#""f{at}":1"#));
    let rows = list(200_000, |_| "{}".to_owned());
    takes_at_most(500 << 20, &format!(r#"{{"data":[{{{keys}}},{rows}]}}"#));
}

#[test]
#[ignore = "measures the whole process; run it alone"]
fn paths_of_fields_take_no_product_of_their_lengths() {
    let (key, fields) = ("k".repeat(500_000), list(900, |at| format!(r#""f{at}":{{"type":"Int"}}"#)));
    let object = format!(r#"{{"type":"Object","fields":{{{fields}}}}}"#);
    takes_at_most(500 << 20, &format!(r#"{{"fields":{{"{key}":{object}}},"data":[{{}}]}}"#));
}

#[test]
#[ignore = "measures the whole process; run it alone"]
fn paths_of_repeated_keys_take_no_product_of_their_lengths() {
    let (key, twice) = ("k".repeat(50_000), list(50_000, |_| r#"{"a":1,"a":1}"#.to_owned()));
    takes_at_most(500 << 20, &format!(r#"{{"meta":{{"{key}":[{twice}]}},"data":[]}}"#));
}
