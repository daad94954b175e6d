//! The built frontend, inside the binary: precompressed, hashed names cached for good, everything else asked for anew.

use std::sync::LazyLock;

use axum::{
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use halligan_shared::paths::{VIEWER_PAGE, is_desk_page};
use rust_embed::{EmbeddedFile, RustEmbed};
use sha2::{Digest as _, Sha256};

use super::problem::Refused;

/// What a page may ask the browser for: a camera, its picture and a sound, and passkeys, for itself alone. Everything else that browsers know is named, because
/// what is not named may be allowed.
const PERMISSIONS: &str = "camera=(self), publickey-credentials-get=(self), publickey-credentials-create=(self), \
     autoplay=(self), accelerometer=(), browsing-topics=(), clipboard-read=(), display-capture=(), encrypted-media=(), \
     fullscreen=(), gamepad=(), geolocation=(), gyroscope=(), hid=(), identity-credentials-get=(), idle-detection=(), \
     local-fonts=(), magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), serial=(), \
     screen-wake-lock=(), storage-access=(), usb=(), window-management=(), xr-spatial-tracking=()";

#[derive(RustEmbed)]
#[folder = "../frontend/dist"]
#[allow_missing = true]
struct Dist;

/// Serves a file, or the page itself for every address the page's own router knows.
pub(super) async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path == "api" || path.starts_with("api/") || !matches!(method, Method::GET | Method::HEAD) {
        return Refused::NoSuchPath.into_response();
    }
    // The pages themselves have no second address, at which they would come without their policies.
    let is_file = path.rsplit('/').next().is_some_and(|name| name.contains('.') && !name.contains(".html"));
    let name = if is_file { path } else { page_of(uri.path()) };
    let accepts = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let packed = [("br", ".br"), ("gzip", ".gz")]
        .into_iter()
        .filter(|(encoding, _)| accepts.split(',').any(|one| one.split(';').next().is_some_and(|one| one.trim() == *encoding)))
        .find_map(|(encoding, ending)| Dist::get(&format!("{name}{ending}")).map(|file| (file, Some(encoding))));
    let mut response = match packed.or_else(|| Dist::get(name).map(|file| (file, None))) {
        Some((file, encoding)) => answer(name, file, encoding, &headers),
        None if !is_file => not_built(),
        None => Refused::NoSuchPath.into_response(),
    };
    // It means nothing to a file, and a phone on a weak line loads five of them.
    if !is_file {
        response.headers_mut().insert("permissions-policy", HeaderValue::from_static(PERMISSIONS));
    }
    response
}

/// The page of an address: the desks' part or the emergency path, by the rule that both parts go by.
fn page_of(path: &str) -> &'static str {
    if path == VIEWER_PAGE {
        "viewer.html"
    } else if is_desk_page(path) {
        "desk.html"
    } else {
        "index.html"
    }
}

/// The policy of the viewer's page, in which a record is in the clear: scripts and style of the portal, and nothing else at all. No
/// network: a record that got a script to run could tell nobody. `sandbox` holds even if the page is opened by itself.
const VIEWER_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'self'; sandbox allow-scripts; require-trusted-types-for 'script'; trusted-types default";

/// The policy of every other page: own scripts, the inline ones of index.html by digest, no other origin for anything.
pub(super) fn content_security_policy(path: &str) -> String {
    static POLICY: LazyLock<String> = LazyLock::new(policy);
    if path == VIEWER_PAGE {
        VIEWER_POLICY.to_owned()
    } else if cfg!(debug_assertions) {
        // A debug build reads the files anew at each call, so that a rebuilt frontend fits its policy.
        policy()
    } else {
        POLICY.clone()
    }
}

fn policy() -> String {
    let page = Dist::get("index.html").map(|file| file.data).unwrap_or_default();
    let digests = inline_scripts(&String::from_utf8_lossy(&page)).fold(String::new(), |digests, script| {
        let digest = STANDARD.encode(Sha256::digest(script));
        digests + " 'sha256-" + &digest + "'"
    });
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{digests}; style-src 'self'; img-src 'self'; \
         connect-src 'self'; worker-src 'self'; media-src 'self' blob:; frame-src 'self'; manifest-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'; \
         require-trusted-types-for 'script'; trusted-types default"
    )
}

/// The text between `<script …>` and `</script>` where the tag names no `src`.
fn inline_scripts(page: &str) -> impl Iterator<Item = &str> {
    page.split("<script").skip(1).filter_map(|rest| {
        let (tag, rest) = rest.split_once('>')?;
        let (script, _) = rest.split_once("</script>")?;
        (!tag.contains("src=") && !script.is_empty()).then_some(script)
    })
}

fn answer(name: &str, file: EmbeddedFile, encoding: Option<&'static str>, asked: &HeaderMap) -> Response {
    let etag = format!("\"{}\"", STANDARD.encode(file.metadata.sha256_hash()));
    let known = asked.get(header::IF_NONE_MATCH).is_some_and(|value| value.as_bytes() == etag.as_bytes());
    let mut response = if known { StatusCode::NOT_MODIFIED.into_response() } else { file.data.into_owned().into_response() };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(name)));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static(if is_hashed(name) { "public, max-age=31536000, immutable" } else { "no-cache" }),
    );
    // The viewer's frame has no origin, and so is a stranger to these. They are the same for everybody.
    if is_hashed(name) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    }
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    response
}

/// Trunk writes `name-0123456789abcdef.ext` and `name-0123456789abcdef_bg.wasm`: such a name never changes its content.
fn is_hashed(name: &str) -> bool {
    name.split(['-', '_', '.']).any(|part| part.len() == 16 && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("json" | "webmanifest") => "application/json",
        _ => "application/octet-stream",
    }
}

fn not_built() -> Response {
    (
        StatusCode::SERVICE_UNAVAILABLE,
        "The pages are not built into this program. Build them with `make frontend`, then build it again.\n",
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    use halligan_shared::paths::DESK_PAGES;

    use super::*;

    #[test]
    fn inline_scripts_are_found_and_linked_ones_left_out() {
        let page = r#"<script type="module">a();</script><script src="/b.js"></script><script></script>"#;
        assert_eq!(inline_scripts(page).collect::<Vec<_>>(), ["a();"]);
    }

    #[test]
    fn the_desks_have_a_page_of_their_own() {
        for page in DESK_PAGES {
            for path in [page.to_owned(), format!("{page}/")] {
                assert_eq!(page_of(&path), "desk.html", "{path}");
            }
        }
        for path in ["/", "", "/s", "/request/0", "/desks", "/desk/nothing", "//desk"] {
            assert_eq!(page_of(path), "index.html", "{path}");
        }
    }

    #[test]
    fn only_hashed_names_are_kept_for_good() {
        assert!(is_hashed("halligan-frontend-0123456789abcdef_bg.wasm") && is_hashed("main-0123456789abcdef.css"));
        assert!(!is_hashed("index.html") && !is_hashed("scanner_loader.js"));
    }
}
