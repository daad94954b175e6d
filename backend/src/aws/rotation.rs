//! Re-wrapping share 1 inside KMS, by a role that can do that and see nothing of it.

use aws_sdk_kms::primitives::Blob;
use aws_sdk_sts::types::Tag;
use halligan_shared::{
    id::{RecordId, SealingId},
    member::AgencyId,
};

use super::{Authority, AuthorityFault, CONTEXT, DURATION_SECONDS};

/// The session tag that the key's policy ties both sides of a re-wrapping to: without it, a share could be wrapped anew as another
/// record's, which would then open as that one.
const TAG: &str = "record";

/// A share to be wrapped anew.
pub struct Wrapped<'a> {
    /// The sealing: the role session's name.
    pub sealing: SealingId,
    /// The record, before and after: the encryption context.
    pub record: RecordId,
    /// W as it is.
    pub share: &'a [u8],
    /// The key that wraps it now, as the portal names it.
    pub from: &'a str,
    /// The key that is to.
    pub to: &'a str,
}

impl Authority {
    /// Whether the operator named a role for this.
    pub fn can_rewrap(&self) -> bool {
        self.settings.rotation_role.is_some()
    }

    /// W wrapped anew, for the same record; share 1 stays inside KMS. A session for this one record.
    pub async fn rewrap(&self, by: &AgencyId, wrapped: &Wrapped<'_>) -> Result<Vec<u8>, AuthorityFault> {
        let role = self.settings.rotation_role.as_deref().ok_or(AuthorityFault::Unusable("HALLIGAN_ROTATION_ROLE"))?;
        let record = wrapped.record.to_string();
        let tag = Tag::builder().key(TAG).value(&record).build().map_err(|_| AuthorityFault::Unusable("AssumeRole"))?;
        let budget = self.budget();
        let assume = self
            .sts
            .assume_role()
            .role_arn(role)
            .role_session_name(wrapped.sealing.to_string())
            .source_identity(by.as_str())
            .duration_seconds(DURATION_SECONDS)
            .tags(tag);
        let answer = budget.call("AssumeRole", assume.send()).await?;
        let rewrap = self
            .client_of(answer.credentials())?
            .re_encrypt()
            .ciphertext_blob(Blob::new(wrapped.share))
            .source_key_id(wrapped.from)
            .source_encryption_context(CONTEXT, &record)
            .destination_key_id(wrapped.to)
            .destination_encryption_context(CONTEXT, &record);
        let rewrapped = budget.call("ReEncrypt", rewrap.send()).await?;
        // It takes the place of the only copy of W: an answer by anything but that key, or an empty one, would be the record's end.
        let by_that_key = rewrapped.key_id() == Some(wrapped.to);
        let share = rewrapped.ciphertext_blob.map(Blob::into_inner).filter(|share| by_that_key && !share.is_empty());
        share.ok_or(AuthorityFault::Unusable("ReEncrypt"))
    }
}
