//! What the camera sees, a frame to aim with, and the controls where the thumb is.

use halligan_shared::reference::Reference;
use leptos::{html, prelude::*, task::spawn_local};

use super::watch::{Sight, Trouble, Watch};
use crate::{
    browser::{camera::Zoom, page},
    components::{Button, Look},
    state::{
        request::{Bracelet as Known, use_asking},
        session::use_session,
    },
};

#[component]
pub fn Viewfinder(
    /// Gets the reference of the bracelet; the camera is off by then.
    on_read: UnsyncCallback<Reference>,
    /// The person would rather type.
    #[prop(into)]
    on_typing: UnsyncCallback<()>,
    /// There is no watching; the camera is off.
    #[prop(into)]
    on_trouble: UnsyncCallback<Trouble>,
) -> impl IntoView {
    let (session, asking) = (use_session(), use_asking());
    // Not followed further: the bracelet that is read changes it, and the page is left then.
    let was_refused = untrack(|| asking.bracelet() == Known::Refused);
    let video = NodeRef::<html::Video>::new();
    let watch = Watch::new();
    let start = move || {
        if let Some(video) = video.get_untracked().filter(|_| !page::is_hidden() && session.with_untracked(Option::is_some)) {
            watch.start(video, on_read, on_trouble);
        }
    };
    // While nobody is signed in the page stays, out of sight.
    Effect::new(move |_| {
        if video.get().is_some() && session.with(Option::is_some) {
            start();
        } else {
            watch.stop();
        }
    });
    let seen = page::on_visibility(move |is_hidden| if is_hidden { watch.stop() } else { start() });
    let left = page::on_leave(move || watch.stop());
    let restored = page::on_restore(start);
    StoredValue::new_local((seen, left, restored));
    let words = move || match watch.sight.get() {
        Sight::Starting => "Starting the camera. Allow it if the browser asks.",
        Sight::Looking if was_refused => "That link is not a Halligan bracelet. Hold the code on the bracelet inside the frame.",
        Sight::Looking => "Hold the code on the bracelet inside the frame.",
        Sight::Straining => "No code found yet. Move closer or farther away, wipe the code, or use a light.",
        Sight::Foreign => "This is not a Halligan bracelet. Look for another code.",
        Sight::Paused => "The camera is off.",
    };
    let has_picture = move || !matches!(watch.sight.get(), Sight::Starting | Sight::Paused);
    view! {
        <section class="viewfinder" class:live=has_picture aria-label="Camera">
            <video node_ref=video playsinline prop:muted=true disablepictureinpicture aria-hidden="true"></video>
            <p class="words" class:foreign=move || watch.sight.get() == Sight::Foreign><span role="status">{words}</span></p>
            <div class="aim" aria-hidden="true"></div>
            <div class="controls">
                <Controls watch=watch/>
                <Button look=Look::Main on_press=move |()| on_typing.run(())>"Type the characters"</Button>
            </div>
        </section>
    }
}

/// Light and zoom, where the camera has them.
#[component]
fn Controls(watch: Watch) -> impl IntoView {
    let light = RwSignal::new(false);
    let zoom = RwSignal::new(None::<f64>);
    let has_light = Memo::new(move |_| watch.offers.get().light);
    let reach = Memo::new(move |_| watch.offers.get().zoom);
    // A camera that is started anew begins without light, at its widest.
    Effect::new(move |_| {
        watch.offers.track();
        light.set(false);
        zoom.set(None);
    });
    let apply = move || Some(watch.camera()?.set(has_light.get_untracked().then(|| light.get_untracked()), zoom.get_untracked()));
    let switch = move |_| {
        light.update(|light| *light = !*light);
        let Some(done) = apply() else { return };
        spawn_local(async move {
            if !done.await {
                light.try_set(false);
            }
        });
    };
    let turn = move |event| {
        zoom.set(event_target_value(&event).parse().ok());
        let Some(done) = apply() else { return };
        spawn_local(async move {
            // What came of it is seen in the picture.
            let _ = done.await;
        });
    };
    view! {
        {move || reach.get().map(|Zoom { min, max, step }| view! {
            <label class="zoom">
                <span>"Zoom"</span>
                <input type="range" min=min max=max step=step prop:value=move || zoom.get().unwrap_or(min) on:input=turn/>
            </label>
        })}
        {move || has_light.get().then(|| view! {
            <button type="button" class="button light" aria-pressed=move || light.get().to_string() on:click=switch>"Light"</button>
        })}
    }
}
