//! The halligan command.

fn main() {}
