//! What a bracelet's QR code holds: a link to this portal with the reference behind `#`, so that a phone's own camera
//! opens the right page and no server ever sees the reference.
//!
//! Knows no browser and follows nothing. Guarantees that only this portal's own link or a bare reference is read, in
//! time bounded by the length of the longest of them.

use zeroize::Zeroizing;

use crate::{
    paths::BRACELET_PAGE,
    reference::{Reference, TEXT_MAX},
};

/// The code is something else. It is not followed anywhere and not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("This is not a Halligan bracelet.")]
pub struct NotABracelet;

/// payload = origin || "/s#" || 28 symbols
pub fn payload(origin: &str, reference: &Reference) -> Zeroizing<String> {
    Zeroizing::new(format!("{origin}{BRACELET_PAGE}#{}", reference.to_compact().as_str()))
}

/// Reads a scanned code: this portal's own link or a bare reference, nothing else.
///
/// `origin` is the portal's, in its serialised form (lower case, no default port, no trailing slash).
pub fn read(text: &str, origin: &str) -> Result<Reference, NotABracelet> {
    if text.len() > origin.len() + TEXT_MAX {
        return Err(NotABracelet);
    }
    let bare = match text.split_once('#') {
        // Compared whole and not taken apart: there is no parser here for a crafted link to confuse.
        Some((page, fragment)) if is_bracelet_page(page, origin) => fragment,
        Some(_) => return Err(NotABracelet),
        None => text,
    };
    Reference::parse(bare).map_err(|_| NotABracelet)
}

fn is_bracelet_page(page: &str, origin: &str) -> bool {
    page.strip_suffix(BRACELET_PAGE).is_some_and(|scanned| scanned.eq_ignore_ascii_case(origin))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: &str = "https://portal.example";

    #[test]
    fn own_links_and_bare_references_are_read() {
        let reference = Reference::from_bytes([9; 16]);
        let link = payload(ORIGIN, &reference);
        assert!(!link.contains('?'));
        for text in
            [link.as_str(), &link.replace("https://portal", "HTTPS://Portal"), &reference.to_text(), &reference.to_compact()]
        {
            assert_eq!(read(text, ORIGIN).map(|read| read.digest()), Ok(reference.digest()), "{text}");
        }
    }

    #[test]
    fn the_longest_text_is_read_and_one_longer_is_not() {
        let link = payload(ORIGIN, &Reference::from_bytes([9; 16]));
        let longest = format!("{}{}", link.as_str(), "-".repeat(ORIGIN.len() + TEXT_MAX - link.len()));
        assert!(read(&longest, ORIGIN).is_ok());
        assert!(read(&format!("{longest}-"), ORIGIN).is_err());
    }

    #[test]
    fn everything_else_is_not_a_bracelet() {
        let compact = Reference::from_bytes([9; 16]).to_compact();
        let compact = compact.as_str();
        let hostile = [
            String::new(),
            "javascript:alert(1)".into(),
            format!("https://evil.example/s#{compact}"),
            format!("https://portal.example@evil.example/s#{compact}"),
            format!("https://member:word@portal.example/s#{compact}"),
            format!("https://evil.example/https://portal.example/s#{compact}"),
            format!("https://evil.example\\https://portal.example/s#{compact}"),
            format!("javascript:alert(1)//https://portal.example/s#{compact}"),
            format!("javascript:alert(1)#{compact}"),
            format!("data:text/html,#{compact}"),
            format!("//portal.example/s#{compact}"),
            format!("portal.example/s#{compact}"),
            format!("https://portal.example./s#{compact}"),
            format!("https://portal.example/S#{compact}"),
            format!("https://portal.example/%73#{compact}"),
            format!("https://portal.example/s%23{compact}"),
            "https://portal.example/s".into(),
            "https://portal.example/s#".into(),
            format!("https://portal.example/s#{compact}?next=//evil.example"),
            format!("https://portal.example/s#{}", &compact[1..]),
            format!(" https://portal.example/s#{compact}"),
            format!("https://portal.example\0/s#{compact}"),
            compact.replace('1', "\u{0661}"),
            compact.replace('4', "\u{ff14}"),
            format!("https://portal.example/s#{}", "0".repeat(1_000_000)),
            format!("https://portal.example.evil.example/s#{compact}"),
            format!("https://portal.example/s/#{compact}"),
            format!("https://portal.example/s?x#{compact}"),
            format!("https://portal.example/../s#{compact}"),
            format!("http://portal.example/s#{compact}"),
            format!("https://portal.example:444/s#{compact}"),
            format!("https://portal.example/s#{compact}#{compact}"),
            format!("https://portal.example/s#{compact}\0"),
            format!("#{compact}"),
            format!("https://pоrtal.example/s#{compact}"),
            "0".repeat(1_000_000),
        ];
        for text in &hostile {
            assert!(read(text, ORIGIN).is_err(), "{}", text.get(..60).unwrap_or(text));
        }
    }
}
