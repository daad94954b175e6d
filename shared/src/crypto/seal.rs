//! Sealing: AES-256-GCM, bound to the record, the document and its version.

use aes_gcm::{
    Aes256Gcm, KeyInit,
    aead::{Aead, Payload},
};
use zeroize::Zeroizing;

use super::{CryptoFault, RecordKey};
use crate::id::{DocumentId, RecordId};

const LABEL: &[u8; 18] = b"halligan/v1/record";
const NONCE: usize = 12;
/// How much longer a sealed document is: nonce and tag, in bytes.
pub const OVERHEAD: usize = NONCE + 16;

/// What a sealed document is bound to: moved to any other place it does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealContext {
    /// The record.
    pub record: RecordId,
    /// The document in it.
    pub document: DocumentId,
    /// The version of the record.
    pub version: u32,
}

impl SealContext {
    /// aad = "halligan/v1/record" || record id (16) || document id (16) || version (u32, big-endian)
    fn aad(&self) -> [u8; 54] {
        let mut aad = [0; 54];
        let parts =
            LABEL.iter().chain(self.record.as_bytes()).chain(self.document.as_bytes()).copied().chain(self.version.to_be_bytes());
        aad.iter_mut().zip(parts).for_each(|(byte, part)| *byte = part);
        aad
    }
}

/// sealed = nonce || AES-256-GCM(key, nonce, plaintext, aad)
///
/// SP 800-38D with a random 96-bit nonce. A key seals one version of one record, a few dozen documents at most; the
/// bound for random nonces is 2^32 messages a key.
pub fn seal(key: &RecordKey, context: &SealContext, plaintext: &[u8]) -> Result<Vec<u8>, CryptoFault> {
    let mut nonce = [0; NONCE];
    getrandom::fill(&mut nonce)?;
    seal_with(nonce, key, context, plaintext)
}

/// [`seal`] with the nonce given. Two documents under one nonce and key would betray both: for vectors only.
#[doc(hidden)]
pub fn seal_with(nonce: [u8; NONCE], key: &RecordKey, context: &SealContext, plaintext: &[u8]) -> Result<Vec<u8>, CryptoFault> {
    let payload = Payload { msg: plaintext, aad: &context.aad() };
    let sealed = cipher(key)?.encrypt(&nonce.into(), payload).map_err(|_| CryptoFault::Refused)?;
    Ok([nonce.as_slice(), &sealed].concat())
}

/// plaintext, or a refusal that does not say why.
pub fn open(key: &RecordKey, context: &SealContext, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoFault> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE>().ok_or(CryptoFault::Refused)?;
    let payload = Payload { msg: sealed, aad: &context.aad() };
    cipher(key)?.decrypt(&(*nonce).into(), payload).map(Zeroizing::new).map_err(|_| CryptoFault::Refused)
}

fn cipher(key: &RecordKey) -> Result<Aes256Gcm, CryptoFault> {
    Aes256Gcm::new_from_slice(key.as_bytes()).map_err(|_| CryptoFault::Refused)
}
