//! The copy of the tree in which defences are taken away: `target/defences/tree`.
//!
//! No file of git's is written to in the tree itself. What scripts/setup put there for the browser's tests is lent to the copy by
//! symbolic links, and what those tools write beside themselves is written there.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::list::Edit;

/// What is no part of the tree, and stays in the copy from one run to the next.
const KEPT: [&str; 5] = ["target", "node_modules", ".tools", "dist", "results"];

/// The copy, and what is built from it.
pub(super) struct Copy {
    root: PathBuf,
    pub(super) tree: PathBuf,
    /// The target folder of its native crates.
    pub(super) build: PathBuf,
    logs: PathBuf,
}

impl Copy {
    /// Brings the copy up to date: files of git's and new ones that it would take. Those that are as they were keep their
    /// dates, so that little is built anew.
    pub(super) fn of(root: &Path) -> Self {
        let home = root.join("target/defences");
        let copy = Self { root: root.to_owned(), tree: home.join("tree"), build: home.join("build"), logs: home.join("logs") };
        let _ = fs::remove_dir_all(&copy.logs);
        fs::create_dir_all(&copy.logs).unwrap();
        fs::create_dir_all(&copy.tree).unwrap();
        let files = files_of(root);
        for file in &files {
            let (from, to) = (root.join(file), copy.tree.join(file));
            if fs::read(&to).ok() != Some(fs::read(&from).unwrap()) {
                fs::create_dir_all(to.parent().unwrap()).unwrap();
                fs::copy(from, to).unwrap();
            }
        }
        remove_others(&copy.tree, &copy.tree, &files);
        copy
    }

    /// Where what is said of something is written.
    pub(super) fn log(&self, name: &str) -> PathBuf {
        self.logs.join(format!("{name}.log"))
    }

    /// Does edits; gives back the files as they were.
    pub(super) fn edit(&self, edits: &[Edit]) -> Result<Vec<(PathBuf, String)>, String> {
        let mut before = Vec::new();
        for edit in edits {
            let path = self.tree.join(&edit.file);
            let text = fs::read_to_string(&path).unwrap();
            let Some(done) = edit.done(&text) else {
                self.restore(before);
                return Err(format!("what is to go does not stand in {} once", edit.file));
            };
            fs::write(&path, done).unwrap();
            before.push((path, text));
        }
        Ok(before)
    }

    /// Puts files back, the last one that was edited first.
    pub(super) fn restore(&self, before: Vec<(PathBuf, String)>) {
        for (path, text) in before.into_iter().rev() {
            assert!(path.starts_with(&self.tree));
            fs::write(path, text).unwrap();
        }
    }

    /// Lends the copy what scripts/setup put into the tree, by a link to it: it is large, and not taken away.
    pub(super) fn lend(&self, folder: &str) {
        let (from, to) = (self.root.join(folder), self.tree.join(folder));
        assert!(from.exists(), "there is no {folder}: run make setup");
        if !to.exists() {
            // One that leads nowhere: what it led to is somewhere else now.
            let _ = fs::remove_file(&to);
            std::os::unix::fs::symlink(from, to).unwrap();
        }
    }
}

fn files_of(root: &Path) -> BTreeSet<PathBuf> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .unwrap_or_else(|error| panic!("git: {error}"));
    assert!(listed.status.success(), "git: {}", String::from_utf8_lossy(&listed.stderr));
    let names = String::from_utf8(listed.stdout).unwrap();
    names.split_terminator('\0').map(PathBuf::from).filter(|file| root.join(file).is_file()).collect()
}

fn remove_others(tree: &Path, folder: &Path, files: &BTreeSet<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if KEPT.iter().any(|kept| entry.file_name() == *kept) {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            remove_others(tree, &path, files);
        } else if !files.contains(path.strip_prefix(tree).unwrap()) {
            fs::remove_file(path).unwrap();
        }
    }
}
