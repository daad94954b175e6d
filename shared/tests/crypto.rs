//! Properties of the way from two shares to an open document, whatever the numbers are.

#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use halligan_shared::{
    crypto::{Blinding, CryptoFault, Point, RecordKey, SealContext, Share, agree_with, open, record_key, seal},
    id::{DocumentId, RecordId},
};
use proptest::prelude::*;

/// G of P-256 (FIPS 186-5, D.1.2.3), SEC 1 compressed.
const GENERATOR: [u8; 33] = [
    0x03, 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2, 0x77, 0x03, 0x7d, 0x81,
    0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96,
];

fn generator() -> Point {
    Point::from_sec1(&GENERATOR).unwrap()
}

/// k*G
fn public(k: &[u8; 32]) -> Point {
    agree_with(k, &generator()).unwrap().1
}

fn any_scalar() -> impl Strategy<Value = [u8; 32]> {
    any::<[u8; 32]>().prop_filter("a scalar in 1..n", |bytes| agree_with(bytes, &generator()).is_ok())
}

/// Everything a record key is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Ingredients {
    share1: [u8; 32],
    share2: [u8; 32],
    c: Point,
    record: [u8; 16],
}

impl Ingredients {
    fn key(&self) -> RecordKey {
        record_key(&Share::new(self.share1), &Share::new(self.share2), &self.c, &RecordId::from(self.record)).unwrap()
    }
}

fn any_ingredients() -> impl Strategy<Value = Ingredients> {
    let made_of = |(share1, share2, c, record): ([u8; 32], [u8; 32], [u8; 32], [u8; 16])| Ingredients {
        share1,
        share2,
        c: public(&c),
        record,
    };
    (any::<[u8; 32]>(), any::<[u8; 32]>(), any_scalar(), any::<[u8; 16]>()).prop_map(made_of)
}

fn flip(bytes: &mut [u8], bit: usize) {
    bytes[bit / 8] ^= 1 << (bit % 8);
}

proptest! {
    #[test]
    fn any_flipped_bit_of_a_share_or_a_record_gives_another_key(made_of in any_ingredients(), bit in 0_usize..8 * 32) {
        let key = made_of.key();
        let mut others = [made_of; 3];
        flip(&mut others[0].share1, bit);
        flip(&mut others[1].share2, bit);
        flip(&mut others[2].record, bit % (8 * 16));
        for other in others {
            prop_assert!(other.key().as_bytes() != key.as_bytes());
        }
    }

    #[test]
    fn whatever_differs_gives_another_key(one in any_ingredients(), two in any_ingredients()) {
        let key = one.key();
        let swapped = Ingredients { share1: one.share2, share2: one.share1, ..one };
        let others = [swapped, Ingredients { c: two.c, ..one }, Ingredients { share1: two.share1, ..one }, two];
        for other in others.into_iter().filter(|other| *other != one) {
            prop_assert!(other.key().as_bytes() != key.as_bytes());
        }
    }

    #[test]
    fn only_the_r_that_was_sent_unblinds(s in any_scalar(), c in any_scalar(), r in any_scalar(), other in any_scalar()) {
        let (share2, point) = agree_with(&c, &public(&s)).unwrap();
        let (blinding, blinded) = Blinding::with(&r, &point).unwrap();
        // What the authority answers: x(s*B).
        let (answer, _) = agree_with(&s, &blinded).unwrap();
        let released = blinding.unblind(answer.as_bytes()).unwrap();
        prop_assert_eq!(released.as_bytes(), share2.as_bytes());
        let (wrong, other_blinded) = Blinding::with(&other, &point).unwrap();
        // r and n - r blind to points over one x, and unblind to the same; every other r does not.
        if other_blinded.as_bytes()[1..] != blinded.as_bytes()[1..] {
            let guess = wrong.unblind(answer.as_bytes()).unwrap();
            prop_assert_ne!(guess.as_bytes(), share2.as_bytes());
        }
        // Nor does an authority with another key.
        let (answer, _) = agree_with(&other, &blinded).unwrap();
        let (blinding, _) = Blinding::with(&r, &point).unwrap();
        let foreign = blinding.unblind(answer.as_bytes()).unwrap();
        prop_assert!(other == s || foreign.as_bytes() != share2.as_bytes());
    }

    #[test]
    fn any_flipped_bit_of_the_place_keeps_a_document_closed(
        made_of in any_ingredients(), document: [u8; 16], version: u32, plaintext: Vec<u8>, bit in 0_usize..8 * 16,
    ) {
        let (key, record) = (made_of.key(), made_of.record);
        let place = SealContext { record: record.into(), document: document.into(), version };
        let sealed = seal(&key, &place, &plaintext).unwrap();
        let (mut other_record, mut other_document) = (record, document);
        flip(&mut other_record, bit);
        flip(&mut other_document, bit);
        for wrong in [
            SealContext { record: other_record.into(), ..place },
            SealContext { document: DocumentId::from(other_document), ..place },
            SealContext { version: version ^ (1 << (bit % 32)), ..place },
        ] {
            prop_assert_eq!(open(&key, &wrong, &sealed).err(), Some(CryptoFault::Refused));
        }
        prop_assert_eq!(&*open(&key, &place, &sealed).unwrap(), &plaintext);
    }
}
