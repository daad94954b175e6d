//! What the parts of the desk share: what was said, what is under way, and which cards take a press.

use std::collections::BTreeMap;

use halligan_shared::{
    id::{MemberId, RequestId},
    wire::Desk,
};
use leptos::prelude::*;

use super::{
    super::moving::Moving,
    bulk::{Group, groups},
    keys::Stroke,
};
use crate::components::Said;

/// What the cards share.
#[derive(Clone, Copy)]
pub(super) struct Acts {
    pub(super) said: RwSignal<Option<Said>>,
    /// The request whose denial is being written.
    pub(super) denying: RwSignal<Option<RequestId>>,
    /// The request whose decision waits for the passkey: one touch at a time.
    pub(super) signing: RwSignal<Option<RequestId>>,
    /// Whose scans this page is saying to be in order.
    pub(super) allowing: RwSignal<Option<MemberId>>,
    /// Whether cards have just moved.
    pub(super) moving: Moving,
    /// The incidents whose requests are decided together: their list stands open.
    pub(super) together: RwSignal<Vec<Group>>,
    /// The requests that such a list has, and which. Their own cards are put away meanwhile, so that each stands on the desk once. What is
    /// being denied is left out of the list, and keeps its card.
    pub(super) listed: Memo<BTreeMap<RequestId, Group>>,
    /// The card that a key was struck for, and which.
    pub(super) struck: RwSignal<Option<(RequestId, Stroke)>>,
    /// Whether what arrives is heard.
    pub(super) sound: RwSignal<bool>,
    /// What was typed of the denial.
    pub(super) written: RwSignal<String>,
    /// Whether keys are text that somebody goes on typing although its field is gone.
    pub(super) is_typed_on: RwSignal<bool>,
}

impl Acts {
    /// Those of the desk that shows this picture.
    pub(super) fn of(picture: RwSignal<Option<Desk>>) -> Self {
        let (denying, together) = (RwSignal::new(None), RwSignal::new(Vec::<Group>::new()));
        let listed = Memo::new(move |_| {
            let (denying, together) = (denying.get(), together.get());
            let groups = picture.with(|picture| picture.as_ref().map(groups).unwrap_or_default());
            let open = groups.into_iter().filter(|(group, _)| together.contains(group));
            let listed = open.flat_map(|(group, requests)| requests.into_iter().map(move |request| (request, group.clone())));
            listed.filter(|(request, _)| Some(*request) != denying).collect()
        });
        Self {
            said: RwSignal::new(None),
            denying,
            signing: RwSignal::new(None),
            allowing: RwSignal::new(None),
            moving: Moving::new(),
            together,
            listed,
            struck: RwSignal::new(None),
            sound: RwSignal::new(false),
            written: RwSignal::new(String::new()),
            is_typed_on: RwSignal::new(false),
        }
    }
}
