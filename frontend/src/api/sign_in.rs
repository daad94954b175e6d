//! Sign-in, sign-out, and who is signed in.

use halligan_shared::{paths, wire};

use super::client::{self, Refusal};

/// Who is signed in.
pub async fn session() -> Result<wire::Session, Refusal> {
    client::get(paths::SESSION).await
}

/// Begins a sign-in ceremony.
pub async fn start(body: &wire::StartSignIn) -> Result<wire::Ceremony, Refusal> {
    client::post(paths::SIGN_IN_START, body).await
}

/// Ends it: the member is signed in.
pub async fn finish(body: &wire::FinishSignIn) -> Result<wire::Session, Refusal> {
    client::post(paths::SIGN_IN_FINISH, body).await
}

/// Ends this session.
pub async fn sign_out() -> Result<(), Refusal> {
    client::post_empty(paths::SIGN_OUT).await
}

/// Ends every session of the member.
pub async fn sign_out_everywhere() -> Result<(), Refusal> {
    client::post_empty(paths::SIGN_OUT_EVERYWHERE).await
}
