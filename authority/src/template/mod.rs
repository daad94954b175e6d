//! The template in `infra/`, read for what it says about permissions: which roles and keys there are, and who may do what.
//!
//! A deployment on AWS and the embedded authority are governed by the same statements, because they are read from the same file.
//! Whoever wants to know what they decide asks [`Stack::decide`]: for the authority's calls, and for the table of who may do what.
//!
//! What bears on a permission and is not understood (a function, a kind of policy, a property of a role or key) makes the whole
//! template fail. Everything else in it (buckets, alarms) is passed over.

mod functions;
mod resources;
mod yaml;

use std::{collections::BTreeMap, sync::LazyLock};

use serde_json::Value;

use crate::policy::{Act, Circumstances, Decision, MalformedPolicy, Policies, PolicyDocument, Principal, Source, Verdict};

pub use resources::{Key, Role};

/// The template that is deployed.
const HALLIGAN: &str = include_str!("../../../infra/halligan.yaml");

/// Where a template is deployed: what AWS knows and the template asks for.
#[derive(Clone, Debug)]
pub struct Deployment {
    /// Twelve digits.
    pub account: String,
    /// Such as `eu-central-1`.
    pub region: String,
    /// Values of the template's parameters. Those that are not here have their default.
    pub parameters: BTreeMap<String, String>,
    /// ARNs by logical id. A key needs one: its id is chance. A role may have one, where somebody else stands in for it.
    pub arns: BTreeMap<String, String>,
}

/// Why a template cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateFault {
    /// Not YAML, or not in a template's form.
    #[error("the template is not one: {0}")]
    Form(String),
    /// Something that bears on permissions and is not understood.
    #[error("the template's resource {resource} cannot be read: {reason}")]
    Resource {
        /// The logical id.
        resource: String,
        /// What is wrong.
        reason: String,
    },
    /// A policy outside the supported language.
    #[error("a policy of the template's resource {resource} is malformed: {fault}")]
    Policy {
        /// The logical id.
        resource: String,
        /// What is wrong.
        fault: MalformedPolicy,
    },
}

/// Everything in a deployed template that decides who may do what.
pub struct Stack {
    /// By ARN.
    roles: BTreeMap<String, Role>,
    /// By ARN.
    keys: BTreeMap<String, Key>,
}

/// Somebody who acts, with all policies of their own.
#[derive(Clone)]
pub struct Actor<'a> {
    /// Who it is.
    pub principal: Principal,
    /// What the user or role may do.
    pub identity: Vec<&'a PolicyDocument>,
    /// The most it can be given.
    pub boundary: Option<&'a PolicyDocument>,
    /// What its session keeps of that.
    pub session: Option<&'a PolicyDocument>,
}

impl Stack {
    /// The template that is deployed, read for a place.
    pub fn halligan(deployment: &Deployment) -> Result<Self, TemplateFault> {
        // The tree is always the same, and an estate is read anew each time that its file changes.
        static TREE: LazyLock<Result<Value, TemplateFault>> = LazyLock::new(|| yaml::read(HALLIGAN));
        Self::of(TREE.as_ref().map_err(Clone::clone)?, deployment)
    }

    /// Any template in CloudFormation's YAML.
    pub fn read(text: &str, deployment: &Deployment) -> Result<Self, TemplateFault> {
        Self::of(&yaml::read(text)?, deployment)
    }

    fn of(template: &Value, deployment: &Deployment) -> Result<Self, TemplateFault> {
        resources::all(template, deployment)
    }

    /// The role with this logical id.
    pub fn role(&self, logical_id: &str) -> Option<&Role> {
        self.roles.values().find(|role| role.logical_id == logical_id)
    }

    /// The key with this logical id.
    pub fn key(&self, logical_id: &str) -> Option<&Key> {
        self.keys.values().find(|key| key.logical_id == logical_id)
    }

    /// A session of a role of the template, without a session policy.
    pub fn session(&self, logical_id: &str, session_name: &str) -> Option<Actor<'_>> {
        self.role(logical_id).map(|role| role.session(session_name))
    }

    /// What all policies that bind an act say together: those of whoever acts, and that of the key or role acted upon. The tags of
    /// a key and the boundary of a role are put beside the circumstances.
    pub fn decide(&self, actor: &Actor<'_>, action: &str, resource: &str, circumstances: &Circumstances) -> Verdict {
        let mut circumstances = circumstances.clone();
        let policy = match self.guard(action, resource) {
            Guard::Nobody => None,
            Guard::Key(key) => {
                for (name, value) in &key.tags {
                    circumstances = circumstances.with(&format!("aws:ResourceTag/{name}"), value);
                }
                Some(&key.policy)
            }
            Guard::Trust(Role { trust: Some(trust), .. }) => Some(trust),
            Guard::Trust(_) | Guard::Unknown => {
                return Verdict { decision: Decision::ImplicitDeny, refused_by: Some(Source::Resource) };
            }
            Guard::Administered(role) => {
                if let Some(boundary) = &role.boundary {
                    circumstances = circumstances.with("iam:PermissionsBoundary", &boundary.arn);
                }
                None
            }
        };
        let Actor { principal, identity, boundary, session } = actor;
        let policies = Policies { identity: identity.clone(), boundary: *boundary, session: *session, resource: policy };
        policies.decide(&Act { principal, action, resource, circumstances: &circumstances })
    }

    pub(crate) fn role_at(&self, arn: &str) -> Option<&Role> {
        self.roles.get(arn)
    }

    pub(crate) fn role_at_mut(&mut self, arn: &str) -> Option<&mut Role> {
        self.roles.get_mut(arn)
    }

    pub(crate) fn key_at(&self, arn: &str) -> Option<&Key> {
        self.keys.get(arn)
    }

    /// One more key, which the template does not speak of.
    pub(crate) fn add_key(&mut self, key: Key) {
        self.keys.insert(key.arn.clone(), key);
    }

    /// One more role, which the template does not speak of.
    pub(crate) fn add_role(&mut self, role: Role) {
        self.roles.insert(role.arn.clone(), role);
    }

    fn guard(&self, action: &str, resource: &str) -> Guard<'_> {
        let (service, _) = action.split_once(':').unwrap_or_default();
        match (service, self.roles.get(resource), self.keys.get(resource)) {
            ("sts", Some(role), _) => Guard::Trust(role),
            ("iam", Some(role), _) => Guard::Administered(role),
            ("kms", _, Some(key)) => Guard::Key(key),
            // Every key and every role has a policy of its own. Those of one that is not here allow nothing.
            ("sts", None, _) => Guard::Unknown,
            ("kms", _, None) if resource != "*" => Guard::Unknown,
            _ => Guard::Nobody,
        }
    }
}

/// What stands before a thing, beside the policies of whoever acts on it.
enum Guard<'a> {
    Nobody,
    Key(&'a Key),
    Trust(&'a Role),
    Administered(&'a Role),
    Unknown,
}

#[cfg(test)]
mod tests;
