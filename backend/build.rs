//! Has the program built anew when the pages were: they are part of it.
//!
//! Cargo follows the files that were embedded, but not a folder that was missing, nor a file that is new in it. A debug build
//! reads the pages when it runs, so that it need not be built anew for them.

const PAGES: &str = "../frontend/dist";

fn main() {
    // A debug build keeps the folder's canonical path, and finds nothing in a folder that was missing when it was built.
    // Where it cannot be made, the program says that it has no pages.
    let _ = std::fs::create_dir_all(PAGES);
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!("cargo::rerun-if-changed={PAGES}");
    }
}
