//! Places, read piece by piece, and what was found in them.

use std::{
    collections::{BTreeMap, HashSet},
    fs::{self, File},
    io::Read,
    os::unix::fs::MetadataExt as _,
    path::Path,
    time::Instant,
};

use serde::Serialize;

use crate::{process, search::Search};

/// How much is read at once, in bytes.
const PIECE: usize = 16 << 20;

/// A line of the answer.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Line {
    /// Something found.
    Found {
        /// Which needle.
        needle: String,
        /// In which form.
        form: String,
        /// In which process or file.
        place: String,
        /// In which part of it.
        mapping: String,
        /// Where it begins first: an address, or an offset in a file.
        offset: u64,
        /// How often.
        count: u64,
        /// What stands around the first.
        around: String,
    },
    /// What was read of a place.
    Read {
        /// The process or file.
        place: String,
        /// Bytes read.
        bytes: u64,
        /// Parts that should have been there and could not be read, with how many bytes of each.
        unread: BTreeMap<String, u64>,
        /// How long it took, in seconds.
        seconds: f64,
        /// Why it could not be read at all.
        #[serde(skip_serializing_if = "Option::is_none")]
        fault: Option<String>,
    },
}

type Key = (String, String, String, String);

/// What several processes have in common, and is searched once.
#[derive(PartialEq, Eq, Hash)]
pub enum Seen {
    /// An open file or shared memory, by device and number.
    File(u64, u64),
    /// A part of a program or library: the device as the kernel writes it, the file's number, the offset.
    Program(String, u64, u64),
}

/// Reads places and keeps what is found.
pub struct Reader<'a> {
    search: &'a Search,
    found: BTreeMap<Key, (u64, u64, String)>,
    read: Vec<Line>,
    seen: HashSet<Seen>,
}

impl<'a> Reader<'a> {
    /// A reader for this search.
    pub fn new(search: &'a Search) -> Self {
        Self { search, found: BTreeMap::new(), read: Vec::new(), seen: HashSet::new() }
    }

    /// Searches the memory of a process, and shared memory and removed files that it holds open.
    pub fn process(&mut self, process: u32) {
        let place = process.to_string();
        self.timed(&place.clone(), |reader| process::read(process, reader));
    }

    /// Searches a file.
    pub fn file(&mut self, path: &Path) {
        let place = path.display().to_string();
        self.timed(&place.clone(), |reader| {
            let mut tally = Tally::default();
            reader.stream(File::open(path)?, &place, "file", &mut tally)?;
            Ok(tally)
        });
    }

    /// Searches every file under a folder, without following links.
    pub fn folder(&mut self, path: &Path) {
        self.timed(&path.display().to_string(), |reader| {
            for entry in fs::read_dir(path)? {
                let entry = entry?;
                let kind = entry.file_type()?;
                if kind.is_dir() {
                    reader.folder(&entry.path());
                } else if kind.is_file() {
                    reader.file(&entry.path());
                }
            }
            Ok(Tally::default())
        });
    }

    /// Everything found, then everything read.
    pub fn finish(self) -> impl Iterator<Item = Line> {
        let found = self.found.into_iter().map(|((place, needle, form, mapping), (count, offset, around))| Line::Found {
            needle,
            form,
            place,
            mapping,
            offset,
            count,
            around,
        });
        found.chain(self.read)
    }

    /// Whether it is met for the first time.
    pub fn is_new(&mut self, one: Seen) -> bool {
        self.seen.insert(one)
    }

    /// Searches what can be read from the beginning to the end.
    pub fn stream(&mut self, mut source: impl Read, place: &str, mapping: &str, tally: &mut Tally) -> std::io::Result<()> {
        let mut offset = 0;
        self.pieces(place, mapping, |piece, room| {
            let base = offset;
            let length = piece.len();
            let got = source.by_ref().take(room as u64).read_to_end(piece)?;
            offset += got as u64;
            tally.bytes += got as u64;
            Ok((base - length as u64, got == room))
        })
    }

    /// Searches pieces that `next` appends to what is kept of the piece before; it tells where the buffer begins and whether more
    /// follows.
    pub fn pieces(
        &mut self,
        place: &str,
        mapping: &str,
        mut next: impl FnMut(&mut Vec<u8>, usize) -> std::io::Result<(u64, bool)>,
    ) -> std::io::Result<()> {
        let (search, overlap) = (self.search, self.search.overlap());
        let mut piece = Vec::with_capacity(PIECE + overlap);
        loop {
            let (base, more) = next(&mut piece, PIECE)?;
            // What begins in the last part is met again at the beginning of the next piece.
            let end = if more { piece.len().saturating_sub(overlap) } else { piece.len() };
            search.run(&piece, |hit| {
                if hit.at < end {
                    let key = (place.to_owned(), hit.needle.to_owned(), hit.form, mapping.to_owned());
                    self.found.entry(key).or_insert((0, base + hit.at as u64, hit.around)).0 += 1;
                }
            });
            if !more {
                return Ok(());
            }
            piece.drain(..end);
        }
    }

    fn timed(&mut self, place: &str, read: impl FnOnce(&mut Self) -> std::io::Result<Tally>) {
        let begun = Instant::now();
        let (tally, fault) = match read(self) {
            Ok(tally) => (tally, None),
            Err(error) => (Tally::default(), Some(error.to_string())),
        };
        let Tally { bytes, unread } = tally;
        self.read.push(Line::Read { place: place.to_owned(), bytes, unread, seconds: begun.elapsed().as_secs_f64(), fault });
    }
}

/// What was read and what not, in bytes.
#[derive(Default)]
pub struct Tally {
    /// Read.
    pub bytes: u64,
    /// Not read, by mapping.
    pub unread: BTreeMap<String, u64>,
}

/// Device and number of an open file.
pub fn identity(file: &File) -> std::io::Result<Seen> {
    file.metadata().map(|about| Seen::File(about.dev(), about.ino()))
}
