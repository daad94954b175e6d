//! The template as CloudFormation would make it: YAML read, functions worked out, with made-up ids.
//!
//! A function, a resource or a parameter that is not known here fails the test.

use std::sync::LazyLock;

use halligan_authority::template::Deployment;
use serde_json::{Map, Value};

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const REGION: &str = "eu-central-1";
/// The role that deploys the stack.
pub(crate) const ADMINISTRATOR: &str = "arn:aws:iam::111122223333:role/Halligan-Administrator";
pub(crate) const SERVICE: &str = "ec2.amazonaws.com";
/// The machine that the portal runs on.
pub(crate) const MACHINE: &str = "i-0123456789abcdef0";

pub(crate) const TEMPLATE: &str = include_str!("../../../infra/halligan.yaml");

/// The template of the repository.
pub(crate) static STACK: LazyLock<Stack> = LazyLock::new(|| Stack(serde_saphyr::from_str(TEMPLATE).unwrap()));

pub(crate) struct Stack(Value);

impl Stack {
    /// A resource's properties, functions worked out.
    pub(crate) fn properties(&self, id: &str) -> Value {
        self.worked_out(&self.resource(id)["Properties"])
    }

    /// A parameter's default.
    pub(crate) fn default(&self, parameter: &str) -> &Value {
        &self.0["Parameters"][parameter]["Default"]
    }

    /// A resource as it stands.
    pub(crate) fn resource(&self, id: &str) -> &Value {
        self.resources().get(id).unwrap_or_else(|| panic!("there is no resource {id}"))
    }

    /// The resources of a type, by their ids.
    pub(crate) fn ids_of(&self, kind: &str) -> Vec<&str> {
        self.resources().iter().filter(|(_, resource)| resource["Type"] == kind).map(|(id, _)| id.as_str()).collect()
    }

    /// A key's policy.
    pub(crate) fn key_policy(&self, key: &str) -> Value {
        self.properties(key)["KeyPolicy"].clone()
    }

    pub(crate) fn arn(&self, id: &str) -> String {
        let resource = self.resource(id);
        let name = |property: &str| resource["Properties"][property].as_str().unwrap_or_else(|| panic!("{id} has no {property}"));
        match resource["Type"].as_str().unwrap() {
            "AWS::IAM::Role" => format!("arn:aws:iam::{ACCOUNT}:role/{}", name("RoleName")),
            "AWS::IAM::ManagedPolicy" => format!("arn:aws:iam::{ACCOUNT}:policy/{}", name("ManagedPolicyName")),
            "AWS::KMS::Key" => format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/{}", key_id(id)),
            "AWS::S3::Bucket" => "arn:aws:s3:::the-trail".to_owned(),
            "AWS::SNS::Topic" => format!("arn:aws:sns:{REGION}:{ACCOUNT}:{}", name("TopicName")),
            "AWS::Logs::LogGroup" => format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{}:*", name("LogGroupName")),
            other => panic!("what is the ARN of an {other}?"),
        }
    }

    fn resources(&self) -> &Map<String, Value> {
        self.0["Resources"].as_object().unwrap()
    }

    fn worked_out(&self, value: &Value) -> Value {
        match value {
            Value::Array(values) => values.iter().map(|value| self.worked_out(value)).collect(),
            Value::Object(members) => match members.iter().next() {
                Some((function, argument)) if function == "Ref" || function.starts_with("Fn::") => {
                    assert_eq!(members.len(), 1, "beside {function} stands something");
                    Value::String(self.call(function, argument))
                }
                _ => members.iter().map(|(name, value)| (name.clone(), self.worked_out(value))).collect(),
            },
            plain => plain.clone(),
        }
    }

    fn call(&self, function: &str, argument: &Value) -> String {
        match (function, argument) {
            ("Ref", Value::String(name)) => self.named(name),
            ("Fn::Sub", Value::String(text)) => {
                let mut pieces = text.split("${");
                let first = pieces.next().unwrap().to_owned();
                pieces.fold(first, |done, piece| {
                    let (name, rest) = piece.split_once('}').unwrap();
                    done + &self.named(name) + rest
                })
            }
            ("Fn::GetAtt", Value::Array(path)) => {
                let [Value::String(id), Value::String(attribute)] = path.as_slice() else { panic!("{path:?}") };
                self.named(&format!("{id}.{attribute}"))
            }
            _ => panic!("{function} of {argument}"),
        }
    }

    fn named(&self, name: &str) -> String {
        if let Some(id) = name.strip_suffix(".Arn") {
            return self.arn(id);
        }
        match name {
            "AWS::Partition" => "aws".to_owned(),
            "AWS::AccountId" => ACCOUNT.to_owned(),
            "AWS::Region" => REGION.to_owned(),
            "AdministratorRoleArn" => ADMINISTRATOR.to_owned(),
            "BackendService" => SERVICE.to_owned(),
            "AlarmEmail" => "alarms@county.example".to_owned(),
            "BackendMachine" => MACHINE.to_owned(),
            "TrailLockMode" | "TrailRetentionDays" => self.default(name).to_string(),
            id => {
                let properties = &self.resource(id)["Properties"];
                match self.resource(id)["Type"].as_str().unwrap() {
                    "AWS::IAM::ManagedPolicy" | "AWS::SNS::Topic" => self.arn(id),
                    "AWS::KMS::Key" => key_id(id).to_owned(),
                    "AWS::S3::Bucket" => "the-trail".to_owned(),
                    "AWS::IAM::Role" => properties["RoleName"].as_str().unwrap().to_owned(),
                    "AWS::IAM::InstanceProfile" => properties["InstanceProfileName"].as_str().unwrap().to_owned(),
                    "AWS::Logs::LogGroup" => properties["LogGroupName"].as_str().unwrap().to_owned(),
                    other => panic!("what is the Ref of an {other}?"),
                }
            }
        }
    }
}

/// The same for the embedded authority's own reader.
pub(crate) fn deployment() -> Deployment {
    let parameter = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let keys = ["ResponderKey", "AgreementKey"].into_iter();
    Deployment {
        account: ACCOUNT.to_owned(),
        region: REGION.to_owned(),
        parameters: [parameter("AdministratorRoleArn", ADMINISTRATOR), parameter("BackendService", SERVICE)].into(),
        arns: keys.map(|key| (key.to_owned(), STACK.arn(key))).collect(),
    }
}

fn key_id(id: &str) -> &'static str {
    match id {
        "ResponderKey" => "11111111-1111-4111-8111-111111111111",
        "AgreementKey" => "22222222-2222-4222-8222-222222222222",
        other => panic!("there is no key {other}"),
    }
}
