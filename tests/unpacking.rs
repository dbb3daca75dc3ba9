//! Packed documents: what unpacks to more than it may, and what is damaged.

use std::fs;
use std::io::{Read, Write};
use std::time::{Duration, Instant};

use derek::catalog::{LoadOptions, read_document};
use derek::document::Document;
use derek::error::{Code, Error};
use fastrand::Rng;

const DOCUMENT: &str =
    r#"{"fields":{"a":{"type":"Int"},"b":{"type":"String"}},"data":[{"a":1,"b":"қ"},{"a":"x"}]}"#;

/// Reads a file of these bytes.
fn read_with(bytes: &[u8], options: &LoadOptions<'_>) -> Result<Document, Error> {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let path = folder.path().join("packed.json.gz");
    fs::write(&path, bytes).expect("there is room for a file");
    read_document(&path, options).map(|(document, _)| document)
}

fn read(bytes: &[u8]) -> Result<Document, Error> {
    read_with(bytes, &LoadOptions { threads: 2, ..LoadOptions::default() })
}

/// The number of rows, or the code of the refusal.
fn outcome(bytes: &[u8]) -> Result<u64, Code> {
    read(bytes).map(|document| document.rows).map_err(|error| error.code)
}

fn gzip(bytes: impl Read) -> Vec<u8> {
    let mut packed = Vec::new();
    let mut encoder = flate2::read::GzEncoder::new(bytes, flate2::Compression::fast());
    encoder.read_to_end(&mut packed).expect("a vector takes all bytes");
    packed
}

fn zstd(mut bytes: impl Read) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).expect("it can be made");
    encoder.include_checksum(true).expect("it can");
    std::io::copy(&mut bytes, &mut encoder).expect("a vector takes all bytes");
    encoder.finish().expect("a vector takes all bytes")
}

/// A hundred megabytes of one byte, in a file of a few kilobytes.
#[test]
fn a_bomb_is_refused_soon() {
    let megabytes = |byte| std::io::repeat(byte).take(100 << 20);
    let limited = LoadOptions { max_document_bytes: 1 << 20, ..LoadOptions::default() };
    for bomb in [gzip(megabytes(0)), gzip(megabytes(b' ')), zstd(megabytes(0)), zstd(megabytes(b' '))] {
        assert!(bomb.len() < 1 << 20);
        let start = Instant::now();
        let error = read_with(&bomb, &limited).expect_err("it must be refused");
        assert_eq!(error.code, Code::DocumentTooLarge, "{error}");
        assert!(error.hint.is_some_and(|hint| hint.contains("--max-document-bytes")));
        // A hundredth of it is unpacked, and no more.
        assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    }
}

#[test]
fn the_limit_is_exact() {
    for packed in [gzip(DOCUMENT.as_bytes()), zstd(DOCUMENT.as_bytes())] {
        let with = |max_document_bytes| {
            let options = LoadOptions { max_document_bytes, ..LoadOptions::default() };
            read_with(&packed, &options).map(|document| document.rows).map_err(|error| error.code)
        };
        let length = DOCUMENT.len() as u64;
        assert_eq!(with(length), Ok(2));
        assert_eq!(with(length - 1), Err(Code::DocumentTooLarge));
        assert_eq!(with(0), Err(Code::DocumentTooLarge));
        assert_eq!(with(u64::MAX), Ok(2));
    }
}

#[test]
fn members_are_read_one_after_the_other_and_packed_twice_is_not_unpacked_twice() {
    let (first, second) = DOCUMENT.as_bytes().split_at(50);
    assert_eq!(outcome(&[gzip(first), gzip(second)].concat()), Ok(2));
    assert_eq!(outcome(&[zstd(first), zstd(second)].concat()), Ok(2));
    for twice in [gzip(&gzip(DOCUMENT.as_bytes())[..]), zstd(&gzip(DOCUMENT.as_bytes())[..])] {
        let refused = outcome(&twice);
        assert!(matches!(refused, Err(Code::DocumentSyntax | Code::DocumentNotUtf8)), "{refused:?}");
    }
    assert_eq!(outcome(&gzip(&b""[..])), Err(Code::DocumentSyntax));
    assert_eq!(outcome(&zstd(&b""[..])), Err(Code::DocumentSyntax));
}

#[test]
fn what_is_cut_short_or_goes_on_is_damaged() {
    for packed in [gzip(DOCUMENT.as_bytes()), zstd(DOCUMENT.as_bytes())] {
        for end in 4..packed.len() {
            assert_eq!(
                outcome(&packed[..end]),
                Err(Code::DocumentCompression),
                "{end} bytes of {}",
                packed.len()
            );
        }
        for tail in [&b"x"[..], b"\x1f\x8b", b"{\"data\":[]}", b"\x28\xb5\x2f\xfd"] {
            let refused = outcome(&[&packed, tail].concat());
            assert_eq!(refused, Err(Code::DocumentCompression), "{tail:x?} after it");
        }
    }
    // A frame that asks for a window of two gigabytes.
    let window = [&[0x28, 0xB5, 0x2F, 0xFD, 0x00, 21 << 3][..], &[0x01, 0x00, 0x00]].concat();
    assert_eq!(outcome(&window), Err(Code::DocumentCompression));
}

/// Checksums see to it that a damaged file is refused, or is the same document in spite of it.
#[test]
fn damaged_bytes_are_refused_or_change_nothing() {
    let expected = read(DOCUMENT.as_bytes()).expect("it is sound").batches;
    for (name, packed) in [("gzip", gzip(DOCUMENT.as_bytes())), ("zstd", zstd(DOCUMENT.as_bytes()))] {
        for at in 0..packed.len() * 8 {
            let mut damaged = packed.clone();
            damaged[at / 8] ^= 1 << (at % 8);
            match read(&damaged) {
                Ok(document) => assert_eq!(document.batches, expected, "{name}, bit {at}"),
                Err(error) => {
                    let is_magic =
                        at < 32 && [Code::DocumentSyntax, Code::DocumentNotUtf8].contains(&error.code);
                    assert!(error.code == Code::DocumentCompression || is_magic, "{name}, bit {at}: {error}");
                }
            }
        }
    }
}

#[test]
fn mutated_files_end_in_a_table_or_a_refusal() {
    const SEED: u64 = 0x7061_636b;
    let names = ["same.json.gz", "same.json.zst", "same.xml.gz", "same.xml.zst"];
    let files: Vec<Vec<u8>> = names
        .iter()
        .map(|name| fs::read(crate::fixtures().join("same").join(name)).expect("it is there"))
        .collect();
    for seed in SEED..SEED + 800 {
        let mut rng = Rng::with_seed(seed);
        let mut bytes = files[rng.usize(..files.len())].clone();
        for _ in 0..rng.usize(1..6) {
            let at = rng.usize(..bytes.len());
            let end = bytes.len().min(at + rng.usize(1..30));
            match rng.u32(..5) {
                0 => bytes.truncate(at.max(1)),
                1 => drop(bytes.drain(at..end - 1)),
                2 => {
                    let slice = bytes[at..end].to_vec();
                    bytes.splice(at..at, slice);
                }
                3 => {
                    let other = &files[rng.usize(..files.len())];
                    let from = rng.usize(..other.len());
                    bytes.truncate(at.max(1));
                    bytes.write_all(&other[from..]).expect("a vector takes all bytes");
                }
                _ => bytes[at] = rng.u8(..),
            }
        }
        if let Err(error) = read(&bytes) {
            assert_ne!(error.code, Code::Internal, "seed {seed}: {error}\n{}", bytes.escape_ascii());
        }
    }
}
