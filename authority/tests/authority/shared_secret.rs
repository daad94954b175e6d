//! `DeriveSharedSecret` against an independent computation, and the peers that are not points of P-256.

use aws_sdk_kms::{
    primitives::Blob,
    types::{KeyAgreementAlgorithmSpec, OriginType},
};
use p256::{
    PublicKey, SecretKey,
    elliptic_curve::sec1::ToSec1Point,
    pkcs8::{DecodePublicKey, EncodePublicKey},
};

use crate::support::{TestAuthority, code, session};

/// Everything before the point in a `SubjectPublicKeyInfo` of an uncompressed P-256 point (RFC 5480).
const SPKI_HEAD: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03,
    0x01, 0x07, 0x03, 0x42, 0x00,
];

struct Bench {
    authority: TestAuthority,
    decrypter: aws_sdk_kms::Client,
}

impl Bench {
    async fn start() -> Self {
        let authority = TestAuthority::start().await;
        let decrypter = authority.kms(session(&authority.decrypter().send().await.unwrap()));
        Self { authority, decrypter }
    }

    fn derive(&self, peer: Vec<u8>) -> aws_sdk_kms::operation::derive_shared_secret::builders::DeriveSharedSecretFluentBuilder {
        let request = self.decrypter.derive_shared_secret().key_id(&self.authority.connection.agreement_arn);
        request.key_agreement_algorithm(KeyAgreementAlgorithmSpec::Ecdh).public_key(Blob::new(peer))
    }
}

/// A scalar from its last byte; the tests need points, not secrets.
fn scalar(last: u8) -> SecretKey {
    let mut bytes = [0; 32];
    bytes[31] = last;
    SecretKey::from_slice(&bytes).unwrap()
}

#[tokio::test]
async fn both_sides_agree_on_the_raw_x_coordinate() {
    let bench = Bench::start().await;
    let key = &bench.authority.connection.agreement_arn;
    let backend = bench.authority.kms(bench.authority.backend());
    let public = backend.get_public_key().key_id(key).send().await.unwrap().public_key.unwrap();
    let authority_point = PublicKey::from_public_key_der(public.as_ref()).unwrap();
    for last in [1, 2, 77] {
        let ours = scalar(last);
        let peer = ours.public_key().to_public_key_der().unwrap().into_vec();
        let derived = bench.derive(peer).send().await.unwrap();
        // x(c * S), computed on the other side.
        let product = authority_point.to_projective() * *ours.to_nonzero_scalar();
        let expected = product.to_affine().to_sec1_point(false);
        assert_eq!(derived.shared_secret().unwrap().as_ref(), expected.x().unwrap().as_slice());
        assert_eq!(derived.key_origin(), Some(&OriginType::AwsKms));
    }
}

#[tokio::test]
async fn what_is_not_a_point_of_p256_is_refused() {
    let bench = Bench::start().await;
    let good = scalar(5).public_key().to_public_key_der().unwrap().into_vec();
    assert_eq!(good[..26], SPKI_HEAD);
    let spki = |point: &[u8]| [&SPKI_HEAD, point].concat();

    let mut off_curve = good.clone();
    off_curve[90] ^= 1;
    // x and y beyond the field's prime.
    let too_large = spki(&[&[4], [0xff; 64].as_slice()].concat());
    let zero = spki(&[&[4], [0; 64].as_slice()].concat());
    // The identity is one zero byte: SEC1 knows no other form of it.
    let identity = vec![
        0x30, 0x19, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d,
        0x03, 0x01, 0x07, 0x03, 0x02, 0x00, 0x00,
    ];
    // The same bytes said to be on secp256k1 (1.3.132.0.10).
    let mut other_curve = vec![
        0x30, 0x56, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x0a,
    ];
    other_curve.extend(&good[23..]);
    let trailing = [good.as_slice(), &[0]].concat();
    let raw_point = good[26..].to_vec();
    for (what, peer) in [
        ("off the curve", off_curve),
        ("coordinates too large", too_large),
        ("zero coordinates", zero),
        ("the identity", identity),
        ("another curve", other_curve),
        ("bytes behind", trailing),
        ("a bare point", raw_point),
        ("cut short", good[..90].to_vec()),
        ("nothing", Vec::new()),
        ("too long", vec![0x30; 8193]),
    ] {
        assert_eq!(code(bench.derive(peer.clone()).send().await), "ValidationException", "{what}");
        assert_eq!(code(bench.derive(peer).dry_run(true).send().await), "ValidationException", "{what}, dry");
    }
    assert_eq!(code(bench.derive(good).dry_run(true).send().await), "DryRunOperationException");
}

#[tokio::test]
async fn only_ecdh_with_the_agreement_key_derives() {
    let bench = Bench::start().await;
    let peer = scalar(5).public_key().to_public_key_der().unwrap().into_vec();
    let other = bench.derive(peer.clone()).key_agreement_algorithm(KeyAgreementAlgorithmSpec::from("HKDF")).send().await;
    assert_eq!(code(other), "ValidationException");
    assert_eq!(code(bench.derive(peer).key_id(&bench.authority.connection.kek_arn).send().await), "AccessDeniedException");
}
