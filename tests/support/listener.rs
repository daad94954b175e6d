//! The outside: a push service and a webhook on this machine that take down what they are sent, and a browser that reads it.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU16, Ordering},
    },
};

use aes_gcm::{Aes128Gcm, KeyInit as _, aead::Aead as _};
use axum::{
    Router,
    body::{Body, Bytes},
    http::{HeaderMap, Response, StatusCode, Uri, header},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use futures_util::stream;
use halligan_backend::outside::{Outside, PushKey, Webhook};
use halligan_shared::wire::PushDeviceBody;
use hkdf::Hkdf;
use p256::{
    PublicKey, SecretKey,
    ecdsa::{Signature, VerifyingKey, signature::Verifier as _},
    elliptic_curve::{point::AffineCoordinates as _, sec1::ToSec1Point as _},
};
use serde_json::Value;
use sha2::Sha256;

/// A call as it came.
#[derive(Clone)]
pub(crate) struct Heard {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// Takes every call down, and answers as a test says.
pub(crate) struct Listener {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<Heard>>>,
    answer: Arc<AtomicU16>,
}

/// The webhook's key.
const HOOK_KEY: [u8; 32] = [7; 32];

impl Listener {
    pub(crate) async fn start() -> Self {
        let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let (heard, answer) = (Arc::<Mutex<Vec<Heard>>>::default(), Arc::new(AtomicU16::new(201)));
        let (takes, answers) = (Arc::clone(&heard), Arc::clone(&answer));
        let router = Router::new().fallback(move |uri: Uri, headers: HeaderMap, body: Bytes| async move {
            takes.lock().unwrap().push(Heard { path: uri.path().to_owned(), headers, body: body.to_vec() });
            let status = StatusCode::from_u16(answers.load(Ordering::SeqCst)).unwrap();
            // Wherever a redirect goes, it would be heard here; and no answer ever ends.
            let endless = stream::repeat_with(|| Ok::<_, std::convert::Infallible>(Bytes::from_static(&[0; 1024])));
            Response::builder().status(status).header(header::LOCATION, "/elsewhere").body(Body::from_stream(endless)).unwrap()
        });
        tokio::spawn(async move { axum::serve(socket, router).await.unwrap() });
        Self { address, heard, answer }
    }

    /// Where its push service is.
    pub(crate) fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What a portal is set to that tells this listener, and nobody else.
    pub(crate) fn outside(&self) -> Outside {
        let hook = format!("http://{}/hook", self.address);
        Outside {
            // 32 bytes that are a scalar of the curve.
            push: Some(Arc::new(PushKey::from_text(&URL_SAFE_NO_PAD.encode([5; 32])).unwrap())),
            contact: "mailto:it@agency.example".into(),
            services: self.address().parse().unwrap(),
            webhook: Some(Arc::new(Webhook::new(&hook, &format!("whsec_{}", STANDARD.encode(HOOK_KEY))).unwrap())),
        }
    }

    /// The same without the webhook.
    pub(crate) fn push_only(&self) -> Outside {
        Outside { webhook: None, ..self.outside() }
    }

    /// With which status every call is answered from now on.
    pub(crate) fn answer(&self, status: u16) {
        self.answer.store(status, Ordering::SeqCst);
    }

    /// What came since this was asked the last time.
    pub(crate) fn take(&self) -> Vec<Heard> {
        std::mem::take(&mut *self.heard.lock().unwrap())
    }

    /// A browser with this service.
    pub(crate) fn browser(&self, name: &str, byte: u8) -> Browser {
        Browser {
            endpoint: format!("http://{}/push/{name}", self.address),
            key: SecretKey::from_slice(&[byte; 32]).unwrap(),
            auth: [byte; 16],
        }
    }
}

/// A browser that subscribed.
pub(crate) struct Browser {
    pub(crate) endpoint: String,
    key: SecretKey,
    auth: [u8; 16],
}

impl Browser {
    /// The same browser, if one believes what it says of its address.
    pub(crate) fn at(self, endpoint: &str) -> Self {
        Self { endpoint: endpoint.to_owned(), ..self }
    }

    pub(crate) fn body(&self) -> PushDeviceBody {
        PushDeviceBody {
            endpoint: self.endpoint.clone(),
            p256dh: URL_SAFE_NO_PAD.encode(self.key.public_key().to_sec1_point(false).as_bytes()),
            auth: URL_SAFE_NO_PAD.encode(self.auth),
        }
    }

    /// Whether a call is for this browser.
    pub(crate) fn is_for(&self, heard: &Heard) -> bool {
        self.endpoint.ends_with(&heard.path)
    }

    /// Reads what was pushed, as a browser does (RFC 8291, section 3).
    pub(crate) fn open(&self, heard: &Heard) -> Value {
        let body = &heard.body;
        assert_eq!(heard.headers["content-encoding"], "aes128gcm");
        assert_eq!(body[16..21], [0, 0, 16, 0, 65]);
        let theirs = PublicKey::from_sec1_bytes(&body[21..86]).unwrap();
        let shared = (theirs.to_projective() * *self.key.to_nonzero_scalar()).to_affine().x();
        let own = self.key.public_key().to_sec1_point(false);
        let info = [b"WebPush: info\0".as_slice(), own.as_bytes(), &body[21..86]].concat();
        let (mut secret, mut key, mut nonce) = ([0; 32], [0; 16], [0; 12]);
        Hkdf::<Sha256>::new(Some(&self.auth), &shared).expand(&info, &mut secret).unwrap();
        let hkdf = Hkdf::<Sha256>::new(Some(&body[..16]), &secret);
        hkdf.expand(b"Content-Encoding: aes128gcm\0", &mut key).unwrap();
        hkdf.expand(b"Content-Encoding: nonce\0", &mut nonce).unwrap();
        let plain = Aes128Gcm::new_from_slice(&key).unwrap().decrypt(&nonce.into(), &body[86..]).unwrap();
        let end = plain.iter().rposition(|byte| *byte != 0).unwrap();
        assert_eq!(plain[end], 2);
        serde_json::from_slice(&plain[..end]).unwrap()
    }
}

impl Heard {
    /// The claims by which the portal says who it is, once their signature is checked (RFC 8292).
    pub(crate) fn claims(&self, public: &str) -> Value {
        let said = self.headers["authorization"].to_str().unwrap();
        let (token, key) = said.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
        assert_eq!(key, public);
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let key = VerifyingKey::from_sec1_bytes(&URL_SAFE_NO_PAD.decode(public).unwrap()).unwrap();
        let signature = Signature::from_slice(&URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
        key.verify(signed.as_bytes(), &signature).unwrap();
        let (header, claims) = signed.split_once('.').unwrap();
        let read = |part: &str| serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
        assert_eq!(read(header)["alg"], "ES256");
        read(claims)
    }

    /// What the webhook was told, if its signature holds over id, time and this body.
    pub(crate) fn hook(&self, body: &[u8]) -> Option<Value> {
        use hmac::{Hmac, KeyInit as _, Mac as _};
        let line = |name: &str| self.headers[name].to_str().unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(&HOOK_KEY).unwrap();
        mac.update(format!("{}.{}.", line("webhook-id"), line("webhook-timestamp")).as_bytes());
        mac.update(body);
        let signature = STANDARD.decode(line("webhook-signature").strip_prefix("v1,").unwrap()).unwrap();
        mac.verify_slice(&signature).ok()?;
        serde_json::from_slice(body).ok()
    }
}
