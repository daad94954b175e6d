//! Roles and keys of a template, with their policies.

use std::collections::BTreeMap;

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::{
    Actor, Deployment, Stack, TemplateFault,
    functions::{Named, Names},
};
use crate::policy::{Kind, MalformedPolicy, PolicyDocument, Principal};

/// A role, and everything that says who may begin a session of it and what that session may do.
pub struct Role {
    /// Its name in the template; for one that is not in it, its name.
    pub logical_id: String,
    /// `arn:aws:iam::<account>:role/<name>`
    pub arn: String,
    /// The last part of the ARN.
    pub name: String,
    /// The longest session, in seconds.
    pub max_session_seconds: i64,
    /// Nobody may assume a role without one.
    pub(crate) trust: Option<PolicyDocument>,
    /// Managed and inline policies.
    pub(crate) identity: Vec<PolicyDocument>,
    pub(crate) boundary: Option<Boundary>,
}

/// A managed policy as the most that a role can be given.
pub(crate) struct Boundary {
    pub(crate) arn: String,
    pub(crate) policy: PolicyDocument,
}

/// A KMS key's policy and tags.
pub struct Key {
    /// Its name in the template; for one that is not in it, its id.
    pub logical_id: String,
    /// `arn:aws:kms:<region>:<account>:key/<id>`
    pub arn: String,
    /// The key policy's text, with every function resolved.
    pub policy_text: String,
    /// `aws:ResourceTag/…`
    pub tags: BTreeMap<String, String>,
    pub(crate) policy: PolicyDocument,
}

impl Role {
    /// A session of it, without a session policy.
    pub fn session(&self, session_name: &str) -> Actor<'_> {
        let account = self.arn.split(':').nth(4).unwrap_or_default();
        let arn = format!("arn:aws:sts::{account}:assumed-role/{}/{session_name}", self.name);
        Actor {
            principal: Principal::Session { arn, role: self.arn.clone() },
            identity: self.identity.iter().collect(),
            boundary: self.boundary.as_ref().map(|boundary| &boundary.policy),
            session: None,
        }
    }
}

impl Key {
    /// A key that no template speaks of.
    pub(crate) fn new(arn: String, policy_text: String, tags: BTreeMap<String, String>) -> Result<Self, MalformedPolicy> {
        let (_, id) = arn.rsplit_once('/').unwrap_or_default();
        let policy = PolicyDocument::parse(Kind::Key, &policy_text)?;
        Ok(Self { logical_id: id.to_owned(), arn, policy_text, tags, policy })
    }
}

/// Every role and key of a template.
pub(super) fn all(template: &Value, deployment: &Deployment) -> Result<Stack, TemplateFault> {
    let resources = parts(template, "Resources")?;
    let relevant = relevant(resources)?;
    let mut names = Names { deployment, defaults: defaults(template), resources: BTreeMap::new() };
    for id in resources.keys() {
        // Nothing here acts on buckets, logs and the like, so what AWS would call them is of no account.
        names.resources.insert(id, Named { reference: id.clone(), arn: None });
    }
    for (id, (kind, properties)) in &relevant {
        names.resources.insert(id, name_of(id, *kind, properties, deployment)?);
    }
    let mut managed = BTreeMap::new();
    for (id, properties) in of_kind(&relevant, Type::ManagedPolicy) {
        let policy: ManagedPolicy = read(id, properties, &names)?;
        managed.insert(id, policy);
    }
    let mut roles = BTreeMap::new();
    for (id, properties) in of_kind(&relevant, Type::Role) {
        let role = role(id, read(id, properties, &names)?, &managed, &names)?;
        roles.insert(role.arn.clone(), role);
    }
    let mut keys = BTreeMap::new();
    for (id, properties) in of_kind(&relevant, Type::Key) {
        let key = key(id, read(id, properties, &names)?, &names)?;
        keys.insert(key.arn.clone(), key);
    }
    Ok(Stack { roles, keys })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Type {
    Role,
    ManagedPolicy,
    Key,
}

type Relevant<'a> = BTreeMap<&'a str, (Type, &'a Value)>;

/// The resources that bear on permissions. One of IAM or KMS that is not understood fails, as does one that is there only under
/// a condition.
fn relevant(resources: &Map<String, Value>) -> Result<Relevant<'_>, TemplateFault> {
    let mut relevant = BTreeMap::new();
    for (id, resource) in resources {
        let kind = match resource.get("Type").and_then(Value::as_str).unwrap_or_default() {
            "AWS::IAM::Role" => Type::Role,
            "AWS::IAM::ManagedPolicy" => Type::ManagedPolicy,
            "AWS::KMS::Key" => Type::Key,
            // Neither grants anything: a way to hand a role to a machine, a second name of a key.
            "AWS::IAM::InstanceProfile" | "AWS::KMS::Alias" => continue,
            other if other.starts_with("AWS::IAM::") || other.starts_with("AWS::KMS::") || other.is_empty() => {
                return Err(fault(id, format!("its type {other:?} is not understood here")));
            }
            _ => continue,
        };
        if resource.get("Condition").is_some() {
            return Err(fault(id, "it is there only under a condition".to_owned()));
        }
        relevant.insert(id.as_str(), (kind, resource.get("Properties").unwrap_or(&Value::Null)));
    }
    Ok(relevant)
}

fn of_kind<'a>(relevant: &'a Relevant<'a>, wanted: Type) -> impl Iterator<Item = (&'a str, &'a Value)> {
    relevant.iter().filter(move |(_, (kind, _))| *kind == wanted).map(|(id, (_, properties))| (*id, *properties))
}

fn defaults(template: &Value) -> BTreeMap<&str, String> {
    let parameters = template.get("Parameters").and_then(Value::as_object).into_iter().flatten();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    parameters.filter_map(|(name, parameter)| Some((name.as_str(), text(parameter.get("Default")?)))).collect()
}

fn name_of(id: &str, kind: Type, properties: &Value, deployment: &Deployment) -> Result<Named, TemplateFault> {
    let Deployment { account, arns, .. } = deployment;
    let property = |name: &str| {
        let text = properties.get(name).and_then(Value::as_str).map(str::to_owned);
        text.ok_or_else(|| fault(id, format!("it has no {name} that is a plain text")))
    };
    let given = arns.get(id).cloned();
    Ok(match kind {
        Type::Role => {
            let name = property("RoleName")?;
            let arn = given.unwrap_or_else(|| format!("arn:aws:iam::{account}:role/{name}"));
            Named { reference: name, arn: Some(arn) }
        }
        Type::ManagedPolicy => {
            let arn = format!("arn:aws:iam::{account}:policy/{}", property("ManagedPolicyName")?);
            Named { reference: arn.clone(), arn: Some(arn) }
        }
        Type::Key => {
            let arn = given.ok_or_else(|| fault(id, "nobody said what its ARN is".to_owned()))?;
            let (_, key_id) = arn.rsplit_once('/').unwrap_or_default();
            Named { reference: key_id.to_owned(), arn: Some(arn) }
        }
    })
}

fn role(id: &str, text: RoleText, managed: &BTreeMap<&str, ManagedPolicy>, names: &Names<'_>) -> Result<Role, TemplateFault> {
    let arn = names.arn(id).map_err(|reason| fault(id, reason))?;
    let mut identity = Vec::new();
    for policy in managed.values().filter(|policy| policy.roles.contains(&text.role_name)) {
        identity.push(parse(id, Kind::Identity, &policy.policy_document)?);
    }
    for Inline { policy_document, .. } in &text.policies {
        identity.push(parse(id, Kind::Identity, policy_document)?);
    }
    let boundary = match text.permissions_boundary {
        None => None,
        Some(wanted) => {
            let policy = managed.iter().find(|(id, _)| names.arn(id).is_ok_and(|arn| arn == wanted));
            let (_, policy) = policy.ok_or_else(|| fault(id, format!("its boundary {wanted} is not in the template")))?;
            Some(Boundary { policy: parse(id, Kind::Identity, &policy.policy_document)?, arn: wanted })
        }
    };
    Ok(Role {
        logical_id: id.to_owned(),
        arn,
        name: text.role_name,
        max_session_seconds: text.max_session_duration.unwrap_or(3600),
        trust: Some(parse(id, Kind::Trust, &text.assume_role_policy_document)?),
        identity,
        boundary,
    })
}

fn key(id: &str, text: KeyText, names: &Names<'_>) -> Result<Key, TemplateFault> {
    let arn = names.arn(id).map_err(|reason| fault(id, reason))?;
    Ok(Key {
        logical_id: id.to_owned(),
        arn,
        policy_text: text.key_policy.to_string(),
        tags: text.tags.into_iter().map(|tag| (tag.key, tag.value)).collect(),
        policy: parse(id, Kind::Key, &text.key_policy)?,
    })
}

// The properties, by the names of the resource specification. One that is not here is refused: it could be one that restricts.

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct RoleText {
    role_name: String,
    #[serde(rename = "Description")]
    _description: Option<String>,
    max_session_duration: Option<i64>,
    permissions_boundary: Option<String>,
    assume_role_policy_document: Value,
    #[serde(default)]
    policies: Vec<Inline>,
    #[serde(rename = "Tags")]
    _tags: Option<Vec<Tag>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Inline {
    #[serde(rename = "PolicyName")]
    _policy_name: String,
    policy_document: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct ManagedPolicy {
    #[serde(rename = "ManagedPolicyName")]
    _managed_policy_name: String,
    #[serde(rename = "Description")]
    _description: Option<String>,
    /// By name.
    #[serde(default)]
    roles: Vec<String>,
    policy_document: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct KeyText {
    key_policy: Value,
    #[serde(default)]
    tags: Vec<Tag>,
    #[serde(rename = "Description")]
    _description: Option<String>,
    #[serde(rename = "KeySpec")]
    _key_spec: Option<String>,
    #[serde(rename = "KeyUsage")]
    _key_usage: Option<String>,
    #[serde(rename = "EnableKeyRotation")]
    _enable_key_rotation: Option<bool>,
    #[serde(rename = "RotationPeriodInDays")]
    _rotation_period_in_days: Option<u32>,
    #[serde(rename = "PendingWindowInDays")]
    _pending_window_in_days: Option<u32>,
    #[serde(rename = "MultiRegion")]
    _multi_region: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Tag {
    key: String,
    value: String,
}

fn read<T: DeserializeOwned>(id: &str, properties: &Value, names: &Names<'_>) -> Result<T, TemplateFault> {
    let resolved = names.resolve(properties).map_err(|reason| fault(id, reason))?;
    serde_json::from_value(resolved).map_err(|reason| fault(id, reason.to_string()))
}

fn parse(id: &str, kind: Kind, policy: &Value) -> Result<PolicyDocument, TemplateFault> {
    PolicyDocument::parse(kind, &policy.to_string()).map_err(|fault| TemplateFault::Policy { resource: id.to_owned(), fault })
}

fn parts<'a>(template: &'a Value, name: &str) -> Result<&'a Map<String, Value>, TemplateFault> {
    template.get(name).and_then(Value::as_object).ok_or_else(|| TemplateFault::Form(format!("it has no {name}")))
}

fn fault(resource: &str, reason: String) -> TemplateFault {
    TemplateFault::Resource { resource: resource.to_owned(), reason }
}
