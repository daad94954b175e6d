//! The webhook: another system of the agency's that is told of every notice, by Standard Webhooks.
//!
//! webhook-signature = v1,base64(HMAC-SHA-256(key, id "." timestamp "." body))

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use time::OffsetDateTime;
use url::Url;
use zeroize::Zeroizing;

/// Bytes of a key, fewest and most, as Standard Webhooks has it.
const KEY_LEN: std::ops::RangeInclusive<usize> = 24..=64;

/// Where every notice goes, and the key that says who sent it.
pub struct Webhook {
    url: Url,
    key: Zeroizing<Vec<u8>>,
}

/// Settings are printed; this part of them is not. The address may have a secret in it as well.
impl std::fmt::Debug for Webhook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Webhook")
    }
}

/// Not a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookFault {
    /// What is sent would be read by whoever stands on the way.
    #[error("give the webhook's address with https, without name and password; http only on this machine itself")]
    Address,
    /// No key.
    #[error(
        "a webhook's key is whsec_ and 24 to 64 bytes in base64, alone in its file; `echo whsec_$(openssl rand -base64 32)` makes one"
    )]
    Key,
}

impl Webhook {
    /// Puts together what the operator set.
    pub fn new(url: &str, key: &str) -> Result<Self, WebhookFault> {
        let url = Url::parse(url).map_err(|_| WebhookFault::Address)?;
        let is_here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        let is_safe = url.scheme() == "https" || url.scheme() == "http" && is_here;
        if !is_safe || url.host_str().is_none() || !url.username().is_empty() || url.password().is_some() {
            return Err(WebhookFault::Address);
        }
        let key = key.trim().strip_prefix("whsec_").and_then(|text| STANDARD.decode(text).ok()).map(Zeroizing::new);
        let key = key.filter(|key| KEY_LEN.contains(&key.len())).ok_or(WebhookFault::Key)?;
        Ok(Self { url, key })
    }

    /// Where it is.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The headers of a call with this body. A call that is tried again has the same id and another time.
    pub fn headers(&self, id: &str, body: &[u8], now: OffsetDateTime) -> HeaderMap {
        let at = now.unix_timestamp().to_string();
        let fixed = [
            ("webhook-id", id.to_owned()),
            ("webhook-timestamp", at.clone()),
            ("webhook-signature", self.signature(id, &at, body)),
        ];
        let mut headers = HeaderMap::new();
        for (name, value) in fixed {
            // Ids, numbers and base64: nothing that a header cannot carry.
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers
    }

    fn signature(&self, id: &str, at: &str, body: &[u8]) -> String {
        // HMAC takes keys of every length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.key) else { return String::new() };
        mac.update(format!("{id}.{at}.").as_bytes());
        mac.update(body);
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the Standard Webhooks libraries.
    #[test]
    fn a_call_is_signed_as_others_check_it() {
        let webhook = Webhook::new("https://agency.example/hook", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n").unwrap();
        let now = OffsetDateTime::from_unix_timestamp(1_614_265_330).unwrap();
        let headers = webhook.headers("msg_p5jXN8AQM9LWM0D4loKWxJek", br#"{"test": 2432232314}"#, now);
        assert_eq!(headers["webhook-signature"], "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert_eq!(
            (&headers["webhook-timestamp"], &headers["webhook-id"]),
            (&"1614265330".parse().unwrap(), &"msg_p5jXN8AQM9LWM0D4loKWxJek".parse().unwrap())
        );
        assert_eq!(format!("{webhook:?}"), "Webhook");
    }

    #[test]
    fn nothing_is_sent_in_the_clear_or_unsigned() {
        let key = format!("whsec_{}", STANDARD.encode([7; 32]));
        for good in ["https://a.example/x?y=z", "http://127.0.0.1:9000/x", "http://localhost/x"] {
            assert!(Webhook::new(good, &key).is_ok(), "{good}");
        }
        for bad in ["http://a.example/x", "ftp://a.example", "https://u:p@a.example/", "https://u@a.example/", "a.example", ""] {
            assert_eq!(Webhook::new(bad, &key).map(|_| ()), Err(WebhookFault::Address), "{bad}");
        }
        for bad in [
            "",
            "whsec_",
            &key[6..],
            &format!("whsec_{}", STANDARD.encode([7; 23])),
            &format!("whsec_{}", STANDARD.encode([7; 65])),
        ] {
            assert_eq!(Webhook::new("https://a.example/x", bad).map(|_| ()), Err(WebhookFault::Key), "{bad}");
        }
    }
}
