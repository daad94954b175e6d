//! The record's cryptography against vectors that another implementation made (vectors/make.py), natively and as wasm.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use halligan_shared::{
    bracelet::{self, NotABracelet},
    bytes::{Bytes, Secret32},
    crypto::{self, Blinding, CryptoFault, Header, PageKey, Point, SealContext, Share},
    id::{DocumentId, GrantId, RecordId},
    reference::Reference,
};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[derive(Deserialize)]
struct Vectors {
    records: Vec<Sealed>,
    references: Vec<Text>,
    malformed_points: Vec<Malformed>,
    unliftable: Vec<String>,
    malformed_references: Vec<Spoiled>,
    payloads: Vec<Code>,
    not_bracelets: Vec<String>,
    frames: Vec<Framed>,
    carried: Vec<Carried>,
}

#[derive(Deserialize)]
struct Carried {
    p: String,
    page_point: String,
    e: String,
    point: String,
    grant: GrantId,
    share: String,
    sealed: String,
}

#[derive(Deserialize)]
struct Sealed {
    authority_point: String,
    c: String,
    point: String,
    r: String,
    blinded_point: String,
    blinded_share: String,
    share1: String,
    share2: String,
    record: RecordId,
    key: String,
    document: DocumentId,
    version: u32,
    nonce: String,
    plaintext: String,
    /// nonce, ciphertext and tag
    #[serde(rename = "sealed")]
    bytes: String,
}

#[derive(Deserialize)]
struct Text {
    bits: RecordId,
    compact: String,
    digest: String,
    record: RecordId,
    binding: String,
}

#[derive(Deserialize)]
struct Malformed {
    what: String,
    bytes: String,
}

#[derive(Deserialize)]
struct Spoiled {
    what: String,
    text: String,
}

#[derive(Deserialize)]
struct Code {
    bits: RecordId,
    origin: String,
    payload: String,
}

#[derive(Deserialize)]
struct Framed {
    header: Header,
    content: String,
    length: usize,
    /// SHA-256 of the whole plaintext
    digest: String,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("../vectors/record.json")).unwrap()
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect()
}

fn fixed<const N: usize>(hex: &str) -> [u8; N] {
    Bytes::from_hex(hex).unwrap().0
}

fn point(hex: &str) -> Point {
    Point::from_sec1(&bytes(hex)).unwrap()
}

fn share(hex: &str) -> Share {
    Secret32::new(fixed(hex)).into()
}

impl Sealed {
    fn place(&self) -> SealContext {
        SealContext { record: self.record, document: self.document, version: self.version }
    }

    fn key(&self) -> crypto::RecordKey {
        crypto::record_key(&share(&self.share1), &share(&self.share2), &point(&self.point), &self.record).unwrap()
    }
}

#[test]
fn enrolment_and_release_agree_with_the_vectors() {
    for vector in vectors().records {
        let (share2, c) = crypto::agree_with(&fixed(&vector.c), &point(&vector.authority_point)).unwrap();
        assert_eq!((share2.as_bytes(), c), (&fixed(&vector.share2), point(&vector.point)));
        let (blinding, blinded) = Blinding::with(&fixed(&vector.r), &c).unwrap();
        assert_eq!(blinded, point(&vector.blinded_point));
        let share2 = blinding.unblind(&fixed(&vector.blinded_share)).unwrap();
        assert_eq!(share2.as_bytes(), &fixed(&vector.share2));
        assert_eq!(vector.key().as_bytes(), &fixed(&vector.key));
    }
}

#[test]
fn a_share_on_its_way_agrees_with_the_vectors() {
    for vector in vectors().carried {
        let page = PageKey::with(&fixed(&vector.p)).unwrap();
        assert_eq!(page.point(), point(&vector.page_point));
        let carried = crypto::carry_with(&fixed(&vector.e), &share(&vector.share), &page.point(), &vector.grant).unwrap();
        assert_eq!((carried.point, carried.sealed.0), (point(&vector.point), fixed(&vector.sealed)));
        assert_eq!(page.open(&carried, &vector.grant).unwrap().as_bytes(), &fixed(&vector.share));
    }
}

#[test]
fn sealing_agrees_with_the_vectors() {
    for vector in vectors().records {
        let (key, plaintext, sealed) = (vector.key(), bytes(&vector.plaintext), bytes(&vector.bytes));
        assert_eq!(crypto::seal_with(fixed(&vector.nonce), &key, &vector.place(), &plaintext).unwrap(), sealed);
        assert_eq!(*crypto::open(&key, &vector.place(), &sealed).unwrap(), plaintext);
    }
}

#[test]
fn any_flipped_bit_any_cut_and_any_other_place_is_refused() {
    let all = vectors().records;
    let (vector, other) = (&all[0], &all[1]);
    let (key, sealed) = (vector.key(), bytes(&vector.bytes));
    for bit in 0..8 * sealed.len() {
        let mut flipped = sealed.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(crypto::open(&key, &vector.place(), &flipped).err(), Some(CryptoFault::Refused), "bit {bit}");
    }
    for length in 0..sealed.len() {
        assert!(crypto::open(&key, &vector.place(), &sealed[..length]).is_err(), "cut to {length}");
    }
    let place = vector.place();
    for wrong in [
        SealContext { record: other.record, ..place },
        SealContext { document: other.document, ..place },
        SealContext { version: place.version + 1, ..place },
    ] {
        assert!(crypto::open(&key, &wrong, &sealed).is_err());
    }
    assert!(crypto::open(&other.key(), &place, &sealed).is_err());
}

#[test]
fn each_input_of_the_key_changes_it() {
    let all = vectors().records;
    let (vector, other) = (&all[0], &all[1]);
    let key = |one: &Sealed, two: &Sealed, c: &Sealed, record: &Sealed| {
        *crypto::record_key(&share(&one.share1), &share(&two.share2), &point(&c.point), &record.record).unwrap().as_bytes()
    };
    let right = key(vector, vector, vector, vector);
    for wrong in [
        key(other, vector, vector, vector),
        key(vector, other, vector, vector),
        key(vector, vector, other, vector),
        key(vector, vector, vector, other),
    ] {
        assert_ne!(right, wrong);
    }
}

#[test]
fn malformed_points_and_coordinates_are_refused() {
    for malformed in vectors().malformed_points {
        assert_eq!(Point::from_sec1(&bytes(&malformed.bytes)).err(), Some(CryptoFault::Refused), "{}", malformed.what);
    }
    let c = point(&vectors().records[0].point);
    for x in vectors().unliftable {
        let (blinding, _) = Blinding::new(&c).unwrap();
        assert_eq!(blinding.unblind(&fixed(&x)).err(), Some(CryptoFault::Refused), "{x}");
    }
}

#[test]
fn zero_is_no_scalar_and_neither_is_the_order() {
    let c = point(&vectors().records[0].point);
    let order = fixed("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    for scalar in [[0; 32], order, [0xff; 32]] {
        assert!(Blinding::with(&scalar, &c).is_err());
        assert!(crypto::agree_with(&scalar, &c).is_err());
    }
}

#[test]
fn spki_is_read_back_and_nothing_else_is() {
    let c = point(&vectors().records[0].point);
    let der = c.to_spki_der();
    assert_eq!((der.len(), Point::from_spki_der(&der)), (91, Ok(c)));
    for at in 0..der.len() {
        let mut wrong = der.clone();
        wrong[at] ^= 1;
        assert!(Point::from_spki_der(&wrong).is_err(), "byte {at}");
    }
    assert!(Point::from_spki_der(&der[..90]).is_err());
}

#[test]
fn references_agree_with_the_vectors() {
    for vector in vectors().references {
        let reference = Reference::from_bytes(*vector.bits.as_bytes());
        assert_eq!(*reference.to_compact(), vector.compact);
        assert_eq!(reference.digest().as_bytes(), &fixed::<32>(&vector.digest));
        assert_eq!(reference.binding(&vector.record).0, fixed(&vector.binding));
        assert_eq!(Reference::parse(&vector.compact).map(|read| read.digest()), Ok(reference.digest()));
    }
}

#[test]
fn what_is_no_reference_is_not_read() {
    for vector in vectors().malformed_references {
        assert!(Reference::parse(&vector.text).is_err(), "{}", vector.what);
    }
}

#[test]
fn bracelets_agree_with_the_vectors_and_nothing_else_is_one() {
    for vector in vectors().payloads {
        let reference = Reference::from_bytes(*vector.bits.as_bytes());
        assert_eq!(*bracelet::payload(&vector.origin, &reference), vector.payload);
        assert_eq!(bracelet::read(&vector.payload, &vector.origin).map(|read| read.digest()), Ok(reference.digest()));
    }
    for text in vectors().not_bracelets {
        assert_eq!(bracelet::read(&text, "https://portal.example").err(), Some(NotABracelet), "{text}");
    }
}

#[test]
fn frames_agree_with_the_vectors() {
    for vector in vectors().frames {
        let content = bytes(&vector.content);
        let plaintext = crypto::frame(&vector.header, &content).unwrap();
        assert_eq!((plaintext.len(), Sha256::digest(&*plaintext).as_slice()), (vector.length, bytes(&vector.digest).as_slice()));
        let read = crypto::parse_frame(&plaintext).unwrap();
        assert!(read.header == vector.header && read.content == content);
    }
}
