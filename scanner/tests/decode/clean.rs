//! Codes that are there are read, exactly.

use halligan_decoder::{Look, Reader};

use crate::picture::{Scene, TEXT};

fn reads(scene: Scene, text: &str) -> bool {
    let read = scene.of(text).and_then(|frame| Reader::default().read(&frame));
    read.is_some_and(|read| *read == text)
}

#[test]
fn near_and_far() {
    for module in [1.5, 2.0, 3.3, 5.0, 8.0, 12.0] {
        assert!(reads(Scene { module, ..Scene::default() }, TEXT), "{module} pixels a module");
    }
    let near = Scene { width: 1280, height: 720, module: 20.0, ..Scene::default() };
    assert!(reads(near, TEXT), "a code that fills the frame");
}

#[test]
fn turned_any_way() {
    for angle in (0..360).step_by(15) {
        assert!(reads(Scene { angle: f64::from(angle), ..Scene::default() }, TEXT), "{angle} degrees");
    }
}

#[test]
fn out_of_focus() {
    for blur in 1..=3 {
        assert!(reads(Scene { module: 6.0, blur, angle: 10.0, ..Scene::default() }, TEXT), "a radius of {blur}");
    }
}

#[test]
fn pale() {
    for ink in [(0, 255), (90, 150), (120, 250), (5, 60)] {
        assert!(reads(Scene { ink, ..Scene::default() }, TEXT), "{ink:?}");
    }
    // A local threshold takes so little contrast beside so much white for grain; one for all does not.
    let faint = Scene { ink: (200, 250), ..Scene::default() }.of(TEXT).unwrap();
    assert!(Look::Global.read(&faint).is_some_and(|read| *read == TEXT));
}

#[test]
fn white_on_black_in_its_turn() {
    let frame = Scene { ink: (230, 20), ..Scene::default() }.of(TEXT).unwrap();
    assert!(Look::Plain.read(&frame).is_none());
    assert_eq!(Look::Inverted.read(&frame).as_deref().map(String::as_str), Some(TEXT));
    let mut reader = Reader::default();
    assert!((0..5).any(|_| reader.read(&frame).is_some()), "the turn comes within five frames");
}

#[test]
fn every_look_but_the_inverted_reads_a_plain_code() {
    let frame = Scene { angle: 5.0, ..Scene::default() }.of(TEXT).unwrap();
    for look in [Look::Plain, Look::Turned, Look::Closed, Look::Middle, Look::Global] {
        assert!(look.read(&frame).is_some_and(|read| *read == TEXT), "{look:?}");
    }
}

#[test]
fn upright_frames_and_odd_sides() {
    for (width, height) in [(720, 1280), (301, 533), (533, 301), (259, 257)] {
        assert!(reads(Scene { width, height, ..Scene::default() }, TEXT), "{width} by {height}");
    }
}

#[test]
fn other_texts() {
    for text in ["0", "0123-4567-89AB-CDEF-GHJK-MNPQ-RSTV", "grüß dich, 世界", &"9".repeat(300)] {
        assert!(reads(Scene { module: 4.0, ..Scene::default() }, text), "{text}");
    }
}

#[test]
fn of_two_codes_the_one_aimed_at() {
    let scene = Scene { module: 4.0, width: 800, ..Scene::default() };
    for order in [["aside, but first", "in the middle"], ["in the middle", "aside, but first"]] {
        let codes = order.map(|text| (text, if text.starts_with("in") { (20.0, 10.0) } else { (-240.0, -90.0) }));
        let read = scene.of_several(&codes).and_then(|frame| Reader::default().read(&frame));
        assert_eq!(read.as_deref().map(String::as_str), Some("in the middle"));
    }
    assert!(reads(Scene { aside: (-240.0, -90.0), ..scene }, TEXT), "alone, it is read anywhere");
}
