//! Files that a person chose or dropped: names, lengths and bytes.
//!
//! Nothing is read before it is asked for, and nothing past a limit. The copy that JavaScript sees is overwritten as soon
//! as the bytes are in the module's own memory.

use js_sys::Uint8Array;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DragEvent, Event, File, FileList, HtmlInputElement};
use zeroize::Zeroizing;

/// Why there are no bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FileFault {
    /// Longer than the limit; nothing was read.
    #[error("The file is too large.")]
    TooLarge {
        /// Its length, in bytes.
        bytes: usize,
    },
    /// The browser could not read it: moved, deleted, or on a drive that is gone.
    #[error("The file cannot be read. Check that it is still where it was, and choose it again.")]
    Unreadable,
}

/// A file, not yet read.
pub struct Chosen(File);

impl Chosen {
    /// What the file is called.
    pub fn name(&self) -> String {
        self.0.name()
    }

    /// All of it, if it has at most `limit` bytes.
    pub async fn read(&self, limit: usize) -> Result<Zeroizing<Vec<u8>>, FileFault> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a length: whole, not negative, saturating")]
        let bytes = self.0.size() as usize;
        if bytes > limit {
            return Err(FileFault::TooLarge { bytes });
        }
        let buffer = JsFuture::from(self.0.array_buffer()).await.map_err(|_| FileFault::Unreadable)?;
        let copy = Uint8Array::new(&buffer);
        let content = Zeroizing::new(copy.to_vec());
        copy.fill(0, 0, copy.length());
        Ok(content)
    }
}

/// What was chosen in a file input, which is empty again afterwards: the same file can be chosen once more.
pub fn chosen(event: &Event) -> Vec<Chosen> {
    let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
    let Some(input) = input else { return Vec::new() };
    let files = of_list(input.files());
    input.set_value("");
    files
}

/// What was dropped.
pub fn dropped(event: &DragEvent) -> Vec<Chosen> {
    of_list(event.data_transfer().and_then(|transfer| transfer.files()))
}

fn of_list(files: Option<FileList>) -> Vec<Chosen> {
    files.map(|files| (0..files.length()).filter_map(|index| files.get(index)).map(Chosen).collect()).unwrap_or_default()
}
