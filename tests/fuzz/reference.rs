//! What a bracelet says: the text that a person types, and the link that the camera reads.

use halligan_shared::{
    bracelet,
    reference::{Reference, ReferenceFault, SYMBOLS, TEXT_MAX},
    typing::Typing,
};

/// Where the scanning portal is.
const ORIGIN: &str = "https://portal.example";

/// One text for one reference, whatever was typed; and what the field shows never changes by being shown again.
pub(crate) fn text(bytes: &[u8]) {
    let text = &String::from_utf8_lossy(bytes);
    let typing = Typing::of(text);
    assert!(*Typing::of(&typing.text).text == *typing.text, "laying out again changes nothing");
    match Reference::parse(text) {
        Ok(reference) => {
            assert!(text.len() <= TEXT_MAX);
            assert!(*typing.text == *reference.to_text(), "the field shows what the bracelet does");
            assert_eq!((typing.count, typing.foreign, typing.wrong_group), (SYMBOLS, None, None));
            for printed in [reference.to_text(), reference.to_compact()] {
                assert!(Reference::parse(&printed).unwrap().digest() == reference.digest(), "{printed:?}");
            }
        }
        Err(ReferenceFault::Empty) => assert_eq!((typing.count, typing.foreign), (0, None)),
        Err(ReferenceFault::TooShort { missing }) => assert_eq!((typing.count + missing, typing.foreign), (SYMBOLS, None)),
        Err(ReferenceFault::TooLong) => assert!(text.len() > TEXT_MAX || typing.count > SYMBOLS),
        Err(ReferenceFault::ForeignCharacter { position }) => assert_eq!(typing.foreign, Some(position)),
        Err(ReferenceFault::CheckFailed) => assert_eq!((typing.count, typing.foreign), (SYMBOLS, None)),
    }
}

/// Only this portal's own page or a bare reference is read.
pub(crate) fn link(bytes: &[u8]) {
    let text = &String::from_utf8_lossy(bytes);
    let read = bracelet::read(text, ORIGIN);
    let Some((page, fragment)) = text.split_once('#') else {
        assert_eq!(read.is_ok(), Reference::parse(text).is_ok());
        return;
    };
    assert!(bracelet::read(text, "https://elsewhere.example").is_err(), "another portal's link");
    let Ok(reference) = read else { return };
    assert!(text.len() <= ORIGIN.len() + TEXT_MAX);
    assert!(page.to_ascii_lowercase() == format!("{ORIGIN}/s") && page.ends_with("/s"), "{page}");
    assert!(Reference::parse(fragment).unwrap().digest() == reference.digest());
    let again = bracelet::read(&bracelet::payload(ORIGIN, &reference), ORIGIN);
    assert!(again.unwrap().digest() == reference.digest());
}
