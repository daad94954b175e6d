//! The parameters of a query-protocol request. Each is taken once; what nobody took is refused rather than ignored, because a
//! parameter that AWS would honour and this authority would not (managed policies, an MFA code) may be one that restricts.

use std::collections::BTreeMap;

use crate::refusal::Refusal;

/// Parameters by name, each given at most once.
pub(crate) struct Parameters(BTreeMap<String, String>);

impl Parameters {
    pub(crate) fn read(body: &[u8]) -> Result<Self, Refusal> {
        if str::from_utf8(body).is_err() {
            return Err(Refusal::Serialization("The request's body is not UTF-8.".to_owned()));
        }
        let mut parameters = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(body) {
            if let Some(_earlier) = parameters.insert(name.to_string(), value.into_owned()) {
                return Err(Refusal::Serialization(format!("The parameter {name} is given twice.")));
            }
        }
        Ok(Self(parameters))
    }

    pub(crate) fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    pub(crate) fn require(&mut self, name: &str) -> Result<String, Refusal> {
        self.take(name).ok_or_else(|| Refusal::Validation(format!("The parameter {name} is required.")))
    }

    /// What the request asks to be done, in this version of the API.
    pub(crate) fn action(&mut self, version: &str) -> Result<String, Refusal> {
        let action = self.take("Action").ok_or(Refusal::UnknownOperation)?;
        if self.take("Version").as_deref() == Some(version) {
            Ok(action)
        } else {
            Err(Refusal::Validation(format!("Version must be {version}.")))
        }
    }

    /// Session tags: `Tags.member.1.Key`, `Tags.member.1.Value`, and so on without a gap.
    pub(crate) fn take_tags(&mut self) -> Result<Vec<(String, String)>, Refusal> {
        // An empty list is written as an empty parameter.
        let _ = self.0.remove("Tags").filter(String::is_empty);
        let mut tags = Vec::new();
        while let Some(key) = self.take(&format!("Tags.member.{}.Key", tags.len() + 1)) {
            let value = self.require(&format!("Tags.member.{}.Value", tags.len() + 1))?;
            tags.push((key, value));
        }
        Ok(tags)
    }

    /// Refuses what is left.
    pub(crate) fn finish(&self) -> Result<(), Refusal> {
        match self.0.iter().find(|(_, value)| !value.is_empty()) {
            Some((name, _)) => Err(Refusal::Validation(format!("The embedded authority does not support the parameter {name}."))),
            None => Ok(()),
        }
    }
}
