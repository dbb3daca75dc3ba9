//! HTML that is written element by element, so that nothing unescaped can get in.

/// A piece of HTML that is well formed XML too.
#[derive(Debug, Default)]
pub(crate) struct Markup(String);

/// The attributes of an element.
pub(crate) type Attributes<'a> = &'a [(&'a str, &'a str)];

impl Markup {
    /// An element's start.
    pub(crate) fn open(&mut self, tag: &str, attributes: Attributes<'_>) {
        self.start(tag, attributes);
        self.0.push('>');
    }

    /// An element's end.
    pub(crate) fn close(&mut self, tag: &str) {
        self.0.push_str("</");
        self.0.push_str(tag);
        self.0.push('>');
    }

    /// An element that holds text only.
    pub(crate) fn leaf(&mut self, tag: &str, attributes: Attributes<'_>, text: &str) {
        self.open(tag, attributes);
        self.text(text);
        self.close(tag);
    }

    /// An element without content: one of SVG, or one that HTML lets be empty.
    pub(crate) fn empty(&mut self, tag: &str, attributes: Attributes<'_>) {
        self.start(tag, attributes);
        self.0.push_str("/>");
    }

    /// Text, escaped.
    pub(crate) fn text(&mut self, text: &str) {
        escape(text, &mut self.0);
    }

    /// A text of this program that is written as it is.
    pub(crate) fn verbatim(&mut self, text: &'static str) {
        self.0.push_str(text);
    }

    /// Another piece.
    pub(crate) fn append(&mut self, other: &Self) {
        self.0.push_str(&other.0);
    }

    /// A line's end, for those who read the source.
    pub(crate) fn line(&mut self) {
        self.0.push('\n');
    }

    /// The text of it all.
    pub(crate) fn into_text(self) -> String {
        self.0
    }

    fn start(&mut self, tag: &str, attributes: Attributes<'_>) {
        self.0.push('<');
        self.0.push_str(tag);
        for (name, value) in attributes {
            self.0.push(' ');
            self.0.push_str(name);
            self.0.push_str("=\"");
            escape(value, &mut self.0);
            self.0.push('"');
        }
    }
}

/// Characters that XML does not allow, even escaped, become U+FFFD.
fn escape(text: &str, into: &mut String) {
    for letter in text.chars() {
        match letter {
            '&' => into.push_str("&amp;"),
            '<' => into.push_str("&lt;"),
            '>' => into.push_str("&gt;"),
            '"' => into.push_str("&quot;"),
            '\'' => into.push_str("&#39;"),
            '\t' | '\n' => into.push(letter),
            // A carriage return would be another character once parsed.
            '\r' => into.push(' '),
            '\u{fffe}' | '\u{ffff}' => into.push('\u{fffd}'),
            letter if letter.is_control() => into.push('\u{fffd}'),
            letter => into.push(letter),
        }
    }
}

/// A coordinate with two decimals at most.
pub(crate) fn coordinate(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// A place or a width in per cent of the chart's.
pub(crate) fn percent(value: f64) -> String {
    format!("{}%", coordinate(value))
}
