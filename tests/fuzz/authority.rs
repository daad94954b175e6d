//! The embedded authority: whole requests, and what is said in them by somebody who may speak.
//!
//! The estate is made anew by each process, so an input names what only that process knows: `{kek}`, `{agreement}`,
//! `{decrypter}`, `{registrar}`, `{rotation}` (ARNs), `{blob}` (a wrapped data key), `{peer}` (a point), and what a signature is made of.

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4::SigningParams,
};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Method, Request, StatusCode, Uri},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use halligan_authority::{Authority, Clock, Connection, Settings, reread};
use halligan_shared::crypto;
use serde_json::{Value, json};
use time::{OffsetDateTime, macros::datetime};
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

/// What the authority's clock says, always.
const NOW: OffsetDateTime = datetime!(2026-11-26 10:05:00 UTC);
const HOST: &str = "127.0.0.1:4599";
/// The record that the one wrapped data key is bound to.
const RECORD: &str = "00112233445566778899aabbccddeeff";
const STS: &str = "application/x-www-form-urlencoded";
const KMS: &str = "application/x-amz-json-1.1";

thread_local! {
    static BENCH: Bench = Bench::start();
}

struct Bench {
    runtime: Runtime,
    router: Router,
    connection: Connection,
    decrypter: Credentials,
    registrar: Credentials,
    rotation: Credentials,
    administrator: Credentials,
    data_key: String,
    blob: String,
    peer: String,
    /// Kept: the estate ends with it.
    authority: Authority,
}

struct Answer {
    status: StatusCode,
    body: String,
}

/// A request as its bytes: request line, headers, an empty line, a body. Only the one that was signed is answered.
pub(crate) fn request(bytes: &[u8]) {
    BENCH.with(|bench| {
        let body = json!({ "KeyId": bench.connection.kek_arn }).to_string();
        let right = bench.signed(&bench.backend(), KMS, Some("DescribeKey"), &body);
        let header = |name: &str| right.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        let authorization = header("authorization");
        let part = |from: &str| authorization.split_once(from).unwrap().1.split(',').next().unwrap().to_owned();
        let text = String::from_utf8_lossy(bytes)
            .replace("{authorization}", &authorization)
            .replace("{credential}", &part("Credential="))
            .replace("{signature}", &part("Signature="))
            .replace("{date}", &header("x-amz-date"));
        let Some(asked) = parsed(&bench.filled(&text)) else { return };
        let (parts, asked_body) = asked.into_parts();
        let meant = parts.method == *right.method()
            && parts.uri.path() == "/"
            && parts.uri.query().is_none_or(str::is_empty)
            && asked_body == body
            && ["host", "x-amz-target", "x-amz-date"]
                .iter()
                .all(|name| parts.headers.get_all(*name).iter().eq(right.headers().get_all(*name)));
        let answer = bench.ask(Request::from_parts(parts, asked_body));
        assert!(answer.status != StatusCode::OK || meant, "answered without being signed: {text}");
        assert!(!answer.status.is_server_error(), "{}: {text}", answer.body);
    });
}

/// A form to STS, signed as it should be. A role is assumed only by whoever says all that its trust policy demands.
pub(crate) fn sts(bytes: &[u8]) {
    BENCH.with(|bench| {
        let form = bench.filled(&String::from_utf8_lossy(bytes));
        let answer = bench.ask(bench.signed(&bench.backend(), STS, None, &form));
        // What stands between tags is escaped, so nothing that was sent can be a tag.
        assert!(answer.body.matches('<').count() == answer.body.matches('>').count() && answer.body.matches('<').count() < 60);
        if answer.status != StatusCode::OK {
            assert!(matches!(answer.status, StatusCode::BAD_REQUEST | StatusCode::FORBIDDEN), "{}", answer.body);
            assert!(answer.body.contains("<ErrorResponse") && !answer.body.contains("SecretAccessKey"), "{}", answer.body);
            return;
        }
        if answer.body.contains("<AssumeRoleResponse") {
            let said = |name: &str| {
                let mut values = form_urlencoded::parse(form.as_bytes()).filter(|(key, _)| key == name);
                values.next().map(|(_, value)| value.into_owned())
            };
            let role = said("RoleArn").unwrap();
            let tags: Vec<_> = (1..).map_while(|n| said(&format!("Tags.member.{n}.Key"))).collect();
            assert!(said("SourceIdentity").is_some_and(|identity| (2..=64).contains(&identity.len())));
            if role == bench.connection.decrypter_role_arn {
                let told = |tag: &str| tags.iter().any(|given| given.eq_ignore_ascii_case(tag));
                assert!(["incident", "request", "record", "door"].into_iter().all(told), "{form}");
                let door = tags.iter().position(|tag| tag.eq_ignore_ascii_case("door")).unwrap() + 1;
                let door = said(&format!("Tags.member.{door}.Value")).unwrap();
                assert!(["dispatcher", "policy", "override"].contains(&door.as_str()), "{door}");
            } else {
                assert!([&bench.connection.registrar_role_arn, &bench.connection.rotation_role_arn].contains(&&role));
            }
            assert!(said("DurationSeconds").is_none_or(|seconds| (900..=3600).contains(&seconds.parse::<i64>().unwrap())));
            assert_eq!(within(&answer.body, "SourceIdentity"), said("SourceIdentity").unwrap());
        }
    });
}

/// A call to KMS: on the first line who speaks (`backend`, `decrypter`, `registrar`, `rotation`, `administrator`) and the operation, then the body. A data
/// key comes out only for its own record, and every operation only to whom the policies name.
pub(crate) fn kms(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Some((first, body)) = text.split_once('\n') else { return };
    let Some((who, operation)) = first.split_once(' ') else { return };
    // What cannot stand in a header reaches nobody.
    if !operation.bytes().all(|byte| byte.is_ascii_graphic()) {
        return;
    }
    BENCH.with(|bench| {
        let credentials = match who {
            "backend" => bench.backend(),
            "decrypter" => bench.decrypter.clone(),
            "registrar" => bench.registrar.clone(),
            "rotation" => bench.rotation.clone(),
            "administrator" => bench.administrator.clone(),
            _ => return,
        };
        let body = bench.filled(body);
        let answer = bench.ask(bench.signed(&credentials, KMS, Some(operation), &body));
        let said: Value = serde_json::from_str(&answer.body).unwrap();
        if answer.status != StatusCode::OK {
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.body);
            assert!(said["__type"].as_str().unwrap().ends_with("Exception"));
            assert!(["Plaintext", "SharedSecret", "CiphertextBlob"].iter().all(|secret| said.get(*secret).is_none()));
            return;
        }
        let asked: Value = serde_json::from_str(&body).unwrap();
        assert!(asked["DryRun"] != true, "a dry run says only whether it would");
        match operation {
            "Decrypt" => {
                assert_eq!((who, &said["Plaintext"]), ("decrypter", &json!(bench.data_key)));
                assert_eq!(asked["EncryptionContext"], json!({ "halligan:record": RECORD }));
            }
            "DeriveSharedSecret" => {
                assert_eq!((who, &asked["KeyId"]), ("decrypter", &json!(bench.connection.agreement_arn)));
                assert_eq!(STANDARD.decode(said["SharedSecret"].as_str().unwrap()).unwrap().len(), 32);
            }
            "GenerateDataKey" => assert_eq!(who, "registrar"),
            "GetPublicKey" => assert!(["backend", "registrar"].contains(&who)),
            "DescribeKey" => assert!(["backend", "administrator"].contains(&who)),
            "CreateKey" | "GetKeyPolicy" | "RotateKeyOnDemand" => assert_eq!(who, "administrator"),
            "GetKeyRotationStatus" | "ListKeyRotations" => assert!(["rotation", "administrator"].contains(&who)),
            "ReEncrypt" => {
                assert_eq!(who, "rotation");
                for context in ["SourceEncryptionContext", "DestinationEncryptionContext"] {
                    assert_eq!(asked[context]["halligan:record"], RECORD, "a record is wrapped anew as itself");
                }
                assert!([&said["SourceKeyId"], &said["KeyId"]].iter().all(|key| **key == *bench.connection.kek_arn));
            }
            _ => panic!("{operation} is no operation"),
        }
    });
}

/// The keys file: what is read can be written and read again, and a fault says where and never what.
pub(crate) fn keys_file(bytes: &[u8]) {
    match reread(bytes) {
        Ok(written) => assert_eq!(reread(&written).unwrap(), written),
        Err(fault) => {
            let place = fault.strip_prefix("not the JSON it should be, at line ");
            let only_a_place = place.is_some_and(|place| place.replace(" column ", "").bytes().all(|byte| byte.is_ascii_digit()));
            let contradiction = ["it is of form ", "it names a key ", "it holds a ", "its account or Region "];
            assert!(only_a_place || contradiction.iter().any(|beginning| fault.starts_with(beginning)), "{fault}");
        }
    }
}

impl Bench {
    fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let settings = Settings { listen: "127.0.0.1:0".parse().unwrap(), keys_file: None };
        let authority = runtime.block_on(Authority::start(settings, Clock::new(|| NOW))).unwrap();
        let (_, point) = crypto::agree_with(&[9; 32], &generator()).unwrap();
        let nobody = || Credentials::new("AKIA", "", None, None, "nobody");
        let mut bench = Self {
            router: authority.router(),
            connection: authority.connection(),
            runtime,
            decrypter: nobody(),
            registrar: nobody(),
            rotation: nobody(),
            administrator: nobody(),
            data_key: String::new(),
            blob: String::new(),
            peer: STANDARD.encode(point.to_spki_der()),
            authority,
        };
        let (key, agreement) = (bench.connection.kek_arn.clone(), bench.connection.agreement_arn.clone());
        let window = json!({ "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Action": "kms:Decrypt", "Resource": key,
              "Condition": { "StringEquals": { "kms:EncryptionContext:halligan:record": RECORD }, "DateLessThan": { "aws:CurrentTime": "2026-11-26T10:10:00Z" } } },
            { "Effect": "Allow", "Action": "kms:DeriveSharedSecret", "Resource": agreement },
        ] });
        bench.decrypter = bench.assume("{decrypter}", Some(&window.to_string()));
        bench.registrar = bench.assume("{registrar}", None);
        bench.rotation = bench.assume("{rotation}", None);
        let given = bench.authority.administrator("fuzz").unwrap();
        bench.administrator = Credentials::new(
            given.access_key_id,
            given.secret_access_key.as_str(),
            Some(given.session_token.to_string()),
            None,
            "test",
        );
        let ask = json!({ "KeyId": key, "KeySpec": "AES_256", "EncryptionContext": { "halligan:record": RECORD } });
        let answer = bench.ask(bench.signed(&bench.registrar, KMS, Some("GenerateDataKey"), &ask.to_string()));
        let made: Value = serde_json::from_str(&answer.body).unwrap();
        made["Plaintext"].as_str().unwrap().clone_into(&mut bench.data_key);
        made["CiphertextBlob"].as_str().unwrap().clone_into(&mut bench.blob);
        bench
    }

    fn backend(&self) -> Credentials {
        Credentials::new(&self.connection.access_key_id, self.connection.secret_access_key.as_str(), None, None, "test")
    }

    fn assume(&self, role: &str, policy: Option<&str>) -> Credentials {
        let tag = |(n, tag, value)| format!("&Tags.member.{n}.Key={tag}&Tags.member.{n}.Value={value}");
        let tags = [(1, "incident", "1"), (2, "request", "1"), (3, "door", "dispatcher"), (4, "record", RECORD)].map(tag).concat();
        let policy: String = policy.into_iter().flat_map(|policy| ["&Policy=".to_owned(), escaped(policy)]).collect();
        let form =
            format!("Action=AssumeRole&Version=2011-06-15&RoleArn={role}&RoleSessionName=fuzz&SourceIdentity=EMS-1{tags}{policy}");
        let answer = self.ask(self.signed(&self.backend(), STS, None, &self.filled(&form)));
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let part = |name| within(&answer.body, name);
        Credentials::new(part("AccessKeyId"), part("SecretAccessKey"), Some(part("SessionToken")), None, "test")
    }

    /// The text with what only this process knows in place of its names.
    fn filled(&self, text: &str) -> String {
        let Connection { kek_arn, agreement_arn, decrypter_role_arn, registrar_role_arn, rotation_role_arn, .. } = &self.connection;
        text.replace("{kek}", kek_arn)
            .replace("{agreement}", agreement_arn)
            .replace("{decrypter}", decrypter_role_arn)
            .replace("{registrar}", registrar_role_arn)
            .replace("{rotation}", rotation_role_arn)
            .replace("{blob}", &self.blob)
            .replace("{peer}", &self.peer)
            .replace("{host}", HOST)
    }

    fn signed(&self, credentials: &Credentials, content_type: &str, operation: Option<&str>, body: &str) -> Request<String> {
        let target = operation.map(|operation| format!("TrentService.{operation}"));
        let mut headers = vec![("host", HOST), ("content-type", content_type)];
        headers.extend(target.as_deref().map(|target| ("x-amz-target", target)));
        let signable =
            SignableRequest::new("POST", format!("http://{HOST}/"), headers.iter().copied(), SignableBody::Bytes(body.as_bytes()))
                .unwrap();
        let identity = credentials.clone().into();
        let parameters = SigningParams::builder()
            .identity(&identity)
            .region(&self.connection.region)
            .name(if content_type == STS { "sts" } else { "kms" })
            .time(NOW.into())
            .settings(SigningSettings::default())
            .build()
            .unwrap()
            .into();
        let (instructions, _) = sign(signable, &parameters).unwrap().into_parts();
        let all = headers.into_iter().chain(instructions.headers());
        all.fold(Request::builder().method(Method::POST).uri("/"), |request, (name, value)| request.header(name, value))
            .body(body.to_owned())
            .unwrap()
    }

    fn ask(&self, request: Request<String>) -> Answer {
        self.runtime.block_on(async {
            let response = self.router.clone().oneshot(request.map(Body::from)).await.unwrap();
            let status = response.status();
            let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
            Answer { status, body: String::from_utf8(body.to_vec()).unwrap() }
        })
    }
}

/// The request that these bytes are, as far as they are one.
fn parsed(text: &str) -> Option<Request<String>> {
    let (head, body) = text.split_once("\n\n")?;
    let mut lines = head.lines();
    let (method, target) = lines.next()?.split_once(' ')?;
    let mut request = Request::builder().method(method).uri(target.parse::<Uri>().ok()?);
    for line in lines {
        let (name, value) = line.split_once(':')?;
        request = request.header(name, value.trim());
    }
    request.body(body.to_owned()).ok()
}

fn within(xml: &str, name: &str) -> String {
    let (_, rest) = xml.split_once(&format!("<{name}>")).unwrap();
    rest.split_once("</").unwrap().0.to_owned()
}

fn escaped(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// G of P-256 (FIPS 186-5, D.1.2.3), compressed.
fn generator() -> crypto::Point {
    let x = STANDARD.decode("axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY=").unwrap();
    crypto::Point::from_sec1(&[&[3], x.as_slice()].concat()).unwrap()
}
