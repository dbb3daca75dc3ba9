//! A report for who reads it at a terminal.

use std::fmt::Write as _;

use comfy_table::{CellAlignment, Table};

use super::report::{FieldReport, Report, RuleHit};
use super::sheet::SheetHit;

/// Frequent values of a field that are shown here.
const MOST_TOP: usize = 3;

impl Report {
    /// The report as a text of some tables.
    #[must_use]
    pub fn text(&self) -> String {
        let (word, score) = (self.verdict.word(), self.readiness.score);
        let (rows, fields) = (self.rows, self.fields.len());
        let mut text = format!("{word}, score {score} of 100; {rows} rows, {fields} fields\n");
        for reason in &self.reasons {
            let field = reason.field.as_ref().map(|field| format!(" {}", visible(field)));
            // A text takes all that is written to it.
            let _ =
                writeln!(text, "  {}{}: {}", reason.code, field.unwrap_or_default(), visible(&reason.text));
        }
        let tables =
            [Some(self.criteria_table()), Some(self.parts()), Some(self.field_table()), self.restricted()];
        for table in tables.into_iter().flatten() {
            let _ = writeln!(text, "\n{table}");
        }
        text
    }

    fn criteria_table(&self) -> Table {
        let mut table = table(&["criterion of order 111, paragraph 7", "met", "why"], 0..0);
        for criterion in &self.criteria {
            let is_met = match criterion.is_met {
                Some(true) => "yes",
                Some(false) => "no",
                None => "unknown",
            };
            let name = format!("{}) {}", criterion.number, criterion.code);
            table.add_row([name, is_met.to_owned(), visible(&criterion.ground)]);
        }
        table
    }

    fn parts(&self) -> Table {
        let mut table = table(&["part", "weight", "share", "count", "of", "what"], 1..5);
        for part in &self.readiness.parts {
            let share = part.share.map_or_else(|| "not judged".to_owned(), |share| format!("{share:.3}"));
            let weight = format!("{:.1}", part.counted_weight);
            let (count, of) = (part.count.to_string(), part.of.to_string());
            table.add_row([part.part.to_owned(), weight, share, count, of, part.about.to_owned()]);
        }
        table
    }

    fn field_table(&self) -> Table {
        let head = [
            "field", "type", "values", "nulls", "distinct", "key", "least", "greatest", "pattern", "frequent",
        ];
        let mut table = table(&head, 2..5);
        for field in &self.fields {
            table.add_row(cells(field));
        }
        table
    }

    /// What the scan found, or none where it found nothing.
    fn restricted(&self) -> Option<Table> {
        let mut table = table(&["field", "rule", "count", "share", "restricts", "samples"], 2..4);
        for field in &self.fields {
            for hit in &field.restricted {
                table.add_row(found(&field.field, hit));
            }
        }
        for sheet in &self.sheets {
            for SheetHit { field, hit, .. } in &sheet.restricted {
                let field = format!("{}: {field}", sheet.sheet);
                table.add_row(found(&field, hit));
            }
        }
        (!table.is_empty()).then_some(table)
    }
}

fn found(field: &str, hit: &RuleHit) -> [String; 6] {
    let restricts = match (hit.is_restricting, hit.is_beyond_chance) {
        (true, _) => "yes",
        (false, true) => "no",
        (false, false) => "no, by chance",
    };
    [
        visible(field),
        hit.rule.to_owned(),
        hit.count.to_string(),
        format!("{:.3}", hit.share),
        restricts.to_owned(),
        visible(&hit.samples.join("; ")),
    ]
}

fn cells(field: &FieldReport) -> [String; 10] {
    let at_least = if field.is_distinct_exact { "" } else { "≥ " };
    let text = |text: &Option<String>| text.as_deref().map(visible).unwrap_or_default();
    let top = field.top.iter().take(MOST_TOP).map(|it| format!("{} ({})", visible(&it.text), it.count));
    [
        visible(&field.field),
        field.decimal_sign.map_or_else(|| field.kind.to_owned(), |sign| format!("{} ({sign})", field.kind)),
        field.values.to_string(),
        field.nulls.to_string(),
        format!("{at_least}{}", field.distinct),
        if field.is_key { "key".to_owned() } else { String::new() },
        text(&field.least),
        text(&field.greatest),
        field.patterns.first().map(|pattern| visible(&pattern.text)).unwrap_or_default(),
        top.collect::<Vec<_>>().join("; "),
    ]
}

/// A table without rows; columns of numbers stand at the right.
fn table(head: &[&str], numbers: std::ops::Range<usize>) -> Table {
    let mut table = Table::new();
    table.load_preset(comfy_table::presets::UTF8_FULL_CONDENSED);
    table.set_header(head.to_vec());
    for column in numbers {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// A text with blanks in the place of control characters: no extract moves the cursor of who reads it.
fn visible(text: &str) -> String {
    text.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect()
}
