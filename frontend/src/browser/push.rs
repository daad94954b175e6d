//! Pushes to this browser: permission, and the address and keys by which one pushes to it.
//!
//! Knows no endpoint. Every failure is a sentence.

use std::cell::Cell;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_channel::oneshot;
use futures_util::future::select;
use gloo_timers::future::TimeoutFuture;
use js_sys::{Array, JSON, Promise, Reflect, Uint8Array};
use serde_json::Value;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    Notification, NotificationPermission, PushManager, PushSubscription, PushSubscriptionOptionsInit, ServiceWorkerRegistration,
};

/// How long whoever leaves is kept at most, in milliseconds: what a press may take without a word. A choice of this project.
const LEAVING: u32 = 1_000;

thread_local! {
    /// How often somebody wanted to be told here, by this page.
    static TURN: Cell<u32> = const { Cell::new(0) };
}

/// Why this browser is not pushed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PushFault {
    /// It has no pushes.
    #[error(
        "This browser cannot be told. On an iPhone or iPad, add the portal to the home screen first; elsewhere use a current Chrome, Edge, Firefox or Safari."
    )]
    NotHere,
    /// The person said no, now or before.
    #[error("Notices are not allowed for this site. Allow notifications in the browser's settings of this site, then try again.")]
    NotAllowed,
    /// Anything else.
    #[error("This browser could not be reached by its push service. Check the connection and try again.")]
    Failed,
}

/// What one pushes by.
pub struct Pushes {
    /// The address.
    pub endpoint: String,
    /// The browser's public key.
    pub p256dh: String,
    /// The browser's secret.
    pub auth: String,
}

/// Asks for permission, where nobody has yet, and has this browser pushed to by whoever holds the key. To be called by a press.
pub async fn subscribe(key: &str) -> Result<Pushes, PushFault> {
    // What is still being taken away from this browser is not this.
    TURN.set(TURN.get() + 1);
    let window = web_sys::window().ok_or(PushFault::NotHere)?;
    let navigator = window.navigator();
    let has = |of: &JsValue, name: &str| Reflect::has(of, &name.into()).unwrap_or(false);
    if !has(&navigator, "serviceWorker") || !has(&window, "PushManager") || !has(&window, "Notification") {
        return Err(PushFault::NotHere);
    }
    // First, while the press still counts.
    let asked = Notification::request_permission().map_err(|_| PushFault::NotHere)?;
    if done(asked).await? != JsValue::from(NotificationPermission::Granted) {
        return Err(PushFault::NotAllowed);
    }
    let page = window.document().ok_or(PushFault::NotHere)?;
    let named = page.query_selector("meta[name=\"halligan-push\"]").ok().flatten().and_then(|meta| meta.get_attribute("content"));
    let script = named.ok_or(PushFault::NotHere)?;
    let container = navigator.service_worker();
    done(container.register(&script)).await?;
    let ready: ServiceWorkerRegistration = done(container.ready().map_err(|_| PushFault::Failed)?).await?.unchecked_into();
    let manager = ready.push_manager().map_err(|_| PushFault::NotHere)?;
    let key = URL_SAFE_NO_PAD.decode(key).map_err(|_| PushFault::Failed)?;
    if let Ok(subscription) = take(&manager, &key).await {
        return read(&subscription);
    }
    // Subscribed by another key: the portal was set up anew.
    forget(&manager).await?;
    read(&take(&manager, &key).await?)
}

/// Takes what was shown in this browser from its screen, and has nobody push to it any more. Where nobody ever did, nothing happens. A page
/// that ends before this does takes nothing away; for a browser that is slow to answer nobody waits, and what it has left to do goes on.
pub async fn leave() {
    let (gone, is_gone) = oneshot::channel();
    let turn = TURN.get();
    spawn_local(async move {
        left(turn).await;
        // Nobody may be waiting any more.
        let _ = gone.send(());
    });
    let _ = select(is_gone, TimeoutFuture::new(LEAVING)).await;
}

async fn left(turn: u32) -> Option<()> {
    let navigator = web_sys::window()?.navigator();
    Reflect::has(&navigator, &"serviceWorker".into()).ok().filter(|has| *has)?;
    let found = done(navigator.service_worker().get_registration()).await.ok()?;
    let registration = found.dyn_into::<ServiceWorkerRegistration>().ok()?;
    if let Ok(shown) = registration.get_notifications()
        && let Ok(shown) = done(shown).await
    {
        for notification in Array::from(&shown) {
            notification.unchecked_into::<Notification>().close();
        }
    }
    // Somebody wants to be told here meanwhile: that is theirs.
    if TURN.get() != turn {
        return None;
    }
    // Its subscription ends with it.
    done(registration.unregister().ok()?).await.ok().map(drop)
}

async fn take(manager: &PushManager, key: &[u8]) -> Result<PushSubscription, PushFault> {
    let options = PushSubscriptionOptionsInit::new();
    options.set_user_visible_only(true);
    options.set_application_server_key(&Uint8Array::from(key));
    let taken = manager.subscribe_with_options(&options).map_err(|_| PushFault::Failed)?;
    done(taken).await.map(JsCast::unchecked_into)
}

async fn forget(manager: &PushManager) -> Result<(), PushFault> {
    let found = done(manager.get_subscription().map_err(|_| PushFault::Failed)?).await?;
    if let Ok(old) = found.dyn_into::<PushSubscription>() {
        done(old.unsubscribe().map_err(|_| PushFault::Failed)?).await?;
    }
    Ok(())
}

fn read(subscription: &PushSubscription) -> Result<Pushes, PushFault> {
    let text = JSON::stringify(subscription).map_err(|_| PushFault::Failed)?;
    let value: Value = serde_json::from_str(&String::from(text)).map_err(|_| PushFault::Failed)?;
    let word = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).map(str::to_owned).ok_or(PushFault::Failed);
    Ok(Pushes { endpoint: word("/endpoint")?, p256dh: word("/keys/p256dh")?, auth: word("/keys/auth")? })
}

async fn done(promise: Promise) -> Result<JsValue, PushFault> {
    JsFuture::from(promise).await.map_err(|_| PushFault::Failed)
}
