//! Measures what the decoder reads of a folder of photographs, and what that costs.
//!
//!     cargo run --release -p halligan-scanner --example recall -- <folder>
//!
//! The folder holds pictures and `expected.tsv`: a line of column names, then file name and text for each picture (several
//! lines where several texts will do), with `\\`, `\n`, `\r` and `\t` escaped. Pictures are scaled to camera frames.

use std::{
    collections::BTreeMap,
    env, fs,
    path::Path,
    process::ExitCode,
    time::{Duration, Instant},
};

use halligan_decoder::{Frame, IN_TURN, Look, Reader};
use image::imageops::FilterType;
use rxing::{
    BinaryBitmap, DecodeHints, FilteredImageReader, Luma8Source, Reader as _, common::HybridBinarizer, qrcode::cpp_port::QrReader,
};

/// Longest side of a camera's frame.
const SIDE: u32 = 1280;

fn main() -> ExitCode {
    let Some(folder) = env::args().nth(1) else {
        eprintln!("Give the folder of pictures as the argument.");
        return ExitCode::FAILURE;
    };
    match measure(Path::new(&folder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("{folder}: {fault}");
            ExitCode::FAILURE
        }
    }
}

/// How often a way of reading was right, wrong, and how long it took.
#[derive(Default)]
struct Tally {
    right: usize,
    /// Right where the plain look was not.
    more: usize,
    wrong: Vec<String>,
    took: Vec<Duration>,
}

impl Tally {
    fn note(&mut self, file: &str, texts: &[String], took: Duration, read: Option<&str>) -> bool {
        self.took.push(took);
        let is_right = read.is_some_and(|read| texts.iter().any(|text| plain(text) == plain(read)));
        match read {
            Some(_) if is_right => self.right += 1,
            Some(read) => self.wrong.push(format!("{file}: {read:?}")),
            None => {}
        }
        is_right
    }

    fn line(&mut self, name: &str) {
        self.took.sort();
        let at = |part: usize| self.took.get((self.took.len() * part / 100).min(self.took.len().saturating_sub(1)));
        let ms = |took: Option<&Duration>| took.map_or(0.0, |took| took.as_secs_f64() * 1000.0);
        #[expect(clippy::cast_precision_loss, reason = "counts of pictures")]
        let share = 100.0 * self.right as f64 / self.took.len().max(1) as f64;
        println!(
            "{name:<24} {:>4} {share:>5.1} % {:>4} more {:>4} wrong {:>8.2} {:>8.2} {:>8.2}",
            self.right,
            self.more,
            self.wrong.len(),
            ms(at(50)),
            ms(at(95)),
            ms(at(100)),
        );
    }
}

fn measure(folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let expected = expected(&fs::read_to_string(folder.join("expected.tsv"))?);
    let mut looks: Vec<(Look, Tally)> = [Look::Plain].into_iter().chain(IN_TURN).map(|look| (look, Tally::default())).collect();
    let mut frames: Vec<Tally> = IN_TURN.iter().map(|_| Tally::default()).collect();
    let mut filtered = Tally::default();
    let mut missed: Vec<&str> = Vec::new();
    for (file, texts) in &expected {
        let picture = image::open(folder.join(file))?;
        let picture =
            if picture.width().max(picture.height()) > SIDE { picture.resize(SIDE, SIDE, FilterType::Triangle) } else { picture };
        let luma = picture.to_luma8();
        let (width, height) = (luma.width() as usize, luma.height() as usize);
        let frame = Frame::from_luma(width, height, luma.into_raw()).map_err(|fault| format!("{file}: {fault:?}"))?;
        let mut is_plain = false;
        for (look, tally) in &mut looks {
            let (took, read) = timed(|| look.read(&frame));
            let is_right = tally.note(file, texts, took, read.as_ref().map(|read| read.as_str()));
            is_plain |= is_right && *look == Look::Plain;
            tally.more += usize::from(is_right && !is_plain);
        }
        let mut reader = Reader::default();
        let mut first = None;
        for tally in &mut frames {
            let (took, read) = timed(|| reader.read(&frame));
            first = first.or(read);
            tally.note(file, texts, took, first.as_ref().map(|read| read.as_str()));
        }
        if first.is_none() {
            missed.push(file);
        }
        let (took, read) = timed(|| by_filtered_reader(&frame));
        filtered.note(file, texts, took, read.as_deref());
    }
    // "more": right where the plain look was not. "frame n": right by the n-th frame of a picture that does not change.
    println!("{} pictures {:>46} {:>8} {:>8}", expected.len(), "ms median", "95 %", "worst");
    for (look, tally) in &mut looks {
        tally.line(&format!("look {look:?}"));
    }
    for (i, tally) in frames.iter_mut().enumerate() {
        tally.line(&format!("frame {}", i + 1));
    }
    filtered.line("rxing's filtered reader");
    if let Some(last) = frames.last() {
        println!("wrong: {}", last.wrong.join(" "));
    }
    println!("missed: {}", missed.join(" "));
    Ok(())
}

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let done = work();
    (start.elapsed(), done)
}

fn by_filtered_reader(frame: &Frame) -> Option<String> {
    let (width, height) = (u32::try_from(frame.width()).ok()?, u32::try_from(frame.height()).ok()?);
    let source = Luma8Source::new_with_slice(frame.luma(), width, height).ok()?;
    let hints = DecodeHints { TryHarder: Some(true), AlsoInverted: Some(true), ..DecodeHints::default() };
    let mut bitmap = BinaryBitmap::new(HybridBinarizer::new(source));
    FilteredImageReader::new(QrReader).decode_with_hints(&mut bitmap, &hints).ok().map(|read| read.getText().to_owned())
}

fn expected(table: &str) -> BTreeMap<String, Vec<String>> {
    let mut expected: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in table.lines().skip(1) {
        let mut columns = line.split('\t');
        if let (Some(file), Some(text)) = (columns.next(), columns.next()) {
            expected.entry(file.to_owned()).or_default().push(unescaped(text));
        }
    }
    expected
}

fn unescaped(text: &str) -> String {
    let mut plain = String::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        let letter = if letter == '\\' {
            letters.next()
        } else {
            plain.push(letter);
            continue;
        };
        plain.extend(letter.map(|letter| match letter {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            other => other,
        }));
    }
    plain
}

/// Line ends and trailing blanks aside.
fn plain(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n").trim_end().to_owned()
}
