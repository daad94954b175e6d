//! The desks' part of the portal.

fn main() {
    halligan_portal::desks();
}
