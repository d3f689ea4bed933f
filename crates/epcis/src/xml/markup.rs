//! Tags and text, escaped.

/// XML under construction.
#[derive(Debug, Default)]
pub(super) struct Markup(String);

impl Markup {
    pub(super) fn declaration(&mut self) {
        self.0.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    }

    /// Begins a tag, which [`Markup::attributes_end`] ends.
    pub(super) fn open(&mut self, tag: &str) {
        self.0.push('<');
        self.0.push_str(tag);
    }

    pub(super) fn attribute(&mut self, name: &str, value: &str) {
        self.0.push(' ');
        self.0.push_str(name);
        self.0.push_str("=\"");
        self.escape(value, true);
        self.0.push('"');
    }

    pub(super) fn attributes_end(&mut self) {
        self.0.push('>');
    }

    /// A tag without attributes.
    pub(super) fn element(&mut self, tag: &str) {
        self.open(tag);
        self.attributes_end();
    }

    pub(super) fn close(&mut self, tag: &str) {
        self.0.push_str("</");
        self.0.push_str(tag);
        self.0.push('>');
    }

    pub(super) fn empty(&mut self, tag: &str) {
        self.open(tag);
        self.0.push_str("/>");
    }

    pub(super) fn leaf(&mut self, tag: &str, text: &str) {
        self.element(tag);
        self.text(text);
        self.close(tag);
    }

    pub(super) fn text(&mut self, text: &str) {
        self.escape(text, false);
    }

    pub(super) fn append(&mut self, other: Self) {
        self.0.push_str(&other.0);
    }

    pub(super) fn into_text(self) -> String {
        self.0
    }

    fn escape(&mut self, text: &str, is_attribute: bool) {
        for character in text.chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' if is_attribute => self.0.push_str("&quot;"),
                '\n' if is_attribute => self.0.push_str("&#10;"),
                '\t' if is_attribute => self.0.push_str("&#9;"),
                '\r' => self.0.push_str("&#13;"),
                other if super::tree::is_forbidden(other) => self.0.push('\u{fffd}'),
                other => self.0.push(other),
            }
        }
    }
}
