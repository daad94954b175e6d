//! Pictures without a code, or made to cost time: nothing is read, nothing panics, and all of it ends.

use halligan_decoder::{Frame, IN_TURN, Look, Reader};

use crate::picture::{Scene, TEXT, noise, pattern};

/// Whether anything is seen in as many frames as it takes for each look to have its turn.
fn sees(frame: &Frame) -> bool {
    let mut reader = Reader::default();
    (0..IN_TURN.len()).any(|_| reader.read(frame).is_some())
}

#[test]
fn empty_and_flat_frames() {
    for (width, height) in [(0, 0), (0, 9), (9, 0), (1, 1), (640, 480)] {
        for grey in [0, 128, 255] {
            let frame = Frame::from_luma(width, height, vec![grey; width * height]).unwrap();
            assert!(!sees(&frame), "{width} by {height}, {grey}");
        }
    }
}

#[test]
fn frames_of_every_small_size() {
    for width in 0..48 {
        for height in [0, 1, 2, 3, 20, 21, 22, 39, 40, 41, 47] {
            let frame = noise(width, height, 7).unwrap();
            for look in [Look::Plain].into_iter().chain(IN_TURN) {
                assert!(look.read(&frame).is_none(), "{look:?}, {width} by {height}");
            }
        }
    }
}

#[test]
fn slivers() {
    for (width, height) in [(4000, 21), (21, 4000), (4000, 1), (1, 4000), (641, 43)] {
        assert!(!sees(&noise(width, height, 3).unwrap()), "{width} by {height}");
    }
}

#[test]
fn noise_of_many_kinds() {
    for seed in 1..=12 {
        assert!(!sees(&noise(320, 240, seed).unwrap()), "seed {seed}");
    }
}

#[test]
fn lattices_and_stripes() {
    for period in 1..=7 {
        let lattice = pattern(320, 240, |x, y| (x / period + y / period) % 2 == 0).unwrap();
        let stripes = pattern(320, 240, |x, _| (x / period) % 2 == 0).unwrap();
        assert!(!sees(&lattice) && !sees(&stripes), "{period}");
    }
}

/// Finder patterns edge to edge: each of thousands could belong to a code with any two of the others.
#[test]
fn a_wall_of_finder_patterns_ends() {
    for module in [1, 2, 3] {
        let wall = pattern(960, 540, |x, y| {
            let (column, row) = ((x / module) % 9, (y / module) % 9);
            let ring = usize::max(column.abs_diff(3), row.abs_diff(3));
            ring <= 1 || ring == 3 && column < 7 && row < 7
        });
        assert!(!sees(&wall.unwrap()), "{module} pixels a module");
    }
}

#[test]
fn half_a_code_is_none() {
    let scene = Scene { aside: (280.0, 0.0), ..Scene::default() };
    assert!(!sees(&scene.of(TEXT).unwrap()));
}

/// A code is exact or it is nothing: with modules flipped at random, no other text ever comes out.
#[test]
fn a_spoilt_code_is_never_another_text() {
    let clean = Scene { module: 6.0, ..Scene::default() }.of(TEXT).unwrap();
    for seed in 1..=40 {
        let spots = noise(clean.width() / 6 + 1, clean.height() / 6 + 1, seed).unwrap();
        let threshold = u8::try_from(4 * seed).unwrap();
        let spoilt = (0..clean.luma().len()).map(|i| {
            let (column, row) = (i % clean.width() / 6, i / clean.width() / 6);
            let is_hit = spots.luma()[row * spots.width() + column] < threshold;
            if is_hit { 255 - clean.luma()[i] } else { clean.luma()[i] }
        });
        let frame = Frame::from_luma(clean.width(), clean.height(), spoilt.collect()).unwrap();
        for look in [Look::Plain].into_iter().chain(IN_TURN) {
            assert!(look.read(&frame).is_none_or(|read| *read == TEXT), "seed {seed}, {look:?}");
        }
    }
}
