//! Bytes as something an element can show: an object URL that ends with its handle.
//!
//! The copy that JavaScript sees is overwritten at once; the browser's own copy goes when the URL is revoked and the
//! element that showed it is gone.

use js_sys::{Array, Uint8Array};
use web_sys::{Blob, BlobPropertyBag, Url};

/// An object URL, revoked when dropped.
pub struct ObjectUrl(String);

impl ObjectUrl {
    /// A URL for these bytes; `None` if the browser refuses.
    pub fn of(bytes: &[u8], media_type: &str) -> Option<Self> {
        let copy = Uint8Array::from(bytes);
        let options = BlobPropertyBag::new();
        options.set_type(media_type);
        let blob = Blob::new_with_u8_array_sequence_and_options(&Array::of1(&copy), &options);
        copy.fill(0, 0, copy.length());
        Url::create_object_url_with_blob(&blob.ok()?).ok().map(Self)
    }

    /// The URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Drop for ObjectUrl {
    fn drop(&mut self) {
        // Fails only for what is not an object URL.
        let _ = Url::revoke_object_url(&self.0);
    }
}
