//! The module; what it does is the library's.

use halligan_pages as _;

fn main() {}
