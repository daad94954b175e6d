//! Names of things, one type each, so that a grant's id can never be passed where a request's is meant.
//!
//! Ids of rows are UUID version 7 (RFC 9562): they sort by time and say nothing else. Ids that the record's
//! cryptography binds are 16 random bytes, written as 32 lower-case hexadecimal digits.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The text is not an id of this kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a valid id")]
pub struct NotAnId;

macro_rules! row_id {
    ($(#[$doc:meta] $name:ident)*) => {$(
        #[$doc]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id, unlike any other.
            pub fn fresh() -> Self {
                Self(Uuid::now_v7())
            }

            /// The id as a UUID.
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                Uuid::try_parse(text).map(Self).map_err(|_| NotAnId)
            }
        }
    )*};
}

row_id! {
    /// A member.
    MemberId
    /// One stay of a member in one browser, from sign-in to sign-out; survives the rotation of the cookie.
    SignInId
    /// A passkey ceremony that waits for its answer.
    CeremonyId
    /// An access request.
    RequestId
    /// A grant. Also the role session name at STS.
    GrantId
    /// A sealing in progress: documents uploaded, not yet a version of a record.
    SealingId
    /// One passkey of a member, as the store names it.
    PasskeyId
    /// A lockdown, from the proposal that begins it to the one that lifts it.
    LockdownId
    /// An admin's proposal to begin or lift a lockdown.
    ProposalId
    /// A rotation of the key that wraps share 1.
    RotationId
    /// An invitation that nobody has used yet. Says nothing of its link.
    InvitationId
    /// A drill that an agency runs, from its beginning to its end.
    DrillId
    /// A notice. Also what a device shows it under, and how a push service knows what replaces what.
    NoticeId
    /// A device that is told by push.
    PushDeviceId
    /// The replacement of a member's passkeys, from an admin's proposal to its end.
    ReenrolmentId
}

macro_rules! sealed_id {
    ($(#[$doc:meta] $name:ident)*) => {$(
        #[$doc]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(extend("pattern" = "^[0-9a-f]{32}$")))]
        #[serde(try_from = "String", into = "String")]
        pub struct $name([u8; 16]);

        impl $name {
            /// 16 bytes from the platform's source of randomness.
            ///
            /// # Errors
            /// When that source fails; nothing should go on without it.
            pub fn random() -> Result<Self, getrandom::Error> {
                let mut bytes = [0; 16];
                getrandom::fill(&mut bytes)?;
                Ok(Self(bytes))
            }

            /// The bytes that keys and associated data bind.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl From<[u8; 16]> for $name {
            fn from(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                crate::bytes::from_hex(text).map(Self).ok_or(NotAnId)
            }
        }

        impl TryFrom<String> for $name {
            type Error = NotAnId;

            fn try_from(text: String) -> Result<Self, NotAnId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }
    )*};
}

sealed_id! {
    /// A record: stable for its life, whatever bracelet names it. What KMS policy and every key bind.
    RecordId
    /// A document inside one version of a record.
    DocumentId
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_ids_read_back_only_what_they_print() {
        let id = RecordId::from([0xab; 16]);
        assert_eq!(id.to_string().parse(), Ok(id));
        for hostile in ["", "ab", &"AB".repeat(16), &"zz".repeat(16), &"ab".repeat(17), "äbcdefabcdefabcdefabcdefabcdefab"] {
            assert_eq!(hostile.parse::<RecordId>(), Err(NotAnId), "{hostile}");
        }
    }
}
