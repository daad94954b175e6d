//! The token of the invitation this page was opened with. In memory only, and only until it is used.

use halligan_shared::wire::InvitationToken;
use leptos::prelude::*;
use zeroize::Zeroizing;

/// The invitation, if the page was opened by one.
#[derive(Clone, Copy)]
pub struct Invited(StoredValue<Option<Zeroizing<String>>, LocalStorage>);

impl Invited {
    /// Provides it, empty.
    pub fn provide() -> Self {
        let invited = Self(StoredValue::new_local(None));
        provide_context(invited);
        invited
    }

    /// Keeps a token.
    pub fn keep(&self, token: Zeroizing<String>) {
        self.0.set_value(Some(token));
    }

    /// The token, as the wire takes it.
    pub fn token(&self) -> Option<InvitationToken> {
        self.0.with_value(|token| token.as_ref().map(|token| InvitationToken { token: token.to_string() }))
    }

    /// Forgets it.
    pub fn forget(&self) {
        self.0.set_value(None);
    }
}

/// The invitation of this page.
pub fn use_invited() -> Invited {
    expect_context()
}
