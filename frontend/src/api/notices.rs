//! Notices, and the devices that are told of them. The inbox comes by events, as [`paths::NOTICE_EVENTS`].

use halligan_shared::{
    id::{NoticeId, PushDeviceId},
    paths, wire,
};

use super::client::{self, Refusal};

/// Says that the member read notices.
pub async fn read(notices: Vec<NoticeId>) -> Result<(), Refusal> {
    client::post::<_, serde_json::Value>(paths::NOTICES_READ, &wire::ReadNotices { notices }).await.map(drop)
}

/// The member's devices.
pub async fn devices() -> Result<wire::PushDevices, Refusal> {
    client::get(paths::PUSH_DEVICES).await
}

/// Has a browser told.
pub async fn add_device(body: &wire::PushDeviceBody) -> Result<(), Refusal> {
    client::put::<_, serde_json::Value>(paths::PUSH_DEVICES, body).await.map(drop)
}

/// Tells a device no more.
pub async fn remove_device(device: PushDeviceId) -> Result<(), Refusal> {
    client::delete::<serde_json::Value>(&paths::push_device_of(device)).await.map(drop)
}
