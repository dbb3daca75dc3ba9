//! A passport as one page for print: A4, its style inside, no script, nothing from the network.

use super::contents::Passport;
use super::language::Language;
use super::sheet::{Block, Cell, Cover, Entry, Piece, Sheet, Table, missing_words};

/// The page's style. Headers of tables stand on every page, and no row is torn apart.
const STYLE: &str = include_str!("page.css");

/// Nothing but the style in the page is to be run or fetched, whatever a value holds.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

impl Passport {
    /// The passport as an HTML document in a language, in UTF-8: one file for print on A4, without script and
    /// without anything from the network. What is missing is an outlined field with the words «толтыру қажет» or
    /// «требуется заполнить». Every value is escaped; one of an example or a list is cut after 300 characters.
    #[must_use]
    pub fn to_html(&self, language: Language) -> String {
        let sheet = self.sheet(language);
        let mut page = format!(
            "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n\
             <style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n",
            language.code(),
            escaped(&sheet.name),
        );
        page.push_str(&cover(&sheet.cover, language));
        for block in &sheet.blocks {
            page.push_str(&html(block, language));
        }
        page.push_str(&footer(&sheet));
        page.push_str("</main>\n</body>\n</html>\n");
        page
    }
}

fn cover(cover: &Cover, language: Language) -> String {
    let line = |class: &str, cell: &[Piece]| format!("<p class=\"{class}\">{}</p>\n", inline(cell, language));
    let mut lines = format!(
        "<header>\n<p class=\"annex\">{}</p>\n<h1>{}</h1>\n<p class=\"what\">{}</p>\n",
        escaped(cover.annex),
        escaped(cover.title),
        escaped(cover.of_what),
    );
    lines.push_str(&line("dataset", &cover.dataset));
    lines.push_str(&line("source", &cover.source));
    lines.push_str(&line("made", &cover.made));
    for cell in [&cover.warning, &cover.open] {
        if !cell.is_empty() {
            lines.push_str(&line("open", cell));
        }
    }
    lines.push_str("</header>\n");
    lines
}

fn footer(sheet: &Sheet) -> String {
    let lines: Vec<String> =
        sheet.footer.iter().map(|line| format!("<p>{}</p>\n", inline(line, sheet.language))).collect();
    format!("<footer>\n{}</footer>\n", lines.concat())
}

fn html(block: &Block, language: Language) -> String {
    match block {
        Block::Heading(level, number, words) => {
            let level = level + 1;
            let number =
                if number.is_empty() { String::new() } else { format!("<span>{}</span> ", escaped(number)) };
            format!("<h{level}>{number}{}</h{level}>\n", escaped(words))
        }
        Block::Items(entries) => {
            let entries: Vec<String> = entries.iter().map(|it| entry(it, language)).collect();
            format!("<dl>\n{}</dl>\n", entries.concat())
        }
        Block::Table(it) => table(it, language),
        Block::Paragraph(cell) => format!("<p>{}</p>\n", inline(cell, language)),
        Block::Note(cell) => format!("<p class=\"note\">{}</p>\n", inline(cell, language)),
    }
}

fn entry(entry: &Entry, language: Language) -> String {
    format!(
        "<div><dt><span>{}</span> {}:</dt><dd>{}</dd></div>\n",
        escaped(entry.number),
        escaped(entry.title),
        inline(&entry.value, language),
    )
}

fn table(table: &Table, language: Language) -> String {
    let widths = table.columns.iter().map(|(_, share)| format!("<col style=\"width:{share}%\">"));
    let words = table.columns.iter().map(|(words, _)| format!("<th scope=\"col\">{}</th>", escaped(words)));
    let row = |cells: &Vec<Cell>| {
        let cells = cells.iter().map(|cell| format!("<td>{}</td>", inline(cell, language)));
        format!("<tr>{}</tr>\n", cells.collect::<String>())
    };
    format!(
        "<table>\n<colgroup>{}</colgroup>\n<thead>\n<tr>{}</tr>\n</thead>\n<tbody>\n{}</tbody>\n</table>\n",
        widths.collect::<String>(),
        words.collect::<String>(),
        table.rows.iter().map(row).collect::<String>(),
    )
}

fn inline(cell: &[Piece], language: Language) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Text(text) => escaped(text),
        Piece::Name(name) => format!("<code>{}</code>", escaped(name)),
        Piece::Small(text) => format!("<small>{}</small>", escaped(text)),
        Piece::Broken(text) => format!("<mark>{}</mark>", escaped(text)),
        Piece::Missing(label) => {
            let label = if label.is_empty() { String::new() } else { format!("{}: ", escaped(label)) };
            format!("<span class=\"missing\">{label}{}</span>", missing_words(language))
        }
        Piece::Break => "<br>".to_owned(),
    };
    cell.iter().map(piece).collect()
}

/// A text without anything that HTML would take for its own: `& < > " '`, line breaks as `<br>`, and U+FFFD for
/// control characters, which HTML does not allow.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\r' if letters.peek() == Some(&'\n') => {}
            '\r' | '\n' => out.push_str("<br>"),
            '\t' => out.push(' '),
            letter if letter.is_control() => out.push('\u{fffd}'),
            letter => out.push(letter),
        }
    }
    out
}
