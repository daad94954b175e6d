//! A QR code, drawn as SVG elements: nothing is parsed as markup, nothing is fetched.

use std::fmt::Write as _;

use fast_qr::{ECL, QRBuilder};
use leptos::prelude::*;
use zeroize::Zeroizing;

/// White border around a code, in modules (ISO/IEC 18004, 6.3.8).
const QUIET: usize = 4;

/// A code, its quiet border included in its size.
#[component]
pub fn QrCode(
    /// What it holds.
    text: Zeroizing<String>,
    /// What a screen reader says instead.
    label: &'static str,
    /// Width and height: a length with its unit, such as `25mm`.
    size: &'static str,
) -> impl IntoView {
    // Level M survives scratches over 15 % of the code and keeps the modules large enough for 15 mm.
    let built = QRBuilder::new(text.as_bytes()).ecl(ECL::M).build();
    drop(text);
    let Ok(code) = built else {
        return view! { <p class="error">"This is too long for a code."</p> }.into_any();
    };
    let extent = code.size + 2 * QUIET;
    let mut modules = Zeroizing::new(String::new());
    for (y, row) in code.data.chunks(code.size).take(code.size).enumerate() {
        for (x, _) in row.iter().enumerate().filter(|(_, module)| module.value()) {
            // Writing to a String cannot fail.
            let _ = write!(modules, "M{} {}h1v1h-1z", x + QUIET, y + QUIET);
        }
    }
    view! {
        <svg class="qr" role="img" aria-label=label width=size height=size viewBox=format!("0 0 {extent} {extent}") shape-rendering="crispEdges">
            <rect class="qr-light" width=extent.to_string() height=extent.to_string()/>
            <path class="qr-dark" d=modules.as_str().to_owned()/>
        </svg>
    }
    .into_any()
}
