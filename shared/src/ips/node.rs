//! One place in the document's JSON tree, read leniently.
//!
//! Guarantees: reading never fails and never panics. A member that is absent or null is `None`; one that has the wrong
//! type is `None` too, and its name is noted in the [`Ledger`], so that the item it belongs to can say what could not
//! be read instead of silently showing less.
//!
//! The accessors are kept out of line: they are called in some hundred places, and the browser downloads each copy.

use std::cell::{Cell, RefCell};

use serde_json::Value;

use super::text;

/// Most characters of one field.
pub(super) const MAX_TEXT: usize = 1_000;
/// Most characters of one narrative.
pub(super) const MAX_NARRATIVE: usize = 8_000;
/// Most bytes of text in a whole summary: 1 MiB. Many times what a person can read in a window, and what a page can lay
/// out without stalling. Sections are read in the order of their weight, so what is cut is the least urgent.
const MAX_SUMMARY: usize = 1 << 20;
/// Most steps of one reading (members looked up, list elements visited). A summary of 5 MiB takes about a million; a
/// document whose parts point at each other in circles or by the thousand stops here, within a fraction of a second.
const MAX_STEPS: usize = 4_000_000;
/// Most names noted for one item.
const MAX_UNREAD: usize = 8;

/// What is noted while a summary is read: members of the wrong type, and how much text has been taken.
pub(super) struct Ledger {
    unread: RefCell<Vec<&'static str>>,
    room: Cell<usize>,
    steps: Cell<usize>,
    cut: Cell<bool>,
}

impl Ledger {
    pub(super) fn new() -> Self {
        Self { unread: RefCell::new(Vec::new()), room: Cell::new(MAX_SUMMARY), steps: Cell::new(MAX_STEPS), cut: Cell::new(false) }
    }

    /// The members of the wrong type since the last call.
    pub(super) fn take_unread(&self) -> Vec<&'static str> {
        self.unread.take()
    }

    /// Whether something was cut because the summary as a whole is too long.
    pub(super) fn is_cut(&self) -> bool {
        self.cut.get() || self.room.get() == 0 || self.steps.get() == 0
    }

    /// Notes that a part of the record was left out whose place no section shows.
    pub(super) fn cut(&self) {
        self.cut.set(true);
    }

    /// Takes steps; false once there are none left, and then nothing more is read.
    fn spend(&self, steps: usize) -> bool {
        let left = self.steps.get().saturating_sub(steps);
        self.steps.set(left);
        left > 0
    }

    #[inline(never)]
    fn note(&self, name: &'static str) {
        let mut unread = self.unread.borrow_mut();
        if unread.len() < MAX_UNREAD && !unread.contains(&name) {
            unread.push(name);
        }
    }

    fn admit(&self, text: String) -> Option<String> {
        if text.is_empty() {
            return None;
        }
        let room = self.room.get().saturating_sub(text.len());
        self.room.set(room);
        Some(if room == 0 { "…".to_owned() } else { text })
    }
}

/// A JSON value and the ledger of the reading it belongs to.
#[derive(Clone, Copy)]
pub(super) struct Node<'a> {
    pub(super) value: &'a Value,
    pub(super) ledger: &'a Ledger,
}

impl<'a> Node<'a> {
    #[inline(never)]
    fn member(self, name: &'static str) -> Option<&'a Value> {
        self.value.get(name).filter(|value| self.ledger.spend(1) && !value.is_null())
    }

    #[inline(never)]
    fn list(self, name: &'static str) -> &'a [Value] {
        match self.member(name) {
            None => &[],
            Some(Value::Array(list)) => list.as_slice(),
            Some(one) => std::slice::from_ref(one),
        }
    }

    fn noting<T>(self, name: &'static str, read: Option<T>) -> Option<T> {
        if read.is_none() {
            self.ledger.note(name);
        }
        read
    }

    /// An object's member that is itself an object.
    #[inline(never)]
    pub(super) fn object(self, name: &'static str) -> Option<Self> {
        let value = self.member(name)?;
        self.noting(name, value.is_object().then_some(Self { value, ..self }))
    }

    /// The objects of a list. A single object where a list belongs counts as a list of one, a common slip.
    pub(super) fn each(self, name: &'static str) -> Each<'a> {
        Each { list: self.list(name).iter(), name, ledger: self.ledger }
    }

    /// A string as it stands, for comparing and looking up; never to be shown.
    #[inline(never)]
    pub(super) fn raw(self, name: &'static str) -> Option<&'a str> {
        let value = self.member(name)?;
        self.noting(name, value.as_str())
    }

    /// A string to show.
    #[inline(never)]
    pub(super) fn text(self, name: &'static str) -> Option<String> {
        self.raw(name).and_then(|raw| self.admit(raw))
    }

    /// The strings of a list, to show.
    #[inline(never)]
    pub(super) fn texts(self, name: &'static str) -> Vec<String> {
        let mut texts = Vec::new();
        for value in self.list(name) {
            if !self.ledger.spend(1) {
                break;
            }
            // null stands where only an extension is: FHIR JSON, "primitive elements that repeat".
            if !value.is_null() {
                texts.extend(self.noting(name, value.as_str()).and_then(|raw| self.admit(raw)));
            }
        }
        texts
    }

    /// A number in the fewest digits that say it.
    #[inline(never)]
    pub(super) fn number(self, name: &'static str) -> Option<String> {
        let value = self.member(name)?;
        self.noting(name, value.as_number().map(ToString::to_string))
    }

    /// A boolean.
    pub(super) fn flag(self, name: &'static str) -> Option<bool> {
        let value = self.member(name)?;
        self.noting(name, value.as_bool())
    }

    /// The member of a choice such as `value[x]`, with what stands for the x.
    #[inline(never)]
    pub(super) fn choice(self, stem: &'static str) -> Option<(&'a str, Self)> {
        let members = self.value.as_object()?;
        self.ledger.spend(members.len());
        members.iter().find_map(|(name, value)| {
            let kind = name.strip_prefix(stem).filter(|kind| kind.starts_with(|c: char| c.is_ascii_uppercase()))?;
            (!value.is_null()).then_some((kind, Self { value, ..self }))
        })
    }

    /// Notes that a choice of this stem could not be read.
    pub(super) fn unread<T>(self, stem: &'static str, read: Option<T>) -> Option<T> {
        self.noting(stem, read)
    }

    /// Text to show, cleaned and counted.
    #[inline(never)]
    pub(super) fn admit(self, raw: &str) -> Option<String> {
        // White space and what cannot be shown is read too: a long field costs more than a short one.
        self.ledger.spend(raw.len().min(text::READ_PER_SHOWN * MAX_TEXT) / 64);
        self.ledger.admit(text::clean(raw, MAX_TEXT))
    }

    /// The narrative of a section as plain text.
    #[inline(never)]
    pub(super) fn narrative(self) -> Option<String> {
        let xhtml = self.object("text")?.raw("div")?;
        self.ledger.admit(text::narrative(xhtml, MAX_NARRATIVE))
    }

    /// Why a value is absent: the data-absent-reason extension of an element, or of the primitive `_name` beside it.
    #[inline(never)]
    pub(super) fn absent_reason(self) -> Option<&'a str> {
        self.each("extension")
            .find(|extension| extension.raw("url") == Some("http://hl7.org/fhir/StructureDefinition/data-absent-reason"))
            .and_then(|extension| extension.raw("valueCode"))
    }
}

/// The objects of a list, each visit a step. A type with a name, so that the browser's module holds its code once and not once for
/// each place that reads a list.
pub(super) struct Each<'a> {
    list: std::slice::Iter<'a, Value>,
    name: &'static str,
    ledger: &'a Ledger,
}

impl<'a> Iterator for Each<'a> {
    type Item = Node<'a>;

    #[inline(never)]
    fn next(&mut self) -> Option<Node<'a>> {
        for value in &mut self.list {
            if !self.ledger.spend(1) {
                return None;
            }
            if value.is_object() {
                return Some(Node { value, ledger: self.ledger });
            }
            self.ledger.note(self.name);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A step stands for 64 bytes: a whole summary's worth of steps is then read in a moment, whatever the texts are.
    #[test]
    fn a_text_costs_steps_by_what_is_read_of_it() {
        let value = Value::Null;
        let cost = |text: &str| {
            let ledger = Ledger::new();
            Node { value: &value, ledger: &ledger }.admit(text);
            MAX_STEPS - ledger.steps.get()
        };
        let spaces = |bytes| " ".repeat(bytes);
        assert_eq!((cost("a"), cost(&spaces(64)), cost(&spaces(6_400))), (0, 1, 100));
        assert_eq!(cost(&spaces(1_000_000)), text::READ_PER_SHOWN * MAX_TEXT / 64, "no more of it is read");
    }
}
