//! The emergency path.

fn main() {
    halligan_portal::path();
}
