//! A file of the drill is drawn; what is no file is refused.

/// The electrocardiogram of the drill patient.
const ECG: &[u8] = include_bytes!("../../drill/ecg.pdf");

#[test]
fn a_page_is_drawn_as_wide_as_it_is_asked_for() {
    let paper = halligan_pages::open(ECG.to_vec()).unwrap();
    assert!(paper.pages() >= 1);
    let pixels = paper.pixels(0, 600.0).unwrap();
    assert!((598..=600).contains(&pixels.width), "{}", pixels.width);
    assert_eq!(pixels.rgba.len(), usize::try_from(pixels.width * pixels.height * 4).unwrap());
    assert!(pixels.rgba.chunks_exact(4).any(|pixel| pixel[0] < 128), "something stands on it");
    assert!(pixels.rgba.chunks_exact(4).all(|pixel| pixel[3] == 255), "on white");
    assert!(paper.pixels(paper.pages(), 600.0).is_none());
}

#[test]
fn no_size_is_too_large_to_be_refused() {
    let paper = halligan_pages::open(ECG.to_vec()).unwrap();
    for width in [0.0, -1.0, f32::NAN] {
        assert!(paper.pixels(0, width).is_none(), "{width}");
    }
    for width in [1e9, f32::INFINITY] {
        assert!(paper.pixels(0, width).is_some_and(|pixels| pixels.width.max(pixels.height) <= 2_560), "{width}");
    }
}

#[test]
fn what_is_no_file_is_refused() {
    for bytes in [&b""[..], b"%PDF-1.7", &ECG[..20]] {
        assert!(halligan_pages::open(bytes.to_vec()).is_none());
    }
}
