//! The Web Worker: a picture of the camera in, the text of a QR code or nothing out.
//!
//! It says `ready` once, and then answers each picture with the UTF-8 bytes of a text, with `null`, or with `unreadable` where
//! the browser does not let it have the pixels.
//! Guarantees that nothing it saw outlives the answer: pixels are overwritten, and so is all freed memory.

mod worker;

use std::alloc::System;

use zeroizing_alloc::ZeroAlloc;

#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

fn main() {
    // Fails only where this is no worker, and there nobody waits for an answer.
    let _ = worker::start();
}
