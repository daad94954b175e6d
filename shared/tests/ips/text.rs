//! Text and narratives made safe.

use halligan_shared::ips::{clean, narrative};

#[test]
fn text_cannot_steer_the_display() {
    for (raw, expected) in [
        ("  a \t\r\n b ", "a b"),
        ("peni\u{202e}nillic\u{202c}", "peninillic"),
        ("a\u{0}b\u{7}c\u{1b}[31m\u{7f}\u{9b}", "abc[31m"),
        ("\u{2066}x\u{2069}\u{200f}\u{200e}\u{61c}\u{feff}\u{200b}\u{ad}", "x"),
        ("می\u{200c}روم", "می\u{200c}روم"),
        ("<b>bold</b>", "<b>bold</b>"),
        ("a\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}b", "a\u{301}\u{301}\u{301}\u{301}b"),
    ] {
        assert_eq!(clean(raw, 100), expected);
    }
    assert_eq!(clean("abcdef", 3), "abc…");
    assert_eq!(clean("abc", 3), "abc");
    assert_eq!(clean("abc def", 3), "abc…");
    assert_eq!(clean(&" ".repeat(1_000_000), 3), "");
}

#[test]
fn narratives_become_plain_text() {
    for (xhtml, expected) in [
        ("<div xmlns=\"x\"><p>One</p>\n  <p>Two &amp; three</p></div>", "One\nTwo & three"),
        ("<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></table>", "A · B ·\n1 · 2 ·"),
        ("&lt;script&gt;&#65;&#x42;&quot;&apos;&nbsp;&unknown; & &#xD800;", "<script>AB\"' &unknown; & &#xD800;"),
        ("&amp;lt;", "&lt;"),
        ("a<script>alert('<p>')</script>b<style>x{}</style>c<!-- <b>hidden</b> -->d", "abcd"),
        ("peni&#x202E;cillin&#0;", "penicillin"),
        ("cut <b unfinished", "cut"),
        ("a</script>b</style>c</script >d</style\n>e", "abcde"),
    ] {
        assert_eq!(narrative(xhtml, 1_000), expected);
    }
    assert!(narrative(&"<p>é".repeat(1_000_000), 50).chars().count() <= 51);
}
