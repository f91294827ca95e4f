//! Archives that mean harm are refused, and write nothing outside of their folder.

use std::fs;
use std::io::{Cursor, Write};
use std::time::Instant;

use levelmark::bundle::unpack::Unpacked;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::{PACKED, entries};

type Writer = ZipWriter<Cursor<Vec<u8>>>;

/// An archive of contoso's manifest and more.
fn with(more: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    add(&mut archive, "manifest.json", &entries(&PACKED.bytes)["manifest.json"]);
    more(&mut archive);
    archive.finish().unwrap().into_inner()
}

fn add(archive: &mut Writer, name: &str, content: &[u8]) {
    archive.start_file(name, SimpleFileOptions::default()).unwrap();
    archive.write_all(content).unwrap();
}

/// Why an archive is refused.
fn refusal(bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("b.zip");
    fs::write(&path, bytes).unwrap();
    let started = Instant::now();
    let problem = Unpacked::open(&path).unwrap_err().to_string();
    assert!(started.elapsed().as_secs() < 20, "{problem}");
    problem.replace(&path.display().to_string(), "b.zip")
}

/// Writes other bytes of the same length wherever some stand.
fn patched(mut bytes: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let places: Vec<usize> = bytes
        .windows(from.len())
        .enumerate()
        .filter(|(_, window)| *window == from)
        .map(|(at, _)| at)
        .collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
    bytes
}

#[test]
fn names_that_lead_elsewhere() {
    for name in [
        "../x",
        "evidence/../../x",
        "/etc/x",
        "C:\\x",
        "C:x",
        "..\\x",
        "a\\b",
        "evidence/NUL",
        "a\u{202e}b",
        "evidence/",
    ] {
        let bytes = with(|archive| add(archive, name, b"x"));
        assert!(refusal(&bytes).contains("is refused"), "{name}: {}", refusal(&bytes));
    }
}

#[test]
fn entries_that_are_no_files() {
    let bytes = with(|archive| {
        archive.add_symlink("evidence/x", "/etc/passwd", SimpleFileOptions::default()).unwrap()
    });
    assert!(refusal(&bytes).contains("a link"), "{}", refusal(&bytes));
    let bytes = with(|archive| archive.add_directory("evidence", SimpleFileOptions::default()).unwrap());
    assert!(refusal(&bytes).contains("refused"), "{}", refusal(&bytes));
}

#[test]
fn names_twice() {
    let twice = with(|archive| {
        add(archive, "evidence/aaaa.pdf", b"1");
        add(archive, "evidence/bbbb.pdf", b"2");
    });
    let twice = patched(twice, b"evidence/bbbb.pdf", b"evidence/aaaa.pdf");
    assert!(refusal(&twice).contains("same name"), "{}", refusal(&twice));
    let cases = with(|archive| {
        add(archive, "evidence/a.pdf", b"1");
        add(archive, "evidence/A.pdf", b"2");
    });
    assert!(refusal(&cases).contains("case does not count"), "{}", refusal(&cases));
}

#[test]
fn bombs() {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    let zeros = with(|archive| {
        archive.start_file("evidence/x", options).unwrap();
        for _ in 0..100 {
            archive.write_all(&vec![0; 1 << 20]).unwrap();
        }
    });
    assert!(refusal(&zeros).contains("a bomb"), "{}", refusal(&zeros));
    // The same with headers that say it is 4 GiB, or ten bytes.
    let size = (100_u32 << 20).to_le_bytes();
    let large = patched(zeros.clone(), &size, &0xffff_fff0_u32.to_le_bytes());
    assert!(refusal(&large).contains("a bomb"), "{}", refusal(&large));
    let mut liar = entries(&PACKED.bytes);
    let lie = liar.get_mut("evidence/evidence/drill.pdf").unwrap();
    let honest = u32::try_from(lie.len()).unwrap().to_le_bytes();
    *lie = vec![0; 100 << 20];
    let bytes = super::archive(&liar);
    let bytes = patched(bytes, &size, &honest);
    // Either refused, or found to be another file: never unpacked whole.
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("b.zip"), bytes).unwrap();
    match Unpacked::open(&folder.path().join("b.zip")) {
        Err(_) => {}
        Ok(unpacked) => {
            assert_eq!(unpacked.faults.len(), 1);
            let written = fs::metadata(unpacked.folder().join("evidence/evidence/drill.pdf")).unwrap().len();
            assert!(written < 1000, "{written}");
        }
    }
}

#[test]
fn too_many_entries() {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for n in 0..20_100 {
        archive.start_file(format!("evidence/{n}"), stored).unwrap();
    }
    let bytes = archive.finish().unwrap().into_inner();
    assert!(refusal(&bytes).contains("more than 20000 files"), "{}", refusal(&bytes));
    // A million needs Zip64: its locator stands before the end.
    let mut million = vec![0_u8; 56];
    million.extend(b"PK\x06\x07");
    million.extend([0; 16]);
    million.extend(b"PK\x05\x06\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0");
    assert!(refusal(&million).contains("no ZIP archive"), "{}", refusal(&million));
}

#[test]
fn what_is_no_archive() {
    let good = &PACKED.bytes;
    for bytes in [
        &b""[..],
        b"no archive at all, but long enough to be read",
        &good[..good.len() - 1],
        &good[..good.len() / 2],
    ] {
        assert!(refusal(bytes).contains("no ZIP archive, or cut off"), "{}", refusal(bytes));
    }
    let cut_in_front = &good[10..];
    assert!(refusal(cut_in_front).starts_with("b.zip can't be verified"), "{}", refusal(cut_in_front));
    let behind = [good, &b"more"[..]].concat();
    assert!(refusal(&behind).contains("no ZIP archive"), "{}", refusal(&behind));
    let before = [&b"#!/bin/sh\nexit\n"[..], good].concat();
    assert!(refusal(&before).contains("can't be verified"), "{}", refusal(&before));
    let mut empty = ZipWriter::new(Cursor::new(Vec::new()));
    add(&mut empty, "x", b"x");
    let empty = empty.finish().unwrap().into_inner();
    assert!(refusal(&empty).contains("no manifest.json"), "{}", refusal(&empty));
}

#[test]
fn manifests_that_no_bundle_has() {
    let whole = String::from_utf8(entries(&PACKED.bytes).remove("manifest.json").unwrap()).unwrap();
    for (from, to, why) in [
        (
            "\"answers\": \"attestations.yaml\"",
            "\"answers\": \"../attestations.yaml\"",
            "where no bundle has them",
        ),
        ("\"policies/builtin\"", "\"/etc\"", "where no bundle has them"),
        ("\"answers\": \"attestations.yaml\"", "\"answers\": null", "nothing in its options uses it"),
        ("\"path\": \"README.txt\"", "\"path\": \"../README.txt\"", "leads out of the bundle"),
        ("\"path\": \"README.txt\"", "\"path\": \"result.json\"", "named twice"),
        ("\"tool\"", "\"extra\": 1, \"tool\"", "unknown field"),
        ("{", "[", "can't be read"),
    ] {
        assert!(whole.contains(from), "{from}");
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        add(&mut archive, "manifest.json", whole.replacen(from, to, 1).as_bytes());
        let bytes = archive.finish().unwrap().into_inner();
        assert!(refusal(&bytes).contains(why), "{to}: {}", refusal(&bytes));
    }
}
