//! Policies come into force at a start, and the log says so: who can change their files decides who opens what.

use halligan_shared::audit::Kind;
use serde_json::json;

use super::{Fault, Portal};
use crate::{domain::audit::Event, policy::Policies, store::PoliciesRow};

impl Portal {
    /// What everybody is judged by.
    pub fn policies(&self) -> &Policies {
        &self.settings().policies
    }

    /// Puts these policies in force, before anybody is judged by them. Where they are others than those that were, the log has both
    /// versions, the ids of all, and the text of what is new, and they judge at once what waits, and whose reviews are.
    pub async fn put_policies_in_force(&self) -> Result<(), Fault> {
        let policies = self.policies();
        let (mut unit, now) = self.begin_of_portal().await?;
        let former = unit.policies().await?;
        if former.as_ref().is_some_and(|former| former.version == policies.version()) {
            return Ok(());
        }
        let texts = policies.written().iter().map(|written| (written.id.clone(), written.text.clone())).collect();
        let row = PoliciesRow { version: policies.version().to_owned(), texts };
        let was = |id: &str| former.as_ref().and_then(|former| former.texts.get(id));
        let new: serde_json::Map<_, _> =
            row.texts.iter().filter(|(id, text)| was(id) != Some(*text)).map(|(id, text)| (id.clone(), json!(text))).collect();
        let gone: Vec<_> = former.iter().flat_map(|former| former.texts.keys()).filter(|id| !row.texts.contains_key(*id)).collect();
        let facts = json!({
            "former_version": former.as_ref().map(|former| &former.version),
            "version": row.version,
            "policies": row.texts.keys().collect::<Vec<_>>(),
            "new": new,
            "gone": gone,
        });
        unit.put_policies(&row, now).await?;
        unit.record(&Event::of_portal(Kind::PolicyChanged, facts), now).await?;
        self.judge_all(&mut unit, now).await?;
        self.settle_reviews(&mut unit, None, now).await?;
        self.commit(unit, Vec::new()).await
    }
}
