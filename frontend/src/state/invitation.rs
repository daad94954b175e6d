//! The token of the invitation this page was opened with. In memory only, and only until it is used.

use halligan_shared::wire::InvitationToken;
use leptos::prelude::*;
use zeroize::Zeroizing;

/// The invitation, if the page was opened by one.
#[derive(Clone, Copy)]
pub struct Invited {
    token: StoredValue<Option<Zeroizing<String>>, LocalStorage>,
    links: RwSignal<u32>,
}

impl Invited {
    /// Provides it, empty.
    pub fn provide() -> Self {
        let invited = Self { token: StoredValue::new_local(None), links: RwSignal::new(0) };
        provide_context(invited);
        invited
    }

    /// Keeps a token.
    pub fn keep(&self, token: Zeroizing<String>) {
        self.token.set_value(Some(token));
        self.links.update(|links| *links = links.wrapping_add(1));
    }

    /// Counts the links opened, and tells of another one: it can be opened in the tab that shows the first.
    pub fn links(&self) -> Signal<u32> {
        self.links.into()
    }

    /// The token, as the wire takes it.
    pub fn token(&self) -> Option<InvitationToken> {
        self.token.with_value(|token| token.as_ref().map(|token| InvitationToken { token: token.to_string() }))
    }

    /// Forgets it.
    pub fn forget(&self) {
        self.token.set_value(None);
    }
}

/// The invitation of this page.
pub fn use_invited() -> Invited {
    expect_context()
}
