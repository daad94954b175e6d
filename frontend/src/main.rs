//! The responder's part of the portal.

fn main() {
    halligan_portal::responders();
}
