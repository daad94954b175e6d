//! Notices, and the devices that are told of them.

use axum::{Json, extract::State};
use halligan_shared::{id::PushDeviceId, wire};

use super::{
    body::{Body, Id},
    browser::At,
    gate::{Fresh, Who},
    problem::Refused,
};
use crate::services::Portal;

pub(super) async fn list(State(portal): State<Portal>, Who(who): Who) -> Result<Json<wire::NoticeBoard>, Refused> {
    Ok(Json(portal.notices(&who).await?))
}

pub(super) async fn read(State(portal): State<Portal>, Who(who): Who, Body(body): Body<wire::ReadNotices>) -> Result<(), Refused> {
    Ok(portal.read_notices(&who, &body.notices).await?)
}

pub(super) async fn devices(State(portal): State<Portal>, Who(who): Who, browser: At) -> Result<Json<wire::PushDevices>, Refused> {
    Ok(Json(portal.push_devices(&who, browser.mark.as_deref()).await?))
}

pub(super) async fn add_device(
    State(portal): State<Portal>,
    Fresh(who): Fresh,
    At { mark, name }: At,
    Body(body): Body<wire::PushDeviceBody>,
) -> Result<(), Refused> {
    Ok(portal.add_push_device(&who, body, name, mark).await?)
}

pub(super) async fn remove_device(State(portal): State<Portal>, Who(who): Who, Id(id): Id<PushDeviceId>) -> Result<(), Refused> {
    Ok(portal.remove_push_device(&who, id).await?)
}
