//! A patient summary, whoever wrote it.

use halligan_shared::ips::{
    BirthDate, Entry, Fault, Format, Kind, MAX_BYTES, Patient, Photo, Presence, Provenance, Section, Summary, check, clean,
    narrative,
};
use serde_json::Value;

/// Bytes of text in a whole summary: a million of the record's own (`shared/src/ips/node.rs`), and as much again for the words that the
/// portal puts around them.
const TEXT_MAX: usize = 2 << 20;
/// Entries of one section (`shared/src/ips/sections.rs`).
const ENTRIES_MAX: usize = 200;

/// Refused cleanly or read within bounds; and what is read does not depend on how the JSON is laid out.
pub(crate) fn document(bytes: &[u8]) {
    let read = Summary::read(bytes);
    assert_eq!(check(bytes).err(), read.as_ref().err().copied());
    match read {
        Err(fault) => refused(fault, bytes),
        Ok(summary) => {
            bounded(&summary);
            let tree: Value = serde_json::from_slice(bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes)).unwrap();
            let laid_out = serde_json::to_vec_pretty(&tree).unwrap();
            assert!(laid_out.len() > MAX_BYTES || Summary::read(&laid_out).is_ok_and(|again| again == summary), "laid out anew");
        }
    }
}

/// Any text, as one field and as a narrative: bounded, and nothing in it that steers the display.
pub(crate) fn text(bytes: &[u8]) {
    let raw = &String::from_utf8_lossy(bytes);
    for most in [0, 7, 1_000] {
        let field = clean(raw, most);
        assert!(field.chars().count() <= most + 1 && !field.contains('\n'));
        harmless(&field);
        let text = narrative(raw, most);
        assert!(text.chars().count() <= most + 1);
        harmless(&text);
        if !field.ends_with('…') {
            assert_eq!(clean(&field, most), field, "clean text stays as it is");
        }
    }
}

fn refused(fault: Fault, bytes: &[u8]) {
    let sentence = fault.to_string();
    assert!(sentence.ends_with('.') && sentence.len() < 400, "{sentence}");
    if let Fault::NotUtf8 { at } = fault {
        assert!(str::from_utf8(&bytes[..at]).is_ok() && at < bytes.len());
    }
}

fn bounded(summary: &Summary) {
    let named: Vec<_> = summary.sections.iter().map(|section| section.kind).filter(|kind| *kind != Kind::Other).collect();
    assert!(named.iter().copied().eq(Kind::all()), "each section that the guide names, once and in order");
    for section in &summary.sections {
        assert!(section.sentence().ends_with('.'));
        if let Presence::Listed(entries) = &section.presence {
            assert!((1..=ENTRIES_MAX).contains(&entries.len()));
        }
    }
    let texts = texts(summary);
    for text in &texts {
        harmless(text);
    }
    assert!(texts.iter().map(|text| text.len()).sum::<usize>() <= TEXT_MAX);
    assert!(!summary.patient.names.is_empty());
    assert!(summary.patient.age((2026, 11, 26)).is_none_or(|age| !age.to_string().is_empty()));
    assert!(summary.high_alert_medicines().count() <= ENTRIES_MAX);
    if let Photo::Shown { format, bytes } = &summary.patient.photo {
        let beginning: &[u8] = if *format == Format::Png { b"\x89PNG\r\n\x1a\n" } else { b"\xff\xd8\xff" };
        assert!(bytes.starts_with(beginning) && bytes.len() <= 513 << 10);
    }
}

/// No control character but the line break, and nothing that changes the direction of what stands beside it.
fn harmless(text: &str) {
    let steers = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    assert!(!text.contains(steers), "{text:?}");
}

/// Every text that the page shows.
fn texts(summary: &Summary) -> Vec<&str> {
    let Summary { patient, provenance, sections, is_cut: _ } = summary;
    let Patient { names, birth_date, sex, identifiers, photo: _, deceased, contacts, languages } = patient;
    let Provenance { title, date, authors, custodian, language } = provenance;
    let mut texts: Vec<&str> = [names, identifiers, contacts, authors].into_iter().flatten().map(String::as_str).collect();
    texts.extend([title, deceased, languages, custodian, language].into_iter().flatten().map(String::as_str));
    texts.extend([sex.as_str(), date.as_str()]);
    texts.push(match birth_date {
        BirthDate::Given(date) => date.as_str(),
        BirthDate::Absent(words) => words,
    });
    texts.extend(sections.iter().flat_map(texts_of_section));
    texts
}

fn texts_of_section(section: &Section) -> Vec<&str> {
    let mut texts = vec![section.title.as_str()];
    texts.extend(section.narrative.as_deref());
    if let Presence::Listed(entries) = &section.presence {
        for entry in entries {
            match entry {
                Entry::Unreadable { what } => texts.push(what),
                Entry::Item(item) => {
                    texts.push(&item.title);
                    texts.extend(item.details.iter().flat_map(|detail| [detail.label.as_ref(), detail.text.as_str()]));
                }
            }
        }
    }
    texts
}
