//! Re-wrapping share 1 inside KMS, by a role that can do that and see nothing of it.

use aws_sdk_kms::primitives::Blob;
use aws_sdk_sts::{operation::assume_role::builders::AssumeRoleFluentBuilder, types::Tag};
use halligan_shared::{
    id::{RecordId, SealingId},
    member::AgencyId,
};
use time::OffsetDateTime;

use super::{Authority, AuthorityFault, CONTEXT, DURATION_SECONDS};

/// The session tag that the key's policy ties both sides of a re-wrapping to: without it, a share could be wrapped anew as another
/// record's, which would then open as that one.
const TAG: &str = "record";
/// The name of the session that looks at the key and wraps nothing.
const LOOK: &str = "halligan-rotation";

/// A share to be wrapped anew.
pub struct Rewrap<'a> {
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

/// The material of a key, as KMS tells of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Material {
    /// How often it was replaced, on demand and by the calendar.
    pub replaced: u64,
    /// When it was, last.
    pub since: Option<OffsetDateTime>,
    /// Since when KMS makes new material: until it is done, it wraps by what it has.
    pub under_way: Option<OffsetDateTime>,
}

impl Authority {
    /// Whether the operator named a role for this.
    pub fn can_rewrap(&self) -> bool {
        self.settings.rotation_role.is_some()
    }

    /// Which material this key wraps by. Asked by the same role, in a session for no record.
    pub async fn material(&self, by: &AgencyId, kek: &str) -> Result<Material, AuthorityFault> {
        let budget = self.budget();
        let answer = budget.call("AssumeRole", self.assume_rotation(LOOK, by)?.send()).await?;
        let kms = self.client_of(answer.credentials())?;
        let status = budget.call("GetKeyRotationStatus", kms.get_key_rotation_status().key_id(kek).send()).await?;
        let listed = budget.call("ListKeyRotations", kms.list_key_rotations().key_id(kek).send()).await?;
        // KMS lists a hundred at once: 25 are on demand, and the calendar's are one a year.
        if listed.truncated() {
            return Err(AuthorityFault::Unusable("ListKeyRotations"));
        }
        let instant = |at: &aws_sdk_kms::primitives::DateTime| OffsetDateTime::from_unix_timestamp(at.secs()).ok();
        Ok(Material {
            replaced: listed.rotations().len() as u64,
            since: listed.rotations().iter().filter_map(|rotation| instant(rotation.rotation_date()?)).max(),
            under_way: status.on_demand_rotation_start_date().map(|at| instant(at).unwrap_or(OffsetDateTime::UNIX_EPOCH)),
        })
    }

    /// The role that wraps anew, and for whom.
    fn assume_rotation(&self, session: &str, by: &AgencyId) -> Result<AssumeRoleFluentBuilder, AuthorityFault> {
        let role = self.settings.rotation_role.as_deref().ok_or(AuthorityFault::Unusable("HALLIGAN_ROTATION_ROLE"))?;
        Ok(self
            .sts
            .assume_role()
            .role_arn(role)
            .role_session_name(session)
            .source_identity(by.as_str())
            .duration_seconds(DURATION_SECONDS))
    }

    /// W wrapped anew, for the same record; share 1 stays inside KMS. A session for this one record.
    pub async fn rewrap(&self, by: &AgencyId, wrapped: &Rewrap<'_>) -> Result<Vec<u8>, AuthorityFault> {
        let record = wrapped.record.to_string();
        let tag = Tag::builder().key(TAG).value(&record).build().map_err(|_| AuthorityFault::Unusable("AssumeRole"))?;
        let budget = self.budget();
        let assume = self.assume_rotation(&wrapped.sealing.to_string(), by)?.tags(tag);
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
