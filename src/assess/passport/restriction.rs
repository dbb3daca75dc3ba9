//! Whether the rows of a set hold personal data: told by their values ([`crate::assess::restricted`]).

use serde_json::{Value, json};

use super::annex;
use super::contents::Passport;
use super::language::Language;
use super::placed::{Placed, placed, texts};
use super::sample::{AT_EACH_END, Sample};
use super::sheet::{Block, Cell, Piece, Table, text};
use crate::assess::restricted::{Day, FieldHit, FieldScan, Kind, finish_together, restricting};
use crate::catalog::Dataset;
use crate::document::Type;
use crate::error::Result;

/// Rows that are texts at the same time.
const PART: usize = 1_000;

/// This module's own table: the annex has none.
const COLUMNS: [([&str; 2], u8); 4] = [
    (annex::NUMBER, 6),
    (["Атрибут", "Атрибут"], 30),
    (["Табылғаны", "Найдено"], 40),
    (["Мәндер", "Значений"], 24),
];

/// What a scan of the rows found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Restriction {
    /// How many rows there are.
    pub rows: u64,
    /// How many of them were scanned.
    pub scanned: u64,
    /// Between the first 2,000 and the last 2,000 of them, every row of so many was scanned; 1 where all were.
    pub step: u64,
    /// What was found, beyond chance, in the order of the attributes.
    pub found: Vec<FoundKind>,
    /// Why it restricts nothing all the same, where a person said so.
    pub lifted: Option<String>,
}

/// Personal data of one kind in one attribute.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundKind {
    /// Path of the attribute.
    pub attribute: String,
    /// What it holds.
    pub kind: Kind,
    /// How many of its values hold it.
    pub hits: u64,
    /// How many values were scanned.
    pub values: u64,
    /// Whether it restricts the set (order 111/НҚ/2021, paragraph 7, 1).
    pub is_restricting: bool,
}

impl Restriction {
    /// What the rows of a dataset hold: all of them, or [`MOST_SCANNED`](super::MOST_SCANNED) at most, which are the
    /// first ones, the last ones, and every n-th between. `as_of` is a day after which nobody in them was born.
    ///
    /// Cost: a look at each batch of rows, and one pass over the texts and whole numbers of those that are scanned, on
    /// one thread; `check` is asked again and again whether somebody still waits.
    ///
    /// # Errors
    /// `store.damaged`, `store.io` where rows cannot be read, and what `check` says.
    pub fn of_dataset(dataset: &Dataset, as_of: Day, check: &dyn Fn() -> Result<()>) -> Result<Self> {
        let (document, schema) = (&dataset.document, &dataset.document.schema);
        let fields: Vec<Placed<'_>> = placed(&document.fields).into_iter().filter(Placed::is_leaf).collect();
        let mut scans: Vec<FieldScan> = fields.iter().map(|_| FieldScan::new(as_of)).collect();
        let columns: Vec<usize> = (0..schema.fields().len()).collect();
        let (mut scanned, sample) = (0, Sample::of(document.rows));
        for batch in 0..dataset.rows.batches() {
            let first = dataset.rows.first(batch);
            let is_scanned = |at: &usize| sample.has(first + *at as u64);
            let sampled: Vec<usize> = (0..dataset.rows.count(batch)).filter(is_scanned).collect();
            if sampled.is_empty() {
                continue;
            }
            let rows = dataset.rows.read(batch, &columns)?;
            for part in sampled.chunks(PART) {
                check()?;
                let mut found = Vec::with_capacity(fields.len());
                texts(&document.fields, schema.fields(), rows.columns(), part, &mut found);
                for ((scan, field), texts) in scans.iter_mut().zip(&fields).zip(&found) {
                    if matches!(field.value().kind, Type::String | Type::Int) {
                        for text in texts {
                            scan.add(text);
                        }
                    }
                }
            }
            scanned += sampled.len() as u64;
        }
        let paths: Vec<String> = fields.iter().map(Placed::path).collect();
        // A surname and a given name beside it are a person: in one row, or in one Object.
        let groups = paths.iter().map(|path| path.rfind('.').map_or("", |dot| &path[..dot]));
        let hits = finish_together(groups.zip(scans));
        let found = found(&paths.iter().map(String::as_str).zip(hits).collect::<Vec<_>>());
        Ok(Self { rows: document.rows, scanned, step: sample.step, found, lifted: None })
    }

    /// Whether the set must not be opened: personal data were found, and no person said otherwise.
    #[must_use]
    pub fn is_restricted(&self) -> bool {
        self.lifted.is_none() && self.has_restricting()
    }

    fn has_restricting(&self) -> bool {
        self.found.iter().any(|it| it.is_restricting)
    }

    /// Paths of the attributes whose values are not to be shown, whoever says what: those that restrict.
    #[must_use]
    pub fn masked(&self) -> Vec<String> {
        let restricting = self.found.iter().filter(|it| it.is_restricting);
        restricting.map(|it| it.attribute.clone()).collect()
    }

    /// An object of what was scanned and found.
    pub(crate) fn to_json(&self) -> Value {
        let found = self.found.iter().map(|it| {
            json!({
                "attribute": it.attribute,
                "rule": it.kind.code(),
                "name": {"kk": it.kind.name_kk(), "ru": it.kind.name_ru()},
                "hits": it.hits,
                "values": it.values,
                "is_restricting": it.is_restricting,
            })
        });
        json!({
            "is_restricted": self.is_restricted(),
            "rows": self.rows,
            "scanned_rows": self.scanned,
            "step": self.step,
            "lifted": self.lifted,
            "found": found.collect::<Vec<_>>(),
        })
    }

    /// Which rows were scanned.
    fn looked_at(&self, language: Language) -> String {
        let Self { rows, scanned, step, .. } = self;
        match (language, scanned < rows) {
            (Language::Kk, false) => format!("Тексерілген жолдар: барлығы, {rows}."),
            (Language::Ru, false) => format!("Проверены все строки: {rows}."),
            (Language::Kk, true) => format!(
                "Тексерілген жолдар: {rows} жолдың {scanned} жолы – алғашқы және соңғы {AT_EACH_END} жол, \
                 араларындағы әрбір {step}-жол."
            ),
            (Language::Ru, true) => format!(
                "Проверено строк: {scanned} из {rows} – первые и последние {AT_EACH_END}, между ними каждая {step}-я."
            ),
        }
    }

    /// Which rows were scanned, and what that says.
    fn sentence(&self, language: Language) -> String {
        let looked_at = self.looked_at(language);
        let verdict = language.of(match (self.has_restricting(), self.found.is_empty()) {
            (true, _) => WARNING,
            (false, false) => [
                "Тек байланыс деректері табылды: адамның аты мен нөмірінсіз олар қолжетімділікті шектемейді.",
                "Найдены только контактные данные: без имени и номера человека они доступ не ограничивают.",
            ],
            // A few values are no attribute of persons, and may stand in rows that were not scanned.
            (false, true) => [
                "Дербес деректері бар атрибуттар табылмады; адамды көрсететін жеке мәндер бұл жерде жасырылады.",
                "Атрибуты с персональными данными не найдены; отдельные значения, указывающие на человека, здесь \
                 скрываются.",
            ],
        });
        let lifted = self.lifted.as_ref().filter(|_| self.has_restricting()).map(|ground| match language {
            Language::Kk => format!(" Адамның шешімі бойынша шектелмейді: {ground}"),
            Language::Ru => format!(" По решению человека не ограничен: {ground}"),
        });
        format!("{looked_at} {verdict}{}", lifted.unwrap_or_default())
    }
}

/// What a set with personal data is, until a person says otherwise.
const WARNING: [&str; 2] = [
    "Дербес деректер табылды: адам өзгеше шешкенге дейін жинаққа қолжетімділік шектеулі (№ 111/НҚ бұйрық, \
     7-тармақ, 1).",
    "Найдены персональные данные: доступ к набору ограничен, пока человек не решит иначе (приказ № 111/НҚ, \
     пункт 7, 1).",
];

/// What is beyond chance, of persons or of their contacts.
fn found(table: &[(&str, Vec<FieldHit>)]) -> Vec<FoundKind> {
    let restricting: Vec<&FieldHit> = restricting(table).map(|(_, hit)| hit).collect();
    let all = table.iter().flat_map(|(path, hits)| hits.iter().map(move |hit| (*path, hit)));
    let personal = all.filter(|(_, hit)| hit.is_beyond_chance && hit.kind.is_personal());
    personal
        .map(|(path, hit)| FoundKind {
            attribute: path.to_owned(),
            kind: hit.kind,
            hits: hit.hits,
            values: hit.values,
            is_restricting: restricting.iter().any(|it| std::ptr::eq(*it, hit)),
        })
        .collect()
}

impl Passport {
    /// What the title page warns of; empty where there is nothing.
    pub(crate) fn warning(&self, language: Language) -> Cell {
        let is_restricted = self.restriction.as_ref().is_some_and(Restriction::is_restricted);
        if is_restricted { text(language.of(WARNING)) } else { Cell::new() }
    }

    /// What the scan found, as blocks; none where nobody scanned.
    pub(crate) fn restrictions(&self, language: Language) -> Vec<Block> {
        let Some(restriction) = &self.restriction else { return Vec::new() };
        let heading = ["ҚОЛЖЕТІМДІЛІГІ ШЕКТЕУЛІ ДЕРЕКТЕР", "ДАННЫЕ ОГРАНИЧЕННОГО ДОСТУПА"];
        let mut blocks = vec![
            Block::Heading(1, "", language.of(heading)),
            Block::Paragraph(text(restriction.sentence(language))),
        ];
        let row = |(it, number): (&FoundKind, usize)| {
            let kind = language.of([it.kind.name_kk(), it.kind.name_ru()]).to_owned();
            let kind = if it.is_restricting { Piece::Broken(kind) } else { Piece::Text(kind) };
            let name = vec![Piece::Name(it.attribute.clone())];
            vec![text(format!("{number}.")), name, vec![kind], text(format!("{}/{}", it.hits, it.values))]
        };
        let rows: Vec<_> = restriction.found.iter().zip(1..).map(row).collect();
        if !rows.is_empty() {
            let columns = COLUMNS.map(|(words, share)| (language.of(words), share)).to_vec();
            blocks.push(Block::Table(Table { columns, rows }));
        }
        blocks
    }
}
