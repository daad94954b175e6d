//! The intrinsic functions, in their long form: `Ref`, `Fn::Sub` and `Fn::GetAtt`. Any other is refused.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Deployment;

/// What names stand for.
pub(super) struct Names<'a> {
    pub(super) deployment: &'a Deployment,
    /// Defaults of the parameters.
    pub(super) defaults: BTreeMap<&'a str, String>,
    /// What `Ref` says of a resource, and its ARN, by logical id.
    pub(super) resources: BTreeMap<&'a str, Named>,
}

/// How a resource is named.
pub(super) struct Named {
    pub(super) reference: String,
    pub(super) arn: Option<String>,
}

impl Names<'_> {
    /// A tree with every function replaced by what it stands for.
    pub(super) fn resolve(&self, value: &Value) -> Result<Value, String> {
        match value {
            Value::Array(items) => items.iter().map(|item| self.resolve(item)).collect(),
            Value::Object(members) => match function(members) {
                Some(("Ref", Value::String(name))) => self.reference(name).map(Value::String),
                Some(("Fn::Sub", Value::String(text))) => self.substitute(text).map(Value::String),
                Some(("Fn::GetAtt", argument)) => self.attribute(argument).map(Value::String),
                Some((name, _)) => Err(format!("{name} is not understood here; use Ref, Fn::Sub with a text, or Fn::GetAtt")),
                None => {
                    let members = members.iter().map(|(name, member)| Ok((name.clone(), self.resolve(member)?)));
                    members.collect::<Result<_, _>>().map(Value::Object)
                }
            },
            plain => Ok(plain.clone()),
        }
    }

    /// The ARN of a resource.
    pub(super) fn arn(&self, resource: &str) -> Result<String, String> {
        let arn = self.resources.get(resource).and_then(|named| named.arn.clone());
        arn.ok_or_else(|| format!("nothing is known of the ARN of {resource}"))
    }

    fn reference(&self, name: &str) -> Result<String, String> {
        let Deployment { account, region, parameters, .. } = self.deployment;
        let said = match name {
            "AWS::AccountId" => Some(account.clone()),
            "AWS::Region" => Some(region.clone()),
            "AWS::Partition" => Some("aws".to_owned()),
            _ => {
                let parameter = parameters.get(name).or_else(|| self.defaults.get(name));
                parameter.or_else(|| self.resources.get(name).map(|named| &named.reference)).cloned()
            }
        };
        said.ok_or_else(|| format!("nothing is known of {name}"))
    }

    fn attribute(&self, argument: &Value) -> Result<String, String> {
        let (resource, attribute) = match argument {
            Value::String(text) => text.split_once('.').unwrap_or_default(),
            Value::Array(parts) => match parts.as_slice() {
                [Value::String(resource), Value::String(attribute)] => (resource.as_str(), attribute.as_str()),
                _ => ("", ""),
            },
            _ => ("", ""),
        };
        if attribute == "Arn" {
            self.arn(resource)
        } else {
            Err(format!("nothing is known of the attribute {attribute} of {resource}"))
        }
    }

    /// `${Name}`, `${Resource.Attribute}`, and `${!Literal}` for what is none of these. What is put in is not looked at again.
    fn substitute(&self, text: &str) -> Result<String, String> {
        let mut whole = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').ok_or_else(|| format!("{text} has no end of a name"))?;
            whole.push_str(before);
            match (name.strip_prefix('!'), name.contains('.')) {
                (Some(literal), _) => whole.extend(["${", literal, "}"]),
                (None, true) => whole.push_str(&self.attribute(&Value::from(name))?),
                (None, false) => whole.push_str(&self.reference(name)?),
            }
            rest = after;
        }
        whole.push_str(rest);
        Ok(whole)
    }
}

/// An object of one member that is named as functions are.
fn function(members: &Map<String, Value>) -> Option<(&str, &Value)> {
    let (name, argument) = members.iter().next()?;
    (members.len() == 1 && (name == "Ref" || name.starts_with("Fn::"))).then_some((name, argument))
}
