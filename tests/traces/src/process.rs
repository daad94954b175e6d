//! The memory of a process, as Linux shows it under /proc: readable only to root, or to the same user where the system allows it.
//!
//! Pages that were never written are not read: a browser reserves gigabytes that it does not use.

use std::{
    fs::{self, File},
    io::{Error, ErrorKind, Result},
    os::unix::fs::FileExt as _,
    path::PathBuf,
};

use crate::place::{Reader, Seen, Tally, identity};

/// Bytes of a page on every machine that this runs on.
const PAGE: u64 = 4096;
/// Bits of /proc/PID/pagemap (the kernel's admin-guide/mm/pagemap): present, swapped.
const PRESENT_OR_SWAPPED: u64 = 0b11 << 62;

/// Searches every mapping that can be read, then shared memory and removed files that are open and perhaps not mapped.
pub fn read(process: u32, reader: &mut Reader<'_>) -> Result<Tally> {
    let folder = PathBuf::from(format!("/proc/{process}"));
    let place = process.to_string();
    let memory = Memory { memory: File::open(folder.join("mem"))?, pages: File::open(folder.join("pagemap"))? };
    let mut tally = Tally::default();
    for mapping in fs::read_to_string(folder.join("maps"))?.lines().filter_map(Mapping::parse) {
        if !mapping.is_worth_reading(reader) {
            continue;
        }
        for (start, end) in memory.runs(&mapping) {
            memory.search(start, end, &place, &mapping.name, reader, &mut tally)?;
        }
    }
    for entry in fs::read_dir(folder.join("fd"))? {
        let path = entry?.path();
        let name = fs::read_link(&path)?.display().to_string();
        let is_hidden = name.starts_with("/memfd:") || name.starts_with("/dev/shm/") || name.ends_with(" (deleted)");
        if !is_hidden {
            continue;
        }
        let part = format!("open {name}");
        match File::open(&path) {
            Ok(file) => {
                if reader.is_new(identity(&file)?) {
                    reader.stream(file, &place, &part, &mut tally)?;
                }
            }
            // How much there is in it cannot be known.
            Err(_) => *tally.unread.entry(part).or_default() += 1,
        }
    }
    Ok(tally)
}

/// A line of /proc/PID/maps.
struct Mapping {
    start: u64,
    end: u64,
    rights: String,
    offset: u64,
    device: String,
    /// Number of the file; 0 where there is none.
    file: u64,
    name: String,
}

impl Mapping {
    fn parse(line: &str) -> Option<Self> {
        let mut words = line.split_ascii_whitespace();
        let (start, end) = words.next()?.split_once('-')?;
        let number = |text: &str| u64::from_str_radix(text, 16).ok();
        let (start, end) = (number(start)?, number(end)?);
        let rights = words.next()?.to_owned();
        let offset = number(words.next()?)?;
        let device = words.next()?.to_owned();
        let file = words.next()?.parse().ok()?;
        let name = words.collect::<Vec<_>>().join(" ");
        let name = if name.is_empty() { "anonymous".to_owned() } else { name };
        Some(Self { start, end, rights, offset, device, file, name })
    }

    fn is_worth_reading(&self, reader: &mut Reader<'_>) -> bool {
        let is_readable = self.rights.starts_with('r') && !self.name.starts_with("[v");
        // The program and its libraries are the same in every process: once will do.
        let is_program = self.file != 0 && self.rights.ends_with('p') && !self.rights.contains('w');
        is_readable && (!is_program || reader.is_new(Seen::Program(self.device.clone(), self.file, self.offset)))
    }

    /// Whether a page that this process has not touched holds nothing.
    fn is_private_memory(&self) -> bool {
        self.file == 0 && self.rights.ends_with('p')
    }
}

struct Memory {
    memory: File,
    pages: File,
}

impl Memory {
    /// Neighbouring pages that hold something.
    fn runs(&self, mapping: &Mapping) -> Vec<(u64, u64)> {
        if !mapping.is_private_memory() {
            return vec![(mapping.start, mapping.end)];
        }
        let mut runs: Vec<(u64, u64)> = Vec::new();
        let mut entries = vec![0; (64 << 10) * 8];
        let mut at = mapping.start;
        while at < mapping.end {
            let count = ((mapping.end - at) / PAGE).min(64 << 10);
            let Some(batch) = entries.get_mut(..usize::try_from(count * 8).unwrap_or(0)) else { break };
            if self.pages.read_exact_at(batch, at / PAGE * 8).is_err() {
                // Not to be known: taken to hold something.
                runs.push((at, mapping.end));
                break;
            }
            for (entry, _) in batch.as_chunks::<8>().0.iter().zip(0..count) {
                if u64::from_le_bytes(*entry) & PRESENT_OR_SWAPPED != 0 {
                    match runs.last_mut() {
                        Some((_, end)) if *end == at => *end = at + PAGE,
                        _ => runs.push((at, at + PAGE)),
                    }
                }
                at += PAGE;
            }
        }
        runs
    }

    fn search(&self, start: u64, end: u64, place: &str, name: &str, reader: &mut Reader<'_>, tally: &mut Tally) -> Result<()> {
        let mut at = start;
        reader.pieces(place, name, |piece, room| {
            let base = at - piece.len() as u64;
            let kept = piece.len();
            let wanted = usize::try_from(end - at).unwrap_or(room).min(room);
            piece.resize(kept + wanted, 0);
            let got = match self.memory.read_at(piece.get_mut(kept..).unwrap_or_default(), at) {
                // The process is gone, or this mapping is.
                Ok(0) => return Err(Error::from(ErrorKind::NotFound)),
                Ok(got) => got,
                // A page of a file that has become shorter, or of a device.
                Err(_) => 0,
            };
            piece.truncate(kept + got);
            tally.bytes += got as u64;
            at += got as u64;
            if got == 0 {
                *tally.unread.entry(name.to_owned()).or_default() += end - at;
            }
            Ok((base, got != 0 && at < end))
        })
    }
}
