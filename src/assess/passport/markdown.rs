//! A passport as Markdown with tables (GitHub's form).

use super::contents::Passport;
use super::language::Language;
use super::sheet::{Block, Cover, Piece, Table, missing_words};

impl Passport {
    /// The passport as Markdown in a language, with tables. What is missing is `☐` and the words «толтыру қажет» or
    /// «требуется заполнить» in bold. Every value is escaped, so that it is read as it is; one of an example or a
    /// list is cut after 300 characters.
    #[must_use]
    pub fn to_markdown(&self, language: Language) -> String {
        let sheet = self.sheet(language);
        let mut parts = cover(&sheet.cover, language);
        parts.extend(sheet.blocks.iter().map(|block| markdown(block, language)));
        parts.push("---".to_owned());
        parts.extend(sheet.footer.iter().map(|line| paragraph(line, language)));
        let mut page = parts.join("\n\n");
        page.push('\n');
        page
    }
}

fn cover(cover: &Cover, language: Language) -> Vec<String> {
    let mut lines = vec![
        escaped(cover.annex),
        format!("# {}", escaped(cover.title)),
        escaped(cover.of_what),
        paragraph(&cover.dataset, language),
        paragraph(&cover.source, language),
        paragraph(&cover.made, language),
    ];
    let notices = [&cover.warning, &cover.open].into_iter().filter(|cell| !cell.is_empty());
    lines.extend(notices.map(|cell| format!("> {}", inline(cell, language))));
    lines
}

fn markdown(block: &Block, language: Language) -> String {
    match block {
        Block::Heading(level, number, words) => {
            let signs = "#".repeat(usize::from(*level) + 1);
            let number = if number.is_empty() { String::new() } else { format!("{number} ") };
            format!("{signs} {number}{}", escaped(words))
        }
        Block::Items(entries) => {
            let entries = entries.iter().map(|it| {
                let value = inline(&it.value, language);
                format!("- **{} {}:** {value}", it.number, escaped(it.title))
            });
            entries.collect::<Vec<_>>().join("\n")
        }
        Block::Table(it) => table(it, language),
        Block::Paragraph(cell) | Block::Note(cell) => paragraph(cell, language),
    }
}

fn table(table: &Table, language: Language) -> String {
    let line = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
    let mut lines = vec![
        line(table.columns.iter().map(|(words, _)| escaped(words)).collect()),
        line(vec!["---".to_owned(); table.columns.len()]),
    ];
    lines.extend(table.rows.iter().map(|row| line(row.iter().map(|cell| inline(cell, language)).collect())));
    lines.join("\n")
}

fn inline(cell: &[Piece], language: Language) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Text(text) | Piece::Small(text) => escaped(text),
        Piece::Name(name) => code(name),
        Piece::Broken(text) => format!("⚠ {}", escaped(text)),
        Piece::Missing(label) => {
            let label = if label.is_empty() { String::new() } else { format!("{}: ", escaped(label)) };
            format!("☐ **{label}{}**", missing_words(language))
        }
        Piece::Break => "<br>".to_owned(),
    };
    cell.iter().map(piece).collect()
}

/// A paragraph of its own.
fn paragraph(cell: &[Piece], language: Language) -> String {
    at_start(&inline(cell, language))
}

/// A technical name as code where it holds nothing that code has to be kept from, else escaped.
fn code(name: &str) -> String {
    let is_plain = name.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '.' | '-'));
    if is_plain && !name.is_empty() { format!("`{name}`") } else { escaped(name) }
}

/// A text without anything that Markdown, or HTML inside it, would take for its own; line breaks as `<br>`, since a
/// table's row is one line.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '$' | '!' => out.extend(['\\', letter]),
            '\r' if letters.peek() == Some(&'\n') => {}
            '\r' | '\n' => out.push_str("<br>"),
            '\t' => out.push(' '),
            letter if letter.is_control() => out.push('\u{fffd}'),
            letter => out.push(letter),
        }
    }
    out
}

/// A paragraph's line whose beginning makes no list, heading or code block of it. Signs that begin something else
/// are escaped wherever they stand.
fn at_start(line: &str) -> String {
    let line = line.trim_start();
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let rest = line.get(digits..).unwrap_or_default();
    if (1..=9).contains(&digits) && rest.starts_with(['.', ')']) {
        let (number, rest) = line.split_at(digits);
        return format!("{number}\\{rest}");
    }
    if line.starts_with(['-', '+', '=']) { format!("\\{line}") } else { line.to_owned() }
}
