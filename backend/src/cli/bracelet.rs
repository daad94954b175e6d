//! Bracelets on paper and in the terminal.

use std::path::Path;

use anyhow::{Context as _, anyhow};
use fast_qr::{ECL, QRBuilder, QRCode};
use halligan_backend::{config::Limits, domain::member::Actor};
use halligan_shared::{bracelet::payload, id::RecordId, reference::Reference, wire::Bracelet};

use super::{Options, enrol::OPERATOR, house, private};

/// White border around a code, in modules: what ISO/IEC 18004 asks for.
const QUIET: usize = 4;

/// A new bracelet for a record.
pub(super) async fn replace(options: &Options, record: RecordId, out: &Path) -> anyhow::Result<()> {
    let portal = house::open_without_keys(options, Limits::default()).await?;
    let reference = Reference::random()?;
    let replaced = portal.replace_bracelet(Actor::Operator(&OPERATOR.parse()?), record, &Bracelet::of(&reference, &record)).await;
    replaced.with_context(|| format!("cannot replace the bracelet of record {record}"))?;
    println!("The old bracelet has stopped working.");
    hand_out(&portal.settings().origin_text(), &reference, out)
}

/// Shows the bracelet in the terminal and writes it for printing. It exists nowhere else, so it is shown whatever becomes of the file.
pub(super) fn hand_out(origin: &str, reference: &Reference, out: &Path) -> anyhow::Result<()> {
    print(origin, reference)?;
    private::write(out, &svg(&payload(origin, reference), &reference.to_text())?)
        .context("the bracelet stands above and nowhere else: keep that, or make another by `halligan bracelet`")?;
    println!("Bracelet picture: {}", out.display());
    Ok(())
}

/// Shows a bracelet whose picture is written already.
pub(super) fn show(origin: &str, reference: &Reference, picture: &Path) -> anyhow::Result<()> {
    print(origin, reference)?;
    println!("Bracelet picture: {}", picture.display());
    Ok(())
}

/// Each thing in a line of its own behind its name.
fn print(origin: &str, reference: &Reference) -> anyhow::Result<()> {
    let payload = payload(origin, reference);
    println!("{}", terminal(&payload)?);
    println!("Bracelet: {}", reference.to_text().as_str());
    println!("Bracelet link: {}", payload.as_str());
    Ok(())
}

/// A code for the terminal.
pub(super) fn terminal(text: &str) -> anyhow::Result<String> {
    Ok(code(text)?.to_str())
}

fn code(text: &str) -> anyhow::Result<QRCode> {
    // Level M survives scratches over 15 % of the code and keeps the modules large enough for 15 mm.
    QRBuilder::new(text).ecl(ECL::M).build().map_err(|_| anyhow!("the link is too long for a code"))
}

/// Two sizes on one sheet, 25 mm and 15 mm, each with the typed form under it.
fn svg(payload: &str, text: &str) -> anyhow::Result<String> {
    let code = code(payload)?;
    let side = code.size + 2 * QUIET;
    let modules: String = (0..code.size)
        .flat_map(|y| (0..code.size).map(move |x| (x, y)))
        .filter(|(x, y)| code.data.get(y * code.size + x).is_some_and(|module| module.value()))
        .fold(String::new(), |path, (x, y)| path + &format!("M{} {}h1v1h-1z", x + QUIET, y + QUIET));
    let (first, second) = text.split_at(text.len().min(19));
    let label = |x: f32, y: f32, size: f32| {
        format!(
            "<text x=\"{x}\" y=\"{y}\" font-family=\"monospace\" font-size=\"{size}\" text-anchor=\"middle\">{first}<tspan x=\"{x}\" dy=\"1.2em\">{}</tspan></text>",
            second.trim_start_matches('-')
        )
    };
    let symbol = |x: u32, size: u32| {
        format!(
            "<svg x=\"{x}\" y=\"2\" width=\"{size}\" height=\"{size}\" viewBox=\"0 0 {side} {side}\"><path d=\"{modules}\"/></svg>"
        )
    };
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"60mm\" height=\"36mm\" viewBox=\"0 0 60 36\"><rect width=\"60\" height=\"36\" fill=\"white\"/>{}{}{}{}</svg>\n",
        symbol(4, 25),
        label(16.5, 30.0, 2.0),
        symbol(38, 15),
        label(45.5, 19.5, 1.2),
    ))
}
