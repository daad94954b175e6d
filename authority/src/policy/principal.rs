//! Who asks, and whom a trust or key policy names.

use super::{
    MalformedPolicy,
    json::{Members, OneOrMany},
};

/// Whoever asks for an act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// The account itself: its root user.
    Root {
        /// Twelve digits.
        account: String,
    },
    /// A user, by its long-term access key.
    User {
        /// `arn:aws:iam::<account>:user/<name>`
        arn: String,
    },
    /// A session of a role.
    Session {
        /// `arn:aws:sts::<account>:assumed-role/<role>/<session name>`
        arn: String,
        /// `arn:aws:iam::<account>:role/<role>`
        role: String,
    },
    /// A service of AWS, such as `cloudtrail.amazonaws.com`.
    Service {
        /// Its principal's name.
        name: String,
    },
}

/// How closely a resource's policy names whoever asks. What it allows to the account, it leaves to the account's own policies;
/// what it allows to the role, a session policy still narrows; what it allows to the session itself, nothing narrows any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    Account,
    Role,
    Itself,
}

/// A `Principal` element.
pub(super) struct Named(Vec<Name>);

#[derive(PartialEq, Eq)]
enum Name {
    Anyone,
    Account(String),
    /// A user, a role or a session.
    Arn(String),
    Service(String),
}

impl Principal {
    /// The ARN by which a refusal names it.
    pub fn arn(&self) -> String {
        match self {
            Self::Root { account } => root(account),
            Self::User { arn } | Self::Session { arn, .. } => arn.clone(),
            Self::Service { name } => name.clone(),
        }
    }

    /// `aws:PrincipalArn`: for a session, its role.
    pub(super) fn principal_arn(&self) -> Option<String> {
        match self {
            Self::Session { role, .. } => Some(role.clone()),
            Self::Service { .. } => None,
            Self::Root { .. } | Self::User { .. } => Some(self.arn()),
        }
    }

    pub(super) fn account(&self) -> Option<&str> {
        match self {
            Self::Root { account } => Some(account),
            Self::User { arn } | Self::Session { arn, .. } => arn.split(':').nth(4),
            Self::Service { .. } => None,
        }
    }
}

impl Named {
    /// `"*"`, or an object of `AWS` and `Service`.
    pub(super) fn parse(text: PrincipalText) -> Result<Self, MalformedPolicy> {
        let members = match text {
            PrincipalText::Anyone(star) if star == "*" => return Ok(Self(vec![Name::Anyone])),
            PrincipalText::Anyone(other) => return Err(MalformedPolicy::Principal(other)),
            PrincipalText::By(members) => members,
        };
        let mut names = Vec::new();
        for (kind, values) in members.0 {
            for value in values.0 {
                names.push(match kind.as_str() {
                    "AWS" => aws(value)?,
                    "Service" => service(value)?,
                    _ => return Err(MalformedPolicy::Principal(kind)),
                });
            }
        }
        Ok(Self(names))
    }

    /// How closely it names this principal, if it does.
    pub(super) fn reach(&self, principal: &Principal) -> Option<Reach> {
        self.0.iter().filter_map(|name| name.reach(principal)).max()
    }

    /// Every ARN it names.
    pub(super) fn arns(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|name| match name {
            Name::Arn(arn) => Some(arn.as_str()),
            _ => None,
        })
    }
}

impl Name {
    fn reach(&self, principal: &Principal) -> Option<Reach> {
        match (self, principal) {
            // Everyone is not named closer than by their role: a session policy still holds.
            (Self::Anyone, Principal::Session { .. }) => Some(Reach::Role),
            (Self::Anyone, _) => Some(Reach::Itself),
            (Self::Account(named), Principal::Root { account }) => (named == account).then_some(Reach::Itself),
            (Self::Account(named), _) => (Some(named.as_str()) == principal.account()).then_some(Reach::Account),
            (Self::Arn(named), Principal::User { arn }) => (named == arn).then_some(Reach::Itself),
            (Self::Arn(named), Principal::Session { arn, .. }) if named == arn => Some(Reach::Itself),
            (Self::Arn(named), Principal::Session { role, .. }) => (named == role).then_some(Reach::Role),
            (Self::Service(named), Principal::Service { name }) => (named == name).then_some(Reach::Itself),
            (Self::Arn(_) | Self::Service(_), _) => None,
        }
    }
}

/// As it is written.
#[derive(serde::Deserialize)]
#[serde(untagged)]
pub(super) enum PrincipalText {
    Anyone(String),
    By(Members<OneOrMany<String>>),
}

fn root(account: &str) -> String {
    format!("arn:aws:iam::{account}:root")
}

/// An account by its number or its root, a user, a role or a session. AWS knows no wildcards inside such an ARN.
fn aws(text: String) -> Result<Name, MalformedPolicy> {
    if text == "*" {
        return Ok(Name::Anyone);
    }
    if is_account(&text) {
        return Ok(Name::Account(text));
    }
    let named = match *text.splitn(6, ':').collect::<Vec<_>>() {
        ["arn", "aws", service, "", account, resource] if is_account(account) => match (service, resource.split_once('/')) {
            ("iam", None) if resource == "root" => Some(Name::Account(account.to_owned())),
            ("iam", Some(("user" | "role", name))) if is_name(name) => Some(Name::Arn(text.clone())),
            ("sts", Some(("assumed-role", name))) if is_name(name) && name.contains('/') => Some(Name::Arn(text.clone())),
            _ => None,
        },
        _ => None,
    };
    named.ok_or(MalformedPolicy::Principal(text))
}

fn service(text: String) -> Result<Name, MalformedPolicy> {
    let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte);
    if text.ends_with(".amazonaws.com") && text.bytes().all(letters) {
        Ok(Name::Service(text))
    } else {
        Err(MalformedPolicy::Principal(text))
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `[\w+=,.@-]` and the slashes of a path or before a session's name.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-/".contains(&byte))
}
