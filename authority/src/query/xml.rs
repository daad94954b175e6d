//! The XML that both services write. Everything put between tags is escaped here, so no value can become markup.

use zeroize::Zeroizing;

/// The XML namespace of a service's API.
#[derive(Clone, Copy)]
pub(crate) struct Namespace(pub(crate) &'static str);

/// Room for the longest answer, a session token of the largest session, so that growing leaves no copy of a secret behind.
const ROOM: usize = 64 * 1024;

/// An XML document under construction, in memory that zeroizes.
pub(crate) struct Xml(Zeroizing<Vec<u8>>);

impl Xml {
    /// `<{operation}Response><{operation}Result>…</…Result><ResponseMetadata>…`, with the result written by `fill`, for operations
    /// that have one.
    pub(crate) fn answer(
        namespace: Namespace,
        operation: &str,
        request_id: &str,
        fill: Option<impl FnOnce(&mut Self)>,
    ) -> Zeroizing<Vec<u8>> {
        let (response, result) = (format!("{operation}Response"), format!("{operation}Result"));
        Self::document(namespace, &response, |xml| {
            if let Some(fill) = fill {
                xml.element(&result, fill);
            }
            xml.element("ResponseMetadata", |xml| xml.text("RequestId", request_id));
        })
    }

    /// An element that holds others.
    pub(crate) fn element(&mut self, name: &str, fill: impl FnOnce(&mut Self)) {
        self.raw(&["<", name, ">"]);
        fill(self);
        self.raw(&["</", name, ">"]);
    }

    /// An element that holds a text.
    pub(crate) fn text(&mut self, name: &str, text: &str) {
        self.element(name, |xml| xml.escaped(text));
    }

    fn document(Namespace(namespace): Namespace, root: &str, fill: impl FnOnce(&mut Self)) -> Zeroizing<Vec<u8>> {
        let mut xml = Self(Zeroizing::new(Vec::with_capacity(ROOM)));
        xml.raw(&["<", root, " xmlns=\"", namespace, "\">"]);
        fill(&mut xml);
        xml.raw(&["</", root, ">\n"]);
        xml.0
    }

    fn raw(&mut self, pieces: &[&str]) {
        for piece in pieces {
            self.0.extend_from_slice(piece.as_bytes());
        }
    }

    /// XML 1.0 has no way to write most control characters; they become U+FFFD.
    fn escaped(&mut self, text: &str) {
        for symbol in text.chars() {
            match symbol {
                '<' => self.raw(&["&lt;"]),
                '>' => self.raw(&["&gt;"]),
                '&' => self.raw(&["&amp;"]),
                '"' => self.raw(&["&quot;"]),
                '\t' | '\n' => self.raw(&[symbol.encode_utf8(&mut [0; 4])]),
                _ if symbol.is_control() || matches!(symbol, '\u{fffe}' | '\u{ffff}') => self.raw(&["\u{fffd}"]),
                _ => self.raw(&[symbol.encode_utf8(&mut [0; 4])]),
            }
        }
    }
}

/// `<ErrorResponse>` as the query protocol has it.
pub(crate) fn refusal(namespace: Namespace, (fault, code, message): (&str, &str, &str), request_id: &str) -> Zeroizing<Vec<u8>> {
    Xml::document(namespace, "ErrorResponse", |xml| {
        xml.element("Error", |xml| {
            xml.text("Type", fault);
            xml.text("Code", code);
            xml.text("Message", message);
        });
        xml.text("RequestId", request_id);
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_text_cannot_become_markup() {
        let document = super::refusal(super::Namespace("urn:x"), ("Sender", "A", "<b>&\"\u{0}"), "1");
        let document = str::from_utf8(&document).unwrap();
        assert!(document.contains("<Message>&lt;b&gt;&amp;&quot;\u{fffd}</Message>"), "{document}");
    }
}
