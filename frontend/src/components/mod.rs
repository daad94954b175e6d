//! Parts of pages: values in, callbacks out. None of them calls the backend, except the frame's own: sign-in, sign-out,
//! and what a member is told on every page of their passkeys and of the drill that they take part in.

mod actions;
mod asking;
mod button;
mod choice;
mod countdown;
mod field;
mod moment;
mod notice;
mod own_drill;
mod own_passkeys;
mod page;
mod qr_code;
mod readiness;
mod said;
mod sign_in;
mod sign_out;

pub use self::{
    actions::Actions,
    asking::Asking,
    button::{Button, Look},
    choice::Choice,
    countdown::{Countdown, clock_text},
    field::{Field, Keyboard},
    moment::{Lasting, Moment},
    notice::{Empty, Loading, Notice, Tone, Trouble},
    own_drill::OwnDrill,
    own_passkeys::OwnPasskeys,
    page::{Access, Page, TITLE},
    qr_code::QrCode,
    readiness::ReadinessNotice,
    said::{Said, SaidLine},
    sign_in::{SIGN_IN, SignInPanel},
    sign_out::{SignOut, use_sign_out},
};
