//! Whatever the bytes are, reading ends without a panic, and what is shown keeps its promises.

use halligan_shared::ips::{Entry, Presence, Summary, check, clean, narrative};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const ANNA: &str = include_str!("../../../drill/anna-drillmann.json");

/// Any JSON of modest size.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<f64>().prop_map(|number| json!(number)),
        ".{0,20}".prop_map(Value::String),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::vec(("[a-zA-Z_]{1,12}", inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// Replaces, or with `None` removes, the value that is `at` steps into a walk over the tree. Returns the steps left.
fn mutate(value: &mut Value, mut at: usize, with: Option<&Value>) -> Result<(), usize> {
    match value {
        Value::Object(members) => {
            let names: Vec<_> = members.keys().cloned().collect();
            for name in names {
                if at == 0 {
                    match with {
                        Some(with) => drop(members.insert(name, with.clone())),
                        None => drop(members.remove(&name)),
                    }
                    return Ok(());
                }
                if let Some(member) = members.get_mut(&name) {
                    match mutate(member, at - 1, with) {
                        Ok(()) => return Ok(()),
                        Err(left) => at = left,
                    }
                }
            }
        }
        Value::Array(list) => {
            for element in list.iter_mut() {
                if at == 0 {
                    *element = with.cloned().unwrap_or_default();
                    return Ok(());
                }
                match mutate(element, at - 1, with) {
                    Ok(()) => return Ok(()),
                    Err(left) => at = left,
                }
            }
        }
        _ => {}
    }
    Err(at)
}

fn texts(summary: &Summary) -> impl Iterator<Item = &str> {
    let items = summary
        .sections
        .iter()
        .flat_map(|section| match &section.presence {
            Presence::Listed(entries) => entries.as_slice(),
            _ => &[],
        })
        .flat_map(|entry| match entry {
            Entry::Item(item) => {
                [item.title.as_str()].into_iter().chain(item.details.iter().map(|detail| detail.text.as_str())).collect::<Vec<_>>()
            }
            Entry::Unreadable { what } => vec![what.as_str()],
        });
    items.chain(summary.patient.names.iter().map(String::as_str))
}

proptest! {
    #[test]
    fn any_bytes_are_refused_or_read(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert_eq!(check(&bytes).err(), Summary::read(&bytes).err());
    }

    #[test]
    fn any_json_is_refused_or_read(value in any_json()) {
        let bytes = value.to_string();
        prop_assert_eq!(check(bytes.as_bytes()).err(), Summary::read(bytes.as_bytes()).err());
    }

    #[test]
    fn any_text_comes_out_clean(raw in any::<String>(), most in 0_usize..40) {
        for text in [clean(&raw, most), narrative(&raw, most)] {
            prop_assert!(text.chars().count() <= most + 1);
            prop_assert!(text.chars().all(|c| !c.is_control() || c == '\n'));
            let steers = text.contains(['\u{202e}', '\u{2066}', '\u{200f}']);
            prop_assert!(!steers);
        }
    }

    #[test]
    fn a_changed_document_is_refused_or_read(changes in prop::collection::vec((0_usize..2_000, prop::option::of(any_json())), 1..6)) {
        let mut document: Value = serde_json::from_str(ANNA).map_err(|error| TestCaseError::fail(error.to_string()))?;
        for (at, with) in &changes {
            let _ = mutate(&mut document, *at, with.as_ref());
        }
        let bytes = document.to_string();
        if let Ok(summary) = Summary::read(bytes.as_bytes()) {
            prop_assert_eq!(check(bytes.as_bytes()), Ok(()));
            prop_assert!(texts(&summary).all(|text| text.chars().all(|c| !c.is_control())));
        }
    }

    #[test]
    fn a_truncated_document_is_refused(end in 0..ANNA.len()) {
        let bytes = ANNA.as_bytes().get(..end).unwrap_or_default();
        prop_assert_eq!(check(bytes).is_ok(), ANNA.get(..end).is_some_and(|text| text.trim_end().len() == ANNA.trim_end().len()));
    }
}

/// Each value of a document in turn goes, and becomes each type of JSON: nothing panics, and at most the frame faults.
#[test]
fn every_single_field_may_be_wrong() {
    let Ok(document) = serde_json::from_str::<Value>(ANNA) else { panic!("the drill patient is JSON") };
    let wrong =
        [None, Some(json!(5)), Some(json!("\u{202e}x")), Some(json!([])), Some(json!({})), Some(json!([[]])), Some(json!(true))];
    let mut read = 0;
    let mut refused = 0;
    for at in 0.. {
        // One kind of wrong at each place in turn: seven places apart see the same.
        let with = wrong.get(at % wrong.len()).cloned().flatten();
        let mut changed = document.clone();
        if mutate(&mut changed, at, with.as_ref()).is_err() {
            break;
        }
        match Summary::read(changed.to_string().as_bytes()) {
            Ok(_) => read += 1,
            Err(_) => refused += 1,
        }
    }
    assert!(read > 800 && refused < 30, "{read} read, {refused} refused");
}
