//! Published documents with their bytes changed at random: never a panic, and the same outcome in any
//! parts.

use std::fs;

use fastrand::Rng;

use super::verdict::{CUTS, agrees_with_serde, verdict_of_cuts};

/// Every case is one seed, so that one that fails can be run alone.
const SEED: u64 = 0x0064_6572_656b;
const CASES: u64 = 4_000;
const LARGE_CASES: u64 = 60;

/// What a mutation puts in: signs that mean something in JSON or XML.
const WORDS: [&[u8]; 48] = [
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\"",
    b"\\",
    b"\\\"",
    b"\\u",
    b"\\ud800",
    b"\\u0000",
    b"0",
    b"-",
    b"1e400",
    b".",
    b"true",
    b"null",
    b" ",
    b"\n",
    b"\0",
    b"\x80",
    b"\xff",
    b"\xef\xbb\xbf",
    b"},{",
    b"\"a\":",
    b"<",
    b">",
    b"/",
    b"</",
    b"/>",
    b"=",
    b"'",
    b"&",
    b";",
    b"&amp;",
    b"&#0;",
    b"<!--",
    b"-->",
    b"<![CDATA[",
    b"]]>",
    b"<?",
    b"?>",
    b"<row>",
    b"</row>",
    b"<!DOCTYPE",
    b"<a xsi:nil='true'>",
    b"\xd0",
];

/// Signs that stand for each other when one of them is mistaken.
const PAIRS: [(u8, u8); 8] = [
    (b'{', b'['),
    (b'}', b']'),
    (b'"', b'\''),
    (b',', b':'),
    (b'<', b'>'),
    (b'/', b'\\'),
    (b'0', b'9'),
    (b'e', b'.'),
];

fn json_documents() -> Vec<Vec<u8>> {
    let folder = crate::fixtures();
    let mut documents: Vec<Vec<u8>> = ["same/same.json", "regions.json"]
        .iter()
        .map(|name| fs::read(folder.join(name)).expect("it is there"))
        .collect();
    documents.push(crate::generator::document(6, 3));
    for text in [
        r#"[{"a":1,"b":"қ"},{"a":2,"B":null},{"a":"3","c":[1,{"d":2}]},5,{"a":{"x":1}}]"#,
        r#"{"data":{"total":2,"result":[{"Id":"1","p":"51.1,71.4"},{"id":2,"p":[71.4,51.1]}]},"fields":{"id":{"type":"Int","pk":1},"p":{"type":"Geoposition"}}}"#,
        r#"{"fields":{"l":{"type":"List","fields":{"n":{"type":"Int"}}},"o":{"type":"Object","fields":{"d":{"type":"Date"}}}},"data":[{"l":[{"n":1},{"n":"x"}],"o":{"d":"31.12.2024"}},{"o":{"d":"45477"},"o":{}}],"meta":{"apiUri":"m","keywords":["a"]}}"#,
    ] {
        documents.push(text.as_bytes().to_vec());
    }
    documents
}

fn xml_documents() -> Vec<Vec<u8>> {
    let same = fs::read_to_string(crate::fixtures().join("same/same.xml")).expect("it is there");
    let short = "<d><fields><a><type>Int</type></a><қ><type>String</type></қ></fields><data><r><a>1</a><қ>ә</қ></r>\n<r a='2'/><r><a xsi:nil='true'/></r></data><meta><apiUri>m</apiUri></meta></d>";
    let lists = "<data><row><l><item>1</item><item>2</item></l><o><x>1</x></o></row><row><o><x>&lt;</x></o><o>z</o></row></data>";
    let cyrillic = "<?xml version=\"1.0\" encoding=\"windows-1251\"?><d><data><r><a>1</a><b>";
    vec![
        short.as_bytes().to_vec(),
        lists.as_bytes().to_vec(),
        [cyrillic.as_bytes(), b"\xc0\xf1\xf2\xe0\xed\xe0</b></r><r><b>\xbc</b></r></data></d>"].concat(),
        short.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        format!("\u{feff}{short}").encode_utf16().flat_map(u16::to_be_bytes).collect(),
        same.into_bytes(),
    ]
}

/// A document with a few bytes, or a slice, of it changed.
fn mutated(rng: &mut Rng, documents: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = documents[rng.usize(..documents.len())].clone();
    // Most changes leave no JSON, so that many make few documents.
    let changes = if rng.bool() { 1 } else { rng.usize(2..5) };
    for _ in 0..changes {
        mutate(rng, &mut bytes, documents);
    }
    bytes
}

fn mutate(rng: &mut Rng, bytes: &mut Vec<u8>, documents: &[Vec<u8>]) {
    let at = rng.usize(..=bytes.len());
    let end = bytes.len().min(at + rng.usize(1..40));
    match rng.u32(..10) {
        0 => bytes.truncate(at),
        1 => drop(bytes.drain(at..end)),
        2 => {
            let slice = bytes[at..end].to_vec();
            let to = rng.usize(..=bytes.len());
            bytes.splice(to..to, slice);
        }
        3 => {
            let other = &documents[rng.usize(..documents.len())];
            let from = rng.usize(..other.len());
            bytes.truncate(at);
            bytes.extend_from_slice(&other[from..]);
        }
        4..=6 => {
            let word = WORDS[rng.usize(..WORDS.len())];
            let replaced = if rng.bool() { at } else { bytes.len().min(at + word.len()) };
            bytes.splice(at..replaced, word.iter().copied());
        }
        7 | 8 => {
            // The next sign that has a pair, turned into it.
            let signs = bytes[at..]
                .iter()
                .position(|byte| PAIRS.iter().any(|pair| pair.0 == *byte || pair.1 == *byte));
            if let Some(sign) = signs.and_then(|sign| bytes.get_mut(at + sign)) {
                let pair =
                    PAIRS.iter().find(|pair| pair.0 == *sign || pair.1 == *sign).expect("it was found");
                *sign = if pair.0 == *sign { pair.1 } else { pair.0 };
            }
        }
        _ => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << rng.u32(..8);
            }
        }
    }
}

/// What a failure shows: the seed that makes it again, and the bytes.
fn shown(broken: &str, seed: u64, bytes: &[u8]) -> String {
    format!("seed {seed}: {broken}\n{}", bytes[..bytes.len().min(5_000)].escape_ascii())
}

/// Runs cases that share nothing but the documents; every one that breaks something is counted.
fn run(documents: &[Vec<u8>], cases: u64, cuts: &[(usize, usize)]) -> u64 {
    let (mut accepted, mut all_broken) = (0, Vec::new());
    for seed in SEED..SEED + cases {
        let bytes = mutated(&mut Rng::with_seed(seed), documents);
        let outcome = verdict_of_cuts(&bytes, cuts).and_then(|outcome| {
            agrees_with_serde(&bytes, &outcome)?;
            Ok(outcome.is_ok())
        });
        match outcome {
            Ok(is_accepted) => accepted += u64::from(is_accepted),
            Err(broken) => all_broken.push(shown(&broken, seed, &bytes)),
        }
    }
    let count = all_broken.len();
    all_broken.truncate(5);
    assert!(count == 0, "{count} of {cases} cases, among them\n{}", all_broken.join("\n\n"));
    accepted
}

#[test]
fn mutated_json_is_read_the_same_in_any_parts_and_refused_where_serde_json_refuses_it() {
    let accepted = run(&json_documents(), CASES, &CUTS);
    assert!(accepted > CASES / 20, "mutations that leave nothing to read test little: {accepted}");
}

#[test]
fn mutated_xml_is_read_the_same_in_any_parts() {
    let accepted = run(&xml_documents(), CASES, &CUTS);
    assert!(accepted > CASES / 20, "mutations that leave nothing to read test little: {accepted}");
}

/// Larger than a window, so that windows end in the midst of rows.
#[test]
fn mutated_documents_larger_than_a_window_are_read_the_same_in_any_parts() {
    let documents = [crate::generator::document(800, 5), crate::generator_xml::xml_document(500, 5)];
    run(&documents, LARGE_CASES, &[(3_000, 1), (20_000, 2)]);
}
