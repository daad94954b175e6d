//! The member's own passkeys.

use halligan_shared::{id::PasskeyId, paths, wire};

use super::client::{self, Refusal};

/// All of them.
pub async fn list() -> Result<Vec<wire::PasskeyLine>, Refusal> {
    client::get(paths::PASSKEYS).await
}

/// Begins adding one.
pub async fn start() -> Result<wire::Ceremony, Refusal> {
    client::post_empty(paths::PASSKEY_START).await
}

/// Ends it.
pub async fn finish(body: &wire::PasskeyBody) -> Result<(), Refusal> {
    client::post::<_, serde_json::Value>(paths::PASSKEY_FINISH, body).await.map(drop)
}

/// Names one.
pub async fn rename(passkey: PasskeyId, name: String) -> Result<(), Refusal> {
    client::put::<_, serde_json::Value>(&paths::passkey_of(passkey), &wire::PasskeyNameBody { name }).await.map(drop)
}

/// Removes one.
pub async fn remove(passkey: PasskeyId) -> Result<(), Refusal> {
    client::delete::<serde_json::Value>(&paths::passkey_of(passkey)).await.map(drop)
}
