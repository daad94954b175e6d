//! Elements that stand beside each other, such as the cards of a list, and the focus among them.
//!
//! Must not know what they are for, nor when the focus is to move.

use std::iter::successors;

use wasm_bindgen::JsCast;
use web_sys::{Document, Element, HtmlElement};

/// Where an element stands in its row.
pub struct Place {
    element: Element,
    row: Element,
    /// Those beside it, as they stood when this was made: after it, then before it, the nearest first.
    beside: Vec<Element>,
}

impl Place {
    /// That of the element with this id; `None`: there is none.
    pub fn of(id: &str) -> Option<Self> {
        let element = document()?.get_element_by_id(id)?;
        let (row, beside) = (element.parent_element()?, beside(&element));
        Some(Self { element, row, beside })
    }

    /// Whether the element, or something within it, has the focus.
    pub fn has_focus(&self) -> bool {
        holder().is_some_and(|holder| self.element.contains(Some(&holder)))
    }

    /// Moves the focus to the first thing that `selector` finds within another element of the row, the nearest one first. Whether
    /// there is one: what is gone or hidden by now takes no focus.
    pub fn focus_beside(&self, selector: &str) -> bool {
        let others = if self.element.is_connected() {
            beside(&self.element)
        } else {
            // Nothing tells any more where it would stand among those that came meanwhile.
            let known = self.beside.iter().filter(|other| other.is_connected()).cloned();
            known.chain(successors(self.row.first_element_child(), Element::next_element_sibling)).collect()
        };
        others.into_iter().filter_map(|other| other.query_selector(selector).ok().flatten()).any(|found| takes_focus(&found))
    }
}

/// Those beside an element: after it, then before it, the nearest first.
fn beside(element: &Element) -> Vec<Element> {
    let after = successors(element.next_element_sibling(), Element::next_element_sibling);
    let before = successors(element.previous_element_sibling(), Element::previous_element_sibling);
    after.chain(before).collect()
}

fn takes_focus(element: &Element) -> bool {
    // Refused by no element there is; one that is hidden does nothing.
    let asked = element.dyn_ref::<HtmlElement>().is_some_and(|element| element.focus().is_ok());
    asked && holder().is_some_and(|holder| holder == *element)
}

/// What has the focus.
fn holder() -> Option<Element> {
    document()?.active_element()
}

fn document() -> Option<Document> {
    web_sys::window()?.document()
}
