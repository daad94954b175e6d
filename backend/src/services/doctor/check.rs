//! The checks: what each is called, by programs and by people, and what to do when it fails. One line of the table each.

use halligan_shared::wire::{Check, Grade};

/// The enum, its ids, names and advice, each from the same line.
macro_rules! checks {
    ($($item:ident = $id:literal, $name:literal, $advice:literal;)*) => {
        /// Something that is looked at.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[expect(missing_docs, reason = "the names say it")]
        pub enum Item {
            $($item,)*
        }

        impl Item {
            /// All, in the order in which one depends on another.
            pub const ALL: &[Self] = &[$(Self::$item,)*];

            /// For programs; never changed.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$item => $id,)* }
            }

            const fn name(self) -> &'static str {
                match self { $(Self::$item => $name,)* }
            }

            const fn advice(self) -> &'static str {
                match self { $(Self::$item => $advice,)* }
            }
        }
    };
}

#[rustfmt::skip]
checks! {
    Names = "authority.names", "ARNs and region",
        "Set HALLIGAN_KEK, HALLIGAN_AGREEMENT_KEY, HALLIGAN_DECRYPTER_ROLE and HALLIGAN_REGISTRAR_ROLE to the ARNs that the stack puts out, and AWS_REGION to the keys' region.";
    Endpoint = "authority.endpoint", "Key service reachable",
        "Look at AWS_ENDPOINT_URL, name resolution, routes and firewall between this machine and STS and KMS.";
    Clock = "authority.clock", "Clock",
        "Set this machine's clock by NTP (chronyc tracking, timedatectl). A window ends at KMS by this clock, and from five minutes on every call is refused.";
    Credentials = "authority.credentials", "The portal's own credentials",
        "Give the portal credentials that are valid: the instance's or task's role, or a new access key in its environment. Then start it again.";
    Kek = "key.kek", "KEK-Responder",
        "Enable the key, or set HALLIGAN_KEK to the symmetric key that records are sealed under.";
    AgreementKey = "key.agreement", "KEK-Responder-ECDH",
        "Enable the key, or set HALLIGAN_AGREEMENT_KEY to the ECC_NIST_P256 key for KEY_AGREEMENT that records are sealed under.";
    Named = "key.named", "Keys of the records",
        "Name the keys that are found in HALLIGAN_FORMER_KEYS, if they are the agency's own, and start the portal again: until then these records do not open. If they are not, somebody wrote them into the database: bring back the last backup that is right.";
    OwnDecrypt = "own.decrypt", "The portal by itself opens nothing",
        "Take kms:Decrypt from the portal's own identity: only the role KEK-Responder-Decrypter may have it.";
    Decrypter = "role.decrypter", "Role of releases",
        "Let the portal's identity assume KEK-Responder-Decrypter, with sts:SetSourceIdentity and sts:TagSession, in the role's trust policy and in its own.";
    Policy = "role.policy", "Session policy and tags",
        "Use shorter ARNs: policy and tags together must fit into a session token.";
    Decrypt = "release.decrypt", "share 1 within the window",
        "Allow kms:Decrypt on KEK-Responder, and on each former key that records are under, to KEK-Responder-Decrypter, in the role's policy and in the key's; enable the key. If a rotation has just wrapped it anew, put the former shares back by `halligan rotate back`.";
    DecryptOther = "release.other_record", "share 1 of another record is refused",
        "The session policy does not bind. Look for a key policy or a KMS grant that names a session's ARN, and take it away.";
    Binding = "release.binding", "share 1 of another record is refused by role and key",
        "Deploy infra/halligan.yaml again. Neither the role's policy nor its boundary nor the key's policy ties a session to the record that it is tagged with (kms:EncryptionContext:halligan:record is ${aws:PrincipalTag/record}): by one session whoever holds the backend opens every record.";
    DecryptLate = "release.decrypt_late", "share 1 past the window is refused",
        "The session policy does not bind. Look for a key policy or a KMS grant that names a session's ARN, and take it away.";
    Derive = "release.derive", "share 2 within the window",
        "Allow kms:DeriveSharedSecret on KEK-Responder-ECDH, and on each former key that records are under, to KEK-Responder-Decrypter, in the role's policy and in the key's; enable the key.";
    DeriveLate = "release.derive_late", "share 2 past the window is refused",
        "The session policy does not bind. Look for a key policy or a KMS grant that names a session's ARN, and take it away.";
    Deny = "lockdown.deny", "The lockdown's deny at IAM",
        "Let this machine reach IAM, whose endpoint is not that of STS or KMS, and attach the policy Halligan-KillSwitch to the portal's identity: a lockdown needs both. Where a policy is missing or is not wanted, `halligan serve` puts it right within a minute; if it does not, put or remove it by hand, as docs/OPERATING.md says for a lockdown.";
    DenyHolds = "lockdown.holds", "A lockdown's deny is obeyed",
        "Look at lockdown.deny first. AWS may take some minutes until a policy holds everywhere: look again. If it is still so, disable both keys (aws kms disable-key): that closes every record.";
    Registrar = "role.registrar", "Role of sealings",
        "Let the portal's identity assume KEK-Registrar, with sts:SetSourceIdentity, in the role's trust policy and in its own.";
    DataKey = "seal.data_key", "A new record's share 1",
        "Allow kms:GenerateDataKey on KEK-Responder to KEK-Registrar, in the role's policy and in the key's.";
    RegistrarDecrypt = "seal.decrypt", "Sealing opens nothing",
        "Take kms:Decrypt from KEK-Registrar: only the role KEK-Responder-Decrypter may have it.";
    Database = "database.opens", "Database",
        "Start the portal once on this folder, or name its folder with --data. If the file is there and does not open, bring back the last backup beside it and look at both.";
    Schema = "database.schema", "Form of the database",
        "Run the version of the program that made it, or a newer one: a start brings an older database up to date.";
    Integrity = "database.integrity", "The database is whole",
        "Stop the portal, keep a copy of the folder, and bring back the last backup: the file is damaged. Look at the disk.";
    Journal = "database.journal", "The database survives a power cut",
        "Keep the folder on a local file system, where SQLite's write-ahead log works. Stop what else has the file open.";
    Writable = "database.writable", "The database can be written",
        "Make the folder and its files the portal's own and writable, and see that the disk is neither full nor read only.";
    Disk = "disk.space", "Room on the disk",
        "Free some space, or move the folder to a larger disk.";
    Certificate = "tls.certificate", "Certificate",
        "Renew the certificate and put chain and key where HALLIGAN_TLS_CERT and HALLIGAN_TLS_KEY say: both are read anew at once.";
    CertificateName = "tls.name", "The certificate is the origin's",
        "Use a certificate for the host of HALLIGAN_ORIGIN, or set HALLIGAN_ORIGIN to what the certificate is for.";
    Policies = "policy.in_force", "Policies in force",
        "Look at the files by `halligan policy check`, which names what is missing, and start the portal again: until then it judges by those that it started with. If nobody of the agency changed them, bring back the last ones that are right, and find out who did.";
    Reviews = "review.owed", "Reviews are those of the log",
        "Somebody wrote to the database: a review that the log has is gone, or is closed without a finding. Keep a copy of the folder, hold the log against its last anchor by `halligan audit verify`, and find out who did. The log names the requests (review.opened).";
    Channels = "notices.channels", "Ways by which members are told",
        "Look at what answers under HALLIGAN_WEBHOOK_URL, and whether this machine reaches the push services by https. Members of devices that fail for long remove and add them on their passkeys' page.";
    Idle = "sessions.idle", "A sign-in outlasts a request",
        "Set HALLIGAN_IDLE to more than HALLIGAN_PENDING, HALLIGAN_APPROVAL and HALLIGAN_WINDOW together: a page that waits prolongs no sign-in, so whoever only watches it would lose the request, or the record.";
    Origin = "webauthn.origin", "Origin of passkeys and bracelets",
        "Set HALLIGAN_ORIGIN back to what it was: passkeys work for that host alone, and bracelets open that address.";
}

/// What was found so far.
#[derive(Default)]
pub(super) struct Findings(Vec<Check>);

impl Findings {
    pub(super) fn fine(&mut self, item: Item, found: impl Into<String>) {
        self.add(item, Grade::Fine, found.into());
    }

    pub(super) fn fails(&mut self, item: Item, found: impl Into<String>) {
        self.add(item, Grade::Fails, found.into());
    }

    pub(super) fn unknown(&mut self, item: Item, found: impl Into<String>) {
        self.add(item, Grade::Unknown, found.into());
    }

    /// Fine or not, with what was found either way.
    pub(super) fn judge(&mut self, item: Item, is_fine: bool, found: impl Into<String>) {
        self.add(item, if is_fine { Grade::Fine } else { Grade::Fails }, found.into());
    }

    /// Takes over what was found with other keys, named by `of` where need be: of each check the worst.
    pub(super) fn or_worse(&mut self, other: Self, of: &str) {
        let badness = |grade| match grade {
            Grade::Fine => 0,
            Grade::Unknown => 1,
            Grade::Fails => 2,
        };
        for check in other.0 {
            let found = format!("{}{of}", check.found);
            match self.0.iter_mut().find(|known| known.id == check.id) {
                Some(known) if badness(check.grade) > badness(known.grade) => *known = Check { found, ..check },
                Some(_) => {}
                None => self.0.push(Check { found, ..check }),
            }
        }
    }

    fn add(&mut self, item: Item, grade: Grade, found: String) {
        let advice = if grade == Grade::Fails { item.advice() } else { "" };
        self.0.push(Check { id: item.id().to_owned(), name: item.name().to_owned(), grade, found, advice: advice.to_owned() });
    }

    /// In the order of the table; what nobody looked at is not known.
    pub(super) fn all(mut self, why: &str) -> Vec<Check> {
        for item in Item::ALL {
            if self.0.iter().all(|check| check.id != item.id()) {
                self.unknown(*item, why);
            }
        }
        self.0.sort_by_key(|check| Item::ALL.iter().position(|item| item.id() == check.id));
        self.0
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_documentation_has_every_check_in_its_order() {
        let documented: Vec<_> = include_str!("../../../../docs/DOCTOR.md")
            .lines()
            .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
            .map(|(id, _)| id)
            .collect();
        assert_eq!(documented, Item::ALL.iter().map(|item| item.id()).collect::<Vec<_>>());
    }

    #[test]
    fn each_check_has_an_id_of_its_own_and_says_what_to_do() {
        let ids: BTreeSet<_> = Item::ALL.iter().map(|item| item.id()).collect();
        assert_eq!(ids.len(), Item::ALL.len());
        for item in Item::ALL {
            assert!(item.advice().ends_with('.') && !item.name().is_empty(), "{}", item.id());
        }
    }
}
