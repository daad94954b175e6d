//! How fast a document is sealed and opened, in the module a browser runs (`make bench`). Natively there is nothing here.

fn main() {}

#[cfg(target_arch = "wasm32")]
mod module {
    #![expect(clippy::unwrap_used, reason = "a bench fails by panicking")]

    use std::hint::black_box;

    use halligan_shared::{
        bytes::Bytes,
        crypto::{Point, RecordKey, SealContext, Share, agree_with, open, record_key, seal},
        id::{DocumentId, RecordId},
    };
    use wasm_bindgen_test::{Criterion, wasm_bindgen_bench};

    /// A patient summary as it is, and a long attachment, in bytes.
    const LENGTHS: [(&str, usize); 2] = [("64 KiB", 64 << 10), ("4 MiB", 4 << 20)];

    /// The generator of P-256 (SEC 2, section 2.4.2): any point serves.
    const GENERATOR: &str = "036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296";

    #[wasm_bindgen_bench]
    fn documents(criterion: &mut Criterion) {
        let (key, place) = (key(), place());
        for (name, length) in LENGTHS {
            let plaintext = vec![0x5a; length];
            let sealed = seal(&key, &place, &plaintext).unwrap();
            criterion.bench_function(&format!("seal {name}"), |bencher| bencher.iter(|| black_box(seal(&key, &place, &plaintext))));
            criterion.bench_function(&format!("open {name}"), |bencher| bencher.iter(|| black_box(open(&key, &place, &sealed))));
        }
    }

    fn key() -> RecordKey {
        let generator = Point::try_from(Bytes::from_hex(GENERATOR).unwrap()).unwrap();
        let (share, point) = agree_with(&[7; 32], &generator).unwrap();
        record_key(&Share::new([1; 32]), &share, &point, &RecordId::from([3; 16])).unwrap()
    }

    fn place() -> SealContext {
        SealContext { record: RecordId::from([3; 16]), document: DocumentId::from([4; 16]), version: 1 }
    }
}
