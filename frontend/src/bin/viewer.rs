//! The viewer of an open record.

fn main() {
    halligan_portal::viewer();
}
