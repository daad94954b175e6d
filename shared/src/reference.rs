//! References: the 128 random bits on a bracelet, and the text a person can read out over a radio.
//!
//! text = 26 Crockford base32 symbols (130 bits, the last two zero) + 2 check symbols, in seven groups of four.
//!
//! The check symbols make every text a codeword of a Reed-Solomon code over GF(32), of distance 3: any one or two
//! wrong symbols are caught, and so every single error and every transposition, adjacent or not. The alphabet has no
//! I, L, O and U; what looks like one of its symbols is folded into it (Crockford, "Base 32").

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{bytes::Bytes, id::RecordId};

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Symbols that carry the 128 bits.
pub(crate) const DATA: usize = 26;
/// The bits of the last data symbol that carry nothing: 26 * 5 - 128 = 2.
pub(crate) const SPARE: u8 = 0b11;
/// Symbols of a whole reference.
pub const SYMBOLS: usize = DATA + 2;
/// Symbols in a group.
pub const GROUP: usize = 4;
/// Longest text that is looked at: every symbol with a separator of three bytes on both sides fits.
pub const TEXT_MAX: usize = 256;

/// What a bracelet carries. Worthless alone, but never printed, logged or stored except on the bracelet itself.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Reference([u8; 16]);

/// digest = SHA-256("halligan/v1/reference" || reference): what names a record to the backend. With
/// [`Reference::binding`] all that ever leaves the browser and all that is stored.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct ReferenceDigest(Bytes<32>);

/// What is wrong with a typed reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceFault {
    /// Nothing typed.
    #[error("Type the characters printed under the code on the bracelet.")]
    Empty,
    /// Fewer symbols than a reference has.
    #[error("{missing} of 28 characters are still missing.")]
    TooShort {
        /// How many.
        missing: usize,
    },
    /// More symbols than a reference has.
    #[error("That is more than the 28 characters of a bracelet.")]
    TooLong,
    /// A character no bracelet carries.
    #[error("Character {position} is not one that bracelets use.")]
    ForeignCharacter {
        /// Which, from 1, separators not counted.
        position: usize,
    },
    /// The check symbols do not fit.
    #[error("One or more characters are wrong. Compare each group of four with the bracelet.")]
    CheckFailed,
}

impl Reference {
    /// A new reference, from the platform's source of randomness.
    ///
    /// # Errors
    /// When that source fails.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut reference = Self([0; 16]);
        getrandom::fill(&mut reference.0)?;
        Ok(reference)
    }

    /// The reference of these bits.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Reads what a person typed: lower case, with or without separators, look-alikes folded.
    pub fn parse(text: &str) -> Result<Self, ReferenceFault> {
        let symbols = symbols_of(text)?;
        match symbols.len() {
            0 => Err(ReferenceFault::Empty),
            n @ 1..SYMBOLS => Err(ReferenceFault::TooShort { missing: SYMBOLS - n }),
            SYMBOLS => Self::from_symbols(&symbols),
            _ => Err(ReferenceFault::TooLong),
        }
    }

    /// digest = SHA-256("halligan/v1/reference" || reference)
    pub fn digest(&self) -> ReferenceDigest {
        let digest = Sha256::new_with_prefix(b"halligan/v1/reference").chain_update(self.0);
        ReferenceDigest(Bytes(digest.finalize().into()))
    }

    /// binding = SHA-256("halligan/v1/bracelet" || reference (16 bytes) || record id (16 bytes))
    ///
    /// Ties a bracelet to its record: made where the bracelet is made, kept in the store beside the digest, and made again
    /// by the page that read the bracelet, which signs nothing unless both are equal. The digest alone says which row the
    /// portal looked up and nothing of where the row points; without this, whoever can write to the store could have the
    /// wrong patient's record opened. A binding for another record takes the reference itself.
    ///
    /// It may be stored and shown as the digest may: the reference is 128 random bits, too many to try, and the record id
    /// is no secret.
    pub fn binding(&self, record: &RecordId) -> Bytes<32> {
        let digest = Sha256::new_with_prefix(b"halligan/v1/bracelet").chain_update(self.0).chain_update(record.as_bytes());
        Bytes(digest.finalize().into())
    }

    /// Seven groups of four, as printed under the code.
    pub fn to_text(&self) -> Zeroizing<String> {
        grouped(&self.to_compact())
    }

    /// 28 symbols without separators, as the code holds them.
    pub fn to_compact(&self) -> Zeroizing<String> {
        let mut symbols = Zeroizing::new([0u8; SYMBOLS]);
        for (i, symbol) in symbols.iter_mut().take(DATA).enumerate() {
            *symbol = (0..5).fold(0, |value, bit| (value << 1) | self.bit(5 * i + bit));
        }
        let [first, second] = check_symbols(&symbols);
        let mut compact = Zeroizing::new(String::with_capacity(SYMBOLS));
        compact.extend(symbols.iter().take(DATA).chain([&first, &second]).map(|symbol| letter(*symbol)));
        compact
    }

    /// Bit `i`, most significant first; zero past the end.
    fn bit(&self, i: usize) -> u8 {
        self.0.get(i / 8).map_or(0, |byte| (byte >> (7 - i % 8)) & 1)
    }

    fn from_symbols(symbols: &[u8]) -> Result<Self, ReferenceFault> {
        if syndromes(symbols) != [0, 0] {
            return Err(ReferenceFault::CheckFailed);
        }
        let mut reference = Self([0; 16]);
        let bits = symbols.iter().take(DATA).flat_map(|symbol| (0..5).rev().map(move |bit| (symbol >> bit) & 1));
        for (i, bit) in bits.enumerate() {
            match reference.0.get_mut(i / 8) {
                Some(byte) => *byte |= bit << (7 - i % 8),
                // The two spare bits: one text for one reference, so they must be zero.
                None if bit != 0 => return Err(ReferenceFault::CheckFailed),
                None => {}
            }
        }
        Ok(reference)
    }
}

impl ReferenceDigest {
    /// The bytes, for the store.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0.0
    }
}

impl fmt::Debug for ReferenceDigest {
    // A digest finds the record as well as the reference does: it is not for logs either.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReferenceDigest")
    }
}

fn grouped(compact: &str) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(compact.len() + compact.len() / GROUP));
    for (i, symbol) in compact.chars().enumerate() {
        if i > 0 && i % GROUP == 0 {
            text.push('-');
        }
        text.push(symbol);
    }
    text
}

fn symbols_of(text: &str) -> Result<Zeroizing<Vec<u8>>, ReferenceFault> {
    if text.len() > TEXT_MAX {
        return Err(ReferenceFault::TooLong);
    }
    let mut symbols = Zeroizing::new(Vec::with_capacity(TEXT_MAX));
    for c in text.chars().filter(|c| !is_separator(*c)) {
        let symbol = value_of(c).ok_or(ReferenceFault::ForeignCharacter { position: symbols.len() + 1 })?;
        symbols.push(symbol);
    }
    Ok(symbols)
}

pub(crate) fn is_separator(c: char) -> bool {
    // Hyphens of every kind that keyboards and autocorrection produce.
    c.is_whitespace() || matches!(c, '-' | '.' | '_' | '\u{2010}'..='\u{2015}')
}

/// The letter of a symbol, 0 to 31.
pub(crate) fn letter(symbol: u8) -> char {
    ALPHABET.get(usize::from(symbol)).copied().map_or('?', char::from)
}

pub(crate) fn value_of(c: char) -> Option<u8> {
    let folded = match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    ALPHABET.iter().position(|symbol| char::from(*symbol) == folded).and_then(|i| u8::try_from(i).ok())
}

/// a * 2 in GF(32) = GF(2)[x] / (x^5 + x^2 + 1), a primitive polynomial: 2 generates all 31 nonzero elements, so the
/// 28 positions have 28 different locators.
const fn double(a: u8) -> u8 {
    let shifted = a << 1;
    if shifted & 0b10_0000 == 0 { shifted } else { shifted ^ 0b10_0101 }
}

/// (sum of `c_i`, sum of `c_i` * 2^i), `i` counted from the last symbol: both zero for a codeword.
fn syndromes(symbols: &[u8]) -> [u8; 2] {
    symbols.iter().fold([0, 0], |[plain, weighted], symbol| [plain ^ symbol, double(weighted) ^ symbol])
}

/// The two symbols that bring both syndromes to zero: with p and w the syndromes of the data followed by 0 0,
/// a + b = p and 2a + b = w, so 3a = p + w.
fn check_symbols(symbols: &[u8; SYMBOLS]) -> [u8; 2] {
    let [plain, weighted] = syndromes(symbols);
    let sum = plain ^ weighted;
    let first = (0..32).find(|a| double(*a) ^ a == sum).unwrap_or(0);
    [first, plain ^ first]
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SAMPLE: [u8; 16] = [0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff];

    fn bytes_of(text: &str) -> Result<[u8; 16], ReferenceFault> {
        Reference::parse(text).map(|reference| reference.0)
    }

    #[test]
    fn every_bit_of_a_new_reference_is_random() {
        // That a bit stays the same has a chance of 2^-127.
        let (mut ever, mut always) = (0, u128::MAX);
        for _ in 0..128 {
            let bits = u128::from_be_bytes(Reference::random().unwrap().0);
            (ever, always) = (ever | bits, always & bits);
        }
        assert_eq!((ever, always), (u128::MAX, 0));
    }

    #[test]
    fn every_single_error_and_every_transposition_is_caught() {
        let compact: Vec<u8> = Reference(SAMPLE).to_compact().bytes().collect();
        for i in 0..SYMBOLS {
            for symbol in ALPHABET.iter().filter(|symbol| **symbol != compact[i]) {
                let mut wrong = compact.clone();
                wrong[i] = *symbol;
                assert!(bytes_of(std::str::from_utf8(&wrong).unwrap()).is_err(), "symbol {i}");
            }
            for j in 0..i {
                let mut wrong = compact.clone();
                wrong.swap(i, j);
                let read = bytes_of(std::str::from_utf8(&wrong).unwrap());
                assert_eq!(read.is_ok(), compact[i] == compact[j], "{i} and {j} swapped");
            }
        }
    }

    #[test]
    fn every_double_error_is_caught() {
        let symbols: Vec<u8> = symbols_of(&Reference(SAMPLE).to_compact()).unwrap().to_vec();
        for i in 0..SYMBOLS {
            for j in 0..i {
                for a in 1..32 {
                    for b in 1..32 {
                        let mut wrong = symbols.clone();
                        wrong[i] ^= a;
                        wrong[j] ^= b;
                        assert_ne!(syndromes(&wrong), [0, 0], "{i} by {a}, {j} by {b}");
                    }
                }
            }
        }
    }

    #[test]
    fn spare_bits_are_not_a_second_spelling() {
        let mut symbols = [0; SYMBOLS];
        symbols[DATA - 1] = 1;
        let [first, second] = check_symbols(&symbols);
        symbols[DATA] = first;
        symbols[DATA + 1] = second;
        assert_eq!(syndromes(&symbols), [0, 0]);
        assert_eq!(Reference::from_symbols(&symbols).map(|_| ()), Err(ReferenceFault::CheckFailed));
    }

    #[test]
    fn faults_say_where() {
        assert_eq!(bytes_of(" - "), Err(ReferenceFault::Empty));
        assert_eq!(bytes_of("0123-4"), Err(ReferenceFault::TooShort { missing: 23 }));
        assert_eq!(bytes_of("01U3"), Err(ReferenceFault::ForeignCharacter { position: 3 }));
        assert_eq!(bytes_of("0123-45\u{0661}"), Err(ReferenceFault::ForeignCharacter { position: 7 }));
        assert_eq!(bytes_of(&"0".repeat(29)), Err(ReferenceFault::TooLong));
        assert_eq!(bytes_of(&"0".repeat(1_000_000)), Err(ReferenceFault::TooLong));
    }

    #[test]
    fn text_is_looked_at_up_to_its_bound() {
        let printed = Reference(SAMPLE).to_text();
        assert_eq!(printed.split('-').map(str::len).collect::<Vec<_>>(), [GROUP; SYMBOLS / GROUP]);
        let longest = format!("{}{}", printed.as_str(), " ".repeat(TEXT_MAX - printed.len()));
        assert_eq!(bytes_of(&longest), Ok(SAMPLE));
        assert_eq!(bytes_of(&format!("{longest} ")), Err(ReferenceFault::TooLong));
    }

    #[test]
    fn a_digest_is_not_for_logs() {
        assert_eq!(format!("{:?}", Reference(SAMPLE).digest()), "ReferenceDigest");
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back_however_it_is_typed(bytes: [u8; 16], lower: bool, separator in "[-_. \u{2013}]{0,3}") {
            let printed = Reference(bytes).to_text().replace('-', &separator).replace('0', "o").replace('1', "l");
            let typed = if lower { printed.to_lowercase() } else { printed };
            prop_assert_eq!(bytes_of(&typed), Ok(bytes));
        }

        #[test]
        fn no_text_breaks_the_reader(text: String) {
            let _ = Reference::parse(&text);
        }
    }
}
