//! Part 3 as blocks: rows that were checked.

use super::annex::{self, Item};
use super::contents::Passport;
use super::language::Language;
use super::record::{BrokenRule, RecordCheck};
use super::sheet::{Block, Cell, Piece, Table, bilingual, shortened, text};

/// The annex has no table here. These columns are this module's own.
const COLUMNS: [([&str; 2], u8); 4] = [
    (annex::NUMBER, 6),
    (["Жазба", "Запись"], 13),
    (["Мәндері", "Значения"], 47),
    (["Тексеру нәтижесі", "Результат проверки"], 34),
];

impl Passport {
    pub(crate) fn checks(&self, language: Language) -> Vec<Block> {
        let item = Item::RecordChecks;
        let mut blocks = vec![Block::Heading(1, item.number(), item.title(language))];
        let Some(checks) = &self.record_checks else {
            blocks.push(Block::Paragraph(vec![Piece::Missing("")]));
            return blocks;
        };
        let (good, broken): (Vec<_>, Vec<_>) = checks.iter().partition(|check| check.is_good());
        let none = language
            .of(["Тексерілгендердің арасында мұндай жазба жоқ.", "Среди проверенных таких записей нет."]);
        for (checks, heading) in [
            (good, ["Талаптарға сай жазбалар", "Записи, соответствующие требованиям"]),
            (broken, ["Талаптарды бұзатын жазбалар", "Записи, нарушающие требования"]),
        ] {
            blocks.push(Block::Heading(2, "", language.of(heading)));
            blocks.push(table(&checks, language).unwrap_or_else(|| Block::Paragraph(text(none))));
        }
        blocks
    }
}

/// The rows as a table; none where there are none.
fn table(checks: &[&RecordCheck], language: Language) -> Option<Block> {
    let row = |(check, number): (&&RecordCheck, usize)| {
        vec![
            text(format!("{number}.")),
            record(check, language),
            values(check, language),
            result(check, language),
        ]
    };
    let rows: Vec<_> = checks.iter().zip(1..).map(row).collect();
    let columns = COLUMNS.map(|(words, share)| (language.of(words), share)).to_vec();
    (!rows.is_empty()).then_some(Block::Table(Table { columns, rows }))
}

fn record(check: &RecordCheck, language: Language) -> Cell {
    let row = match language {
        Language::Kk => format!("{}-жол", check.row),
        Language::Ru => format!("строка {}", check.row),
    };
    let mut cell = text(row);
    if let Some(key) = &check.key {
        let words = language.of(["кілті", "ключ"]);
        cell.extend([Piece::Break, Piece::Small(format!("{words}: {}", shortened(key)))]);
    }
    cell
}

/// One line for each value, and one for all attributes that have none.
fn values(check: &RecordCheck, language: Language) -> Cell {
    let mut cell = Cell::new();
    for it in &check.values {
        let Some(value) = &it.value else { continue };
        let value = shortened(value).into_owned();
        cell.extend([Piece::Name(it.attribute.clone()), Piece::Text(": ".to_owned())]);
        let is_broken = check.is_broken_at(&it.attribute);
        cell.push(if is_broken { Piece::Broken(value) } else { Piece::Text(value) });
        cell.push(Piece::Break);
    }
    let absent = check.values.iter().filter(|it| it.value.is_none()).map(|it| it.attribute.as_str());
    let absent = names(absent);
    if absent.is_empty() {
        cell.pop();
    } else {
        let words = language.of(["Мәні жоқ", "Нет значения"]);
        cell.push(Piece::Small(format!("{words}: ")));
        cell.extend(absent);
    }
    cell
}

/// Technical names with commas between them.
fn names<'a>(names: impl Iterator<Item = &'a str>) -> Cell {
    let mut cell = Cell::new();
    for name in names {
        if !cell.is_empty() {
            cell.push(Piece::Text(", ".to_owned()));
        }
        cell.push(Piece::Name(name.to_owned()));
    }
    cell
}

fn result(check: &RecordCheck, language: Language) -> Cell {
    if check.is_good() {
        return text(language.of(["сай келеді", "соответствует"]));
    }
    let mut cell = Cell::new();
    let is_same =
        |one: &BrokenRule, other: &BrokenRule| one.code == other.code && one.expected == other.expected;
    for broken in check.broken.chunk_by(is_same) {
        if !cell.is_empty() {
            cell.push(Piece::Break);
        }
        cell.extend(breach(broken, language));
    }
    cell
}

/// The attributes that break a rule, what was expected, then the rule's code and what was found.
fn breach(broken: &[BrokenRule], language: Language) -> Cell {
    let of = broken.iter().map(|it| it.attribute.as_str()).filter(|attribute| !attribute.is_empty());
    let mut cell = names(of);
    if !cell.is_empty() {
        cell.push(Piece::Text(": ".to_owned()));
    }
    if let Some(first) = broken.first() {
        cell.extend(bilingual(&first.expected, language, ""));
        cell.extend([Piece::Break, Piece::Small(first.code.clone())]);
    }
    let found: Vec<String> =
        broken.iter().filter_map(|it| it.found.as_ref()).map(|it| format!("«{}»", shortened(it))).collect();
    if !found.is_empty() {
        let words = language.of(["табылғаны", "найдено"]);
        cell.push(Piece::Small(format!("; {words}: {}", found.join(", "))));
    }
    cell
}
