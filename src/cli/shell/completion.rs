//! What the tabulator key can complete: tables, columns, words of SQL, commands.

use super::command::Command;
use crate::catalog::{Snapshot, SystemTables};
use crate::encode::Format;

/// The words of a query that are typed most.
const WORDS: &str = "SELECT FROM WHERE GROUP BY ORDER HAVING LIMIT OFFSET JOIN LEFT INNER FULL CROSS ON USING \
    AS AND OR NOT IN IS NULL LIKE ILIKE BETWEEN CASE WHEN THEN ELSE END DISTINCT UNION ALL EXCEPT INTERSECT \
    WITH VALUES EXPLAIN ANALYZE DESCRIBE SHOW TABLES COLUMNS ASC DESC NULLS FIRST LAST OVER PARTITION CAST \
    EXTRACT COUNT SUM AVG MIN MAX COALESCE UNNEST TRUE FALSE";

/// The names of a catalog, as they are written in SQL.
#[derive(Debug)]
pub(super) struct Names {
    tables: Vec<Table>,
}

#[derive(Debug)]
struct Table {
    name: String,
    columns: Vec<String>,
}

impl Names {
    pub(super) fn of(snapshot: &Snapshot) -> Self {
        let datasets = snapshot.datasets().map(|dataset| {
            let fields = dataset.document.schema.fields();
            (written(dataset.name()), fields.iter().map(|field| written(field.name())).collect())
        });
        let system = SystemTables::NAMES.into_iter().filter_map(|name| {
            let schema = snapshot.system().table(name)?.schema();
            Some((
                format!("system.{name}"),
                schema.fields().iter().map(|field| field.name().clone()).collect(),
            ))
        });
        let tables = datasets.chain(system).map(|(name, columns)| Table { name, columns }).collect();
        Self { tables }
    }

    /// What the word that ends at the cursor may become, and the byte where it starts.
    pub(super) fn complete(&self, text: &str) -> (usize, Vec<String>) {
        let is_of_word = |letter: char| letter.is_alphanumeric() || "_.\"\\?".contains(letter);
        let start = text
            .rfind(|letter| !is_of_word(letter))
            .map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
        let word = &text[start..];
        let line = text.trim_start();
        if line.starts_with('\\') {
            return (start, matching(word, self.arguments(line)));
        }
        let tables = || self.tables.iter().map(|table| table.name.as_str());
        match word.rsplit_once('.') {
            Some((before, part)) if !before.eq_ignore_ascii_case("system") => {
                (text.len() - part.len(), matching(part, self.columns(before, text)))
            }
            Some(_) => (start, matching(word, tables().collect())),
            None if word.is_empty() => (start, Vec::new()),
            None => {
                let mut found = matching(word, tables().chain(self.columns("", text)).collect());
                found.extend(words(word));
                (start, found)
            }
        }
    }

    /// What may stand where a line holds a command so far.
    fn arguments(&self, line: &str) -> Vec<&str> {
        match line.split_once(char::is_whitespace) {
            None => Command::ALL.iter().map(|(name, ..)| *name).collect(),
            Some((r"\d", _)) => self.tables.iter().map(|table| table.name.as_str()).collect(),
            Some((r"\format", _)) => Format::ALL.map(Format::name).to_vec(),
            Some(_) => Vec::new(),
        }
    }

    /// The columns of the table of this name; of an alias or where there is no name, those of the tables
    /// that the text names, or all of them.
    fn columns(&self, table: &str, text: &str) -> Vec<&str> {
        let words: Vec<&str> =
            text.split(|letter: char| !letter.is_alphanumeric() && !"_.\"".contains(letter)).collect();
        let named = |name: &str| words.iter().any(|word| word.eq_ignore_ascii_case(name));
        let is_this = |it: &&Table| it.name.eq_ignore_ascii_case(table);
        let mut tables: Vec<&Table> = self.tables.iter().filter(is_this).collect();
        if tables.is_empty() {
            tables = self.tables.iter().filter(|it| named(&it.name)).collect();
        }
        if tables.is_empty() {
            tables = self.tables.iter().collect();
        }
        tables.into_iter().flat_map(|table| table.columns.iter().map(String::as_str)).collect()
    }
}

/// A name as SQL takes it: quoted where it is no plain word, or a word of SQL.
fn written(name: &str) -> String {
    let starts = name.chars().next().is_some_and(|letter| letter.is_alphabetic() || letter == '_');
    let is_plain = starts && name.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    let is_word = WORDS.split_whitespace().any(|word| word.eq_ignore_ascii_case(name));
    if is_plain && !is_word { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// The candidates that start with a word, whatever the letter case, each once.
fn matching(word: &str, candidates: Vec<&str>) -> Vec<String> {
    let word = word.to_lowercase();
    let starts = |candidate: &&str| {
        let candidate = candidate.to_lowercase();
        candidate.starts_with(&word) || candidate.trim_start_matches('"').starts_with(&word)
    };
    let mut found: Vec<String> = candidates.into_iter().filter(starts).map(str::to_owned).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// The words of SQL that start so, in the letter case that was begun.
fn words(start: &str) -> Vec<String> {
    let is_lower = start.chars().any(char::is_lowercase);
    let words = matching(start, WORDS.split_whitespace().collect()).into_iter();
    words.map(|word| if is_lower { word.to_lowercase() } else { word }).collect()
}
