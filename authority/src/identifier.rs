//! AWS's identifiers: unique ids with their four-letter prefix, UUIDs, and the ARNs of one account in one Region.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

use crate::secret::{NoRandomness, random};

/// The alphabet of AWS's unique ids: base32 without padding (RFC 4648).
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// What a unique id names (IAM User Guide, "IAM identifiers", table of unique id prefixes).
#[derive(Clone, Copy)]
pub(crate) enum Prefix {
    /// A long-term access key.
    LongTermKey,
    /// A session's access key.
    SessionKey,
    /// A role.
    Role,
    /// A user.
    User,
}

impl Prefix {
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::LongTermKey => "AKIA",
            Self::SessionKey => "ASIA",
            Self::Role => "AROA",
            Self::User => "AIDA",
        }
    }

    /// A new id: the prefix and 80 random bits in sixteen symbols.
    pub(crate) fn generate(self) -> Result<String, NoRandomness> {
        Ok(self.with(random::<16>()?))
    }

    /// The id that always belongs to these names. It is no secret.
    pub(crate) fn derive(self, names: &[&str]) -> String {
        let mut digest = Sha256::new();
        for name in names {
            digest.update(name.as_bytes());
            digest.update([0]);
        }
        self.with(digest.finalize())
    }

    fn with(self, bytes: impl IntoIterator<Item = u8>) -> String {
        let symbols = bytes.into_iter().take(16).filter_map(|byte| BASE32.get(usize::from(byte % 32)));
        self.text().chars().chain(symbols.map(|symbol| char::from(*symbol))).collect()
    }
}

/// A random UUID (RFC 9562, version 4): a key's id, or a request's.
pub(crate) fn random_uuid() -> Result<Uuid, NoRandomness> {
    Ok(Builder::from_random_bytes(random()?).into_uuid())
}

/// A twelve-digit account number.
pub(crate) fn random_account() -> Result<String, NoRandomness> {
    let number = u64::from_be_bytes(random()?) % 900_000_000_000 + 100_000_000_000;
    Ok(number.to_string())
}

/// The account and Region that everything here belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) account: String,
    pub(crate) region: String,
}

impl Place {
    pub(crate) fn key_arn(&self, id: Uuid) -> String {
        let Self { account, region } = self;
        format!("arn:aws:kms:{region}:{account}:key/{id}")
    }

    pub(crate) fn user_arn(&self, name: &str) -> String {
        format!("arn:aws:iam::{}:user/{name}", self.account)
    }

    pub(crate) fn role_arn(&self, name: impl fmt::Display) -> String {
        format!("arn:aws:iam::{}:role/{name}", self.account)
    }

    pub(crate) fn session_arn(&self, role: impl fmt::Display, session: &str) -> String {
        format!("arn:aws:sts::{}:assumed-role/{role}/{session}", self.account)
    }

    /// The id in a key's ARN or in a bare key id. Nothing for another account's or Region's ARN, an alias, or any other text.
    pub(crate) fn key_id(&self, named: &str) -> Option<Uuid> {
        let bare = named.strip_prefix(self.key_arn(Uuid::nil()).trim_end_matches(&Uuid::nil().to_string())).unwrap_or(named);
        // Only the hyphenated form is a key id; the others that a UUID can be written in are not.
        Uuid::try_parse(bare).ok().filter(|id| id.to_string() == bare)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_named_by_its_arn_or_its_id_and_by_nothing_else() {
        let place = Place { account: "123456789012".to_owned(), region: "eu-central-1".to_owned() };
        let id = random_uuid().unwrap();
        let arn = place.key_arn(id);
        assert_eq!(place.key_id(&arn), Some(id));
        assert_eq!(place.key_id(&id.to_string()), Some(id));
        for other in [
            arn.replace("eu-central-1", "eu-west-1"),
            arn.replace("123456789012", "210987654321"),
            arn.replace(":key/", ":alias/"),
            format!("{arn}/"),
            format!("{{{id}}}"),
            format!("urn:uuid:{id}"),
            id.simple().to_string(),
            String::new(),
        ] {
            assert_eq!(place.key_id(&other), None, "{other}");
        }
    }

    #[test]
    fn unique_ids_have_their_prefix_and_twenty_symbols() {
        for prefix in [Prefix::LongTermKey, Prefix::SessionKey, Prefix::Role, Prefix::User] {
            let id = prefix.generate().unwrap();
            assert!(id.starts_with(prefix.text()) && id.len() == 20 && id.bytes().all(|byte| BASE32.contains(&byte)), "{id}");
        }
        assert_eq!(random_account().unwrap().len(), 12);
    }
}
