//! Browsers in which somebody signed in before: they are told from a stranger's at the same address before anybody has signed in
//! again ("device cookies", OWASP: Slow Down Online Guessing Attacks with Device Cookies).
//!
//! cookie = hex(id || HKDF-Expand(PRK = the installation's decoy key, info = label || id))
//!
//! It says of a browser that somebody signed in there, and not who; it opens nothing. It is good for being counted apart (see `pace`), for
//! knowing the device that is told of notices in it, and for a member's going on from a sign-in of theirs whose answer never arrived there.
//! Whoever copies it has that browser's count, and by a sign-out or a sign-in of their own ends what it is told, and a sign-in there of which
//! it never heard; whoever has the database can make one.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, HeaderValue, header, request::Parts},
};
use halligan_shared::bytes::Bytes;
use sha2::{Digest as _, Sha256};

use super::{problem::Refused, user_agent};
use crate::{
    config::Settings,
    services::{Fault, Portal},
};

/// How long a browser is known, in seconds: 30 days from the last sign-in. A tablet that is in use is signed in at every shift.
const KNOWN: u32 = 30 * 24 * 60 * 60;

/// A browser in which somebody signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Browser([u8; 16]);

impl Browser {
    /// By what the store knows it: nobody makes a cookie from that.
    pub(super) fn mark(self) -> String {
        Bytes::<32>(Sha256::digest(self.0).into()).to_hex()
    }
}

/// The browser that a call comes from.
pub(super) struct At {
    /// As the store knows it, if somebody signed in there before.
    pub(super) mark: Option<String>,
    /// What its member knows it by.
    pub(super) name: String,
}

impl FromRequestParts<Portal> for At {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, portal: &Portal) -> Result<Self, Refused> {
        let mark = known(portal, &parts.headers).map(Browser::mark);
        Ok(Self { mark, name: user_agent::name(&parts.headers) })
    }
}

/// What the cookie is called. `__Host-` needs `Secure`, which browsers refuse to store from `http://localhost`.
fn cookie_name(settings: &Settings) -> &'static str {
    if settings.is_tls() { "__Host-halligan-browser" } else { "halligan-browser" }
}

/// The browser a call comes from, if somebody signed in there before.
pub(super) fn known(portal: &Portal, headers: &HeaderMap) -> Option<Browser> {
    let name = cookie_name(portal.settings());
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(';'));
    let said = pairs.filter_map(|pair| pair.trim().split_once('=')).find(|(of, _)| *of == name);
    let Bytes(said) = said.and_then(|(_, value)| Bytes::<48>::from_hex(value))?;
    let (id, seal) = said.split_at(16);
    let id = <[u8; 16]>::try_from(id).ok()?;
    let own = portal.decoy_key().browser_seal(&id);
    // Digests are compared and not seals: how many bytes agree tells nothing of the seal.
    (Sha256::digest(own.0) == Sha256::digest(seal)).then_some(Browser(id))
}

/// The header by which a browser is known from now on. One that was known stays the same one: signing in anew gives it nothing.
pub(super) fn remember(portal: &Portal, browser: Option<Browser>) -> Result<(HeaderName, HeaderValue), Fault> {
    let id = if let Some(Browser(id)) = browser {
        id
    } else {
        let mut fresh = [0; 16];
        getrandom::fill(&mut fresh)?;
        fresh
    };
    let seal = portal.decoy_key().browser_seal(&id);
    let secure = if portal.settings().is_tls() { "; Secure" } else { "" };
    let cookie = format!(
        "{}={}{}; HttpOnly; SameSite=Strict; Path=/; Max-Age={KNOWN}{secure}",
        cookie_name(portal.settings()),
        Bytes(id).to_hex(),
        seal.to_hex()
    );
    Ok((header::SET_COOKIE, HeaderValue::from_str(&cookie).map_err(|_| Fault::Internal)?))
}
