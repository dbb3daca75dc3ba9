//! Part 2 as blocks: the attributes, and what their values must be.

use super::annex::{self, Item};
use super::attribute::{Attribute, AttributeType};
use super::contents::Passport;
use super::language::Language;
use super::requirement::{ALPHABET, AttributeRequirements, Requirement};
use super::sheet::{Block, Cell, Piece, Table, bilingual, dash, shortened, text};

/// Shares of the width, in per cent.
const ATTRIBUTE_SHARES: [u8; 6] = [6, 19, 25, 16, 17, 17];
const REQUIREMENT_SHARES: [u8; 3] = [6, 26, 68];

impl Passport {
    pub(crate) fn structure(&self, language: Language) -> Vec<Block> {
        let heading = |item: Item| Block::Heading(2, item.number(), item.title(language));
        let (number, words) = annex::STRUCTURE;
        let mut blocks = vec![Block::Heading(1, number, language.of(words)), heading(Item::Attributes)];
        blocks.push(filled(self.attribute_table(language)));
        blocks.push(heading(Item::Requirements));
        blocks.push(filled(self.requirement_table(language)));
        blocks.extend(self.requirement_notes(language).into_iter().map(|note| Block::Note(text(note))));
        blocks
    }

    fn attribute_table(&self, language: Language) -> Table {
        let rows = self.attributes.iter().zip(1..).map(|(it, number)| attribute_row(it, number, language));
        let columns = annex::ATTRIBUTE_COLUMNS.map(|words| language.of(words));
        Table { columns: columns.into_iter().zip(ATTRIBUTE_SHARES).collect(), rows: rows.collect() }
    }

    fn requirement_table(&self, language: Language) -> Table {
        let row = |(it, number): (&AttributeRequirements, usize)| {
            let name = vec![Piece::Name(it.attribute.clone())];
            vec![text(format!("{number}.")), name, requirements_of(it, language)]
        };
        let columns = annex::REQUIREMENT_COLUMNS.map(|words| language.of(words));
        let rows = self.requirements.iter().zip(1..).map(row);
        Table { columns: columns.into_iter().zip(REQUIREMENT_SHARES).collect(), rows: rows.collect() }
    }

    /// What the signs in table 2.2 mean, of those that are there.
    fn requirement_notes(&self, language: Language) -> Vec<String> {
        let any =
            |is: fn(&Requirement) -> bool| self.requirements.iter().flat_map(|it| &it.requirements).any(is);
        let mut notes = Vec::new();
        if any(|it| matches!(it, Requirement::Alphabet { .. })) {
            let place = language.of([
                "¹ № 144 бұйрық (2021 жылғы 28 сәуір), 1-қосымша, 3-бөлім, 3-жол",
                "¹ Приказ № 144 от 28 апреля 2021 года, приложение 1, часть 3, строка 3",
            ]);
            notes.push(format!("{place}: {}.", language.of(ALPHABET)));
        }
        if any(Requirement::is_profiled) {
            let note = language.of([
                "* Нақты мәндер бойынша анықталды, талап ретінде келісілуі тиіс",
                "* Определено по имеющимся значениям, как требование подлежит согласованию",
            ]);
            let rows = self.profiled_rows.map(|rows| match language {
                Language::Kk => format!(" (тексерілген жолдар саны: {rows})"),
                Language::Ru => format!(" (проверено строк: {rows})"),
            });
            notes.push(format!("{note}{}.", rows.unwrap_or_default()));
        }
        if any(|it| matches!(it, Requirement::Pattern { .. })) {
            let note = language.of(if any(has_letters) {
                [
                    "Үлгідегі 9 – кез келген цифр, A – кез келген бас әріп, a – кез келген кіші әріп.",
                    "В шаблоне 9 – любая цифра, A – любая прописная буква, a – любая строчная буква.",
                ]
            } else {
                ["Үлгідегі 9 – кез келген цифр.", "В шаблоне 9 – любая цифра."]
            });
            notes.push(note.to_owned());
        }
        notes
    }
}

/// Whether a pattern has signs that stand for letters.
fn has_letters(requirement: &Requirement) -> bool {
    match requirement {
        Requirement::Pattern { pattern, .. } => pattern.contains(['A', 'a']),
        _ => false,
    }
}

/// A table, or an empty field where it would have no rows.
fn filled(table: Table) -> Block {
    if table.rows.is_empty() {
        return Block::Paragraph(vec![Piece::Missing("")]);
    }
    Block::Table(table)
}

fn attribute_row(attribute: &Attribute, number: usize, language: Language) -> Vec<Cell> {
    let missing = || vec![Piece::Missing("")];
    let is_mandatory = |is_mandatory: bool| {
        text(language.of(if is_mandatory { ["иә", "да"] } else { ["жоқ", "нет"] }))
    };
    vec![
        text(format!("{number}.")),
        vec![Piece::Name(attribute.technical_name.clone())],
        bilingual(&attribute.name, language, ""),
        attribute.group.as_ref().map_or_else(dash, |group| vec![Piece::Name(group.clone())]),
        attribute.kind.as_ref().map_or_else(missing, |kind| type_cell(kind, language)),
        attribute.is_mandatory.map_or_else(missing, is_mandatory),
    ]
}

/// The declared word, then what the order calls the type.
fn type_cell(of: &AttributeType, language: Language) -> Cell {
    let mut declared = of.declared.clone();
    if let Some(element) = &of.element {
        declared = format!("{declared} ({element})");
    }
    let mut cell = text(declared);
    if let Some(kind) = of.kind {
        let is_own_word = of.declared.eq_ignore_ascii_case(kind.word());
        let name = kind.name(language);
        let name = if is_own_word { name.to_owned() } else { format!("{name} ({})", kind.word()) };
        cell.extend([Piece::Break, Piece::Small(name)]);
    }
    cell
}

fn requirements_of(of: &AttributeRequirements, language: Language) -> Cell {
    let mut cell = Cell::new();
    for requirement in &of.requirements {
        if !cell.is_empty() {
            cell.push(Piece::Break);
        }
        match (requirement, requirement.sentence(language)) {
            (Requirement::Stated { text: both }, _) => cell.extend(bilingual(both, language, "")),
            (_, Some(sentence)) => {
                let mark = match requirement {
                    Requirement::Alphabet { .. } => "¹",
                    other if other.is_profiled() => "*",
                    _ => "",
                };
                cell.push(Piece::Text(format!("{}{mark}", shortened(&sentence))));
            }
            (_, None) => cell.push(Piece::Missing("")),
        }
    }
    if cell.is_empty() { vec![Piece::Missing("")] } else { cell }
}
