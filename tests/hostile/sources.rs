//! Documents of many megabytes in one piece, through a source that makes its bytes up.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::array::{Array, AsArray};
use derek::document::{ReadOptions, Source, read, window_bytes};
use derek::error::Code;

use super::Outcome;

const MEGABYTE: u64 = 1 << 20;

/// Texts one after the other, each as many times as it says, none of it in memory.
pub(super) struct Made {
    pieces: Vec<(Vec<u8>, u64)>,
    len_bytes: u64,
    /// How many bytes were asked for.
    read: AtomicU64,
}

impl Made {
    pub(super) fn new(pieces: &[(&str, u64)]) -> Self {
        let pieces: Vec<_> = pieces.iter().map(|(text, times)| (text.as_bytes().to_vec(), *times)).collect();
        let len_bytes = pieces.iter().map(|(text, times)| text.len() as u64 * times).sum();
        Self { pieces, len_bytes, read: AtomicU64::new(0) }
    }

    /// How many times its own length was read.
    pub(super) fn passes(&self) -> u64 {
        self.read.load(Ordering::Relaxed).div_ceil(self.len_bytes)
    }

    fn outcome(&self) -> Outcome {
        read(self, &ReadOptions { threads: 2, ..ReadOptions::new("hostile") })
    }
}

impl Source for Made {
    fn len_bytes(&self) -> u64 {
        self.len_bytes
    }

    fn read(&self, offset: u64, length: usize, window: &mut Vec<u8>) -> io::Result<()> {
        window.clear();
        let length = window_bytes(self.len_bytes, offset, length);
        self.read.fetch_add(length as u64, Ordering::Relaxed);
        let mut start = 0;
        for (text, times) in &self.pieces {
            let end = start + text.len() as u64 * times;
            while window.len() < length && offset + (window.len() as u64) < end {
                let at = offset + window.len() as u64 - start;
                let in_text = usize::try_from(at % text.len() as u64).expect("it is in the text");
                let room = window_bytes(end - start, at, length - window.len());
                let whole_texts = if in_text == 0 { room / text.len() } else { 0 };
                if whole_texts > 0 {
                    window.extend_from_slice(&text.repeat(whole_texts));
                } else {
                    window.extend_from_slice(&text[in_text..text.len().min(in_text + room)]);
                }
            }
            start = end;
        }
        Ok(())
    }
}

#[test]
fn a_source_that_is_made_up_is_the_text_it_says() {
    let made = Made::new(&[("ab", 3), ("-", 1), ("", 5), ("xyz", 2)]);
    let mut window = Vec::new();
    for offset in 0..14 {
        for length in 0..15 {
            made.read(offset, length, &mut window).expect("it always can");
            let rest = &b"ababab-xyzxyz"[usize::try_from(offset).expect("it is small").min(13)..];
            assert_eq!(window, &rest[..length.min(rest.len())], "{length} from {offset}");
        }
    }
}

/// The one value of a document, of so many bytes, is there, and the source is read a few times only.
fn holds_one_value(made: &Made, bytes: u64) {
    let document = made.outcome().unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((document.rows, document.batches.len()), (1, 1));
    let texts = document.batches[0].column(0).as_string::<i32>();
    assert_eq!((texts.len(), texts.value(0).len() as u64), (1, bytes));
    assert!(made.passes() <= 5, "read {} times", made.passes());
}

const STRING: &str = r#"{"fields":{"a":{"type":"String"}},"data":[{"a":""#;
const STRING_XML: &str = "<d><fields><a><type>String</type></a></fields><data><r><a>";

#[test]
fn a_value_of_megabytes_is_a_value() {
    let megabytes = 4 * MEGABYTE;
    holds_one_value(&Made::new(&[(STRING, 1), ("x", megabytes), ("\"}]}", 1)]), megabytes);
    holds_one_value(&Made::new(&[(STRING_XML, 1), ("x", megabytes), ("</a></r></data></d>", 1)]), megabytes);
}

#[test]
fn megabytes_elsewhere_are_read_too() {
    let many = 2 * MEGABYTE;
    for pieces in [
        [(r#"{"meta":{"apiUri":"m","note":""#, 1), ("ә", many / 2), (r#""},"data":[{"a":1}]}"#, 1)],
        [(r#"{"data":[{"a":1}],"meta":{"note":""#, 1), ("\\n", many / 2), ("\"}}", 1)],
        [(r#"{"data":[{"a":1}"#, 1), (" ", many), ("]}", 1)],
        [("", 1), ("\n", many), (r#"{"data":[{"a":1}]}"#, 1)],
        [(r#"{"data":[{"a":1}]}"#, 1), ("\n", many), ("", 1)],
        [(r#"{"data":[{"a":"#, 1), ("9", many), ("}]}", 1)],
        [(r#"{"fields":{"a":{"type":"Int"}},"data":[{"a":"#, 1), ("9", many), ("}]}", 1)],
        [(r#"{"fields":{"a":{"type":"Double"}},"data":[{"a":""#, 1), ("9", many), ("\"}]}", 1)],
        [(r#"{"data":[{""#, 1), ("k", many), ("\":1}]}", 1)],
        [("<d><data><r><a>1</a></r></data><meta a=\"", 1), ("x", many), ("\"/></d>", 1)],
        [("<d><!--", 1), ("x", many), ("--><data><r><a>1</a></r></data></d>", 1)],
        [("<d><data><!--", 1), ("x", many), ("--><r><a>1</a></r></data></d>", 1)],
        [("<d><data><r><a><![CDATA[", 1), ("&", many), ("]]></a></r></data></d>", 1)],
        [("<d><data><r><a>", 1), ("&amp;", many / 5), ("</a></r></data></d>", 1)],
        [("<d><data><r><a>1</a></r></data>", 1), (" ", many), ("</d>", 1)],
    ] {
        let made = Made::new(&pieces);
        let document = made.outcome().unwrap_or_else(|error| panic!("{error}: {pieces:?}"));
        assert_eq!(document.rows, 1, "{pieces:?}");
        // Twice where the rows themselves tell the types; windows grow to four times what was too short.
        assert!(made.passes() <= 12, "read {} times: {pieces:?}", made.passes());
    }
}

#[test]
fn a_tag_name_of_megabytes_is_a_name() {
    let name = "k".repeat(1_000);
    let times = 10 * MEGABYTE / 1_000;
    for pieces in [
        &[("<d><data><r><", 1), (&*name, times), (">1</", 1), (&*name, times), ("></r></data></d>", 1)][..],
        &[("<d><data><", 1), (&*name, times), ("><a>1</a></", 1), (&*name, times), ("></data></d>", 1)],
        &[("<", 1), (&*name, times), ("><data><r><a>1</a></r></data></", 1), (&*name, times), (">", 1)],
    ] {
        assert_eq!(Made::new(pieces).outcome().map(|it| it.rows).map_err(|error| error.code), Ok(1));
    }
}

#[test]
fn what_is_never_closed_is_refused_at_its_end() {
    let many = 2 * MEGABYTE;
    for pieces in [
        [(STRING, 1), ("x", many)],
        [(r#"{"meta":{"note":""#, 1), ("\\\\", many / 2)],
        [(r#"{"data":[{"a":"#, 1), ("1", many)],
        [(r#"{"data":["#, 1), (" ", many)],
        [("", 1), (" ", many)],
        [(r#"{"data":[{}"#, 1), (",{}", many / 3)],
        [(STRING_XML, 1), ("x", many)],
        [("<", 1), ("k", many)],
        [("<d><data><", 1), ("k", many)],
        [("<d><data><r a=\"", 1), ("k", many)],
        [("<d><data><r ", 1), ("k='1' ", many / 6)],
        [("<d><data><!--", 1), ("->", many / 2)],
        [("<d><data><r><a><![CDATA[", 1), ("]>", many / 2)],
        [("<d><data><?pi ", 1), ("x", many)],
        [("<d><data>", 1), ("<r/>", many / 4)],
        [("<d><data><r><a>", 1), ("&lt;", many / 4)],
        [("<d><data><r><a>&", 1), ("l", many)],
    ] {
        let made = Made::new(&pieces);
        let refused = made.outcome().map(|document| document.rows).map_err(|error| error.code);
        assert_eq!(refused, Err(Code::DocumentSyntax), "{pieces:?}");
        assert!(made.passes() <= 12, "read {} times: {pieces:?}", made.passes());
    }
}

/// Takes minutes and several gigabytes: to be run by hand, in a release build.
#[test]
#[ignore = "a gigabyte; run by hand with --release -- --ignored"]
fn a_value_of_a_gigabyte_is_a_value_and_a_longer_one_is_refused() {
    let bytes = 1_000 * MEGABYTE;
    holds_one_value(&Made::new(&[(STRING, 1), ("x", bytes), ("\"}]}", 1)]), bytes);
    holds_one_value(&Made::new(&[(STRING_XML, 1), ("x", bytes), ("</a></r></data></d>", 1)]), bytes);
    let starts = [
        (STRING, "\"}]}"),
        (STRING_XML, "</a></r></data></d>"),
        (r#"{"meta":{"note":""#, "\"},\"data\":[]}"),
        (r#"{"data":[],"note":""#, "\"}"),
        ("{", "\"data\":[]}"),
        ("<d><!--", "--><data/></d>"),
        ("<d><data/><!--", "--></d>"),
    ];
    let broken = starts.into_iter().filter_map(|(start, end)| {
        let filler = if start == "{" { " " } else { "x" };
        let made = Made::new(&[(start, 1), (filler, 3_000 * MEGABYTE), (end, 1)]);
        let refused = made.outcome().map(|document| document.rows).map_err(|error| error.code);
        (refused != Err(Code::DocumentTooLarge)).then_some((start, refused))
    });
    assert_eq!(broken.collect::<Vec<_>>(), []);
}
