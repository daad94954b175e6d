//! Parts of pages: values in, callbacks out. None of them calls the backend, except the frame's own sign-in and sign-out.

mod actions;
mod asking;
mod button;
mod choice;
mod countdown;
mod field;
mod moment;
mod notice;
mod page;
mod qr_code;
mod readiness;
mod said;
mod sign_in;

pub use self::{
    actions::Actions,
    asking::Asking,
    button::{Button, Look},
    choice::Choice,
    countdown::{Countdown, clock_text},
    field::{Field, Keyboard},
    moment::{Lasting, Moment},
    notice::{Empty, Loading, Notice, Tone, Trouble},
    page::{Access, Page},
    qr_code::QrCode,
    readiness::ReadinessNotice,
    said::{Said, SaidLine},
    sign_in::SignInPanel,
};
